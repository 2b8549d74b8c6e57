"""Few-shot examples: questions with their answers, chosen for the question at hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import yaml
from langchain_core.embeddings import Embeddings
from langchain_core.example_selectors import (
    BaseExampleSelector,
    LengthBasedExampleSelector,
    SemanticSimilarityExampleSelector,
)
from langchain_core.prompts import PromptTemplate
from langchain_core.vectorstores import InMemoryVectorStore
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ingest.errors import KeyRAGError
from ingest.settings import ExampleSettings


class Example(BaseModel):
    """A question with the answer that the model is to imitate."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    question: str
    answer: str


def read_examples(file: Path) -> list[Example]:
    """Read a YAML list of questions with answers.

    :raises KeyRAGError: if it can't be read or is none.
    """
    try:
        return TypeAdapter(list[Example]).validate_python(yaml.safe_load(file.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise KeyRAGError(f"there is no {file}: examples.file must name a YAML list") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise KeyRAGError(f"{file} must be a YAML list of items with question and answer") from error


def example_selector(
    settings: ExampleSettings,
    example: PromptTemplate,
    embeddings: Embeddings,
    measure: Callable[[str], int],
) -> BaseExampleSelector | None:
    """Give the selector that the settings name: the most similar questions, or as many as fit; None without a file.

    :param example: what an example looks like, from its question and answer.
    """
    if settings.file is None:
        return None
    examples = read_examples(settings.file.expanduser())
    if settings.select == "length":
        return LengthBasedExampleSelector(
            examples=[one.model_dump() for one in examples],
            example_prompt=example,
            get_text_length=measure,
            max_length=settings.max_tokens,
        )
    return SemanticSimilarityExampleSelector.from_examples(
        [one.model_dump() for one in examples],
        embeddings,
        InMemoryVectorStore,
        k=min(settings.count, len(examples)),
        input_keys=["question"],
    )


def examples_text(selector: BaseExampleSelector, example: PromptTemplate, question: str) -> str:
    """Give the chosen examples, one after the other, as they go in front of the prompt."""
    chosen = selector.select_examples({"question": question})
    return "".join(example.format(question=one["question"], answer=one["answer"]) + "\n\n" for one in chosen)
