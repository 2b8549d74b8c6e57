"""Spans for OpenTelemetry, sent only where the settings name a collector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.errors import KeyRAGError
from rag import __version__


class Telemetry:
    """Sends a span a request to an OTLP collector over HTTP.

    :param endpoint: e.g. ``http://127.0.0.1:4318/v1/traces``.
    :raises KeyRAGError: if the packages of the extra ``telemetry`` are missing.
    """

    def __init__(self, endpoint: str) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError as error:
            raise KeyRAGError("server.telemetry needs more packages: pip install 'keyrag[telemetry]'") from error
        resource = Resource.create({"service.name": "keyrag", "service.version": __version__})
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
        self._tracer = self._provider.get_tracer("keyrag")

    def request(self, name: str, began_ns: int, attributes: Mapping[str, Any]) -> None:
        """Record a request that is over."""
        span = self._tracer.start_span(name, start_time=began_ns)
        span.set_attributes({f"keyrag.{key}": value for key, value in attributes.items()})
        span.end()

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()
