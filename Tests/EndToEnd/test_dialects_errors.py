"""What a provider of any dialect says went wrong, as each client's SDK types it: before an answer and inside of one."""

import json

import anthropic
import httpx
import openai
import pytest
from botocore.exceptions import ClientError, EventStreamError
from openai.types.responses import ResponseFailedEvent
from tollgate_stack import MASTER_KEY
from tollgate_stack.dialect_stack import ALL, ENDPOINTS, changes, models
from tollgate_stack.speakers import ERRORS, SPEAKERS
from tollgate_stack.tls_stack import TLSStack

CHANGES = changes(models=models(timeouts={"connect": "2s", "first_byte": "2s", "idle": "2s", "total": "20s"}))
STACK_KIND = TLSStack

# fault → what each client's SDK raises: its class, or its code.
EXPECTED = {
    "400": {
        "openai": openai.BadRequestError,
        "messages": anthropic.BadRequestError,
        "gemini": (400, "INVALID_ARGUMENT"),
        "converse": "ValidationException",
    },
    "404": {
        "openai": openai.NotFoundError,
        "messages": anthropic.NotFoundError,
        "gemini": (404, "NOT_FOUND"),
        "converse": "ResourceNotFoundException",
    },
    "429": {
        "openai": openai.RateLimitError,
        "messages": anthropic.RateLimitError,
        "gemini": (429, "RESOURCE_EXHAUSTED"),
        "converse": "ThrottlingException",
    },
    "503": {
        "openai": openai.InternalServerError,
        "messages": anthropic.InternalServerError,
        "gemini": (503, "UNAVAILABLE"),
        "converse": "ServiceUnavailableException",
    },
    "context_length": {
        "openai": openai.BadRequestError,
        "messages": anthropic.BadRequestError,
        "gemini": (400, "INVALID_ARGUMENT"),
        "converse": "ValidationException",
    },
}

clients = pytest.mark.parametrize("client", list(SPEAKERS))
providers = pytest.mark.parametrize("provider", ALL)


def failure(speaker, stream=False, text="hello", **options):
    with pytest.raises(ERRORS) as caught:
        speaker.ask(text, stream, **options)
    return caught.value


def headers(error):
    if isinstance(error, ClientError):
        return error.response["ResponseMetadata"]["HTTPHeaders"]
    return error.response.headers


def is_typed(error, client, fault):
    expected = EXPECTED[fault]["openai" if client in ("chat", "responses") else client]
    if client == "gemini":
        assert (error.code, error.status) == expected, error
    elif client == "converse":
        assert error.response["Error"]["Code"] == expected, error.response
    else:
        assert isinstance(error, expected), error
        assert error.message
    return True


def set_fault(stack, provider, fault, **more):
    # 529 is Anthropic's word for what the others say with 503.
    fault = "529" if (fault, provider) == ("503", "messages") else fault
    stack.mock.rules({"endpoint": ENDPOINTS[provider], "fault": fault, **more})


@pytest.mark.parametrize("fault", list(EXPECTED))
@providers
@clients
def test_a_providers_error_is_the_sdks_own(stack, speak, client, provider, fault):
    set_fault(stack, provider, fault, retry_after=7)
    error = failure(speak(client, provider))
    assert is_typed(error, client, fault)
    if fault in ("429", "503"):
        assert headers(error)["retry-after"] == "7"
    if fault == "context_length" and client in ("chat", "responses"):
        assert error.code == "context_length_exceeded"
    if fault == "context_length" and client == "messages":
        # By these words Claude Code knows that it has to make its history shorter.
        assert error.body["error"]["message"].startswith("prompt is too long: ")


@pytest.mark.parametrize("fault", ["429", "503"])
@providers
@clients
def test_the_same_where_a_stream_was_asked_for(stack, speak, client, provider, fault):
    set_fault(stack, provider, fault, retry_after=7)
    error = failure(speak(client, provider), stream=True)
    assert is_typed(error, client, fault) and headers(error)["retry-after"] == "7"


