"""Routing before the first byte: weights, order, retries, cooldowns, fallbacks, timers; one row per attempt."""

import asyncio
import json
import socket
import time
from datetime import datetime

import pytest
from tollgate_stack import MODEL, ScriptedProvider, free_port
from tollgate_stack.configuration import model
from tollgate_stack.ledger import FLAG_FALLBACK
from tollgate_stack.load import LoadConnection, spread
from tollgate_stack.scripted_provider import LAST_CHUNK, chunk, stream_head, whole
from tollgate_stack.stack import timed

RETRIES = {"max": 2, "backoff": "50ms", "backoff_max": "200ms"}
NO_COOLDOWN = {"failures": 0}
TIMERS = {"connect": "1s", "first_byte": "1s", "idle": "1s", "total": "10s"}


def target(name, **more):
    return {"provider": "mock", "model": name, **more}


CHANGES = {
    "timeouts": TIMERS,
    "models": [
        model(MODEL),
        model("weighted", target("heavy", weight=3), target("light", weight=1)),
        model("ordered", target("first", order=1), target("second", order=2), retries=RETRIES, cooldown=NO_COOLDOWN),
        model("retried", retries=RETRIES, cooldown=NO_COOLDOWN),
        model(
            "cooling", target("cool-1", order=1), target("cool-2", order=2),
            retries={"max": 0}, cooldown={"failures": 3, "within": "10s", "for": "2s"},
        ),
        # Of one test alone, whose first target nothing else has cooled.
        model(
            "at-fault", target("at-fault-1", order=1), target("at-fault-2", order=2),
            retries={"max": 0}, cooldown={"failures": 1, "within": "10s", "for": "5s"},
        ),
        model(
            "spare", target("bad", order=1), target("good", order=2),
            retries={"max": 1, "backoff": "10ms"}, cooldown={"failures": 2, "within": "10s", "for": "2s"},
        ),
        model(
            "hasty", retries={"max": 2, "backoff": "10ms"}, cooldown={"failures": 3, "within": "10s", "for": "5s"}
        ),
        *[
            model(
                f"{name}{wildcard}", target(f"{name}-1{up}", order=1), target(f"{name}-2{up}", order=2),
                retries={"max": 1, "backoff": "10ms"}, cooldown={"failures": 1, "within": "10s", "for": "10s"},
            )
            for name, wildcard, up in (("resort", "", ""), ("wild", "/*", "-*"), ("account", "/*", "-*"))
        ],
        model("only", retries={"max": 0}, cooldown={"failures": 2, "within": "10s", "for": "5s"}),
        model("with-fallback", retries={"max": 0}, cooldown=NO_COOLDOWN, fallbacks=["fallback-1", "fallback-2"]),
        model("fallback-1", retries={"max": 0}, cooldown=NO_COOLDOWN),
        model("fallback-2", retries={"max": 0}, cooldown=NO_COOLDOWN, fallbacks=["with-fallback"]),
        model("quick", timeouts={**TIMERS, "total": "1500ms"}),
        model(
            "watched", target("watched-1", order=1), target("watched-2", order=2),
            retries={"max": 0}, cooldown={"failures": 1, "within": "10s", "for": "5s"},
        ),
    ],
}  # fmt: skip


@pytest.fixture
def client(stack):
    return stack.caller()


def models_asked(stack):
    return [attempt["model"] for attempt in stack.mock.attempts()]


def cooldowns(stack, text):
    """What the gateway's log says of cooldowns whose lines have that text."""
    lines = [json.loads(line) for line in stack.gateway.text().splitlines() if "cool down" in line and text in line]
    return [line for line in lines if line["message"] == "a target begins to cool down"]


def rows_of(stack, answer, count, seconds=5):
    identity = answer.headers["x-request-id"]
    deadline = time.monotonic() + seconds
    while True:
        rows = [row for row in stack.ledger.rows() if row["request_id"] == identity]
        if len(rows) >= count or time.monotonic() > deadline:
            assert len(rows) == count, rows
            return sorted(rows, key=lambda row: row["attempt"])
        time.sleep(0.05)


