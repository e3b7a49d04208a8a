"""Write a log of N made-up records in the true shape of a source, the same for the same N.

Contents are short: what a record costs beside its text is measured. Records come in groups, as a program writes them
for one call, some of which are no call or the same call again.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count as numbers
from pathlib import Path
from typing import NamedTuple

SEED = 20_241_218
FIRST = 1_733_011_200  # 2024-12-01
MODELS = tuple(f"model-{number:02}-2024-11-20" for number in range(12))
WEIGHTS = tuple(2.0**-number for number in range(12))
#: Requests of one run of a benchmark.
RUN = 1000


class Call(NamedTuple):
    """What there is to say of a call; `at` is seconds since 1970."""

    number: int
    at: float
    model: str
    prompt: int
    cached: int
    completion: int
    reasoning: int
    first_token: float
    duration: float

    @property
    def end(self) -> float:
        return self.at + self.duration

    @property
    def id(self) -> str:
        return f"{self.number:024x}"


class Written(NamedTuple):
    records: int
    calls: int


@dataclass(frozen=True)
class Shape:
    """How the records of a source stand in a file. `group` gives the lines of one call; `records` of them count."""

    name: str
    group: Callable[[Call], str]
    records: int = 1
    before: str = ""
    between: str = "\n"
    after: str = "\n"


def calls() -> Iterator[Call]:
    chance = random.Random(SEED)  # deterministic by design
    for number in numbers():
        (model,) = chance.choices(MODELS, WEIGHTS)
        prompt, completion = int(1 + 4_000 * chance.random()), int(1 + 1_000 * chance.random())
        duration = round(0.05 + 20 * chance.random(), 3)
        yield Call(
            number,
            FIRST + 2 * number + int(1000 * chance.random()) / 1000,
            model,
            prompt,
            prompt // 2,
            completion,
            completion // 4,
            round(duration * (0.1 + 0.8 * chance.random()), 3),
            duration,
        )


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


# -- tables ------------------------------------------------------------------------------------------------------------


def azure_trace(call: Call) -> str:
    return f"{iso(call.at)[:-1].replace('T', ' ')}0000,{call.prompt},{call.completion}"


def burstgpt(call: Call) -> str:
    api = call.number % 3 == 0
    session = "" if api else f"{call.number // 5:08x}"
    return (
        f"{call.at - FIRST:.3f},{session},{call.duration},{('ChatGPT', 'GPT-4')[call.number % 2]},{call.prompt},"
        f"{call.completion},{call.prompt + call.completion},{'API' if api else 'Conversation'} log"
    )


def mooncake(call: Call) -> str:
    blocks = ", ".join(map(str, range(call.number, call.number + 1 + call.prompt // 512)))
    return (
        f'{{"timestamp": {int(1000 * (call.at - FIRST))}, "input_length": {call.prompt}, '
        f'"output_length": {call.completion}, "hash_ids": [{blocks}]}}'
    )


def llmperf(call: Call) -> str:
    lines = (
        '"error_code": null',
        '"error_msg": ""',
        f'"inter_token_latency_s": {call.duration / call.completion}',
        f'"ttft_s": {call.first_token}',
        f'"end_to_end_latency_s": {call.duration}',
        f'"request_output_throughput_token_per_s": {call.completion / call.duration}',
        f'"number_total_tokens": {call.prompt + call.completion}',
        f'"number_output_tokens": {call.completion}',
        f'"number_input_tokens": {call.prompt}',
    )
    return "    {\n        " + ",\n        ".join(lines) + "\n    }"


def generic_lines(call: Call) -> str:
    return (
        f'{{"timestamp": "{iso(call.at)}", "model": "{call.model}", "user": "user-{call.number % 100}", '
        f'"prompt_tokens": {call.prompt}, "completion_tokens": {call.completion}, '
        f'"latency_ms": {1000 * call.duration:.1f}, "ttft_ms": {1000 * call.first_token:.1f}, "status": "ok"}}'
    )


def generic_csv(call: Call) -> str:
    return (
        f"{iso(call.at)},{call.model},user-{call.number % 100},{call.prompt},{call.completion},"
        f"{1000 * call.duration:.1f},{1000 * call.first_token:.1f},ok"
    )


# -- records that need thought -----------------------------------------------------------------------------------------


def otlp(call: Call) -> str:
    def attribute(key: str, kind: str, value: str) -> str:
        return f'{{"key":"{key}","value":{{"{kind}":{value}}}}}'

    attributes = ",".join(
        (
            attribute("gen_ai.operation.name", "stringValue", '"chat"'),
            attribute("gen_ai.provider.name", "stringValue", '"openai"'),
            attribute("gen_ai.request.model", "stringValue", f'"{call.model}"'),
            attribute("gen_ai.response.model", "stringValue", f'"{call.model}"'),
            attribute("gen_ai.request.temperature", "doubleValue", "0.2"),
            attribute("gen_ai.usage.input_tokens", "intValue", f'"{call.prompt}"'),
            attribute("gen_ai.usage.output_tokens", "intValue", f'"{call.completion}"'),
            attribute("gen_ai.usage.cache_read.input_tokens", "intValue", f'"{call.cached}"'),
            attribute("gen_ai.response.id", "stringValue", f'"chatcmpl-{call.id}"'),
            attribute("gen_ai.response.time_to_first_chunk", "doubleValue", f"{call.first_token}"),
            '{"key":"gen_ai.response.finish_reasons","value":{"arrayValue":{"values":[{"stringValue":"stop"}]}}}',
        )
    )
    return (
        '{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"chat-api"}}]},'
        '"scopeSpans":[{"scope":{"name":"opentelemetry.instrumentation.openai_v2"},"spans":['
        f'{{"traceId":"{call.number:032x}","spanId":"{call.number:016x}","name":"chat {call.model}","kind":3,'
        f'"startTimeUnixNano":"{int(1000 * call.at)}000000","endTimeUnixNano":"{int(1000 * call.end)}000000",'
        f'"attributes":[{attributes}],"status":{{"code":1}}}}]}}]}}]}}'
    )


def claude_code(call: Call) -> str:
    """The user's line, two blocks of one message of the model, and what a tool answered."""

    def line(part: int, kind: str, message: str, more: str = "") -> str:
        return (
            f'{{"parentUuid":"{4 * call.number + part - 1:032x}","isSidechain":false,"userType":"external",'
            f'"cwd":"/home/u/app","sessionId":"{call.number // 50:032x}","version":"2.0.14","gitBranch":"main",'
            f'"type":"{kind}","message":{message}{more},"uuid":"{4 * call.number + part:032x}",'
            f'"timestamp":"{iso(call.at + part / 10)}"}}'
        )

    def block(content: str, output: int) -> str:
        return (
            f'{{"id":"msg_{call.id}","type":"message","role":"assistant","model":"{call.model}","content":[{content}],'
            '"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":4,'
            f'"cache_creation_input_tokens":{call.prompt - call.cached},"cache_read_input_tokens":{call.cached},'
            f'"cache_creation":{{"ephemeral_5m_input_tokens":{call.prompt - call.cached},'
            f'"ephemeral_1h_input_tokens":0}},"output_tokens":{output},"service_tier":"standard"}}}}'
        )

    request = f',"requestId":"req_{call.id}"'
    tool = '{"type":"tool_use","id":"toolu_1","name":"Read","input":{"file_path":"a.py"}}'
    return "\n".join(
        (
            line(0, "user", '{"role":"user","content":"…"}'),
            line(1, "assistant", block('{"type":"text","text":"…"}', 1), request),
            line(2, "assistant", block(tool, call.completion), request),
            line(3, "user", '{"role":"user","content":[{"tool_use_id":"toolu_1","type":"tool_result","content":"…"}]}'),
        )
    )


