"""A packed context of sentences, for the tests of citations and checks."""

from __future__ import annotations

from rag.pack import Packed, Passage, Span


def packed(*documents: tuple[str, ...], titles: tuple[str, ...] = ()) -> Packed:
    """Make one passage a document, one span a sentence; page and number count from 1."""
    passages = []
    for n, sentences in enumerate(documents, 1):
        spans = []
        start = 0
        for i, text in enumerate(sentences):
            spans.append(Span(100 * n + i, start, start + len(text), text, n))
            start += len(text) + 1
        title = titles[n - 1] if titles else f"文件{'甲乙丙丁'[n - 1]}"
        passages.append(Passage(n, f"d{n}", title, (title,), n, "\n".join(sentences), tuple(spans)))
    return Packed(tuple(passages))
