"""The OpenAI-compatible API: a knowledge base is a model; citations are an extra field."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any, Literal

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette.sse import EventSourceResponse

from ingest.errors import KeyRAGError
from rag.answer import Answer, Event, Token
from rag.api.metrics import count_answer
from rag.api.native import Service
from rag.history import Turn
from rag.wire import checks_json, citation_json

router = APIRouter(prefix="/v1")


class Part(BaseModel):
    model_config = ConfigDict(extra="allow")
    type: str
    text: str = ""


class Message(BaseModel):
    model_config = ConfigDict(extra="allow")
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class StreamOptions(BaseModel):
    include_usage: bool = False


class Completion(BaseModel):
    """What OpenAI clients send; fields that KeyRAG has no use for are taken and left alone."""

    model_config = ConfigDict(extra="allow")
    model: str
    messages: list[Message] = Field(min_length=1)
    stream: bool = False
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    stop: str | list[str] | None = None
    seed: int | None = None

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


@router.get("/models")
def models(service: Service) -> dict[str, Any]:
    data = [{"id": name, "object": "model", "created": 0, "owned_by": "keyrag"} for name in service.library.names()]
    return {"object": "list", "data": data}


@router.get("/models/{model}")
def model(model: str, service: Service) -> dict[str, Any]:
    service.kb(model)
    return {"id": model, "object": "model", "created": 0, "owned_by": "keyrag"}


@router.post("/chat/completions", response_model=None)
def chat_completions(body: Completion, service: Service) -> JSONResponse | EventSourceResponse:
    question, turns = _question_and_turns(body.messages)
    events = service.answer(body.model, question, turns, body.options)
    head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": body.model}
    if body.stream:
        usage = bool(body.stream_options and body.stream_options.include_usage)
        return EventSourceResponse(_chunks(events, head, usage), sep="\n")
    answer = next(event for event in events if isinstance(event, Answer))
    count_answer(answer)
    message = {"role": "assistant", "content": answer.text}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    content = {**head, "object": "chat.completion", "choices": [choice], "usage": _usage(answer), **_extras(answer)}
    return JSONResponse(content)


def _usage(answer: Answer) -> dict[str, int]:
    return {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0, **answer.usage}


def _extras(answer: Answer) -> dict[str, Any]:
    return {
        "citations": [citation_json(citation) for citation in answer.citations],
        "checks": checks_json(answer),
        "refused": answer.refused,
        "rewritten": answer.rewritten,
    }


def _chunks(events: Iterator[Event], head: dict[str, Any], usage: bool) -> Iterator[dict[str, str]]:
    """Give the answer as chunks; the last one with content carries the citations."""

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, str]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        content = {**head, "object": "chat.completion.chunk", "choices": [choice], **more}
        return {"data": json.dumps(content, ensure_ascii=False)}

    yield chunk({"role": "assistant", "content": ""})
    said = ""
    try:
        for event in events:
            if isinstance(event, Token):
                said += event.text
                yield chunk({"content": event.text})
            elif isinstance(event, Answer):
                count_answer(event)
                if not said:
                    yield chunk({"content": event.text})
                yield chunk({}, "stop", **_extras(event))
                if usage:
                    last = {**head, "object": "chat.completion.chunk", "choices": [], "usage": _usage(event)}
                    yield {"data": json.dumps(last, ensure_ascii=False)}
    except KeyRAGError as error:
        problem = {"message": str(error), "type": "server_error", "param": None, "code": None}
        yield {"data": json.dumps({"error": problem}, ensure_ascii=False)}
    yield {"data": "[DONE]"}