def test_weights_share_out_the_calls(stack, client):
    """Targets are drawn by chance. Of 4,000 calls 3,000 are expected at 3:1."""
    body = client.chat_body(model="weighted")

    async def run():
        connections = [LoadConnection(stack.port, client.key) for _ in range(16)]
        return await spread([lambda connection: connection.post(body)] * 4000, connections)

    answers = asyncio.run(run())
    assert {getattr(answer, "status", answer) for answer in answers} == {200}
    asked = models_asked(stack)
    # 3:1 misses this in 8 of 10^10 runs; 2:1 meets it in 2 of 10^8.
    assert 2830 <= asked.count("heavy") <= 3166 and len(asked) == 4000, asked.count("heavy")


def test_order_comes_before_weight_and_the_next_is_asked_on_failure(stack, client):
    assert client.chat(model="ordered").status == 200
    stack.mock.rules({"model": "first", "fault": "500"})
    answer = client.chat(model="ordered")
    assert answer.status == 200
    assert models_asked(stack) == ["first", "first", "second"]
    rows = rows_of(stack, answer, 2)
    assert [(row["upstream_model"], row["attempt"], row["status"], row["outcome"]) for row in rows] == [
        ("first", 1, 500, "upstream_error"),
        ("second", 2, 200, "complete"),
    ]
    assert rows[0]["cost_nanos"] == 0


@pytest.mark.parametrize("fault", ["500", "502", "503", "529", "408", "cut", "wrong_type", "empty"])
def test_what_may_pass_is_tried_again(stack, client, fault):
    stack.mock.rules({"model": "retried", "fault": fault, "first": 2})
    answer = client.chat(model="retried")
    assert answer.status == 200
    assert len(models_asked(stack)) == 3
    rows = rows_of(stack, answer, 3)
    assert [row["outcome"] for row in rows] == ["upstream_error", "upstream_error", "complete"]


def test_a_stream_is_tried_again_before_its_first_byte(stack, client):
    stack.mock.rules({"model": "retried", "fault": "500", "first": 1}, {"model": "retried", "fault": "cut", "first": 1})
    with client.stream(model="retried") as stream:
        assert stream.status == 200 and stream.events()[-1] == b"[DONE]"
    assert len(models_asked(stack)) == 3


def test_a_stream_is_never_spliced_after_its_first_byte(stack, client):
    stack.mock.rules({"model": "retried", "fault": "cut_chunk", "after": 2, "interval": "5ms"})
    with client.stream(model="retried") as stream:
        events = stream.events()
    assert "error" in json.loads(events[-1])
    assert len(models_asked(stack)) == 1


@pytest.mark.parametrize("fault, code", [("400", 400), ("404", 404), ("422", 422), ("context_length", 400)])
def test_an_answer_about_the_request_itself_is_passed_on_and_not_tried_again(stack, client, fault, code):
    stack.mock.rules({"model": "retried", "fault": fault, "message": "the provider's own words"})
    answer = client.chat(model="retried")
    assert answer.status == code and "the provider's own words" in answer.error["message"]
    assert len(models_asked(stack)) == 1


def test_when_all_attempts_fail_the_providers_own_answer_is_given(stack, client):
    stack.mock.rules({"model": "retried", "fault": "503", "message": "the provider's own words"})
    answer = client.chat(model="retried")
    assert answer.status == 503 and "the provider's own words" in answer.error["message"]
    assert len(models_asked(stack)) == 3


