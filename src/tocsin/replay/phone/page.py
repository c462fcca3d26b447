"""The page “The exercise's phone”: what a locked phone would show, and a form to answer. It needs no scripts."""

import hmac
import re
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from urllib.parse import quote, urlsplit

from tocsin.replay.phone.screen import Face, Ring, Screen, Shown, Way
from tocsin.replay.world import Answer, Request

REFRESH_SECONDS = 3
_SHEET = Path(__file__).with_name("phone.css")
_OWN_HOSTS = {"localhost", "127.0.0.1", "::1"}
_URL = re.compile(r"https?://[^\s<>\"']+")
_DIGITS = re.compile(r"(?<![\w-])[0-9]{4,8}(?![\w-])")
# What can be sent back: the number, alone or with a word behind it.
_REPLY = re.compile(r"(?<![\w-])[0-9]{4}(?: [A-Z]{2,})?(?![\w-])")
_MOST_BUTTONS = 4
_HEADERS = (
    ("Cache-Control", "no-store"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
_RINGS = {Ring.RINGS: "rings", Ring.TAKEN: "on the line", Ring.MISSED: "missed", Ring.OVER: "ended"}


class Page:
    """Shows a screen. Every form carries ``token``, so that no other site can answer in somebody's place."""

    def __init__(self, screen: Screen, console_url: str, hint: str, token: str) -> None:
        self._screen, self._console, self._hint, self._token = screen, console_url.rstrip("/"), hint, token

    def is_own(self, request: Request, token: str) -> bool:
        """Whether a form was sent from this very page."""
        origin = request.headers.get("origin", "")
        same = not origin or origin == f"http://{request.headers.get('host', '')}"
        return _is_local(request) and same and hmac.compare_digest(token.encode(), self._token.encode())

    def lock_screen(self, request: Request) -> Answer:
        """Every address with what came to it; comes anew every few seconds."""
        if not _is_local(request):
            return _elsewhere()
        now = datetime.now(UTC)
        faces = self._screen.faces()
        inside = "".join(self._face(face, now) for face in faces) or self._nothing()
        return _page("The exercise's phone", self._head(now) + inside, refresh=True)

    def reply(self, request: Request) -> Answer:
        """One address with a form; it stays as it is while somebody types."""
        if not _is_local(request):
            return _elsewhere()
        face = self._screen.face(request.first("to"))
        if face is None:
            return _page("Nothing came here yet", _BACK, status=404)
        form = self._keys(_live_call(face)) + self._form(face)
        rows = "".join(self._row(one, datetime.now(UTC)) for one in face.messages)
        inside = f'<section class="face"><h2>{escape(face.address)}</h2>{form}<ol>{rows}</ol></section>'
        return _page("Answer", _BACK + inside)

    def sheet(self, request: Request) -> Answer:
        """How it looks."""
        return Answer(_SHEET.read_bytes(), "text/css; charset=utf-8", headers=_HEADERS, plain=True)

    def _head(self, now: datetime) -> str:
        return (
            f'<p class="clock"><time>{now:%H:%M}</time> <span>UTC</span></p>'
            "<p class='note'>Every message that this exercise sends ends here. Nothing leaves this machine.</p>"
        )

    def _nothing(self) -> str:
        contacts = escape(f"{self._console}/alerts/contacts/")
        return (
            '<section class="face"><h2>Nothing came yet</h2><p class="text">In the console open '
            f'<a href="{contacts}" {_AWAY}>My contacts</a> and add a text message to '
            f"<strong>{escape(self._hint)}</strong>. Its code comes here.</p></section>"
        )

    def _face(self, face: Face, now: datetime) -> str:
        rows = "".join(self._row(one, now) for one in face.messages)
        call = _live_call(face)
        acts = self._buttons(face)
        if call is not None or any(one.way is Way.SMS for one in face.messages):
            word = "Answer the call" if call is not None else "Reply"
            acts += f'<a class="act" href="/phone/reply?to={quote(face.address, safe="")}">{word}</a>'
        acts = f'<div class="acts">{acts}</div>' if acts else ""
        return f'<section class="face"><h2>{escape(face.address)}</h2>{acts}<ol>{rows}</ol></section>'

    def _row(self, one: Shown, now: datetime) -> str:
        kind = f" · {_RINGS[one.ring]}" if one.ring is not None else ""
        who = "you" if one.mine else one.sender
        more = "" if not one.link or one.link in one.text else f'<p class="text">{_linked(one.link)}</p>'
        side = ' class="mine"' if one.mine else ' class="rings"' if one.ring is Ring.RINGS else ""
        return (
            f'<li{side}><p class="from"><b>{escape(one.way.value)}{kind}</b> {escape(who)} '
            f'<time datetime="{one.at.isoformat()}">{_ago(one.at, now)}</time></p>'
            f'<p class="text" dir="auto">{_words(one.text)}</p>{more}</li>'
        )

    def _buttons(self, face: Face) -> str:
        """What the newest text message asks to send back, each with one tap."""
        newest = next((one for one in face.messages if one.way is Way.SMS), None)
        if newest is None or newest.mine or not _URL.search(newest.text):
            return ""
        after = _URL.split(newest.text)[-1]
        replies = list(dict.fromkeys(_REPLY.findall(after)))
        whole = [one for one in replies if " " in one] or replies
        return "".join(
            f'<form method="post" action="/phone/reply">{self._hidden(to=face.address, text=one)}'
            f'<button class="act">Reply {escape(one)}</button></form>'
            for one in whole[:_MOST_BUTTONS]
        )

    def _form(self, face: Face) -> str:
        if not any(one.way is Way.SMS for one in face.messages):
            return ""
        return (
            f'<form class="write" method="post" action="/phone/reply">{self._hidden(to=face.address)}'
            '<label for="text">Reply by text message: the number, or the number and PASS</label>'
            '<input id="text" name="text" maxlength="320" autocomplete="off" autofocus required>'
            '<button class="act">Send</button></form>'
        )

    def _keys(self, call: Shown | None) -> str:
        if call is None:
            return ""
        return (
            f'<form class="write" method="post" action="/phone/reply">{self._hidden(call=str(call.number))}'
            '<label for="keys">The call: press these keys</label>'
            '<input id="keys" name="keys" inputmode="numeric" maxlength="12" autocomplete="off">'
            '<button class="act">Press</button>'
            '<button class="act quiet" name="do" value="reject">Hang up</button></form>'
        )

    def _hidden(self, **fields: str) -> str:
        every = {"token": self._token, **fields}
        return "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in every.items())


_BACK = '<p class="back"><a href="/phone">Back to the phone</a></p>'
_AWAY = 'target="_blank" rel="noopener noreferrer"'


def _words(text: str) -> str:
    """The text with its addresses as links and its numbers in bold."""
    made, end = [], 0
    for found in _URL.finditer(text):
        made += [_bold(text[end : found.start()]), _linked(found[0])]
        end = found.end()
    return "".join([*made, _bold(text[end:])]).replace("\n", "<br>")


def _bold(text: str) -> str:
    return _DIGITS.sub(lambda found: f"<strong>{found[0]}</strong>", escape(text))


def _linked(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        return escape(url)
    return f'<a href="{escape(url)}" {_AWAY}>{escape(url)}</a>'


def _live_call(face: Face) -> Shown | None:
    return next((one for one in face.messages if one.ring in {Ring.RINGS, Ring.TAKEN}), None)


def _ago(at: datetime, now: datetime) -> str:
    seconds = int((now - at).total_seconds())
    if seconds < 5:
        return "now"
    if seconds < 60:
        return f"{seconds} s ago"
    return f"{seconds // 60} min ago" if seconds < 3600 else f"{at:%H:%M} UTC"


def _is_local(request: Request) -> bool:
    """Whether this machine was called by its own name, which no stranger's page can take."""
    try:
        return (urlsplit(f"//{request.headers.get('host', '')}").hostname or "") in _OWN_HOSTS
    except ValueError:
        return False


def _elsewhere() -> Answer:
    return Answer(b"The exercise's phone answers to localhost alone.\n", status=421)


def _page(title: str, inside: str, *, refresh: bool = False, status: int = 200) -> Answer:
    fresh = f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}">' if refresh else ""
    body = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{fresh}'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/phone/phone.css"></head><body>'
        f'<header><p class="exercise">EXERCISE</p><h1>{escape(title)}</h1></header><main>{inside}</main></body></html>'
    )
    return Answer(body.encode(), "text/html; charset=utf-8", status, _HEADERS, plain=True)
