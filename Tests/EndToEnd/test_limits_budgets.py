"""Budgets and limits: exact under concurrency, refusals that say everything and cost nothing."""

import asyncio
import json
import re
import threading
import time
from decimal import Decimal

import pytest
from conftest import running
from tollgate_stack import MODEL, ScriptedProvider, Stack, wait_until
from tollgate_stack.configuration import PRICE, model
from tollgate_stack.load import LoadConnection, spread
from tollgate_stack.scripted_provider import LAST_CHUNK, chunk, stream_head, whole

# With a price per request alone a hold is exact, however tokens are estimated.
FLAT = {"input": 0, "output": 0, "per_request": 0.01}

PATIENCE = {"connect": "2s", "first_byte": "30s", "idle": "30s", "total": "60s"}

CHANGES = {
    "models": [
        model(MODEL),
        model("flat", price=FLAT),
        model("free", price="free"),
        # A fixed target without a known price is an error of the configuration; behind a star it shows with the call.
        {"name": "unpriced/*", "targets": [{"provider": "mock"}]},
        {"name": "allowed/*", "targets": [{"provider": "mock"}], "unpriced_models": "allow"},
        model("embedder", price={"input": 1}),
        model("patient", timeouts=PATIENCE),
        model("patient-flat", price=FLAT, timeouts=PATIENCE),
    ]
}


def spend_of(stack, record):
    return sum(row["cost_nanos"] for row in stack.ledger.rows(stack.key_id(record)))


def many(stack, key, count, connections, body):
    async def run():
        return await spread(
            [lambda connection: connection.post(body)] * count,
            [LoadConnection(stack.port, key) for _ in range(connections)],
        )

    return asyncio.run(run())


# Money


def test_200_parallel_requests_with_money_for_50_are_50_answers_and_150_refusals(stack):
    """The proof of the issue: nothing is overspent, and nothing is refused that could be paid."""
    record = stack.key(max_budget=0.50)
    answers = many(stack, record["key"], 200, 200, stack.client.chat_body(model="flat", mock="latency=50ms"))
    statuses = [getattr(answer, "status", answer) for answer in answers]
    assert (statuses.count(200), statuses.count(429)) == (50, 150), statuses
    stack.ledger.wait_for(50, key_id=stack.key_id(record))
    assert spend_of(stack, record) == 50 * 10_000_000
    assert stack.mock.total("served") == 50 and stack.mock.total("requests") == 50
    info = stack.master.admin(f"/key/info?key={record['token']}")["info"]
    assert info["spend"] == pytest.approx(0.50, abs=1e-9)


def test_200_parallel_streams_with_money_for_50_are_50_answers_and_150_refusals(stack):
    record = stack.key(max_budget=0.50)
    body = stack.client.chat_body(model="flat", mock="latency=50ms", stream=True)
    answers = many(stack, record["key"], 200, 200, body)
    statuses = [getattr(answer, "status", answer) for answer in answers]
    assert (statuses.count(200), statuses.count(429)) == (50, 150), statuses
    rows = stack.ledger.wait_for(50, key_id=stack.key_id(record))
    assert [row["outcome"] for row in rows] == ["complete"] * 50
    assert spend_of(stack, record) == 50 * 10_000_000
    assert stack.mock.total("served") == 50 and stack.mock.total("requests") == 50
    info = stack.master.admin(f"/key/info?key={record['token']}")["info"]
    assert info["spend"] == pytest.approx(0.50, abs=1e-9)
    wait_until(lambda: stack.metrics()["tollgate_budget_holds"] == 0, 5, "nothing held")
    # A hold that was released twice would leave room for another call.
    assert stack.client.with_key(record["key"]).chat(model="flat").status == 429


def test_a_budget_by_tokens_is_never_exceeded_and_mostly_used(stack):
    """A hold is an upper bound of about 1,100 tokens here; once settled, what was not used may be spent again."""
    record = stack.key(max_budget=0.0005)  # 500,000 nano-dollars
    client = stack.client.with_key(record["key"])
    # Each bills 10 * 150 + 5 * 600 = 4,500.
    statuses = [client.chat("x" * 40, mock="tokens=5", max_tokens=5).status for _ in range(130)]
    stack.ledger.settled()
    count = statuses.count(200)
    assert 50 <= count <= 111 and statuses == [200] * count + [429] * (130 - count)
    assert spend_of(stack, record) == count * 4500