def test_a_failure_says_who_was_asked_last_and_how_often(stack, client):
    fault = {"fault": "503", "message": "busy"}
    stack.mock.rules({"model": "first", **fault}, {"model": "second", **fault})
    whole_answer = client.chat(model="ordered")
    asked = models_asked(stack)
    with client.stream(model="ordered") as stream:
        for answer, models in ((whole_answer, asked), (stream, models_asked(stack)[len(asked) :])):
            assert answer.status == 503
            assert answer.headers["x-tollgate-provider"] == "mock"
            assert answer.headers["x-tollgate-model"] == models[-1]
            assert answer.headers["x-tollgate-attempts"] == str(len(models)) and len(models) > 1
            assert float(answer.headers["x-litellm-response-cost"]) == 0
    # Nobody was asked.
    assert not any(name.startswith("x-tollgate") for name in client.chat(model="no such").headers)


def test_a_429_is_tried_again_after_the_time_it_names_and_passed_on_in_the_end(stack, client):
    stack.mock.rules({"model": "retried", "fault": "429", "retry_after": 1, "first": 1})
    answer, seconds = timed(lambda: client.chat(model="retried"))
    assert answer.status == 200 and 0.95 < seconds < 2.5
    stack.mock.rules({"model": MODEL, "fault": "429", "retry_after": 7})
    answer = client.chat()
    assert answer.status == 429 and answer.headers["retry-after"] == "7"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_wait_before_a_retry_is_no_time_of_the_gateways_and_an_error_no_first_token(stack, client, stream):
    overhead = "tollgate_gateway_overhead_seconds"
    tokens = 'tollgate_time_to_first_token_seconds_count{model="retried",provider="mock"}'
    before = stack.metrics()
    stack.mock.rules({"model": "retried", "fault": "429", "retry_after": 1, "first": 1})
    answer = client.post("/v1/chat/completions", client.chat_body(model="retried", stream=stream))
    assert answer.status == 200 and len(models_asked(stack)) == 2
    line = stack.log_line(answer)
    after = stack.metrics()
    assert after[f"{overhead}_count"] - before.get(f"{overhead}_count", 0) == 1
    assert after[f"{overhead}_sum"] - before.get(f"{overhead}_sum", 0) < 0.5
    assert after[tokens] - before.get(tokens, 0) == 1
    # When the client was given the answer, not when the provider sent the error before it.
    assert 950 < line["first_byte_ms"] <= line["duration_ms"]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_an_error_has_no_first_byte_of_an_answer(stack, client, stream):
    stack.mock.rules({"model": MODEL, "fault": "500"})
    answer = client.post("/v1/chat/completions", client.chat_body(stream=stream))
    line = stack.log_line(answer)
    assert (answer.status, line["end"]) == (500, "upstream_error") and "first_byte_ms" not in line


def test_a_wrong_provider_key_is_not_told_to_the_client_as_its_own(stack, client):
    stack.mock.rules({"model": MODEL, "fault": "401"})
    answer = client.chat()
    assert answer.status in (502, 503) and answer.error["code"] == "upstream_authentication"


def test_retries_back_off(stack, client):
    stack.mock.rules({"model": "retried", "fault": "500"})
    client.chat(model="retried")
    times = [datetime.fromisoformat(attempt["started_at"]) for attempt in stack.mock.attempts()]
    gaps = [(later - earlier).total_seconds() for earlier, later in zip(times, times[1:])]
    # 50 ms and 100 ms, of which up to a half is left to chance.
    assert len(gaps) == 2 and 0.02 < gaps[0] < 0.15 and 0.045 < gaps[1] < 0.2, gaps


# Cooldown


def test_a_target_that_failed_three_times_is_left_alone_and_comes_back(stack, client):
    stack.mock.rules({"model": "cool-1", "fault": "500", "first": 3})
    assert [client.chat(model="cooling").status for _ in range(3)] == [500] * 3
    start = time.monotonic()
    assert client.chat(model="cooling").status == 200
    assert models_asked(stack) == ["cool-1"] * 3 + ["cool-2"]
    while models_asked(stack)[-1] == "cool-2" and time.monotonic() < start + 5:
        time.sleep(0.05)
        assert client.chat(model="cooling").status == 200
    assert 1.5 < time.monotonic() - start < 3.5


