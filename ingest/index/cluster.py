"""An Elasticsearch cluster: its indexes are made, filled, searched and removed, its errors told as our own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from ingest.errors import ClusterError, KeyRAGError
from ingest.settings import ElasticsearchSettings

try:
    from elastic_transport.client_utils import DEFAULT
    from elasticsearch import ApiError, Elasticsearch, TransportError
    from elasticsearch.helpers import BulkIndexError, streaming_bulk
except ImportError as error:
    raise KeyRAGError("index.elasticsearch needs another package: pip install 'keyrag[elasticsearch]'") from error

# Documents, and bytes, sent at once.
_CHUNK = 500
_CHUNK_BYTES = 20_000_000
# How often a cluster that is too busy is asked again.
_RETRIES = 5
# A cluster gives so many hits at most.
MOST_HITS = 10_000


class Cluster:
    """Each method may raise :class:`ingest.errors.ClusterError`; ``place`` is host and port.

    :raises KeyRAGError: if the settings can't be.
    """

    def __init__(self, settings: ElasticsearchSettings) -> None:
        assert settings.url is not None
        self.place = urlsplit(settings.url).netloc.rpartition("@")[2]  # without a password
        try:
            self._client = Elasticsearch(
                settings.url,
                api_key=settings.api_key.get_secret_value() if settings.api_key else None,
                request_timeout=settings.timeout_seconds,
                ca_certs=str(settings.ca_certs.expanduser()) if settings.ca_certs else DEFAULT,
            )
        except (ValueError, OSError) as error:
            raise KeyRAGError(
                f"index.elasticsearch can't be used ({error}): give its url as https://HOST:PORT"
            ) from error

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except BulkIndexError as error:
            raise self._fails(_reason(next(iter(error.errors[0].values())))) from error
        except ApiError as error:
            raise self._fails(f"{error.status_code} {_reason(error.body)}".rstrip()) from error
        except TransportError as error:
            raise self._fails(error.message) from error

    def _fails(self, reason: str) -> ClusterError:
        return ClusterError(
            f"Elasticsearch at {self.place} fails ({reason}): check that it runs, and the section index.elasticsearch"
        )

    def version(self) -> str:
        """Give the version of the cluster."""
        with self._told():
            return str(self._client.info()["version"]["number"])

    def exists(self, index: str) -> bool:
        with self._told():
            return bool(self._client.indices.exists(index=index))

    def create(self, index: str, mappings: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        with self._told():
            self._client.indices.create(index=index, mappings=mappings, settings=settings)

    def drop(self, index: str) -> None:
        """Remove an index, if it is there."""
        with self._told():
            self._client.indices.delete(index=index, ignore_unavailable=True)

    def add(self, index: str, documents: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Add documents by their ids; one that is there already is replaced."""
        actions = ({"_op_type": "index", "_id": name, "_source": fields} for name, fields in documents)
        with self._told():
            for _ in streaming_bulk(
                self._client,
                actions,
                index=index,
                chunk_size=_CHUNK,
                max_chunk_bytes=_CHUNK_BYTES,
                max_retries=_RETRIES,
            ):
                pass

    def remove(self, index: str, query: Mapping[str, Any]) -> None:
        """Remove the documents that a query finds."""
        with self._told():
            self._client.delete_by_query(index=index, query=query, conflicts="proceed", refresh=True)

    def refresh(self, index: str) -> None:
        """Let searches see what was added and removed."""
        with self._told():
            self._client.indices.refresh(index=index)

    def count(self, index: str) -> int:
        with self._told():
            return int(self._client.count(index=index)["count"])

    def hits(self, index: str, size: int, fields: Iterable[str], **asked: Any) -> list[tuple[float, dict[str, int]]]:
        """Give score and whole-number fields of what a search finds, best first."""
        with self._told():
            found = self._client.search(
                index=index,
                size=min(size, MOST_HITS),
                source=False,
                docvalue_fields=[{"field": name} for name in fields],
                track_total_hits=False,
                **asked,
            )
        return [
            (hit["_score"], {name: int(values[0]) for name, values in hit["fields"].items()})
            for hit in found["hits"]["hits"]
        ]

    def counts(self, index: str, queries: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
        """Count, by name, the documents that each query finds."""
        with self._told():
            found = self._client.search(
                index=index, size=0, aggregations={"counts": {"filters": {"filters": dict(queries)}}}
            )
        return {name: int(bucket["doc_count"]) for name, bucket in found["aggregations"]["counts"]["buckets"].items()}


def _reason(body: Any) -> str:
    """Give the reason of an error as Elasticsearch tells it; a request for a head alone is told none."""
    error = body.get("error", body) if isinstance(body, dict) else body
    return str(error.get("reason", error) if isinstance(error, dict) else error or "")
