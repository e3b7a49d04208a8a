"""Rules as people write them: what is understood, what is not, and what is said then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from logreport.bounds import Bound
from logreport.errors import BadInput
from logreport.rules import CheckSettings, Rule, check_settings, rule, with_unit
from logreport.settings import Setting


def bound_of(text: str) -> Bound:
    return rule(f"duration.p95 <= {text}").bound


def settings(**table: Any) -> CheckSettings:
    return check_settings(Setting(table, Path("logreport.toml")))


# ---------------------------------------------------------------- bounds


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("2s", 2.0, "seconds"),
        ("2 s", 2.0, "seconds"),
        ("350ms", 0.35, "seconds"),
        ("5us", 5e-6, "seconds"),
        ("5µs", 5e-6, "seconds"),
        ("2min", 120.0, "seconds"),
        ("0.5h", 1800.0, "seconds"),
        ("1e3ms", 1.0, "seconds"),
        ("25 USD", 25.0, "dollars"),
        ("$25", 25.0, "dollars"),
        ("25$", 25.0, "dollars"),
        ("7%", 0.07, "share"),
        ("1.5M tokens", 1.5e6, "tokens"),
        ("2k calls", 2000.0, "calls"),
        ("1000", 1000.0, None),
        ("3G", 3e9, None),
        ("2 * 3s + 1s", 7.0, "seconds"),
        ("2 * (3s + 1s)", 8.0, "seconds"),
        ("3s - 1s - 1s", 1.0, "seconds"),
        ("max(1s, min(5s, 3s))", 3.0, "seconds"),
    ],
)
def test_an_amount_has_a_unit(text: str, value: float, unit: str | None):
    bound = bound_of(text)
    assert (bound.of(0.0), bound.unit, bound.relative) == (value, unit, False)


@pytest.mark.parametrize(
    ("text", "of_ten"),
    [
        ("baseline", 10.0),
        ("baseline * 1.2", 12.0),
        ("1.2 * baseline", 12.0),
        ("2 * 3 * baseline", 60.0),
        ("baseline + 50ms", 10.05),
        ("max(baseline * 1.3, baseline + 5s)", 15.0),
        ("min(baseline * 1.3, 12s)", 12.0),
        ("(baseline - 2s) * 2", 16.0),
        ("baseline\n * 1.2", 12.0),
    ],
)
def test_a_bound_is_made_of_the_baseline(text: str, of_ten: float):
    bound = bound_of(text)
    assert (bound.of(10.0), bound.relative) == (of_ten, True)
    with_unit(rule(f"duration.p95 <= {text}"), "seconds")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2 parsecs", "not a bound"),
        ("1.5Mtokens", "not a bound"),
        (".5s", "not a bound"),
        ("2s 3s", "cannot be understood"),
        ("1,000", "cannot be understood"),
        ("(2s", "cannot be understood"),
        ("2s)", "cannot be understood"),
        ("max(2s)", "cannot be understood"),
        ("baseline *", "cannot be understood"),
        ("-2s", "cannot be understood"),
        ("2s + 3%", "different units"),
        ("2s + 3", "different units"),
        ("baseline + 50ms + 2 USD", "different units"),
        ("(baseline + 50) + 50ms", "different units"),
        ("baseline * baseline", "multiplies two amounts"),
        ("2s * 3s", "multiplies two amounts"),
        ("1e400s", "larger than any number"),
        ("1e308s * 1e308", "larger than any number"),
        ("baseline * 1e300", "larger than any number"),
        ("(" * 5000 + "1s", "not a bound"),
        ("1s" + " + 1s" * 5000, "not a bound"),
    ],
)
def test_what_is_no_bound_is_an_error_with_an_example(text: str, why: str):
    with pytest.raises(BadInput, match=why) as caught:
        bound_of(text)
    assert caught.value.message.startswith("--fail-on: duration.p95 <= ")
    assert "baseline * 1.2" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("duration.p95 < 2", "seconds"),
        ("duration.p95 < 2 USD", "seconds"),
        ("duration.p95 <= baseline + 50", "seconds"),
        ("duration.p95 <= min(baseline * 1.2, 5)", "seconds"),
        ("duration.p95 <= baseline * 1.2; floor=50", "seconds"),
        ("errors.rate < 2", "share"),
        ("cost.total < 2s", "dollars"),
        ("cache.calls < 2s", None),
        ("cache.hit_share < 2%", None),
    ],
)
def test_an_amount_in_another_unit_than_its_number_is_an_error(text: str, unit: Any):
    with pytest.raises(BadInput, match="is in"):
        with_unit(rule(text), unit)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("calls.count < 1000", "calls"),
        ("tokens.total < 1.5M", "tokens"),
        ("tokens.total < 1.5M tokens", "tokens"),
        ("cache.calls <= baseline + 5", None),
        ("errors.rate <= baseline * 1.5; floor=1%", "share"),
    ],
)
def test_counts_need_no_unit(text: str, unit: Any):
    made = rule(text)
    assert with_unit(made, unit) is made


# ---------------------------------------------------------------- rules


@pytest.mark.parametrize(
    "model", ["gpt-4o", "a]b", "a;b", "a=b", "a<b", "a>=3]b", "a[b;c", "[model=y]", "a b", "", "模型", "new\nline"]
)
def test_a_model_may_be_called_anything(model: str):
    made = rule(f"duration.p95[model={model}] < 2s; level=warn")
    assert made.name.selectors == (("model", model),)
    assert (made.operator, made.bound.of(0.0), made.level) == ("<", 2.0, "warn")
    assert made.text == f"duration.p95[model={model}] < 2s"


def test_a_rule_has_options():
    made = rule(
        "duration.p95 <= baseline*1.2 and significant; min_calls = 100;floor=50ms; level=warn ; allow_inconclusive;"
    )
    assert (made.significant, made.min_calls, made.level, made.allow_inconclusive) == (True, 100, "warn", True)
    assert made.floor is not None
    assert (made.floor.of(0.0), made.floor.unit) == (0.05, "seconds")
    assert made.text == "duration.p95 <= baseline*1.2 and significant"


def test_a_rule_without_options_fails_the_build():
    made = rule("errors.rate < 2%")
    assert (made.significant, made.min_calls, made.floor, made.level) == (False, None, None, "error")
    assert not made.allow_inconclusive


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "errors.rate",
            "errors.rate <",
            "< 2%",
            "errors.rate == 2%",
            "errors.rate = 2%",
            "errors.rate =< 2%",
        ),
        *("errors < 2%", "errors.rate[model=a < 2%", "errors.rate[a] < 2%", "errors.rate[=a] < 2%", "2% > errors.rate"),
        *("errors.rate]x[ < 2%", "errors.rate[model=a]b < 2%"),
    ],
)
def test_what_is_no_rule_is_an_error_that_shows_two(text: str):
    with pytest.raises(BadInput, match="not a rule") as caught:
        rule(text)
    assert "`errors.rate < 2%`" in caught.value.hint


@pytest.mark.parametrize(
    "option",
    [
        *("min_calls=-1", "min_calls=many", "min_calls", "level=fatal", "level", "allow_inconclusive=yes", "soon=1"),
        "floor",
    ],
)
def test_what_is_no_option_is_an_error_that_lists_them(option: str):
    with pytest.raises(BadInput, match=f"not an option of a rule: {option.partition('=')[0]}") as caught:
        rule(f"duration.p95 <= baseline; {option}")
    assert "min_calls=100, floor=50ms, level=warn" in caught.value.hint


def test_a_floor_is_an_amount_and_of_a_difference():
    with pytest.raises(BadInput, match="`floor` is an amount"):
        rule("duration.p95 <= baseline; floor=baseline")
    with pytest.raises(BadInput, match="`floor` is of a difference from the baseline"):
        rule("duration.p95 <= 2s; floor=50ms")


# ---------------------------------------------------------------- settings


def by_option(made: Rule) -> tuple[str, int | None, bool]:
    return made.level, made.min_calls, made.allow_inconclusive


def test_what_holds_for_all_rules_holds_unless_one_says_otherwise():
    first, second, third = settings(
        min_calls=100,
        level="warn",
        allow_inconclusive=True,
        rules=[
            "errors.rate < 2%",
            "errors.rate < 2%; level=error; min_calls=5",
            {"rule": "errors.rate < 2%; level=error", "allow_inconclusive": False},
        ],
    ).rules
    assert by_option(first) == ("warn", 100, True)
    assert by_option(second) == ("error", 5, True)
    assert by_option(third) == ("error", 100, False)
    assert first.where == "logreport.toml: check"


def test_a_rule_of_settings_may_name_any_model():
    (made,) = settings(rules=["errors.rate[model=a;b] < 2%; level=warn"]).rules
    assert (made.name.model, made.level) == ("a;b", "warn")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"rule": ["errors.rate < 2%"]}, "there is no setting 'rule'"),
        ({"rules": "errors.rate < 2%"}, "rules is a list"),
        ({"rules": [], "baseline": 3}, "baseline a text"),
        ({"rules": [3]}, "not a rule: 3"),
        ({"rules": [{"level": "warn"}]}, "not a rule"),
        ({"rules": [{"rule": "errors.rate < 2%", "min_calls": True}]}, "not an option of a rule: min_calls=True"),
        ({"rules": [{"rule": "errors.rate < 2%", "levle": "warn"}]}, "not an option of a rule: levle"),
        ({"rules": ["errors.rate < 2%"], "level": "fatal"}, "not an option of a rule: level=fatal"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(table: dict[str, Any], message: str):
    with pytest.raises(BadInput, match=message) as caught:
        settings(**table)
    assert caught.value.message.startswith("logreport.toml: check")


def test_check_is_a_table():
    with pytest.raises(BadInput, match="check is not a table"):
        check_settings(Setting("errors.rate < 2%", Path("logreport.toml")))


def test_a_baseline_is_looked_for_beside_the_settings(tmp_path: Path):
    file = tmp_path / "logreport.toml"
    found = check_settings(Setting({"baseline": "main.json"}, file))
    assert found.baseline == "main.json"
    (tmp_path / "main.json").touch()
    found = check_settings(Setting({"baseline": "main.json"}, file))
    assert found.baseline == str(tmp_path / "main.json")
