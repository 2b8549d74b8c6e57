"""Function words: those that tie a sentence together and say nothing of their own, which any text may change."""

from __future__ import annotations

from ingest.index.terms import terms

_CHARACTERS = frozenset("的是于在了和与为由被把也都而其之及或从")
_WORDS = frozenset(
    "a an and are as at be been by for from had has have he her his in is it its not of on or she that the their "
    "they this to was were which with".split()
)


def content_terms(text: str) -> frozenset[str]:
    """Give the terms of a text that say something; pairs of characters with a function word in them do not.

    >>> sorted(content_terms("夜班的津贴是45元")), sorted(content_terms("it is the night shift"))
    (['45', '元', '夜', '夜班', '津', '津贴', '班', '贴'], ['night', 'shift'])
    """
    return frozenset(
        term for term in terms(text) if term not in _WORDS and not (len(term) <= 2 and _CHARACTERS & set(term))
    )
