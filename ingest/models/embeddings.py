"""Embedding models as LangChain ``Embeddings``: ONNX Runtime, sentence-transformers or any provider."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings

from ingest.errors import KeyRAGError
from ingest.models import catalogue
from ingest.settings import EmbeddingSettings
from ingest.types import EmbeddingIdentity


class OnnxEmbeddings(Embeddings):
    """A BERT encoder in ONNX Runtime on the CPU.

    :param folder: holds ``model.onnx`` (see :mod:`ingest.models.onnx_graph`) and ``tokenizer.json``.
    """

    def __init__(self, folder: Path, settings: EmbeddingSettings, query_prefix: str, passage_prefix: str) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self.query_prefix = query_prefix
        self.passage_prefix = passage_prefix
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(settings.max_tokens)
        options = onnxruntime.SessionOptions()
        # Texts run side by side, each on one thread, which is faster than one on all.
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._threads = settings.threads or os.cpu_count() or 1

    def _run(self, tokens: list[int]) -> list[float]:
        vectors = np.asarray(self._session.run(None, {"input_ids": np.array([tokens], np.int64)})[0])
        return vectors[0].tolist()

    def _embed(self, texts: list[str]) -> list[list[float]]:
        encodings = self._tokenizer.encode_batch_fast(texts)
        # One text a pass: int8 rounds to the range of all that is in a pass, so that in a batch a text's vector would
        # depend on its company. Without padding this is also 10% faster.
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(lambda encoding: self._run(encoding.ids), encodings))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of texts, without prefix and special tokens, however long they are."""
        counted = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding) + sum(map(len, encoding.overflowing)) for encoding in counted]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed keys; each vector is L2-normalised."""
        return self._embed([self.passage_prefix + text for text in texts])

    def embed_query(self, text: str) -> list[float]:
        """Embed a question; the vector is L2-normalised."""
        return self._run(self._tokenizer.encode(self.query_prefix + text).ids)


class TorchEmbeddings(Embeddings):
    """Any sentence-transformers model, by name or folder."""

    def __init__(
        self, model: str, settings: EmbeddingSettings, query_prefix: str | None, passage_prefix: str | None
    ) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        if settings.threads:
            torch.set_num_threads(settings.threads)
        try:
            self._model = SentenceTransformer(model)
        except (OSError, ValueError) as error:
            raise KeyRAGError(
                f"embedding model {model!r} can't be loaded: name one of `keyrag models list`, a "
                f"sentence-transformers folder, or a hub name this machine reaches ({_first_line(error)})"
            ) from error
        self._model.max_seq_length = min(settings.max_tokens, self._model.max_seq_length or settings.max_tokens)
        prompts = self._model.prompts or {}
        self.query_prefix: str = (prompts.get("query") or "") if query_prefix is None else query_prefix
        self.passage_prefix: str = (prompts.get("document") or "") if passage_prefix is None else passage_prefix
        self._batch_size = settings.batch_size

    def _embed(self, texts: list[str]) -> list[list[float]]:
        vectors = self._model.encode(
            texts, prompt="", batch_size=self._batch_size, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors).tolist()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of texts, without prefix and special tokens, however long they are."""
        if not texts:
            return []
        counted = self._model.tokenizer(list(texts), add_special_tokens=False, verbose=False)
        return [len(ids) for ids in counted["input_ids"]]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed keys; each vector is L2-normalised."""
        return self._embed([self.passage_prefix + text for text in texts])

    def embed_query(self, text: str) -> list[float]:
        """Embed a question; the vector is L2-normalised."""
        return self._embed([self.query_prefix + text])[0]


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:200]


def prepare_e5(file: Path, folder: Path, *, torch: bool) -> Path:
    """Convert the catalogue's e5 file once; give the folder of the ONNX or sentence-transformers model."""
    from ingest.models import e5, onnx_graph

    target = folder / ("sentence-transformers" if torch else "onnx-int8-smooth")
    if target.exists():
        return target
    building = folder / f".{target.name}.{os.getpid()}"
    building.mkdir(parents=True, exist_ok=True)
    content = e5.read_e5(file)
    if torch:
        e5.write_sentence_transformer(content, building)
    else:
        onnx_graph.write_onnx(content, building / "model.onnx")
        e5.tokenizer(content).save(str(building / "tokenizer.json"))
    try:
        building.rename(target)
    except OSError:
        # Another process was first: its result is the same.
        if not target.exists():
            raise
    return target


def load_embeddings(settings: EmbeddingSettings, models_folder: Path) -> Embeddings:
    """Load the embedding model that the settings name, downloading a catalogue model if need be.

    :raises KeyRAGError: if the model can't be had, or the backend can't run it.
    """
    entry = catalogue.find(settings.model)
    if entry is not None:
        if entry.role != "embedding":
            raise KeyRAGError(f"embedding.model {settings.model!r} is a {entry.role} model: see `keyrag models list`")
        file = catalogue.pull(settings.model, models_folder)
        query = entry.query_prefix if settings.query_prefix is None else settings.query_prefix
        passage = entry.passage_prefix if settings.passage_prefix is None else settings.passage_prefix
        torch = settings.backend == "torch"
        folder = prepare_e5(file, models_folder / settings.model, torch=torch)
        if torch:
            return TorchEmbeddings(str(folder), settings, query, passage)
        return OnnxEmbeddings(folder, settings, query or "", passage or "")
    if settings.backend == "onnx":
        raise KeyRAGError(f"embedding.backend onnx runs catalogue models only, not {settings.model!r}: set it to auto")
    if ":" in settings.model and not Path(settings.model).exists():
        return _provider(settings.model)
    return TorchEmbeddings(settings.model, settings, settings.query_prefix, settings.passage_prefix)


def encoder_folder(settings: EmbeddingSettings, models_folder: Path) -> Path:
    """Give the folder of the BERT encoder, float32 with its tokenizer, that the embedding model is.

    :raises KeyRAGError: if it is not in this machine, or no BERT.
    """
    if catalogue.find(settings.model):
        file = catalogue.pull(settings.model, models_folder)
        return prepare_e5(file, models_folder / settings.model, torch=True)
    config = Path(settings.model) / "config.json"
    if not config.is_file() or json.loads(config.read_text(encoding="utf-8")).get("model_type") != "bert":
        raise KeyRAGError(
            f"embedding.model {settings.model!r} is no folder of a BERT encoder: name one, or take one of "
            "`keyrag models list`"
        )
    return config.parent


def _provider(model: str) -> Embeddings:
    from langchain.embeddings import init_embeddings

    try:
        return init_embeddings(model)
    except (ImportError, ValueError) as error:
        raise KeyRAGError(f"embedding model {model!r} can't be loaded: {_first_line(error)}") from error


def identity(embeddings: Embeddings, settings: EmbeddingSettings) -> EmbeddingIdentity:
    """Give what a knowledge base must remember of its embedding model; embeds one word to learn the dimension."""
    return EmbeddingIdentity(
        model=settings.model,
        dimension=len(embeddings.embed_query("key")),
        query_prefix=getattr(embeddings, "query_prefix", None),
        passage_prefix=getattr(embeddings, "passage_prefix", None),
        max_tokens=settings.max_tokens,
    )
