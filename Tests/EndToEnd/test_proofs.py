"""The issue's proofs: the ledger is the provider's bill, kill -9 loses nothing, no slot leaks, a slow reader costs
nobody anything. (200 parallel requests with money for 50: test_limits_budgets.py.)"""

import asyncio
import collections
import json
import random
import statistics
import threading
import time

from tollgate_stack import MODEL, wait_until
from tollgate_stack.configuration import model
from tollgate_stack.load import LoadConnection, spread

TIMERS = {"connect": "2s", "first_byte": "700ms", "idle": "700ms", "total": "30s"}
STAR = {"provider": "mock"}

CHANGES = {
    "timeouts": TIMERS,
    "models": [
        model(MODEL),
        # The upstream name is what the star stands for: one name per request, so that every ledger row can be
        # compared with the mock's own record of that call.
        model("cancel/*", STAR, on_client_gone="cancel"),
        model("drain/*", STAR, on_client_gone="drain"),
        model("retry/*", STAR, retries={"max": 2, "backoff": "5ms"}),
        model("fall/*", STAR, fallbacks=["spare"]),
        model("spare"),
    ],
}

# What a provider says of its usage on the way is what the gateway can know of an answer that ends early.
TOLD = "usage_every=1"


def kinds_of_requests():
    """(weight, kind, route, control of the mock, is it streamed, bytes after which the client leaves)"""
    return [
        (40, "whole", "cancel", "tokens={n}", False, None),
        (20, "stream", "cancel", "tokens={n}", True, None),
        (5, "cached", "cancel", "tokens={n},cached=3,reasoning=2", False, None),
        (4, "429", "cancel", "fault=429", False, None),
        (4, "500", "cancel", "fault=500", True, None),
        (3, "400", "cancel", "fault=400", False, None),
        (3, "cut before", "cancel", "fault=cut", False, None),
        (2, "cut before, stream", "cancel", "fault=cut", True, None),
        (4, "cut within", "cancel", "fault=cut_chunk,after={k},tokens=20," + TOLD, True, None),
        (2, "cut inside a chunk", "cancel", "fault=cut_inside,after={k},tokens=20," + TOLD, True, None),
        (1, "stall before", "cancel", "fault=stall", False, None),
        (1, "stall before, stream", "cancel", "fault=stall", True, None),
        (2, "stall within", "cancel", "fault=stall_chunk,after={k},tokens=20," + TOLD, True, None),
        (2, "error event", "cancel", "fault=error_event,after={k},tokens=20," + TOLD, True, None),
        (3, "client leaves, cancelled", "cancel", "fault=stall_chunk,after={k},tokens=20," + TOLD, True, "at {k}"),
        (3, "client leaves, drained", "drain", "interval=3ms,tokens=20", True, "at {k}"),
        (4, "retried", "retry", "tokens={n}", False, None),
        (2, "retried stream", "retry", "tokens={n}", True, None),
        (4, "fallen back", "fall", "tokens={n}", False, None),
    ]


class Request:
    def __init__(self, number, source, client):
        kinds = kinds_of_requests()
        _, self.kind, route, control, self.stream, leaves = source.choices(kinds, [kind[0] for kind in kinds])[0]
        self.events = source.randrange(1, 15)
        control = control.format(n=source.randrange(1, 60), k=self.events)
        prefix = {"retry": "t", "fall": "f"}.get(route, "r")
        self.upstream = f"{prefix}-{number}"
        members = {}
        if self.stream:
            members["stream"] = True
            if source.random() < 0.5:
                members["stream_options"] = {"include_usage": True}
        text = "x" * source.randrange(1, 500)
        name = f"{route}/{self.upstream}"
        self.body = client.chat_body(text, name, control, **members)
        self.leaves = leaves is not None

    async def run(self, connection):
        if not self.leaves:
            return await connection.post(self.body, timeout=30)
        # Leaves when all events before the stall have come: what was billed is then what was seen.
        return await leave_after_events(connection, self.body, self.events)


async def leave_after_events(connection, body, events):
    try:
        async with asyncio.timeout(30):
            await connection.send(json.dumps(body).encode())
            status, headers = await connection.head()
            seen = b""
            async for part in connection.chunks(headers):
                seen += part
                if seen.count(b'"content":"') - 1 >= events:  # the first event has the role and an empty content
                    break
            return status
    finally:
        connection.close()


