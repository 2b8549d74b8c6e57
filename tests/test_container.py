"""docker-compose.yml and the Dockerfile, held against the project: no engine is needed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import yaml
from typer.testing import CliRunner

from ingest.config import load_settings
from rag.cli import app

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


def test_the_image_copies_what_is_there_and_starts_a_command_that_exists() -> None:
    for step in _steps("COPY"):
        *sources, _ = shlex.split(step)
        assert all((ROOT / source).exists() for source in sources), step
    (start,) = _steps("CMD")
    command, *arguments = yaml.safe_load(start)
    assert command == "keyrag"
    shown = CliRunner().invoke(app, [arguments[0], "--help"])
    assert shown.exit_code == 0 and "--host" in shown.output
    assert re.search(r"^USER (?!root)", DOCKERFILE, re.MULTILINE)


def test_the_port_is_the_services_own() -> None:
    assert _steps("EXPOSE") == [str(load_settings().server.port)]
    assert COMPOSE["services"]["keyrag"]["ports"] == [f"{load_settings().server.port}:{load_settings().server.port}"]