def test_a_refusal_says_scope_limit_left_and_reset_and_consumes_nothing(stack):
    record = stack.key(max_budget=0.025, budget_duration="1d")
    client = stack.client.with_key(record["key"])
    assert [client.chat(model="flat").status for _ in range(2)] == [200, 200]
    refused = [client.chat(model="flat") for _ in range(20)]
    assert {answer.status for answer in refused} == {429}
    error = refused[0].error
    assert (error["type"], error["code"]) == ("budget_exceeded", "budget_exceeded")
    # By the name that a list shows: its user knows no number of ours.
    assert error["scope"] == "key " + record["key_name"] and error["dimension"] == "money"
    assert (float(error["limit"]), float(error["left"])) == pytest.approx((0.025, 0.005))
    assert error["resets_at"].endswith("T00:00:00Z") or "T00:00:00" in error["resets_at"]
    assert "0.025" in error["message"] and record["key"] not in refused[0].body.decode()
    assert 0 < int(refused[0].headers["retry-after"]) <= 86_400
    # Nothing was consumed: what costs less still goes.
    stack.ledger.wait_for(2, key_id=stack.key_id(record))
    assert spend_of(stack, record) == 20_000_000
    assert stack.mock.total() == 2
    assert client.chat("x", mock="tokens=1", max_tokens=1).status == 200


def test_a_refusal_names_the_key_by_its_alias(stack):
    answer = stack.caller(max_budget=0, key_alias="blue team").chat(model="flat")
    assert (answer.status, answer.error["scope"]) == (429, "key blue team")


def test_a_refusal_of_money_advises_a_smaller_max_tokens_only_where_that_helps(stack):
    # About 1,100 tokens of input are held at 150 nano-dollars, output at 600.
    client = stack.caller(max_budget=0.0005)
    message = client.chat(max_tokens=10_000).error["message"]
    assert "10000 output tokens; a smaller max_tokens asks for less" in message
    message = client.chat("x" * 10_000, max_tokens=10).error["message"]
    assert "the input alone takes $0.00" in message and "with $0.0005 left" in message
    assert "asks for less" not in message
    body = {"model": "mock-gpt", "input": "hi", "max_output_tokens": 10_000}
    message = client.post("/v1/responses", body).error["message"]
    assert "a smaller max_output_tokens asks for less" in message
    # Who embeds has no such member.
    message = client.post("/v1/embeddings", {"model": "mock-gpt", "input": "x" * 10_000}).error["message"]
    assert "and 0 output tokens." in message and "max_tokens" not in message
    assert client.chat(max_tokens=10, mock="tokens=1").status == 200


@pytest.mark.parametrize("prompt", [["a"] * 15, [[1, 2]] * 15])
def test_each_prompt_of_a_completion_is_held_for(stack, prompt):
    # 15 times 300 tokens of output at 600 nano-dollars.
    client = stack.caller(max_budget=0.002)
    body = {"model": "mock-gpt", "max_tokens": 300}
    refused = client.post("/v1/completions", body | {"prompt": prompt})
    assert refused.status == 429 and "4500 output tokens" in refused.error["message"], refused
    assert client.post("/v1/completions", body | {"prompt": prompt[0]}).status == 200


def test_a_call_that_can_never_fit_is_refused_without_a_time_to_wait(stack):
    answer = stack.caller(max_budget=0.001, budget_duration="1d").chat(model="flat")
    assert answer.status == 429 and "retry-after" not in answer.headers
    # The SDKs try a 429 again unless they are told not to.
    assert answer.headers["x-should-retry"] == "false"


def test_a_budget_of_zero_blocks_what_costs_and_admits_what_is_free(stack):
    client = stack.caller(max_budget=0)
    assert client.chat(model="flat").status == 429
    assert client.chat(model="free").status == 200


def test_a_higher_budget_is_in_force_within_a_second(stack):
    record = stack.key(max_budget=0.01)
    client = stack.client.with_key(record["key"])
    assert [client.chat(model="flat").status for _ in range(2)] == [200, 429]
    stack.master.admin("/key/update", {"key": record["key"], "max_budget": 0.03})
    wait_until(lambda: client.chat(model="flat").status == 200, 1.0, "the higher budget")
    # Spent before, when the limit was another, still counts.
    statuses = [client.chat(model="flat").status for _ in range(4)]
    assert statuses.count(200) == 1


def test_a_lower_budget_is_in_force_within_a_second(stack):
    record = stack.key(max_budget=10)
    client = stack.client.with_key(record["key"])
    assert client.chat(model="flat").status == 200
    stack.master.admin("/key/update", {"key": record["key"], "max_budget": 0.005})
    wait_until(lambda: client.chat(model="flat").status == 429, 1.0, "the lower budget")


