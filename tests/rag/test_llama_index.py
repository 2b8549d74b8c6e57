"""KeyRAG in a LlamaIndex query engine, with a language model over real HTTP."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("llama_index.core")

from llama_index.core.llms import CompletionResponse, CompletionResponseGen, CustomLLM, LLMMetadata
from llama_index.core.llms.callbacks import llm_completion_callback
from llama_index.core.query_engine import RetrieverQueryEngine

from ingest.pipeline import SourceFile
from rag.llama_index import KeyRAGRetriever
from rag.service import KeyRAG
from tests.chat_server import ChatServer

QUESTION = "出差到上海的住宿标准是多少？"


class ServedLLM(CustomLLM):
    """The chat server as LlamaIndex sees a language model."""

    base_url: str

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(context_window=4096, num_output=256, model_name="stub")

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        body = {"model": "stub", "messages": [{"role": "user", "content": prompt}]}
        reply = httpx.post(f"{self.base_url}/chat/completions", json=body, timeout=10).json()
        return CompletionResponse(text=reply["choices"][0]["message"]["content"])

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:
        yield self.complete(prompt, formatted)


@pytest.fixture
def hr(chatting: KeyRAG, handbook: Path) -> KeyRAG:
    """A service with the knowledge base ``hr``."""
    chatting.ingest("hr", [SourceFile(handbook)])
    return chatting


def test_nodes_carry_score_and_where_they_stand(hr: KeyRAG) -> None:
    nodes = KeyRAGRetriever(hr, "hr", k=3).retrieve(QUESTION)
    best = max(nodes, key=lambda node: node.get_score())
    assert "每晚650元" in best.node.get_content()
    assert best.node.metadata["document"] == "员工手册" and best.node.metadata["headings"] == "员工手册 > 差旅"
    assert best.get_score() == hr.search("hr", QUESTION, 1).hits[0].score
    text = hr.kb("hr").store.read(best.node.metadata["doc_id"]).text
    assert "".join(text[start:end] for start, end in best.node.metadata["spans"]) == best.node.get_content()
    again = KeyRAGRetriever(hr, "hr", k=3).retrieve(QUESTION)
    assert [node.node_id for node in again] == [node.node_id for node in nodes]


def test_the_retriever_is_awaited(hr: KeyRAG) -> None:
    async def asked() -> int:
        found = await asyncio.gather(*(KeyRAGRetriever(hr, "hr").aretrieve(QUESTION) for _ in range(3)))
        return sum("每晚650元" in str([node.node.get_content() for node in nodes]) for nodes in found)

    assert asyncio.run(asked()) == 3


def test_a_query_engine_answers_from_the_passages(hr: KeyRAG, chat_server: ChatServer) -> None:
    chat_server.reply = lambda prompt: "每晚650元。" if "住宿标准为每晚650元" in prompt else "没有找到。"
    engine = RetrieverQueryEngine.from_args(
        KeyRAGRetriever(hr, "hr", budget=200), llm=ServedLLM(base_url=chat_server.base_url)
    )
    response = engine.query(QUESTION)
    assert str(response) == "每晚650元。"
    assert any(node.metadata["document"] == "员工手册" for node in response.source_nodes)
    prompt = chat_server.requests[-1]["messages"][-1]["content"]
    assert "headings: 员工手册 > 差旅" in prompt and "spans" not in prompt and "doc_id" not in prompt
