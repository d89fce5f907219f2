"""Streams: every chunk is forwarded when it comes, and every way in which one can end is told truly."""

import json
import threading
import time

import pytest
from tollgate_stack import MODEL, ScriptedProvider, wait_until
from tollgate_stack.client import Connection, request_bytes, text_of
from tollgate_stack.configuration import model
from tollgate_stack.ledger import FLAG_DRAINED, FLAG_STREAM
from tollgate_stack.scripted_provider import LAST_CHUNK, chunk, stream_head

TIMERS = {"connect": "2s", "first_byte": "2s", "idle": "1s", "total": "60s"}
CHANGES = {
    "timeouts": TIMERS,
    "models": [
        model(MODEL),
        model("any/*", {"provider": "mock"}),
        model("patient", timeouts={**TIMERS, "idle": "30s"}),
        model("drained", on_client_gone="drain"),
        model("cancelled", on_client_gone="cancel"),
    ],
}


def delta(text):
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    return b"data: " + json.dumps({"id": "c", "model": "same", "choices": [choice]}).encode() + b"\n\n"


def test_each_event_reaches_the_client_before_the_next_one_exists(new_stack):
    """In lock-step: the provider sends event n+1 only when the client has event n. Any buffering would stop it."""
    received = threading.Semaphore(0)
    count = 50

    def script(request, peer):
        peer.sendall(stream_head())
        for number in range(count):
            peer.sendall(chunk(delta(f"{number} ")))
            if not received.acquire(timeout=10):
                return
        peer.sendall(chunk(b"data: [DONE]\n\n"))
        peer.sendall(LAST_CHUNK)

    with ScriptedProvider(script) as provider:
        changes = {"providers": {"scripted": {"base_url": provider.url, "api_key": "file:provider.key"}}}
        changes["models"] = [model("same", {"provider": "scripted", "model": "same"})]
        stack = new_stack(changes)
        with stack.caller().stream(model="same", timeout=15) as stream:
            events = []
            while (event := stream.event()) is not None:
                events.append(event)
                received.release()
    assert text_of(events) == "".join(f"{number} " for number in range(count))


def test_events_cut_at_any_byte_arrive_whole_and_in_order(new_stack):
    text = 'naïve 😀 text with \\ and " in it ' * 5
    blocks = b"".join(delta(character) for character in text) + b"data: [DONE]\n\n"

    def script(request, peer):
        size = len(json.loads(request.body)["messages"][0]["content"])
        peer.sendall(stream_head())
        for start in range(0, len(blocks), size):
            peer.sendall(chunk(blocks[start : start + size]))
        peer.sendall(LAST_CHUNK)

    with ScriptedProvider(script) as provider:
        changes = {"providers": {"scripted": {"base_url": provider.url, "api_key": "file:provider.key"}}}
        changes["models"] = [model("same", {"provider": "scripted", "model": "same"})]
        stack = new_stack(changes)
        client = stack.caller()
        for size in (1, 2, 3, 7, 64, 1000):
            with client.stream("x" * size, model="same") as stream:
                events = stream.events()
            assert text_of(events) == text and events[-1] == b"[DONE]", size


def test_chunks_come_at_the_pace_of_the_provider(stack):
    start = time.monotonic()
    with stack.caller().stream(mock="interval=40ms,tokens=25") as stream:
        times = [when - start for when, _ in stream.timed_events()]
    # 25 content chunks, 24 pauses of 40 ms. A proxy that collects chunks would deliver them in fewer, later groups.
    gaps = [later - earlier for earlier, later in zip(times, times[1:])]
    assert times[0] < 0.3
    assert sum(gap > 0.02 for gap in gaps) >= 23, gaps
    assert max(gaps) < 0.2, gaps


def test_the_first_token_does_not_wait_for_the_second(stack):
    start = time.monotonic()
    with stack.caller().stream(mock="interval=1s,tokens=2", model="patient") as stream:
        while not text_of([stream.event()]):
            pass
        assert time.monotonic() - start < 0.5


def test_many_choices_stay_apart(stack):
    with stack.caller().stream(mock="say=abcdef,chunk_bytes=2", n=3) as stream:
        texts = {}
        for event in stream.events()[:-1]:
            for choice in json.loads(event)["choices"]:
                texts[choice["index"]] = texts.get(choice["index"], "") + (choice["delta"].get("content") or "")
    assert texts == {0: "abcdef", 1: "abcdef", 2: "abcdef"}


