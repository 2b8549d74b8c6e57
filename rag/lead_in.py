"""The words of its own that a model likes to open an answer with, and that tell the reader nothing."""

from __future__ import annotations

import re

_LEAD_IN = re.compile(
    r"\s*(?:(?:根[据據]|依[据據]|从|從)(?:以上|上述|上面|已知|现有|現有|所?给[定出]?|所?給[定出]?|所?提供|[您你的])*"
    r"(?:信息|[资資][讯訊]|訊息|[内內]容|[资資]料|上下文)[中里裡]?(?:可以|可)?(?:得知|知道|看出|[显顯]示|知)?[，,：:]\s*"
    r"|(?:(?:according to|based on)(?: the)?|(?:from|in) the) (?:(?:above|available|given|known|provided|supplied) )*"
    r"(?:context|information|passages?|text)(?: (?:above|available|given|provided|supplied))*,\s*)",
    re.IGNORECASE,
)
# What begins like one may become one below this many characters.
_LONGEST = 60
_FIRST_WORDS = ("根据", "根據", "依据", "依據", "从", "從", "according to", "based on", "from the", "in the")


def lead_in(text: str) -> int:
    """Give the length of the lead-in that a text begins with, 0 if it has none.

    >>> lead_in("根据已知信息，年假为十天。"), lead_in("根据公司规定，年假为十天。")
    (7, 0)
    """
    match = _LEAD_IN.match(text)
    return match.end() if match else 0


def may_become_lead_in(text: str) -> bool:
    """Tell whether a text that is still being written may begin with a lead-in.

    >>> may_become_lead_in("Based on the kn"), may_become_lead_in("Base"), may_become_lead_in("Ten days")
    (True, True, False)
    """
    begun = text.lstrip().lower()
    if len(begun) >= _LONGEST or any(sign in begun for sign in "，,：:。.\n"):
        return False
    return any(begun.startswith(words) or words.startswith(begun) for words in _FIRST_WORDS)


def capitalised(text: str) -> str:
    """Begin with a capital what has become the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def without_lead_in(text: str) -> str:
    """Give a text without its lead-in.

    >>> without_lead_in("Based on the known information, the fee is 45 yuan.")
    'The fee is 45 yuan.'
    """
    length = lead_in(text)
    return capitalised(text[length:]) if length else text
