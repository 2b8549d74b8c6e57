"""The OpenAI-compatible API: a knowledge base is a model; citations are an extra field, or footnotes on request."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any, Literal

import numpy as np
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette.sse import EventSourceResponse

from ingest.errors import KeyRAGError
from ingest.models.tokens import estimate_tokens
from rag.answer import Answer, Event, Token
from rag.api.access import Reader, Service, TheAnswers, allow
from rag.api.answers import resumed, unless_gone, whole
from rag.api.filter import Filter, scope_of
from rag.api.footnotes import footnotes, with_footnotes
from rag.api.metrics import count_answer
from rag.history import Turn
from rag.parse import TEXT, Output
from rag.reply import Reply
from rag.service import KeyRAG
from rag.wire import checks_json, citation_json, hit_json

router = APIRouter(prefix="/v1", tags=["OpenAI"])
# A model of this name writes the citations of the knowledge base's answers into the text.
_FOOTNOTES = ":footnotes"
_json = json.JSONEncoder(ensure_ascii=False).encode


class Part(BaseModel):
    model_config = ConfigDict(extra="allow")
    type: str
    text: str = ""


class Message(BaseModel):
    model_config = ConfigDict(extra="allow")
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class StreamOptions(BaseModel):
    include_usage: bool = False


class ResponseFormat(BaseModel):
    type: Literal["text", "json_object", "json_schema"] = "text"
    json_schema: dict[str, Any] = {}


class Completion(BaseModel):
    """What OpenAI clients send; fields that KeyRAG has no use for are taken and left alone."""

    model_config = ConfigDict(extra="allow")
    model: str = Field(description="A knowledge base; with `:footnotes` behind it, citations come in the text.")
    messages: list[Message] = Field(min_length=1)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    max_tokens: int | None = Field(None, ge=1, le=1_000_000)
    max_completion_tokens: int | None = Field(None, ge=1, le=1_000_000)
    stop: str | list[str] | None = None
    seed: int | None = None
    n: int | None = Field(None, ge=1, le=1, description="One answer is given.")
    response_format: ResponseFormat = ResponseFormat()
    citations: Literal["field", "footnotes"] | None = Field(
        None, description="`footnotes` writes the citations into the text as well."
    )

    filter: Filter | None = Field(None, description="What is searched for the answer; null searches all.")

    @property
    def kb(self) -> str:
        return self.model.removesuffix(_FOOTNOTES)

    @property
    def footnotes(self) -> bool:
        return self.citations == "footnotes" or self.model.endswith(_FOOTNOTES)

    @property
    def output(self) -> Output:
        if self.response_format.type == "text":
            return TEXT
        return Output("json", self.response_format.json_schema.get("schema") or {})

    @property
    def options(self) -> dict[str, Any]:
        """Generation settings for the chat model's ``stream``."""
        given = {
            "temperature": self.temperature,
            "top_p": self.top_p,
            "max_tokens": self.max_completion_tokens or self.max_tokens,
            "stop": [self.stop] if isinstance(self.stop, str) else self.stop,
            "seed": self.seed,
        }
        return {name: value for name, value in given.items() if value is not None}


class EmbeddingRequest(BaseModel):
    model_config = ConfigDict(extra="allow")
    model: str
    input: str | list[str] = Field(description="Texts; token numbers are not taken.")
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None
    input_type: Literal["query", "passage"] = Field("passage", description="Questions get the model's query prefix.")


def _question_and_turns(messages: list[Message]) -> tuple[str, list[Turn]]:
    """Take a conversation apart; system messages are left out: the prompt is the knowledge base's own."""
    spoken = [message for message in messages if message.role in ("user", "assistant")]
    if not spoken or spoken[-1].role != "user":
        raise HTTPException(400, "messages must end with one of the user")
    turns: list[Turn] = []
    question = ""
    for message in spoken[:-1]:
        if message.role == "user":
            question = message.text
        elif question:
            turns.append(Turn(question, message.text))
            question = ""
    return spoken[-1].text, turns


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "keyrag"}


@router.get("/models")
def models(service: Service, caller: Reader) -> dict[str, Any]:
    """List the knowledge bases that the caller may use."""
    return {"object": "list", "data": [_model(name) for name in filter(caller.uses, service.library.names())]}


@router.get("/models/{model}")
def model(model: str, service: Service, caller: Reader) -> dict[str, Any]:
    if model != service.settings.embedding.model:
        allow(caller, model.removesuffix(_FOOTNOTES))
        service.searched(model.removesuffix(_FOOTNOTES))
    return _model(model)


