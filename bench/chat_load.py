"""Chat streams at once against a fast stand-in for a model server, while documents are uploaded.

    python -m bench.chat_load [--streams 50] [--seconds 60] [--documents 200]

Three processes on loopback: the stand-in, `keyrag serve`, and this one, which sends the questions. A model's
time is taken by the stand-in itself, from the request's arrival to its last byte; what is left of the time
that the client sees is the service's own share, queueing for the cores included.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# The stand-in's pace: as a server answers that has a GPU.
FIRST_TOKEN_SECONDS = 0.2
TOKEN_SECONDS = 0.02
TOKENS = 60
QUESTIONS = ("出差到上海的住宿标准是每晚多少元？", "工作满十年的员工有几天年假？", "请病假须在几日内提交医院证明？")
HANDBOOK = (
    "# 员工手册\n\n## 年假\n\n员工每年有十天年假。工作满十年的员工每年有十五天年假。年假须提前三天申请。\n\n"
    "## 病假\n\n病假期间按基本工资的百分之八十发放。请病假须在三日内提交医院证明。\n\n"
    "## 差旅\n\n出差到上海的住宿标准为每晚650元。机票须提前七天预订。\n"
)


def expected(number: int) -> str:
    """Give the answer that the stand-in writes to question ``number``: no part of it stands there twice."""
    return "".join(f"{number}-{token} " for token in range(TOKENS))


async def _stand_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer OpenAI chat requests with a stream, at a steady pace."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            arrived = time.monotonic()
            length = next(int(x.split(":")[1]) for x in head.split("\r\n") if x.lower().startswith("content-length"))
            body = json.loads(await reader.readexactly(length))
            number = int(body["messages"][-1]["content"].rsplit("#", 1)[1].split()[0])
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            words = [f"{number}-{token} " for token in range(min(TOKENS, body["max_completion_tokens"]))]
            for count, word in enumerate(words):
                due = arrived + FIRST_TOKEN_SECONDS + count * TOKEN_SECONDS
                await asyncio.sleep(max(due - time.monotonic(), 0))
                _send(writer, {"index": 0, "delta": {"content": word}, "finish_reason": None})
            _send(writer, {"index": 0, "delta": {}, "finish_reason": "stop"})
            took = round((time.monotonic() - arrived) * 1e6)  # told in the place of a count of tokens
            usage = {"prompt_tokens": took, "completion_tokens": len(words), "total_tokens": took + len(words)}
            _send(writer, None, usage)
            _chunk(writer, b"data: [DONE]\n\n")
            writer.write(b"0\r\n\r\n")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionResetError):
        writer.close()


def _send(writer: asyncio.StreamWriter, choice: dict[str, Any] | None, usage: dict[str, int] | None = None) -> None:
    event = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "stand-in"}
    event |= {"choices": [choice] if choice else [], "usage": usage}
    _chunk(writer, f"data: {json.dumps(event)}\n\n".encode())


def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(b"%x\r\n%b\r\n" % (len(data), data))


def _serve_stand_in(port: Any) -> None:
    async def serve() -> None:
        server = await asyncio.start_server(_stand_in, "127.0.0.1", 0, backlog=512)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


@dataclass
class Result:
    own_ms: list[float] = field(default_factory=list)
    total_ms: list[float] = field(default_factory=list)
    first_token_ms: list[float] = field(default_factory=list)
    upload_ms: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


async def _post(port: int, path: str, content_type: str, body: bytes) -> tuple[int, asyncio.StreamReader, Any]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
        + body
    )
    status = int((await reader.readuntil(b"\r\n")).split()[1])
    await reader.readuntil(b"\r\n\r\n")
    return status, reader, writer


async def _ask(port: int, number: int, result: Result) -> None:
    question = f"{QUESTIONS[number % len(QUESTIONS)]} #{number} "
    body = {
        "model": "load",
        "messages": [{"role": "user", "content": question}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    began = time.monotonic()
    status, reader, writer = await _post(port, "/v1/chat/completions", "application/json", json.dumps(body).encode())
    text, usage, ended, first = "", None, False, None
    async for raw in reader:
        if not raw.startswith(b"data: "):
            continue
        if raw.strip() == b"data: [DONE]":
            ended = True
            break
        event = json.loads(raw[6:])
        if "error" in event:
            result.errors.append(event["error"]["message"])
            break
        usage = event.get("usage") or usage
        for choice in event["choices"]:
            piece = choice["delta"].get("content") or ""
            if piece and first is None:
                first = (time.monotonic() - began) * 1000
            text += piece
    total = (time.monotonic() - began) * 1000
    writer.close()
    if status != 200 or not ended or text.strip() != expected(number).strip() or usage is None or first is None:
        result.errors.append(f"question {number}: status {status}, ended {ended}, text {text[:60]!r}")
        return
    result.total_ms.append(total)
    result.first_token_ms.append(first)
    result.own_ms.append(total - usage["prompt_tokens"] / 1000)


async def _upload(port: int, number: int, result: Result) -> None:
    content = f"# 制度{number}\n\n" + "".join(
        f"第{number}号制度的第{line}条规定，部门{line}每月的预算为{number * 10 + line}元。" for line in range(1, 13)
    )
    boundary = "keyrag"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="rule-{number}.md"\r\n\r\n'
        f"{content}\r\n--{boundary}--\r\n"
    ).encode()
    began = time.monotonic()
    status, _, writer = await _post(port, "/api/kbs/load/documents", f"multipart/form-data; boundary={boundary}", body)
    writer.close()
    result.upload_ms.append((time.monotonic() - began) * 1000)
    if status != 202:
        result.errors.append(f"upload {number}: status {status}")


async def _load(port: int, streams: int, seconds: float, documents: int) -> Result:
    result = Result()
    numbers = iter(range(10**6))
    end = time.monotonic() + seconds

    async def keep_asking(delay: float) -> None:
        await asyncio.sleep(delay)
        while time.monotonic() < end:
            await _ask(port, next(numbers), result)

    async def keep_uploading() -> None:
        for number in range(documents):
            await _upload(port, number, result)
            await asyncio.sleep(0.75 * seconds / max(documents, 1))

    # Spread over the length of an answer, as people come.
    spread = FIRST_TOKEN_SECONDS + TOKENS * TOKEN_SECONDS
    await asyncio.gather(keep_uploading(), *(keep_asking(spread * i / streams) for i in range(streams)))
    return result


def _get(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=120) as reply:
        return json.load(reply)


def _shares(name: str, values: list[float]) -> str:
    ordered = sorted(values)
    at = [ordered[min(int(share * len(ordered)), len(ordered) - 1)] for share in (0.5, 0.95, 0.99)]
    return f"{name:<28} median {at[0]:7.1f}   95% {at[1]:7.1f}   99% {at[2]:7.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--streams", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--documents", type=int, default=200)
    options = parser.parse_args()
    receiver, sender = multiprocessing.Pipe(duplex=False)
    stand_in = multiprocessing.get_context("spawn").Process(target=_serve_stand_in, args=(sender,), daemon=True)
    stand_in.start()
    model_port = receiver.recv()
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "KEYRAG_DATA": folder,
            "KEYRAG__CHAT__BACKEND": "openai",
            "KEYRAG__CHAT__MODEL": "stand-in",
            "KEYRAG__CHAT__BASE_URL": f"http://127.0.0.1:{model_port}/v1",
            "KEYRAG__ANSWER__MIN_EVIDENCE": "0",
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-c", "from rag.cli import main; main()", "serve", "--port", "0"]
        with Path(folder, "log").open("wb") as log:
            service = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.PIPE, text=True)
        try:
            port = _announced(service, Path(folder, "requests"))
            _run(port, service.pid, options)
        finally:
            service.terminate()
            service.wait(30)
            stand_in.terminate()


def _announced(service: subprocess.Popen[str], log: Path) -> int:
    """Wait for the line with the address; the rest of what the service says goes into a file."""
    assert service.stderr is not None
    for line in service.stderr:
        if "http://127.0.0.1:" in line:
            port = int(line.split("http://127.0.0.1:")[1].split()[0])
            break
    else:
        raise SystemExit("the service did not start")
    stream = service.stderr

    def drain() -> None:
        with log.open("w") as kept:
            for line in stream:
                kept.write(line)

    threading.Thread(target=drain, daemon=True).start()
    return port


def _until_ready(port: int) -> None:
    for _ in range(60):
        try:
            _get(port, "/readyz")
            return
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
    raise SystemExit("the service does not get ready")


def _cpu_seconds(pid: int) -> float:
    """Give the processor time that a process has taken, children left out."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _run(port: int, pid: int, options: argparse.Namespace) -> None:
    _until_ready(port)
    handbook = HANDBOOK.encode()
    body = (
        b'--k\r\nContent-Disposition: form-data; name="files"; filename="handbook.md"\r\n\r\n'
        + handbook
        + b"\r\n--k--\r\n"
    )
    asyncio.run(_first_upload(port, body))
    before = _cpu_seconds(pid)
    result = asyncio.run(_load(port, options.streams, options.seconds, options.documents))
    spent = _cpu_seconds(pid) - before
    waited = time.monotonic()
    while _get(port, "/api/jobs?state=queued")["total"] + _get(port, "/api/jobs?state=running")["total"]:
        time.sleep(0.5)
    waited = time.monotonic() - waited
    held = _get(port, "/api/kbs/load")["documents"]
    print(f"{options.streams} streams for {options.seconds:g} s, {options.documents} uploads, {os.cpu_count()} cores")
    print(f"answers {len(result.total_ms)}, errors {len(result.errors)}, documents {held - 1} of {options.documents}")
    print(f"queue empty {waited:.1f} s after the last answer")
    if result.total_ms:
        print(
            f"processor time of the service: {1000 * spent / len(result.total_ms):.1f} ms an answer, uploads included"
        )
        print(_shares("own share of an answer", result.own_ms))
        print(_shares("first token", result.first_token_ms))
        print(_shares("whole answer", result.total_ms))
        model_ms = [total - own for total, own in zip(result.total_ms, result.own_ms, strict=True)]
        print(f"the model's own time of an answer: median {statistics.median(model_ms):.0f} ms")
    if result.upload_ms:
        print(_shares("upload accepted", result.upload_ms))
    for error in result.errors[:5]:
        print("error:", error)
    if result.errors or held - 1 != options.documents:
        raise SystemExit(1)


async def _first_upload(port: int, body: bytes) -> None:
    status, _, writer = await _post(port, "/api/kbs/load/documents", "multipart/form-data; boundary=k", body)
    writer.close()
    assert status == 202, status
    for _ in range(600):
        listed = await asyncio.to_thread(_get, port, "/api/jobs")
        if listed["jobs"][0]["state"] == "done":
            return
        await asyncio.sleep(0.1)
    raise SystemExit("the first document did not get in")


if __name__ == "__main__":
    main()
