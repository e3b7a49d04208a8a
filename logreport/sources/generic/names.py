"""How people call the columns of a call in logs of their own, best first.

Names are compared in one spelling: `promptTokens`, `Prompt tokens` and `prompt-tokens` are all `prompt_tokens`. A name
of several words may also stand on several keys: `usage.input` is `usage_input`. Units are left out: `latency_ms` is
`latency`.
"""

from __future__ import annotations

from typing import Final

NAMES: Final[dict[str, str]] = {
    "created": (
        "start_time started_at start_timestamp start_ts start_at request_start request_started_at"
        " request_start_time request_time request_timestamp requested_at request_at launch_time launched_at"
        " created_at created creation_time create_time created_time timestamp ts time_stamp datetime date_time"
        " event_time event_timestamp logged_at log_time log_timestamp invoked_at called_at issued_at sent_at"
        " received_at arrival_time arrived_at arrival start began_at begin_time begin when at time t date epoch"
        " unix_time"
    ),
    "ended": (
        "end_time ended_at end_timestamp end_ts end_at finish_time finished_at completed_at completion_time"
        " request_end request_end_time response_at responded_at response_timestamp done_at end finished"
    ),
    "first_token": (
        "first_token_at first_token_time first_token_timestamp first_token_ts completion_start_time"
        " first_chunk_at first_chunk_time first_token_received_at"
    ),
    "model": (
        "response_model model model_id model_name model_used llm_model llm_model_name model_slug model_key"
        " ai_model request_model requested_model llm llm_name deployment deployment_name deployment_id engine"
    ),
    "provider": "provider llm_provider model_provider provider_name api_provider vendor gen_ai_system",
    "request_type": "request_type call_type operation_name operation task_type task endpoint op type kind",
    "temperature": "temperature sampling_temperature temp",
    "max_tokens": "max_tokens max_completion_tokens max_output_tokens max_new_tokens max_tokens_to_sample",
    "stream": "stream streaming is_streaming is_stream streamed",
    "prompt_tokens": (
        "prompt_tokens input_tokens prompt_token_count input_token_count in_tokens tokens_in tokens_prompt"
        " tokens_input input_tokens_total total_input_tokens total_prompt_tokens prompt_tokens_total"
        " num_prompt_tokens num_input_tokens number_input_tokens number_prompt_tokens n_prompt_tokens"
        " n_input_tokens num_tokens_prompt num_tokens_input prompt_tokens_count input_tokens_count"
        " prompt_tokens_used input_tokens_used context_tokens request_tokens query_tokens sent_tokens tokens_sent"
        " llm_prompt_tokens llm_input_tokens usage_input usage_prompt usage_in tokens_used_input"
        " tokens_used_prompt token_usage_input token_usage_prompt token_usage_in token_count_input"
        " token_count_prompt token_counts_input token_counts_prompt tokens_count_input tokens_request prompt_toks"
        " input_toks toks_in tok_in in_tok in_toks prompt_tok input_tok prompt_eval_count tokens_evaluated"
        " prompt_n isl input_sequence_length input_len input_length"
    ),
    "completion_tokens": (
        "completion_tokens output_tokens completion_token_count output_token_count out_tokens tokens_out"
        " tokens_completion tokens_output output_tokens_total total_output_tokens total_completion_tokens"
        " completion_tokens_total num_completion_tokens num_output_tokens number_output_tokens"
        " number_completion_tokens n_completion_tokens n_output_tokens num_tokens_completion num_tokens_output"
        " completion_tokens_count output_tokens_count completion_tokens_used output_tokens_used"
        " candidates_token_count response_tokens generated_tokens generation_tokens gen_tokens"
        " num_generated_tokens reply_tokens answer_tokens received_tokens tokens_received new_tokens decode_tokens"
        " llm_completion_tokens llm_output_tokens usage_output usage_completion usage_out tokens_used_output"
        " tokens_used_completion token_usage_output token_usage_completion token_usage_out token_count_output"
        " token_count_completion token_counts_output token_counts_completion tokens_count_output tokens_response"
        " tokens_generated completion_toks output_toks toks_out tok_out out_tok out_toks completion_tok output_tok"
        " eval_count tokens_predicted predicted_n osl output_sequence_length output_len output_length"
    ),
    "tokens": (
        "total_tokens total_token_count tokens_total token_total total_tokens_used tokens_used token_count"
        " tokens_count num_tokens n_tokens number_total_tokens num_total_tokens usage_total token_usage_total"
        " usage_tokens token_usage tokens llm_total_tokens total_tok total_toks toks"
    ),
    "uncached_tokens": "uncached_tokens uncached_input_tokens uncached_prompt_tokens non_cached_tokens",
    "cache_read_tokens": (
        "cache_read_tokens cache_read_input_tokens cached_tokens cached_input_tokens cached_prompt_tokens"
        " prompt_cached_tokens input_cached_tokens prompt_cache_hit_tokens cache_hit_tokens cached_token_count"
        " cached_content_token_count cache_read_input_token_count cache_read_token_count prompt_cache_read_tokens"
        " tokens_cached tokens_cache_read usage_cached usage_cache_read tokens_used_cached cache_read cached_in"
    ),
    "cache_write_tokens": (
        "cache_write_tokens cache_creation_input_tokens cache_creation_tokens cache_write_input_tokens"
        " cache_write_input_token_count cache_creation_input_token_count prompt_cache_write_tokens"
        " prompt_cache_creation_tokens tokens_cache_write usage_cache_write usage_cache_creation cache_write"
    ),
    "reasoning_tokens": (
        "reasoning_tokens reasoning_output_tokens thinking_tokens thoughts_token_count reasoning_token_count"
        " thought_tokens tokens_reasoning usage_reasoning tokens_thinking completion_reasoning_tokens"
    ),
    "time_to_first_token": (
        "time_to_first_token ttft first_token_latency time_to_first_chunk to_first_token first_chunk_latency"
        " latency_first_token latency_ttft first_token_duration first_token_delay first_token time_first_token"
        " first_token_time"
    ),
    "duration": (
        "duration latency total_duration total_latency e2e_latency end_to_end_latency request_duration"
        " request_latency response_time elapsed elapsed_time total_time time_taken processing_time call_duration"
        " call_latency llm_latency llm_duration latency_total latency_e2e duration_total response_latency"
        " round_trip_time rtt took runtime run_time wall_time inference_time execution_time api_latency"
        " api_duration timing_total timings_total completion_duration response_duration delay"
    ),
    "status": (
        "status status_code http_status http_status_code response_status response_status_code outcome success"
        " is_success succeeded successful ok result state http_code"
    ),
    "error": (
        "error error_message error_msg error_type error_code error_str error_detail error_details error_reason"
        " err exception exception_type exception_message failure_reason failure is_error has_error failed"
        " is_failed errored"
    ),
    "finish_reason": "finish_reason stop_reason done_reason completion_reason finish_details_type",
    "service_tier": "service_tier tier",
    "user_id": (
        "user_id user userid uid end_user end_user_id user_name username user_email customer_id customer account_id"
    ),
    "session_id": "session_id session conversation_id conversation thread_id chat_id dialog_id trace_id",
    "cost": (
        "cost total_cost cost_total response_cost estimated_cost request_cost call_cost llm_cost price"
        " total_price spend usage_cost amount"
    ),
    "request_id": (
        "request_id req_id response_id completion_id call_id generation_id message_id llm_request_id requestid"
        " rid id uuid"
    ),
}

