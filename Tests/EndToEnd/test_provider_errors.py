"""A provider's error, word by word, and what clients are told of it: bodies that the mock does not send."""

import json
import time

import pytest
from conftest import running
from tollgate_stack import ScriptedProvider, Stack
from tollgate_stack.configuration import model
from tollgate_stack.scripted_provider import whole
from tollgate_stack.stack import PROVIDER_KEY


def openai(message, type="invalid_request_error", code=None, param=None, **more):
    return {"error": {"message": message, "type": type, "code": code, "param": param, **more}}


WORDS_TOO_LONG = "This endpoint's maximum context length is 8192 tokens."
WORDS_TEMPERATURE = "'temperature' must be between 0 and 2."

# The model, which begins with its provider's name: the status line and the body of the answer, and its further headers.
REPLIES = {
    "chat-too-long": ("400 Bad Request", openai(WORDS_TOO_LONG)),
    "chat-too-long-coded": ("400 Bad Request", openai(WORDS_TOO_LONG, code="invalid_request_error")),
    "chat-too-long-number": ("400 Bad Request", {"error": {"message": WORDS_TOO_LONG, "code": 400}}),
    "chat-temperature": ("400 Bad Request", openai(WORDS_TEMPERATURE, param="temperature")),
    "chat-no-type": ("400 Bad Request", {"error": {"message": WORDS_TEMPERATURE}}),
    "chat-coded": ("400 Bad Request", openai(WORDS_TEMPERATURE, code="unsupported_value", param="temperature")),
    "chat-no-model": ("404 Not Found", {"error": {"message": "model 'x' not found"}}),
    "chat-busy": ("429 Too Many Requests", {"error": {"message": "slow down"}}),
    "chat-broken": ("500 Internal Server Error", openai("it broke", type="server_error")),
    "responses-too-long": ("400 Bad Request", openai(WORDS_TOO_LONG)),
    "responses-temperature": ("400 Bad Request", openai(WORDS_TEMPERATURE, param="temperature")),
    "messages-temperature": (
        "400 Bad Request",
        {"type": "error", "error": {"type": "invalid_request_error", "message": WORDS_TEMPERATURE}},
    ),
}



def google(status, message, *details, code=400):
    error = {"code": code, "message": message, "status": status}
    return {"error": error | ({"details": list(details)} if details else {})}


def retry_info(delay):
    return {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}


TOLD_KEY = {"@type": "type.googleapis.com/google.rpc.DebugInfo", "detail": f"'{PROVIDER_KEY}' is slow"}
HELP = {"@type": "type.googleapis.com/google.rpc.Help", "links": [{"description": "Learn more"}]}

REPLIES |= {
    "gemini-busy": (
        "429 Too Many Requests",
        google("RESOURCE_EXHAUSTED", "slow down", HELP, TOLD_KEY, retry_info("38.5s"), code=429),
    ),
    "gemini-wait": ("429 Too Many Requests", google("RESOURCE_EXHAUSTED", "slow down", retry_info("1.2s"), code=429)),
    "gemini-header": (
        "429 Too Many Requests",
        google("RESOURCE_EXHAUSTED", "slow down", retry_info("38s"), code=429),
        "Retry-After: 7",
    ),
}


def anthropic(type, message="no"):
    return {"type": "error", "error": {"type": type, "message": message}}


def amazons(status, name):
    return (status, {"message": "no"}, f"x-amzn-ErrorType: {name}:http://internal.amazon.com/coral/com.amazon.bedrock/")


def answer_that_failed(word, **more):
    choice = {"index": 0, "message": {"role": "assistant", "content": "half"}, "finish_reason": word, **more}
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}


def xai(words):
    return {"code": "Some resource has been exhausted", "error": words}


USED_UP = (
    "Your team 16f2151a has either used all available credits or reached its monthly spending limit. "
    "To continue making API requests, please purchase more credits or raise your spending limit."
)
BLOCKED = "Output blocked by content filtering policy"

RAW = json.dumps(openai(f"no such image, {PROVIDER_KEY}"))

