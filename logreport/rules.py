"""What must hold of a run, as people write it: `duration.p95[model=gpt-4o] <= baseline * 1.2 and significant`.

A rule is the name of a number, a comparison and a bound; then, where wanted, `and significant`, and after semicolons
`min_calls=100`, `floor=50ms`, `level=warn`, `allow_inconclusive`. A bound is made of amounts with their units,
`baseline`, `+`, `-`, `*`, `max(…, …)` and `min(…, …)`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from logreport.bounds import Bound, bound
from logreport.errors import BadInput
from logreport.measured import Unit
from logreport.named_numbers import Name, parsed
from logreport.settings import Setting

Level = Literal["error", "warn"]
Operator = Literal["<", "<=", ">", ">="]

_EXAMPLES: Final[Mapping[Unit, str]] = {
    "seconds": "2s or 350ms",
    "dollars": "25 USD",
    "share": "2%",
    "tokens": "1.5M tokens",
    "calls": "1000",
}

#: A name of a model may have any sign in it; what follows the last bracket is no name.
_RULE: Final = re.compile(
    r"(?P<name>.*\]|[^<>=\[\]]+?)\s*(?P<operator><=|>=|<|>)\s*"
    r"(?P<bound>[^\]]+?)(?P<sure>\s+and\s+significant)?",
    re.DOTALL,
)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What must hold. `text` is as it was written, without its options, and `where` says where.

    With `significant` it is broken beyond chance only. `min_calls` is how many calls must stand behind the number, None
    for what is usual; a difference from the baseline below the `floor`, in the number's unit, never breaks it.
    """

    text: str
    name: Name
    operator: Operator
    bound: Bound
    significant: bool = False
    min_calls: int | None = None
    floor: Bound | None = None
    level: Level = "error"
    allow_inconclusive: bool = False
    where: str = "--fail-on"


def rule(text: str, *, where: str = "--fail-on") -> Rule:
    """The rule that somebody wrote; `where` is what errors name.

    Raises:
        BadInput: it is none.
    """
    body, *options = _parts(text)
    found = _RULE.fullmatch(body)
    name = parsed(found["name"]) if found else None
    if found is None or name is None:
        raise BadInput(
            f"{where}: not a rule: {text}",
            "write `duration.p95 <= baseline * 1.2` or `errors.rate < 2%`; `logreport check --list` has the names",
        )
    made = Rule(
        text=body,
        name=name,
        operator=found["operator"],  # type: ignore[arg-type] # as the pattern has it
        bound=bound(found["bound"], where, text),
        significant=found["sure"] is not None,
        where=where,
    )
    given = dict(_option(option) for option in options if option)
    return with_options(made, given, where)


def _parts(text: str) -> list[str]:
    """A rule and its options."""
    name, bracket, rest = text.rpartition("]")
    first, *options = rest.split(";")
    return [f"{name}{bracket}{first}".strip(), *(option.strip() for option in options)]


def _option(text: str) -> tuple[str, Any]:
    key, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        return key, True
    return key, int(value) if re.fullmatch(r"\d+", value) and key == "min_calls" else value


def with_options(made: Rule, given: Mapping[str, Any], where: str) -> Rule:
    """The rule with options by their names, as settings and texts have them.

    Raises:
        BadInput: there is no such option, or it is not what it should be.
    """
    for key, value in given.items():
        made = _with_option(made, key, value, where)
    if made.floor and not made.bound.relative:
        raise BadInput(f"{where}: {made.text}: `floor` is of a difference from the baseline", "take it away")
    return made


def _with_option(made: Rule, key: str, value: Any, where: str) -> Rule:
    if key == "min_calls" and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return replace(made, min_calls=value)
    if key == "floor" and isinstance(value, str):
        floor = bound(value, where, made.text)
        if floor.relative:
            raise BadInput(f"{where}: {made.text}: `floor` is an amount", "write floor=50ms")
        return replace(made, floor=floor)
    if key == "level" and value in {"error", "warn"}:
        return replace(made, level=value)
    if key == "allow_inconclusive" and isinstance(value, bool):
        return replace(made, allow_inconclusive=value)
    raise BadInput(
        f"{where}: {made.text}: not an option of a rule: {key}={value}",
        "there are min_calls=100, floor=50ms, level=warn or level=error, and allow_inconclusive",
    )