@providers
@clients
def test_a_redirect_is_no_fault_of_the_clients(stack, speak, client, provider):
    set_fault(stack, provider, "redirect")
    error = failure(speak(client, provider))
    status = error.response["ResponseMetadata"]["HTTPStatusCode"] if client == "converse" else None
    status = status or getattr(error, "status_code", None) or error.code
    # Converse has no 502 when translated.
    assert status in ((500, 502) if client == "converse" else (502,)), error


@providers
@clients
def test_a_provider_that_refuses_our_key_is_no_fault_of_the_clients(stack, speak, client, provider):
    set_fault(stack, provider, "401")
    error = failure(speak(client, provider))
    status = error.response["ResponseMetadata"]["HTTPStatusCode"] if client == "converse" else None
    status = status or getattr(error, "status_code", None) or error.code
    assert status in (500, 502) and "credentials" in str(error)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("provider", ["chat", "responses", "messages"])
@clients
def test_a_used_up_account_is_no_wrong_key(stack, speak, client, provider, stream):
    set_fault(stack, provider, "quota")
    error = failure(speak(client, provider), stream)
    # Anthropic says it with a 400, and in words alone.
    words = "credit balance" if provider == "messages" else "quota"
    assert words in str(error) and "credentials" not in str(error)
    if client == "converse":
        assert error.response["Error"]["Code"] == "ServiceQuotaExceededException"
    elif client == "gemini":
        assert (error.code, error.status) == (429, "RESOURCE_EXHAUSTED")
    elif client == "messages":
        assert (error.status_code, error.body["error"]["type"]) == (402, "billing_error")
    else:
        assert isinstance(error, openai.RateLimitError)
        assert (error.code, error.type) == ("insufficient_quota", "insufficient_quota")


# Routes that are not here


def send(stack, method, path):
    headers = {"Authorization": f"Bearer {MASTER_KEY}"}
    body = {} if method == "POST" else None
    return httpx.request(method, stack.url + path, headers=headers, json=body, verify=stack.context(), timeout=20)


@pytest.mark.parametrize("verb", ["invoke", "invoke-with-response-stream", "guardrail"])
@pytest.mark.parametrize("model", ["converse", "arn:aws:bedrock:us-east-1:1:inference-profile/us.claude"])
def test_an_unknown_route_of_bedrocks_is_not_found_in_its_shape(stack, model, verb):
    answer = send(stack, "POST", f"/model/{model}/{verb}")
    assert answer.status_code == 404 and answer.headers["x-amzn-errortype"] == "ResourceNotFoundException"
    assert list(answer.json()) == ["message"] and verb in answer.json()["message"]
    assert ("Tollgate does not serve this route" in answer.json()["message"]) == verb.startswith("invoke")


def test_a_route_of_anthropics_that_is_not_served_is_not_found_in_its_shape(stack):
    for path in ("/v1/messages/batches", "/v1/messages/batches/msgbatch_1/results"):
        answer = send(stack, "GET", path)
        error = answer.json()["error"]
        assert (answer.status_code, answer.json()["type"], error["type"]) == (404, "error", "not_found_error")
        assert error["message"] == f"Tollgate does not serve this route: GET {path}."


def test_a_name_below_model_alone_is_the_admin_apis(stack):
    answer = send(stack, "GET", "/model/info")
    assert answer.status_code == 404 and "admin route" in answer.json()["error"]["message"]


@pytest.mark.parametrize("verb", ["embedContent", "batchEmbedContents", "batchGenerateContent", "foo"])
@pytest.mark.parametrize("folder", ["/v1beta", "/v1/projects/p/locations/l/publishers/google", "/v1"])
def test_an_unknown_method_of_googles_is_not_found_in_its_shape(stack, folder, verb):
    if (folder, verb) == ("/v1", "foo"):
        return  # There it may be one of OpenAI's models.
    answer = send(stack, "POST", f"{folder}/models/gemini:{verb}")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["status"]) == (404, 404, "NOT_FOUND")
    assert f":{verb}" in error["message"] and set(error) == {"code", "message", "status"}
    assert ("Tollgate does not serve this route" in error["message"]) == (verb != "foo")