def test_where_all_targets_cool_down_they_are_asked_nevertheless(stack, client):
    stack.mock.rules({"model": "cool-*", "fault": "500", "first": 6})
    assert [client.chat(model="cooling").status for _ in range(7)] == [500] * 6 + [200]
    assert models_asked(stack) == ["cool-1"] * 3 + ["cool-2"] * 3 + ["cool-1"]


def test_a_cooling_target_is_asked_when_all_others_have_failed(stack, client):
    stack.mock.rules({"model": "resort-1", "fault": "500", "first": 1})
    assert client.chat(model="resort").status == 200
    stack.mock.rules({"model": "resort-2", "fault": "500"})
    assert client.chat(model="resort").status == 200
    assert models_asked(stack) == ["resort-1", "resort-2", "resort-2", "resort-1"]


@pytest.mark.parametrize("rule", [{"fault": "403"}, {"fault": "429", "retry_after": "60"}, {"fault": "500"}])
def test_a_model_that_fails_at_a_wildcard_target_cools_no_other(stack, client, rule):
    bad = "bad-" + rule["fault"]
    stack.mock.rules({"model": f"wild-1-{bad}", **rule})
    for name in (bad, "good", bad, "other"):
        assert client.chat(model=f"wild/{name}").status == 200
    asked = [f"wild-1-{bad}", f"wild-2-{bad}", "wild-1-good", f"wild-2-{bad}", "wild-1-other"]
    assert models_asked(stack) == asked
    assert stack.metrics()['tollgate_cooldowns{model="wild/*",provider="mock"}'] == 1
    assert [line["cools"] for line in cooldowns(stack, bad)] == [f"the model wild-1-{bad}"]


def test_the_log_names_the_model_that_cools_at_a_wildcard_target_without_what_looks_like_a_key(stack, client):
    secret = "sk-proj-" + "Ab3dEf6hIj9kLm2n" * 3
    stack.mock.rules({"model": f"wild-1-told/{secret}", "fault": "500"})
    assert client.chat(model=f"wild/told/{secret}").status == 200
    assert [line["cools"] for line in cooldowns(stack, "wild-1-told")] == ["the model wild-1-told/«redacted»"]
    assert secret not in stack.gateway.text()


def test_a_key_that_is_refused_cools_a_wildcard_target_for_every_model(stack, client):
    stack.mock.rules({"model": "account-1-*", "fault": "401"})
    for name in ("one", "two"):
        assert client.chat(model=f"account/{name}").status == 200
    assert models_asked(stack) == ["account-1-one", "account-2-one", "account-2-two"]


def test_a_model_that_the_account_may_not_use_is_told_as_such(stack, client):
    stack.mock.rules({"model": "only", "fault": "403", "first": 1})
    answer = client.chat(model="only")
    assert answer.status == 502
    assert answer.error["message"].startswith("The provider answered 403: it does not let the gateway's account use")


def test_a_model_with_one_target_is_asked_however_often_it_failed(stack, client):
    """There is nobody better to wait for."""
    stack.mock.rules({"model": "only", "fault": "500", "first": 5})
    assert [client.chat(model="only").status for _ in range(6)] == [500] * 5 + [200]


def test_a_cooling_target_is_passed_over_for_another(stack, client):
    stack.mock.rules({"model": "bad", "fault": "500"})
    for _ in range(10):
        assert client.chat(model="spare").status == 200
    asked = models_asked(stack)
    assert asked.count("bad") == 2 and asked.count("good") == 10, asked


def test_a_cooldown_is_in_the_metrics_and_once_in_the_log(stack, client):
    stack.mock.rules({"model": "watched-*", "fault": "500", "first": 2})
    assert [client.chat(model="watched").status for _ in range(4)] == [500, 500, 200, 200]
    assert stack.metrics()['tollgate_cooldowns{model="watched",provider="mock"}'] == 2
    lines = cooldowns(stack, '"watched-')
    assert {line["cools"] for line in lines} == {"the target"}
    assert [(line["message"], line["provider"], line["model"], line["because"]) for line in lines] == [
        ("a target begins to cool down", "mock", f"watched-{number}", "500") for number in (1, 2)
    ]


