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
