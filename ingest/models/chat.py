"""Chat models as LangChain ``BaseChatModel``: embedded, OpenAI-compatible, transformers or any provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from langchain_core.language_models import BaseChatModel

from ingest.errors import KeyRAGError, ModelError
from ingest.models import catalogue
from ingest.models.tokens import estimate_tokens
from ingest.settings import ChatSettings


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat model with what the pipeline needs to know of it.

    ``count_tokens`` is exact for embedded and transformers models, an estimate for the others.
    """

    name: str
    model: BaseChatModel
    count_tokens: Callable[[str], int]

    async def disconnect(self) -> None:
        """Close the connections to a chat server that the running event loop holds."""
        from ingest.models.openai_stream import PlainAsyncCompletions

        client = getattr(self.model, "async_client", None)
        if isinstance(client, PlainAsyncCompletions):
            await client.close()


def load_chat(settings: ChatSettings, models_folder: Path) -> Chat | None:
    """Load the chat model that the settings name; None for ``backend: none``.

    :raises KeyRAGError: if it can't be had or loaded.
    """
    if settings.backend == "none":
        return None
    if settings.backend == "embedded":
        return _embedded(settings, models_folder)
    if settings.backend == "openai":
        if not settings.base_url:
            raise KeyRAGError("chat.backend openai needs chat.base_url, e.g. http://127.0.0.1:11434/v1")
        return Chat(settings.model, _openai(settings, settings.base_url), estimate_tokens)
    if settings.backend == "transformers":
        from ingest.models.transformers_chat import TransformersChat

        model = TransformersChat.load(settings)
        return Chat(settings.model, model, model.count_tokens)
    return Chat(settings.model, _provider(settings), estimate_tokens)


def _embedded(settings: ChatSettings, models_folder: Path) -> Chat:
    from ingest.models import embedded

    entry = catalogue.find(settings.model)
    if entry is not None and entry.role != "chat":
        raise KeyRAGError(f"chat.model {settings.model!r} is an {entry.role} model: see `keyrag models list`")
    if entry is None and not Path(settings.model).expanduser().is_file():
        raise KeyRAGError(f"chat.model {settings.model!r} is neither in `keyrag models list` nor a GGUF file")
    file = catalogue.pull(settings.model, models_folder) if entry else Path(settings.model).expanduser()
    address = embedded.start(file, settings.context_tokens, settings.threads).address

    client = httpx.Client(base_url=address, timeout=30, trust_env=False)

    def count_tokens(text: str) -> int:
        reply = client.post("/tokenize", json={"content": text})
        return len(reply.json()["tokens"])

    return Chat(settings.model, _openai(settings, f"{address}/v1", llama_cpp=True), count_tokens)


def _openai(settings: ChatSettings, base_url: str, *, llama_cpp: bool = False) -> BaseChatModel:
    import httpx2
    import openai
    from langchain_openai import ChatOpenAI

    from ingest.models.openai_stream import PlainAsyncCompletions, PlainCompletions

    # Made once, here: reading the certificates takes 0.2 s, too long for an event loop.
    certificates = httpx2.create_ssl_context(trust_env=not llama_cpp)
    generation = settings.generation
    # llama.cpp and vLLM name the penalty differently; neither minds the other's.
    extra: dict[str, Any] = {}
    if llama_cpp or generation.repetition_penalty != 1:
        extra["repeat_penalty"] = generation.repetition_penalty
    if not llama_cpp and generation.repetition_penalty != 1:
        extra["repetition_penalty"] = generation.repetition_penalty
    if llama_cpp:
        extra["cache_prompt"] = True
        if not generation.do_sample:
            extra["top_k"] = 1
    model = ChatOpenAI(
        model=settings.model,
        base_url=base_url,
        api_key=settings.api_key.get_secret_value if settings.api_key else (lambda: "none"),
        temperature=generation.temperature if generation.do_sample else 0.0,
        top_p=generation.top_p,
        max_completion_tokens=generation.max_tokens,
        seed=generation.seed,
        stop_sequences=list(generation.stop) or None,
        timeout=settings.timeout_seconds,
        max_retries=1,
        stream_usage=True,
        extra_body=extra or None,
        http_client=httpx.Client(trust_env=False) if llama_cpp else None,
        # The client's own time limit suffices; LangChain's would start a task for every token.
        stream_chunk_timeout=None,
    )
    model.client = PlainCompletions(model.client)
    model.async_client = PlainAsyncCompletions(
        model.root_async_client,
        lambda: openai.DefaultAioHttpClient(verify=certificates, trust_env=not llama_cpp),
    )
    return model


def _provider(settings: ChatSettings) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    try:
        return init_chat_model(
            settings.model,
            temperature=settings.generation.temperature,
            max_tokens=settings.generation.max_tokens,
            timeout=settings.timeout_seconds,
        )
    except (ImportError, ValueError) as error:
        raise KeyRAGError(f"chat.model {settings.model!r} can't be loaded: {str(error).splitlines()[0]}") from error


@contextmanager
def chat_errors(settings: ChatSettings) -> Iterator[None]:
    """Turn what a chat server does wrong into one line that names the server and the way out."""
    import openai

    where = f"chat model {settings.model!r}" + (f" at {settings.base_url}" if settings.base_url else "")
    try:
        yield
    except openai.APITimeoutError as error:
        raise ModelError(
            f"{where} gave no answer within {settings.timeout_seconds:g} s: raise chat.timeout_seconds"
        ) from error
    except openai.APIConnectionError as error:
        raise ModelError(f"{where} can't be reached: start the server or change chat.base_url") from error
    except openai.APIStatusError as error:
        raise ModelError(f"{where} refused the request ({error.status_code}): {error.message}") from error
    except openai.APIError as error:
        raise ModelError(f"{where} failed: {error.message}") from error
