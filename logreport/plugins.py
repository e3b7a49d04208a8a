"""Find the plugins, load each on its own, and remember which of them failed and why.

A plugin that cannot be imported, raises, misspells a hook or wants a name that is taken loses what it offers, and
nothing else is lost with it: `load_plugins` never raises because of a plugin.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, Generic, NamedTuple, TypeVar

import pluggy

from logreport import __version__, hookspecs
from logreport.errors import LogReportError, PluginConflict
from logreport.finding import Finding
from logreport.metric import Metric
from logreport.source import Source

#: The group of entry points in which packages name their plugins.
GROUP: Final = "logreport"

#: What comes with logreport, in the order of the report. A built-in is loaded by name, as a stranger's plugin is.
BUILT_IN: Final = (
    "logreport.metrics.cost_by_model",
    "logreport.metrics.cost_over_time",
    "logreport.metrics.duration_percentiles",
    "logreport.metrics.time_to_first_token_percentiles",
    "logreport.metrics.latency_over_time",
    "logreport.metrics.latency_distribution",
    "logreport.metrics.output_speed",
    "logreport.metrics.time_to_first_token",
    "logreport.metrics.errors",
    "logreport.metrics.errors_over_time",
    "logreport.metrics.finish_reasons",
    "logreport.metrics.requests_over_time",
    "logreport.metrics.tokens_over_time",
    "logreport.metrics.tokens_by_model",
    "logreport.metrics.prompt_vs_completion",
    "logreport.metrics.cache",
    "logreport.metrics.prompt_vs_completion_sizes",
    "logreport.metrics.request_types",
    "logreport.metrics.temperature",
    "logreport.metrics.busy_hours",
    "logreport.metrics.top_users_and_sessions",
    "logreport.metrics.slowest_and_dearest",
    "logreport.findings.error_burst",
    "logreport.findings.latency_change",
    "logreport.findings.dearest_model",
    "logreport.findings.unpriced_models",
    "logreport.findings.cut_off",
    "logreport.findings.cache_never_hit",
    "logreport.findings.merged_calls",
    "logreport.sources.braintrust",
    "logreport.sources.openai",
    "logreport.sources.anthropic",
    "logreport.sources.otlp",
    "logreport.sources.litellm",
    "logreport.sources.langfuse",
    "logreport.sources.helicone",
    "logreport.sources.bedrock",
    "logreport.sources.claude_code",
    "logreport.sources.codex",
    "logreport.sources.llm",
    "logreport.sources.vllm",
    "logreport.sources.llmperf",
    "logreport.sources.aiperf",
    "logreport.sources.burstgpt",
    "logreport.sources.azure_trace",
    "logreport.sources.mooncake",
    "logreport.sources.generic",
)

#: A name is an option's value, an anchor on the page and a key in JSON.
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
#: A source's name is only ever an option's value.
_SOURCE_NAME: Final = re.compile(r"[a-z][a-z0-9_-]*")

#: The hook that offers each kind of thing.
_HOOKS: Final[dict[type, str]] = {
    Metric: "logreport_metrics",
    Finding: "logreport_findings",
    Source: "logreport_sources",
}

#: What a plugin's own code may raise. `sys.exit()` in a plugin is that plugin's failure; Ctrl-C is the user's wish.
_ANY_FAILURE: Final = (Exception, SystemExit)

T = TypeVar("T", Metric, Finding, Source)


@dataclass(frozen=True)
class Offer(Generic[T]):
    """A metric, a finding or a source, and the name of the plugin that offers it."""

    value: T
    plugin: str


@dataclass(frozen=True)
class PluginFailure:
    """What a plugin lost: all it has, or one of its offers. `reason` is one line."""

    plugin: str
    distribution: str
    version: str
    reason: str


@dataclass(frozen=True)
class PluginInfo:
    """A plugin that was loaded, where it came from, and the names of what it offers."""

    name: str
    distribution: str
    version: str
    metrics: tuple[str, ...]
    findings: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass
class Plugins:
    """All that is installed, the built-in first, then by name; and what failed."""

    metrics: list[Offer[Metric]] = field(default_factory=list)
    findings: list[Offer[Finding]] = field(default_factory=list)
    sources: list[Offer[Source]] = field(default_factory=list)
    installed: list[PluginInfo] = field(default_factory=list)
    failures: list[PluginFailure] = field(default_factory=list)


class _Candidate(NamedTuple):
    """A plugin that is yet to be loaded."""

    name: str
    distribution: str
    version: str
    load: Callable[[], object]


def load_plugins(modules: Sequence[tuple[str, object]] = ()) -> Plugins:
    """Load every plugin, the built-in ones first; `modules` are further plugins, as (name, object)."""
    manager = pluggy.PluginManager("logreport")
    manager.add_hookspecs(hookspecs)
    plugins = Plugins()
    for candidate in _candidates(modules, plugins.failures):
        try:
            _register(manager, candidate)
        except _ANY_FAILURE as problem:
            plugins.failures.append(_failure(candidate, problem))
        else:
            _collect(manager, candidate, plugins)
    return plugins


def _candidates(modules: Sequence[tuple[str, object]], failures: list[PluginFailure]) -> Iterator[_Candidate]:
    for path in BUILT_IN:
        yield _Candidate(path, "logreport", __version__, partial(importlib.import_module, path))
    try:
        found = entry_points(group=GROUP)
    except Exception as problem:  # noqa: BLE001 -- any installed package, ours or not, can have broken metadata
        failures.append(PluginFailure("entry points", "unknown", "unknown", one_line(problem)))
        found = ()  # type: ignore[assignment]
    yield from sorted((_installed(entry) for entry in found), key=lambda candidate: candidate.name)
    for name, plugin in modules:
        yield _Candidate(name, "unknown", "unknown", partial(_same, plugin))


def _same(plugin: object) -> object:
    return plugin


def _installed(entry: EntryPoint) -> _Candidate:
    distribution, version = _origin(entry)
    return _Candidate(f"{distribution}:{entry.name}", distribution, version, entry.load)


def _origin(entry: EntryPoint) -> tuple[str, str]:
    """The distribution of an entry point and its version; a package without METADATA has neither."""
    try:
        distribution = entry.dist
        name, version = (distribution.name, distribution.version) if distribution else (None, None)
    except Exception:  # noqa: BLE001 -- what a damaged METADATA raises differs between versions of Python
        name, version = None, None
    return name or "unknown", version or "unknown"


def _register(manager: pluggy.PluginManager, candidate: _Candidate) -> None:
    """Load a plugin and register it whole, or raise and leave nothing of it in the manager."""
    plugin = candidate.load()
    try:
        manager.register(plugin, candidate.name)
        _check_hooks(manager, plugin)
    except BaseException:
        if manager.has_plugin(candidate.name) and manager.get_plugin(candidate.name) is plugin:
            manager.unregister(name=candidate.name)
        raise


def _check_hooks(manager: pluggy.PluginManager, plugin: object) -> None:
    known = _hook_names(manager)
    callers = manager.get_hookcallers(plugin)
    if not callers:
        unmarked = [name for name in known if hasattr(plugin, name)]
        what = f"`{unmarked[0]}`" if unmarked else f"a function called {_listed(known)}"
        raise LogReportError(f"it has no hook: mark {what} with `@logreport.hookimpl`")
    try:
        manager.check_pending()
    except pluggy.PluginValidationError:
        unknown = next(caller.name for caller in callers if not caller.has_spec())
        close = get_close_matches(unknown, known, n=1)
        meant = f"did you mean `{close[0]}`?" if close else f"it is {_listed(known)}"
        raise LogReportError(f"there is no hook `{unknown}`: {meant}") from None


def _listed(names: Sequence[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)


def _hook_names(manager: pluggy.PluginManager) -> list[str]:
    return [name for name in dir(hookspecs) if manager.parse_hookspec_opts(hookspecs, name) is not None]


def _collect(manager: pluggy.PluginManager, candidate: _Candidate, plugins: Plugins) -> None:
    """Ask a registered plugin for what it offers."""
    metrics = _offers(manager, candidate, Metric, plugins.metrics, plugins.failures)
    findings = _offers(manager, candidate, Finding, plugins.findings, plugins.failures)
    sources = _offers(manager, candidate, Source, plugins.sources, plugins.failures)
    offers = (tuple(metrics), tuple(findings), tuple(sources))
    plugins.installed.append(PluginInfo(candidate.name, candidate.distribution, candidate.version, *offers))


def _offers(
    manager: pluggy.PluginManager,
    candidate: _Candidate,
    kind: type[T],
    taken: list[Offer[T]],
    failures: list[PluginFailure],
) -> list[str]:
    """Add what a plugin offers of one kind to `taken`, what it loses to `failures`; return the names added."""
    hook = _HOOKS[kind]
    added = []
    for implementation in getattr(manager.hook, hook).get_hookimpls():
        if implementation.plugin_name != candidate.name:
            continue
        try:
            values = _ask(hook, implementation.function, kind)
        except _ANY_FAILURE as problem:
            failures.append(_failure(candidate, problem, f"`{hook}` "))
            continue
        for value in values:
            try:
                offer = Offer(_checked(value, kind, hook), candidate.name)
                _check_free(offer, taken)
            except LogReportError as problem:
                failures.append(_failure(candidate, problem))
            else:
                taken.append(offer)
                added.append(offer.value.name)
    return added


def _ask(hook: str, function: Callable[[], Any], kind: type[T]) -> list[object]:
    answer = function()
    if not isinstance(answer, Iterable):
        found = "None" if answer is None else f"a {type(answer).__name__}"
        raise LogReportError(f"returned {found}, not a list of {kind.__name__}: write `return [...]` in `{hook}`")
    return list(answer)


def _checked(value: object, kind: type[T], hook: str) -> T:
    if not isinstance(value, kind):
        raise LogReportError(f"`{hook}` offers a {type(value).__name__}, not a logreport.{kind.__name__}")
    check_name(value)
    return value


def check_name(value: Metric | Finding | Source) -> None:
    """Raise `LogReportError` where the name of a metric, finding or source is not one that we can use everywhere."""
    name: object = value.name
    pattern = _SOURCE_NAME if isinstance(value, Source) else _NAME
    if not isinstance(name, str) or not pattern.fullmatch(name):
        raise LogReportError(
            f"{type(value).__name__.lower()} name {name!r} cannot be used: a name is a lower-case letter, then"
            f" lower-case letters, digits{', hyphens' if pattern is _SOURCE_NAME else ''} and underscores"
        )


def _check_free(offer: Offer[T], taken: Sequence[Offer[T]]) -> None:
    for earlier in taken:
        if earlier.value.name == offer.value.name:
            raise PluginConflict(
                f"{type(offer.value).__name__.lower()} `{offer.value.name}` of {offer.plugin}"
                f" has a name that {earlier.plugin} already took"
            )


def _failure(candidate: _Candidate, problem: BaseException, where: str = "") -> PluginFailure:
    return PluginFailure(candidate.name, candidate.distribution, candidate.version, where + one_line(problem))


def one_line(problem: BaseException) -> str:
    """What was raised, as one line: our own errors by their sentence, others with their class in front."""
    text = " ".join(str(problem).split())
    if isinstance(problem, LogReportError):
        return text
    return f"{type(problem).__name__}: {text}" if text else type(problem).__name__
