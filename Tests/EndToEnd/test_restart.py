"""Restarts and shutdown: no answer is lost, streams finish, the journal is flushed."""

import asyncio
import signal
import threading
import time

import pytest
from tollgate_stack import MODEL, wait_until
from tollgate_stack.configuration import model
from tollgate_stack.load import LoadConnection

CHANGES = {
    "models": [model(MODEL), model("any/*", {"provider": "mock"})],
    "gateway": {"drain": "15s"},
}


class Load:
    """Requests without a pause from a thread of its own, until told to stop."""

    def __init__(self, stack, connections=16, stream=False, mock="latency=5ms"):
        self.stack = stack
        self.key = stack.key()["key"]
        self.body = stack.client.chat_body(mock=mock, stream=stream)
        self.connections = connections
        self.answers = []
        self.stopping = False
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run()))

    async def run(self):
        async def work():
            connection = LoadConnection(self.stack.port, self.key)
            while not self.stopping:
                try:
                    answer = await connection.post(self.body)
                    self.answers.append((time.monotonic(), answer.status))
                except (OSError, asyncio.IncompleteReadError) as error:
                    self.answers.append((time.monotonic(), repr(error)))
            connection.close()

        await asyncio.gather(*(work() for _ in range(self.connections)))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.thread.join()

    def failures(self):
        return [answer for answer in self.answers if answer[1] != 200]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_restart_under_load_loses_nothing(new_stack, stream):
    stack = new_stack(CHANGES)
    old = []
    with Load(stack, stream=stream, mock="latency=5ms" if not stream else "interval=2ms,tokens=5") as load:
        time.sleep(0.5)
        for _ in range(5):
            old.append(stack.restart_gateway())
            time.sleep(1.0)
    assert len(load.answers) > 500
    assert not load.failures(), (len(load.failures()), load.failures()[:5])
    for process in old:
        process.wait(20)
        assert process.process.returncode == 0
    rows = stack.ledger.wait_for(len(load.answers), 10)
    assert len(rows) == len(load.answers) == stack.mock.total()
    assert len({row["id"] for row in rows}) == len(rows)


def test_a_stream_outlives_the_restart_of_its_gateway(new_stack):
    stack = new_stack(CHANGES)
    client = stack.caller()
    streams = [client.stream(mock="interval=50ms,tokens=60") for _ in range(10)]
    old = stack.restart_gateway()
    wait_until(lambda: client.chat().status == 200, 5, "the new process")
    for stream in streams:
        assert stream.events()[-1] == b"[DONE]"
        stream.close()
    old.wait(15)
    assert old.process.returncode == 0
    rows = stack.ledger.settled()
    assert sum(row["flags"] & 1 for row in rows) == 10
    assert {row["outcome"] for row in rows} == {"complete"}


def test_sigterm_makes_readiness_503_and_lets_streams_finish(new_stack):
    stack = new_stack(CHANGES)
    client = stack.caller()
    streams = [client.stream(mock="interval=50ms,tokens=60") for _ in range(5)]
    stack.gateway.send(signal.SIGTERM)
    wait_until(lambda: stack.client.get("/health/readiness").status == 503, 1.0, "readiness 503")
    for stream in streams:
        assert stream.events()[-1] == b"[DONE]"
        stream.close()
    assert stack.gateway.wait(15) == 0
    rows = stack.ledger.rows()
    # Nothing is left in the journal for the next start: all of it is in the store when the process ends.
    assert len(rows) == 5 and {row["outcome"] for row in rows} == {"complete"}
    stack.gateway.start()
    stack.wait_until_ready()


def test_streams_that_outlast_the_limit_are_ended_and_written_down(new_stack):
    stack = new_stack({**CHANGES, "gateway": {"drain": "2s"}})
    client = stack.caller()
    stream = client.stream(mock="interval=200ms,tokens=1000")
    stream.event()
    start = time.monotonic()
    stack.gateway.send(signal.SIGTERM)
    assert stack.gateway.wait(10) == 0
    assert 1.5 < time.monotonic() - start < 6
    stream.close()
    (row,) = stack.ledger.rows()
    assert row["cost_nanos"] > 0
    stack.gateway.start()
    stack.wait_until_ready()
    assert len(stack.ledger.settled()) == 1


def test_a_stream_of_a_gateway_that_dies_is_cut_off(new_stack):
    """nginx must not end the body as if all of it had come: clients take half an answer for all of it then."""
    stack = new_stack(CHANGES)
    stream = stack.master.stream("x", mock="interval=20ms,tokens=200")
    assert stream.event() is not None
    stack.gateway.kill()
    with pytest.raises(ConnectionError):
        stream.events()


def test_an_idle_gateway_stops_at_once(new_stack):
    stack = new_stack(CHANGES)
    time.sleep(6)  # until nginx has closed its idle connections
    start = time.monotonic()
    stack.gateway.send(signal.SIGTERM)
    assert stack.gateway.wait(5) == 0
    assert time.monotonic() - start < 1.5
    stack.gateway.start()
    stack.wait_until_ready()


def test_the_admin_restarts_without_the_gateway_noticing(new_stack):
    stack = new_stack(CHANGES)
    with Load(stack, connections=4) as load:
        for _ in range(3):
            stack.admin_program.stop()
            stack.admin_program.start()
            wait_until(lambda: stack.master.get("/key/list").status == 200, 5, "the admin")
    assert not load.failures()


def test_a_start_after_a_crash_finds_the_socket_file_and_goes_on(new_stack):
    stack = new_stack(CHANGES)
    assert (stack.home / "run/gateway.sock").exists()
    for _ in range(3):
        stack.kill_gateway()
        stack.wait_until_ready()
        assert stack.caller().chat().status == 200


def test_the_first_answer_comes_within_half_a_second_of_the_start(new_stack):
    stack = new_stack(CHANGES)
    client = stack.caller()
    times = []
    for _ in range(3):
        stack.gateway.kill()
        start = time.monotonic()
        stack.gateway.start()
        wait_until(lambda: client.chat().status == 200, 10, "the first answer", pause=0.002)
        times.append(time.monotonic() - start)
    assert min(times) < 0.5, times
