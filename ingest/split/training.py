"""Fit a next-sentence model on one's own documents: text that goes on against text that does not.

The encoder is the embedding model's, given BERT's head for next-sentence prediction. All its layers are taken and
trained: what compares two texts stands in the upper half, without which a few thousand pairs teach little. The
embeddings of the vocabulary stay as they are.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from ingest.errors import KeyRAGError
from ingest.split.gaps import Gap
from ingest.split.nsp import AROUND, IS_NEXT, NextSentence, encoded
from ingest.split.structure import runs
from ingest.types import Document

_SEED = 42
# Share of the documents whose pairs are held out.
_HELD_OUT = 0.15
_BATCH = 16
_EPOCHS = 2
_LEARNING_RATE = 1e-4
_WARM_UP = 0.1
# Fewer pairs teach nothing.
_FEWEST = 40


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts; ``is_next`` tells that the second follows the first in ``doc_id``, ``near`` that it is from it."""

    doc_id: str
    before: str
    after: str
    is_next: bool
    near: bool


@dataclass(frozen=True, slots=True)
class Training:
    """What came of it: pairs used, seconds, and shares of the held-out pairs that are judged right.

    ``far`` is the share, were half of the pairs neighbours and half from two documents, ``near`` if half were from
    two places of one document; None where there are no such pairs.
    ``always_next`` is the share of the more frequent class, ``embedding`` that of the best threshold on the
    cosine of both texts' embeddings, chosen on the training pairs.
    """

    folder: Path
    pairs: int
    held_out: int
    accuracy: float
    far: float | None
    near: float | None
    always_next: float
    embedding: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Step:
    """How far the training is."""

    done: int
    total: int
    loss: float


