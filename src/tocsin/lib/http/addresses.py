"""Which addresses of the internet protocol a fetch may reach."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# Ranges that `ipaddress` calls global although they lead inside, nowhere, or to an address hidden in another.
# Sources: the IANA special-purpose registries; RFC 6890, 6052 and 8215 (NAT64), 3056 and 7526 (6to4), 5214 (ISATAP).
_REFUSED_4 = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "224.0.0.0/3",
    )
)
_UNICAST_6 = IPv6Network("2000::/3")
_REFUSED_6 = tuple(
    IPv6Network(net)
    for net in (
        "2001::/23",  # Teredo, benchmarking, ORCHID and the other protocol assignments
        "2001:db8::/32",
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_ISATAP = (0x00005EFE, 0x02005EFE)
# What may be meant when a server inside is allowed by name: this machine, and private networks (RFC 1918, 4193).
_INSIDE_4 = tuple(IPv4Network(net) for net in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_INSIDE_6 = (IPv6Network("::1/128"), IPv6Network("fc00::/7"))
# Where clouds hand out the keys of a machine, other than at link-local and shared addresses.
_KEYS_OF_CLOUDS = frozenset(map(ip_address, ("168.63.129.16", "fd00:ec2::254", "fd20:ce::254")))


def why_refused(address: str) -> str:
    """Say in a few words why an address may not be reached; empty if it may.

    Only plain unicast addresses of the public internet pass. Whatever is not an address is refused.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return "not an address"
    if parsed in _KEYS_OF_CLOUDS:
        return "the keys of a cloud"
    if isinstance(parsed, IPv4Address):
        return _why_refused_4(parsed)
    return _why_refused_6(parsed)


def why_never(address: str) -> str:
    """Say why an address may not be reached even where its host is allowed; empty if it may.

    Only this machine and private networks may be allowed; link-local, multicast, unspecified and reserved addresses
    and those where clouds hand out keys never are.
    """
    reason = why_refused(address)
    return "" if not reason or _is_inside(address) else reason


def _is_inside(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if parsed in _KEYS_OF_CLOUDS:
        return False
    if isinstance(parsed, IPv4Address):
        return any(parsed in net for net in _INSIDE_4)
    return parsed.scope_id is None and any(parsed in net for net in _INSIDE_6)


def _why_refused_4(address: IPv4Address) -> str:
    named = _common_name(address)
    if named:
        return named
    if any(address in net for net in _REFUSED_4) or not address.is_global:
        return "reserved"
    return ""


def _why_refused_6(address: IPv6Address) -> str:
    if address.scope_id is not None:
        return "tied to one network card"
    if address.ipv4_mapped is not None:
        return "an IPv4 address in disguise"
    named = _common_name(address)
    if named:
        return named
    if address not in _UNICAST_6:
        return "outside the public range"
    if any(address in net for net in _REFUSED_6) or not address.is_global:
        return "reserved"
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return "an IPv4 address in disguise"
    return ""


def _common_name(address: IPv4Address | IPv6Address) -> str:
    if address.is_unspecified:
        return "unspecified"
    if address.is_loopback:
        return "this machine"
    if address.is_link_local:
        return "link-local"
    if address.is_multicast:
        return "multicast"
    if address.is_private:
        return "private"
    return ""
