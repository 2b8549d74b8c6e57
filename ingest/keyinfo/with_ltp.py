"""Names, noun phrases and semantic roles by LTP 4 (https://github.com/HIT-SCIR/ltp).

LTP is free for research; its makers ask to be paid for commercial use.
"""

from __future__ import annotations

from pathlib import Path

from ingest.errors import KeyRAGError
from ingest.keyinfo.patterns import Patterns
from ingest.keyinfo.roles import role_text
from ingest.keyinfo.words import Word

# LTP's parts of speech (863 set) as the letters of ingest.keyinfo.words.
_TAGS = {"nh": "N", "ns": "N", "ni": "N", "nz": "N", "ws": "N", "nt": "T", "m": "M", "q": "Q", "v": "v"}
_TAGS |= {"n": "n", "nl": "n", "nd": "n", "j": "n", "i": "n", "a": "a", "b": "a"}


class Ltp:
    """An LTP model, neural with the tasks ``cws``, ``pos``, ``ner`` and ``srl``.

    :param folder: holds ``config.json`` and the weights; nothing is downloaded.
    :raises KeyRAGError: if LTP or the model is missing.
    """

    def __init__(self, folder: str) -> None:
        try:
            from ltp import LTP
        except ImportError as error:
            raise KeyRAGError("keyinfo.analyser ltp needs the package ltp: pip install ltp") from error
        if not (Path(folder) / "config.json").is_file():
            raise KeyRAGError(
                f"there is no LTP model in {folder!r}: download one and set keyinfo.analyser_model to its folder"
            )
        self._model = LTP(folder, local_files_only=True)
        self._patterns = Patterns(self._tag)

    def entities(self, text: str) -> list[str]:
        """Give the names that the network finds, and dates and numbers by patterns of its tags."""
        names = [name for _, name, *_ in self._model.pipeline([text], tasks=["cws", "pos", "ner"]).ner[0]]
        return list(dict.fromkeys([*names, *self._patterns.entities(text)]))

    def noun_phrases(self, text: str) -> list[str]:
        return self._patterns.noun_phrases(text)

    def roles(self, text: str) -> list[str]:
        frames = self._model.pipeline([text], tasks=["cws", "pos", "srl"]).srl[0]
        return [
            role_text([*((label, form) for label, form, *_ in frame["arguments"]), ("PRED", frame["predicate"])])
            for frame in frames
        ]

    def _tag(self, text: str) -> list[Word]:
        output = self._model.pipeline([text], tasks=["cws", "pos"])
        words = []
        start = 0
        for word, flag in zip(output.cws[0], output.pos[0], strict=True):
            start = text.index(word, start)
            words.append(Word(start, start + len(word), _TAGS.get(flag, "o")))
            start += len(word)
        return words
