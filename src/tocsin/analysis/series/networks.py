"""Names of networks, so that one network has one name however it is written."""

import re

_WRITTEN = re.compile(r"(?:AS)?\s*0*([0-9]{1,10})", re.ASCII | re.IGNORECASE)
_HIGHEST = 2**32 - 1  # RFC 6793


def network(written: object) -> str:
    """``AS64500`` for ``as64500``, ``AS064500`` or 64500; empty for AS0 (RFC 7607) and for what names no network.

    >>> network("as01"), network(1), network("AS0"), network("home")
    ('AS1', 'AS1', '', '')
    """
    found = _WRITTEN.fullmatch(str(written).strip())
    number = int(found[1]) if found else 0
    return f"AS{number}" if 0 < number <= _HIGHEST else ""