def codex(call: Call) -> str:
    """A turn, the model's message, what it took, and that told once more."""

    def line(kind: str, payload: str) -> str:
        return f'{{"timestamp":"{iso(call.at)}","type":"{kind}","payload":{payload}}}'

    def usage(prompt: int, cached: int, completion: int, reasoning: int) -> str:
        return (
            f'{{"input_tokens":{prompt},"cached_input_tokens":{cached},"output_tokens":{completion},'
            f'"reasoning_output_tokens":{reasoning},"total_tokens":{prompt + completion}}}'
        )

    so_far = call.number + 1
    total = usage(5_000 * so_far, 2_500 * so_far, 1_000 * so_far, 500 * so_far)
    last = usage(call.prompt, call.cached, call.completion, call.reasoning)
    told = line(
        "event_msg",
        f'{{"type":"token_count","info":{{"total_token_usage":{total},"last_token_usage":{last},'
        '"model_context_window":272000},"rate_limits":null}',
    )
    return "\n".join(
        (
            line("turn_context", f'{{"cwd":"/home/u/app","approval_policy":"never","model":"{call.model}"}}'),
            line(
                "response_item",
                '{"type":"message","role":"assistant","content":[{"type":"output_text","text":"…"}]}',
            ),
            told,
            told,
        )
    )