REPLIES |= {
    "messages-conflict": ("409 Conflict", anthropic("conflict_error")),
    "messages-timeout": ("408 Request Timeout", anthropic("timeout_error")),
    "messages-made-up": ("400 Bad Request", anthropic("sk_made_up_error")),
    "gemini-precondition": ("400 Bad Request", google("FAILED_PRECONDITION", "no")),
    "gemini-range": ("400 Bad Request", google("OUT_OF_RANGE", "no")),
    "gemini-exists": ("409 Conflict", google("ALREADY_EXISTS", "no", code=409)),
    "gemini-made-up": ("500 Broken", google("SK_MADE_UP", "no", code=500)),
    "converse-model": amazons("424 Failed Dependency", "ModelErrorException"),
    "converse-stream": amazons("424 Failed Dependency", "ModelStreamErrorException"),
    "converse-ready": amazons("429 Too Many Requests", "ModelNotReadyException"),
    "converse-conflict": amazons("400 Bad Request", "ConflictException"),
    "converse-made-up": amazons("500 Broken", "SkMadeUpException"),
    "gemini-file": (
        "403 Forbidden",
        google("PERMISSION_DENIED", "You do not have permission to access the File abc or it may not exist.", code=403),
    ),
    "gemini-cache": (
        "403 Forbidden",
        google("PERMISSION_DENIED", "CachedContent not found (or permission denied)", code=403),
    ),
    "gemini-forbidden": ("403 Forbidden", google("PERMISSION_DENIED", "The caller does not have permission", code=403)),
    "chat-flagged": ("403 Forbidden", {"error": {"message": "Your input was flagged for: violence", "code": 403}}),
    "chat-suspended": ("403 Forbidden", {"error": {"message": "Your account was flagged and suspended", "code": 403}}),
    "chat-used-up-429": ("429 Too Many Requests", xai(USED_UP)),
    "chat-used-up-403": ("403 Forbidden", xai(USED_UP)),
    "messages-blocked": ("400 Bad Request", anthropic("invalid_request_error", BLOCKED)),
    "messages-flagged": ("403 Forbidden", anthropic("permission_error", "Your input was flagged.")),
    "messages-gone": ("410 Gone", anthropic("invalid_request_error", "the model is retired")),
    "chat-legal": ("451 Unavailable For Legal Reasons", openai("not in your country")),
    "chat-blocked": ("498 Blocked", openai("blocked")),
    "chat-choice-error": ("200 OK", answer_that_failed("error", error={"code": 502, "message": "it broke"})),
    "chat-choice-word": ("200 OK", answer_that_failed("error")),
    "chat-raw": (
        "400 Bad Request",
        {"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": RAW}}},
    ),
}

# What a model's row says beyond its target.
AGAIN = {"retries": {"max": 1, "backoff": "10ms"}}
COOLING = AGAIN | {"cooldown": {"failures": 3}}
POLICIES = dict.fromkeys(["gemini-wait", "chat-choice-error", "chat-used-up-429", "chat-used-up-403"], AGAIN)
POLICIES |= dict.fromkeys(["gemini-file", "gemini-cache", "chat-flagged", "messages-flagged"], COOLING)

CLIENTS = ["chat", "responses", "messages", "gemini", "converse"]

ACCOUNTS = {
    "chat": ("/v1", {"dialects": ["chat_completions"]}),
    "responses": ("/v1", {"dialects": ["responses"]}),
    "messages": ("/v1", {"like": "anthropic"}),
    "gemini": ("/v1beta", {"like": "gemini"}),
    "converse": ("", {"like": "bedrock"}),
}


def script(request, peer):
    path = request.path.partition("?")[0]
    if "/models/" in path or path.startswith("/model/"):
        name = path.partition("/models/" if "/models/" in path else "/model/")[2].replace(":", "/").split("/")[0]
    else:
        name = json.loads(request.body)["model"]
    status, body, *headers = REPLIES[name]
    peer.sendall(whole(json.dumps(body).encode(), status, headers))


@pytest.fixture(scope="module")
def provider():
    with ScriptedProvider(script) as provider:
        yield provider


@pytest.fixture(scope="module")
def stack(request, provider):
    host = f"http://127.0.0.1:{provider.port}"
    accounts = {
        name: {"base_url": host + folder, "api_key": "file:provider.key", **more}
        for name, (folder, more) in ACCOUNTS.items()
    }
    models = [
        model(name, {"provider": name.partition("-")[0], "model": name}, **POLICIES.get(name, {})) for name in REPLIES
    ]
    with running(Stack({"providers": accounts, "models": models}), request, "test_provider_errors") as stack:
        yield stack


def ask(stack, client, name, key=None):
    """What a client of that dialect gets for a plain question to the model."""
    turns = [{"role": "user", "content": "hi"}]
    parts = [{"text": "hi"}]
    path, body = {
        "chat": ("/v1/chat/completions", {"model": name, "messages": turns}),
        "responses": ("/v1/responses", {"model": name, "input": "hi"}),
        "messages": ("/v1/messages", {"model": name, "messages": turns, "max_tokens": 50}),
        "gemini": (f"/v1beta/models/{name}:generateContent", {"contents": [{"role": "user", "parts": parts}]}),
        "converse": (f"/model/{name}/converse", {"messages": [{"role": "user", "content": parts}]}),
    }[client]
    caller = stack.client.with_key(key["key"]) if key else stack.master
    return caller.post(path, body)