def test_a_budget_that_is_added_later_counts_what_was_spent_before(stack):
    record = stack.key()
    client = stack.client.with_key(record["key"])
    assert [client.chat(model="flat").status for _ in range(5)] == [200] * 5
    stack.master.admin("/key/update", {"key": record["key"], "max_budget": 0.06})
    wait_until(lambda: stack.master.admin(f"/key/info?key={record['token']}")["info"]["max_budget"] == 0.06, 2)
    time.sleep(0.3)
    assert [client.chat(model="flat").status for _ in range(3)] == [200, 429, 429]


def test_a_short_window_gives_the_budget_back(stack):
    record = stack.key(max_budget=0.01, budget_duration="2s")
    client = stack.client.with_key(record["key"])
    wait_until(lambda: client.chat(model="flat").status == 200, 3, pause=0.01)
    answer = client.chat(model="flat")
    assert answer.status in (200, 429)  # 200 only where the window turned between the two
    wait_until(lambda: client.chat(model="flat").status == 200, 3, "the next window", pause=0.02)
    rows = stack.ledger.wait_for(2, key_id=stack.key_id(record))
    assert len(rows) >= 2


def test_spend_survives_a_restart(new_stack):
    stack = new_stack({"models": CHANGES["models"]})
    record = stack.key(max_budget=0.03)
    client = stack.client.with_key(record["key"])
    assert [client.chat(model="flat").status for _ in range(2)] == [200, 200]
    stack.kill_gateway()
    stack.wait_until_ready()
    assert [client.chat(model="flat").status for _ in range(3)] == [200, 429, 429]
    old = stack.restart_gateway()
    old.wait(20)
    assert client.chat(model="flat").status == 429


def test_a_global_budget_holds_for_all_keys_together(new_stack):
    stack = new_stack({"models": CHANGES["models"], "global_budget": {"max_budget": 0.05, "budget_duration": "1mo"}})
    keys = [stack.key()["key"] for _ in range(4)]
    statuses = []
    for key in keys:
        statuses += [getattr(a, "status", a) for a in many(stack, key, 10, 10, stack.client.chat_body(model="flat"))]
    assert (statuses.count(200), statuses.count(429)) == (5, 35), statuses
    error = stack.client.with_key(keys[0]).chat(model="flat").error
    assert "global" in error["scope"]


def test_an_unknown_price_is_refused_not_free(stack):
    answer = stack.caller().chat(model="unpriced/one")
    assert answer.status in (400, 403)
    assert "price" in answer.error["message"] and "unpriced/one" in answer.error["message"]
    is_for_clients(answer.error["message"])
    assert stack.mock.total() == 0


def is_for_clients(message):
    """It says what a client can do, and nothing of a file that only the operator has."""
    assert "ask the operator of the gateway" in message and "yaml" not in message and "unpriced_models" not in message


def test_a_price_without_output_is_one_of_embeddings_only(stack):
    client = stack.caller()
    for answer in (client.chat(model="embedder"), client.post("/v1/completions", {"model": "embedder", "prompt": "a"})):
        assert (answer.status, answer.error["code"]) == (403, "model_without_price")
        assert "output" in answer.error["message"]
        is_for_clients(answer.error["message"])
    assert stack.mock.total() == 0
    assert client.post("/v1/embeddings", {"model": "embedder", "input": "a"}).status == 200


def test_a_free_model_costs_nothing_and_is_in_the_ledger(stack):
    record = stack.key()
    assert stack.client.with_key(record["key"]).chat(model="free").status == 200
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    assert row["cost_nanos"] == 0 and row["price"] == "free" and row["output_tokens"] > 0


def test_unpriced_models_can_be_allowed_and_are_flagged(new_stack):
    stack = new_stack({"models": CHANGES["models"], "unpriced_models": "allow"})
    record = stack.key()
    assert stack.client.with_key(record["key"]).chat(model="unpriced/one").status == 200
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    assert row["cost_nanos"] == 0 and row["flags"] & 4
    assert stack.client.with_key(record["key"]).chat(model="embedder").status == 200
    row = stack.ledger.wait_for(2, key_id=stack.key_id(record))[-1]
    assert row["cost_nanos"] == row["input_tokens"] * 1000 and row["flags"] & 4


def test_unpriced_models_can_be_allowed_in_one_model_alone(stack):
    record = stack.key()
    client = stack.client.with_key(record["key"])
    assert client.chat(model="allowed/one").status == 200
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    assert row["cost_nanos"] == 0 and row["flags"] & 4
    assert client.chat(model="unpriced/one").status == 403


# Calls of unknown price

ROUTER = {"name": "openrouter/*", "targets": ["openrouter"], "unpriced_models": "allow"}


def router_stack(new_stack, script, **changes):
    """A stack with one provider, for which no prices are known, and which says what a call costs."""
    provider = ScriptedProvider(script)
    account = {"base_url": provider.url, "api_key": "file:provider.key"}
    return provider, new_stack({"providers": {"openrouter": account}, "models": [ROUTER], **changes})