def openai(call: Call) -> str:
    return (
        f'{{"id":"chatcmpl-{call.id}","object":"chat.completion","created":{int(call.at)},"model":"{call.model}",'
        '"choices":[{"index":0,"message":{"role":"assistant","content":"…"},"finish_reason":"stop","logprobs":null}],'
        f'"usage":{{"prompt_tokens":{call.prompt},"completion_tokens":{call.completion},'
        f'"total_tokens":{call.prompt + call.completion},"prompt_tokens_details":{{"cached_tokens":{call.cached},'
        f'"audio_tokens":0}},"completion_tokens_details":{{"reasoning_tokens":{call.reasoning},"audio_tokens":0,'
        '"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default",'
        '"system_fingerprint":null}'
    )


def anthropic(call: Call) -> str:
    return (
        f'{{"id":"msg_{call.id}","type":"message","role":"assistant","model":"{call.model}",'
        '"content":[{"type":"text","text":"…"}],"stop_reason":"end_turn","stop_sequence":null,'
        f'"usage":{{"input_tokens":{call.prompt - call.cached},"cache_creation_input_tokens":0,'
        f'"cache_read_input_tokens":{call.cached},"cache_creation":{{"ephemeral_5m_input_tokens":0,'
        f'"ephemeral_1h_input_tokens":0}},"output_tokens":{call.completion},"service_tier":"standard"}}}}'
    )


def litellm(call: Call) -> str:
    return (
        f'{{"id":"chatcmpl-{call.id}","trace_id":"t-{call.number}","call_type":"acompletion","stream":true,'
        f'"response_cost":0.00512,"status":"success","total_tokens":{call.prompt + call.completion},'
        f'"prompt_tokens":{call.prompt},"completion_tokens":{call.completion},"startTime":{call.at:.3f},'
        f'"endTime":{call.end:.3f},"completionStartTime":{call.at + call.first_token:.3f},'
        f'"response_time":{call.first_token},"model":"{call.model}","model_id":"m1","model_group":"{call.model}",'
        '"custom_llm_provider":"openai","api_base":"https://api.openai.com","metadata":{"user_api_key_user_id":"u1",'
        f'"usage_object":{{"prompt_tokens":{call.prompt},"completion_tokens":{call.completion},'
        f'"prompt_tokens_details":{{"cached_tokens":{call.cached}}}}}}},"cache_hit":false,"request_tags":["prod"],'
        '"end_user":"cust-7","model_parameters":{"temperature":0.2,"stream":true},"error_str":null,'
        '"error_information":null}'
    )


def langfuse(call: Call) -> str:
    """A span of the application, and the generation in it."""

    def observation(kind: str, parent: str, more: str) -> str:
        return (
            f'{{"id":"{kind}-{call.id}","traceId":"tr-{call.id}","projectId":"p1","parentObservationId":{parent},'
            f'"type":"{kind}","name":"answer","level":"DEFAULT","statusMessage":null,"environment":"production",'
            f'"startTime":"{iso(call.at)}","endTime":"{iso(call.end)}",{more}"traceName":"chat","traceTags":["prod"],'
            '"userId":"u1"}'
        )

    generation = (
        f'"completionStartTime":"{iso(call.at + call.first_token)}","model":"{call.model}",'
        f'"modelParameters":{{"temperature":0.2}},"usageDetails":{{"input":{call.prompt - call.cached},'
        f'"input_cached_tokens":{call.cached},"output":{call.completion},"total":{call.prompt + call.completion}}},'
        '"costDetails":{"input":0.0002,"output":0.003,"total":0.0032},"totalCost":0.0032,'
    )
    nothing = '"completionStartTime":null,"model":null,"modelParameters":null,"usageDetails":{},"costDetails":{},'
    return "\n".join(
        (observation("SPAN", "null", nothing), observation("GENERATION", f'"SPAN-{call.id}"', generation)),
    )


