"""How long a search takes while documents are added to a large knowledge base.

    python -m bench.growing [--documents 8000] [--searches 100]

Documents of twenty sentences with drawn vectors are committed by one opening of the knowledge base, another searches:
first while nothing changes, then while a document comes in every 0.3 s.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from pathlib import Path
from statistics import median, quantiles

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from ingest.config import load_settings
from ingest.index.knowledge_base import KnowledgeBase, open_knowledge_base
from ingest.types import Block, Document, EmbeddingIdentity, Key, Level, Unit
from rag.retrieve import Retriever

_DIMENSION = 384
_SENTENCES = 20
_PAUSE_SECONDS = 0.3
_IDENTITY = EmbeddingIdentity("drawn", _DIMENSION, None, None, 512)
_OUTER: tuple[tuple[int, Level], ...] = ((0, "article"), (1, "segment"))


class Drawn(Embeddings):
    """Draws a vector for each text."""

    def __init__(self) -> None:
        self._draw = np.random.default_rng(0)

    def vectors(self, count: int) -> NDArray[np.float32]:
        drawn = self._draw.normal(size=(count, _DIMENSION)).astype(np.float32)
        return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self.vectors(len(texts)).tolist()

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def add(kb: KnowledgeBase, number: int, embeddings: Drawn) -> None:
    """Commit a document of one segment with a key for it and for each sentence."""
    title = f"文件{number}"
    sentences = [f"第{number}号文件的第{n}句说明编号{number * 31 + n}的设备在{n}号楼使用。" for n in range(_SENTENCES)]
    text = "".join(sentences)
    document = Document(title, title, title, "text/plain", title, (Block(text),))
    whole = [Unit(n, level, 0, len(text), text, (title,), parent=n - 1 if n else None) for n, level in _OUTER]
    inside, start = [], 0
    for n, sentence in enumerate(sentences, start=2):
        inside.append(Unit(n, "sentence", start, start + len(sentence), sentence, (title,), parent=1))
        start += len(sentence)
    keys = [Key(unit.ordinal, "context", unit.text) for unit in (whole[1], *inside)]
    kb.commit(document, "drawn", [*whole, *inside], keys, embeddings.vectors(len(keys)))


def searches(retriever: Retriever, count: int) -> str:
    """Search, and tell the milliseconds that it took."""
    times = []
    for number in range(count):
        began = time.perf_counter()
        retriever.retrieve(f"第{number}号文件的设备在哪里使用？", 10)
        times.append((time.perf_counter() - began) * 1000)
    return f"median {median(times):.0f}, 95% {quantiles(times, n=20)[-1]:.0f}, most {max(times):.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=8000)
    parser.add_argument("--searches", type=int, default=100)
    arguments = parser.parse_args()

    settings, embeddings = load_settings(), Drawn()
    with tempfile.TemporaryDirectory() as folder:

        def opened(*, create: bool = False) -> KnowledgeBase:
            return open_knowledge_base(Path(folder) / "kb", _IDENTITY, settings.index, create=create)

        kb = opened(create=True)
        for number in range(arguments.documents):
            add(kb, number, embeddings)
        kb.save()
        print(f"{kb.store.counts()['keys']} keys")
        retriever = Retriever(kb, embeddings, settings.retrieve)
        searches(retriever, 5)
        print(f"nothing changes:  {searches(retriever, arguments.searches)}")
        done = threading.Event()

        def write() -> None:
            writer, drawn, number = opened(), Drawn(), arguments.documents
            while not done.wait(_PAUSE_SECONDS):
                add(writer, number, drawn)
                number += 1

        writing = threading.Thread(target=write)
        writing.start()
        print(f"documents arrive: {searches(retriever, arguments.searches)}")
        done.set()
        writing.join()


if __name__ == "__main__":
    main()
