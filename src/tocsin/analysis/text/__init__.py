"""Language, places, kinds of harm, near-duplicates and stories in texts of any language."""

from tocsin.analysis.text.fingerprints import similarity
from tocsin.analysis.text.lexicon import languages_read
from tocsin.analysis.text.reading import Mention, Reading, Text, read
from tocsin.analysis.text.stories import Entry, Part, Place, Stories

__all__ = ["Entry", "Mention", "Part", "Place", "Reading", "Stories", "Text", "languages_read", "read", "similarity"]