@pytest.mark.parametrize("client, name, status, code, type", [
    ("chat", "chat-too-long", 400, "context_length_exceeded", "invalid_request_error"),
    ("chat", "chat-too-long-coded", 400, "context_length_exceeded", "invalid_request_error"),
    ("chat", "chat-too-long-number", 400, "context_length_exceeded", "invalid_request_error"),
    ("responses", "chat-too-long", 400, "context_length_exceeded", "invalid_request_error"),
    ("responses", "responses-too-long", 400, "context_length_exceeded", "invalid_request_error"),
    ("chat", "chat-temperature", 400, None, "invalid_request_error"),
    ("responses", "chat-temperature", 400, None, "invalid_request_error"),
    ("responses", "responses-temperature", 400, None, "invalid_request_error"),
    ("chat", "messages-temperature", 400, None, "invalid_request_error"),
    ("chat", "chat-no-type", 400, None, "invalid_request_error"),
    ("chat", "chat-coded", 400, "unsupported_value", "invalid_request_error"),
    ("chat", "chat-no-model", 404, "model_not_found", "invalid_request_error"),
    ("chat", "chat-busy", 429, "rate_limit_exceeded", "rate_limit_error"),
    ("chat", "chat-broken", 500, "upstream_error", "server_error"),
])  # fmt: skip
def test_an_error_without_a_code_has_the_one_of_the_table(stack, client, name, status, code, type):
    answer = ask(stack, client, name)
    assert (answer.status, answer.error["code"], answer.error["type"]) == (status, code, type)
    assert answer.error["message"] == REPLIES[name][1]["error"]["message"]


def test_an_error_about_a_member_names_it(stack):
    assert ask(stack, "chat", "chat-temperature").error["param"] == "temperature"


def test_what_the_ledger_calls_an_error_is_the_gateways_word(stack):
    key = stack.key()
    ask(stack, "chat", "chat-temperature", key)
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(key))
    assert row["error"] == "invalid_request", row


# Google


@pytest.mark.parametrize("client", CLIENTS)
def test_the_wait_that_google_tells_in_its_error_is_the_clients_retry_after(stack, client):
    answer = ask(stack, client, "gemini-busy")
    assert (answer.status, answer.headers["retry-after"]) == (429, "39")
    assert ask(stack, client, "gemini-header").headers["retry-after"] == "7"


def test_the_wait_that_google_tells_in_its_error_is_waited_for(stack):
    before = time.monotonic()
    answer = ask(stack, "chat", "gemini-wait")
    assert answer.headers["x-tollgate-attempts"] == "2" and time.monotonic() - before >= 1.2


def test_googles_clients_get_its_details_and_no_key(stack):
    told = ask(stack, "gemini", "gemini-busy").json()["error"]
    sent = REPLIES["gemini-busy"][1]["error"]
    assert told["details"][0] == HELP and told["details"][2] == retry_info("38.5s")
    assert told["details"][1]["detail"].endswith("is slow") and PROVIDER_KEY not in json.dumps(told)
    assert {name: told[name] for name in ("code", "message", "status")} == {
        name: sent[name] for name in ("code", "message", "status")
    }
    assert "details" not in ask(stack, "chat", "gemini-busy").error


@pytest.mark.parametrize("client", ["chat", "messages", "gemini"])
@pytest.mark.parametrize("name", ["gemini-file", "gemini-cache"])
def test_a_file_or_cache_that_may_not_exist_is_the_clients_fault(stack, client, name):
    for _ in range(2):
        answer = ask(stack, client, name)
        assert (answer.status, answer.headers["x-tollgate-attempts"]) == (403, "1")
        assert answer.json()["error"]["message"] == REPLIES[name][1]["error"]["message"]
    assert not stack.metrics().get(f'tollgate_cooldowns{{model="{name}",provider="gemini"}}')


def test_what_the_account_may_not_do_is_not_the_clients_fault(stack):
    answer = ask(stack, "gemini", "gemini-forbidden")
    assert answer.status == 502 and "does not have permission" not in answer.body.decode()


