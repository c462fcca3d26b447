"""The provider of text messages, calls and pushes, and what the phone's owner does with what arrived."""

import base64
import hmac
import json
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs

from tocsin.replay.phone import calls
from tocsin.replay.phone.console import Console, Fields, Later
from tocsin.replay.phone.page import Page
from tocsin.replay.phone.screen import Ring, Screen, Shown, Way
from tocsin.replay.world import Answer, Endpoint, Request, json_answer

LONGEST_REPLY = 320
_LONGEST_KEYS = 12
_MOST_RINGING = 60.0
# So long after a message a real network says that it left, and that a phone has it.
_SENT_AFTER, _DELIVERED_AFTER = 0.1, 0.5
_REFUSED = 20003, "Authenticate"


class Phone:
    """One provider with one account, and the phones of everybody whom it reaches.

    ``account``, ``our_number``: as the console's settings name them. ``hint``: the number that a newcomer should use.
    """

    def __init__(self, console: Console, account: str, our_number: str, push_token: str, hint: str) -> None:
        self.screen = Screen()
        self._console, self._account, self._our_number = console, account, our_number
        self._push_token = push_token
        self._later = Later()
        self._page = Page(self.screen, console.public_url, hint, secrets.token_urlsafe(24))

    def end(self) -> None:
        """Send no more receipts."""
        self._later.end()

    def endpoints(self) -> tuple[Endpoint, ...]:
        """What a server has to serve."""
        sms, call = f"{self._base}/Messages.json", f"{self._base}/Calls.json"
        page = self._page
        return (
            Endpoint("/phone", "phone", "The exercise's phone", page.lock_screen, faulty=False),
            Endpoint("/phone/reply", "phone", "Answer by message or by key", page.reply, faulty=False, takes=self._act),
            Endpoint("/phone/phone.css", "phone", "Its look", page.sheet, faulty=False),
            Endpoint(sms, "phone", "Text messages, in Twilio's shape", _only_post, faulty=False, takes=self._sms),
            Endpoint(call, "phone", "Calls, in Twilio's shape", _only_post, faulty=False, takes=self._call),
            Endpoint("/ntfy/", "phone", "Pushes, in ntfy's shape", _only_post, faulty=False, takes=self._push),
        )

    @property
    def _base(self) -> str:
        return f"/2010-04-01/Accounts/{self._account}"

    def _sms(self, request: Request) -> Answer:
        if not self._knows(request):
            return _refusal(401, *_REFUSED)
        form = _form(request)
        to, sid = form.get("To", ""), _sid("SM")
        self.screen.add(Shown(Way.SMS, to, form.get("From", ""), form.get("Body", "")))
        path = self._console.path_of(form.get("StatusCallback", ""))
        for seconds, status in ((_SENT_AFTER, "sent"), (_DELIVERED_AFTER, "delivered")):
            fields = self._fields(to, MessageSid=sid, SmsSid=sid, MessageStatus=status, SmsStatus=status)
            self._later.hand_in(seconds, self._console, path, fields)
        return json_answer({"sid": sid, "status": "queued", "to": to}, status=201)

    def _call(self, request: Request) -> Answer:
        if not self._knows(request):
            return _refusal(401, *_REFUSED)
        form = _form(request)
        script = calls.read(form.get("Twiml", ""))
        made = self.screen.add(
            Shown(
                Way.CALL,
                form.get("To", ""),
                form.get("From", ""),
                script.words,
                sid=_sid("CA"),
                receipt=self._console.path_of(form.get("StatusCallback", "")),
                answer=self._console.path_of(script.action),
                ring=Ring.RINGS,
            )
        )
        seconds = float(form["Timeout"]) if form.get("Timeout", "").isdecimal() else _MOST_RINGING
        self._later.do(min(seconds, _MOST_RINGING), lambda: self._hang_up(made, Ring.MISSED, "no-answer"))
        return json_answer({"sid": made.sid, "status": "queued", "to": made.address}, status=201)

    def _push(self, request: Request) -> Answer:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._push_token}".encode()):
            return _refusal(401, 40101, "unauthorized")
        try:
            note = json.loads(request.body)
        except (ValueError, RecursionError):
            note = None
        if not isinstance(note, dict) or not note.get("topic"):
            return _refusal(400, 40009, "invalid request: body must be a message with a topic")
        topic, link = str(note["topic"]), str(note.get("click", ""))
        self.screen.add(Shown(Way.PUSH, topic, str(note.get("title", "")), str(note.get("message", "")), link))
        return json_answer({"id": secrets.token_hex(6), "event": "message", "topic": topic})

    def _act(self, request: Request) -> Answer:
        """A reply, or keys pressed in a call. Only the page's own form is taken."""
        form = _form(request)
        if not self._page.is_own(request, form.get("token", "")):
            return Answer(b"Open the exercise's phone anew and try again.\n", status=403)
        if "call" in form:
            return self._press(form)
        return self._reply(form)

    def _reply(self, form: Mapping[str, str]) -> Answer:
        face, text = self.screen.face(form.get("to", "")), form.get("text", "").strip()[:LONGEST_REPLY]
        if face is not None and text and any(one.way is Way.SMS for one in face.messages):
            self.screen.add(Shown(Way.SMS, face.address, "", text, mine=True))
            sid = _sid("SM")
            fields = self._fields(self._our_number, face.address, MessageSid=sid, SmsSid=sid, Body=text, NumMedia="0")
            said = self._console.post("/alerts/doors/sms/in", fields)
            words = calls.read(said).messages if said is not None else ("Not delivered: the console did not take it.",)
            for one in words:
                self.screen.add(Shown(Way.SMS, face.address, self._our_number, one))
        return _back()

    def _press(self, form: Mapping[str, str]) -> Answer:
        number, digits = form["call"], form.get("keys", "").strip()[:_LONGEST_KEYS]
        call = self.screen.find(int(number)) if number.isascii() and number.isdecimal() and len(number) < 10 else None
        if call is None or call.ring not in {Ring.RINGS, Ring.TAKEN}:
            return _back()
        if form.get("do") == "reject":
            self._hang_up(call, Ring.OVER, "busy" if call.ring is Ring.RINGS else "completed")
        elif digits:
            self.screen.ring(call.number, Ring.TAKEN, only_if=Ring.RINGS)
            self._hear(call, digits)
        return _back()

    def _hear(self, call: Shown, digits: str) -> None:
        """Hand pressed keys in, and show what the voice says to them."""
        fields = self._fields(call.address, CallSid=call.sid, CallStatus="in-progress", Digits=digits)
        said = self._console.post(call.answer, fields) if call.answer else None
        script = calls.read(said or "")
        self.screen.add(Shown(Way.CALL, call.address, "", digits, mine=True))
        if said is None or script.words:
            words = script.words or "The line is dead: the console did not take it."
            self.screen.add(Shown(Way.CALL, call.address, call.sender, words))
        if not script.asks:
            self._hang_up(call, Ring.OVER, "completed", ringing=Ring.TAKEN)

    def _hang_up(self, call: Shown, ring: Ring, status: str, ringing: Ring | None = None) -> None:
        """End a call, once, and say so to the console. ``ringing``: how it stands until then."""
        only_if = ringing or (Ring.TAKEN if status == "completed" else Ring.RINGS)
        if self.screen.ring(call.number, ring, only_if=only_if) is not None:
            fields = self._fields(call.address, CallSid=call.sid, CallStatus=status)
            self._later.hand_in(0, self._console, call.receipt, fields)

    def _fields(self, to: str, sender: str = "", /, **more: str) -> Fields:
        return {"AccountSid": self._account, "To": to, "From": sender or self._our_number, **more}

    def _knows(self, request: Request) -> bool:
        pair = base64.b64encode(f"{self._account}:{self._console.token}".encode())
        return hmac.compare_digest(request.headers.get("authorization", "").encode(), b"Basic " + pair)


def _form(request: Request) -> dict[str, str]:
    fields = parse_qs(request.body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=50)
    return {name: values[0] for name, values in fields.items()}


def _sid(kind: str) -> str:
    return kind + secrets.token_hex(16)


def _refusal(status: int, code: int, words: str) -> Answer:
    return json_answer({"code": code, "message": words, "status": status}, status=status)


def _only_post(request: Request) -> Answer:
    return Answer(b"This address takes messages: post to it.\n", status=405, headers=(("Allow", "POST"),))


def _back() -> Answer:
    return Answer(status=303, content_type="", headers=(("Location", "/phone"),))
