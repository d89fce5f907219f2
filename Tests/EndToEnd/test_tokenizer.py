"""`tokenizer:` of a model: counts where the provider cannot, from a file that is checked with the configuration."""

import base64
import signal

import pytest
from tollgate_stack import wait_until
from tollgate_stack.configuration import model
from tollgate_stack.dialect_stack import FULL_PRICE, changes, target

FILE = "small.tiktoken"
MERGES = [b"he", b"ll", b"hell", b"hello", b" hello"]


def ranks(*tokens):
    every = [bytes([byte]) for byte in range(256)] + [*tokens]
    return "".join(f"{base64.b64encode(token).decode()} {rank}\n" for rank, token in enumerate(every))


CHANGES = changes(
    model("counted", target("chat"), price=FULL_PRICE, tokenizer=FILE),
    model("counted-by-it", target("messages"), price=FULL_PRICE, tokenizer=FILE),
    model("guessed", target("chat"), price=FULL_PRICE),
)


@pytest.fixture
def counting(new_stack):
    stack = new_stack(CHANGES, start=False)
    (stack.home / FILE).write_text(ranks(*MERGES))
    stack.start()
    return stack


def count(stack, name, text="hello hello", client="messages"):
    turn = [{"role": "user", "content": text}]
    path, body, member = {
        "messages": ("/v1/messages/count_tokens", {"model": name, "messages": turn}, "input_tokens"),
        "responses": ("/v1/responses/input_tokens", {"model": name, "input": text}, "input_tokens"),
        "gemini": (
            f"/v1beta/models/{name}:countTokens",
            {"contents": [{"role": "user", "parts": [{"text": text}]}]},
            "totalTokens",
        ),
    }[client]
    answer = stack.master.post(path, body)
    assert answer.status == 200, answer
    return answer.json()[member], answer.headers["x-tollgate-token-count"]


# 3 for the answer, 3 for the message, u-s-e-r.
AROUND = 10


def test_the_tokenizer_counts_where_the_provider_cannot(counting):
    for client in ("messages", "responses", "gemini"):
        assert count(counting, "counted", client=client) == (AROUND + 2, "tokenizer"), client
    assert count(counting, "counted", "hello" * 1000)[0] == AROUND + 1000
    assert count(counting, "counted-by-it")[1] == "provider"
    assert count(counting, "guessed")[1] == "estimate"
    # A part of the input is at the provider.
    stored = {"model": "counted", "input": "hello", "previous_response_id": "resp_1"}
    answer = counting.master.post("/v1/responses/input_tokens", stored)
    assert answer.headers.get("x-tollgate-token-count", "estimate") == "estimate"
    long = " hello" * 200_000
    assert count(counting, "counted", long) == (AROUND + 200_000, "tokenizer")


def test_a_reload_with_a_broken_file_is_refused_and_a_changed_one_is_read(counting):
    file = counting.home / FILE
    refusals = counting.gateway.text().count("configuration refused")
    file.write_text(ranks(*MERGES) + "broken\n")
    counting.gateway.send(signal.SIGHUP)
    wait_until(lambda: counting.gateway.text().count("configuration refused") > refusals, what="the refusal")
    assert f"{FILE} is broken at line 262: it is not base64, a space and a rank" in counting.gateway.text()
    assert count(counting, "counted") == (AROUND + 2, "tokenizer")
    checked = counting.command("check", check=False)
    assert checked.returncode != 0
    assert "tollgate.yaml:" in checked.stdout + checked.stderr and "line 262" in checked.stdout + checked.stderr
    file.write_text(ranks(*MERGES[:-1]))
    counting.gateway.send(signal.SIGHUP)
    # " hello" is two tokens now.
    wait_until(lambda: count(counting, "counted") == (AROUND + 3, "tokenizer"), what="the changed file")
    file.unlink()
    assert counting.command("check", check=False).returncode != 0
    assert count(counting, "counted") == (AROUND + 3, "tokenizer")
