from __future__ import annotations

from pathlib import Path

import pytest

from ingest.config import load_settings
from ingest.errors import KeyRAGError, NotFoundError
from ingest.pipeline import SourceFile
from rag.answer import Answer, Sources, Token
from rag.checks.refusal import REFUSALS
from rag.history import Turn
from rag.service import KeyRAG
from tests.chat_server import ChatServer
from tests.conftest import MakeSettings


def test_without_a_model_the_best_sentence_is_quoted(service: KeyRAG, handbook: Path) -> None:
    service.ingest("hr", [SourceFile(handbook)])
    answer = service.ask("hr", "工作满十年的员工有几天年假？")
    assert (answer.mode, answer.model, answer.refused) == ("quoted", None, False)
    assert "十五天年假" in answer.text
    cited = answer.citations[0]
    text = service.kb("hr").store.read(cited.doc_id).text
    assert text[cited.start : cited.end] == cited.quote
    assert answer.text[cited.answer_start : cited.answer_end] == cited.quote


def test_an_answer_comes_as_sources_then_tokens_then_the_whole(
    chatting: KeyRAG, chat_server: ChatServer, handbook: Path
) -> None:
    chatting.ingest("hr", [SourceFile(handbook)])
    chat_server.reply = "工作满十年的员工每年有十五天年假。"
    first, *tokens, last = chatting.answer("hr", "工作满十年的员工有几天年假？")
    assert isinstance(first, Sources) and isinstance(last, Answer)
    assert "".join(t.text for t in tokens if isinstance(t, Token)) == chat_server.reply == last.text
    assert [c.quote for c in last.citations] == ["工作满十年的员工每年有十五天年假。"]
    assert last.grounding and last.grounding.grounded and last.grounding.support == 1
    assert last.usage["prompt_tokens"] == 7
    assert {"retrieve_ms", "first_token_ms", "generate_ms", "total_ms"} <= set(last.timings)
    (request,) = chat_server.requests
    assert request["messages"] == [
        {"role": "system", "content": first.system},
        {"role": "user", "content": first.prompt},
    ]
    assert first.system.startswith("直接回答")
    assert (request["temperature"], request["seed"]) == (0.0, 42)


def test_an_invented_number_is_named(chatting: KeyRAG, chat_server: ChatServer, handbook: Path) -> None:
    chatting.ingest("hr", [SourceFile(handbook)])
    chat_server.reply = "工作满十年的员工每年有27天年假。"
    answer = chatting.ask("hr", "工作满十年的员工有几天年假？")
    assert answer.grounding and answer.grounding.unknown_numbers == ("27",) and not answer.grounding.grounded


def test_a_question_the_documents_say_nothing_about_never_reaches_the_model(
    chatting: KeyRAG, chat_server: ChatServer, handbook: Path
) -> None:
    chatting.ingest("hr", [SourceFile(handbook)])
    answer = chatting.ask("hr", "唐朝的开国皇帝叫什么名字？")
    assert (answer.text, answer.refused, answer.citations) == (REFUSALS["zh"], True, ())
    assert not chat_server.requests


def test_a_refusal_of_the_model_becomes_the_exact_sentence(
    chatting: KeyRAG, chat_server: ChatServer, handbook: Path
) -> None:
    chatting.ingest("hr", [SourceFile(handbook)])
    chat_server.reply = "抱歉，根据已知信息无法回答该问题。不过一般公司是十天。"
    answer = chatting.ask("hr", "工作满十年的员工有几天年假？")
    assert (answer.text, answer.refused, answer.citations) == (REFUSALS["zh"], True, ())


def test_a_refusal_names_the_sections_that_come_closest(
    chatting: KeyRAG, chat_server: ChatServer, handbook: Path
) -> None:
    chatting.ingest("hr", [SourceFile(handbook)])
    question = "工作满十年的员工有几天年假？"
    chat_server.reply = REFUSALS["zh"]
    nearest = chatting.ask("hr", question).nearest
    assert nearest[0].text == "工作满十年的员工每年有十五天年假。"
    assert len({hit.heading_path for hit in nearest}) == len(nearest) == 3
    chat_server.reply = "十五天。"
    assert chatting.ask("hr", question).nearest == ()


