"""docker-compose.yml and the Dockerfile, held against the project: no engine is needed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from ingest.config import load_settings
from rag.cli import main

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")


def _steps(name: str) -> list[str]:
    return [line.removeprefix(name).strip() for line in DOCKERFILE.splitlines() if line.startswith(f"{name} ")]


def test_every_service_is_whole() -> None:
    assert set(COMPOSE) == {"services", "volumes"}
    for name, service in COMPOSE["services"].items():
        assert {"image", "restart"} <= set(service), name
        for volume in service["volumes"]:
            source, target, *_ = volume.split(":")
            assert source in COMPOSE["volumes"] and target.startswith("/"), (name, volume)


def test_its_environment_names_settings_that_there_are() -> None:
    for name in COMPOSE["services"]["keyrag"]["environment"]:
        value: object = load_settings()
        for part in name.removeprefix("KEYRAG__").lower().split("__"):
            assert hasattr(value, part), name
            value = getattr(value, part)


def test_the_image_copies_what_is_there_and_starts_a_command_that_exists(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for step in _steps("COPY"):
        *sources, _ = shlex.split(step)
        assert all((ROOT / source).exists() for source in sources), step
    (start,) = _steps("CMD")
    command, *arguments = yaml.safe_load(start)
    assert command == "keyrag"
    monkeypatch.setattr("sys.argv", ["keyrag", arguments[0], "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code and "--host" in capsys.readouterr().out
    assert re.search(r"^USER (?!root)", DOCKERFILE, re.MULTILINE)


def test_the_port_is_the_services_own() -> None:
    assert _steps("EXPOSE") == [str(load_settings().server.port)]
    assert COMPOSE["services"]["keyrag"]["ports"] == [f"{load_settings().server.port}:{load_settings().server.port}"]
