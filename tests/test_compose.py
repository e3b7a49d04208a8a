"""docker-compose.yml and the Dockerfile, read: there is no Docker where these tests run.

What they have a shell, Python or logreport do is done here, for real: the commands, the health check, the installation.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path, PurePosixPath
from typing import Any

import click
import jsonschema
import pytest
import yaml
from sqlalchemy.engine import make_url

from logreport.cli import main

#: The part of the Compose specification that the file uses; a key outside it is a mistake or belongs here first.
COMPOSE = {
    "type": "object",
    "required": ["services"],
    "additionalProperties": False,
    "patternProperties": {"^x-": {"type": "object"}},
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
                "pull_policy": {"enum": ["always", "build", "missing", "never"]},
                "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
                "read_only": {"type": "boolean"},
                "tmpfs": {"$ref": "#/$defs/strings"},
                "cap_drop": {"$ref": "#/$defs/strings"},
                "security_opt": {"$ref": "#/$defs/strings"},
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


#: The services that run logreport.
OURS = ("ingest", "serve")


@pytest.fixture
def compose(checkout: Path) -> dict[str, Any]:
    return yaml.safe_load((checkout / "docker-compose.yml").read_text(encoding="utf-8"))


@pytest.fixture
def ingest(compose: dict[str, Any]) -> dict[str, Any]:
    return compose["services"]["ingest"]


@pytest.fixture
def serve(compose: dict[str, Any]) -> dict[str, Any]:
    return compose["services"]["serve"]


@pytest.fixture
def image(checkout: Path) -> dict[str, str]:
    """The last stage of the Dockerfile: from each instruction to its words."""
    text = (checkout / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
    lines = text.rpartition("\nFROM ")[2].splitlines()
    return dict(line.split(maxsplit=1) for line in [f"FROM {lines[0]}", *lines[1:]] if line and line[0] != "#")


@pytest.fixture
def readme(checkout: Path) -> str:
    """What the README says about Docker."""
    return (checkout / "README.md").read_text(encoding="utf-8").partition("\n### Docker\n")[2].partition("\n### ")[0]


@pytest.fixture
def pgadmin_server(checkout: Path) -> dict[str, Any]:
    return json.loads((checkout / "docker" / "pgadmin-servers.json").read_text(encoding="utf-8"))["Servers"]["1"]


def test_the_file_follows_the_compose_specification(compose: dict[str, Any]):
    jsonschema.Draft202012Validator(COMPOSE).validate(compose)


def test_everything_is_started_by_up_without_a_profile(compose: dict[str, Any]):
    assert set(compose["services"]) == {"postgres", "ingest", "serve", "pgadmin"}


def test_no_image_is_whichever_is_the_latest(compose: dict[str, Any]):
    tags = [service["image"].partition(":")[2] for service in compose["services"].values()]
    assert [tag for tag in tags if tag in ("", "latest")] == []


def test_postgresql_is_pinned_and_has_a_health_check(compose: dict[str, Any]):
    service = compose["services"]["postgres"]
    image, _, tag = service["image"].partition(":")
    assert image == "postgres"
    assert tag.split(".")[0].isdigit()
    environment = service["environment"]
    database = f"--username {environment['POSTGRES_USER']} --dbname {environment['POSTGRES_DB']}"
    # While the image makes the database it runs a server that listens on a socket only: that one must not count.
    assert service["healthcheck"]["test"] == ["CMD-SHELL", f"pg_isready --host 127.0.0.1 {database}"]


@pytest.mark.parametrize("name", ["pgadmin", "ingest", "serve"])
def test_who_needs_the_database_waits_until_it_is_healthy(compose: dict[str, Any], name: str):
    assert compose["services"][name]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_the_dashboard_waits_until_the_sample_is_loaded(serve: dict[str, Any]):
    assert serve["depends_on"]["ingest"] == {"condition": "service_completed_successfully"}


def test_who_is_waited_for_has_a_health_check_or_ends(compose: dict[str, Any]):
    services = compose["services"]
    waits = [
        (name, at["condition"]) for service in services.values() for name, at in service.get("depends_on", {}).items()
    ]
    for name, condition in waits:
        if condition == "service_healthy":
            assert "healthcheck" in services[name]
        else:
            assert (condition, services[name]["restart"]) == ("service_completed_successfully", "no")


def test_a_service_that_ends_is_waited_for_or_up_wait_would_fail(compose: dict[str, Any]):
    # `up --wait` takes an exit, also with 0, for a failure, unless somebody waits for it to complete successfully.
    services = compose["services"]
    ending = {name for name, service in services.items() if service.get("restart") == "no"}
    assert ending == {"ingest"}
    waited_for = {
        name
        for service in services.values()
        for name, at in service.get("depends_on", {}).items()
        if at["condition"] == "service_completed_successfully"
    }
    assert ending <= waited_for


def test_the_dashboard_comes_back(serve: dict[str, Any]):
    assert serve["restart"] == "unless-stopped"


def test_ports_answer_to_this_machine_alone(compose: dict[str, Any]):
    ports = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert ports["pgadmin"] == ["127.0.0.1:8000:80"]
    assert ports["serve"] == ["127.0.0.1:8050:8050"]
    assert all(port.startswith("127.0.0.1:") for published in ports.values() for port in published)


def test_the_image_is_built_once_and_never_pulled(compose: dict[str, Any]):
    services = compose["services"]
    assert {name for name, service in services.items() if service["image"] == "logreport:local"} == set(OURS)
    # Two builds of one tag at once get in each other's way.
    assert {name: service["build"] for name, service in services.items() if "build" in service} == {"ingest": "."}
    assert services["ingest"]["pull_policy"] == "build"
    assert services["serve"]["pull_policy"] == "never"
    assert "ingest" in services["serve"]["depends_on"]  # so whoever starts only serve builds it, too


@pytest.mark.parametrize("name", OURS)
def test_logreport_may_do_nothing_that_it_need_not(compose: dict[str, Any], name: str):
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges=true"]
    assert not {"user", "entrypoint", "privileged", "cap_add"} & set(service)  # the image's user and program


@pytest.mark.parametrize("name", OURS)
def test_logreport_finds_the_database(compose: dict[str, Any], name: str):
    postgres = compose["services"]["postgres"]["environment"]
    url = make_url(compose["services"][name]["environment"]["LOGREPORT_DATABASE_URL"])
    assert (url.drivername, url.host, url.port) == ("postgresql", "postgres", 5432)
    assert (url.username, url.password, url.database) == (
        postgres["POSTGRES_USER"],
        postgres["POSTGRES_PASSWORD"],
        postgres["POSTGRES_DB"],
    )


@pytest.mark.parametrize("name", OURS)
def test_logreport_knows_the_environment_it_gets(checkout: Path, compose: dict[str, Any], name: str):
    code = "".join(path.read_text(encoding="utf-8") for path in checkout.glob("logreport/**/*.py"))
    assert [known for known in compose["services"][name]["environment"] if f'"{known}"' not in code] == []


@pytest.mark.parametrize("name", OURS)
def test_logreport_understands_its_command(compose: dict[str, Any], name: str):
    command, *words = compose["services"][name]["command"]
    assert command == name
    _understood(command, words)


def _understood(command: str, words: list[str]) -> dict[str, Any]:
    """What the words mean to the command; it does not run."""
    with click.Context(main) as ctx:
        found = main.get_command(ctx, command)
    assert found is not None, f"logreport has no command {command}"
    return found.make_context(command, list(words)).params


def test_the_dashboard_listens_where_its_port_is_published_and_asks_for_a_password(
    image: dict[str, str], serve: dict[str, Any]
):
    given = _understood("serve", serve["command"][1:])
    assert (given["host"], given["port"]) == ("0.0.0.0", 8050)
    assert [port.rpartition(":")[2] for port in serve["ports"]] == ["8050"]
    assert image["EXPOSE"] == "8050"
    assert serve["environment"]["LOGREPORT_SERVE_PASSWORD"]
    assert "--no-password" not in serve["command"]


def test_the_sample_is_mounted_where_it_is_looked_for(image: dict[str, str], ingest: dict[str, Any]):
    source, target, mode = ingest["volumes"][0].split(":")
    assert source == "./examples/llm-logs.json"
    assert PurePosixPath(image["WORKDIR"]) / ingest["command"][1] == PurePosixPath(target)
    assert mode == "ro"


def test_a_second_up_loads_nothing_twice(ingest: dict[str, Any], sample: Path, postgresql: str, tmp_path: Path):
    done = [_as_in_the_container(ingest, sample, postgresql, tmp_path) for _ in range(2)]
    assert [run.returncode for run in done] == [0, 0], done
    assert "1,000 loaded" in done[0].stderr
    assert "already ingested" in done[1].stderr


def _as_in_the_container(
    ingest: dict[str, Any], sample: Path, database: str, tmp_path: Path
) -> subprocess.CompletedProcess[str]:
    """The service's command, with a folder for each of /logs, /tmp and its user's own; nothing is left in any."""
    logs, temporary, home = (tmp_path / name for name in ("logs", "tmp", "home"))
    log = logs / ingest["command"][1]
    for folder in (log.parent, temporary, home):
        folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(sample, log)
    environment = {**os.environ, **ingest["environment"], "LOGREPORT_DATABASE_URL": database}
    environment |= {"HOME": str(home), "TMPDIR": str(temporary)}
    words = [sys.executable, "-m", "logreport", *ingest["command"]]
    done = subprocess.run(words, cwd=logs, env=environment, capture_output=True, text=True, timeout=60)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [log]
    return done


def _probe(serve: dict[str, Any], port: int, **variables: str) -> int:
    """The exit code of the dashboard's health check, asked at another port."""
    kind, program, *words = serve["healthcheck"]["test"]
    assert (kind, program) == ("CMD", "python")
    assert words[1].count("8050") == 1
    words[1] = words[1].replace("8050", str(port))
    patience = float(serve["healthcheck"]["timeout"].removesuffix("s"))
    started = time.monotonic()
    done = subprocess.run([sys.executable, *words], env={**os.environ, **variables}, capture_output=True, timeout=30)
    assert time.monotonic() - started < patience  # Docker would have ended it, and known no reason
    return done.returncode