def row_of(stack, record, seconds=10):
    (row,) = stack.ledger.wait_for(1, seconds, key_id=stack.key_id(record))
    return row


def error_event(events):
    """The error that ends a broken stream: an event the SDK raises on, and no [DONE] behind it."""
    assert events[-1] != b"[DONE]"
    content = json.loads(events[-1])
    assert set(content["error"]) >= {"message", "type", "code"}, content
    return content["error"]


@pytest.mark.parametrize("fault", ["cut_chunk", "cut_inside", "cut_chunk,rst=1"])
def test_a_stream_that_the_provider_cuts_ends_with_an_error_event(stack, fault):
    record = stack.key()
    with stack.client.with_key(record["key"]).stream(mock=f"fault={fault},after=3,interval=5ms,tokens=9") as stream:
        events = stream.events()
    error_event(events)
    assert len([event for event in events[:-1] if text_of([event])]) == 3
    row = row_of(stack, record)
    assert (row["outcome"], row["flags"] & FLAG_STREAM) == ("upstream_error", FLAG_STREAM)
    assert row["cost_nanos"] > 0


def test_a_stream_that_stalls_ends_with_an_error_event_after_the_idle_time(stack):
    record = stack.key()
    start = time.monotonic()
    with stack.client.with_key(record["key"]).stream(mock="fault=stall_chunk,after=2,tokens=9") as stream:
        events = stream.events()
    assert 0.9 < time.monotonic() - start < 3
    error_event(events)
    assert row_of(stack, record)["outcome"] == "timeout"


def test_an_error_event_of_the_provider_passes_and_the_row_says_so(stack):
    record = stack.key()
    with stack.client.with_key(record["key"]).stream(mock="fault=error_event,after=2,tokens=9") as stream:
        events = stream.events()
    error_event(events)
    assert row_of(stack, record)["outcome"] == "upstream_error"


def test_a_stream_before_whose_first_event_the_provider_fails_has_a_true_status(stack):
    client = stack.caller()
    for fault, expected in (
        ("500", 500),
        ("429", 429),
        ("cut", 502),
        ("stall", 504),
        ("wrong_type", 502),
        ("empty", 502),
    ):
        with client.stream(mock=f"fault={fault}") as stream:
            body = stream.connection.read_body(stream.headers)
            assert stream.status == expected, (fault, stream.status, body)
            assert json.loads(body)["error"]["message"]


@pytest.mark.parametrize("fault", ["bad_json,after=2", "bad_utf8"])
def test_an_event_that_is_no_json_ends_a_stream_whose_bytes_pass(stack, fault):
    record = stack.key()
    with stack.client.with_key(record["key"]).stream(mock=f"fault={fault},tokens=6") as stream:
        events = stream.events()
    assert error_event(events)["code"] == "upstream_broken"
    row = row_of(stack, record)
    assert (row["outcome"], row["error"]) == ("upstream_error", "upstream_broken") and row["cost_nanos"] > 0
    assert stack.caller().chat().status == 200


def test_a_stream_without_usage_is_charged_by_what_went_over_the_wire(stack):
    record = stack.key()
    since = stack.mock.last_sequence()
    with stack.client.with_key(record["key"]).stream("x" * 400, mock="fault=no_usage,tokens=30") as stream:
        assert stream.events()[-1] == b"[DONE]"
    row = row_of(stack, record)
    assert row["source"] in ("computed", "estimated")
    assert row["cost_nanos"] >= stack.mock.attempts(since)[0]["bill_nanos"]


def test_a_whole_answer_without_usage_is_charged_by_what_went_over_the_wire(stack):
    record = stack.key()
    since = stack.mock.last_sequence()
    assert stack.client.with_key(record["key"]).chat("x" * 400, mock="fault=no_usage,tokens=30").status == 200
    row = row_of(stack, record)
    assert row["source"] in ("computed", "estimated")
    assert row["cost_nanos"] >= stack.mock.attempts(since)[0]["bill_nanos"]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("fault", ["bad_json,after=2", "cut_chunk,after=2"])
