"""One plugin's failure is that plugin's alone, and is told in one line."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import plotly.graph_objects as go
import pytest

from logreport import Call, Metric, Source, hookimpl
from logreport.plugins import BUILT_IN, PluginFailure, Plugins, load_plugins

BUILT_IN_METRICS = [offer.value.name for offer in load_plugins().metrics if offer.plugin in BUILT_IN]


def metric(name: Any = "calls_by_model") -> Metric:
    return Metric(
        name=name,
        title="Calls",
        description="Which models are used.",
        requires=(),
        query=lambda window: window.select(Call.model),
        figure=lambda frame: go.Figure(go.Bar(x=frame["model"])),
    )


def offering(*values: Any) -> SimpleNamespace:
    @hookimpl
    def logreport_metrics() -> Any:
        return values

    return SimpleNamespace(logreport_metrics=logreport_metrics)


def names(plugins: Plugins) -> list[str]:
    return [offer.value.name for offer in plugins.metrics]


def only_failure(plugins: Plugins) -> PluginFailure:
    assert len(plugins.failures) == 1, plugins.failures
    assert "\n" not in plugins.failures[0].reason
    return plugins.failures[0]


def reason_for(plugin: object) -> str:
    plugins = load_plugins([("mine", plugin)])
    assert names(plugins)[: len(BUILT_IN_METRICS)] == BUILT_IN_METRICS
    assert only_failure(plugins).plugin == "mine"
    return only_failure(plugins).reason


def install(folder: Path, name: str, entry: str, module: str, metadata: bool = True) -> None:
    """Put a distribution on disk as an installer leaves it: a module and its dist-info."""
    info = folder / f"{name.replace('-', '_')}-2.5.dist-info"
    info.mkdir(parents=True)
    if metadata:
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.5\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[logreport]\n{entry}\n", encoding="utf-8")
    (folder / f"{entry.split(' = ')[1]}.py").write_text(module, encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_the_built_in_plugins_all_load() -> None:
    plugins = load_plugins()

    assert names(plugins)[: len(BUILT_IN_METRICS)] == BUILT_IN_METRICS
    assert [offer.value.name for offer in plugins.sources][:1] == ["braintrust"]
    assert [plugin.name for plugin in plugins.installed][: len(BUILT_IN)] == list(BUILT_IN)
    assert plugins.failures == []


def test_a_plugin_adds_a_metric_after_the_built_in_ones() -> None:
    plugins = load_plugins([("mine", offering(metric()))])

    assert names(plugins) == [*BUILT_IN_METRICS, "calls_by_model"]
    assert plugins.metrics[-1].plugin == "mine"
    assert plugins.installed[-1].metrics == ("calls_by_model",)


def test_nothing_of_a_plugin_remains_for_the_next_loading() -> None:
    load_plugins([("mine", offering(metric()))])

    assert "calls_by_model" not in names(load_plugins())


def test_a_raising_plugin_costs_only_itself() -> None:
    @hookimpl
    def logreport_metrics() -> Any:
        raise ZeroDivisionError("two\nlines")

    broken = SimpleNamespace(logreport_metrics=logreport_metrics)
    plugins = load_plugins([("broken", broken), ("mine", offering(metric()))])

    assert names(plugins) == [*BUILT_IN_METRICS, "calls_by_model"]
    assert only_failure(plugins).reason == "`logreport_metrics` ZeroDivisionError: two lines"


def test_a_raising_hook_leaves_the_plugins_other_hook() -> None:
    @hookimpl
    def logreport_metrics() -> Any:
        yield metric()
        sys.exit(3)

    @hookimpl
    def logreport_sources() -> Any:
        return [Source(name="mine", title="My logs", recognises=lambda records: False, columns={})]

    plugin = SimpleNamespace(logreport_metrics=logreport_metrics, logreport_sources=logreport_sources)
    plugins = load_plugins([("half", plugin)])

    assert "calls_by_model" not in names(plugins)
    assert plugins.sources[-1].value.name == "mine"
    assert only_failure(plugins).reason == "`logreport_metrics` SystemExit: 3"


def test_ctrl_c_in_a_plugin_stops_the_program() -> None:
    @hookimpl
    def logreport_metrics() -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_plugins([("slow", SimpleNamespace(logreport_metrics=logreport_metrics))])


def test_a_misspelt_hook_is_named_with_the_right_one() -> None:
    @hookimpl
    def logreport_metric() -> Any:
        return [metric()]

    reason = reason_for(SimpleNamespace(logreport_metric=logreport_metric))
    assert reason == "there is no hook `logreport_metric`: did you mean `logreport_metrics`?"


def test_a_misspelt_hook_does_not_blame_the_next_plugin() -> None:
    @hookimpl
    def logreport_metric() -> Any:
        return []

    misspelt = SimpleNamespace(logreport_metric=logreport_metric)
    plugins = load_plugins([("misspelt", misspelt), ("mine", offering(metric()))])

    assert only_failure(plugins).plugin == "misspelt"
    assert names(plugins)[-1] == "calls_by_model"


def test_an_unmarked_hook_is_not_ignored_without_a_word() -> None:
    reason = reason_for(SimpleNamespace(logreport_metrics=lambda: [metric()]))
    assert reason == "it has no hook: mark `logreport_metrics` with `@logreport.hookimpl`"


def test_a_hook_with_an_argument_we_do_not_give_is_a_failure() -> None:
    @hookimpl
    def logreport_metrics(window: Any) -> Any:
        return [window]

    assert "window" in reason_for(SimpleNamespace(logreport_metrics=logreport_metrics))


def test_a_taken_name_is_a_failure_of_the_later_plugin_that_names_both() -> None:
    plugins = load_plugins([("mine", offering(metric("tokens_by_model"), metric()))])

    assert names(plugins) == [*BUILT_IN_METRICS, "calls_by_model"]
    assert only_failure(plugins).plugin == "mine"
    assert only_failure(plugins).reason == (
        "metric `tokens_by_model` of mine has a name that logreport.metrics.tokens_by_model already took"
    )


@pytest.mark.parametrize("name", ["Calls", "calls-by-model", "", "1st", "a b", None, "café"])
def test_a_name_that_cannot_be_an_option_an_anchor_and_a_key_is_a_failure(name: Any) -> None:
    assert reason_for(offering(metric(name))).startswith(f"metric name {name!r} cannot be used: ")


def test_something_that_is_not_a_metric_is_a_failure() -> None:
    assert reason_for(offering({"name": "mine"})) == "`logreport_metrics` offers a dict, not a logreport.Metric"


@pytest.mark.parametrize(("answer", "found"), [(None, "None"), (metric(), "a Metric")])
def test_an_answer_that_is_not_a_list_is_a_failure(answer: Any, found: str) -> None:
    @hookimpl
    def logreport_metrics() -> Any:
        return answer

    reason = reason_for(SimpleNamespace(logreport_metrics=logreport_metrics))
    assert f"returned {found}, not a list of Metric" in reason


def test_an_installed_package_is_named_by_distribution_and_entry_point(site: Path) -> None:
    source = "Source(name='mine', title='Mine', recognises=lambda records: False, columns={})"
    module = f"from logreport import Source, hookimpl\n@hookimpl\ndef logreport_sources():\n    return [{source}]\n"
    install(site, "logreport-mine", "thing = logreport_mine_installed", module)

    found = load_plugins().installed[-1]

    assert found.name == "logreport-mine:thing"
    assert (found.distribution, found.version) == ("logreport-mine", "2.5")
    assert found.sources == ("mine",)


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("import surely_nowhere\n", "ModuleNotFoundError: No module named 'surely_nowhere'"),
        ("raise SystemExit('bye')\n", "SystemExit: bye"),
        ("def (\n", "SyntaxError: "),
    ],
)
def test_a_package_that_cannot_be_imported_costs_only_itself(site: Path, module: str, reason: str) -> None:
    install(site, "logreport-broken", "thing = logreport_broken_installed", module)

    plugins = load_plugins()

    assert names(plugins) == BUILT_IN_METRICS
    assert only_failure(plugins).plugin == "logreport-broken:thing"
    assert (only_failure(plugins).distribution, only_failure(plugins).version) == ("logreport-broken", "2.5")
    assert only_failure(plugins).reason.startswith(reason)


def test_a_package_without_metadata_is_still_loaded(site: Path) -> None:
    module = "from logreport import hookimpl\n@hookimpl\ndef logreport_metrics():\n    return []\n"
    install(site, "logreport-bare", "thing = logreport_bare_installed", module, metadata=False)

    plugins = load_plugins()

    assert plugins.failures == []
    assert plugins.installed[-1].name.endswith(":thing")


def test_a_package_with_broken_entry_points_does_not_stop_us(site: Path) -> None:
    install(site, "logreport-odd", "thing = logreport_odd_installed", "")
    (site / "logreport_odd-2.5.dist-info" / "entry_points.txt").write_text("[logreport]\nnonsense\n", encoding="utf-8")

    plugins = load_plugins()

    assert names(plugins) == BUILT_IN_METRICS
    assert len(plugins.failures) == 1
