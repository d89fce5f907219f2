"""The ledger and the request log: a store that is away delays nothing, verification finds what is wrong."""

import concurrent.futures
import json
import resource
import sqlite3
import time

import pytest
from tollgate_stack import MODEL, wait_until
from tollgate_stack.configuration import model

CHANGES = {"models": [model(MODEL), model("any/*", {"provider": "mock"})]}


def lock_store(stack):
    """A writer that holds the whole store, as a backup or a broken disk would."""
    connection = sqlite3.connect(stack.home / "tollgate.db", isolation_level=None, timeout=10)
    connection.execute("BEGIN IMMEDIATE")
    return connection


def test_a_locked_store_delays_no_request_and_the_rows_come_later(new_stack):
    stack = new_stack(CHANGES)
    record = stack.key(max_budget=100)
    client = stack.client.with_key(record["key"])
    assert client.chat().status == 200
    holder = lock_store(stack)
    times = []
    for _ in range(100):
        start = time.perf_counter()
        assert client.chat().status == 200
        times.append(time.perf_counter() - start)
    time.sleep(1.5)
    assert client.chat().status == 200
    holder.execute("ROLLBACK")
    holder.close()
    assert max(times) < 0.5, sorted(times)[-5:]
    rows = stack.ledger.wait_for(102, 15, key_id=stack.key_id(record))
    assert len(rows) == 102 and sum(row["cost_nanos"] for row in rows) == stack.mock.total("bill_nanos")


def test_what_was_written_while_the_store_was_locked_survives_kill_9(new_stack):
    stack = new_stack(CHANGES)
    record = stack.key()
    client = stack.client.with_key(record["key"])
    assert client.chat().status == 200
    key_id = stack.key_id(record)
    holder = lock_store(stack)
    for _ in range(20):
        assert client.chat().status == 200
    stack.gateway.kill()
    holder.execute("ROLLBACK")
    holder.close()
    stack.gateway.start()
    stack.wait_until_ready()
    rows = stack.ledger.wait_for(21, 10, key_id=key_id)
    assert len(rows) == 21 and {row["outcome"] for row in rows} == {"complete"}
    assert sum(row["cost_nanos"] for row in rows) == stack.mock.total("bill_nanos")


def test_on_a_full_disk_nothing_is_sent_that_cannot_be_written_down(new_stack):
    stack = new_stack(CHANGES)
    record = stack.key(max_budget=100)
    client = stack.client.with_key(record["key"])
    assert client.chat().status == 200
    served = stack.mock.total("requests")
    journal = max((stack.home / "journal").glob("*/*"), key=lambda path: path.stat().st_size)
    soft, hard = resource.prlimit(stack.gateway.pid, resource.RLIMIT_FSIZE)
    # No file of the gateway's can grow beyond what its journal has now.
    resource.prlimit(stack.gateway.pid, resource.RLIMIT_FSIZE, (journal.stat().st_size, hard))
    try:
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda number: client.chat(stream=number % 2 == 0), range(64)))
    finally:
        resource.prlimit(stack.gateway.pid, resource.RLIMIT_FSIZE, (soft, hard))
    assert {answer.status for answer in answers} == {503}
    assert {answer.json()["error"]["code"] for answer in answers} == {"ledger_unavailable"}
    assert stack.mock.total("requests") == served
    assert stack.metrics()["tollgate_journal_refusals_total"] == 64
    # Tried again each second.
    wait_until(lambda: client.chat().status == 200, 5, "a journal that takes records again")
    rows = [row for row in stack.ledger.settled() if row["key_id"] == stack.key_id(record)]
    assert stack.command("ledger", "verify").returncode == 0
    sent = [row for row in rows if row["outcome"] == "complete"]
    assert len(sent) == stack.mock.total("requests")
    assert sum(row["cost_nanos"] for row in sent) == stack.mock.total("bill_nanos")
    withheld = [row for row in rows if row["outcome"] != "complete"]
    assert all(row["cost_nanos"] == 0 and row["error"] == "ledger_unavailable" for row in withheld)


def test_a_provider_that_speaks_of_a_ledger_speaks_of_its_own(new_stack):
    stack = new_stack(CHANGES)
    answer = stack.caller().chat(mock="fault=503,code=ledger_unavailable")
    assert (answer.status, answer.error["code"]) == (503, "ledger_unavailable")
    assert stack.metrics()["tollgate_journal_refusals_total"] == 0


