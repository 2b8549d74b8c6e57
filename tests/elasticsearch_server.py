"""A stand-in for Elasticsearch: what KeyRAG asks of one, answered as its documentation tells, on a loopback port.

As strict as the real one where that matters: fields must be mapped, vectors must have the mapped dimension, nothing
is found before a refresh, limits are kept. Vectors are compared exactly; BM25 is Lucene's formula with the exact
lengths of fields, which Lucene rounds.
"""

from __future__ import annotations

import json
import math
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

K1, B = 1.2, 0.75
MOST_CANDIDATES = 10_000
Json = dict[str, Any]


class Refused(Exception):
    def __init__(self, status: int, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.body = {"error": {"type": kind, "reason": reason, "root_cause": []}, "status": status}


@dataclass
class Index:
    """Documents by id; ``seen`` is what searches see of them."""

    mappings: Json
    settings: Json
    documents: dict[str, Json] = field(default_factory=dict)
    seen: dict[str, Json] = field(default_factory=dict)

    def put(self, name: str, document: Json) -> None:
        for key, value in document.items():
            mapped = self.mappings["properties"].get(key)
            if mapped is None:
                raise Refused(400, "strict_dynamic_mapping_exception", f"[{key}] is not mapped")
            if mapped["type"] == "dense_vector" and len(value) != mapped["dims"]:
                raise Refused(400, "document_parsing_exception", f"[{key}] has {len(value)} dimensions")
        self.documents[name] = document

    def refresh(self) -> None:
        self.seen = dict(self.documents)

    def matching(self, query: Json) -> dict[str, float]:
        """Give the ids that a query finds with their scores."""
        ((kind, body),) = query.items()
        if kind == "term":
            ((name, asked),) = body.items()
            value, boost = (asked["value"], asked.get("boost", 1.0)) if isinstance(asked, dict) else (asked, 1.0)
            return {i: boost * score for i, score in self._bm25(name, value).items()}
        if kind == "terms":
            ((name, values),) = body.items()
            if len(values) > self.settings.get("index.max_terms_count", 65_536):
                raise Refused(400, "illegal_argument_exception", "too many terms")
            wanted = set(values)
            return {i: 1.0 for i, document in self.seen.items() if document.get(name) in wanted}
        if kind == "exists":
            return {i: 1.0 for i, document in self.seen.items() if body["field"] in document}
        if kind == "bool":
            scores: Counter[str] = Counter()
            for clause in body["should"]:
                scores.update(self.matching(clause))
            kept = self.matching(body["filter"]) if "filter" in body else scores
            return {i: score for i, score in scores.items() if i in kept}
        raise Refused(400, "parsing_exception", f"unknown query [{kind}]")

    def _bm25(self, name: str, term: str) -> dict[str, float]:
        if self.mappings["properties"][name] != {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}:
            raise Refused(400, "illegal_argument_exception", f"[{name}] is no field of words")
        words = {i: document[name].split() for i, document in self.seen.items() if name in document}
        counts = {i: held.count(term) for i, held in words.items() if term in held}
        average = sum(map(len, words.values())) / max(len(words), 1)
        rarity = math.log(1 + (len(words) - len(counts) + 0.5) / (len(counts) + 0.5))
        return {i: rarity * count / (count + K1 * (1 - B + B * len(words[i]) / average)) for i, count in counts.items()}

    def nearest(self, near: Json) -> dict[str, float]:
        """Give the ids of the nearest vectors with (1 + cosine) / 2."""
        if not 0 < near["k"] <= near["num_candidates"] <= MOST_CANDIDATES:
            raise Refused(400, "illegal_argument_exception", "[num_candidates] does not fit [k]")
        kept = self.matching(near["filter"]) if "filter" in near else self.seen
        ids = [i for i in kept if near["field"] in self.seen[i]]
        if not ids:
            return {}
        vectors = np.array([self.seen[i][near["field"]] for i in ids])
        question = np.array(near["query_vector"])
        cosines = vectors @ question / np.linalg.norm(vectors, axis=1) / np.linalg.norm(question)
        best = np.argsort(-cosines, kind="stable")[: near["k"]]
        return {ids[i]: (1 + float(cosines[i])) / 2 for i in best}

    def search(self, body: Json) -> Json:
        if "aggregations" in body:
            queries = body["aggregations"]["counts"]["filters"]["filters"]
            counted = {name: {"doc_count": len(self.matching(query))} for name, query in queries.items()}
            return {"hits": {"hits": []}, "aggregations": {"counts": {"buckets": counted}}}
        found = self.nearest(body["knn"]) if "knn" in body else self.matching(body["query"])
        names = [asked["field"] for asked in body["docvalue_fields"]]
        best = sorted(found, key=lambda i: -found[i])[: body["size"]]
        hits = [
            {"_id": i, "_score": found[i], "fields": {n: [self.seen[i][n]] for n in names if n in self.seen[i]}}
            for i in best
        ]
        return {"hits": {"hits": hits}}


class ElasticsearchServer:
    """Serves until the end of a ``with`` block; ``indexes`` by name, ``keys`` the Authorization headers seen."""

    def __init__(self) -> None:
        self.indexes: dict[str, Index] = {}
        self.keys: set[str | None] = set()
        self.down = False
        self._lock = threading.Lock()

    def __enter__(self) -> ElasticsearchServer:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are sent apart

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.keys.add(self.headers.get("Authorization"))
                try:
                    if outer.down:
                        raise Refused(503, "cluster_block_exception", "no master")
                    with outer._lock:
                        status, reply = 200, outer.reply(self.command, self.path.partition("?")[0], body)
                except Refused as refused:
                    status, reply = refused.status, refused.body
                content = b"" if self.command == "HEAD" else json.dumps(reply).encode()
                self.send_response(status)
                self.send_header("X-Elastic-Product", "Elasticsearch")
                self.send_header("Content-Type", "application/vnd.elasticsearch+json;compatible-with=9")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reply(self, method: str, path: str, content: bytes) -> Json:
        name, _, action = path.strip("/").partition("/")
        if not name:
            return {"version": {"number": "9.2.0"}, "tagline": "You Know, for Search"}
        if name == "_bulk" or action == "_bulk":
            return self._bulk(name, content.decode().splitlines())
        body = json.loads(content) if content else {}
        if method == "PUT" and not action:
            if name in self.indexes:
                raise Refused(400, "resource_already_exists_exception", f"index [{name}] already exists")
            self.indexes[name] = Index(body["mappings"], body["settings"])
            return {"acknowledged": True}
        if method == "DELETE":
            self.indexes.pop(name, None)
            return {"acknowledged": True}
        index = self.indexes.get(name)
        if index is None:
            raise Refused(404, "index_not_found_exception", f"no such index [{name}]")
        if action == "_refresh":
            index.refresh()
        if action == "_count":
            return {"count": len(index.seen)}
        if action == "_search":
            return index.search(body)
        if action == "_delete_by_query":
            for found in index.matching(body["query"]):
                del index.documents[found]
            index.refresh()
        return {}

    def _bulk(self, name: str, lines: Iterable[str]) -> Json:
        items = []
        rows = iter(lines)
        for line in rows:
            action = json.loads(line)["index"]
            if not {"_id", "_index"} >= set(action):
                raise Refused(400, "illegal_argument_exception", f"unexpected in an action: {set(action)}")
            # A missing index is made, with a mapping that nobody chose.
            index = self.indexes.setdefault(action.get("_index", name), Index({"properties": {}}, {}))
            try:
                index.put(action["_id"], json.loads(next(rows)))
                items.append({"index": {"_id": action["_id"], "status": 201}})
            except Refused as refused:
                error = refused.body["error"]
                items.append({"index": {"_id": action["_id"], "status": refused.status, "error": error}})
        return {"errors": any("error" in item["index"] for item in items), "items": items}
