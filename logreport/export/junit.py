"""Gates as JUnit XML, a test case each, for GitLab, Jenkins, Azure and all others that show tests.

There is no standard; this is what Jenkins' JUnit plugin describes (its `junit-10.xsd`) and pytest writes: `testsuites`
around a `testsuite`, whose counts are attributes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from logreport.export.gate_names import distinct
from logreport.signs import visible

if TYPE_CHECKING:
    from logreport.gates import Gate
    from logreport.report import Report

_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def junit(report: Report) -> str:
    """The gates of a report as XML in UTF-8; of a report without any, a suite without cases.

    A gate by which the build fails is a failure, one that may be inconclusive and is was skipped, and one that only
    warns passes and says its warning on `system-out`.
    """
    counts = _counts(report.gates)
    root = ET.Element("testsuites", {"name": "logreport", **counts})
    made = f"{report.made:%Y-%m-%dT%H:%M:%S}"
    suite = ET.SubElement(root, "testsuite", {"name": "logreport", "timestamp": made, **counts})
    for gate, name in zip(report.gates, distinct(report.gates), strict=True):
        _case(suite, gate, name)
    ET.indent(root)
    return f"{_DECLARATION}{ET.tostring(root, encoding='unicode')}\n"


def _counts(gates: Sequence[Gate]) -> dict[str, str]:
    return {
        "tests": str(len(gates)),
        "failures": str(sum(gate.fails for gate in gates)),
        "errors": "0",
        "skipped": str(sum(_skipped(gate) for gate in gates)),
        "time": "0",  # a gate is a comparison; who reads the file wants a number
    }


def _case(suite: ET.Element, gate: Gate, name: str) -> None:
    case = ET.SubElement(suite, "testcase", classname=f"logreport.{visible(gate.name.family)}", name=name, time="0")
    # What XML 1.0 forbids, control signs and halves of signs, is not visible either.
    message = visible(gate.message)
    if gate.fails:
        # GitLab shows the text, and others the attribute.
        ET.SubElement(case, "failure", message=message, type=gate.status).text = message
    elif _skipped(gate):
        ET.SubElement(case, "skipped", message=message).text = message
    elif gate.stands_out:
        ET.SubElement(case, "system-out").text = f"warning: {message}"


def _skipped(gate: Gate) -> bool:
    return gate.status == "inconclusive" and gate.rule.allow_inconclusive
