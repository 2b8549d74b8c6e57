"""Output parsers: free text, JSON that fits a schema, letters of a multiple choice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ingest.errors import KeyRAGError

OutputKind = Literal["text", "json", "choice"]

_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL)
_CHOICE_LINE = re.compile(
    r"(?:^|[\s；;，,(（])([A-H])[.、．:：)）]\s*(\S[^\n]*?)(?=\s+[A-H][.、．:：)）]|$)", re.MULTILINE
)
_LETTERS = re.compile(r"(?<![A-Za-z])[A-H](?![A-Za-z])")


class Unparsable(ValueError):
    """An answer that is not in the form asked for; its text names the fault for the model."""


@dataclass(frozen=True, slots=True)
class Output:
    """The form of answer asked for.

    :param schema: JSON Schema of the value, for ``json``.
    :param choices: texts by letter, for ``choice``; empty takes the lines "A. ..." of the question.
    """

    kind: OutputKind = "text"
    schema: Mapping[str, Any] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)


TEXT = Output()


def checked_output(output: Output, question: str) -> Output:
    """Give the output with its choices filled in.

    :raises KeyRAGError: if the schema is none, or there is nothing to choose from.
    """
    from jsonschema import Draft202012Validator, SchemaError

    if output.kind == "json":
        try:
            Draft202012Validator.check_schema(output.schema)
        except SchemaError as error:
            raise KeyRAGError(f"the JSON Schema of the answer is none: {error.message}") from error
    if output.kind == "choice" and not output.choices:
        found = {match[1]: match[2].strip() for match in _CHOICE_LINE.finditer(question)}
        if len(found) < 2:
            raise KeyRAGError("a multiple choice needs choices: give them, or write lines 'A. ...' into the question")
        return Output("choice", choices=found)
    return output


def parse(text: str, output: Output) -> Any:
    """Give the value of an answer: the text itself, the JSON value, or the letters chosen.

    :raises Unparsable: if it is not in the form asked for.

    >>> parse("答案是 A 和 C。", Output("choice", choices={"A": "甲", "B": "乙", "C": "丙"}))
    ['A', 'C']
    >>> parse('```json\\n{"days": 10}\\n```', Output("json", {"type": "object", "required": ["days"]}))
    {'days': 10}
    """
    if output.kind == "json":
        return _json(text, output.schema)
    if output.kind == "choice":
        return _choice(text, output.choices)
    return text


def _json(text: str, schema: Mapping[str, Any]) -> Any:
    from jsonschema import Draft202012Validator

    fenced = _FENCE.search(text)
    body = fenced[1] if fenced else text
    start = min((i for i in (body.find("{"), body.find("[")) if i >= 0), default=0)
    try:
        value, _ = json.JSONDecoder().raw_decode(body[start:].strip())
    except json.JSONDecodeError as error:
        raise Unparsable(f"JSON: {error.msg}") from error
    problem = next(iter(Draft202012Validator(schema).iter_errors(value)), None)
    if problem is not None:
        where = "/".join(map(str, problem.absolute_path))
        raise Unparsable(f"JSON {where}: {problem.message}" if where else f"JSON: {problem.message}")
    return value


def _choice(text: str, choices: Mapping[str, str]) -> list[str]:
    letters = [letter for letter in dict.fromkeys(_LETTERS.findall(text)) if letter in choices]
    if not letters:  # a model may write the choice out
        letters = [letter for letter, choice in choices.items() if choice and choice in text]
    if not letters:
        raise Unparsable("/".join(choices))
    return letters


def leaves(value: Any) -> Iterator[str]:
    """Give the texts and numbers of a JSON value in order, as they stand in its JSON text."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif isinstance(value, str):
        yield json.dumps(value, ensure_ascii=False)[1:-1]
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield json.dumps(value)


def leaf_spans(text: str, value: Any) -> list[tuple[int, int]]:
    """Give where the leaves stand in the JSON text of a value; those spans are the statements of such an answer."""
    spans = []
    place = 0
    for leaf in leaves(value):
        start = text.find(leaf, place)
        if leaf and start >= 0:
            spans.append((start, start + len(leaf)))
            place = start + len(leaf)
    return spans
