"""The fast pass: DuckDB reads every value as text and loads it only when the text says exactly that.

What these queries do not accept ends in an error, and the file is read again, record by record.
"""

from __future__ import annotations

import glob
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from logreport.errors import Doubt
from logreport.reading import casts, segments
from logreport.reading.batch import Batch
from logreport.reading.casts import Form, Leaf, name, quoted
from logreport.reading.columns import Stored
from logreport.reading.fields import Keys, Target, header_names, present, targets
from logreport.reading.files import Log, LogText
from logreport.reading.recognise import Format, Signs
from logreport.reading.rules import ruled
from logreport.reading.shape import Shape

#: Below this size DuckDB reads an array as quickly from where it is.
_SMALL_ARRAY: Final = 16 << 20
#: Of a larger record than this, DuckDB wants to hold several in memory at once.
_LARGEST_RECORD: Final = 16 << 20

#: Kinds of values that no header line looks like.
_TELLING: Final = {"count", "flag", "number", "seconds", "time"}

Layout = Literal["array", "lines"] | Shape | Stored


def strict_batches(log: Log, form: Format, folder: Path) -> Iterator[Batch]:
    """The calls of a log whose every record is beyond doubt.

    Raises:
        Doubt: this file is not for the fast pass. The queries raise an error for the same reason.
    """
    columns, shape = form.columns, form.shape
    if columns is None or shape.kind == "objects" or form.mixed:
        raise Doubt("records that need thought")
    text = LogText(log)
    wanted = targets(columns)
    direct = not text.compression and not text.encoding and not shape.skip
    if shape.kind == "table":
        if not direct:
            raise Doubt("a table that must be unpacked first")
        wanted = present(header_names(wanted), shape.header)
        if not any(target.kind in _TELLING for target in wanted):
            raise Doubt("a header line in the middle would be read as a row of texts")
        yield _batch(
            select([_plain_name(log.path, folder)], wanted, form.zone, shape, form.signs(wanted)), wanted, form
        )
        return
    signs = form.signs(wanted)
    layout: Layout = "lines" if shape.kind == "lines" else "array"
    if direct and (layout == "lines" or (shape.kind == "array" and log.bytes < _SMALL_ARRAY)):
        yield _batch(select([_plain_name(log.path, folder)], wanted, form.zone, layout, signs), wanted, form)
        return
    if shape.skip:
        raise Doubt("comments before the first record")
    for paths in segments.segments(LogText(log), shape, folder):
        yield _batch(select(paths, wanted, form.zone, layout, signs), wanted, form)


def _batch(query: str, wanted: Sequence[Target], form: Format) -> Batch:
    has = [target.column for target in wanted]
    return Batch(ruled(query, has, **form.rules))


def select(
    paths: Sequence[Path], wanted: Sequence[Target], zone: str, layout: Layout, signs: Signs | None = None
) -> str:
    """The query that reads the files and doubts; also where a record has nothing, or not the signs of a call."""
    if not wanted:
        raise Doubt("none of the columns is there")
    origin, forms = _from(paths, wanted, layout)
    inner, outer = [], []
    for target in wanted:
        leaves = [_leaf(path, target.kind, forms) for path in target.places]
        minus = _leaf(target.minus, target.kind, forms) if target.minus else None
        if target.clock:
            leaves = [casts.joined(leaves[0], _leaf(target.clock, target.kind, forms))]
        for column, expression in casts.expressions(target, leaves, minus, zone):
            inner.append(f"{expression} AS {column}")
        outer.append(f"{casts.finished(target, zone, difference=minus is not None)} AS {name(target.column)}")
    inner[0] = _something(wanted, inner[0], signs)
    return f"SELECT {', '.join(outer)} FROM (SELECT {', '.join(inner)} FROM {origin} AS r) AS q"


def _from(paths: Sequence[Path], wanted: Sequence[Target], layout: Layout) -> tuple[str, Mapping[Keys, Form] | Form]:
    """The FROM item, and what stands in each of its columns, or in all but times."""
    if isinstance(layout, Stored):
        kinds: dict[str, set[str]] = {}
        for target in wanted:
            for path in target.paths:
                kinds.setdefault(path[0], set()).add(target.kind)
        forms = {column: layout.form(column, kinds[column]) for column in kinds}
        types = {column: type_ for column, (type_, _) in forms.items()}
        return layout.reader(types), {(column,): form for column, (_, form) in forms.items()}
    files = ", ".join(quoted(str(path)) for path in paths)
    if isinstance(layout, Shape):
        columns = ", ".join(f"{quoted(column)}: 'VARCHAR'" for column in layout.header)
        return (
            f"read_csv([{files}], header=true, auto_detect=false, delim={quoted(layout.delimiter)}, quote='\"', "
            f"escape='\"', strict_mode=true, null_padding=false, columns={{{columns}}})"
        ), "cell"
    columns = ", ".join(f"{name(key)}: {quoted(_type(value))}" for key, value in _tree(wanted).items())
    kind = "array" if layout == "array" else "newline_delimited"
    return (
        f"read_json([{files}], format='{kind}', compression='uncompressed', records=true, hive_partitioning=false, "
        f"maximum_object_size={_LARGEST_RECORD}, columns={{{columns}}})"
    ), "json"


def _something(wanted: Sequence[Target], expression: str, signs: Signs | None) -> str:
    """The expression, which doubts a record that may be no call; a filter would cost a third of the time."""
    if signs is None:
        lacking = _nothing(wanted)
    elif signs.tokens:
        lacking = f"{_nothing(signs.tokens)} AND ({_nothing(signs.model)} OR {_nothing(signs.ends)})"
    else:
        lacking = _nothing(signs.model)
    value, _, column = expression.rpartition(" AS ")
    return f"CASE WHEN {lacking} THEN error('doubt') ELSE {value} END AS {column}"


def _nothing(targets: Sequence[Target]) -> str:
    leaves = dict.fromkeys(_column(path) for target in targets for path in target.paths)
    return " AND ".join(f"{leaf} IS NULL" for leaf in leaves) or "TRUE"


def _leaf(path: Keys, kind: str, forms: Mapping[Keys, Form] | Form) -> Leaf:
    if isinstance(forms, str):
        return Leaf(_column(path), "text" if forms == "json" and kind == "time" else forms)
    return Leaf(_column(path), forms[path])


def _column(path: Keys) -> str:
    return ".".join(["r", *(name(key) for key in path)])


def _tree(wanted: Sequence[Target]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for target in wanted:
        leaf = "VARCHAR" if target.kind == "time" else "JSON"
        for path in target.paths:
            at = tree
            for key in path[:-1]:
                at = at.setdefault(key, {})
                if not isinstance(at, dict):
                    raise Doubt("a field and a field inside it")
            if at.setdefault(path[-1], leaf) != leaf:
                raise Doubt("a field and a field inside it, or one field as a time and as something else")
    return tree


def _type(tree: dict[str, Any] | str) -> str:
    if isinstance(tree, str):
        return tree
    return "STRUCT(" + ", ".join(f"{name(key)} {_type(value)}" for key, value in tree.items()) + ")"


def _plain_name(path: Path, folder: Path) -> Path:
    """DuckDB takes a name with `*`, `?` or `[` for a pattern: such a file gets another name."""
    if not glob.has_magic(str(path)):
        return path
    link = folder / f"plain-{uuid.uuid4().hex}"
    link.symlink_to(path)
    return link
