"""Figures for Prometheus, and the counts that people look at."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from rag.answer import Answer
from rag.service import KeyRAG

REGISTRY = CollectorRegistry()
REQUESTS = Counter("keyrag_requests_total", "Requests by route and status.", ["route", "status"], registry=REGISTRY)
SECONDS = Histogram("keyrag_request_seconds", "Time to the response's first byte.", ["route"], registry=REGISTRY)
STAGES = Histogram("keyrag_answer_stage_seconds", "Time of the stages of an answer.", ["stage"], registry=REGISTRY)
TOKENS = Counter("keyrag_tokens_total", "Tokens of the language model.", ["kind"], registry=REGISTRY)
ANSWERS = Counter("keyrag_answers_total", "Answers by outcome.", ["outcome"], registry=REGISTRY)
JOBS_WAITING = Gauge("keyrag_jobs_waiting", "Jobs queued or running.", registry=REGISTRY)
ANSWERS_WRITING = Gauge("keyrag_answers_writing", "Answers being written.", registry=REGISTRY)
ANSWERS_WAITING = Gauge("keyrag_answers_waiting", "Questions that wait for their turn.", registry=REGISTRY)


def count_request(route: str, status: int, seconds: float) -> None:
    """Count a request under its route's pattern, so that names of knowledge bases make no series."""
    REQUESTS.labels(route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def count_answer(service: KeyRAG, kb: str, answer: Answer, scope: MutableMapping[str, Any]) -> None:
    """Count an answer, and leave its timings in the scope of its request for the log and the span."""
    scope["keyrag.timings"] = answer.timings
    for stage, milliseconds in answer.timings.items():
        STAGES.labels(stage.removesuffix("_ms")).observe(milliseconds / 1000)
    for kind in ("prompt", "completion"):
        TOKENS.labels(kind).inc(answer.usage.get(f"{kind}_tokens", 0))
    ANSWERS.labels("refused" if answer.refused else "answered").inc()
    service.usage.add(
        kb,
        questions=1,
        refused=int(answer.refused),
        prompt_tokens=answer.usage.get("prompt_tokens", 0),
        completion_tokens=answer.usage.get("completion_tokens", 0),
    )
