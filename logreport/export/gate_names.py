"""How gates are called where a list of them is shown."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, count
from typing import TYPE_CHECKING

from logreport.signs import visible

if TYPE_CHECKING:
    from logreport.gates import Gate


def name_of(gate: Gate) -> str:
    """The rule as it was written; where it is about each model, with the name of the one that this gate is about."""
    text = gate.rule.text
    if gate.name != gate.rule.name:
        # No bound has a bracket: what follows the last one is the comparison.
        text = f"{gate.name}{text.rpartition(']')[2]}"
    return visible(text)


def distinct(gates: Sequence[Gate]) -> list[str]:
    """The names of these gates, numbered where a rule was given twice: CI servers take two of one name for one."""
    found: dict[str, None] = {}
    for gate in gates:
        name = name_of(gate)
        tries = chain([name], (f"{name} ({number})" for number in count(2)))
        found[next(one for one in tries if one not in found)] = None
    return list(found)
