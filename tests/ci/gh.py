"""Stands in for GitHub's program `gh`, as far as the recipes use it. What it knows is in the JSON file that FAKE_GH names:

`comments` and `pulls` as the API has them, `runs` as `gh run list --json` has them, `token`, which may be "write", "read"
or "none", and `calls`, to which each call is added.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

FILE = Path(os.environ["FAKE_GH"])


def main(words: list[str]) -> int:
    state = json.loads(FILE.read_text())
    state["calls"].append(words)
    try:
        if os.environ.get("GH_TOKEN") != "the token" or state["token"] == "none":
            sys.stderr.write("gh: HTTP 403: Resource not accessible by integration\n")
            return 1
        return _run_list(words[2:], state) if words[:2] == ["run", "list"] else _api(words, state)
    finally:
        FILE.write_text(json.dumps(state))


def _run_list(words: list[str], state: dict[str, Any]) -> int:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for option in ("repo", "workflow", "branch", "event", "status", "limit", "json", "jq"):
        parser.add_argument(f"--{option}", required=True)
    asked = parser.parse_args(words)
    if asked.workflow not in state["workflows"]:
        sys.stderr.write(f"could not find any workflows named {asked.workflow}\n")
        return 1
    found = [
        {name: run[name] for name in asked.json.split(",")}
        for run in state["runs"]
        if (run["headBranch"], run["event"], run["conclusion"]) == (asked.branch, asked.event, asked.status)
    ]
    return _show(found[: int(asked.limit)], asked.jq)


def _api(words: list[str], state: dict[str, Any]) -> int:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("api", choices=["api"])
    parser.add_argument("path")
    parser.add_argument("--method")
    parser.add_argument("--paginate", action="store_true")
    parser.add_argument("--silent", action="store_true")
    parser.add_argument("--jq")
    parser.add_argument("--field", action="append", default=[])
    parser.add_argument("--raw-field", action="append", default=[])
    asked = parser.parse_args(words)
    method = asked.method or ("POST" if asked.field or asked.raw_field else "GET")
    fields = dict(field.split("=", 1) for field in asked.raw_field)
    for name, value in (field.split("=", 1) for field in asked.field):
        fields[name] = Path(value[1:]).read_text() if value.startswith("@") else value
    match method, asked.path.split("/"):
        case "GET", ["repos", _, _, "pulls"]:
            pulls = [pull for pull in state["pulls"] if pull["head"]["label"] == fields["head"]]
            return _show([pull for pull in pulls if pull["state"] == fields["state"]], asked.jq)
        case "GET", ["repos", _, _, "issues", number, "comments"]:
            return _show([one for one in state["comments"] if one["issue"] == number], asked.jq)
        case _ if state["token"] != "write":
            sys.stderr.write("gh: Resource not accessible by integration (HTTP 403)\n")
            return 1
        case "POST", ["repos", _, _, "issues", number, "comments"]:
            state["comments"].append({"id": 100 + len(state["comments"]), "issue": number, "body": fields["body"]})
            return 0
        case "PATCH", ["repos", _, _, "issues", "comments", wanted]:
            (comment,) = [one for one in state["comments"] if str(one["id"]) == wanted]
            comment["body"] = fields["body"]
            return 0
    sys.stderr.write(f"gh: HTTP 404: {method} {asked.path}\n")
    return 1


def _show(answer: object, program: str | None) -> int:
    """Prints the answer, through jq where asked, as `gh` has it built in."""
    if program is None:
        sys.stdout.write(json.dumps(answer))
        return 0
    return subprocess.run(["jq", "--raw-output", program], input=json.dumps(answer), text=True).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
