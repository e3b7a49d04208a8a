"""Numbers and gates as OpenMetrics text, held to the grammar of its specification."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from logreport import named_numbers
from logreport.export.openmetrics import openmetrics
from logreport.measured import Measured, Rate, Scope
from logreport.named_numbers import measured_names
from logreport.report import Report

Labels = tuple[tuple[str, str], ...]

#: `escaped-string` and `metricname` of the ABNF.
_STRING = r'(?:[^\n\\"]|\\[n\\"])*'
_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_DESCRIPTOR = re.compile(rf"# (TYPE|UNIT|HELP) ({_NAME}) ({_STRING})")
_LABEL = re.compile(rf'([a-zA-Z_][a-zA-Z0-9_]*)="({_STRING})"')
_SAMPLE = re.compile(
    rf"({_NAME})(?:\{{({_LABEL.pattern}(?:,{_LABEL.pattern})*)\}})? ([-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)"
)


def _read(text: str) -> dict[str, tuple[dict[str, str], dict[Labels, float]]]:
    """The families by their names: metadata, and values by labels."""
    assert text.endswith("# EOF\n")
    lines = text.removesuffix("# EOF\n").split("\n")
    assert lines.pop() == ""
    found: dict[str, tuple[dict[str, str], dict[Labels, float]]] = {}
    current = ""
    for line in lines:
        if descriptor := _DESCRIPTOR.fullmatch(line):
            word, name, told = descriptor.groups()
            if name != current:
                assert name not in found, "a family is in one place"
                found[name] = ({}, {})
                current = name
            metadata, samples = found[name]
            assert word not in metadata
            assert not samples, "metadata stands before samples"
            metadata[word] = told
            continue
        sample = _SAMPLE.fullmatch(line)
        assert sample, line
        assert sample[1] == current
        labels = tuple((name, _unescaped(value)) for name, value in _LABEL.findall(sample[2] or ""))
        assert labels not in found[current][1], "a sample is there once"
        found[current][1][labels] = float(sample.groups()[-1])
    return found


def _unescaped(text: str) -> str:
    return re.sub(r'\\([n\\"])', lambda sign: {"n": "\n"}.get(sign[1], sign[1]), text)


def test_every_known_number_is_in_it(compared: Report) -> None:
    families = _read(openmetrics(compared))

    assert compared.measured is not None
    known = [
        number.value
        for name in measured_names(compared.measured)
        if (number := named_numbers.number(compared.measured, name)).value is not None
    ]
    written = [
        value
        for name, (_, samples) in families.items()
        for value in samples.values()
        if name not in {"logreport_gate_failed", "logreport_cost_unpriced_tokens"}
    ]
    assert sorted(written) == sorted(map(float, known))


def test_names_end_with_their_unit(compared: Report) -> None:
    families = _read(openmetrics(compared))

    for name, (metadata, samples) in families.items():
        assert metadata["TYPE"] == "gauge"
        assert metadata["HELP"]
        assert samples
        assert "UNIT" not in metadata or name.endswith(f"_{metadata['UNIT']}")
        assert not name.endswith(("_total", "_count", "_sum", "_bucket", "_created", "_info"))
    assert {metadata.get("UNIT") for metadata, _ in families.values()} == {
        "seconds",
        "dollars",
        "tokens",
        "ratio",
        None,
    }


def test_all_calls_have_no_label_and_models_have_one(compared: Report) -> None:
    families = _read(openmetrics(compared))

    assert families["logreport_calls"][1] == {(): 480, (("model", "small"),): 240, (("model", "large"),): 120}
    assert families["logreport_errors_rate_ratio"][1][()] == 0.1
    assert families["logreport_errors"][1][()] == 48
    assert round(families["logreport_duration_p95_seconds"][1][()], 6) == 4.6
    assert families["logreport_cost_unpriced_tokens"][1][(("model", "small"),)] == 61_440


def test_the_unknown_is_left_out(empty: Report, plain: Report) -> None:
    assert _read(openmetrics(empty)).keys() == {"logreport_calls"}
    assert openmetrics(replace(plain, measured=None)) == "# EOF\n"


def test_a_gate_is_0_or_1(compared: Report) -> None:
    metadata, samples = _read(openmetrics(compared))["logreport_gate_failed"]

    assert "UNIT" not in metadata
    assert {(dict(labels)["name"], value) for labels, value in samples.items()} == {
        ("duration.p95", 1),
        ("duration.p95[model=small]", 1),
        ("duration.p95[model=large]", 1),
        ("errors.rate", 0),
        ("tokens.total", 0),
        ("time_to_first_token.p95[model=none]", 0),
        ("cost.total", 1),
    }
    assert {dict(labels)["rule"] for labels in samples} >= {"duration.p95[model=*] <= baseline * 1.2"}


def test_a_rule_that_is_given_twice_is_one_sample_the_worse(judged: Callable[..., Report]) -> None:
    report = judged("errors.rate < 2%; level=warn", "errors.rate < 2%", "errors.rate < 2%; level=warn")

    samples = _read(openmetrics(report))["logreport_gate_failed"][1]

    assert list(samples.values()) == [1]


def test_names_from_logs_stay_what_they_are(hostile: Report, hostile_names: tuple[str, ...]) -> None:
    samples = _read(openmetrics(hostile))["logreport_calls"][1]

    assert {dict(labels).get("model") for labels in samples} == {None, *hostile_names}


@given(st.dictionaries(st.text(), st.integers(1, 9), max_size=4))
def test_any_name_is_a_label(plain: Report, models: dict[str, int]) -> None:
    scopes = {model: Scope(calls=calls, rates={"errors": Rate(0, calls)}) for model, calls in models.items()}
    measured = Measured(whole=Scope(calls=99), models=scopes)

    samples = _read(openmetrics(replace(plain, measured=measured)))["logreport_calls"][1]

    # A label without a value is as no label, and would be all calls.
    models.pop("", None)
    assert {dict(labels).get("model"): value for labels, value in samples.items()} == {None: 99, **models}


def test_numbers_that_are_none_are_left_out(plain: Report) -> None:
    assert plain.measured is not None
    values = replace(plain.measured.whole.distributions["duration"], total=math.inf)
    whole = replace(plain.measured.whole, distributions={"duration": values})

    text = openmetrics(replace(plain, measured=Measured(whole=whole)))

    assert "logreport_duration_mean_seconds" not in _read(text)
    assert "logreport_duration_max_seconds" in _read(text)