#: Keys below which nothing is a count of one call.
OTHER_KEYS: Final = frozenset(
    [
        "accumulated",
        "aggregate",
        "aggregated",
        "average",
        "avg",
        "baseline",
        "budget",
        "cumulative",
        "estimate",
        "estimated",
        "expected",
        "lifetime",
        "limit",
        "limits",
        "mean",
        "previous",
        "quota",
        "rate_limit",
        "rate_limits",
        "ratelimit",
        "remaining",
        "running",
        "session_total",
        "session_totals",
        "so_far",
        "summary",
        "to_date",
        "totals_so_far",
    ]
)
#: Words in a name that make of a count a running total.
RUNNING: Final = frozenset(["accumulated", "cum", "cumulative", "running", "lifetime"])

#: From the words by which a name tells its unit to seconds.
SECONDS: Final[dict[str, float]] = {
    **dict.fromkeys(("ns", "nano", "nanos", "nsec", "nanosecond", "nanoseconds"), 1e-9),
    **dict.fromkeys(("us", "µs", "μs", "micro", "micros", "usec", "microsecond", "microseconds"), 1e-6),
    **dict.fromkeys(("ms", "msec", "msecs", "millis", "milli", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 60.0),
}
#: From the words by which a name tells its currency to US dollars.
DOLLARS: Final[dict[str, float]] = {
    **dict.fromkeys(("usd", "dollar", "dollars"), 1.0),
    **dict.fromkeys(("cents", "cent", "usd_cents"), 0.01),
    "microdollars": 1e-6,
}
#: Currencies that are not ours: such a cost is unknown.
FOREIGN: Final = frozenset(["eur", "gbp", "cny", "rmb", "jpy", "inr", "chf", "credits", "points"])
#: Words that say how a time is written, not what it is.
CLOCKS: Final = frozenset(["utc", "gmt", "iso", "iso8601", "local", "unix", "epoch"])
