"""What to paste into the other system, ready as it stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.alerts.integrations.proving import SIGNATURE_HEADER
from tocsin.alerts.integrations.shapes import SHAPES
from tocsin.alerts.models import Integration

TOKEN_GOES_HERE = "TOKEN"  # noqa: S105 — a word in the place of one
KEY_GOES_HERE = "SIGNING-KEY"


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of configuration and where it goes."""

    title: str
    text: str


def snippets(integration: Integration, address: str, token: str, key: str) -> list[Snippet]:
    """For the integration's own system, and for a terminal. Where a secret is not known, a word stands in its place."""
    if integration.signed:
        return [Snippet(_("In a terminal, signed"), _signed(integration, address, key))]
    made = _OF_SHAPE.get(integration.shape)
    own = [made(address, token)] if made is not None else []
    title = _("In a terminal, to try it: it reaches people as a real alert does")
    return [*own, Snippet(title, _curl(integration, address, token))]


def _alertmanager(address: str, token: str) -> Snippet:
    text = f"""receivers:
  - name: tocsin
    webhook_configs:
      - url: {address}
        send_resolved: true
        http_config:
          authorization:
            type: Bearer
            credentials: {token}
"""
    return Snippet(_("In alertmanager.yml; then name “tocsin” as the receiver of a route"), text)


def _grafana(address: str, token: str) -> Snippet:
    text = f"""apiVersion: 1
contactPoints:
  - orgId: 1
    name: Tocsin
    receivers:
      - uid: tocsin
        type: webhook
        settings:
          url: {address}
          httpMethod: POST
          authorization_scheme: Bearer
          authorization_credentials: {token}
"""
    return Snippet(_("In a file of Grafana’s provisioning/alerting; or make a contact point of type webhook"), text)


def _pagerduty(address: str, token: str) -> Snippet:
    text = f"""URL: {address}/v2/enqueue
routing_key: {token}
"""
    return Snippet(_("Where the sender asks for PagerDuty’s address and its integration key"), text)


_OF_SHAPE: Mapping[str, Callable[[str, str], Snippet]] = {
    Integration.Shape.ALERTMANAGER: _alertmanager,
    Integration.Shape.GRAFANA: _grafana,
    Integration.Shape.PAGERDUTY: _pagerduty,
}


def _body(integration: Integration) -> str:
    return SHAPES[integration.shape].example(timezone.now().replace(microsecond=0)).decode().strip()


def _curl(integration: Integration, address: str, token: str) -> str:
    kind = SHAPES[integration.shape].content_type
    return f"""curl -sS -X POST '{address}' \\
  -H 'Authorization: Bearer {token}' \\
  -H 'Content-Type: {kind}' --data-binary @- <<'END'
{_body(integration)}
END
"""


def _signed(integration: Integration, address: str, key: str) -> str:
    kind = SHAPES[integration.shape].content_type
    return f"""cat > body <<'END'
{_body(integration)}
END
t=$(date +%s)
v1=$( (printf '%s.' "$t"; cat body) | openssl dgst -sha256 -hmac '{key}' -r | cut -d ' ' -f 1)
curl -sS -X POST '{address}' \\
  -H "{SIGNATURE_HEADER}: t=$t,v1=$v1" \\
  -H 'Content-Type: {kind}' --data-binary @body
"""
