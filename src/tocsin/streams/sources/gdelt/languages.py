"""The three-letter language codes that GDELT's translations carry, as the two-letter codes that we speak."""

import re

_CODES = (
    "afr:af amh:am ara:ar aze:az bel:be ben:bn bos:bs bul:bg cat:ca ces:cs dan:da deu:de ell:el est:et eus:eu fas:fa "
    "fin:fi fra:fr glg:gl guj:gu hat:ht heb:he hin:hi hrv:hr hun:hu hye:hy ind:id isl:is ita:it jpn:ja kan:kn kat:ka "
    "kaz:kk khm:km kor:ko kur:ku lav:lv lit:lt mal:ml mar:mr mkd:mk mlt:mt mon:mn msa:ms mya:my nep:ne nld:nl nno:nn "
    "nor:no nob:nb ori:or pan:pa pol:pl por:pt pus:ps ron:ro rus:ru sin:si slk:sk slv:sl snd:sd som:so spa:es sqi:sq "
    "srp:sr swa:sw swe:sv tam:ta tel:te tgl:tl tha:th tur:tr uig:ug ukr:uk urd:ur uzb:uz vie:vi zho:zh"
)
_TWO_OF_THREE = dict(pair.split(":") for pair in _CODES.split())
_SOURCE = re.compile(r"srclc:([a-z]{3})")


def two_letters(translation: str) -> str:
    """The language of a text from its translation note; English where there is none, empty where it is unknown."""
    if not translation:
        return "en"
    found = _SOURCE.search(translation)
    return _TWO_OF_THREE.get(found[1], "") if found else ""