def test_a_request_counts_once_however_often_it_is_tried(stack, client):
    stack.mock.rules({"model": "hasty", "fault": "500"})
    for asked, cooling in ((3, 0), (6, 0), (9, 1)):
        assert client.chat(model="hasty").status == 500 and len(models_asked(stack)) == asked
        assert stack.metrics().get('tollgate_cooldowns{model="hasty",provider="mock"}', 0) == cooling


@pytest.mark.parametrize("rule", [{"fault": "401"}, {"fault": "429", "retry_after": "60"}, {"fault": "quota"}])
def test_without_cooldowns_nothing_cools_down(stack, client, rule):
    stack.mock.rules({"model": "first", **rule})
    for _ in range(3):
        assert client.chat(model="ordered").status == 200
    assert models_asked(stack) == ["first", "second"] * 3


def test_errors_of_the_request_cool_nothing_down(stack, client):
    """The second target is there to be asked, were the first one left alone."""
    stack.mock.rules({"model": "at-fault-*", "fault": "400"})
    assert {client.chat(model="at-fault").status for _ in range(10)} == {400}
    assert models_asked(stack) == ["at-fault-1"] * 10


# Fallbacks


def test_a_fallback_model_answers_and_the_row_says_so(stack, client):
    stack.mock.rules({"model": "with-fallback", "fault": "500"})
    answer = client.chat(model="with-fallback")
    assert answer.status == 200
    assert models_asked(stack) == ["with-fallback", "fallback-1"]
    rows = rows_of(stack, answer, 2)
    assert [bool(row["flags"] & FLAG_FALLBACK) for row in rows] == [False, True]


def test_fallbacks_are_asked_in_order_and_never_in_a_loop(stack, client):
    names = ["with-fallback", "fallback-1", "fallback-2"]
    stack.mock.rules(*[{"model": name, "fault": "500"} for name in names])
    assert client.chat(model="with-fallback").status == 500
    assert models_asked(stack) == names


def test_a_key_without_the_fallback_model_may_still_fall_back(stack):
    """The operator configured the fallback; the key says which names its holder may ask for."""
    stack.mock.rules({"model": "with-fallback", "fault": "500"})
    assert stack.caller(models=["with-fallback"]).chat(model="with-fallback").status == 200


# Timers


def test_a_provider_that_sends_no_first_byte_is_given_up(stack, client):
    answer, seconds = timed(lambda: client.chat(mock="fault=stall"))
    assert answer.status == 504 and "first" in answer.error["message"].lower()
    assert 0.9 < seconds < 2
    with client.stream(mock="fault=stall") as stream:
        assert stream.status == 504
    (row,) = rows_of(stack, answer, 1)
    assert row["outcome"] == "timeout"


def test_a_whole_answer_that_stalls_half_way_is_given_up(stack, client):
    answer, seconds = timed(lambda: client.chat(mock="fault=stall_chunk,tokens=100"))
    assert answer.status == 504 and 0.9 < seconds < 2.5


def test_the_total_time_holds_over_everything(stack, client):
    drip = "fault=drip,drip_bytes=200,drip_interval=200ms,tokens=2000"
    answer, seconds = timed(lambda: client.chat(model="quick", mock=drip))
    assert answer.status == 504 and 1.4 < seconds < 2.5


def test_a_slow_but_steady_stream_is_not_given_up(stack, client):
    with client.stream(mock="interval=300ms,tokens=10") as stream:
        assert stream.events()[-1] == b"[DONE]"


