"""Prompts: templates from disk, filled verbatim."""

from __future__ import annotations

import json

from langchain_core.prompts import PromptTemplate

from ingest.errors import KeyRAGError
from ingest.resources import resource
from ingest.settings import PromptSettings
from rag.checks.injection import defused
from rag.language import Language
from rag.pack import Packed, Passage
from rag.parse import Output


def template(settings: PromptSettings, name: str, language: Language, variables: frozenset[str]) -> PromptTemplate:
    """Read a template, from the user's folder if it is there, else from prompts/.

    :param name: its file name, where ``{language}`` stands for the language.
    :raises KeyRAGError: if there is no such file, or its placeholders are not ``variables``.
    """
    file_name = name.replace("{language}", language)
    own = settings.folder.expanduser() / file_name if settings.folder else None
    file = own if own and own.exists() else resource("prompts", file_name)
    try:
        text = file.read_text(encoding="utf-8").rstrip("\n")
        prompt = PromptTemplate.from_template(text)
    except FileNotFoundError as error:
        raise KeyRAGError(f"there is no prompt template {file_name}: put it into prompt.folder") from error
    except (OSError, ValueError) as error:
        raise KeyRAGError(f"prompt template {file} can't be used: {error}") from error
    if frozenset(prompt.input_variables) != variables:
        wanted = " and ".join(f"{{{variable}}}" for variable in sorted(variables))
        holds = f"{wanted} and no other placeholder" if wanted else "no placeholder"
        raise KeyRAGError(f"prompt template {file} must hold {holds} (write {{{{ for {{)")
    return prompt


def example_template(settings: PromptSettings, language: Language = "zh") -> PromptTemplate:
    """Give the template of a few-shot example."""
    return template(settings, settings.example, language, frozenset({"question", "answer"}))


def context_text(packed: Packed) -> str:
    """Give the passages as the language model reads them: number, headings, text that forges no mark of the prompt.

    The document's name stands at its first passage only, which saves a model without a GPU half a second each.
    """
    lines = []
    before = None
    for passage in packed.passages:
        headings = passage.heading_path[1:] if (passage.kb, passage.doc_id) == before else passage.heading_path
        lines += [f"[{passage.n}] {defused(' > '.join(headings))}".rstrip(), defused(passage.text)]
        before = passage.kb, passage.doc_id
    return "\n".join(lines)


def question_text(settings: PromptSettings, question: str, output: Output, language: Language) -> str:
    """Give the question as the language model reads it: with what form of answer is wanted, if not free text."""
    if output.kind == "json":
        schema = json.dumps(output.schema, ensure_ascii=False)
        form = template(settings, settings.json_answer, language, frozenset({"question", "schema"}))
        return form.format(question=question, schema=schema)
    if output.kind == "choice":
        choices = "\n".join(f"{letter}. {text}" for letter, text in output.choices.items() if text not in question)
        form = template(settings, settings.choice_answer, language, frozenset({"question", "choices"}))
        return form.format(question=question, choices=choices)
    return question


def heading(passage: Passage) -> str:
    """Give document and headings in one line: ``员工手册 > 第三章 假期``."""
    return " > ".join(passage.heading_path)
