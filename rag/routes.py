"""Intent routes: questions that are answered without the documents, or asked back, before the model.

    routes:
      - name: 问候
        examples: [你好, 您好, 在吗]
        say: 您好，请问有什么可以帮您？
      - name: 报价
        examples: [这个多少钱, 怎么卖]
        ask: 请问您想了解哪个型号的价格？
      - name: 文档
        examples: [年假有几天]
        pass: true

The nearest example decides, if it is near enough; what is near none is passed on to the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import yaml
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ingest.errors import KeyRAGError


class Route(BaseModel):
    """An intent: a few examples, and what is done about it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    name: str
    examples: tuple[str, ...] = Field(min_length=1)
    say: str | None = None
    ask: str | None = None
    passes: bool = Field(False, alias="pass")

    @model_validator(mode="after")
    def _does_one_thing(self) -> Route:
        if (self.say is not None) + (self.ask is not None) + self.passes != 1:
            raise ValueError(f"route {self.name!r} must have one of say, ask or pass: true")
        return self


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    routes: tuple[Route, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Routed:
    """What is said without the model, and why: ``score`` is the cosine of the nearest example."""

    text: str
    mode: Literal["scripted", "asked_back"]
    route: str
    score: float


def read_routes(file: Path) -> tuple[Route, ...]:
    """Read the routes of a YAML file.

    :raises KeyRAGError: if it can't be read, or a route is incomplete.
    """
    try:
        return _File.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))).routes
    except FileNotFoundError as error:
        raise KeyRAGError(f"there is no {file}: routes.file must name a YAML file") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise KeyRAGError(f"{file}: {where}: {first['msg']} (docs/answers.md shows the form)") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise KeyRAGError(f"{file} can't be read: {' '.join(str(error).split())}") from error


class Router:
    """Finds the route of a question by its nearest example."""

    def __init__(self, routes: Sequence[Route], embeddings: Embeddings, threshold: float) -> None:
        self._embeddings = embeddings
        self._threshold = threshold
        self._routes = [route for route in routes for _ in route.examples]
        self._vectors = np.stack([self._vector(example) for route in routes for example in route.examples])

    def route(self, question: str) -> Routed | None:
        """Give what is said to a question; None passes it on to the model."""
        cosines = self._vectors @ self._vector(question)
        nearest = self._routes[int(cosines.argmax())]
        score = round(float(cosines.max()), 4)
        if nearest.passes or score < self._threshold:
            return None
        if nearest.ask is not None:
            return Routed(nearest.ask, "asked_back", nearest.name, score)
        return Routed(nearest.say or "", "scripted", nearest.name, score)

    def _vector(self, text: str) -> NDArray[np.float32]:
        vector = np.array(self._embeddings.embed_query(text), np.float32)
        return vector / max(float(np.linalg.norm(vector)), 1e-9)
