"""Named numbers and gates as OpenMetrics text, version 1.0, which GitLab compares between branches.

The format is that of "OpenMetrics, a cloud-native, highly scalable metrics protocol" (draft-richih-opsawg-openmetrics,
specification 1.0.0).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from logreport import named_numbers
from logreport.measured import FAMILIES, RATES, Measured, Unit

if TYPE_CHECKING:
    from logreport.gates import Gate
    from logreport.named_numbers import Name
    from logreport.report import Report

#: How the unit of a number is called at the end of its family's name; that of counts is none.
_UNITS: Final[Mapping[Unit, str]] = {"seconds": "seconds", "dollars": "dollars", "tokens": "tokens", "share": "ratio"}

_STATISTICS: Final = {"mean": "Mean", "max": "Maximum", "total": "Sum", "per_1000_calls": "Mean of 1000 calls"}


@dataclass(frozen=True, kw_only=True)
class _Family:
    """A family of gauges, and the samples in it: labels and value."""

    name: str
    unit: str
    help: str
    samples: Sequence[tuple[Mapping[str, str], float | int]]


def openmetrics(report: Report) -> str:
    """What is measured, of all calls and with the label `model` of each model, and the gates; the unknown is left out.

    `logreport_cost_unpriced_tokens` is how many tokens the costs leave out as no price of them is known.
    """
    measured = report.measured
    families = [*(_numbers(measured) if measured else ()), *(_unpriced(measured) if measured else ())]
    families += _gates(report.gates) if report.gates else []
    return "".join(line for family in families for line in _lines(family)) + "# EOF\n"


def _numbers(measured: Measured) -> Iterator[_Family]:
    """A family of each statistic, all its models in it: families may not be interleaved."""
    found: dict[tuple[str, str], list[Name]] = {}
    for name in named_numbers.measured_names(measured):
        found.setdefault((name.family, name.statistic), []).append(name)
    for (family, statistic), names in found.items():
        unit = _UNITS.get(named_numbers.unit(names[0]), "")
        # `_count` is what samples of histograms end with, and not for gauges.
        parts = ("logreport", family, "" if statistic == "count" else statistic, unit)
        yield _Family(
            name="_".join(part for part in parts if part),
            unit=unit,
            help=_help(family, statistic),
            samples=[
                (_labels(name.model), value)
                for name in names
                if name.model != "" and (value := named_numbers.number(measured, name).value) is not None
            ],
        )


def _labels(model: str | None) -> dict[str, str]:
    # A label without a value is as none: the callers leave a model without a name out, which would be all calls.
    return {} if model is None else {"model": model}


def _help(family: str, statistic: str) -> str:
    if family == "calls":
        return "Calls."
    if family in RATES:
        return f"{'Share' if statistic == 'rate' else 'Number'} of {RATES[family]}."
    return f"{_STATISTICS.get(statistic, statistic)} of {FAMILIES[family].said}."


def _unpriced(measured: Measured) -> Iterator[_Family]:
    scopes = [(None, measured.whole), *measured.models.items()]
    samples = [
        (_labels(model), scope.unpriced_tokens)
        for model, scope in scopes
        if model != "" and (scope.unpriced_tokens or "cost" in scope.distributions)
    ]
    told = "Tokens that the costs leave out, as no price of them is known."
    yield _Family(name="logreport_cost_unpriced_tokens", unit="tokens", help=told, samples=samples)


def _gates(gates: Sequence[Gate]) -> list[_Family]:
    found: dict[tuple[str, str], int] = {}
    for gate in gates:
        key = (gate.rule.text, str(gate.name))
        found[key] = max(found.get(key, 0), int(gate.fails))
    told = (
        "Whether the build fails by a gate: 1 where it failed, or is inconclusive and may not be; 0 where it passed or"
        " only warns."
    )
    samples = [({"rule": rule, "name": name}, failed) for (rule, name), failed in found.items()]
    return [_Family(name="logreport_gate_failed", unit="", help=told, samples=samples)]


def _lines(family: _Family) -> Iterator[str]:
    samples = [(labels, value) for labels, value in family.samples if math.isfinite(value)]
    if not samples:
        return
    yield f"# TYPE {family.name} gauge\n"
    if family.unit:
        yield f"# UNIT {family.name} {family.unit}\n"
    yield f"# HELP {family.name} {_escaped(family.help)}\n"
    for labels, value in samples:
        told = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        yield f"{family.name}{{{told}}} {value!r}\n" if told else f"{family.name} {value!r}\n"


def _escaped(text: str) -> str:
    """An `escaped-string` of the ABNF; everything else of UTF-8 stands as it is, but halves of signs have none."""
    whole = text.encode("utf-8", errors="replace").decode()
    return whole.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
