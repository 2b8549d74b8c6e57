"""Names, constituents and semantic roles by a HanLP 2 multi-task model (https://github.com/hankcs/HanLP).

HanLP's code is under the Apache licence; many of its models are for non-commercial use only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ingest.errors import KeyRAGError
from ingest.keyinfo.roles import role_text


class Hanlp:
    """A multi-task model with the tasks ``ner``, ``con`` and ``srl``.

    :param folder: the unpacked model; nothing is downloaded.
    :raises KeyRAGError: if HanLP or the model is missing.
    """

    def __init__(self, folder: str) -> None:
        try:
            import hanlp
        except ImportError as error:
            raise KeyRAGError("keyinfo.analyser hanlp needs the package hanlp: pip install hanlp") from error
        if not (Path(folder) / "meta.json").is_file():
            raise KeyRAGError(
                f"there is no HanLP model in {folder!r}: download a multi-task model, unpack it and set "
                "keyinfo.analyser_model to its folder"
            )
        self._model = hanlp.load(folder)

    def entities(self, text: str) -> list[str]:
        return list(dict.fromkeys(entity[0] for entity in self._run("ner", text)))

    def noun_phrases(self, text: str) -> list[str]:
        """Give the noun phrases of the constituency tree that hold no smaller noun phrase."""
        tree = self._run("con", text)
        phrases = tree.subtrees(lambda node: node.label() == "NP")
        lowest = (node for node in phrases if not any(child.label() == "NP" for child in _below(node)))
        return list(dict.fromkeys(_joined(node.leaves()) for node in lowest))

    def roles(self, text: str) -> list[str]:
        return [role_text([(label, form) for form, label, *_ in frame]) for frame in self._run("srl", text)]

    def _run(self, task: str, text: str) -> Any:
        document = self._model(text, tasks=task)
        return next(result for name, result in document.items() if name.split("/")[0] == task)


def _below(node: Any) -> list[Any]:
    return [below for below in node.subtrees() if below is not node]


def _joined(words: list[str]) -> str:
    return ("" if any(not word.isascii() for word in words) else " ").join(words)
