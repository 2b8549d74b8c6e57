"""KeyRAG in small LangChain chains, with a language model over real HTTP."""

from __future__ import annotations

import asyncio
import operator
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnableLambda, RunnablePassthrough
from langchain_openai import ChatOpenAI

from ingest.pipeline import SourceFile
from rag.langchain import KeyRAGRetriever, KeyRAGRunnable
from rag.service import KeyRAG
from tests.chat_server import ChatServer

QUESTION = "出差到上海的住宿标准是多少？"


@pytest.fixture
def hr(chatting: KeyRAG, handbook: Path) -> Iterator[KeyRAG]:
    """A service with the knowledge base ``hr``."""
    chatting.ingest("hr", [SourceFile(handbook)])
    yield chatting


def test_the_retriever_gives_passages_with_where_they_stand_and_a_score(hr: KeyRAG) -> None:
    documents = KeyRAGRetriever(service=hr, kb="hr", k=3).invoke(QUESTION)
    best = max(documents, key=lambda document: document.metadata["score"])
    assert "每晚650元" in best.page_content
    assert best.metadata["document"] == "员工手册" and best.metadata["heading_path"] == ["员工手册", "差旅"]
    text = hr.kb("hr").store.read(best.metadata["doc_id"]).text
    assert "".join(text[start:end] for start, end in best.metadata["spans"]) == best.page_content
    assert hr.search("hr", QUESTION, 1).hits[0].score == best.metadata["score"]


def test_a_budget_bounds_all_passages_together_and_each_has_its_score(hr: KeyRAG) -> None:
    documents = KeyRAGRetriever(service=hr, kb="hr", k=1, budget=60).invoke(QUESTION)
    assert len(documents) > 1 and sum(len(document.page_content) for document in documents) <= 60
    assert len({document.metadata["score"] for document in documents}) > 1


def test_the_retriever_is_awaited_many_times_at_once(hr: KeyRAG) -> None:
    async def asked() -> list[list[Document]]:
        retriever = KeyRAGRetriever(service=hr, kb="hr", k=2)
        return await asyncio.gather(*(retriever.ainvoke(QUESTION) for _ in range(5)))

    found = asyncio.run(asked())
    assert len(found) == 5 and all(documents == found[0] for documents in found)


def test_the_retriever_feeds_a_chain_with_a_chat_model(hr: KeyRAG, chat_server: ChatServer) -> None:
    chat_server.reply = lambda prompt: "每晚650元。" if "住宿标准为每晚650元" in prompt else "没有找到。"
    chat = ChatOpenAI(base_url=chat_server.base_url, api_key=lambda: "none", model="stub")
    together = RunnableLambda(lambda documents: "\n".join(document.page_content for document in documents))
    chain: Runnable[str, str] = (
        {"context": KeyRAGRetriever(service=hr, kb="hr") | together, "question": RunnablePassthrough()}
        | ChatPromptTemplate.from_template("{context}\n\n{question}")
        | chat
        | StrOutputParser()
    )
    assert chain.invoke(QUESTION) == "每晚650元。"
    assert "".join(chain.stream(QUESTION)) == "每晚650元。"


def test_the_runnable_answers_with_citations_inside_a_chain(hr: KeyRAG, chat_server: ChatServer) -> None:
    chat_server.reply = "每晚650元。"
    asked = RunnableLambda(lambda city: f"出差到{city}的住宿标准是多少？")
    chain: Runnable[str, str] = asked | KeyRAGRunnable(hr, "hr") | operator.itemgetter("answer")
    assert chain.invoke("上海") == "每晚650元。"
    assert list(chain.stream("上海"))[-1] == "每晚650元。"
    assert chain.batch(["上海", "上海"]) == ["每晚650元。"] * 2
    answer = KeyRAGRunnable(hr, "hr").invoke(QUESTION)
    assert answer["citations"][0]["quote"] == "出差到上海的住宿标准为每晚650元。"


def test_the_runnable_streams_tokens_then_the_whole_answer(hr: KeyRAG, chat_server: ChatServer) -> None:
    chat_server.reply = "每晚650元，超出的部分须由部门经理批准后方可报销。"
    *pieces, whole = KeyRAGRunnable(hr, "hr").stream(QUESTION)
    assert len(pieces) > 3 and "".join(piece["token"] for piece in pieces) == whole["answer"]
    assert whole["answer"] == chat_server.reply and whole["citations"]

    async def streamed() -> list[dict[str, object]]:
        return [piece async for piece in KeyRAGRunnable(hr, "hr").astream(QUESTION)]

    assert "".join(str(piece["token"]) for piece in asyncio.run(streamed())[:-1]) == whole["answer"]


def test_a_stream_that_is_left_stops_the_model(hr: KeyRAG, chat_server: ChatServer) -> None:
    chat_server.reply = "".join(f"{number}，" for number in range(100_000))
    stream = KeyRAGRunnable(hr, "hr").stream(QUESTION)
    next(stream)
    stream.close()
    time.sleep(0.5)
    sent = chat_server.sent
    time.sleep(0.5)
    assert chat_server.sent == sent < 100_000
