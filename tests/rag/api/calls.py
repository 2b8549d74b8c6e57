"""What the tests of the HTTP service share."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from fastapi.testclient import TestClient


def finished(client: TestClient, job_id: str, **headers: str) -> dict[str, Any]:
    """Wait until a job is finished."""
    for _ in range(1200):
        job: dict[str, Any] = client.get(f"/api/jobs/{job_id}", headers=headers).json()
        if job["finished_at"]:
            return job
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def upload(
    client: TestClient, kb: str, files: dict[str, str], labels: Sequence[str] = (), **headers: str
) -> dict[str, Any]:
    """Upload texts by name and wait until they are in."""
    sent = [("files", (name, text.encode())) for name, text in files.items()]
    reply = client.post(
        f"/api/kbs/{kb}/documents", files=sent, data={"labels": list(labels)} if labels else None, headers=headers
    )
    assert reply.status_code == 202, reply.text
    return finished(client, reply.json()["job_id"], **headers)
