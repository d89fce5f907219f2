"""logs/admin.jsonl: a line per call to the admin API, before its answer, and nothing secret in it."""

import json
import signal
import threading

import pytest
from tollgate_stack import MASTER_KEY, wait_until


@pytest.fixture
def stack(new_stack):
    return new_stack()


def lines(stack):
    return [json.loads(line) for line in (stack.logs / "admin.jsonl").read_text().splitlines()]


def test_each_admin_call_is_a_line_with_its_facts(stack):
    record = stack.key(key_alias="logged")
    key, token = record["key"], record["token"]
    own = stack.client.with_key(key)
    answers = [
        stack.master.post("/key/update", {"key": key, "max_budget": 5}),
        stack.master.post("/key/update", {"key": key, "max_budget": -5}),
        stack.master.post("/key/block", {"key": "sk-nobody"}),
        own.get("/key/info"),
        own.get("/key/list"),
        stack.client.with_key("sk-wrong").get("/key/list?user_id=u"),
        stack.master.get(f"/key/{key}"),
        stack.master.get(f"/spend/logs?api_key={token}"),
        stack.master.post("/key/delete", {"key_aliases": ["logged"]}),
        stack.client.get("/openapi.json"),
    ]
    generated, *rest = lines(stack)  # they are there: no waiting
    assert generated.pop("time") and generated.pop("request") and generated.pop("duration_ms") > 0
    assert generated == {
        "msg": "admin", "caller": "master", "method": "POST", "route": "/key/generate", "status": 200,
        "client": "127.0.0.1", "keys": [token],
    }  # fmt: skip
    assert [line["request"] for line in rest] == [answer.headers["x-request-id"] for answer in answers]
    assert [line["status"] for line in rest] == [answer.status for answer in answers]
    facts = [(line.get("caller"), line.get("route"), line.get("error"), line.get("keys")) for line in rest]
    (unknown,) = facts[2][3]  # the hash of what was named, though no key has it
    assert len(unknown) == 64
    assert facts == [
        ("master", "/key/update", None, [token]),
        ("master", "/key/update", "invalid_request", [token]),
        ("master", "/key/block", "key_not_found", [unknown]),
        (token, "/key/info", None, [token]),
        (token, "/key/list", "admin_only", None),
        (None, "/key/list", "invalid_api_key", None),
        (None, None, "unknown_url", None),
        ("master", "/spend/logs", None, [token]),
        ("master", "/key/delete", None, [token]),
        (None, "/openapi.json", None, None),
    ]
    text = (stack.logs / "admin.jsonl").read_text()
    for secret in (key, MASTER_KEY, "sk-nobody", "sk-wrong", "user_id"):
        assert secret not in text, secret


def test_no_line_is_lost_at_the_end_of_the_program(stack):
    answered = []

    def ask():
        while True:
            try:
                answer = stack.master.get("/key/list")
            except OSError:
                return
            if answer.status != 200:
                return
            answered.append(answer.headers["x-request-id"])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(answered) > 100, 10, "some answers")
    stack.admin_program.stop()
    for thread in threads:
        thread.join()
    assert set(answered) <= {line["request"] for line in lines(stack)}
    stack.admin_program.start()


@pytest.mark.parametrize("is_told", [True, False])
def test_the_admin_log_goes_on_in_a_new_file_after_rotation(stack, is_told):
    stack.master.admin("/key/list")
    path = stack.logs / "admin.jsonl"
    path.rename(stack.logs / "admin.jsonl.1")
    if is_told:
        stack.admin_program.send(signal.SIGUSR1)
        wait_until(path.exists, 5, "a new file")
    answer = stack.master.get("/key/list")
    assert [line["request"] for line in lines(stack)] == [answer.headers["x-request-id"]]