def test_an_answer_that_began_and_broke_is_charged(stack, fault, stream):
    record = stack.key()
    client = stack.client.with_key(record["key"])
    if stream:
        with client.stream("x" * 400, mock=f"fault={fault},tokens=30") as answer:
            answer.events()
    else:
        assert client.chat("x" * 400, mock=f"fault={fault},tokens=30").status == 502
    assert row_of(stack, record)["cost_nanos"] >= 100 * 150, "what the prompt costs"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("fault", ["500", "cut", "wrong_type", "empty"])
def test_what_was_never_answered_costs_nothing(stack, fault, stream):
    record = stack.key()
    client = stack.client.with_key(record["key"])
    if stream:
        with client.stream("x" * 400, mock=f"fault={fault}") as answer:
            answer.connection.read_body(answer.headers)
    else:
        client.chat("x" * 400, mock=f"fault={fault}")
    row = row_of(stack, record)
    assert (row["outcome"], row["cost_nanos"]) == ("upstream_error", 0)


# Clients that leave


def leave_a_stream(stack, record, model_name, after=3):
    stream = stack.client.with_key(record["key"]).stream(model=model_name, mock="interval=30ms,tokens=40")
    for _ in range(after):
        stream.event()
    stream.close()


def test_a_client_that_leaves_cancels_the_call_within_a_second(stack):
    record = stack.key(max_parallel_requests=1)
    leave_a_stream(stack, record, "cancelled")
    wait_until(lambda: stack.mock.stats()["disconnects_seen"] >= 1, 1.5, "the mock to see the cancelled call")
    row = row_of(stack, record)
    assert row["outcome"] == "client_gone" and row["source"] in ("computed", "estimated")
    (attempt,) = stack.mock.attempts()
    assert attempt["ended"] == "client_gone" and attempt["chunks"] < 20
    assert row["cost_nanos"] >= attempt["prompt_tokens"] * 150
    # The slot is free again.
    assert stack.client.with_key(record["key"]).chat().status == 200


def test_where_the_policy_is_to_drain_the_real_usage_is_charged(stack):
    record = stack.key()
    leave_a_stream(stack, record, "drained")
    row = row_of(stack, record)
    (attempt,) = stack.mock.attempts()
    assert attempt["ended"] == "complete" and attempt["chunks"] == 40
    assert (row["outcome"], row["source"]) == ("client_gone", "provider")
    assert row["flags"] & FLAG_DRAINED
    assert row["cost_nanos"] == attempt["bill_nanos"]


def test_a_client_that_leaves_a_whole_call_cancels_it(stack):
    record = stack.key(max_parallel_requests=1)
    client = stack.client.with_key(record["key"])
    body = json.dumps(client.chat_body(model="cancelled", mock="latency=20s")).encode()
    connection = Connection(stack.port)
    connection.send(request_bytes("POST", "/v1/chat/completions", client.credentials(), body))
    wait_until(lambda: stack.mock.total("open") == 1, what="the call at the mock")
    connection.close()
    wait_until(lambda: stack.mock.stats()["disconnects_seen"] == 1, 1.5, "the mock to see the cancelled call")
    assert row_of(stack, record)["outcome"] == "client_gone"
    assert client.chat().status == 200


def test_streams_whose_clients_leave_at_once_leak_nothing(stack):
    record = stack.key(max_parallel_requests=20)
    client = stack.client.with_key(record["key"])
    for _ in range(100):
        client.stream(mock="interval=20ms,tokens=100").close()
    rows = stack.ledger.wait_for(100, key_id=stack.key_id(record))
    assert len(rows) == 100
    streams = [client.stream(mock="interval=20ms,tokens=3") for _ in range(20)]
    assert [stream.status for stream in streams] == [200] * 20
    for stream in streams:
        stream.close()
    wait_until(lambda: stack.mock.total("open") == 0, what="no call left open at the mock")


def test_a_slow_reader_of_a_small_stream_frees_the_provider(stack):
    """The answer fits into the buffers in between, so the provider is done long before the client has read it."""
    client = stack.caller()
    stream = client.stream(mock="tokens=2000", receive_buffer=4096, max_tokens=2000)
    wait_until(lambda: stack.mock.total("open_streams") == 0, 5, "the provider's stream to end")
    assert stream.events()[-1] == b"[DONE]"
    stream.close()
