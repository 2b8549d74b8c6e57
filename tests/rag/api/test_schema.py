"""Requests made up from the OpenAPI document: the service may refuse them, but never fails."""

from __future__ import annotations

import json
from urllib.request import urlopen

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok

from ingest.pipeline import SourceFile
from rag.api.keys import ApiKeys
from rag.api.server import create_app
from rag.service import KeyRAG
from tests.serving import served

_EXAMPLES = 5


def test_no_request_makes_the_service_fail(service: KeyRAG, handbook: object) -> None:
    service.ingest("kb", [SourceFile(handbook)])  # type: ignore[arg-type]
    # With a key from the start, for the first one that is made locks the service.
    key = ApiKeys(service.settings.data / "keys.json").create("tester")
    statuses: list[int] = []
    with served(create_app(service)) as address:
        with urlopen(f"{address}/openapi.json") as reply:
            schema = schemathesis.openapi.from_dict(json.load(reply))
        for operation in schema.get_all_operations():
            assert isinstance(operation, Ok)

            @settings(
                max_examples=_EXAMPLES,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.ok().as_strategy())
            def check(case: schemathesis.Case) -> None:
                if "kb" in case.path_parameters and case.method != "DELETE" and len(statuses) % 2:
                    case.path_parameters["kb"] = "kb"
                reply = case.call(base_url=address, headers={"Authorization": f"Bearer {key}"})
                statuses.append(reply.status_code)
                assert reply.status_code < 500, (case.as_curl_command(), reply.text)

            check()
    assert len(statuses) > 150 and {200, 404, 422} <= set(statuses)