def helicone(call: Call) -> str:
    return (
        f'{{"request_id":"{call.id}","request_created_at":"{iso(call.at)}","response_created_at":"{iso(call.end)}",'
        f'"response_status":200,"request_model":"{call.model}","response_model":"{call.model}","provider":"OPENAI",'
        '"request_user_id":"u1","request_properties":{"Session":"s1","env":"prod"},'
        f'"delay_ms":{int(1000 * call.duration)},"time_to_first_token":{int(1000 * call.first_token)},'
        f'"total_tokens":{call.prompt + call.completion},"prompt_tokens":{call.prompt},'
        f'"completion_tokens":{call.completion},"prompt_cache_read_tokens":{call.cached},'
        '"prompt_cache_write_tokens":0,"costUSD":0.0056}'
    )


def bedrock(call: Call) -> str:
    return (
        f'{{"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timestamp":"{iso(call.at)[:-5]}Z",'
        '"accountId":"123456789012","identity":{"arn":"arn:aws:sts::123456789012:assumed-role/app/s"},'
        f'"region":"us-east-1","requestId":"{call.id}","operation":"Converse","modelId":"us.anthropic.{call.model}-v1:0",'
        f'"input":{{"inputContentType":"application/json","inputTokenCount":{call.prompt - call.cached},'
        f'"cacheReadInputTokenCount":{call.cached},"cacheWriteInputTokenCount":0,'
        '"inputBodyJson":{"inferenceConfig":{"temperature":0.2}}},'
        f'"output":{{"outputContentType":"application/json","outputTokenCount":{call.completion},'
        f'"outputBodyJson":{{"stopReason":"end_turn","metrics":{{"latencyMs":{int(1000 * call.duration)}}},'
        f'"usage":{{"inputTokens":{call.prompt - call.cached},"outputTokens":{call.completion},'
        f'"totalTokens":{call.prompt - call.cached + call.completion}}}}}}}}}'
    )


def llm(call: Call) -> str:
    lines = (
        f'"id": "{call.number:026x}"',
        f'"model": "openai/{call.model}"',
        '"prompt": "…"',
        '"system": null',
        '"prompt_json": null',
        '"options_json": {\n      "temperature": 0.2\n    }',
        '"response": "…"',
        '"response_json": null',
        f'"conversation_id": "{call.number // 5:026x}"',
        f'"duration_ms": {int(1000 * call.duration)}',
        f'"datetime_utc": "{iso(call.at)[:-1]}000+00:00"',
        f'"input_tokens": {call.prompt}',
        f'"output_tokens": {call.completion}',
        '"token_details": null',
        '"conversation_name": "…"',
        f'"conversation_model": "openai/{call.model}"',
        '"attachments": []',
    )
    return "  {\n    " + ",\n    ".join(lines) + "\n  }"


def vllm(run: list[Call]) -> str:
    gaps = [[round((call.duration - call.first_token) / 15, 6)] * 15 for call in run]
    tokens = sum(call.completion for call in run)
    result = {
        "date": datetime.fromtimestamp(run[0].at, UTC).strftime("%Y%m%d-%H%M%S"),
        "endpoint_type": "openai-chat",
        "backend": "openai-chat",
        "model_id": run[0].model,
        "num_prompts": len(run),
        "request_rate": "inf",
        "duration": run[-1].end - run[0].at,
        "completed": len(run),
        "failed": 0,
        "total_input_tokens": sum(call.prompt for call in run),
        "total_output_tokens": tokens,
        "request_throughput": len(run) / (run[-1].end - run[0].at),
        "input_lens": [call.prompt for call in run],
        "output_lens": [call.completion for call in run],
        "ttfts": [call.first_token for call in run],
        "itls": gaps,
        "latencies": [call.duration for call in run],
        "start_times": [call.at - FIRST + 70_000 for call in run],
        "generated_texts": ["…"] * len(run),
        "errors": [""] * len(run),
    }
    return json.dumps(result)