def test_what_two_documents_say_in_the_same_words_is_cited_from_both(
    chatting: KeyRAG, chat_server: ChatServer, tmp_path: Path
) -> None:
    sentence = "出差到上海的员工住宿标准为每人每晚六百五十元。"
    files = [tmp_path / "old.md", tmp_path / "new.md"]
    for file in files:
        file.write_text(f"# {file.stem}\n\n{sentence}另见{file.stem}附录。\n", encoding="utf-8")
    chatting.ingest("hr", [SourceFile(file) for file in files])
    chat_server.reply = sentence
    answer = chatting.ask("hr", "出差到上海的住宿标准是每晚多少元？")
    assert {citation.document for citation in answer.citations} == {"old", "new"}
    assert answer.grounding is not None and answer.grounding.grounded


def test_a_loop_is_cut_and_the_model_stopped(chatting: KeyRAG, chat_server: ChatServer, handbook: Path) -> None:
    chatting.ingest("hr", [SourceFile(handbook)])
    chat_server.reply = "工作满十年有十五天年假。" * 2000
    answer = chatting.ask("hr", "工作满十年的员工有几天年假？")
    assert (answer.text, answer.looped) == ("工作满十年有十五天年假。", True)
    assert chat_server.sent < 20_000


def test_a_follow_up_is_rewritten_and_the_rewriting_shown(
    chatting: KeyRAG, chat_server: ChatServer, handbook: Path
) -> None:
    chatting.ingest("hr", [SourceFile(handbook)])
    rewritten = "出差到上海的住宿标准是多少？"
    chat_server.reply = lambda prompt: rewritten if "改写" in prompt else "每晚650元。"
    answer = chatting.ask("hr", "那住宿呢？", [Turn("出差到上海的机票怎么订？", "提前七天预订。")])
    assert (answer.rewritten, answer.text) == (rewritten, "每晚650元。")
    assert f"那住宿呢？即：{rewritten}" in chat_server.requests[-1]["messages"][-1]["content"]


def test_a_short_question_is_rewritten_only_where_it_finds_nothing_alone(
    chatting: KeyRAG, chat_server: ChatServer, handbook: Path
) -> None:
    chatting.ingest("hr", [SourceFile(handbook)])
    before = [Turn("出差到上海的机票怎么订？", "提前七天预订。")]
    chat_server.reply = lambda prompt: "出差到上海要提前几天申请？" if "改写" in prompt else "在三楼走廊。"
    assert chatting.ask("hr", "打印机在三楼走廊？", before).rewritten is None
    assert chatting.ask("hr", "要提前几天？", before).rewritten == "出差到上海要提前几天申请？"


def test_a_model_that_refuses_strong_evidence_is_asked_once_more(
    chatting: KeyRAG, chat_server: ChatServer, handbook: Path
) -> None:
    chatting.ingest("hr", [SourceFile(handbook)])
    question = "出差到上海的住宿标准为每晚多少元？"
    refusal = "根据已知信息无法回答该问题。"
    chat_server.reply = lambda prompt: "每晚650元。" if "答案就在" in prompt else refusal
    *events, last = chatting.answer("hr", question)
    assert isinstance(last, Answer) and (last.text, last.refused) == ("每晚650元。", False)
    assert "".join(e.text for e in events if isinstance(e, Token)) == "每晚650元。"
    # An answer that stands nowhere in the text does not count.
    chat_server.reply = lambda prompt: "每晚880元。" if "答案就在" in prompt else refusal
    assert chatting.ask("hr", question).refused


def test_a_server_that_fails_or_is_not_there_is_named(
    chatting: KeyRAG, chat_server: ChatServer, handbook: Path, make_settings: MakeSettings
) -> None:
    chatting.ingest("hr", [SourceFile(handbook)])
    chat_server.status = 500
    with pytest.raises(KeyRAGError, match="on fire"):
        chatting.ask("hr", "工作满十年的员工有几天年假？")
    chat = {"backend": "openai", "model": "stub", "base_url": "http://127.0.0.1:9/v1"}
    gone = KeyRAG(make_settings(chat=chat))
    with pytest.raises(KeyRAGError, match=r"127\.0\.0\.1:9/v1 can't be reached"):
        gone.ask("hr", "工作满十年的员工有几天年假？")
    gone.close()


