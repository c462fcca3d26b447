"""Where providers call us back; ``alerts.doors`` serves these paths below our public address.

The page is named in the path, not looked up by the provider's id: a call may be answered before the outcome of making
it was stored, and after a crash it never is. The id opens nothing: providers sign what they send.
"""

SMS_IN = "/alerts/doors/sms/in"
SMS_STATUS = "/alerts/doors/sms/status/{page}"
VOICE_STATUS = "/alerts/doors/voice/status/{page}"
VOICE_ANSWER = "/alerts/doors/voice/answer/{page}"


def address(public_url: str, path: str, page: str) -> str:
    """The whole address of one of these paths for one page."""
    return public_url.rstrip("/") + path.format(page=page)