def test_connections_that_fail_are_told_apart(new_stack):
    closed = free_port()
    # A listener whose queue is full: the kernel answers no further connection.
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    fillers = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(full.getsockname())
        fillers.append(filler)
    providers = {
        "closed": {"base_url": f"http://127.0.0.1:{closed}/v1", "api_key": "file:provider.key"},
        "full": {"base_url": f"http://127.0.0.1:{full.getsockname()[1]}/v1", "api_key": "file:provider.key"},
        "nowhere": {"base_url": "http://no-such-host.invalid/v1", "api_key": "file:provider.key"},
    }
    models = [model(name, {"provider": name, "model": "x"}) for name in providers]
    stack = new_stack({"providers": providers, "models": models, "timeouts": TIMERS})
    client = stack.caller()
    for name, status in (("closed", 502), ("nowhere", 502), ("full", 504)):
        answer, seconds = timed(lambda model_name=name: client.chat(model=model_name))
        assert answer.status == status and seconds < 3, (name, answer)
        assert str(closed) not in answer.body.decode() and "invalid" not in answer.error["message"]
        rows_of(stack, answer, 1)
    for filler in [*fillers, full]:
        filler.close()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_headers_beyond_the_limit_are_told_as_such(stack, client, stream):
    body = client.chat_body(model="only", stream=stream, mock="fault=header_flood")
    answer = client.post("/v1/chat/completions", body)
    assert (answer.status, answer.error["code"]) == (502, "upstream_broken")
    assert answer.error["message"] == "The provider's answer was broken: its headers are larger than 262144 bytes."
    assert [row["error"] for row in rows_of(stack, answer, 1)] == ["upstream_headers_too_large"]
    assert stack.log_line(answer)["error"] == "upstream_headers_too_large"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_success_without_an_answer_is_none_and_the_next_target_is_asked(new_stack, stream):
    def script(request, peer):
        peer.sendall(stream_head() + chunk(b"data: [DONE]\n\n") + LAST_CHUNK if stream else whole(b"{}"))

    with ScriptedProvider(script) as provider:
        account = {"base_url": provider.url, "api_key": "file:provider.key"}
        mock = {"base_url": "mock:/v1", "api_key": "file:provider.key"}
        nothing = {"provider": "scripted", "model": "m", "order": 1}
        changes = {"providers": {"scripted": account, "mock": mock}, "models": [model("nothing", nothing)]}
        answering = {"provider": "mock", "model": MODEL, "order": 2}
        changes["models"].append(model("answering", nothing, answering, retries=RETRIES))
        stack = new_stack(changes)
        client = stack.caller()
        body = client.chat_body(model="nothing", stream=stream)
        assert client.post("/v1/chat/completions", body).error["code"] == "upstream_broken"
        answer = client.post("/v1/chat/completions", body | {"model": "answering"})
        assert answer.status == 200 and b"choices" in answer.body


def test_a_redirect_is_not_followed(stack, client):
    """A provider's key is never sent to an address that somebody else chose."""
    with ScriptedProvider() as elsewhere:
        answer = client.chat(mock=f"fault=redirect,location={elsewhere.url}")
        assert answer.status == 502
        assert not elsewhere.requests


def test_a_connection_that_the_provider_closed_while_idle_costs_no_attempt_more(new_stack):
    """libcurl would send a request again by itself when a kept connection turns out to be dead: that call would be
    made, and billed, behind the ledger's back."""

    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    choice = {"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}
    reply = json.dumps({"id": "1", "object": "chat.completion", "choices": [choice], "usage": usage}).encode()

    def script(request, peer):
        if b"die" in request.body:
            peer.close()  # read, perhaps worked on, never answered
        else:
            peer.sendall(whole(reply))

    with ScriptedProvider(script) as provider:
        changes = {"providers": {"scripted": {"base_url": provider.url, "api_key": "file:provider.key"}}}
        changes["models"] = [model("same", {"provider": "scripted", "model": "same"})]
        stack = new_stack(changes)
        client = stack.caller()
        assert client.chat(model="same").status == 200
        for _ in range(10):
            before = len(provider.requests)
            answer = client.chat("die", model="same")
            assert answer.status == 502
            assert len(provider.requests) - before == len(rows_of(stack, answer, 1)) == 1
            assert client.chat(model="same").status == 200