def test_the_ledger_is_the_mocks_bill_over_2000_mixed_requests(new_stack):
    """Whole, streamed, client aborts, 429, 500, stalls, cuts, retries, fallbacks: a row per attempt, to the nano-dollar."""
    stack = new_stack(CHANGES)
    stack.mock.rules({"model": "t-*", "every": 2, "fault": "500"}, {"model": "f-*", "fault": "503"})
    source = random.Random(20261123)
    requests = [Request(number, source, stack.client) for number in range(2000)]
    key = stack.key()["key"]

    async def run():
        connections = [LoadConnection(stack.port, key) for _ in range(24)]
        return await spread([request.run for request in requests], connections)

    results = asyncio.run(run())
    unexpected = [result for result in results if isinstance(result, Exception)]
    assert not unexpected, unexpected[:5]
    wait_until(lambda: stack.mock.total("open") == 0, 30, "no call left open at the mock")
    attempts = stack.mock.attempts()
    rows = stack.ledger.wait_for(len(attempts), 20)
    rows = stack.ledger.settled()

    # A row per attempt, an attempt per row, by the name that only one request used.
    kind_of = {request.upstream: request.kind for request in requests} | {"spare": "fallen back"}
    per_row = collections.Counter(row["upstream_model"] for row in rows)
    per_attempt = collections.Counter(attempt["model"] for attempt in attempts)
    different = {kind_of[name] for name in per_row | per_attempt if per_row[name] != per_attempt[name]}
    assert not different, different
    assert len(rows) == len(attempts) > 2000 and len({row["id"] for row in rows}) == len(rows)

    # The money, per name and in sum.
    cost, bill = collections.Counter(), collections.Counter()
    for row in rows:
        cost[row["upstream_model"]] += row["cost_nanos"]
    for attempt in attempts:
        bill[attempt["model"]] += attempt["bill_nanos"]
    wrong = collections.defaultdict(list)
    for name in cost | bill:
        if cost[name] != bill[name]:
            wrong[kind_of[name]].append((name, cost[name], bill[name]))
    assert not wrong, {kind: (len(cases), cases[:3]) for kind, cases in wrong.items()}
    assert sum(cost.values()) == stack.mock.total("bill_nanos") > 0

    # The ledger's own sums say the same, and so does its verification.
    totals = stack.ledger.query("SELECT SUM(cost_nanos) AS cost, SUM(attempts) AS attempts FROM rollup_hourly")[0]
    assert (totals["cost"], totals["attempts"]) == (sum(bill.values()), len(rows))
    verified = stack.command("ledger", "verify", check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    statuses = collections.Counter(getattr(result, "status", result) for result in results)
    assert statuses[200] > 1000 and statuses[429] > 20 and statuses[502] > 20 and statuses[504] > 10, statuses


def test_what_a_provider_did_not_tell_is_estimated_and_never_free(new_stack):
    """Answers that break off without any figure: the row says `estimated`, and the cost is no less than the prompt's."""
    stack = new_stack(CHANGES)
    record = stack.key()
    client = stack.client.with_key(record["key"])
    text = "x" * 4000
    for mock in ("fault=cut_chunk,after=5", "fault=stall_chunk,after=5", "fault=cut_inside,after=2"):
        with client.stream(text, mock=mock + ",interval=2ms") as stream:
            stream.events()
    stream = client.stream(text, model="cancel/left", mock="interval=50ms,tokens=100")
    for _ in range(4):
        stream.event()
    stream.close()
    rows = stack.ledger.wait_for(4, key_id=stack.key_id(record))
    for row in rows:
        assert row["source"] != "provider" and row["cost_nanos"] >= 1000 * 150, row
    assert sum(row["cost_nanos"] for row in rows) >= sum(attempt["bill_nanos"] for attempt in stack.mock.attempts())


def test_ten_times_kill_9_under_load_loses_and_doubles_nothing(new_stack):
    stack = new_stack(CHANGES)
    key = stack.key()["key"]
    stopping = threading.Event()
    answered = set()
    numbers = iter(range(10**9))

    async def work():
        connection = LoadConnection(stack.port, key)
        while not stopping.is_set():
            name = f"k-{next(numbers)}"
            stream = int(name[2:]) % 2 == 1
            body = stack.client.chat_body("x" * 50, f"cancel/{name}", "latency=3ms,tokens=5", stream=stream)
            try:
                answer = await connection.post(body, timeout=20)
                if answer.status == 200 and (not stream or answer.body.endswith(b"data: [DONE]\n\n")):
                    answered.add(name)
                elif answer.status != 200:
                    await asyncio.sleep(0.01)
            except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
                await asyncio.sleep(0.01)
        connection.close()

    async def run():
        await asyncio.gather(*(work() for _ in range(24)))

    load = threading.Thread(target=lambda: asyncio.run(run()))
    load.start()
    try:
        for _ in range(10):
            time.sleep(0.7)
            stack.kill_gateway()
            stack.wait_until_ready()
    finally:
        stopping.set()
        load.join()
    wait_until(lambda: stack.mock.total("open") == 0, 10, "no call left open at the mock")
    rows = stack.ledger.settled(20)
    attempts = stack.mock.attempts()
    served = collections.Counter(attempt["model"] for attempt in attempts)
    written = collections.Counter(row["upstream_model"] for row in rows)
    assert len(attempts) > 1000 and len(answered) > 1000
    # Nothing that the mock was asked for is missing, nothing is there twice.
    assert not served - written, (served - written).most_common(5)
    assert max(written.values()) == 1, written.most_common(5)
    # A row that the mock knows nothing of can only be a call that was written down and then killed before it was sent.
    unsent = [row for row in rows if row["upstream_model"] not in served]
    assert all(row["outcome"] == "interrupted" for row in unsent) and len(unsent) < 24 * 10
    # What was answered is complete at its exact price.
    by_name = {row["upstream_model"]: row for row in rows}
    assert answered <= set(by_name)
    exact = 13 * 150 + 5 * 600  # 50 characters are 13 tokens
    for name in answered:
        row = by_name[name]
        assert row["cost_nanos"] == exact or row["outcome"] == "interrupted", row
    interrupted = [row for row in rows if row["outcome"] == "interrupted"]
    assert 0 < len(interrupted) <= 24 * 10 and all(row["source"] == "estimated" for row in interrupted)
    verified = stack.command("ledger", "verify", check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_after_5000_faulty_requests_a_key_with_one_slot_is_admitted(new_stack):
    stack = new_stack({**CHANGES, "timeouts": {**TIMERS, "first_byte": "100ms", "idle": "100ms"}})
    record = stack.key(max_parallel_requests=40, max_budget=1000)
    one = stack.key(max_parallel_requests=1)
    source = random.Random(20261124)
    faults = ["400", "401", "429", "500", "503", "cut", "cut_chunk,after=1", "cut_inside,after=1", "bad_json",
              "wrong_type", "empty", "redirect", "error_event,after=1", "no_done", "bad_utf8", "header_flood,headers=200",
              "stall", "stall_chunk,after=1"]  # fmt: skip
    bad = [b"", b"{", b"[]", b'{"model":"mock-gpt"}', b'{"model":"nothing","messages":[{"role":"user","content":"x"}]}',
           b'{"model":"mock-gpt","messages":[{"role":"user","content":"x"}],"max_tokens":-1}', b"\xff"]  # fmt: skip

    def job():
        draw = source.random()
        if draw < 0.3:
            body = source.choice(bad)
            return lambda connection: connection.post(body)
        weights = [10] * (len(faults) - 2) + [1, 1]
        body = stack.client.chat_body(
            "x", "cancel/faulty", "fault=" + source.choices(faults, weights)[0], stream=source.random() < 0.5
        )
        if draw < 0.4:
            return lambda connection: connection.post_and_leave(body, source.choice([0, 1, 200]))
        return lambda connection: connection.post(body)

    async def run():
        connections = [LoadConnection(stack.port, record["key"]) for _ in range(40)]
        # A tenth of them on the key with one slot, whose refusals must not take it away either.
        connections += [LoadConnection(stack.port, one["key"]) for _ in range(4)]
        return await spread([job() for _ in range(5000)], connections)

    results = asyncio.run(run())
    assert len(results) == 5000
    wait_until(lambda: stack.mock.total("open") == 0, 10, "no call left open at the mock")
    for each in (one, record):
        client = stack.client.with_key(each["key"])
        wait_until(lambda asking=client: asking.chat().status == 200, 2, "the slot to be free")
    # All forty slots, at the same time.
    client = stack.client.with_key(record["key"])
    streams = [client.stream(model="cancel/slots", mock="interval=50ms,tokens=8") for _ in range(40)]
    assert {stream.status for stream in streams} == {200}
    assert client.chat().status == 429
    for stream in streams:
        stream.close()
    metrics = stack.metrics()
    wait_until(
        lambda: all(value == 0 for name, value in stack.metrics().items() if "budget_holds" in name), 5, str(metrics)
    )


def test_a_slow_reader_costs_neither_memory_nor_the_others_time(new_stack):
    """One client reads a 50 MB stream at 10 KB/s; the gateway holds a bounded part of it, and others don't notice."""
    changes = {**CHANGES, "models": [*CHANGES["models"], model("big", timeouts={**TIMERS, "idle": "60s", "total": "300s"})]}
    stack = new_stack(changes)
    client = stack.caller()

    def p99(seconds=5):
        times = []
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            start = time.perf_counter()
            assert client.chat(mock="tokens=5").status == 200
            times.append(time.perf_counter() - start)
        return statistics.quantiles(times, n=100)[98]

    p99(1)
    alone = p99()
    memory = stack.gateway.resident_bytes()
    slow = stack.caller().stream(
        model="big", mock="fault=huge,mb=50", max_tokens=10_000_000, receive_buffer=8192, timeout=60
    )
    stopping = threading.Event()
    received = [0]

    def read():
        while not stopping.is_set():
            received[0] += len(slow.connection.socket.recv(1024))
            time.sleep(0.1)

    reader = threading.Thread(target=read)
    reader.start()
    beside = p99()
    grown = stack.gateway.resident_bytes() - memory
    stopping.set()
    reader.join()
    assert received[0] < 1_000_000
    assert stack.mock.total("open_streams") == 1, "the provider's stream waits for the reader"
    slow.close()
    wait_until(lambda: stack.mock.total("open_streams") == 0, 5, "the slow reader's call to be cancelled")
    assert grown < 8 << 20, f"{grown} bytes"
    assert beside < 1.5 * alone + 0.002, (alone, beside)