def test_known_keys_work_while_the_store_is_locked_and_unknown_ones_are_not_called_wrong(new_stack):
    stack = new_stack(CHANGES)
    client = stack.caller()
    assert client.chat().status == 200
    holder = lock_store(stack)
    try:
        assert client.chat().status == 200
        # A reader is not kept out by a writer: the gateway can still say that it does not know the key.
        assert stack.client.with_key("sk-unknown").chat().status in (401, 503)
    finally:
        holder.execute("ROLLBACK")
        holder.close()


def test_verify_accepts_a_sound_ledger_and_finds_a_lost_a_changed_and_a_doubled_row(new_stack):
    stack = new_stack(CHANGES)
    client = stack.caller()
    for _ in range(10):
        client.chat()
    rows = stack.ledger.wait_for(10)
    assert stack.command("ledger", "verify").returncode == 0
    stack.gateway.stop()
    (table,) = stack.ledger.query("SELECT name FROM sqlite_master WHERE name GLOB 'ledger_[0-9]*'")
    name, identity, columns = table["name"], rows[4]["id"], ", ".join(list(rows[0])[1:])
    for damage in (
        f"DELETE FROM {name} WHERE id = {identity}",
        f"UPDATE {name} SET cost_nanos = cost_nanos + 1 WHERE id = {identity}",
        f"INSERT INTO {name} SELECT {rows[-1]['id'] + 1}, {columns} FROM {name} WHERE id = {identity}",
    ):
        connection = sqlite3.connect(stack.home / "tollgate.db", isolation_level=None, timeout=10)
        before = connection.execute(f"SELECT * FROM {name}").fetchall()
        connection.execute(damage)
        found = stack.command("ledger", "verify", check=False)
        assert found.returncode != 0 and found.stdout + found.stderr, damage
        connection.execute(f"DELETE FROM {name}")
        connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(before[0]))})", before)
        connection.close()
    assert stack.command("ledger", "verify").returncode == 0
    stack.gateway.start()
    stack.wait_until_ready()


@pytest.fixture
def request_lines(new_stack):
    stack = new_stack(CHANGES)

    def lines():
        path = stack.logs / "requests.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines() if '"endpoint":"health"' not in line]

    stack.request_lines = lines
    return stack


def test_the_request_log_has_a_line_per_request_with_its_facts(request_lines):
    stack = request_lines
    record = stack.key(key_alias="logged")
    client = stack.client.with_key(record["key"])
    identities = [client.chat(f"text {number}").headers["x-request-id"] for number in range(3)]
    with client.stream() as stream:
        stream.events()
        identities.append(stream.headers["x-request-id"])
    identities.append(client.chat(mock="fault=500").headers["x-request-id"])
    identities.append(client.chat(model="nothing").headers["x-request-id"])
    identities.append(stack.client.chat().headers["x-request-id"])
    wait_until(lambda: len(stack.request_lines()) >= 7, 5, "the lines")
    lines = stack.request_lines()
    assert [line["request"] for line in lines] == identities
    assert [line["status"] for line in lines] == [200, 200, 200, 200, 500, 404, 401]
    for line in lines[:4]:
        assert line["provider"] == "mock" and line["model"] == MODEL and line["key_alias"] == "logged"
        assert line["input_tokens"] > 0 and line["output_tokens"] > 0 and line["duration_ms"] > 0
    assert lines[3]["stream"] is True
    for line in lines:
        assert "Hello" not in json.dumps(line) and "text 1" not in json.dumps(line)


def test_the_request_log_names_the_master_key(request_lines):
    stack = request_lines
    line = stack.log_line(stack.master.chat())
    assert (line["key"], line["key_name"]) == (0, "master") and "key_alias" not in line
    assert "key" not in stack.log_line(stack.client.chat())


def test_the_request_log_goes_on_in_a_new_file_after_rotation(request_lines):
    stack = request_lines
    client = stack.caller()
    path = stack.logs / "requests.jsonl"
    client.chat()
    wait_until(lambda: len(stack.request_lines()) == 1, 5)
    path.rename(stack.logs / "requests.jsonl.1")
    wait_until(lambda: client.chat().status == 200 and path.exists() and stack.request_lines(), 5, "a new file", 0.2)


def test_without_request_logging_there_is_no_file(new_stack):
    stack = new_stack({**CHANGES, "logs": {"requests": False}})
    assert stack.caller().chat().status == 200
    time.sleep(0.5)
    assert not (stack.logs / "requests.jsonl").exists()