# Content that a provider refuses with a 403


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("speaker", ["chat", "messages"])
def test_content_that_is_flagged_is_the_clients_fault(stack, client, speaker):
    name = speaker + "-flagged"
    own = client == speaker
    words = {"messages": "permission_error" if own else "invalid_request_error", "gemini": "INVALID_ARGUMENT"}
    words["converse"] = "ValidationException"
    for _ in range(2):
        answer = ask(stack, client, name)
        # A provider of the client's own dialect keeps its status; any other's has the one of the table.
        assert (answer.status, answer.headers["x-tollgate-attempts"]) == (403 if own else 400, "1")
        assert word_of(answer, client) == words.get(client, "invalid_request_error")
        assert "input was flagged" in answer.body.decode()
        if client in ("chat", "responses"):
            assert answer.error["code"] == "content_policy_violation"
    assert not stack.metrics().get(f'tollgate_cooldowns{{model="{name}",provider="{speaker}"}}')


def test_an_account_that_is_flagged_is_not_the_clients_fault(stack):
    answer = ask(stack, "chat", "chat-suspended")
    assert answer.status == 502 and "suspended" not in answer.body.decode()


def test_an_answer_that_anthropic_blocked_is_told_as_contents(stack):
    for client in ("chat", "responses"):
        answer = ask(stack, client, "messages-blocked")
        assert (answer.status, answer.error["code"]) == (400, "content_policy_violation")
    answer = ask(stack, "messages", "messages-blocked")
    assert (answer.status, answer.json()["error"]["type"]) == (400, "invalid_request_error")
    assert answer.json()["error"]["message"] == BLOCKED


@pytest.mark.parametrize("name", ["chat-used-up-429", "chat-used-up-403"])
def test_xais_used_up_account_is_told_as_such_and_not_asked_again(stack, name):
    answer = ask(stack, "chat", name)
    assert (answer.status, answer.headers["x-tollgate-attempts"]) == (429, "1")
    assert (answer.error["type"], answer.error["code"]) == ("insufficient_quota", "insufficient_quota")
    assert answer.headers["x-should-retry"] == "false"


# The provider's own words


def word_of(answer, client):
    """What the SDK of that dialect tells errors apart by, beside the status."""
    if client == "converse":
        return answer.headers["x-amzn-errortype"]
    error = answer.json()["error"]
    return error["status"] if client == "gemini" else error["type"]


@pytest.mark.parametrize("name, status, word", [
    ("messages-conflict", 409, "conflict_error"),
    ("messages-timeout", 408, "timeout_error"),
    ("messages-made-up", 400, "invalid_request_error"),
    ("gemini-precondition", 400, "FAILED_PRECONDITION"),
    ("gemini-range", 400, "OUT_OF_RANGE"),
    ("gemini-exists", 409, "ALREADY_EXISTS"),
    ("gemini-made-up", 500, "INTERNAL"),
    ("converse-model", 424, "ModelErrorException"),
    ("converse-stream", 424, "ModelStreamErrorException"),
    ("converse-ready", 429, "ModelNotReadyException"),
    ("converse-conflict", 400, "ConflictException"),
    ("converse-made-up", 500, "InternalServerException"),
])  # fmt: skip
def test_a_word_of_the_clients_own_dialect_stays(stack, name, status, word):
    client = name.partition("-")[0]
    answer = ask(stack, client, name)
    assert (answer.status, word_of(answer, client)) == (status, word)


@pytest.mark.parametrize("client", ["chat", "messages"])
def test_what_openrouters_provider_said_is_told_where_openrouter_says_nothing(stack, client):
    answer = ask(stack, client, "chat-raw")
    message = answer.json()["error"]["message"]
    assert answer.status == 400 and message.startswith("Provider returned error: no such image, ")
    assert PROVIDER_KEY not in message


@pytest.mark.parametrize("name, status", [("messages-gone", 410), ("chat-legal", 451), ("chat-blocked", 498)])
@pytest.mark.parametrize("client", CLIENTS)
def test_a_4xx_about_the_request_stays_that_4xx(stack, client, name, status):
    words = {"gemini": "INVALID_ARGUMENT", "converse": "ValidationException"}
    answer = ask(stack, client, name)
    assert (answer.status, word_of(answer, client)) == (status, words.get(client, "invalid_request_error"))
    if client == "gemini":
        assert answer.json()["error"]["code"] == status


@pytest.mark.parametrize("client", ["chat", "responses", "messages", "gemini"])
def test_an_answer_whose_choice_ended_with_an_error_is_none(stack, client):
    key = stack.key()
    answer = ask(stack, client, "chat-choice-error", key)
    assert (answer.status, answer.headers["x-tollgate-attempts"]) == (502, "2")
    assert answer.json()["error"]["message"] == "it broke"
    for row in stack.ledger.wait_for(2, key_id=stack.key_id(key)):
        assert (row["error"], row["input_tokens"], row["output_tokens"]) == ("upstream_error", 7, 3), row
    word = ask(stack, client, "chat-choice-word")
    assert word.status == 502 and "half" not in word.body.decode()