def form_of(answer):
    """Whose form an error has."""
    body = answer.json()
    if "x-amzn-errortype" in answer.headers:
        assert list(body) == ["message"]
        return "converse"
    if body.get("type") == "error":
        assert set(body) == {"type", "error", "request_id"} and set(body["error"]) == {"type", "message"}
        return "messages"
    if "status" in body["error"]:
        assert set(body["error"]) == {"code", "message", "status"} and body["error"]["code"] == answer.status_code
        return "gemini"
    assert set(body["error"]) == {"message", "type", "param", "code"}
    return "openai"


BEARER = {"Authorization": f"Bearer {MASTER_KEY}"}
ANTHROPICS = BEARER | {"anthropic-version": "2023-06-01"}
GOOGLES = {"x-goog-api-key": MASTER_KEY}


@pytest.mark.parametrize("method, path, headers, form", [
    ("GET", "/v1/files", BEARER, "openai"),
    ("GET", "/v1/files", ANTHROPICS, "messages"),
    ("GET", "/v1/files", GOOGLES, "gemini"),
    ("POST", "/v1/skills", ANTHROPICS, "messages"),
    ("POST", "/v1/complete", ANTHROPICS, "messages"),
    ("POST", "/v1/messages/batches", BEARER, "messages"),
    ("GET", "/v1/models/nothing", BEARER, "openai"),
    ("GET", "/v1/models/nothing", ANTHROPICS, "messages"),
    ("GET", "/v1/models/nothing", GOOGLES, "gemini"),
    ("GET", "/v1beta/files", BEARER, "gemini"),
    ("POST", "/upload/v1beta/files", BEARER, "gemini"),
    ("POST", "/v1alpha/auth_tokens", BEARER, "gemini"),
    ("POST", "/v1beta/openai/chat/completions", BEARER, "openai"),
    ("POST", "/v1/chat/nothing", ANTHROPICS, "openai"),
    ("POST", "/model/m/invoke", BEARER, "converse"),
    ("POST", "/guardrail/g/version/1/apply", BEARER, "converse"),
    ("GET", "/async-invoke", BEARER, "converse"),
])  # fmt: skip
def test_what_is_not_here_is_told_in_the_form_of_who_asks(stack, method, path, headers, form):
    body = {} if method == "POST" else None
    answer = httpx.request(
        method, stack.url + path, headers=headers, json=body, verify=stack.context(), timeout=20
    )  # fmt: skip
    assert (answer.status_code, form_of(answer)) == (404, form)
    assert ("request-id" in answer.headers) == (form == "messages")


@pytest.mark.parametrize("headers, form", [(BEARER, "openai"), (ANTHROPICS, "messages"), (GOOGLES, "gemini")])
def test_a_wrong_key_for_a_list_of_models_is_told_in_the_form_of_who_asks(stack, headers, form):
    wrong = {name: value.replace(MASTER_KEY, "sk-wrong-0123456789") for name, value in headers.items()}
    answer = httpx.get(stack.url + "/v1/models", headers=wrong, verify=stack.context(), timeout=20)
    assert (answer.status_code, form_of(answer)) == (401, form)


def test_a_method_of_http_that_is_wrong_stays_405(stack):
    answer = send(stack, "GET", "/v1beta/models/gemini:generateContent")
    assert answer.status_code == 405 and answer.headers["allow"] == "POST"
    assert send(stack, "POST", "/v1/models/some:model").status_code == 405


@clients
def test_a_wrong_key_is_the_sdks_authentication_error(speak, client):
    error = failure(speak(client, "chat", key="sk-wrong"))
    if client == "converse":
        assert error.response["Error"]["Code"] == "UnrecognizedClientException"
    elif client == "gemini":
        assert (error.code, error.status) == (401, "UNAUTHENTICATED")
    else:
        assert isinstance(error, (openai.AuthenticationError, anthropic.AuthenticationError))


