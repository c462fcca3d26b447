"""The words around guides on the site, in each language that has them; in any other language they are English."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Words:
    """What stands around a guide. Names are those of the templates; each text may be shown as it is."""

    title: str
    about: str
    languages: str
    guides: str
    retired_guides: str
    back: str
    since: str
    came: str
    review_by: str
    overdue: str
    agreed: str
    not_reviewed: str
    stale: str
    retired: str
    why: str
    dont_follow: str
    none: str
    copy: str


ENGLISH: Final = Words(
    title="Staying safe",
    about="Guides in plain words for people who write, photograph and edit. Read what you need, and leave.",
    languages="Languages",
    guides="Guides",
    retired_guides="No longer right",
    back="All guides",
    since="Published on",
    came="A first text, not yet dated by a review",
    review_by="Checked again by",
    overdue="That day has passed: ask somebody you trust whether it still holds.",
    agreed="People whom it concerns agreed with this text:",
    not_reviewed="People whom it concerns have not reviewed this text yet. Weigh it against what you know.",
    stale="The English text has changed since this was translated. It may be out of date.",
    retired="This guide was retired on",
    why="Why:",
    dont_follow="Please do not follow older copies of it.",
    none="No guide is published in this language yet.",
    copy="You may copy and print these pages. They load nothing from elsewhere and keep no record in your "
    "browser beyond its own history.",
)
_ARABIC: Final = Words(
    title="حافظ على سلامتك",
    about="أدلة بكلمات بسيطة لمن يكتبون ويصوّرون ويحرّرون. اقرأ ما تحتاج إليه ثم غادر.",
    languages="اللغات",
    guides="الأدلة",
    retired_guides="لم تعد صحيحة",
    back="كل الأدلة",
    since="نُشر في",
    came="نص أول، لم تؤرّخه مراجعة بعد",
    review_by="يُراجَع من جديد قبل",
    overdue="مضى هذا اليوم: اسأل من تثق به هل ما زال صحيحًا.",
    agreed="وافق على هذا النص أشخاص يعنيهم:",
    not_reviewed="لم يراجع هذا النص بعدُ أشخاص يعنيهم. وازن بينه وبين ما تعرفه.",
    stale="تغيّر النص الإنجليزي بعد هذه الترجمة. قد لا تكون محدَّثة.",
    retired="سُحب هذا الدليل في",
    why="السبب:",
    dont_follow="من فضلك لا تتّبع نسخه القديمة.",
    none="لم يُنشر أي دليل بهذه اللغة بعد.",
    copy="يجوز لك نسخ هذه الصفحات وطباعتها. لا تحمّل شيئًا من مكان آخر ولا تترك أثرًا في متصفحك غير سجلّ التصفح نفسه.",
)
_SPANISH: Final = Words(
    title="Cuidarse",
    about="Guías en palabras sencillas para quienes escriben, fotografían y editan. Lee lo que necesites y sal.",
    languages="Idiomas",
    guides="Guías",
    retired_guides="Ya no son correctas",
    back="Todas las guías",
    since="Publicada el",
    came="Un primer texto, aún sin fecha de revisión",
    review_by="Se comprueba de nuevo antes del",
    overdue="Ese día ya pasó: pregunta a alguien de confianza si sigue siendo válida.",
    agreed="Estuvieron de acuerdo con este texto personas a quienes concierne:",
    not_reviewed="Las personas a quienes concierne aún no han revisado este texto. Compáralo con lo que sabes.",
    stale="El texto en inglés ha cambiado desde esta traducción. Puede estar desactualizada.",
    retired="Esta guía fue retirada el",
    why="Motivo:",
    dont_follow="Por favor, no sigas copias anteriores.",
    none="Aún no hay ninguna guía publicada en este idioma.",
    copy="Puedes copiar e imprimir estas páginas. No cargan nada de otro sitio y no dejan en tu navegador más "
    "rastro que su historial.",
)
WORDS: Final = MappingProxyType({"en": ENGLISH, "ar": _ARABIC, "es": _SPANISH})
