from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from langchain_core.messages import HumanMessage

from ingest.config import load_settings
from ingest.errors import KeyRAGError
from ingest.models.chat import chat_errors, load_chat
from ingest.models.tokens import estimate_tokens
from ingest.settings import ChatSettings
from tests.chat_server import ChatServer


def _settings(**changes: Any) -> ChatSettings:
    return load_settings(None, {"chat": changes}).chat


def test_an_openai_compatible_server_is_reached_with_its_settings(chat_server: ChatServer, tmp_path: Path) -> None:
    generation = {
        "do_sample": True,
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 17,
        "repetition_penalty": 1.1,
        "stop": ["完"],
        "seed": 7,
    }
    chat = load_chat(
        _settings(backend="openai", model="m", base_url=chat_server.base_url, generation=generation), tmp_path
    )
    assert chat and chat.model.invoke([HumanMessage("你好")]).text == "十天。"
    sent = chat_server.requests[0]
    assert (sent["model"], sent["temperature"], sent["top_p"], sent["seed"], sent["stop"]) == ("m", 0.5, 0.9, 7, ["完"])
    assert 17 in (sent.get("max_tokens"), sent.get("max_completion_tokens"))
    assert sent["repetition_penalty"] == 1.1


def test_without_sampling_the_temperature_is_0(chat_server: ChatServer, tmp_path: Path) -> None:
    generation = {"temperature": 0.9, "do_sample": False}
    chat = load_chat(
        _settings(backend="openai", model="m", base_url=chat_server.base_url, generation=generation), tmp_path
    )
    assert chat
    chat.model.invoke([HumanMessage("x")])
    assert chat_server.requests[0]["temperature"] == 0


def test_no_model_is_none(tmp_path: Path) -> None:
    assert load_chat(_settings(backend="none"), tmp_path) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"backend": "openai"}, "chat.base_url"),
        ({"backend": "embedded", "model": "multilingual-e5-small"}, "is an embedding model"),
        ({"backend": "embedded", "model": "/no/such.gguf"}, "nor a GGUF file"),
        ({"backend": "transformers", "model": "/no/such/folder"}, "can't be loaded by transformers"),
        ({"backend": "langchain", "model": "nobody:model"}, "nobody:model"),
    ],
)
def test_a_model_that_cant_be_had_is_named(changes: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(KeyRAGError, match=words) as caught:
        load_chat(_settings(**changes), tmp_path)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_gguf_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"GGUF but no more")
    with pytest.raises(KeyRAGError, match=r"bad\.gguf can't be loaded"):
        load_chat(_settings(backend="embedded", model=str(tmp_path / "bad.gguf")), tmp_path)


def test_what_a_server_does_wrong_is_one_line(chat_server: ChatServer, tmp_path: Path) -> None:
    settings = _settings(backend="openai", model="m", base_url=chat_server.base_url)
    chat = load_chat(settings, tmp_path)
    assert chat
    chat_server.status = 400
    with pytest.raises(KeyRAGError, match=r"refused the request \(400\)"), chat_errors(settings):
        chat.model.invoke([HumanMessage("x")])


def test_tokens_are_estimated_by_script() -> None:
    assert estimate_tokens("") <= 1
    assert 60 <= estimate_tokens("年" * 100) <= 80
    assert 20 <= estimate_tokens("a" * 100) <= 30


def _tiny_model(folder: Path, encoder_decoder: bool) -> None:
    """Make a transformers model of two tiny layers with a tokenizer of characters."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import (
        LlamaConfig,
        LlamaForCausalLM,
        PreTrainedTokenizerFast,
        T5Config,
        T5ForConditionalGeneration,
    )

    torch.manual_seed(5)
    words = ["<pad>", "</s>", "<unk>", *"abcdefghijklmnopqrstuvwxyz .?"]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")
    fast.save_pretrained(folder)
    size = {"vocab_size": len(words), "pad_token_id": 0, "eos_token_id": 1}
    if encoder_decoder:
        config = T5Config(d_model=16, d_kv=8, d_ff=16, num_layers=2, num_heads=2, decoder_start_token_id=0, **size)
        T5ForConditionalGeneration(config).save_pretrained(folder)
    else:
        shape = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
        LlamaForCausalLM(LlamaConfig(**shape, bos_token_id=None, **size)).save_pretrained(folder)


@pytest.mark.parametrize("encoder_decoder", [False, True])
@pytest.mark.parametrize("beams", [1, 2])
def test_transformers_models_run_in_this_process(encoder_decoder: bool, beams: int, tmp_path: Path) -> None:
    _tiny_model(tmp_path / "tiny", encoder_decoder)
    generation = {"max_tokens": 5, "num_beams": beams, "repetition_penalty": 1.2}
    chat = load_chat(_settings(backend="transformers", model=str(tmp_path / "tiny"), generation=generation), tmp_path)
    assert chat and chat.count_tokens("abc") == 3
    whole = chat.model.invoke([HumanMessage("what is it?")])
    streamed = "".join(chunk.text for chunk in chat.model.stream([HumanMessage("what is it?")]))
    assert whole.text == streamed.strip()
    assert whole.text and whole.usage_metadata and 0 < whole.usage_metadata["output_tokens"] <= 6