@clients
def test_an_unknown_model_is_not_found(speak, client):
    assert is_typed(failure(speak(client, "nothing")), client, "404")


@clients
def test_a_spent_limit_is_the_sdks_rate_limit_error(stack, speak, client):
    key = stack.key(rpm_limit=1)["key"]
    speaker = speak(client, "messages", key=key)
    speaker.ask("hello")
    error = failure(speaker)
    assert is_typed(error, client, "429") and int(headers(error)["retry-after"]) > 0


# Chat, Anthropic and Converse name the reason of the end before their last event, and Google has none: what lacks only
# the last is whole.
ENDS_WITHOUT_LAST_EVENT = ("chat", "messages", "gemini", "converse")


# What is the gateway's to tell.
BROKEN = ["cut_chunk", "cut_inside", "bad_json"]
BREAKS = ["error_event", "no_done", "bad_utf8", *BROKEN]


@pytest.mark.parametrize("fault", BREAKS)
@providers
@clients
def test_a_stream_that_breaks_off_is_an_error_and_no_end(stack, speak, client, provider, fault):
    if fault == "no_done" and provider in ENDS_WITHOUT_LAST_EVENT:
        return
    # Without a pause between them, the broken event and the end come in one piece.
    interval = "0ms" if fault.startswith("bad_") else "2ms"
    stack.mock.rules({"endpoint": ENDPOINTS[provider], "fault": fault, "after": 4, "interval": interval})
    speaker = speak(client, provider)
    if (client, provider, fault) == ("responses", "responses", "error_event"):
        # OpenAI's own event, as it came: the SDK hands it on.
        speaker.say("hello")
        events = [event.type for event in speaker.client.responses.create(stream=True, **speaker.members())]
        assert "error" in events or "response.failed" in events
        assert "response.completed" not in events
        return
    error = failure(speaker, stream=True)
    if client == "converse":
        # The mock's bad_utf8 is in the first event with a word: where it is translated nothing has begun, and the answer
        # is an error.
        assert isinstance(error, EventStreamError) == (fault != "bad_utf8" or client == provider)
        assert fault not in BROKEN or error.response["Error"]["Code"] == "internalServerException"
    elif client == "gemini":
        assert error.code >= 500 and error.status
    else:
        assert error.message
    if client in ("chat", "responses") and fault in BROKEN:
        assert (error.code, error.type) == ("upstream_broken", "server_error")
    assert len(speaker.history) == 1


def events_of_a_response(stack, model, **members):
    headers = {"Authorization": f"Bearer {MASTER_KEY}"}
    body = {"model": model, "input": "hello", "stream": True, **members}
    answer = httpx.post(f"{stack.url}/v1/responses", headers=headers, json=body, verify=stack.context(), timeout=20)
    return [json.loads(line.removeprefix("data: ")) for line in answer.text.splitlines() if line.startswith("data: ")]


@pytest.mark.parametrize("fault", BROKEN)
@providers
def test_a_response_that_breaks_off_fails_whether_or_not_it_is_translated(stack, provider, fault):
    stack.mock.rules({"endpoint": ENDPOINTS[provider], "fault": fault, "after": 4, "interval": "0ms"})
    events = events_of_a_response(stack, provider)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    error, failed = events[-2:]
    assert (error["type"], error["code"]) == ("error", "upstream_broken")
    failed = ResponseFailedEvent.model_validate(failed)
    assert (failed.type, failed.response.status) == ("response.failed", "failed")
    assert failed.response.id == events[0]["response"]["id"]
    assert (failed.response.error.code, failed.response.error.message) == ("server_error", error["message"])


def test_a_response_in_the_background_does_not_fail_with_its_stream(stack):
    stack.mock.rules({"endpoint": ENDPOINTS["responses"], "fault": "cut_chunk", "after": 4, "interval": "0ms"})
    events = events_of_a_response(stack, "responses", background=True)
    assert events[0]["response"]["background"] is True
    assert [event["type"] for event in events[-2:]] == ["response.output_text.delta", "error"]


