"""Read the catalogue's e5 file and write it as a sentence-transformers folder.

The file holds a 12-layer BERT (multilingual-e5-small, https://arxiv.org/abs/2402.05672) with its
sentencepiece vocabulary; matrices are stored in ggml's Q4_0 format: blocks of 32 weights, each a
float16 scale and 16 bytes, byte j holding weight j in its low and weight j + 16 in its high half, both
offset by 8.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers import models as tokenizer_models

from ingest.errors import KeyRAGError

BLOCK = 32
_BLOCK_BYTES = 2 + BLOCK // 2
# nmt_nfkc keeps the full-width tilde that NFKC would fold; a private-use character shelters it.
_TILDE, _SHELTER = "\uff5e", "\ue0fe"


@dataclass(frozen=True, slots=True)
class Matrix:
    """A quantised tensor: weight = (nibble - 8) * scale, block by block along the last axis.

    ``nibbles`` is uint8, (count / 32, 32), values 0 to 15; ``scales`` is float16, (count / 32,).
    """

    nibbles: NDArray[np.uint8]
    scales: NDArray[np.float16]

    def dequantize(self, shape: tuple[int, int]) -> NDArray[np.float32]:
        """Give the weights as float32 of that shape."""
        weights = (self.nibbles.astype(np.float32) - 8) * self.scales.astype(np.float32)[:, None]
        return weights.reshape(shape)


@dataclass(frozen=True, slots=True)
class E5File:
    """The content of an e5 file; ``tensors`` maps names such as ``l0.q.w`` to arrays or matrices."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    tensors: dict[str, NDArray[np.float32] | Matrix]

    def weights(self, name: str, shape: tuple[int, int]) -> NDArray[np.float32]:
        """Give a tensor as float32 of that shape, dequantised where need be."""
        tensor = self.tensors[name]
        return tensor.dequantize(shape) if isinstance(tensor, Matrix) else tensor.reshape(shape)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def bytes(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at]


def read_e5(path: Path) -> E5File:
    """Read an e5 file.

    :raises KeyRAGError: if it is not one, or is cut short.
    """
    reader = _Reader(path.read_bytes())
    try:
        if reader.bytes(4) != b"E5S1":
            raise KeyRAGError(f"{path} is not an e5 model file: get it with `keyrag models pull`")
        reader.take("I")
        hidden, layers, heads, intermediate, vocabulary, positions, types = reader.take("7i")
        (epsilon,) = reader.take("f")
        reader.take("i")
        (n_pieces, *_specials) = reader.take("5i")
        (blob_size,) = reader.take("Q")
        offsets = np.frombuffer(reader.bytes(4 * (n_pieces + 1)), "<u4")
        scores = np.frombuffer(reader.bytes(4 * n_pieces), "<f4")
        blob = reader.bytes(blob_size)
        pieces = tuple(blob[a:b].decode("utf-8") for a, b in pairwise(offsets))
        _n_norm, norm_size = reader.take("iI")
        reader.bytes(norm_size)  # nmt_nfkc, which the tokenizer below has built in
        tensors: dict[str, NDArray[np.float32] | Matrix] = {}
        for _ in range(reader.take("i")[0]):
            (length,) = reader.take("H")
            name = reader.bytes(length).decode()
            quantized, count, offset, size = reader.take("BIQQ")
            tensors[name] = _tensor(reader.data, bool(quantized), count, offset, size)
    except (struct.error, ValueError) as error:
        raise KeyRAGError(f"{path} is cut short or damaged: delete it and run `keyrag models pull`") from error
    return E5File(hidden, layers, heads, intermediate, vocabulary, positions, types, epsilon, pieces, scores, tensors)


def _tensor(data: bytes, quantized: bool, count: int, offset: int, size: int) -> NDArray[np.float32] | Matrix:
    # Offsets count from the first byte after the header, which is where the last tensors end.
    raw = np.frombuffer(data, np.uint8, size, offset)
    if not quantized:
        return raw.view("<f4")[:count].copy()
    blocks = raw.reshape(count // BLOCK, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2")[:, 0]
    packed = blocks[:, 2:]
    return Matrix(np.concatenate([packed & 15, packed >> 4], axis=1), scales)


def tokenizer(file: E5File) -> Tokenizer:
    """Build the XLM-RoBERTa tokenizer: nmt_nfkc, unigram pieces, ``<s> text </s>``."""
    vocab = [(piece, float(score)) for piece, score in zip(file.pieces, file.scores, strict=True)]
    built = Tokenizer(tokenizer_models.Unigram(vocab, unk_id=file.pieces.index("<unk>")))
    built.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(_TILDE, _SHELTER),
            normalizers.Nmt(),
            normalizers.NFKC(),
            normalizers.Replace(_SHELTER, _TILDE),
            normalizers.Replace(Regex(" {2,}"), " "),
            normalizers.Strip(),
        ]
    )
    built.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    built.decoder = decoders.Metaspace(prepend_scheme="always")
    specials = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
    built.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in specials])
    built.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[(token, file.pieces.index(token)) for token in ("<s>", "</s>")],
    )
    return built


_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def _state(file: E5File) -> dict[str, NDArray[np.float32]]:
    h, f = file.hidden, file.intermediate
    shapes = {"q": (h, h), "k": (h, h), "v": (h, h), "ao": (h, h), "fi": (f, h), "fo": (h, f)}
    vector = lambda name: np.asarray(file.tensors[name], np.float32)  # noqa: E731
    state = {
        "embeddings.word_embeddings.weight": file.weights("emb.word", (file.vocabulary, h)),
        "embeddings.position_embeddings.weight": file.weights("emb.pos", (file.positions, h)),
        "embeddings.token_type_embeddings.weight": file.weights("emb.type", (file.types, h)),
        "embeddings.LayerNorm.weight": vector("emb.ln.w"),
        "embeddings.LayerNorm.bias": vector("emb.ln.b"),
    }
    for layer in range(file.layers):
        for short, long in _LAYER_NAMES.items():
            source, target = f"l{layer}.{short}", f"encoder.layer.{layer}.{long}"
            shape = shapes.get(short)
            state[f"{target}.weight"] = file.weights(f"{source}.w", shape) if shape else vector(f"{source}.w")
            state[f"{target}.bias"] = vector(f"{source}.b")
    return state


def write_sentence_transformer(file: E5File, folder: Path) -> None:
    """Write a folder that ``SentenceTransformer(folder)`` loads: float32 weights, mean pooling, L2."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file(_state(file), folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer(file).save(str(folder / "tokenizer.json"))
    module = "sentence_transformers.sentence_transformer.modules"
    documents: dict[str, Any] = {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": file.hidden,
            "num_hidden_layers": file.layers,
            "num_attention_heads": file.heads,
            "intermediate_size": file.intermediate,
            "vocab_size": file.vocabulary,
            "max_position_embeddings": file.positions,
            "type_vocab_size": file.types,
            "layer_norm_eps": file.epsilon,
            "hidden_act": "gelu",
            "pad_token_id": file.pieces.index("<pad>"),
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": file.positions,
            "bos_token": "<s>",
            "eos_token": "</s>",
            "cls_token": "<s>",
            "sep_token": "</s>",
            "unk_token": "<unk>",
            "pad_token": "<pad>",
            "mask_token": "<mask>",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{module}.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{module}.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{module}.Normalize"},
        ],
        "sentence_bert_config.json": {"max_seq_length": file.positions, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": file.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "config_sentence_transformers.json": {"prompts": {"query": "query: ", "document": "passage: "}},
    }
    for name, content in documents.items():
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    (folder / "2_Normalize").mkdir(exist_ok=True)
