"""OpenAI Codex's rollouts: `~/.codex/sessions/YYYY/MM/DD/rollout-*.jsonl`, and `archived_sessions`.

Format: codex-rs of github.com/openai/codex, its protocol's `RolloutItem` and `TokenCountEvent`; read here as found in
logs and in ccusage's Codex adapter (github.com/ccusage/ccusage).

A call is a `token_count` event with `last_token_usage`. The totals beside it add up all calls of the session: they are
no call's numbers, but tell repeats, for Codex sends the last event again and again. Newer versions also write a
`token_usage_record` for each response: one call, told twice. A fork or a subagent begins with a copy of its parent's
events, which are the parent's calls. The model is that of the `turn_context` before.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import lt
from typing import Any, Final

from logreport import Outcome, Rejected, Skipped, Source, hookimpl

_KINDS: Final = {
    "compacted",
    "event_msg",
    "response_item",
    "session_meta",
    "token_usage_record",
    "turn_context",
}
#: What identifies counts, in this order; the first four are those of a call.
_KEYS: Final = (
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
    "total_tokens",
    "cache_write_input_tokens",
)
_OF_A_CALL: Final = 4
#: Seconds without a line that no copying takes: it is over; and where the ids of turns tell when it is.
_PAUSE: Final = 0.5
_LONG_PAUSE: Final = 2.0
#: The digits of a UUID of version 7 that are its time, and where its version stands.
_V7_TIME: Final = 13
_V7_VERSION: Final = 14

_TALK: Final = Skipped("a message, a tool's work or an event without counts")
_SETTING: Final = Skipped("bookkeeping of the session")
_LIMITS: Final = Skipped("a notice of rate limits")
_REPEATED: Final = Skipped("a count sent again with unchanged totals")
_COPIED: Final = Skipped("a count copied from the parent session")
_TWICE: Final = Skipped("a second record of one response")
_NOTHING: Final = Skipped("a count of no tokens")

#: Codex's own names of providers that OpenTelemetry calls otherwise.
_PROVIDERS: Final = {"azure": "azure.ai.openai", "amazon-bedrock": "aws.bedrock"}

Counts = tuple[Any, ...]


def _recognises(records: Sequence[Mapping[str, Any]]) -> bool:
    return any(
        (isinstance(record.get("payload"), dict) and record.get("type") in _KINDS)
        or record.get("record_type") == "state"  # before September 2025, when nothing was counted
        for record in records
    )


class _Copy:
    """The beginning of a fork's rollout: lines of its parent, copied, until one is certainly its own.

    The best evidence there is decides: the number of the first own line, the ids of turns (UUIDs of version 7 begin
    with their time), or else the times of lines: a copy is written at once, while an answer takes a while.
    """

    def __init__(self, thread: Any, record: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
        self._thread = thread
        self._first = payload.get("subagent_history_start_ordinal")
        base = payload.get("history_base")
        if self._first is None and isinstance(base, dict):
            self._first = base.get("end_ordinal_exclusive")
        self._began = _seconds(payload.get("timestamp")) or _seconds(record.get("timestamp")) or 0.0
        self._before: float | None = None
        self._turns_tell = False

    def is_over(self, record: Mapping[str, Any], payload: Mapping[str, Any]) -> bool:
        """Whether this line is the fork's own."""
        number = record.get("ordinal")
        if isinstance(self._first, int) and isinstance(number, int):
            return bool(number >= self._first)
        kind = record.get("type")
        if kind == "token_usage_record":
            return bool(payload.get("thread_id") == self._thread)
        if kind == "turn_context" or payload.get("type") == "task_started":
            turn, thread = _v7_time(payload.get("turn_id")), _v7_time(self._thread)
            if turn and thread:
                if turn >= thread:
                    return True
                self._turns_tell = True
        return self._paused(_seconds(record.get("timestamp")))

    def _paused(self, moment: float | None) -> bool:
        if moment is None:
            return False
        before, self._before = self._before, moment
        if before is None or moment < self._began:  # copies may keep their parent's times
            return False
        return moment - before >= (_LONG_PAUSE if self._turns_tell else _PAUSE)