@providers
@pytest.mark.parametrize("client", ["chat", "messages", "gemini", "converse"])
def test_an_event_that_cannot_be_read_is_told_and_written_down(stack, speak, client, provider):
    stack.mock.rules({"endpoint": ENDPOINTS[provider], "fault": "bad_json", "after": 4, "interval": "0ms"})
    record = stack.key()
    error = failure(speak(client, provider, key=record["key"]), stream=True)
    assert "a frame is no JSON" in str(error)
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    assert (row["outcome"], row["error"]) == ("upstream_error", "upstream_broken"), row
    assert row["cost_nanos"] > 0


# The ledger and the log have one vocabulary, whatever the dialects; the client has its own dialect's words.
RECORDED = {
    "400": "invalid_request",
    "404": "model_not_found",
    "429": "rate_limit_exceeded",
    "503": "server_overloaded",
}


@pytest.mark.parametrize("fault", list(RECORDED))
@providers
@pytest.mark.parametrize("client", ["chat", "gemini"])
def test_a_refusal_has_one_code_in_the_ledger(stack, speak, client, provider, fault):
    set_fault(stack, provider, fault)
    record = stack.key()
    failure(speak(client, provider, key=record["key"]))
    rows = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    assert {row["error"] for row in rows} == {RECORDED[fault]}, rows


# What each provider says inside a stream, in its own words. Cohere and Ollama have no others than the message's.
SAID = {
    "chat": {"code": "rate_limit_exceeded"},
    "responses": {"code": "rate_limit_exceeded"},
    "messages": {"code": "rate_limit_error"},
    "gemini": {"code": "RESOURCE_EXHAUSTED"},
    "converse": {"code": "ThrottlingException"},
    "cohere": {"message": "input is too long"},
    "ollama": {"message": "input is too long"},
}


@providers
@clients
def test_a_stream_that_its_provider_ends_with_an_error_has_that_errors_code(stack, speak, client, provider):
    said = SAID[provider]
    rule = {"endpoint": ENDPOINTS[provider], "fault": "error_event", "after": 4, "interval": "2ms"}
    stack.mock.rules(rule | said)
    record = stack.key()
    speaker = speak(client, provider, key=record["key"])
    if (client, provider) == ("responses", "responses"):
        # OpenAI's own event, as it came: the SDK hands it on.
        list(speaker.client.responses.create(model=provider, input="hello", stream=True))
    else:
        failure(speaker, stream=True)
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    assert row["error"] == ("rate_limit_exceeded" if "code" in said else "context_length_exceeded"), row


@pytest.mark.parametrize("fault", ["error_event", "cut_chunk"])
@providers
@clients
def test_a_translated_stream_that_breaks_before_its_first_word_is_an_error_answer(
    stack, speak, client, provider, fault
):
    if client == provider:
        return
    stack.mock.rules({"endpoint": ENDPOINTS[provider], "fault": fault, "after": 0})
    error = failure(speak(client, provider), stream=True)
    assert not isinstance(error, EventStreamError)
    status = error.response["ResponseMetadata"]["HTTPStatusCode"] if client == "converse" else None
    status = status or getattr(error, "status_code", None) or error.code
    assert int(status) >= 500


@providers
@pytest.mark.parametrize("client", ["chat", "messages"])
def test_what_a_stream_brought_before_it_broke_is_paid_for(stack, speak, client, provider):
    """Anthropic tells of one token of output at the beginning, and of the rest at the end only; Google with each chunk."""
    stack.mock.rules({"endpoint": ENDPOINTS[provider], "fault": "cut_chunk", "after": 40, "tokens": 200})
    record = stack.key()
    failure(speak(client, provider, key=record["key"]), stream=True)
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    assert row["output_tokens"] >= 30 and row["source"] == ("provider" if provider == "gemini" else "estimated"), row
    assert row["cost_nanos"] > 0
