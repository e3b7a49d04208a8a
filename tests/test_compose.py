"""docker-compose.yml and the Dockerfile, read: there is no Docker where these tests run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

#: The part of the Compose specification that the file uses; a key outside it is a mistake or belongs here first.
COMPOSE = {
    "type": "object",
    "required": ["services"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        "services": {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {"^[a-zA-Z0-9._-]+$": {"$ref": "#/$defs/service"}},
        },
        "volumes": {"type": "object", "additionalProperties": {"type": ["object", "null"]}},
    },
    "$defs": {
        "duration": {"type": "string", "pattern": "^([0-9]+(ms|s|m|h))+$"},
        "strings": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "service": {
            "type": "object",
            "additionalProperties": False,
            "anyOf": [{"required": ["image"]}, {"required": ["build"]}],
            "properties": {
                "image": {"type": "string"},
                "build": {"type": ["string", "object"]},
                "command": {"type": ["string", "array"]},
                "entrypoint": {"type": ["string", "array"]},
                "environment": {"type": "object", "additionalProperties": {"type": ["string", "number", "null"]}},
                "ports": {
                    "type": "array",
                    "items": {"type": "string", "pattern": "^([0-9.]+:)?[0-9]+:[0-9]+(/(tcp|udp))?$"},
                },
                "volumes": {"$ref": "#/$defs/strings"},
                "depends_on": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "required": ["condition"],
                        "additionalProperties": False,
                        "properties": {
                            "condition": {
                                "enum": ["service_started", "service_healthy", "service_completed_successfully"]
                            },
                            "restart": {"type": "boolean"},
                            "required": {"type": "boolean"},
                        },
                    },
                },
                "healthcheck": {
                    "type": "object",
                    "required": ["test"],
                    "additionalProperties": False,
                    "properties": {
                        "test": {"type": "array", "prefixItems": [{"enum": ["CMD", "CMD-SHELL", "NONE"]}]},
                        "interval": {"$ref": "#/$defs/duration"},
                        "timeout": {"$ref": "#/$defs/duration"},
                        "start_period": {"$ref": "#/$defs/duration"},
                        "retries": {"type": "integer"},
                    },
                },
            },
        },
    },
}


@pytest.fixture
def compose(checkout: Path) -> dict[str, Any]:
    return yaml.safe_load((checkout / "docker-compose.yml").read_text(encoding="utf-8"))


@pytest.fixture
def pgadmin_server(checkout: Path) -> dict[str, Any]:
    return json.loads((checkout / "docker" / "pgadmin-servers.json").read_text(encoding="utf-8"))["Servers"]["1"]


def test_the_file_follows_the_compose_specification(compose: dict[str, Any]):
    jsonschema.Draft202012Validator(COMPOSE).validate(compose)


def test_postgresql_is_pinned_and_has_a_health_check(compose: dict[str, Any]):
    service = compose["services"]["postgres"]
    image, _, tag = service["image"].partition(":")
    assert image == "postgres"
    assert tag.split(".")[0].isdigit()
    environment = service["environment"]
    assert service["healthcheck"]["test"] == [
        "CMD-SHELL",
        f"pg_isready --username {environment['POSTGRES_USER']} --dbname {environment['POSTGRES_DB']}",
    ]


def test_who_needs_the_database_waits_until_it_is_healthy(compose: dict[str, Any]):
    assert compose["services"]["pgadmin"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_ports_answer_to_this_machine_alone(compose: dict[str, Any]):
    ports = {name: service["ports"] for name, service in compose["services"].items()}
    assert ports["pgadmin"] == ["127.0.0.1:8000:80"]
    assert all(port.startswith("127.0.0.1:") for published in ports.values() for port in published)


def test_what_is_stored_is_in_volumes_that_down_removes(compose: dict[str, Any]):
    named = {
        volume.partition(":")[0]
        for service in compose["services"].values()
        for volume in service["volumes"]
        if not volume.startswith(".")
    }
    assert named == set(compose["volumes"])


def test_pgadmin_knows_the_server(checkout: Path, compose: dict[str, Any], pgadmin_server: dict[str, Any]):
    environment = compose["services"]["postgres"]["environment"]
    assert pgadmin_server["Host"] in compose["services"]
    assert pgadmin_server["Port"] == 5432
    assert pgadmin_server["Username"] == environment["POSTGRES_USER"]
    assert pgadmin_server["MaintenanceDB"] == environment["POSTGRES_DB"]
    passfile = pgadmin_server["ConnectionParameters"]["passfile"]
    assert passfile in compose["services"]["pgadmin"]["entrypoint"][-1]
    assert (checkout / "docker" / "pgpass").read_text(encoding="utf-8").strip().split(":") == [
        pgadmin_server["Host"],
        str(pgadmin_server["Port"]),
        "*",
        environment["POSTGRES_USER"],
        environment["POSTGRES_PASSWORD"],
    ]


def test_files_that_are_mounted_exist(checkout: Path, compose: dict[str, Any]):
    mounted = [
        volume.partition(":")[0]
        for service in compose["services"].values()
        for volume in service["volumes"]
        if volume.startswith(".")
    ]
    assert len(mounted) == 2
    assert [name for name in mounted if not (checkout / name).is_file()] == []


def test_the_credentials_the_readme_gives_are_those_of_the_file(checkout: Path, compose: dict[str, Any]):
    environment = compose["services"]["postgres"]["environment"]
    url = "postgresql://{POSTGRES_USER}:{POSTGRES_PASSWORD}@localhost:5432/{POSTGRES_DB}".format(**environment)
    assert url in (checkout / "README.md").read_text(encoding="utf-8")


def test_the_image_is_slim_runs_as_nobody_special_and_starts_logreport(checkout: Path):
    lines = (checkout / "Dockerfile").read_text(encoding="utf-8").splitlines()
    steps = dict(line.split(maxsplit=1) for line in lines if line and line[0] not in "#& ")  # the last stage's win
    assert steps["FROM"].endswith("-slim")
    assert steps["USER"] == "logreport"
    assert json.loads(steps["ENTRYPOINT"]) == ["logreport"]


def test_the_image_makes_small_pages_and_carries_no_npm(checkout: Path):
    build, image = (checkout / "Dockerfile").read_text(encoding="utf-8").split("\n\nFROM ")
    assert "install --yes --no-install-recommends npm" in build
    assert "python /source/javascript/fetch.py &&" in build  # ends the build where it cannot fetch
    assert "npm" not in image
    assert "--mount=from=build,source=/wheels" in image


def test_the_image_is_built_from_what_the_package_needs(checkout: Path):
    allowed = (checkout / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert allowed[0] == "*"
    kept = {line[1:] for line in allowed if line.startswith("!")}
    assert kept == {"logreport", "templates", "javascript", "hatch_build.py", "pyproject.toml", "README.md", "LICENSE"}
    assert [name for name in kept if not (checkout / name).exists()] == []
