"""What is told of a letter by mail or Signal when it arrives, in memory: its language, and whether it can wait."""

import re
from dataclasses import dataclass
from typing import Final

from tocsin.alerts.models import Lane
from tocsin.analysis.text import Text, read
from tocsin.mailbox.mail.reading import Mail

_READ: Final = 16_000
# That something happens now, in words of the languages that the door speaks. A word too many wakes somebody in vain;
# a word too few lets somebody wait, but no longer than any letter.
_NOW: Final = re.compile(
    r"\b(urgent|emergency|right now|tonight|immediately|help me|kill|killed|suicide|arrest(?:ed)?|detained|"
    r"kidnapp?ed|at (?:the|my) door|going to die|s\.?o\.?s|"
    r"urgence|ce soir|tout de suite|aidez|tuer|arrêtée?s?|détenue?s?|"
    r"urgente|esta noche|ahora mismo|ayúden?me|matar|detenid[oa]s?|secuestrad[oa]s?|"
    r"agora mesmo|esta noite|socorro|pres[oa]s?|sequestrad[oa]s?|"
    r"acil|bu gece|hemen|imdat|yardım edin|öldür\w*|tutuklan\w*|gözaltı\w*)\b|"
    r"срочно|сейчас|сегодня ночью|помогите|убь\w+|убить|арестова\w+|задержа\w+|похити\w+|"
    r"عاجل|الآن|الليلة|ساعدوني|النجدة|قتل|اعتقل\w*|احتجز\w*|"
    r"فوری|همین الان|امشب|کمک|بازداشت|دستگیر|کشتن|"
    r"紧急|緊急|马上|今晚|救命|救我|被捕|拘留|杀|殺",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Coarse:
    """What may stand in clear: a language code, an urgency code, and the lane that follows from it."""

    language: str
    urgency: str
    lane: Lane


def look(mail: Mail) -> Coarse:
    """Judge a letter by its words. Machines that write without a word of harm wait for the day; people never do."""
    return judge(mail.subject, mail.text, automatic=mail.automatic and not mail.encrypted)


def judge(subject: str, text: str, *, automatic: bool = False) -> Coarse:
    """Judge words that came in, whichever way; ``automatic`` where a machine wrote them."""
    words = f"{subject}\n{text[:_READ]}"
    reading = read(Text(subject, text[:_READ]))
    harm, now = bool(reading.harm), bool(_NOW.search(words))
    language = reading.language if reading.language_confidence >= 0.5 else ""
    if now and (harm or len(words) < 2_000):
        return Coarse(language, "now", Lane.LIFE)
    if automatic and not harm and not now:
        return Coarse(language, "bulk", Lane.QUIET)
    return Coarse(language, "today" if harm else "", Lane.LIFE)