@contextmanager
def _answering(status: int, **headers: str) -> Iterator[tuple[int, list[str]]]:
    """A server that answers everything with this status: its port, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_port, asked
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (204, 1), (401, 1), (404, 1), (500, 1), (503, 1)])
def test_the_dashboard_is_healthy_when_healthz_answers_200(serve: dict[str, Any], status: int, code: int):
    with _answering(status) as (port, asked):
        assert _probe(serve, port) == code
    assert asked == ["/healthz"]


def test_the_health_check_follows_nobody_elsewhere(serve: dict[str, Any]):
    with _answering(200) as (well, asked), _answering(302, Location=f"http://127.0.0.1:{well}/healthz") as (port, _):
        assert _probe(serve, port) == 1
    assert asked == []


def test_the_health_check_asks_no_proxy(serve: dict[str, Any]):
    with _answering(503) as (proxy, asked), _answering(200) as (port, _):
        url = f"http://127.0.0.1:{proxy}"
        assert _probe(serve, port, http_proxy=url, HTTP_PROXY=url, all_proxy=url, no_proxy="", NO_PROXY="") == 0
    assert asked == []


def test_the_dashboard_is_unhealthy_where_nobody_listens(serve: dict[str, Any]):
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        assert _probe(serve, unused.getsockname()[1]) == 1


def test_the_dashboard_is_unhealthy_where_nobody_answers(serve: dict[str, Any]):
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        assert _probe(serve, silent.getsockname()[1]) == 1


def test_a_dashboard_that_starts_slowly_is_not_unhealthy_yet(serve: dict[str, Any]):
    # `up --wait` gives up at the first "unhealthy".
    assert float(serve["healthcheck"]["start_period"].removesuffix("s")) >= 30


def test_what_is_stored_is_in_volumes_that_down_removes(compose: dict[str, Any]):
    named = {
        volume.partition(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", ())
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
        for volume in service.get("volumes", ())
        if volume.startswith(".")
    ]
    assert len(mounted) == 3
    assert [name for name in mounted if not (checkout / name).is_file()] == []


def test_what_is_mounted_cannot_be_written(compose: dict[str, Any]):
    volumes = [volume for service in compose["services"].values() for volume in service.get("volumes", ())]
    assert [volume for volume in volumes if volume.startswith(".") and not volume.endswith(":ro")] == []


def test_the_credentials_the_readme_gives_are_those_of_the_file(readme: str, compose: dict[str, Any]):
    environment = compose["services"]["postgres"]["environment"]
    assert (
        "postgresql://{POSTGRES_USER}:{POSTGRES_PASSWORD}@localhost:5432/{POSTGRES_DB}".format(**environment) in readme
    )
    password = compose["services"]["serve"]["environment"]["LOGREPORT_SERVE_PASSWORD"]
    assert f"user `logreport`, password `{password}`" in readme


def test_the_addresses_the_readme_gives_are_those_of_the_file(readme: str, compose: dict[str, Any]):
    for name in ("serve", "pgadmin"):
        _, port, _ = compose["services"][name]["ports"][0].split(":")
        assert f"<http://localhost:{port}>" in readme


def test_the_commands_the_readme_gives_are_understood(readme: str):
    found = [shlex.split(line) for line in readme.splitlines() if line.startswith("    docker run ")]
    assert {words[words.index("logreport") + 1] for words in found} == {"report", "serve"}
    for words in found:
        options, command = words[2 : words.index("logreport")], words[words.index("logreport") + 1 :]
        given = _understood(command[0], command[1:])
        if command[0] == "serve":
            assert options[options.index("-p") + 1] == f"127.0.0.1:8050:{given['port']}"
            assert given["host"] == "0.0.0.0"
            assert "--no-password" in command


def test_the_image_is_slim_runs_as_nobody_special_and_starts_logreport(image: dict[str, str]):
    assert image["FROM"].endswith("-slim")
    assert int(image["USER"]) > 0  # a number, which Kubernetes wants
    assert f"useradd --create-home --uid {image['USER']} " in image["RUN"]
    assert json.loads(image["ENTRYPOINT"]) == ["logreport"]  # no shell in between, so signals reach it
    assert "STOPSIGNAL" not in image
    assert image["ENV"] == "PYTHONDONTWRITEBYTECODE=1"


def test_commands_that_end_by_themselves_have_no_health_check(image: dict[str, str]):
    assert "HEALTHCHECK" not in image


def test_images_are_built_on_a_version_of_python_that_logreport_supports(checkout: Path):
    lines = (checkout / "Dockerfile").read_text(encoding="utf-8").splitlines()
    bases = {line.split()[1] for line in lines if line.startswith("FROM ")}
    assert len(bases) == 1  # what is built in one stage runs in the other
    name, _, tag = bases.pop().partition(":")
    assert name == "python"
    assert tuple(map(int, tag.removesuffix("-slim").split("."))) >= (3, 11)


def test_the_image_installs_the_wheel_that_was_built_with_the_dashboard(
    checkout: Path, image: dict[str, str], tmp_path: Path
):
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "serve" in project["optional-dependencies"]
    wheel = tmp_path / "logreport-0.1.0-py3-none-any.whl"
    wheel.touch()
    options, _, command = image["RUN"].partition(" set -- ")
    assert options.split() == ["--mount=from=build,source=/wheels,target=/wheels"]
    script = (
        f"pip() {{ printf '%s\\n' \"$@\"; }}; useradd() {{ :; }}; set -- {command.replace('/wheels', str(tmp_path))}"
    )
    done = subprocess.run(["sh", "-euc", script], capture_output=True, text=True)
    assert done.stdout.splitlines() == ["install", "--no-cache-dir", f"{wheel}[serve]"]


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
