"""Words for people, German and English, keyed by the codes that the library answers with.

Everything a person reads of Pegel comes from here: the command line, the report and the application say the same thing.
"""

from pegel.words.catalogue import LANGUAGES, Language, say

__all__ = ["LANGUAGES", "Language", "say"]