@router.post("/chat/completions", response_model=None)
async def chat_completions(
    body: Completion, request: Request, service: Service, answers: TheAnswers, caller: Reader
) -> Response:
    """Answer the last message from the knowledge base that ``model`` names."""
    allow(caller, body.kb)
    question, turns = _question_and_turns(body.messages)

    def reply() -> Reply:
        return service.reply(
            body.kb,
            question,
            turns,
            body.options,
            scope_of(caller, body.filter),
            output=body.output,
            caller=caller.name,
        )

    events = answers.run(reply)
    head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": body.model}
    if body.stream:
        first = await unless_gone(request, anext(events))
        return EventSourceResponse(_chunks(resumed(first, events), head, body, service, request), sep="\n")
    answer = await unless_gone(request, whole(events))
    if answer is None:
        return Response(status_code=499)
    count_answer(service, body.kb, answer, request.scope)
    message = {"role": "assistant", "content": with_footnotes(answer) if body.footnotes else answer.text}
    choice = {"index": 0, "message": message, "finish_reason": _finish(answer, body, service), "logprobs": None}
    content = {**head, "object": "chat.completion", "choices": [choice], "usage": _usage(answer), **_extras(answer)}
    return JSONResponse(content)


def _finish(answer: Answer, body: Completion, service: KeyRAG) -> str:
    most = body.options.get("max_tokens", service.settings.chat.generation.max_tokens)
    cut = not answer.refused and not answer.looped and answer.usage.get("completion_tokens", 0) >= most
    return "length" if cut else "stop"


def _usage(answer: Answer) -> dict[str, int]:
    return {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0, **answer.usage}


def _extras(answer: Answer) -> dict[str, Any]:
    return {
        "citations": [citation_json(citation) for citation in answer.citations],
        "checks": checks_json(answer),
        "refused": answer.refused,
        "nearest": [hit_json(hit) for hit in answer.nearest],
        "rewritten": answer.rewritten,
    }


async def _chunks(
    events: AsyncIterator[Event], head: dict[str, Any], body: Completion, service: KeyRAG, request: Request
) -> AsyncIterator[dict[str, str]]:
    """Give the answer as chunks; the last one with a choice carries the citations."""

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, str]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        content = {**head, "object": "chat.completion.chunk", "choices": [choice], **more}
        return {"data": _json(content)}

    yield chunk({"role": "assistant", "content": ""})
    said = False
    try:
        async for event in events:
            if isinstance(event, Token):
                said = True
                yield chunk({"content": event.text})
            elif isinstance(event, Answer):
                count_answer(service, body.kb, event, request.scope)
                rest = ("" if said else event.text) + (footnotes(event) if body.footnotes else "")
                if rest:
                    yield chunk({"content": rest})
                yield chunk({}, _finish(event, body, service), **_extras(event))
                if body.stream_options and body.stream_options.include_usage:
                    last = {**head, "object": "chat.completion.chunk", "choices": [], "usage": _usage(event)}
                    yield {"data": _json(last)}
    except KeyRAGError as error:
        problem = {"message": str(error), "type": "server_error", "param": None, "code": None}
        yield {"data": _json({"error": problem})}
    yield {"data": "[DONE]"}


@router.post("/embeddings")
def embeddings(body: EmbeddingRequest, service: Service, caller: Reader) -> dict[str, Any]:
    """Embed texts with the embedding model that the settings name; tokens in ``usage`` are an estimate."""
    texts = [body.input] if isinstance(body.input, str) else body.input
    if body.model != service.settings.embedding.model:
        raise HTTPException(404, f"there is no embedding model {body.model!r}: use {service.settings.embedding.model}")
    if not texts or not all(texts) or len(texts) > 2048:
        raise HTTPException(400, "input must be 1 to 2048 texts, none of them empty")
    if body.input_type == "query":
        vectors = [service.embeddings.embed_query(text) for text in texts]
    else:
        vectors = service.embeddings.embed_documents(texts)
    if body.dimensions not in (None, len(vectors[0])):
        raise HTTPException(400, f"dimensions: {body.model} has {len(vectors[0])}")
    tokens = sum(estimate_tokens(text) for text in texts)
    data = [
        {"object": "embedding", "index": index, "embedding": _encoded(vector, body.encoding_format)}
        for index, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "model": body.model, "data": data, "usage": usage}


def _encoded(vector: list[float], encoding: str) -> list[float] | str:
    if encoding == "float":
        return vector
    return base64.b64encode(np.array(vector, "<f4").tobytes()).decode()
