"""The JSON shapes that the command line and the HTTP service share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from ingest.index.store import DocumentRow, UnitRow
from ingest.index.union import own_id
from ingest.pipeline import OUTCOMES, IngestReport
from ingest.types import Hit
from rag.answer import Answer, Sources
from rag.checks.grounding import Checked
from rag.cite import Citation
from rag.explain import Stages
from rag.pack import Packed, Passage
from rag.prompt import heading
from rag.search import Found

Json = dict[str, Any]


def hit_json(hit: Hit) -> Json:
    return {
        "unit_id": own_id(hit.unit_id),
        "kb": hit.kb,
        "doc_id": hit.doc_id,
        "document": hit.document,
        "heading_path": list(hit.heading_path),
        "page": hit.page,
        "level": hit.level,
        "text": hit.text,
        "start": hit.start,
        "end": hit.end,
        "score": hit.score,
        "why": {
            "dense": hit.why.dense,
            "lexical": hit.why.lexical,
            "answer_type": hit.why.answer_type,
            "fused": hit.why.fused,
            "rerank": hit.why.rerank,
            "keys": list(hit.why.keys),
        },
    }


def found_json(found: Found) -> Json:
    shown = {
        "query": found.query,
        "took_ms": found.took_ms,
        "context": found.packed.text,
        "hits": [hit_json(hit) for hit in found.hits],
    }
    return shown | {"stages": stages_json(found.stages, found.packed)} if found.stages else shown


def stages_json(stages: Stages, packed: Packed) -> Json:
    return {
        "parts": list(stages.parts),
        "dense": [hit_json(hit) for hit in stages.dense],
        "lexical": [hit_json(hit) for hit in stages.lexical],
        "fused": [hit_json(hit) for hit in stages.fused],
        "packed": [passage_json(passage) for passage in packed.passages],
    }


def passage_json(passage: Passage) -> Json:
    return {
        "n": passage.n,
        "kb": passage.kb,
        "doc_id": passage.doc_id,
        "document": passage.document,
        "heading": heading(passage),
        "page": passage.page,
        "text": passage.text,
    }


def citation_json(citation: Citation) -> Json:
    return {
        "n": citation.n,
        "kb": citation.kb,
        "doc_id": citation.doc_id,
        "document": citation.document,
        "page": citation.page,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "unit_id": own_id(citation.unit_id),
        "answer_start": citation.answer_start,
        "answer_end": citation.answer_end,
    }


def checks_json(answer: Answer) -> Json:
    checks: Json = {
        "evidence": answer.evidence,
        "answerable": answer.answerable,
        "looped": answer.looped,
        "retried": list(answer.retried),
    }
    if answer.grounding is not None:
        checks |= {
            "grounded": answer.grounding.grounded,
            "support": answer.grounding.support,
            "unsupported": list(answer.grounding.unsupported),
            "unknown_numbers": list(answer.grounding.unknown_numbers),
            "unknown_names": list(answer.grounding.named("name")),
            "unknown_quotes": list(answer.grounding.named("quote")),
            "only_asked": list(answer.grounding.only_asked),
            "dropped_negations": list(answer.grounding.dropped_negations),
            "particulars": [particular_json(particular) for particular in answer.grounding.particulars],
            "statements": [asdict(statement) for statement in answer.grounding.statements],
        }
    return checks


def particular_json(particular: Checked) -> Json:
    return {
        "kind": particular.kind,
        "text": particular.text,
        "start": particular.start,
        "end": particular.end,
        "found": particular.found,
    }


def answer_json(answer: Answer) -> Json:
    return {
        "answer": answer.text,
        "refused": answer.refused,
        "citations": [citation_json(citation) for citation in answer.citations],
        "nearest": [hit_json(hit) for hit in answer.nearest],
        "checks": checks_json(answer),
        "parsed": answer.parsed,
        "rewritten": answer.rewritten,
        "mode": answer.mode,
        "route": answer.routed and {"name": answer.routed.route, "score": answer.routed.score},
        "compliance": answer.compliant
        and {"given": answer.compliant.given, "stage": answer.compliant.stage, "score": answer.compliant.score},
        "model": answer.model,
        "timings": dict(answer.timings),
        "usage": dict(answer.usage),
    }


def sources_json(sources: Sources) -> Json:
    return {
        "question": sources.question,
        "rewritten": sources.rewritten,
        "suspicious": list(sources.suspicious),
        "passages": [passage_json(passage) for passage in sources.packed.passages],
        "hits": [hit_json(hit) for hit in sources.hits[:20]],
    }


def document_json(row: DocumentRow, labels: Iterable[str] = ()) -> Json:
    return {
        "labels": sorted(labels),
        "doc_id": row.doc_id,
        "title": row.title,
        "source": row.source,
        "media_type": row.media_type,
        "sha256": row.sha256,
        "pages": row.pages,
        "chars": row.chars,
        "warnings": list(row.warnings),
        "added_at": row.added_at,
    }


def unit_json(unit: UnitRow, keys: Iterable[tuple[str, str]] = ()) -> Json:
    """Show a unit with its keys, given as (kind, text)."""
    return {
        "unit_id": unit.unit_id,
        "parent": unit.parent,
        "level": unit.level,
        "kind": unit.kind,
        "start": unit.start,
        "end": unit.end,
        "page": unit.page,
        "heading_path": list(unit.heading_path),
        "text": unit.text,
        "keys": [{"kind": kind, "text": text} for kind, text in keys],
    }


def report_json(report: IngestReport) -> Json:
    return {
        **{outcome: report.count(outcome) for outcome in OUTCOMES},
        "files": [
            {
                "source": file.source,
                "outcome": file.outcome,
                "doc_id": file.doc_id,
                "title": file.title,
                "keys": file.keys,
                "embedded": file.embedded,
                "reason": file.reason,
                "warnings": list(file.warnings),
            }
            for file in report.files
        ],
    }