def costly(cost):
    choice = {"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "cost": cost}
    reply = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
    return whole(json.dumps(reply).encode())


def test_40_parallel_calls_of_unknown_price_exceed_a_budget_by_one_call_at_most(new_stack):
    def script(request, peer):
        time.sleep(0.05)
        peer.sendall(costly(0.015))

    provider, stack = router_stack(new_stack, script)
    with provider:
        record = stack.key(max_budget=0.02)
        client = stack.client.with_key(record["key"])
        answers = many(stack, record["key"], 40, 40, client.chat_body(model="openrouter/a/b"))
        statuses = [getattr(answer, "status", answer) for answer in answers]
        assert statuses.count(200) >= 1 and statuses.count(200) + statuses.count(429) == 40, statuses
        while client.chat(model="openrouter/a/b").status == 200:
            pass
        # The second one takes it over its limit, and there is no third.
        assert len(stack.ledger.wait_for(2, key_id=stack.key_id(record))) == len(provider.requests) == 2
        assert spend_of(stack, record) == 30_000_000
        # A key without a budget is not held up.
        answers = many(stack, stack.key()["key"], 20, 20, client.chat_body(model="openrouter/a/b"))
        assert {getattr(answer, "status", answer) for answer in answers} == {200}


def test_what_a_provider_of_responses_reports_is_what_a_call_costs(new_stack):
    usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2, "cost": 0.015}
    reply = {"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "m", "output": []}
    end = {"type": "response.completed", "sequence_number": 0, "response": reply | {"usage": usage}}

    def script(request, peer):
        if json.loads(request.body).get("stream"):
            event = f"event: response.completed\ndata: {json.dumps(end)}\n\n".encode()
            return peer.sendall(whole(event, content_type="text/event-stream"))
        return peer.sendall(whole(json.dumps(end["response"]).encode()))

    provider, stack = router_stack(new_stack, script)
    with provider:
        record = stack.key(max_budget=0.02)
        client = stack.client.with_key(record["key"])
        body = {"model": "openrouter/a/b", "input": "hi"}
        # It would hold up all others for hours.
        refused = client.post("/v1/responses", body | {"background": True})
        assert (refused.status, refused.error["code"]) == (403, "model_without_price"), refused
        statuses = [client.post("/v1/responses", body | {"stream": stream}).status for stream in (False, True, False)]
        assert statuses == [200, 200, 429]
        stack.ledger.wait_for(2, key_id=stack.key_id(record))
        assert spend_of(stack, record) == 30_000_000


def test_what_one_target_may_not_make_in_the_background_the_next_one_makes(new_stack):
    account = {"base_url": "mock:/v1", "api_key": "file:provider.key", "dialects": ["responses"]}
    unpriced = {"provider": "responses", "model": "no-price", "order": 1}
    priced = {"provider": "responses", "model": "gpt-5", "order": 2, "price": PRICE}
    mixed = {"name": "mixed", "targets": [unpriced, priced], "unpriced_models": "allow", "retries": {"max": 1}}
    stack = new_stack({"providers": {"responses": account}, "models": [mixed]})
    record = stack.key(max_budget=1)
    body = {"model": "mixed", "input": "hi", "background": True}
    answer = stack.client.with_key(record["key"]).post("/v1/responses", body)
    assert (answer.status, answer.headers.get("x-tollgate-model")) == (200, "gpt-5"), answer
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    assert row["outcome"] == "complete" and row["cost_nanos"] > 0


def test_a_call_of_unknown_price_holds_a_budget_until_it_has_ended(new_stack):
    may_end = threading.Event()

    def script(request, peer):
        may_end.wait(20)
        peer.sendall(costly(0.015))

    budget = {"max_budget": 1, "budget_duration": "1mo"}
    provider, stack = router_stack(new_stack, script, global_budget=budget)
    with provider:
        record = stack.key(max_budget=0.02)
        client = stack.client.with_key(record["key"])
        first = threading.Thread(target=client.chat, kwargs={"model": "openrouter/a/b"})
        first.start()
        wait_until(lambda: provider.requests, 5, "the first call")
        # The key's own budget, and that of everyone.
        for other, owner in ((client, "key"), (stack.caller(), "gateway")):
            answer = other.chat(model="openrouter/a/b")
            assert answer.status == 429 and answer.headers["retry-after"] == "1"
            assert "x-should-retry" not in answer.headers
            message = answer.error["message"]
            # Both refuse the first key's; the one that lasts longest is told.
            assert f"the {owner}'s budget is" in message and "$0 left" in message
            assert "price of the model is not known" in message and "one after the other" in message
            assert answer.error["asked"] is None and float(answer.error["left"]) == 0
        may_end.set()
        first.join()
        assert client.chat(model="openrouter/a/b").status == 200
        stack.ledger.wait_for(2, key_id=stack.key_id(record))
        assert spend_of(stack, record) == 30_000_000


# What a refusal has in its head: the table of docs/ARCHITECTURE.md


SECONDS = r"[1-9]|[1-5]\d|60"
BUDGET = {"x-tollgate-budget-limit": "0.015", "x-tollgate-budget-remaining": "0.005"}
WINDOW = {"x-tollgate-budget-reset": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"}
FINAL = {"x-should-retry": "false"}


def rate(kind, limit, left):
    return {f"x-ratelimit-limit-{kind}": limit, f"x-ratelimit-remaining-{kind}": left}


REFUSALS = {
    # The limits of the key, the call that is made first, the call that is refused, and the headers.
    "window": (
        {"max_budget": 0.015, "budget_duration": "12h"}, {"model": "flat"}, {"model": "flat"},
        {"retry-after": r"4[23]\d\d\d"} | FINAL | BUDGET | WINDOW,
    ),
    "for-ever": ({"max_budget": 0.015}, {"model": "flat"}, {"model": "flat"}, FINAL | BUDGET),
    "requests": (
        {"rpm_limit": 1}, {}, {},
        {"retry-after": SECONDS, "x-ratelimit-reset-requests": r"\d+s"} | rate("requests", "1", "0"),
    ),
    "tokens": (
        {"tpm_limit": 1500}, {"mock": "tokens=1000", "max_tokens": 1000}, {"max_tokens": 1000},
        {"retry-after": SECONDS, "x-ratelimit-reset-tokens": r"\d+s"} | rate("tokens", "1500", r"4\d\d"),
    ),
    "money-never": (
        {"max_budget": 0.001, "budget_duration": "1d"}, None, {"model": "flat"},
        FINAL | {"x-tollgate-budget-limit": "0.001", "x-tollgate-budget-remaining": "0.001"},
    ),
    "tokens-never": ({"tpm_limit": 10}, None, {}, FINAL | rate("tokens", "10", "10")),
}  # fmt: skip


def limit_headers(answer):
    prefixes = ("retry-after", "x-should-retry", "x-ratelimit-", "x-tollgate-budget-")
    return {name: value for name, value in answer.headers.items() if name.startswith(prefixes)}


def has_headers(answer, expected):
    assert answer.status == 429, answer
    found = limit_headers(answer)
    assert set(found) == set(expected), found
    for name, value in found.items():
        assert re.fullmatch(expected[name], value), (name, value)
    return True


@pytest.mark.parametrize("kind", list(REFUSALS))
def test_the_headers_of_a_refusal(stack, kind):
    limits, first, refused, expected = REFUSALS[kind]
    client = stack.caller(**limits)
    if first is not None:
        assert client.chat(**first).status == 200
    assert has_headers(client.chat(**refused), expected)


@pytest.mark.parametrize("window", [{}, {"budget_duration": "12h"}], ids=["for-ever", "window"])
def test_the_headers_of_a_refusal_while_the_money_is_held(stack, window):
    client = stack.caller(max_budget=0.01, **window)
    with client.stream(mock="interval=1s,tokens=30", model="patient-flat") as running:
        assert running.status == 200
        expected = {"retry-after": "1", "x-tollgate-budget-limit": "0.01", "x-tollgate-budget-remaining": "0"}
        assert has_headers(client.chat(model="flat"), expected | (WINDOW if window else {}))


def test_the_headers_of_a_refusal_for_want_of_a_slot(stack):
    client = stack.caller(max_parallel_requests=1)
    with client.stream(mock="interval=1s,tokens=30", model="patient") as running:
        assert running.status == 200
        expected = {"retry-after": "1", "x-ratelimit-limit-parallel": "1", "x-ratelimit-remaining-parallel": "0"}
        assert has_headers(client.chat(), expected)


@pytest.mark.parametrize("window", [{}, {"budget_duration": "12h"}], ids=["for-ever", "window"])
@pytest.mark.parametrize("name", ["openai", "anthropic"])
def test_an_sdk_raises_at_once_where_no_wait_helps(stack, name, window):
    # Imported here, because the other tests need none of the SDKs.
    import anthropic
    import openai

    sdk = {"openai": openai, "anthropic": anthropic}[name]
    key = stack.key(max_budget=0.015, **window)["key"]
    sent, raised = [], []
    http = sdk.DefaultHttpxClient(event_hooks={"request": [sent.append]})
    messages = [{"role": "user", "content": "hi"}]
    if name == "openai":
        create = openai.OpenAI(api_key=key, base_url=f"{stack.url}/v1", http_client=http).chat.completions.create
    else:
        create = anthropic.Anthropic(api_key=key, base_url=stack.url, http_client=http).messages.create

    def refused():
        try:
            create(model="flat", messages=messages, max_tokens=10)
        except sdk.RateLimitError as error:
            raised.append(error)

    create(model="flat", messages=messages, max_tokens=10)
    # On a thread, because an SDK that obeyed Retry-After would sleep for hours.
    thread = threading.Thread(target=refused, daemon=True)
    thread.start()
    thread.join(5)
    assert len(sent) == 2 and len(raised) == 1
    assert "budget" in str(raised[0])


# Requests and tokens per minute


def test_rpm_admits_exactly_that_many_and_refusals_do_not_count(stack):
    client = stack.caller(rpm_limit=5)
    answers = [client.chat() for _ in range(12)]
    assert [answer.status for answer in answers] == [200] * 5 + [429] * 7
    assert [answer.headers["x-ratelimit-limit-requests"] for answer in answers[:5]] == ["5"] * 5
    assert [answer.headers["x-ratelimit-remaining-requests"] for answer in answers[:5]] == ["4", "3", "2", "1", "0"]
    refused = answers[-1]
    assert refused.error["code"] == "rate_limit_exceeded" and refused.error["type"] == "rate_limit_error"
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert refused.headers["x-ratelimit-remaining-requests"] == "0"
    assert "x-ratelimit-reset-requests" in refused.headers
    assert stack.mock.total() == 5


def test_rpm_holds_under_parallel_requests(stack):
    record = stack.key(rpm_limit=30)
    answers = many(stack, record["key"], 100, 100, stack.client.chat_body())
    statuses = [getattr(answer, "status", answer) for answer in answers]
    assert (statuses.count(200), statuses.count(429)) == (30, 70)


def test_tpm_counts_what_was_really_used(stack):
    client = stack.caller(tpm_limit=2000)
    answers = [client.chat("x" * 40, mock="tokens=10", max_tokens=10) for _ in range(110)]
    served = [answer for answer in answers if answer.status == 200]
    used = sum(answer.json()["usage"]["total_tokens"] for answer in served)
    # 20 tokens a call are used. The hold of a call is an upper bound, so the last tokens may stay unused.
    assert used == 20 * len(served) and 20 <= len(served) <= 100
    refused = answers[-1]
    assert refused.status == 429 and refused.error["dimension"] == "tokens"
    assert "x-ratelimit-remaining-tokens" in refused.headers


def test_a_call_larger_than_the_token_limit_is_refused_at_once(stack):
    client = stack.caller(tpm_limit=100)
    answer = client.chat("x" * 4000, max_tokens=7)
    assert answer.status == 429 and "retry-after" not in answer.headers
    message = answer.error["message"]
    assert "limit of tokens per minute is 100 tokens, 100 tokens left" in message
    (likely,) = re.findall(r"estimated input, (\d+) tokens, and the most that it may answer, 7 tokens", message)
    assert 900 < int(likely) == int(answer.error["asked"]) - 7
    assert f"the input alone takes {likely} tokens" in message and "asks for less" not in message
    message = client.chat("x", max_tokens=5000).error["message"]
    assert "5000 tokens; a smaller max_tokens asks for less" in message
    assert stack.mock.total() == 0


# Parallel requests


def test_parallel_requests_are_limited_and_the_slot_comes_back(stack):
    record = stack.key(max_parallel_requests=2)
    client = stack.client.with_key(record["key"])
    streams = [client.stream(mock="interval=1s,tokens=30", model="patient") for _ in range(2)]
    assert [stream.status for stream in streams] == [200, 200]
    refused = client.chat()
    assert refused.status == 429 and refused.error["dimension"] == "parallel"
    streams[0].close()
    wait_until(lambda: client.chat().status == 200, 2, "the slot of the client that left")
    streams[1].close()


def test_a_slot_comes_back_after_every_kind_of_end(stack):
    record = stack.key(max_parallel_requests=1)
    client = stack.client.with_key(record["key"])
    for mock in ("tokens=1", "fault=500", "fault=429", "fault=cut", "fault=cut_chunk,after=1", "fault=bad_json",
                 "fault=empty", "fault=wrong_type", "fault=redirect", "fault=cut_inside"):  # fmt: skip
        client.chat(mock=mock)
        with client.stream(mock=mock) as stream:
            if stream.status == 200:
                stream.events()
        wait_until(lambda: client.chat().status == 200, 2, f"the slot after {mock}")


def test_one_slot_admits_one_at_a_time_however_many_ask(stack):
    record = stack.key(max_parallel_requests=1)
    body = stack.client.chat_body(mock="latency=300ms")
    statuses = [getattr(answer, "status", answer) for answer in many(stack, record["key"], 30, 30, body)]
    assert statuses.count(200) == 1 and statuses.count(429) == 29, statuses


def test_limits_of_one_key_do_not_touch_another(stack):
    full, other = stack.caller(rpm_limit=1), stack.caller(rpm_limit=1)
    assert [full.chat().status, full.chat().status] == [200, 429]
    assert other.chat().status == 200


def test_the_master_key_has_no_limits(stack):
    assert {stack.master.chat().status for _ in range(20)} == {200}


def test_limits_hold_while_they_are_edited(stack):
    """An edit under load neither opens a gap nor locks the key up."""
    record = stack.key(max_parallel_requests=4)
    stop = threading.Event()

    def edit():
        number = 0
        while not stop.is_set():
            number += 1
            stack.master.admin("/key/update", {"key": record["key"], "metadata": {"n": number}})

    editor = threading.Thread(target=edit)
    editor.start()
    try:
        answers = many(stack, record["key"], 400, 4, stack.client.chat_body(mock="latency=5ms"))
    finally:
        stop.set()
        editor.join()
    statuses = [getattr(answer, "status", answer) for answer in answers]
    assert statuses.count(200) == 400, [answer for answer in answers if getattr(answer, "status", 0) != 200][:3]


def test_headers_tell_what_is_left_of_a_budget(stack):
    answer = stack.caller(max_budget=1).chat(model="flat")
    left = Decimal(answer.headers["x-tollgate-budget-remaining"])
    assert left == 1 - Decimal(answer.headers["x-litellm-response-cost"]) < 1


def test_the_bill_of_the_mock_is_what_the_ledger_sums_to(stack):
    record = stack.key()
    client = stack.client.with_key(record["key"])
    since = stack.mock.last_sequence()
    for number in range(10):
        client.chat("x" * number * 7, mock=f"tokens={number + 1}")
    stack.ledger.wait_for(10, key_id=stack.key_id(record))
    assert spend_of(stack, record) == sum(attempt["bill_nanos"] for attempt in stack.mock.attempts(since))


# What a provider reports


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_more_tokens_than_a_call_can_have_are_no_report(new_stack, stream):
    """A provider's mistake must not use a key's budget up for ever."""
    usage = {"prompt_tokens": 10**18, "completion_tokens": 10**18, "total_tokens": 2 * 10**18}
    base = {"id": "1", "created": 1, "model": "absurd"}
    text = {"role": "assistant", "content": "x"}
    choice = {"index": 0, "finish_reason": "stop"}

    def script(request, peer):
        if stream:
            answer = base | {"object": "chat.completion.chunk", "choices": [choice | {"delta": text}], "usage": usage}
            peer.sendall(stream_head() + chunk(f"data: {json.dumps(answer)}\n\ndata: [DONE]\n\n".encode()) + LAST_CHUNK)
        else:
            answer = base | {"object": "chat.completion", "choices": [choice | {"message": text}], "usage": usage}
            peer.sendall(whole(json.dumps(answer).encode()))

    with ScriptedProvider(script) as provider:
        account = {"base_url": provider.url, "api_key": "file:provider.key"}
        absurd = model("absurd", {"provider": "scripted", "model": "absurd"})
        stack = new_stack({"providers": {"scripted": account}, "models": [absurd]})
        body = {"model": "absurd", "messages": [{"role": "user", "content": "hi"}], "stream": stream}
        answer = stack.caller().post("/v1/chat/completions", body)
        assert answer.status == 200
        (row,) = stack.ledger.wait_for(1)
        assert row["source"] == "estimated" and row["input_tokens"] + row["output_tokens"] < 1000, row


# Models that a provider asks by itself

# As recorded of Anthropic (pydantic-ai, test_anthropic_advisor_tool_redacted): the sums are those of the model asked.
SUMS = {"input_tokens": 2482, "output_tokens": 166}
OWN_COST = 2482 * 150 + 166 * 600
# Its name, and what a token in and one out cost in nano-dollars: as configured, by the catalogue, and, where nobody
# knows, what the model costs that was asked.
ADVISORS = {"claude-fable-5": (11_000, 55_000), "claude-opus-4-7": (5_000, 25_000), "claude-unheard-of": (150, 600)}
ADVISED = {
    "providers": {"messages": {"like": "anthropic", "api_key": "file:provider.key"}},
    "models": [
        model("worker", {"provider": "messages", "model": "claude-sonnet-5"}),
        model("wise", {"provider": "messages", "model": "claude-fable-5"}, price={"input": 11, "output": 55}),
    ],
}


def advised(request, peer):
    """Answers as a model does that has asked the advisor that the question names, twice."""
    body = json.loads(request.body)
    asked = next(name for name in ADVISORS if name in json.dumps(body["messages"]))
    advice = {"type": "advisor_message", "model": asked, "input_tokens": 2564, "output_tokens": 99}
    before = {"type": "message", "input_tokens": 1128, "output_tokens": 155}
    after = {"type": "message", "input_tokens": 1354, "output_tokens": 11}
    usage = SUMS | {"iterations": [before, advice, advice, after]}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-5", "content": []}
    message |= {"stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 1128, "output_tokens": 1}}
    if not body.get("stream"):
        text = {"type": "text", "text": "4"}
        answer = message | {"content": [text], "stop_reason": "end_turn", "usage": usage}
        return peer.sendall(whole(json.dumps(answer).encode()))
    events = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "4"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": usage},
        {"type": "message_stop"},
    ]
    text = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
    peer.sendall(stream_head() + chunk(text.encode()) + LAST_CHUNK)


@pytest.fixture(scope="module")
def advised_stack(request):
    with ScriptedProvider(advised) as provider:
        account = ADVISED["providers"]["messages"] | {"base_url": provider.url}
        changes = ADVISED | {"providers": {"messages": account}}
        with running(Stack(changes), request, "test_limits_budgets.advised") as stack:
            yield stack


@pytest.mark.parametrize("advisor", ADVISORS)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", ["/v1/messages", "/v1/chat/completions"])
def test_what_an_advisor_used_is_paid_at_its_own_price(advised_stack, path, stream, advisor):
    stack = advised_stack
    record = stack.key(max_budget=5)
    body = {"model": "worker", "messages": [{"role": "user", "content": f"{advisor}, 2+2?"}], "max_tokens": 50}
    answer = stack.client.with_key(record["key"]).post(path, body | {"stream": stream})
    assert answer.status == 200, answer
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    price_in, price_out = ADVISORS[advisor]
    assert row["cost_nanos"] == OWN_COST + 2 * (2564 * price_in + 99 * price_out), row
    assert (row["source"], row["input_tokens"], row["output_tokens"]) == ("provider", 2482, 166), row
    info = stack.master.admin(f"/key/info?key={record['token']}")["info"]
    assert info["spend"] == pytest.approx(row["cost_nanos"] / 1e9, abs=1e-9)
    unknown = [line for line in (stack.logs / "gateway.log").read_text().splitlines() if "known price" in line]
    told = [line for line in unknown if answer.headers["x-request-id"] in line]
    assert len(told) == (advisor == "claude-unheard-of"), told


def test_money_is_held_for_advisors(advised_stack):
    """About 34,000 tokens of input at 11,000 nano-dollars each time, and 2,048 of output at 55,000."""
    caller = advised_stack.caller(max_budget=1)
    body = {"model": "worker", "max_tokens": 50, "messages": [{"role": "user", "content": "claude-fable-5, 2+2?"}]}

    def ask(**limits):
        tool = {"type": "advisor_20260301", "name": "advisor", "model": "claude-fable-5", "max_tokens": 2048}
        return caller.post("/v1/messages", body | {"tools": [tool | limits]})

    refused = ask(max_uses=3)
    message = refused.json()["error"]["message"]
    told = r"and \$1\.\d+ for advisors \('max_uses' times; once without it\); input and advisors alone take"
    assert refused.status == 429 and re.search(told, message)
    assert ask(max_uses=1).status == 200
    assert ask().status == 200


def test_the_log_says_what_a_call_used_beyond_its_hold(new_stack):
    """A provider that ignores `max_tokens`, at no price: tokens are exceeded, and no money."""
    usage = {"prompt_tokens": 1, "completion_tokens": 100_000, "total_tokens": 100_001}
    choice = {"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}
    reply = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}

    with ScriptedProvider(lambda _, peer: peer.sendall(whole(json.dumps(reply).encode()))) as provider:
        account = {"base_url": provider.url, "api_key": "file:provider.key"}
        free = model("free", {"provider": "scripted", "model": "m"}, price="free")
        stack = new_stack({"providers": {"scripted": account}, "models": [free]})
        assert stack.caller(tpm_limit=1_000_000).chat(model="free", max_tokens=10).status == 200
        (line,) = [
            json.loads(line)
            for line in (stack.logs / "gateway.log").read_text().splitlines()
            if "more than was held" in line
        ]
    assert (line["exceeded"], line["dollars"]) == ("tokens", "0") and int(line["tokens"]) > 90_000