def aiperf(call: Call) -> str:
    start, end = int(1000 * call.at) * 1_000_000, int(1000 * call.end) * 1_000_000
    gap = (call.duration - call.first_token) / 8 * 1000
    metrics = ",".join(
        (
            f'"input_sequence_length":{{"value":{call.prompt},"unit":"tokens"}}',
            f'"time_to_first_token":{{"value":{1000 * call.first_token},"unit":"ms"}}',
            f'"request_latency":{{"value":{1000 * call.duration},"unit":"ms"}}',
            f'"output_token_count":{{"value":{call.completion - call.reasoning},"unit":"tokens"}}',
            f'"reasoning_token_count":{{"value":{call.reasoning},"unit":"tokens"}}',
            f'"inter_chunk_latency":{{"value":[{",".join([f"{gap:.6f}"] * 8)}],"unit":"ms"}}',
            f'"output_sequence_length":{{"value":{call.completion},"unit":"tokens"}}',
            f'"inter_token_latency":{{"value":{gap:.6f},"unit":"ms"}}',
        )
    )
    return (
        f'{{"metadata":{{"session_num":{call.number},"x_request_id":"{call.id}","x_correlation_id":"c-{call.id}",'
        f'"conversation_id":"s-{call.id}","turn_index":0,"request_start_ns":{start},"request_ack_ns":{start + 1},'
        f'"request_end_ns":{end},"worker_id":"worker_359d423a","record_processor_id":"record_processor_1fa47cd7",'
        f'"benchmark_phase":"profiling","was_cancelled":false,"cancellation_time_ns":null}},"metrics":{{{metrics}}},'
        '"error":null}'
    )


#: By source; `generic` reads two of them.
SHAPES = {
    "azure-trace": Shape("trace.csv", azure_trace, before="TIMESTAMP,ContextTokens,GeneratedTokens\n"),
    "burstgpt": Shape(
        "BurstGPT.csv",
        burstgpt,
        before="Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n",
    ),
    "mooncake": Shape("mooncake.jsonl", mooncake),
    "llmperf": Shape("individual_responses.json", llmperf, before="[\n", between=",\n", after="\n]\n"),
    "generic-lines": Shape("hand-made.jsonl", generic_lines),
    "generic-csv": Shape(
        "hand-made.csv",
        generic_csv,
        before="timestamp,model,user,prompt_tokens,completion_tokens,latency_ms,ttft_ms,status\n",
    ),
    "otlp": Shape("spans.jsonl", otlp),
    "claude-code": Shape("session.jsonl", claude_code, records=4),
    "codex": Shape("rollout.jsonl", codex, records=4),
    "openai": Shape("completions.jsonl", openai),
    "anthropic": Shape("messages.jsonl", anthropic),
    "litellm": Shape("litellm.jsonl", litellm),
    "langfuse": Shape("observations.jsonl", langfuse, records=2),
    "helicone": Shape("helicone.jsonl", helicone),
    "bedrock": Shape("bedrock.jsonl", bedrock),
    "llm": Shape("logs.json", llm, before="[\n", between=",\n", after="\n]\n"),
    "vllm": Shape("results.json", lambda call: vllm([call])),
    "aiperf": Shape("profile_export.jsonl", aiperf),
}


def write(source: str, path: Path, count: int, least: int = 0) -> Written:
    """So many records, rounded up to whole groups; with `least`, as many as make a file of that many bytes."""
    shape = SHAPES[source]
    records = size = number = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(shape.before)
        for number, (text, more) in enumerate(_groups(source, shape, count, least)):
            size += file.write(f"{shape.between}{text}" if number else text)
            records += more
            if size >= least if least else records >= count:
                break
        file.write(shape.after)
    return Written(records, records // shape.records)


def _groups(source: str, shape: Shape, count: int, least: int) -> Iterator[tuple[str, int]]:
    made = calls()
    if source != "vllm":
        for call in made:
            yield shape.group(call), shape.records
    left = count
    while least or left > 0:
        run = [next(made) for _ in range(RUN if least else min(RUN, left))]
        left -= len(run)
        yield vllm(run), len(run)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", choices=sorted(SHAPES))
    parser.add_argument("count", type=int, help="how many records")
    parser.add_argument("path", type=Path, help="the file to write")
    asked = parser.parse_args()
    write(asked.source, asked.path, asked.count)


if __name__ == "__main__":
    main()
