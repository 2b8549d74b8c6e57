"""Compliance mode: the model's answer is never shown, but the approved phrasing that comes nearest to it.

The store is a YAML file of stages, each with its phrases and what is said where none is near enough:

    fallback: 请致电客服热线。
    stages:
      售前: {fallback: 产品顾问会与您联系。, phrases: [年假为十天。]}

or a CSV with the columns stage, phrase, fallback: a row has a phrase or a fallback; a fallback without a stage
is the universal one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import yaml
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.errors import KeyRAGError

Given = Literal["approved", "stage_fallback", "fallback"]


class Stage(BaseModel):
    """Approved phrasings of a stage of the conversation."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    fallback: str | None = None
    phrases: tuple[str, ...] = ()


class Approved(BaseModel):
    """A store of approved phrasings."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    fallback: str = Field(min_length=1)
    stages: Mapping[str, Stage] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Compliant:
    """What is shown in place of the model's answer; ``score`` is the cosine of the nearest approved phrasing."""

    text: str
    given: Given
    stage: str | None
    score: float


def read_approved(file: Path) -> Approved:
    """Read a store of approved phrasings, YAML or CSV by its name.

    :raises KeyRAGError: if it can't be read, or lacks the universal fallback.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
        content = _from_csv(text) if file.suffix.lower() == ".csv" else yaml.safe_load(text)
        return Approved.model_validate(content)
    except FileNotFoundError as error:
        raise KeyRAGError(f"there is no {file}: compliance.file must name a YAML or CSV file") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise KeyRAGError(f"{file}: {where}: {first['msg']} (docs/answers.md shows the form)") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError) as error:
        reason = " ".join(str(error).split())
        raise KeyRAGError(
            f"{file} is no store of approved phrasings: {reason} (docs/answers.md shows the form)"
        ) from error


def _from_csv(text: str) -> dict[str, object]:
    content: dict[str, object] = {}
    phrases: dict[str, list[str]] = {}
    fallbacks: dict[str, str] = {}
    for row in csv.DictReader(io.StringIO(text)):
        stage = row["stage"].strip()
        if fallback := (row["fallback"] or "").strip():
            fallbacks[stage] = fallback
        if phrase := (row["phrase"] or "").strip():
            phrases.setdefault(stage, []).append(phrase)
    if "" in fallbacks:
        content["fallback"] = fallbacks[""]
    names = dict.fromkeys([*phrases, *(stage for stage in fallbacks if stage)])
    content["stages"] = {
        name: {"fallback": fallbacks.get(name) if name else None, "phrases": phrases.get(name, [])} for name in names
    }
    return content


class Compliance:
    """Compares answers with the approved phrasings, which are embedded once."""

    def __init__(self, approved: Approved, embeddings: Embeddings, threshold: float) -> None:
        self._approved = approved
        self._embeddings = embeddings
        self._threshold = threshold
        self._phrases = [(name, phrase) for name, stage in approved.stages.items() for phrase in stage.phrases]
        # Like is compared with like: every phrase as a query.
        vectors = [self._vector(phrase) for _, phrase in self._phrases]
        self._vectors = np.array(vectors, np.float32).reshape(len(vectors), -1)

    def checked_stage(self, stage: str | None) -> str | None:
        """:raises KeyRAGError: if there is no such stage."""
        if stage is not None and stage not in self._approved.stages:
            names = ", ".join(self._approved.stages)
            raise KeyRAGError(f"there is no stage {stage!r} of approved phrasings: use one of {names}")
        return stage

    def compliant(self, answer: str, stage: str | None, *, refused: bool) -> Compliant:
        """Give what may be shown for an answer.

        :param stage: its phrases are compared; None compares those of all stages.
        :param refused: a refusal has no approved phrasing, it gets the fallback.
        """
        among = [i for i, (name, _) in enumerate(self._phrases) if stage in (None, name)]
        best, score = -1, 0.0
        if among and answer and not refused:
            cosines = self._vectors[among] @ self._vector(answer)
            best, score = among[int(cosines.argmax())], round(float(cosines.max()), 4)
        if best >= 0 and score >= self._threshold:
            name, phrase = self._phrases[best]
            return Compliant(phrase, "approved", name, score)
        own = self._approved.stages[stage].fallback if stage is not None else None
        if own:
            return Compliant(own, "stage_fallback", stage, score)
        return Compliant(self._approved.fallback, "fallback", stage, score)

    def _vector(self, text: str) -> NDArray[np.float32]:
        vector = np.array(self._embeddings.embed_query(text), np.float32)
        return vector / max(float(np.linalg.norm(vector)), 1e-9)
