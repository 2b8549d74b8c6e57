"""A stand-in for a language model server, at the outermost edge: real HTTP, OpenAI's protocol.

It also counts tokens as llama.cpp does, one a character.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = str | Callable[[str], str]


class ChatServer:
    """Answers every request with ``reply``, or what it makes of the last message; keeps the requests.

    ``pause`` are the seconds between two characters of a stream; ``chances`` the probabilities of what it may begin
    with, told to whoever asks for them.
    """

    def __init__(self) -> None:
        self.reply: Reply = "十天。"
        self.status = 200
        self.pause = 0.0
        self.requests: list[dict[str, Any]] = []
        self.sent = 0
        self.chances: dict[str, float] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._json(200, {"object": "list", "data": [{"id": "stub", "object": "model"}]})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path == "/tokenize":
                    self._json(200, {"tokens": list(range(len(body["content"])))})
                    return
                outer.requests.append(body)
                if outer.status != 200:
                    self._json(outer.status, {"error": {"message": "the model is on fire", "type": "server_error"}})
                    return
                prompt = body["messages"][-1]["content"]
                text = outer.reply(prompt) if callable(outer.reply) else outer.reply
                if body.get("stream"):
                    self._stream(text, outer.chances if body.get("logprobs") else {})
                else:
                    message = {"role": "assistant", "content": text}
                    choice = {"index": 0, "message": message, "finish_reason": "stop"}
                    usage = {"prompt_tokens": 7, "completion_tokens": len(text), "total_tokens": 7 + len(text)}
                    self._json(
                        200,
                        {
                            "id": "x",
                            "object": "chat.completion",
                            "created": 0,
                            "model": "stub",
                            "choices": [choice],
                            "usage": usage,
                        },
                    )

            def _json(self, status: int, content: dict[str, Any]) -> None:
                data = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def _stream(self, text: str, chances: dict[str, float]) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                head = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "stub"}
                try:
                    for place, char in enumerate(text):
                        time.sleep(outer.pause)
                        choice: dict[str, Any] = {"index": 0, "delta": {"content": char}, "finish_reason": None}
                        if chances and place == 0:
                            rivals = [{"token": word, "logprob": math.log(p)} for word, p in chances.items()]
                            told = {"token": char, "logprob": math.log(chances[char]), "top_logprobs": rivals}
                            choice["logprobs"] = {"content": [told]}
                        self._event({**head, "choices": [choice]})
                        outer.sent += 1
                    self._event({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
                    usage = {"prompt_tokens": 7, "completion_tokens": len(text), "total_tokens": 7 + len(text)}
                    self._event({**head, "choices": [], "usage": usage})
                    self.wfile.write(b"data: [DONE]\n\n")
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the client went away, as it may

            def _event(self, content: dict[str, Any]) -> None:
                self.wfile.write(f"data: {json.dumps(content)}\n\n".encode())
                self.wfile.flush()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> ChatServer:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
