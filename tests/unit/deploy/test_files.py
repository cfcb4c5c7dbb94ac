"""The deployment files: no Docker engine runs in CI, so what they say is checked against the command and the tree."""

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from deploy.command import main
from deploy.embedded.jars import KAFKA_VERSION
from ingest.settings import IngestSettings
from schema.settings import PREFIX
from service.settings import ServiceSettings

ROOT = Path(__file__).parents[3]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "paygauge"}
KNOWN_VARIABLES = {
    PREFIX + name.upper() for settings in (IngestSettings, ServiceSettings) for name in settings.__struct_fields__
}


@pytest.mark.parametrize("name", OURS)
def test_every_command_of_the_compose_file_is_one_of_ours_with_options_that_it_has(name: str) -> None:
    _parse(OURS[name]["command"])


def test_the_image_runs_one_of_our_commands() -> None:
    words = dict(re.findall(r"^(ENTRYPOINT|CMD) \[(.*)\]$", DOCKERFILE, re.MULTILINE))
    entrypoint, command = (yaml.safe_load(f"[{words[name]}]") for name in ("ENTRYPOINT", "CMD"))
    assert entrypoint == ["paygauge"]
    _parse(command)


def _parse(arguments: list[str]) -> None:
    command = main.get_command(click.Context(main), arguments[0])
    assert command, f"there is no `paygauge {arguments[0]}`"
    command.make_context(arguments[0], arguments[1:])


@pytest.mark.parametrize("name", OURS)
def test_every_variable_of_the_compose_file_is_a_setting(name: str) -> None:
    assert set(OURS[name]["environment"]) <= KNOWN_VARIABLES


def test_the_image_copies_only_what_the_build_context_has() -> None:
    ignore = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()
    allowed = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE):
        for source in shlex.split(line)[:-1]:
            assert (ROOT / source).exists(), source
            assert Path(source).parts[0] in allowed, source


def test_the_image_does_not_run_as_root() -> None:
    final = DOCKERFILE.split("\nFROM ")[-1]
    assert re.search(r"^USER (?!root|0)", final, re.MULTILINE)


def test_the_images_build_with_the_tools_that_the_makefile_pins() -> None:
    (version,) = re.findall(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert f"uv=={version}" in DOCKERFILE


def test_compose_runs_the_kafka_that_is_embedded_and_with_the_same_settings() -> None:
    kafka = COMPOSE["services"]["kafka"]
    assert kafka["image"] == f"apache/kafka:{KAFKA_VERSION}"
    embedded = _properties(ROOT / "deploy" / "embedded" / "server.properties")
    composed = {_property(name): value for name, value in kafka["environment"].items()}
    same = {name: value for name, value in embedded.items() if name in composed and not _is_address(name)}
    assert same == {name: composed[name] for name in same}
    assert {"message.max.bytes", "auto.create.topics.enable", "log.retention.ms"} <= set(same)


def test_what_others_wait_for_has_a_health_check() -> None:
    services: dict[str, Any] = COMPOSE["services"]
    awaited = {name for service in services.values() for name in service.get("depends_on", {})}
    assert awaited == {"kafka", "mongo"}
    assert all("test" in services[name]["healthcheck"] for name in awaited)


def test_data_outlives_the_containers() -> None:
    keeping = ("kafka", "mongo", "service")
    volumes = {mount.split(":")[0] for name in keeping for mount in COMPOSE["services"][name]["volumes"]}
    assert volumes == set(COMPOSE["volumes"])
    assert len(volumes) == len(keeping)


def test_the_service_keeps_its_columns_where_the_image_says_its_home_is() -> None:
    folder = COMPOSE["services"]["service"]["volumes"][0].partition(":")[2]
    assert f"PAYGAUGE_HOME={folder} " in DOCKERFILE


def _property(variable: str) -> str:
    return variable.removeprefix("KAFKA_").replace("_", ".").lower()


def _is_address(name: str) -> bool:
    return "listener" in name or name in {"log.dirs", "controller.quorum.voters"}


def _properties(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text().splitlines() if "=" in line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)