def with_unit(made: Rule, unit: Unit | None) -> Rule:
    """The rule, whose amounts must be in the unit of its number.

    Raises:
        BadInput: they are in another, or have none where one is needed.
    """
    for part in (made.bound, made.floor):
        if part is None or part.unit == unit or (part.unit is None and (unit in {"calls", "tokens"} or not part.bare)):
            continue
        example = _EXAMPLES[unit] if unit else "a number without a unit"
        raise BadInput(f"{made.where}: {made.text}: {made.name} is in {unit or 'no unit'}", f"write {example}")
    return made


# ---------------------------------------------------------------- settings


@dataclass(frozen=True, kw_only=True)
class CheckSettings:
    """What a project says once: its rules, and what they compare with unless somebody says otherwise."""

    rules: tuple[Rule, ...] = ()
    baseline: str | None = None
    allow_missing_baseline: bool = False


def check_settings(said: Setting) -> CheckSettings:
    """The table `[tool.logreport.check]`: `rules`, texts or tables with a `rule` and options; `baseline`, and whether
    it may be missing; and what holds for rules that do not say otherwise, `min_calls`, `level`, `allow_inconclusive`.

    Raises:
        BadInput: something in it is not what it should be.
    """
    where = f"{said.file}: check"
    table = said.value
    if not isinstance(table, dict):
        raise BadInput(
            f"{where} is not a table", 'write [tool.logreport.check] and rules = ["errors.rate < 2%"] under it'
        )
    for key in table:
        if key not in {*_OF_ALL, *_FOR_ALL}:
            raise BadInput(f"{where}: there is no setting {key!r}", f"it can have {', '.join((*_OF_ALL, *_FOR_ALL))}")
    given, baseline, may_miss = (table.get(key, unsaid) for key, unsaid in _OF_ALL.items())
    if not isinstance(may_miss, bool):
        raise BadInput(f"{where}: allow_missing_baseline is true or false", "write allow_missing_baseline = true")
    if not isinstance(given, list) or not (baseline is None or isinstance(baseline, str)):
        raise BadInput(f"{where}: rules is a list, and baseline a text", f"write {_RULES}")
    for_all = {key: table[key] for key in _FOR_ALL if key in table}
    rules = tuple(_of_settings(one, for_all, where) for one in given)
    # A file is looked for beside the settings, as that of prices is.
    beside = said.file.parent / baseline if baseline else None
    there = str(beside) if beside and beside.exists() else baseline
    return CheckSettings(rules=rules, baseline=there, allow_missing_baseline=may_miss)


_RULES: Final = 'rules = ["errors.rate < 2%", {rule = "cost.total <= 25 USD", level = "warn"}]'
#: What else can be set, with what holds where it is not, and the options of rules that can be said once for all.
_OF_ALL: Final[dict[str, Any]] = {"rules": [], "baseline": None, "allow_missing_baseline": False}
_FOR_ALL: Final = ("min_calls", "level", "allow_inconclusive")


def _of_settings(one: Any, for_all: Mapping[str, Any], where: str) -> Rule:
    table = {"rule": one} if isinstance(one, str) else one
    if not isinstance(table, dict) or not isinstance(table.get("rule"), str):
        raise BadInput(
            f"{where}: not a rule: {one}", 'write "errors.rate < 2%" or {rule = "errors.rate < 2%", level = "warn"}'
        )
    body, *options = _parts(table["rule"])
    made = with_options(rule(body, where=where), for_all, where)
    own = dict(_option(option) for option in options if option)
    return with_options(made, own | {key: value for key, value in table.items() if key != "rule"}, where)
