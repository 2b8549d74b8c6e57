"""Cut a document into units: article > segment > sentence."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from langchain_core.embeddings import Embeddings

from ingest.errors import KeyRAGError
from ingest.models.tokens import count_tokens
from ingest.settings import SplitSettings
from ingest.split.cohesion import Cohesion
from ingest.split.discourse import discourse
from ingest.split.gaps import Gap, Judge, Sentence, between_paragraphs
from ingest.split.nsp import NextSentence
from ingest.split.segments import Limits, segment_spans
from ingest.split.structure import fixed_bonds, runs
from ingest.types import Document, Level, Unit


class Splitter:
    """Cuts documents by their structure, then where the method of the settings finds little that binds.

    :param embeddings: counts the tokens, and is the measure of the method cohesion.
    :raises KeyRAGError: if the method needs a model that can't be had.
    """

    def __init__(self, settings: SplitSettings, embeddings: Embeddings) -> None:
        self._settings = settings
        self._embeddings = embeddings
        self._limits = Limits(settings.segment_min_tokens, settings.segment_max_tokens, settings.cut)
        self._judge = judge(settings, embeddings)

    def split(self, document: Document) -> tuple[Unit, ...]:
        """Give the units of ``document``, numbered in reading order.

        Every character of a block that is no heading, white space aside, lies in exactly one sentence, every
        sentence in exactly one segment. A heading is no unit of its own, it stands in the path of what is
        below it; one with nothing below it is kept as a sentence.
        """
        text = document.text
        units = [Unit(0, "article", 0, len(text), text, (document.title,))]
        for sentences in self._segments(document):
            first, last = sentences[0], sentences[-1]
            segment = _unit(len(units), "segment", first, text[first.start : last.end], 0)
            units.append(segment)
            units += (
                _unit(segment.ordinal + number, "sentence", sentence, sentence.text, segment.ordinal)
                for number, sentence in enumerate(sentences, 1)
            )
        return tuple(units)

    def _segments(self, document: Document) -> Iterator[Sequence[Sentence]]:
        found = runs(document, self._settings.sentence_max_chars)
        sizes = iter(count_tokens(self._embeddings, [sentence.text for run in found for sentence in run]))
        sized = [(run, [next(sizes) for _ in run]) for run in found]
        for (run, lengths), bonds in zip(sized, self._bonds(sized), strict=True):
            for first, end in segment_spans(lengths, bonds, self._limits):
                yield run[first:end]

    def _bonds(self, sized: Sequence[tuple[list[Sentence], list[int]]]) -> list[list[float]]:
        """Give the bond before each sentence of a run but the first; what structure leaves open is judged."""
        fixed = [fixed_bonds(run, lengths, self._limits.maximum) for run, lengths in sized]
        gaps = [
            Gap(run, at)
            for (run, _), bonds in zip(sized, fixed, strict=True)
            for at, bond in enumerate(bonds, 1)
            if bond is None
        ]
        judged = iter(self._judge(gaps) if gaps else ())
        return [[float(next(judged)) if bond is None else bond for bond in bonds] for bonds in fixed]


def _unit(ordinal: int, level: Level, first: Sentence, text: str, parent: int) -> Unit:
    return Unit(
        ordinal=ordinal,
        level=level,
        start=first.start,
        end=first.start + len(text),
        text=text,
        heading_path=first.path,
        kind=first.block.kind,
        page=first.block.page,
        parent=parent,
    )


def judge(settings: SplitSettings, embeddings: Embeddings) -> Judge:
    """Give what judges the gaps by the method of the settings.

    :raises KeyRAGError: if it needs a model that can't be had.
    """
    if settings.method == "cohesion":
        return Cohesion(embeddings)
    if settings.method == "discourse":
        return discourse
    if settings.method == "structure":
        return between_paragraphs
    if settings.nsp_model is None:
        raise KeyRAGError(
            "split.method nsp needs split.nsp_model: make one of your own documents with `keyrag train segmenter`, "
            "or name another BertForNextSentencePrediction"
        )
    return NextSentence(settings.nsp_model, settings.temperature, settings.merge_ratio)


def shape(settings: SplitSettings) -> dict[str, Any]:
    """Give all that decides how a document is cut, as JSON values; the tokens come from the embedding model."""
    if settings.method != "nsp":
        return settings.model_dump(mode="json", exclude={"nsp_model", "temperature", "merge_ratio"})
    weights = Path(settings.nsp_model or "") / "model.safetensors"
    if not weights.is_file():
        return settings.model_dump(mode="json")
    with weights.open("rb") as file:
        # A model that was trained anew under its old name cuts otherwise.
        return {**settings.model_dump(mode="json"), "weights": hashlib.file_digest(file, "sha256").hexdigest()}
