"""Bedrock's invocation log: counts beside the cache, answers of every kind, CloudWatch around it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from logreport.sources.bedrock import BEDROCK
from logreport.testing import Loaded, load_logs

Log = Callable[..., Loaded]
MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
CALL: dict[str, Any] = {
    "schemaType": "ModelInvocationLog",
    "schemaVersion": "1.0",
    "timestamp": "2026-03-10T01:25:52Z",
    "accountId": "123456789012",
    "identity": {"arn": "arn:aws:sts::123456789012:assumed-role/app/s"},
    "region": "us-east-1",
    "requestId": "a1b2",
    "operation": "Converse",
    "modelId": MODEL,
    "input": {
        "inputContentType": "application/json",
        "inputTokenCount": 21,
        "cacheReadInputTokenCount": 18200,
        "cacheWriteInputTokenCount": 188,
        "inputBodyJson": {"messages": [], "inferenceConfig": {"temperature": 0.2, "maxTokens": 1024}},
    },
    "output": {
        "outputContentType": "application/json",
        "outputTokenCount": 393,
        "outputBodyJson": {
            "stopReason": "end_turn",
            "metrics": {"latencyMs": 3640},
            "usage": {"inputTokens": 21, "outputTokens": 393, "totalTokens": 414},
        },
    },
}
LOADED = {
    "created": datetime(2026, 3, 10, 1, 25, 52),
    "model": MODEL,
    "provider": "aws.bedrock",
    "request_type": "chat",
    "temperature": 0.2,
    "max_tokens": 1024,
    "stream": False,
    "prompt_tokens": 18409,
    "completion_tokens": 393,
    "tokens": 18802,
    "cache_read_tokens": 18200,
    "cache_write_tokens": 188,
    "duration": 3.64,
    "status": "ok",
    "finish_reason": "end_turn",
    "user_id": "arn:aws:sts::123456789012:assumed-role/app/s",
    "request_id": "a1b2",
}
STREAM: list[dict[str, Any]] = [
    {
        "type": "message_start",
        "message": {
            "usage": {
                "input_tokens": 40,
                "cache_read_input_tokens": 1000,
                "cache_creation_input_tokens": 200,
                "output_tokens": 1,
            }
        },
    },
    {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "…"}},
    {"type": "message_delta", "delta": {"stop_reason": None}, "usage": {"output_tokens": 100}},
    {"type": "message_delta", "delta": {"stop_reason": "max_tokens"}, "usage": {"output_tokens": 512}},
]
METRICS = {"inputTokenCount": 40, "outputTokenCount": 512, "invocationLatency": 4210, "firstByteLatency": 610}
STOP: dict[str, Any] = {"type": "message_stop", "amazon-bedrock-invocationMetrics": METRICS}


@pytest.fixture
def load(tmp_path: Path) -> Log:
    """Write records as JSON Lines, each `CALL` with changes, and load them."""

    def written(*changes: dict[str, Any]) -> Loaded:
        path = tmp_path / "log.json"
        path.write_text("".join(json.dumps(CALL | change) + "\n" for change in changes), encoding="utf-8")
        return load_logs(path)

    return written


def test_a_call_is_loaded_with_the_cache_in_its_prompt(load: Log):
    assert load({}).calls == [LOADED]


def test_the_files_of_a_bucket_are_lines_inside_gzip(tmp_path: Path):
    path = tmp_path / "20260310T012552000Z_a1b2.json.gz"
    path.write_bytes(gzip.compress((json.dumps(CALL) + "\n").encode()))
    assert load_logs(path).calls == [LOADED]


def test_one_record_may_be_printed_over_many_lines(tmp_path: Path):
    path = tmp_path / "one.json"
    path.write_text(json.dumps(CALL, indent=2), encoding="utf-8")
    assert load_logs(path).calls == [LOADED]


@pytest.mark.parametrize(
    "document",
    [
        {
            "events": [{"timestamp": 1773105952000, "message": json.dumps(CALL), "eventId": "1"}],
            "searchedLogStreams": [],
        },
        {"messageType": "DATA_MESSAGE", "logGroup": "g", "logEvents": [{"id": "1", "message": json.dumps(CALL)}]},
        {"results": [[{"field": "@message", "value": json.dumps(CALL)}, {"field": "@ptr", "value": "x"}]]},
        [{"@timestamp": "2026-03-10 01:25:52.000", "@message": json.dumps(CALL)}],
        [{"@timestamp": "2026-03-10 01:25:52.000", "@message": CALL}],
        {"timestamp": 1773105952000, "message": json.dumps(CALL)},
        [CALL],
    ],
)
@pytest.mark.parametrize("indent", [None, 4])
def test_cloudwatch_has_the_record_as_a_text_in_documents_of_many_forms(
    tmp_path: Path, document: Any, indent: int | None
):
    path = tmp_path / "events.json"
    path.write_text(json.dumps(document, indent=indent), encoding="utf-8")
    loaded = load_logs(path)
    assert loaded.calls == [LOADED]
    assert (loaded.files[0].source, loaded.files[0].read) == ("bedrock", 1)


def test_results_of_a_query_may_be_a_csv(tmp_path: Path):
    path = tmp_path / "logs-insights-results.csv"
    message = json.dumps(CALL).replace('"', '""')
    path.write_text(f'@timestamp,@message\n2026-03-10 01:25:52.000,"{message}"\n', encoding="utf-8")
    assert load_logs(path).calls == [LOADED]


def test_an_event_counts_for_itself_in_a_document_of_many(tmp_path: Path):
    path = tmp_path / "events.json"
    messages = [
        "Permissions are correctly set for Amazon Bedrock logs.",
        json.dumps(CALL),
        json.dumps(CALL)[:200],
        json.dumps({"level": "INFO"}),
        json.dumps(CALL | {"requestId": "c3d4", "timestamp": None, "input": {"inputTokenCount": -3}}),
        json.dumps(CALL | {"requestId": "e5f6", "timestamp": None}),
    ]
    events = [{"timestamp": 1773105953000, "message": message} for message in messages]
    path.write_text(json.dumps({"events": events}), encoding="utf-8")
    loaded = load_logs(path)
    assert loaded.files[0].read == 6
    assert [call["request_id"] for call in loaded.calls] == ["a1b2", "e5f6"]
    assert loaded.calls[1]["created"] == datetime(2026, 3, 10, 1, 25, 53)
    assert loaded.files[0].audit.skipped == {"another message of the log group": 2}
    assert [(one.field, one.reason) for one in loaded.rejected] == [
        ("message", "is not JSON"),
        ("uncached_tokens", "is negative: -3"),
    ]


def test_a_call_with_an_error_code_failed_and_counted_nothing(load: Log):
    failed = {"errorCode": "ThrottlingException", "input": {"inputTokenCount": 0}, "output": {"outputTokenCount": 0}}
    (call,) = load(failed).calls
    assert (call["status"], call["error"]) == ("error", "ThrottlingException")
    assert not [column for column in call if column.endswith("tokens")]


def test_a_failed_call_may_have_neither_input_nor_output(load: Log):
    (call,) = load({"errorCode": "ResourceNotFoundException", "input": None, "output": None}).calls
    assert (call["status"], call["model"]) == ("error", MODEL)


def test_large_bodies_stand_elsewhere_and_the_counts_stay(load: Log):
    (call,) = load(
        {
            "operation": "ConverseStream",
            "input": {"inputTokenCount": 52110, "inputBodyS3Path": "s3://b/in"},
            "output": {"outputTokenCount": 840, "outputBodyS3Path": "s3://b/out"},
        }
    ).calls
    assert (call["prompt_tokens"], call["completion_tokens"], call["tokens"]) == (52110, 840, 52950)
    assert "duration" not in call


def streamed(*events: Any) -> dict[str, Any]:
    body = {"messages": [], "max_tokens": 512, "temperature": 1}
    return {
        "operation": "InvokeModelWithResponseStream",
        "input": {"inputBodyJson": body},
        "output": {"outputBodyJson": list(events)},
    }


def test_the_last_event_of_a_stream_tells_how_long_it_took(load: Log):
    (call,) = load(streamed(*STREAM, STOP)).calls
    assert (call["duration"], call["time_to_first_token"], call["stream"]) == (4.21, 0.61, True)
    assert (call["temperature"], call["max_tokens"], call["request_type"]) == (1.0, 512, "chat")
    assert (call["prompt_tokens"], call["completion_tokens"], call["finish_reason"]) == (1240, 512, "max_tokens")


def test_the_counts_of_a_streams_events_are_cumulative_and_the_last_one_holds(load: Log):
    (call,) = load(streamed(*STREAM, None, "x", {"type": "message_stop"})).calls
    assert (call["prompt_tokens"], call["completion_tokens"], call["tokens"]) == (1240, 512, 1752)
    assert (call["cache_read_tokens"], call["cache_write_tokens"]) == (1000, 200)
    assert "time_to_first_token" not in call


def test_the_counts_of_the_record_go_before_those_of_the_answer(load: Log):
    change = streamed(*STREAM, STOP)
    change["input"] = {"inputTokenCount": 41}
    change["output"]["outputTokenCount"] = 500
    (call,) = load(change).calls
    assert (call["prompt_tokens"], call["completion_tokens"]) == (1241, 500)


def test_an_answer_that_was_not_streamed_has_its_counts_in_usage(load: Log):
    usage = {
        "input_tokens": 50,
        "cache_read_input_tokens": 30000,
        "cache_creation_input_tokens": None,
        "output_tokens": 200,
        "service_tier": "priority",
    }
    answer = {"type": "message", "stop_reason": "tool_use", "usage": usage}
    (call,) = load(
        {"operation": "InvokeModel", "input": {}, "output": {"outputBodyJson": json.dumps(answer)}},
    ).calls
    assert (call["prompt_tokens"], call["completion_tokens"]) == (30050, 200)
    assert (call["finish_reason"], call["service_tier"], call["stream"]) == ("tool_use", "priority", False)
    assert "cache_write_tokens" not in call


def test_a_stream_of_converse_has_its_counts_in_metadata(load: Log):
    events = [
        {"messageStart": {"role": "assistant"}},
        {"messageStop": {"stopReason": "end_turn"}},
        {
            "metadata": {
                "usage": {"inputTokens": 30, "outputTokens": 70, "cacheReadInputTokens": 5},
                "metrics": {"latencyMs": 900},
            }
        },
    ]
    (call,) = load({"operation": "ConverseStream", "input": {}, "output": {"outputBodyJson": events}}).calls
    assert (call["prompt_tokens"], call["completion_tokens"], call["duration"]) == (35, 70, 0.9)
    assert (call["finish_reason"], call["stream"]) == ("end_turn", True)


def test_a_model_that_counts_as_openai_does_has_the_cache_in_its_prompt(load: Log):
    usage = {"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 100}
    answer = {"choices": [{"finish_reason": "stop"}], "usage": usage}
    (call,) = load(
        {
            "operation": "InvokeModel",
            "modelId": "openai.gpt-oss-120b-1:0",
            "input": {"inputBodyJson": {"messages": [], "max_completion_tokens": 64}},
            "output": {"outputBodyJson": answer},
        }
    ).calls
    assert (call["prompt_tokens"], call["completion_tokens"], call["tokens"]) == (90, 10, 100)
    assert (call["finish_reason"], call["max_tokens"]) == ("stop", 64)


@pytest.mark.parametrize(
    ("body", "temperature", "most"),
    [
        ({"inputText": "…", "textGenerationConfig": {"temperature": 0, "maxTokenCount": 2048}}, 0.0, 2048),
        ({"prompt": "…", "temperature": 0.1, "max_gen_len": 512}, 0.1, 512),
        ('{"prompt": "…", "temperature": 0.1, "max_tokens": 256}', 0.1, 256),
    ],
)
def test_parameters_stand_where_the_family_of_models_has_them(load: Log, body: Any, temperature: float, most: int):
    sent = {"inputTokenCount": 7, "inputBodyJson": body}
    (call,) = load({"operation": "InvokeModel", "modelId": "amazon.titan-text-express-v1", "input": sent}).calls
    assert (call["temperature"], call["max_tokens"], call["request_type"]) == (temperature, most, "text_completion")


@pytest.mark.parametrize("model", ["amazon.titan-embed-text-v2:0", "cohere.embed-english-v3"])
def test_embeddings_have_no_completion(load: Log, model: str):
    (call,) = load(
        {
            "operation": "InvokeModel",
            "modelId": model,
            "input": {"inputTokenCount": 96},
            "output": {"outputTokenCount": 0},
        }
    ).calls
    assert (call["request_type"], call["prompt_tokens"], call["tokens"]) == ("embeddings", 96, 96)
    assert "completion_tokens" not in call


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/{MODEL}", MODEL),
        ("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0", "amazon.nova-micro-v1:0"),
        ("arn:aws:bedrock:us-east-1:1:application-inference-profile/a1b2", None),
        ("arn:aws:bedrock:us-east-1:1:provisioned-model/x9", None),
        ("amazon.nova-micro-v1:0", None),
    ],
)
def test_a_resource_whose_name_says_the_model_is_the_model(load: Log, theirs: str, ours: str | None):
    (call,) = load({"modelId": theirs}).calls
    assert call["model"] == (ours or theirs)


def test_metadata_of_a_request_may_name_the_session(load: Log):
    (call,) = load({"requestMetadata": {"team": "search", "session_id": "s-1"}}).calls
    assert call["session_id"] == "s-1"


def test_a_record_that_reached_two_files_is_one_call(tmp_path: Path):
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps(CALL) + "\n" + json.dumps(CALL | {"requestId": name}), encoding="utf-8")
    loaded = load_logs(tmp_path)
    assert sorted(call["request_id"] for call in loaded.calls) == ["a.json", "a1b2", "b.json"]


@pytest.mark.parametrize("strange", [{"input": 5}, {"output": "x"}, {"identity": []}, {"requestMetadata": "x"}])
def test_a_strange_part_does_not_cost_the_record(load: Log, strange: dict[str, Any]):
    (call,) = load(strange).calls
    assert call["request_id"] == "a1b2"


def test_the_example_has_five_calls_and_a_repeat():
    (path,) = (Path(__file__).parents[2] / "examples" / "bedrock").iterdir()
    loaded = load_logs(path)
    assert (loaded.files[0].source, len(loaded.calls), loaded.files[0].merged) == ("bedrock", 5, 1)
    assert sum(call.get("tokens", 0) for call in loaded.calls) == 18802 + 552 + 96 + 52950


def test_another_log_is_not_recognised():
    assert not BEDROCK.recognises([{"events": [{"timestamp": 1, "message": "error"}]}])
    assert not BEDROCK.recognises([{"timestamp": 1, "modelId": "m", "input": {"inputTokenCount": 1}}])
    assert BEDROCK.recognises([{"message": "Permissions are correctly set."}, {"message": json.dumps(CALL)}])


def test_an_empty_reason_at_the_end_of_a_stream_replaces_none(load: Log):
    (call,) = load(streamed({"stopReason": "end_turn"}, {"stopReason": ""}, STOP)).calls
    assert call["finish_reason"] == "end_turn"