@pytest.mark.parametrize("question", ["", "   ", "问" * 4001])
def test_a_question_that_is_none_is_refused_before_anything_else(service: KeyRAG, question: str) -> None:
    service.kb("hr", create=True)
    with pytest.raises(KeyRAGError, match="question"):
        service.ask("hr", question)


def test_an_empty_knowledge_base_refuses(service: KeyRAG) -> None:
    service.kb("empty", create=True)
    assert service.ask("empty", "年假几天？").refused
    assert service.search("empty", "年假", 5).hits == ()


def test_a_name_that_is_no_knowledge_base_names_those_there_are(service: KeyRAG) -> None:
    service.kb("hr", create=True)
    with pytest.raises(NotFoundError, match="use one of hr"):
        service.search("nothing", "x", 1)
    with pytest.raises(KeyRAGError, match="can't name"):
        service.kb("../etc", create=True)


def test_another_embedding_model_is_refused_until_the_rebuild(
    service: KeyRAG, make_settings: MakeSettings, handbook: Path
) -> None:
    service.ingest("hr", [SourceFile(handbook)])
    before = service.search("hr", "上海的住宿标准", 3)
    changed = KeyRAG(make_settings(embedding={"max_tokens": 128}))
    with pytest.raises(KeyRAGError, match=r"max_tokens 512 is now 128.*keyrag kb rebuild hr"):
        changed.kb("hr")
    handbook.unlink()  # a rebuild needs no file
    report = changed.rebuild_kb("hr")
    assert report.count("added") == 1
    assert changed.search("hr", "上海的住宿标准", 1).hits[0].text == before.hits[0].text
    assert changed.kb("hr").faults() == []
    with pytest.raises(KeyRAGError, match="max_tokens 128 is now 512"):
        service.search("hr", "上海的住宿标准", 1)
    changed.close()


def test_a_rebuild_waits_for_whoever_writes(service: KeyRAG, handbook: Path) -> None:
    service.ingest("hr", [SourceFile(handbook)])
    with service.kb("hr").writing(), pytest.raises(KeyRAGError, match="being written"):
        service.rebuild_kb("hr")
    assert service.rebuild_kb("hr").count("failed") == 0


def test_an_exported_knowledge_base_answers_elsewhere(service: KeyRAG, handbook: Path, tmp_path: Path) -> None:
    service.ingest("hr", [SourceFile(handbook)])
    service.library.export_to("hr", tmp_path / "hr.keyrag")
    service.library.import_from(tmp_path / "hr.keyrag", "copy")
    assert service.search("copy", "上海的住宿标准", 1).hits[0].text == "出差到上海的住宿标准为每晚650元。"
    with pytest.raises(KeyRAGError, match="already"):
        service.library.import_from(tmp_path / "hr.keyrag", "copy")
    (tmp_path / "bad.keyrag").write_bytes(b"SQLite format 3\0 but not really")
    with pytest.raises(KeyRAGError):
        service.library.import_from(tmp_path / "bad.keyrag", "bad")
    assert service.library.names() == ["copy", "hr"]


def test_a_deleted_knowledge_base_is_gone_at_once(service: KeyRAG, handbook: Path) -> None:
    service.ingest("hr", [SourceFile(handbook)])
    service.delete_kb("hr")
    assert service.library.names() == []
    assert [p.name for p in service.library.folder.iterdir()] == []
    service.ingest("hr", [SourceFile(handbook)])
    assert service.search("hr", "年假", 1).hits


def test_a_small_real_model_answers_from_the_text(make_settings: MakeSettings, e5: Path, handbook: Path) -> None:
    models = load_settings().models_folder
    if not (models / "qwen2.5-coder-0.5b-instruct").exists():
        pytest.skip("the small chat model is not here: `keyrag models pull qwen2.5-coder-0.5b-instruct`")
    chat = {"backend": "embedded", "model": "qwen2.5-coder-0.5b-instruct", "generation": {"max_tokens": 40}}
    made = KeyRAG(make_settings(chat=chat))
    made.ingest("hr", [SourceFile(handbook)])
    answer = made.ask("hr", "出差到上海的住宿标准是每晚多少元？")
    assert "650" in answer.text and not answer.refused
    assert answer.usage["prompt_tokens"] > 50 and 0 < answer.usage["completion_tokens"] <= 40
    assert answer.citations[0].quote == "出差到上海的住宿标准为每晚650元。"
    made.close()