def make_pairs(documents: Sequence[Document], count: int, sentence_max_chars: int) -> list[Pair]:
    """Draw up to ``count`` pairs, half of which follow each other; the same documents give the same pairs.

    The gaps are those between paragraphs, and as many between sentences as are wanting. Those texts that don't
    follow are, half and half, from elsewhere in the same document, so that the topic alone does not tell, and from
    another one.
    """
    rng = random.Random(_SEED)
    gaps = {document.doc_id: found for document in documents if (found := _gaps(document, sentence_max_chars))}
    places = [(doc_id, gap) for doc_id, found in gaps.items() for gap in found]
    rng.shuffle(places)
    places.sort(key=lambda place: not place[1].between_blocks)
    pairs: list[Pair] = []
    for number, (doc_id, gap) in enumerate(places[: count // 2]):
        before, after = gap.around(AROUND)
        pairs.append(Pair(doc_id, before, after, True, True))
        others = [other for other in gaps if other != doc_id]
        far = [other for other in gaps[doc_id] if other.run is not gap.run or abs(other.at - gap.at) > 4]
        if far and (number % 2 or not others):
            pairs.append(Pair(doc_id, before, rng.choice(far).around(AROUND)[1], False, True))
        elif others:
            pairs.append(Pair(doc_id, before, rng.choice(gaps[rng.choice(others)]).around(AROUND)[1], False, False))
    return pairs


def _gaps(document: Document, sentence_max_chars: int) -> list[Gap]:
    found = [Gap(run, at) for run in runs(document, sentence_max_chars) for at in range(1, len(run))]
    return [gap for gap in found if gap.run[gap.at].block.kind in ("paragraph", "list")] or found


def train_segmenter(
    documents: Sequence[Document],
    encoder: Path,
    folder: Path,
    embeddings: Embeddings,
    *,
    count: int,
    sentence_max_chars: int,
    progress: Callable[[Step], None] = lambda _: None,
) -> Training:
    """Fit a ``BertForNextSentencePrediction`` and write it to ``folder``, safetensors and tokenizer.

    :param encoder: a folder with a BERT encoder and its tokenizer.
    :param embeddings: the embedding model that it is compared with.
    :param count: pairs at most, held-out ones included.
    :raises KeyRAGError: if the documents give too few pairs.
    """
    began = time.monotonic()
    pairs = make_pairs(documents, count, sentence_max_chars)
    fitted, held_out = _held_out(pairs)
    if len(fitted) < _FEWEST or not held_out:
        raise KeyRAGError(
            f"the documents give {len(fitted)} pairs of neighbouring paragraphs, {_FEWEST} are needed: "
            "name more or longer documents, at least two"
        )
    model, tokenizer = _with_head(encoder)
    _fit(model, tokenizer, fitted, progress)
    model.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    judged = NextSentence(str(folder), 1.0, 0.5).probabilities([(pair.before, pair.after) for pair in held_out])
    truth = np.array([pair.is_next for pair in held_out])
    is_near = np.array([pair.near for pair in held_out])
    right = (judged > 0.5) == truth
    return Training(
        folder,
        len(fitted),
        len(held_out),
        float(right.mean()),
        _balanced(right, truth, ~is_near),
        _balanced(right, truth, is_near & ~truth),
        float(max(truth.mean(), 1 - truth.mean())),
        _by_cosine(embeddings, fitted, held_out),
        time.monotonic() - began,
    )


def _held_out(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Part pairs by document, so that no document is in both."""
    doc_ids = sorted({pair.doc_id for pair in pairs})
    random.Random(_SEED).shuffle(doc_ids)
    apart = set(doc_ids[: max(round(_HELD_OUT * len(doc_ids)), 1)])
    return [pair for pair in pairs if pair.doc_id not in apart], [pair for pair in pairs if pair.doc_id in apart]


def _with_head(encoder: Path) -> tuple[Any, Any]:
    import torch
    from tokenizers.processors import TemplateProcessing
    from transformers import AutoConfig, AutoTokenizer, BertForNextSentencePrediction
    from transformers import logging as transformers_logging

    torch.manual_seed(_SEED)
    # So few steps leave no time for over-fitting, and none for what dropout hides.
    config = AutoConfig.from_pretrained(encoder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    verbosity = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()  # that the head is new is what this is about
    try:
        model = BertForNextSentencePrediction.from_pretrained(
            encoder, config=config, dtype=torch.float32, use_safetensors=True
        )
    finally:
        transformers_logging.set_verbosity(verbosity)
    model.bert.embeddings.requires_grad_(False)
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    cls, sep = tokenizer.cls_token, tokenizer.sep_token
    # The encoder learned on single texts; the type of a token tells it which of the two it stands in.
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single=f"{cls} $A {sep}",
        pair=f"{cls} $A {sep} $B:1 {sep}:1",
        special_tokens=[(token, tokenizer.convert_tokens_to_ids(token)) for token in (cls, sep)],
    )
    return model, tokenizer


def _fit(model: Any, tokenizer: Any, pairs: Sequence[Pair], progress: Callable[[Step], None]) -> None:
    import torch

    rng = random.Random(_SEED)
    batches = []
    for _ in range(_EPOCHS):
        order = rng.sample(pairs, len(pairs))
        epoch = [order[i : i + _BATCH] for i in range(0, len(order), _BATCH)]
        batches += epoch
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=_LEARNING_RATE, weight_decay=0.01)
    warm_up = max(int(_WARM_UP * len(batches)), 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm_up, (len(batches) - step) / max(len(batches) - warm_up, 1))
    )
    model.train()
    for done, batch in enumerate(batches, 1):
        labels = torch.tensor([IS_NEXT if pair.is_next else 1 - IS_NEXT for pair in batch])
        loss = model(**encoded(tokenizer, [(pair.before, pair.after) for pair in batch]), labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        schedule.step()
        progress(Step(done, len(batches), float(loss.detach())))
    model.eval()


def _balanced(right: NDArray[np.bool_], truth: NDArray[np.bool_], others: NDArray[np.bool_]) -> float | None:
    """Give the mean of the shares judged right of the neighbours and of ``others``."""
    return float(right[truth].mean() + right[others].mean()) / 2 if truth.any() and others.any() else None


def _by_cosine(embeddings: Embeddings, fitted: Sequence[Pair], held_out: Sequence[Pair]) -> float:
    """Give the accuracy on held-out pairs of the cosine threshold that is best on the others."""

    def cosines(pairs: Sequence[Pair]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        vectors = np.array(embeddings.embed_documents([t for pair in pairs for t in (pair.before, pair.after)]))
        return (vectors[::2] * vectors[1::2]).sum(axis=1), np.array([pair.is_next for pair in pairs])

    values, truth = cosines(fitted)
    thresholds = np.unique(values)
    best = thresholds[np.argmax([((values >= threshold) == truth).mean() for threshold in thresholds])]
    values, truth = cosines(held_out)
    return float(((values >= best) == truth).mean())
