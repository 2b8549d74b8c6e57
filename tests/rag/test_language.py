from __future__ import annotations

from rag.language import language_of, main_language


def test_the_language_is_that_of_the_question() -> None:
    assert [language_of(q) for q in ("MTBF是多少", "What is MTBF?", "")] == ["zh", "en", "en"]


def test_most_words_tell_the_language_of_a_text() -> None:
    texts = ("V&A起源于1851年的博览会。", "Where is 科尔尼大道 today?", "1891", "")
    assert [main_language(text) for text in texts] == ["zh", "en", None, None]
