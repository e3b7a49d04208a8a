"""Plotly's text templates: `%{y:.1f} s`, of the names and formats that are known here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from logreport.drawing import fields, ticks, words

_SLOT: Final = re.compile(r"%\{(\w{1,20})(?::([^{}]{0,20}))?\}")


def fill(template: str, values: Mapping[str, Any]) -> str:
    """The template with its slots filled; a slot that is not known stays empty."""

    def said(slot: re.Match[str]) -> str:
        value = values.get(slot[1])
        number = fields.number(value)
        if slot[2] and number is not None:
            return ticks.texts([number], slot[2])[0]
        return words.said(value)

    return words.plain(_SLOT.sub(said, template))


def text(trace: fields.Fields, place: int, values: Mapping[str, Any]) -> str:
    """What a mark says on the chart, by `texttemplate` or `text`; empty where it says nothing."""
    said = fields.each(trace.get("text"), place)
    template = fields.each(trace.get("texttemplate"), place)
    if isinstance(template, str) and template:
        return fill(template, {**values, "text": said})
    return words.plain(said)
