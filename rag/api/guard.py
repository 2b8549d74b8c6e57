"""What every request passes: its id, who sent it, host and origin, size and rate; and what every answer carries."""

from __future__ import annotations

import ipaddress
import json
import logging
import re
import time
import uuid
from collections import OrderedDict
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.settings import ServerSettings
from rag.api import metrics
from rag.api.access import caller_of
from rag.api.errors import error_response
from rag.api.keys import ApiKeys
from rag.api.telemetry import Telemetry

_access = logging.getLogger("keyrag.access")
_ID = re.compile(r"[\w.-]{1,64}")
_SMALL_BODY = 2_000_000
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'",
}


class Guard:
    """The outermost layer of the application, around every HTTP request."""

    def __init__(self, app: ASGIApp, settings: ServerSettings, keys: ApiKeys, telemetry: Telemetry | None) -> None:
        self._app = app
        self._settings = settings
        self._keys = keys
        self._telemetry = telemetry
        self._rates = _Rates(settings.requests_per_minute)
        self._local = is_loopback(settings.host)
        # Elsewhere the service does not start without a key, and is shut, not open, once the last one is revoked.
        self._keyless = self._local or settings.allow_unauthenticated

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, began_ns = time.perf_counter(), time.time_ns()
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        status, first_byte = 0, 0.0

        async def answer(message: Message) -> None:
            nonlocal status, first_byte
            if message["type"] == "http.response.start":
                status, first_byte = message["status"], time.perf_counter() - began
                own = MutableHeaders(scope=message)
                own["X-Request-ID"] = request_id
                for name, value in _HEADERS.items():
                    own.setdefault(name, value)
            await send(message)

        try:
            refused = self._refusal(scope, headers)
            if refused is not None:
                await error_response(refused)(scope, receive, answer)
            else:
                await self._app(scope, _limited(receive, self._most(scope, headers)), answer)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            metrics.count_request(route, status or 500, first_byte or time.perf_counter() - began)
            caller = scope.get("keyrag.caller")
            line = {
                "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began_ns / 1e9)),
                "request_id": request_id,
                "method": scope["method"],
                "route": route,
                "status": status or 500,
                "ms": round((time.perf_counter() - began) * 1000, 1),
                "key": caller.name if caller else "",
                **scope.get("keyrag.timings", {}),
            }
            _access.info(json.dumps(line, ensure_ascii=False))
            if self._telemetry:
                self._telemetry.request(f"{scope['method']} {route}", began_ns, line)

    def _refusal(self, scope: Scope, headers: Headers) -> HTTPException | None:
        """Find out who asks; give the reason if they are not let in at all."""
        host = headers.get("host", "")
        if self._local and not self._known(host):
            return HTTPException(
                400, f"the host {host!r} is not this service's: use 127.0.0.1, or add it to server.allowed_hosts"
            )
        origin = headers.get("origin")
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and origin and not self._own(origin, host):
            return HTTPException(403, f"pages of {origin} may not call this service: see server.cors_origins")
        caller = caller_of(self._keys, headers.get("authorization", ""), keyless=self._keyless)
        scope["keyrag.caller"] = caller
        client = scope.get("client")
        wait = self._rates.wait(caller.id if caller and caller.id else client[0] if client else "")
        if wait:
            return HTTPException(
                429,
                f"over {self._settings.requests_per_minute} requests a minute: ask again in {wait} s",
                {"Retry-After": str(wait)},
            )
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._most(scope, headers):
            return _too_large(self._most(scope, headers))
        return None

    def _known(self, host: str) -> bool:
        """Tell whether a Host header is one that no page of the web can have resolved to this machine."""
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        return (
            _is_address(name) or "." not in name or name.endswith(".localhost") or name in self._settings.allowed_hosts
        )

    def _own(self, origin: str, host: str) -> bool:
        return urlsplit(origin).netloc == host or origin in self._settings.cors_origins

    def _most(self, scope: Scope, headers: Headers) -> int:
        upload = headers.get("content-type", "").startswith("multipart/form-data")
        return int(self._settings.max_request_mb * 1_000_000) if upload else _SMALL_BODY


def _too_large(most: int) -> HTTPException:
    return HTTPException(413, f"the request has over {most / 1e6:g} MB: send less (uploads: server.max_request_mb)")


def _limited(receive: Receive, most: int) -> Receive:
    """Count what comes in, whatever its headers say."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        if message["type"] == "http.request":
            size += len(message.get("body", b""))
            if size > most:
                raise _too_large(most)
        return message

    return counted


class _Rates:
    """A bucket of tokens for each caller, filled evenly."""

    def __init__(self, per_minute: int) -> None:
        self._rate = per_minute / 60
        self._size = max(per_minute / 6, 1.0)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, caller: str) -> int:
        """Take a token; give the whole seconds to wait for one if there is none."""
        if not self._rate:
            return 0
        now = time.monotonic()
        left, before = self._buckets.pop(caller, (self._size, now))
        left = min(left + (now - before) * self._rate, self._size)
        taken = left >= 1
        self._buckets[caller] = (left - taken, now)
        if len(self._buckets) > 10_000:
            self._buckets.popitem(last=False)
        return 0 if taken else int((1 - left) / self._rate) + 1


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
