"""KeyRAG as an MCP server: search, ask and list as tools for language models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field

from ingest.errors import KeyRAGError
from ingest.types import Hit
from rag import __version__
from rag.api.access import OWNER, Caller
from rag.api.filter import scope_of
from rag.service import KeyRAG

_ABOUT = (
    "Answers from documents. search gives the sentences that match a question and the text around them; ask gives a "
    "short answer whose statements are tied to sentences with document and page, or says that the documents do not "
    "hold it. Cite document and page when you use what these tools give."
)
_READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)

Kb = Annotated[
    str | None,
    Field(
        description="Name of the knowledge base; several, joined by +, are searched as one. "
        "May be left out where there is exactly one."
    ),
]


class FoundSentence(BaseModel):
    """A sentence that answers a query, best first; a `score` is the probability that it holds what was asked."""

    kb: str
    document: str
    doc_id: str
    heading_path: list[str]
    page: int | None
    text: str
    score: float


class SearchResult(BaseModel):
    """``context`` is the raw text of the hits and their neighbours, packed into the budget."""

    kb: str
    context: str
    hits: list[FoundSentence]


class CitedSentence(BaseModel):
    """A sentence that a statement of the answer rests on, word for word."""

    kb: str
    document: str
    doc_id: str
    page: int | None
    quote: str


class AskResult(BaseModel):
    """``refused`` tells that the documents do not hold the answer; the lists of doubts should be empty."""

    kb: str
    answer: str
    refused: bool
    citations: list[CitedSentence]
    nearest: list[FoundSentence] = Field(
        description="Of a refusal: places that come closest, which may hold the answer in other words, or not at all."
    )
    unsupported: list[str] = Field(description="Statements of the answer that the documents hardly support.")
    not_in_citations: list[str] = Field(
        description="Numbers, dates, names and quotes of the answer that the cited sentences do not hold."
    )
    dropped_negations: list[str] = Field(description="Words of cited sentences that deny what the answer says.")


class KnowledgeBaseInfo(BaseModel):
    name: str
    documents: int
    sentences: int


class DocumentInfo(BaseModel):
    doc_id: str
    title: str
    media_type: str
    pages: int | None
    characters: int
    added_at: str


class DocumentList(BaseModel):
    total: int
    documents: list[DocumentInfo]


def mcp_server(service: KeyRAG) -> MCPServer:
    """Build the server around a service.

    Over HTTP a tool does what the caller of the request may do, else everything.
    """
    server: MCPServer = MCPServer(
        "keyrag", title="KeyRAG", instructions=_ABOUT, version=__version__, log_level="WARNING", subscriptions=False
    )

    @server.tool(annotations=_READS)
    def search(
        context: Context,
        query: Annotated[str, Field(description="A question or key words, in Chinese or English.")],
        kb: Kb = None,
        k: Annotated[int, Field(ge=1, le=100, description="Sentences to find.")] = 10,
        budget: Annotated[
            int | None, Field(ge=1, description="Most characters of context; null takes that of the hits.")
        ] = None,
    ) -> SearchResult:
        """Find the sentences of a knowledge base that answer a query, without asking its language model."""
        caller = _caller(context)
        with _told():
            name = _chosen(service, kb, caller)
            found = service.search(name, query, k, budget, scope=scope_of(caller))
        return SearchResult(kb=name, context=found.packed.text, hits=[_sentence(hit) for hit in found.hits])

    @server.tool(annotations=_READS)
    def ask(
        context: Context,
        question: Annotated[str, Field(description="A question that stands alone, in Chinese or English.")],
        kb: Kb = None,
    ) -> AskResult:
        """Answer a question from a knowledge base, each statement with the sentence that it rests on."""
        caller = _caller(context)
        with _told():
            name = _chosen(service, kb, caller)
            answer = service.ask(name, question, scope=scope_of(caller), caller=caller.name)
        grounding = answer.grounding
        return AskResult(
            kb=name,
            answer=answer.text,
            refused=answer.refused,
            citations=[
                CitedSentence(kb=one.kb, document=one.document, doc_id=one.doc_id, page=one.page, quote=one.quote)
                for one in answer.citations
            ],
            nearest=[_sentence(hit) for hit in answer.nearest],
            unsupported=list(grounding.unsupported) if grounding else [],
            not_in_citations=[*dict.fromkeys(fault.text for fault in grounding.faults)] if grounding else [],
            dropped_negations=list(grounding.dropped_negations) if grounding else [],
        )

    @server.tool(annotations=_READS)
    def list_knowledge_bases(context: Context) -> list[KnowledgeBaseInfo]:
        """List the knowledge bases with the number of their documents and sentences."""
        listed = []
        with _told():
            for name in _names(service, _caller(context)):
                counts = service.kb(name).store.counts()
                listed.append(
                    KnowledgeBaseInfo(name=name, documents=counts["documents"], sentences=counts["sentences"])
                )
        return listed

    @server.tool(annotations=_READS)
    def list_documents(
        context: Context,
        kb: Kb = None,
        offset: Annotated[int, Field(ge=0, description="Documents to pass over.")] = 0,
        limit: Annotated[int, Field(ge=1, le=1000, description="Most documents to list.")] = 100,
    ) -> DocumentList:
        """List the documents of a knowledge base, the first added first."""
        caller = _caller(context)
        with _told():
            store = service.kb(_chosen(service, kb, caller)).store
        total, rows = store.find_documents(labels=caller.labels, offset=offset, limit=limit)
        documents = [
            DocumentInfo(
                doc_id=row.doc_id,
                title=row.title,
                media_type=row.media_type,
                pages=row.pages,
                characters=row.chars,
                added_at=row.added_at,
            )
            for row in rows
        ]
        return DocumentList(total=total, documents=documents)

    return server


def _sentence(hit: Hit) -> FoundSentence:
    return FoundSentence(
        kb=hit.kb,
        document=hit.document,
        doc_id=hit.doc_id,
        heading_path=list(hit.heading_path),
        page=hit.page,
        text=hit.text,
        score=hit.score,
    )


def _caller(context: Context) -> Caller:
    """Give who calls: the holder of the key over HTTP, whoever started the process over stdio."""
    request = context.request_context.request
    return OWNER if request is None else request.scope["keyrag.caller"]


def _names(service: KeyRAG, caller: Caller) -> list[str]:
    return [name for name in service.library.names() if caller.uses(name)]


def _chosen(service: KeyRAG, kb: str | None, caller: Caller) -> str:
    names = _names(service, caller)
    if kb is None and len(names) != 1:
        raise ToolError(f"name a knowledge base with kb: there are {', '.join(names) or 'none yet'}")
    if kb is not None and not caller.uses(kb):
        raise ToolError(f"the key {caller.name!r} is not for knowledge base {kb!r}")
    return kb or names[0]


@contextmanager
def _told() -> Iterator[None]:
    """Tell the client what is wrong, in the words that people are told."""
    try:
        yield
    except KeyRAGError as error:
        raise ToolError(str(error)) from error
