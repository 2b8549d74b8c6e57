"""Refusal: the exact sentences, and telling whether a model's words mean one."""

from __future__ import annotations

import re

REFUSALS = {
    "zh": "根据已知信息无法回答该问题",
    "en": "The known information does not answer this question.",
}
_TRADITIONAL = "根據已知信息無法回答該問題"
_REFUSAL = re.compile(
    r"无法(?:从.{0,12})?(?:直接)?(?:回答|得到|得出|得知|确定|获取|找到|提供)"
    r"|(?:没有|未|并未)(?:明确)?(?:提供|提及|提到|说明|包含|给出|涉及)|(?:没有|未能?)(?:足够|找到|相关)|信息不足"
    r"|無法(?:直接)?(?:回答|得到|得出|得知|確定)|沒有(?:提供|提及|提到|足夠)"
    r"|\b(?:does|do|did|is|are|can|could)(?: not|n[o']t|not) (?:\w+ ){0,2}(?:answer|provide|mention|specif|contain"
    r"|state|include|hold|possible|enough|sufficient|be (?:determin|answer)ed|available|given)"
    r"|cannot (?:be )?(?:answer|determine|find)|\bno (?:\w+ )?information\b|unable to",
    re.IGNORECASE,
)
# What refusals begin with, in small letters.
_OPENERS = tuple(
    (
        "无法|無法|没有|沒有|未提|未明|未在|未能|未找|未说|抱歉|很抱歉|非常抱歉|对不起|對不起|不好意思|已知信息|上述|"
        "以上信息|以上内容|文中|文本中|原文|该问题|該問題|这个问题|這個問題|此问题|问题中|提供的|目前没有|目前无法|不能|"
        "不确定|暂无|暫無|信息不足|信息中|资料中|我无法|我們無法|我们无法|我不|我没|"
        "the known|the question|the information|the provided|the given|the text|the context|the passage|"
        "the document does|there is no|there isn't|there are no|no information|not mentioned|not specified|not stated|"
        "not provided|it is not|it's not|it does not|this is not|this question|this information|i am|i'm|i do|i can|"
        "sorry|unfortunately|unable|cannot|known information"
    ).split("|")
)
# A beginning longer than this has shown what it is.
_LONGEST_OPENING = 80
_FIRST_SENTENCE = re.compile(r"[^。！？!?\n]*(?:[。！？!?\n]|$)")


def refusal(language: str, *, traditional: bool = False) -> str:
    """Give the exact sentence of a refusal."""
    return _TRADITIONAL if traditional and language == "zh" else REFUSALS[language]


def refuses(answer: str) -> bool:
    """Tell whether an answer says that it has none: in its first sentence, whatever follows.

    >>> refuses("根据已知信息无法回答该问题。"), refuses("年假为十天。")
    (True, False)
    """
    first = _FIRST_SENTENCE.match(answer.strip())
    return bool(first and _REFUSAL.search(first.group()))


def may_become_refusal(begun: str) -> bool:
    """Tell whether an answer that is still being written may turn out to be a refusal in its first sentence.

    >>> may_become_refusal("The known inf"), may_become_refusal("T"), may_become_refusal("The fee is")
    (True, True, False)
    """
    begun = begun.lstrip().lower()
    if len(begun) > _LONGEST_OPENING or re.search(r"[。！？!?\n]|\. ", begun):
        return False
    return any(begun.startswith(opener) or opener.startswith(begun) for opener in _OPENERS)
