"""A transformers model in this process, causal or encoder-decoder, as a LangChain chat model."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import ConfigDict

from ingest.errors import KeyRAGError
from ingest.settings import ChatSettings, GenerationSettings

_ROLES = {"human": "user", "ai": "assistant", "system": "system"}


class TransformersChat(BaseChatModel):
    """Generates with ``model.generate``; messages go through the tokenizer's chat template if it has one."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    network: Any
    tokenizer: Any
    generation: GenerationSettings

    @property
    def _llm_type(self) -> str:
        return "keyrag-transformers"

    @classmethod
    def load(cls, settings: ChatSettings) -> TransformersChat:
        """Load a model by name or folder.

        :raises KeyRAGError: if it can't be loaded, or quantisation is asked for without bitsandbytes.
        """
        from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

        options: dict[str, Any] = {"dtype": settings.dtype}
        if settings.quantization != "none":
            options["quantization_config"] = _quantization(settings.quantization)
        try:
            config = AutoConfig.from_pretrained(settings.model)
            family = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
            network = family.from_pretrained(settings.model, **options)
            tokenizer = AutoTokenizer.from_pretrained(settings.model)
        except (OSError, ValueError) as error:
            reason = str(error).strip().splitlines()[0]
            raise KeyRAGError(f"chat.model {settings.model!r} can't be loaded by transformers: {reason}") from error
        return cls(network=network.eval(), tokenizer=tokenizer, generation=settings.generation)

    def count_tokens(self, text: str) -> int:
        return len(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def _prompt(self, messages: list[BaseMessage]) -> str:
        if self.tokenizer.chat_template:
            turns = [{"role": _ROLES.get(m.type, "user"), "content": m.text} for m in messages]
            return self.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        return "\n".join(message.text for message in messages)

    def _inputs(self, messages: list[BaseMessage]) -> Any:
        special = not self.tokenizer.chat_template
        return self.tokenizer(self._prompt(messages), return_tensors="pt", add_special_tokens=special).to(
            self.network.device
        )

    def _options(self, stop: list[str] | None, repetition_penalty: float | None = None) -> dict[str, Any]:
        from transformers import set_seed

        g = self.generation
        options: dict[str, Any] = {
            "max_new_tokens": g.max_tokens,
            "do_sample": g.do_sample and g.temperature > 0,
            "num_beams": g.num_beams,
            "repetition_penalty": repetition_penalty or g.repetition_penalty,
        }
        if options["do_sample"]:
            options |= {"temperature": g.temperature, "top_p": g.top_p}
            if g.seed is not None:
                set_seed(g.seed)
        stops = [*g.stop, *(stop or [])]
        if stops:
            options |= {"stop_strings": stops, "tokenizer": self.tokenizer}
        return options

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        import torch

        inputs = self._inputs(messages)
        with torch.inference_mode():
            tokens = self.network.generate(**inputs, **self._options(stop, kwargs.get("repetition_penalty")))[0]
        prompt = inputs["input_ids"].shape[1]
        if not self.network.config.is_encoder_decoder:
            tokens = tokens[prompt:]
        text = self.tokenizer.decode(tokens, skip_special_tokens=True)
        for end in [*self.generation.stop, *(stop or [])]:
            text = text.split(end, 1)[0]
        usage = {"input_tokens": prompt, "output_tokens": len(tokens), "total_tokens": prompt + len(tokens)}
        message = AIMessage(content=text.strip(), usage_metadata=usage)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        from transformers import TextIteratorStreamer

        options = self._options(stop, kwargs.get("repetition_penalty"))
        if options["num_beams"] > 1:
            # Beams are only decided at the end.
            yield ChatGenerationChunk(
                message=AIMessageChunk(content=self._generate(messages, stop, **kwargs).generations[0].text)
            )
            return
        streamer = TextIteratorStreamer(
            self.tokenizer, skip_prompt=not self.network.config.is_encoder_decoder, skip_special_tokens=True
        )
        arguments = {**self._inputs(messages), **options, "streamer": streamer}
        thread = Thread(target=self.network.generate, kwargs=arguments, daemon=True)
        thread.start()
        for text in streamer:
            if text:
                yield ChatGenerationChunk(message=AIMessageChunk(content=text))
        thread.join()
        # An empty answer is an answer too: LangChain takes a stream without a chunk for an error.
        yield ChatGenerationChunk(message=AIMessageChunk(content=""))


def _quantization(kind: str) -> Any:
    import importlib.util

    if importlib.util.find_spec("bitsandbytes") is None:
        raise KeyRAGError(f"chat.quantization {kind} needs bitsandbytes: `pip install bitsandbytes`, or set it to none")
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(load_in_8bit=kind == "8bit", load_in_4bit=kind == "4bit")