class _Rollout:
    """Reads the lines of one rollout, in order."""

    def __init__(self) -> None:
        self._begin(None, None)

    def _begin(self, thread: Any, provider: Any) -> None:
        self._thread = thread
        self._provider = _PROVIDERS.get(provider, provider) if isinstance(provider, str) and provider else "openai"
        self._model: Any = None
        self._tier: Any = None
        self._copy: _Copy | None = None
        self._opened = False  # whether anything but descriptions of sessions was there
        self._totals: Counts | None = None
        self._seen: set[Counts] = set()
        self._restarts = 0
        self._counted: Counts | None = None  # by a `token_count` event, without a record yet
        self._recorded: Counts | None = None  # by a `token_usage_record`, without an event yet

    def outcome(self, record: Any) -> Outcome:
        if not isinstance(record, dict):
            return Rejected(reason="is not an object")
        payload = record.get("payload")
        if not isinstance(payload, dict):
            return _SETTING
        kind = record.get("type")
        if kind == "session_meta":
            self._session(record, payload)
            return _SETTING
        self._opened = True
        if self._copy is not None and self._copy.is_over(record, payload):
            self._copy = None
        if kind == "event_msg":
            return self._event(record, payload)
        if kind == "turn_context":
            self._model = payload.get("model")
        return self._record(record, payload) if kind == "token_usage_record" else _TALK

    def _session(self, record: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
        thread = payload.get("id") or payload.get("session_id")
        if self._thread is None or (thread != self._thread and self._opened and self._copy is None):
            self._begin(thread, payload.get("model_provider"))  # the first, or several rollouts in one file
            if _has_parent(payload):
                self._copy = _Copy(thread, record, payload)
        elif thread != self._thread and self._copy is None:
            self._copy = _Copy(self._thread, record, {})  # older forks show only by the line of their parent

    def _event(self, record: Mapping[str, Any], payload: Mapping[str, Any]) -> Outcome:
        event = payload.get("type")
        if event == "token_count":
            return self._count(record, payload)
        if event == "thread_settings_applied":
            settings = payload.get("thread_settings")
            self._tier = settings.get("service_tier") if isinstance(settings, dict) else None
        return _TALK

    def _count(self, record: Mapping[str, Any], payload: Mapping[str, Any]) -> Outcome:
        info = payload.get("info")
        if info is None:
            return _LIMITS
        if (wrong := _no_object(info)) is not None:
            return wrong
        total, last = info.get("total_token_usage"), info.get("last_token_usage")
        before = self._totals
        grows = total is None or self._grows(_counts(total), last)
        if self._copy is not None:
            return _COPIED
        if not grows:
            return _REPEATED
        return self._counted_call(record, info, _growth(total or {}, before) if last is None else last)

    def _counted_call(self, record: Mapping[str, Any], info: Mapping[str, Any], usage: Mapping[str, Any]) -> Outcome:
        if not _any(usage):
            return _NOTHING
        counts = _counts(usage)[:_OF_A_CALL]
        if counts == self._recorded:
            self._recorded = None
            return _TWICE
        self._counted = counts
        request_id = None
        if self._thread and self._totals and info.get("total_token_usage") is not None:
            prompt, cached, output, reasoning, both, _ = self._totals
            request_id = f"{self._thread}:{self._restarts}:{prompt}:{cached}:{output}:{reasoning}:{both}"
        return self._call(record, usage, info.get("model") or self._model, request_id)

    def _grows(self, totals: Counts, last: Mapping[str, Any] | None) -> bool:
        """Whether these totals are new ones; they are kept then.

        Totals of before are a late repeat, unless counting begins anew: then they are those of one call.
        """
        if totals == self._totals or (self._known(totals) and (last is None or _counts(last) != totals)):
            return False
        if self._totals is not None and _fell(totals, self._totals):
            self._restarts += 1
        self._totals = totals
        return True

    def _known(self, totals: Counts) -> bool:
        """Whether there were such totals before; there were from now on."""
        size = len(self._seen)
        try:
            self._seen.add(totals)
        except TypeError:  # an array among them
            return False
        return len(self._seen) == size

    def _record(self, record: Mapping[str, Any], payload: Mapping[str, Any]) -> Outcome:
        if self._copy is not None:
            return _COPIED
        usage = payload.get("usage")
        if not isinstance(usage, dict):
            return Rejected(field="payload.usage", reason="is not an object")
        if not _any(usage):
            return _NOTHING
        counts = _counts(usage)[:_OF_A_CALL]
        if counts == self._counted:
            self._counted = None
            return _TWICE
        self._recorded = counts
        return self._call(record, usage, self._model, payload.get("response_id"))

    def _call(self, record: Mapping[str, Any], usage: Mapping[str, Any], model: Any, request_id: Any) -> Outcome:
        return {
            "created": record.get("timestamp"),
            "model": model,
            "provider": self._provider,
            "prompt_tokens": usage.get("input_tokens"),
            "completion_tokens": usage.get("output_tokens"),
            "cache_read_tokens": usage.get("cached_input_tokens"),
            "cache_write_tokens": usage.get("cache_write_input_tokens"),
            "reasoning_tokens": usage.get("reasoning_output_tokens"),
            "service_tier": self._tier,
            "session_id": self._thread,
            "request_id": request_id,
        }


def _has_parent(payload: Mapping[str, Any]) -> bool:
    if payload.get("forked_from_id") or payload.get("parent_thread_id") or payload.get("thread_source") == "subagent":
        return True
    source = payload.get("source")
    return isinstance(source, dict) and "subagent" in source


def _no_object(info: Any) -> Rejected | None:
    if not isinstance(info, dict):
        return Rejected(field="payload.info", reason="is not an object")
    for name in ("total_token_usage", "last_token_usage"):
        if not isinstance(info.get(name), dict | None):
            return Rejected(field=f"payload.info.{name}", reason="is not an object")
    return None


def _any(usage: Mapping[str, Any]) -> bool:
    return bool(usage.get("input_tokens") or usage.get("output_tokens"))


def _counts(usage: Mapping[str, Any]) -> Counts:
    get = usage.get
    return (
        get("input_tokens", 0),
        get("cached_input_tokens", 0),
        get("output_tokens", 0),
        get("reasoning_output_tokens", 0),
        get("total_tokens", 0),
        get("cache_write_input_tokens", 0),
    )


def _fell(totals: Counts, before: Counts) -> bool:
    try:
        return any(map(lt, totals, before))
    except TypeError:  # something that is no number
        return any(
            isinstance(now, int) and isinstance(then, int) and now < then
            for now, then in zip(totals, before, strict=True)
        )


def _growth(total: Mapping[str, Any], before: Counts | None) -> Mapping[str, Any]:
    """What the totals grew by; where they fell, counting began anew."""
    totals = _counts(total)
    if before is None or _fell(totals, before):
        return total
    return {
        key: now - then if isinstance(now, int) and isinstance(then, int) else now
        for key, now, then in zip(_KEYS, totals, before, strict=True)
        if key in total
    }


def _v7_time(identity: Any) -> str:
    """When a UUID of version 7 was made, as text that sorts; empty for anything else."""
    if isinstance(identity, str) and len(identity) == 36 and identity[_V7_VERSION] == "7":
        return identity[:_V7_TIME].lower()
    return ""


def _seconds(stamp: Any) -> float | None:
    try:
        return datetime.fromisoformat(stamp).timestamp() if isinstance(stamp, str) else None
    except (ValueError, OverflowError):
        return None


def _read(records: Iterator[Any]) -> Iterator[Outcome]:
    return map(_Rollout().outcome, records)


CODEX = Source(
    name="codex",
    title="Codex rollout",
    recognises=_recognises,
    read=_read,
    repeats="counts that another copy of the rollout told",
)


@hookimpl
def logreport_sources() -> Iterable[Source]:
    return [CODEX]
