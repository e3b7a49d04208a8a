"""OpenTelemetry traces as JSON: a call to a model is a span, and what it used is in the span's attributes.

Format: open-telemetry/opentelemetry-proto `trace.proto`, one `TracesData` a line (opentelemetry.io, "OTLP File
Exporter") or one a document. Names of attributes: open-telemetry/semantic-conventions-genai, and those of OpenLLMetry
(traceloop/openllmetry `semconv_ai`), OpenInference (Arize-ai/openinference `spec/semantic_conventions.md`), the AI SDK
(vercel/ai), OpenLIT and Langfuse. Spans also come bare, in snake case, or with their attributes as one flat object
(the console exporter, Phoenix).

Spans nest, and outer ones repeat the tokens of the calls inside them: only the innermost call counts. Children are
written before their parents or after them, so calls are held back for a while. Whether the prompt counts what was
cached is not told by the names: the same ones are used both ways (traceloop/openllmetry#4449), so numbers decide.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from logreport import Outcome, Rejected, Skipped, Source, hookimpl
from logreport.sources.otlp.family import Family
from logreport.sources.otlp.spans import REPEATS, STRANGE, Row, Span, first, outcome_of, usual

#: How many calls are held back at least until it is known that they have no call below them.
_HELD: Final = 20_000

_METRICS: Final = Skipped("a document of metrics")
_LOGS: Final = Skipped("a document of logs")
_EMPTY: Final = Skipped("a document without spans")
_NO_TRACES: Final = {
    "resourceMetrics": _METRICS,
    "resource_metrics": _METRICS,
    "resourceLogs": _LOGS,
    "resource_logs": _LOGS,
}
#: Where documents of OTLP keep what holds spans, and where others do.
_OURS: Final = (
    "resourceSpans",
    "resource_spans",
    "scopeSpans",
    "scope_spans",
    "instrumentationLibrarySpans",
)
_INSIDE: Final = (*_OURS, "spans", "batches", "data", "trace")
#: How deep spans may be, counting lists; those of OTLP are 6 deep, in a document of their own.
_DEEPEST: Final = 12


def _read(documents: Iterator[Any]) -> Iterator[Outcome]:
    family = Family()
    held: deque[tuple[int, Row]] = deque()
    for document in documents:
        found = False
        for span in _spans(document):
            found = True
            try:
                key, outcome = _placed(span, family)
            except STRANGE as problem:
                yield Rejected(reason=f"holds a span that is none ({type(problem).__name__}: {problem})")
                continue
            if key is None or isinstance(outcome, Skipped):
                yield outcome
            else:
                held.append((key, outcome))
        if not found:
            yield _without_spans(document)
        while len(held) > _HELD:
            key, row = held.popleft()
            yield REPEATS if family.calls(key) else row
    for key, row in held:
        yield REPEATS if family.calls(key) else row


def _placed(span: Span, family: Family) -> tuple[int | None, Row | Skipped]:
    """By what the family knows the span from now on, if it has an id, and what it is."""
    if "startTimeUnixNano" not in span:
        span = usual(span)
    outcome = outcome_of(span)
    name, trace, parent = span.get("spanId"), span.get("traceId"), span.get("parentSpanId")
    key = hash((trace, name)) if name else None
    if parent and parent != name:
        if type(outcome) is dict:
            family.call_below(hash((trace, parent)))
        elif key is not None:
            family.other(key, hash((trace, parent)))
    return key, outcome


def _spans(document: Any) -> Iterable[Span]:
    try:
        (resource,) = document["resourceSpans"]
        (scope,) = resource["scopeSpans"]
        spans = scope["spans"]
    except STRANGE:
        return _inside(document)
    return spans if type(spans) is list else ()


def _inside(node: Any, trace: Any = None, depth: int = 0) -> Iterator[Span]:
    """The spans anywhere in a document, with the id of the trace where only what is around them has it."""
    if depth > _DEEPEST:
        return
    if isinstance(node, list):
        for one in node:
            yield from _inside(one, trace, depth + 1)
    elif isinstance(node, dict):
        if _is_span(node):
            yield node if trace is None else {"trace_id": trace} | node
            return
        for name in _INSIDE:
            if name in node:
                yield from _inside(node[name], node.get("trace_id", trace), depth + 1)


def _is_span(record: Mapping[str, Any]) -> bool:
    context = record.get("context")
    ids = context if isinstance(context, dict) else record
    return first(ids, "spanId", "span_id", "context.span_id") is not None


def _without_spans(document: Any) -> Outcome:
    """What is said of a document in which there are no spans."""
    if isinstance(document, dict):
        for name in document:
            if name in _NO_TRACES:
                return _NO_TRACES[name]
            if name in _INSIDE:
                return _EMPTY
    return Rejected(reason="holds no spans")


def _recognises(records: Sequence[Mapping[str, Any]]) -> bool:
    return any(_is_ours(record) for record in records)


def _is_ours(record: Mapping[str, Any]) -> bool:
    if any(isinstance(record.get(name), list) for name in (*_OURS, *_NO_TRACES)):
        return True
    return any(_tells_everything(usual(span)) for span in _inside(record))


def _tells_everything(span: Span) -> bool:
    """Whether a bare span is one of OpenTelemetry: spans of others have ids and times, but no attributes."""
    attributes = span["attributes"]
    timed = span["traceId"] is not None and span["startTimeUnixNano"] is not None
    return timed and isinstance(attributes, dict | list) and bool(attributes)


OTLP: Final = Source(
    name="otlp",
    title="OpenTelemetry traces (OTLP/JSON)",
    recognises=_recognises,
    read=_read,
    repeats="repeated exports of one span",
)


@hookimpl
def logreport_sources() -> Iterable[Source]:
    return [OTLP]
