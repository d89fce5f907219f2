"""Bad input: a clear 4xx that the OpenAI SDK parses; nothing reaches a provider, leaks, costs or crashes."""

import gzip
import json
import random
import resource
import statistics
import time

import pytest
from tollgate_stack import MASTER_KEY, MODEL, wait_until
from tollgate_stack.client import Connection, request_bytes
from tollgate_stack.configuration import model
from tollgate_stack.processes import open_descriptors

CHANGES = {
    "models": [
        model(MODEL),
        model("second"),
        model("small", max_output_tokens=100),
        model("patient", timeouts={"connect": "2s", "first_byte": "60s", "idle": "60s", "total": "120s"}),
    ],
    "limits": {"body_bytes": "8MB"},
}

MESSAGES = [{"role": "user", "content": "Hello"}]
CHAT = "/v1/chat/completions"


@pytest.fixture
def untouched(stack):
    """A key's client. After the test: the mock saw nothing, no money was spent, and the key's one slot is free."""
    record = stack.key(max_parallel_requests=1, max_budget=1)
    client = stack.client.with_key(record["key"])
    yield client
    assert stack.mock.total() == 0
    assert stack.gateway.is_running()
    assert client.chat().status == 200
    assert len(stack.ledger.wait_for(1, key_id=stack.key_id(record))) == 1


# Who


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Authorization", "")],
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer ")],
        [("Authorization", "Basic c2stMTIzNDpwYXNz")],
        [("Authorization", "sk-only-the-key-0123456789")],
        [("Authorization", "Bearer sk-unknown-0123456789")],
        [("Authorization", "Bearer " + "x" * 10_000)],
        [("Authorization", "Bearer sk-\xff\xfe")],
        [("x-api-key", "sk-unknown-0123456789")],
        [("x-api-key", "")],
        [("Authorization", "Bearer " + MASTER_KEY + "x")],
        [("Authorization", "Bearer " + MASTER_KEY.upper())],
    ],
)
def test_no_key_a_wrong_scheme_and_an_unknown_key_are_401_and_nothing_is_echoed(stack, untouched, headers):
    answer = stack.client.post(CHAT, stack.client.chat_body(), headers=headers)
    assert answer.status == 401 and answer.error
    for _, value in headers:
        secret = value.split(" ")[-1]
        if len(secret) > 8:
            assert secret not in answer.body.decode("latin-1")
            assert secret[:12] not in answer.body.decode("latin-1")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_unknown_expired_and_blocked_keys_are_refused_with_their_reason(stack, untouched):
    expired = stack.key(duration="1s")["key"]
    blocked = stack.key(blocked=True)["key"]
    time.sleep(1.2)
    answer = stack.client.with_key(expired).chat()
    assert answer.status == 401 and "expired" in answer.error["message"].lower()
    answer = stack.client.with_key(blocked).chat()
    assert answer.status in (401, 403) and "blocked" in answer.error["message"].lower()
    for key in (expired, blocked):
        assert key not in stack.client.with_key(key).chat().body.decode()
        assert stack.client.with_key(key).get("/v1/models").status in (401, 403)


def test_unknown_expired_and_blocked_keys_take_the_same_time(stack):
    keys = {"expired": stack.key(duration="1s")["key"], "blocked": stack.key(blocked=True)["key"]}
    keys["unknown"] = "sk-" + "u" * 48
    keys["short"] = "sk-u"
    time.sleep(1.2)
    times = {name: [] for name in keys}
    for _ in range(60):
        for name, key in keys.items():
            client = stack.client.with_key(key)
            start = time.perf_counter()
            assert client.chat().status in (401, 403)
            times[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(values) for name, values in times.items()}
    assert max(medians.values()) < 2 * min(medians.values()) + 0.002, medians


def test_the_body_of_a_stranger_is_not_looked_at(stack, untouched):
    """Without a key every body gets the same answer, broken or not."""
    for body in (b"", b"{", b"[]", json.dumps(stack.client.chat_body()).encode()):
        assert stack.client.post(CHAT, body).status == 401


# What


HELLO = b'[{"role":"user","content":"x"}]'
BAD_BODIES = {
    "empty": b"",
    "spaces": b"   ",
    "truncated": b'{"model":"mock-gpt","messages":[{"role":"user","content":"x"}',
    "truncated string": b'{"model":"mock-gpt","messages":[{"role":"user","content":"x',
    "not json": b"hello",
    "an array": b"[1,2]",
    "a string": b'"model"',
    "null": b"null",
    "invalid utf-8": b'{"model":"mock-gpt","messages":[{"role":"user","content":"\xff\xfe"}]}',
    "overlong utf-8": b'{"model":"mock-gpt","messages":[{"role":"user","content":"\xc0\xaf"}]}',
    "utf-16": '{"model":"mock-gpt","messages":[]}'.encode("utf-16"),
    "lone control character": b'{"model":"mock-gpt","messages":[{"role":"user","content":"a\nb"}]}',
    "trailing comma": b'{"model":"mock-gpt","messages":[],}',
    "single quotes": b"{'model':'mock-gpt'}",
    "two documents": b'{"model":"mock-gpt","messages":[]}{"model":"second"}',
    "duplicate model": b'{"model":"mock-gpt","model":"second","messages":[{"role":"user","content":"x"}]}',
    "duplicate model, escaped": b'{"model":"mock-gpt","mod\\u0065l":"second","messages":%s}' % HELLO,
    "duplicate stream": b'{"model":"mock-gpt","stream":false,"stream":true,"messages":[{"role":"user","content":"x"}]}',
    "duplicate max_tokens": b'{"model":"mock-gpt","max_tokens":1,"max_tokens":9,"messages":%s}' % HELLO,
    "duplicate role": b'{"model":"mock-gpt","messages":[{"role":"user","role":"system","content":"x"}]}',
    "duplicate type": b'{"model":"mock-gpt","messages":[{"role":"user","content":[{"type":"text","text":"a","t\\u0079pe":"b"}]}]}',
    "duplicate metadata": b'{"model":"mock-gpt","metadata":{"a":"1","b":"2","a":"3"},"messages":%s}' % HELLO,
    "depth 10,000": b'{"model":"mock-gpt","x":' + b"[" * 10_000 + b"]" * 10_000 + b',"messages":[]}',
    "depth 10,000 of objects": b'{"model":"mock-gpt","x":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"}",
    "number out of range": b'{"model":"mock-gpt","max_tokens":1e999,"messages":[{"role":"user","content":"x"}]}',
    "number beyond a double": b'{"model":"mock-gpt","temperature":1e309,"messages":%s}' % HELLO,
    "number beyond a double, inside": b'{"model":"mock-gpt","x":{"y":[-1e999]},"messages":%s}' % HELLO,
    "number of 10,000 digits": b'{"model":"mock-gpt","seed":'
    + b"9" * 10_000
    + b',"messages":[{"role":"user","content":"x"}]}',
    "leading zero": b'{"model":"mock-gpt","max_tokens":01,"messages":[{"role":"user","content":"x"}]}',
    "nan": b'{"model":"mock-gpt","temperature":NaN,"messages":[{"role":"user","content":"x"}]}',
    "a null byte": b'{"model":"mock-gpt","messages":[{"role":"user","content":"\x00"}]}',
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_body_that_is_no_json_object_is_400(stack, untouched, name):
    answer = untouched.post(CHAT, BAD_BODIES[name])
    assert answer.status == 400, answer
    assert answer.error["type"] == "invalid_request_error"


def test_a_truncated_body_says_where_it_ends(stack, untouched):
    message = untouched.post(CHAT, BAD_BODIES["truncated"]).error["message"]
    assert any(character.isdigit() for character in message), message


BAD_MEMBERS = {
    "no model": ({"messages": MESSAGES}, 400, "model"),
    "model null": ({"model": None, "messages": MESSAGES}, 400, "model"),
    "model a number": ({"model": 4, "messages": MESSAGES}, 400, "model"),
    "model empty": ({"model": "", "messages": MESSAGES}, (400, 404), "model"),
    "model unknown": ({"model": "nothing", "messages": MESSAGES}, 404, "model"),
    "model of 100 KB": ({"model": "m" * 100_000, "messages": MESSAGES}, (400, 404), "model"),
    "no messages": ({"model": MODEL}, 400, "messages"),
    "messages null": ({"model": MODEL, "messages": None}, 400, "messages"),
    "messages a string": ({"model": MODEL, "messages": "Hello"}, 400, "messages"),
    "messages an object": ({"model": MODEL, "messages": {"role": "user"}}, 400, "messages"),
    "messages empty": ({"model": MODEL, "messages": []}, 400, "messages"),
    "messages of strings": ({"model": MODEL, "messages": ["Hello"]}, 400, "messages"),
    "max_tokens negative": ({"model": MODEL, "messages": MESSAGES, "max_tokens": -1}, 400, "max_tokens"),
    "max_tokens zero": ({"model": MODEL, "messages": MESSAGES, "max_tokens": 0}, 400, "max_tokens"),
    "max_tokens absurd": ({"model": MODEL, "messages": MESSAGES, "max_tokens": 10**15}, 400, "max_tokens"),
    "max_tokens beyond int64": ({"model": MODEL, "messages": MESSAGES, "max_tokens": 10**30}, 400, "max_tokens"),
    "max_tokens a fraction": ({"model": MODEL, "messages": MESSAGES, "max_tokens": 1.5}, 400, "max_tokens"),
    "max_tokens a string": ({"model": MODEL, "messages": MESSAGES, "max_tokens": "10"}, 400, "max_tokens"),
    "max_completion_tokens negative": (
        {"model": MODEL, "messages": MESSAGES, "max_completion_tokens": -5}, 400, "max_completion_tokens"),
    "max_tokens over the model's": ({"model": "small", "messages": MESSAGES, "max_tokens": 101}, 400, "max_tokens"),
    "stream a string": ({"model": MODEL, "messages": MESSAGES, "stream": "yes"}, 400, "stream"),
    "stream a number": ({"model": MODEL, "messages": MESSAGES, "stream": 1}, 400, "stream"),
    "stream_options a list": (
        {"model": MODEL, "messages": MESSAGES, "stream": True, "stream_options": []}, 400, "stream_options"),
    "n negative": ({"model": MODEL, "messages": MESSAGES, "n": -1}, 400, "n"),
    "n absurd": ({"model": MODEL, "messages": MESSAGES, "n": 10**9}, 400, "n"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_MEMBERS)
def test_a_wrong_member_is_refused_and_named(stack, untouched, name):
    body, status, parameter = BAD_MEMBERS[name]
    answer = untouched.post(CHAT, body)
    assert answer.status in (status if isinstance(status, tuple) else (status,)), answer
    assert answer.error["param"] and answer.error["param"].split(".")[0].split("[")[0].startswith(parameter)
    if name == "model unknown":
        assert answer.error["code"] == "model_not_found"
    assert len(answer.body) < 2000


@pytest.mark.parametrize(
    "path, body",
    [
        ("/v1/completions", {"model": MODEL, "prompt": {}}),
        ("/v1/completions", {"prompt": "x"}),
        ("/v1/embeddings", {"model": MODEL}),
        ("/v1/embeddings", {"model": MODEL, "input": {}}),
        ("/v1/embeddings", {"model": MODEL, "input": []}),
        ("/v1/embeddings", {"input": "x"}),
    ],
)
def test_completions_and_embeddings_check_theirs_too(stack, untouched, path, body):
    answer = untouched.post(path, body)
    assert answer.status == 400 and answer.error["param"] in ("model", "prompt", "input"), answer


def test_a_model_that_the_key_may_not_use_is_403_whether_it_exists_or_not(stack):
    client = stack.caller(models=["second"])
    existing, missing = client.chat(), client.chat(model="nothing")
    assert existing.status == missing.status == 403
    assert existing.error["param"] == "model"
    assert existing.error["type"] == missing.error["type"]
    assert stack.mock.total() == 0


# Sizes


def test_a_body_over_the_gateways_own_limit_is_413(stack, untouched):
    for size in (9_000_000, 30_000_000):
        body = json.dumps(stack.client.chat_body("x" * size)).encode()
        answer = untouched.post(CHAT, body, timeout=60)
        assert answer.status == 413 and answer.error["code"] == "request_too_large"


def test_a_megabyte_of_header_is_refused(stack, untouched):
    answer = stack.client.post(CHAT, {"model": MODEL}, headers=[("X-Padding", "x" * 1_000_000)])
    assert answer.status in (400, 431) and answer.error["message"]


def test_five_hundred_headers_are_no_trouble(stack, untouched):
    headers = [(f"X-Header-{number}", "value") for number in range(500)]
    assert untouched.get("/v1/models", headers=headers).status in (200, 431)


# How


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/chat/completions", "/v1/completions", "/v1/embeddings"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_a_wrong_method_is_405_with_allow(stack, untouched, method, path):
    answer = untouched.request(method, path)
    assert answer.status == 405 and answer.headers["allow"] == "POST"
    assert answer.error["message"]


def test_a_wrong_method_on_a_get_route_is_405_with_allow(stack, untouched):
    for path in ("/v1/models", f"/v1/models/{MODEL}", "/health/liveliness", "/metrics"):
        answer = untouched.post(path, {})
        assert answer.status == 405 and "GET" in answer.headers["allow"], path


UNKNOWN_PATHS = ["/", "/v1", "/v1/", "/v1/nothing", "/v2/chat/completions", "/v1/chat/completions/", "/.env",
                 "/v1/chat/completions/chat/completions", "/v1/openaix", "/wp-admin.php", "/%00",
                 "/v1/\u00e9", "/v1/models/"]  # fmt: skip


@pytest.mark.parametrize("path", UNKNOWN_PATHS)
def test_an_unknown_route_is_404(stack, untouched, path):
    answer = untouched.post(path.encode().decode("latin-1"), {"model": MODEL, "messages": MESSAGES})
    assert answer.status in ((404, 400, 405) if path in ("/%00", "/v1/models/") else (404,)), answer
    assert answer.error["message"] and "does not serve" not in answer.error["message"]


NOT_SERVED = ["/v1/audio/speech", "/audio/transcriptions", "/v1/images/generations", "/v1/files", "/v1/files/f/content",
              "/v1/batches", "/v1/moderations", "/v1/rerank", "/v2/rerank", "/rerank", "/v1/fine_tuning/jobs",
              "/v1/assistants", "/v1/threads/t/runs", "/v1/vector_stores", "/v1/realtime",
              "/v1/conversations", "/v1/skills", "/v1/organizations/users", "/v1/agents",
              "/v1/compliance/review/cases", "/v1/deployments/d/run", "/v1/deployment_runs", "/v1/dreams",
              "/v1/environments/e/work", "/v1/memory_stores", "/v1/sessions/s/events", "/v1/tunnels",
              "/v1/user_profiles", "/v1/vaults/v/credentials", "/v1/chat/completions/chatcmpl-1",
              "/chat/completions/chatcmpl-1/messages", "/v1beta/openai/chat/completions", "/openai/v1/chat/completions",
              "/openai/deployments/d/chat/completions"]  # fmt: skip


@pytest.mark.parametrize("path", NOT_SERVED)
def test_a_route_of_the_clients_apis_that_is_not_served_is_told_as_such(stack, untouched, path):
    answer = untouched.post(path, {})
    assert (answer.status, answer.error["code"]) == (404, "unknown_url")
    assert answer.error["message"] == f"Tollgate does not serve this route: POST {path}."


def test_a_doubled_v1_is_told_as_what_it_is(stack, untouched):
    answer = untouched.post("/v1/v1/messages", {}, headers=[("anthropic-version", "2023-06-01")])
    message = "Unknown request URL: POST /v1/v1/messages. Give the base URL without '/v1': the client adds it."
    assert (answer.status, answer.json()["error"]) == (404, {"type": "not_found_error", "message": message})
    assert untouched.get("/v1/v1/models").error["message"].endswith("without '/v1': the client adds it.")


@pytest.mark.parametrize("path", ["/v1/messages/batches", "/v1/messages/batches/b/cancel"])
def test_a_route_of_anthropics_that_is_not_served_is_told_as_such(stack, untouched, path):
    answer = untouched.post(path, {})
    error = {"type": "not_found_error", "message": f"Tollgate does not serve this route: POST {path}."}
    assert (answer.status, answer.json()["error"]) == (404, error)


def test_what_only_begins_like_a_route_that_is_not_served_is_a_typo(stack, untouched):
    for path in ("/v1/filesystem", "/v1/audios", "/v1/message/batches", "/v1/agent", "/v1/sessions_list"):
        answer = untouched.post(path, {})
        assert answer.status == 404 and "Please check the URL for typos" in answer.error["message"], path


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x",
                                  "application/x-www-form-urlencoded", "json", "application/json; charset=utf-16",
                                  'application/json;charset="ISO-8859-1"'])  # fmt: skip
def test_a_wrong_content_type_is_415(stack, untouched, kind):
    answer = untouched.post(CHAT, untouched.chat_body(), content_type=kind)
    assert answer.status == 415 and "application/json" in answer.error["message"]


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip"])
def test_an_encoded_body_is_415_and_told_what_is_taken(stack, untouched, encoding):
    headers = [("Content-Encoding", encoding)]
    body = gzip.compress(json.dumps(untouched.chat_body()).encode())
    answer = untouched.post(CHAT, body, headers=headers)
    assert (answer.status, answer.headers["accept-encoding"]) == (415, "identity")
    assert answer.error["code"] == "unsupported_content_encoding" and f"'{encoding}'" in answer.error["message"]
    answer = untouched.post("/v1/messages", body, headers=headers)
    assert answer.status == 415 and answer.json()["type"] == "error"


def test_a_body_whose_encoding_is_none_is_served(stack):
    client = stack.caller()
    assert client.post(CHAT, client.chat_body(), headers=[("Content-Encoding", "Identity")]).status == 200


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON",
                                  'application/json; charset="UTF-8"'])  # fmt: skip
def test_json_by_any_of_its_names_is_served(stack, kind):
    client = stack.caller()
    assert client.post(CHAT, client.chat_body(), content_type=kind).status == 200


def test_a_body_shorter_than_announced_reaches_nobody(stack, untouched):
    body = json.dumps(untouched.chat_body()).encode()
    for _ in range(20):
        connection = Connection(stack.port)
        lines = untouched.credentials() + [("Content-Length", str(len(body) + 10))]
        connection.send(request_bytes("POST", CHAT, lines, body))
        connection.close()


def test_a_hundred_kinds_of_noise_end_in_400(stack, untouched):
    """Bytes drawn from a fixed seed, thrown at the port and at the route."""
    source = random.Random(20261123)
    for _ in range(100):
        noise = source.randbytes(source.randrange(1, 2000))
        connection = Connection(stack.port, timeout=5)
        connection.send(noise + b"\r\n\r\n")
        status, _ = connection.read_head()
        assert status == 400
        connection.close()
        assert untouched.post(CHAT, noise).status == 400


# Clients that are no clients


def test_a_client_that_sends_one_byte_a_second_occupies_no_slot(stack):
    record = stack.key(max_parallel_requests=1)
    client = stack.client.with_key(record["key"])
    data = request_bytes("POST", CHAT, client.credentials(), json.dumps(client.chat_body()).encode())
    connections = [Connection(stack.port) for _ in range(20)]
    for index in range(len(data) - 3, len(data)):
        for connection in connections:
            connection.send(data[:index] if index == len(data) - 3 else data[index - 1 : index])
        assert client.chat().status == 200
        time.sleep(1)
    for connection in connections:
        connection.close()
    assert stack.mock.total() == 3


def test_a_client_that_reads_one_byte_a_second_disturbs_nobody_and_frees_its_slot_when_it_leaves(stack):
    record = stack.key(max_parallel_requests=1)
    client = stack.client.with_key(record["key"])
    stream = client.stream(
        model="patient", mock="fault=huge,mb=30", max_tokens=10_000_000, receive_buffer=2048, timeout=30
    )
    other = stack.caller()
    deadline = time.monotonic() + 4
    while time.monotonic() < deadline:
        stream.connection.socket.recv(1)
        assert other.chat().status == 200
        time.sleep(0.9)
    assert client.chat().status == 429
    stream.close()
    wait_until(lambda: client.chat().status == 200, 3, "the slot of the slow reader")
    wait_until(lambda: stack.mock.total("open_streams") == 0, 3, "the provider's stream to be cancelled")


def test_ten_thousand_idle_connections_disturb_nobody(stack):
    """Half of them with half a request."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    assert hard >= 11_000, f"the hard limit of open files is {hard}: this test needs 11,000"
    client = stack.caller()
    memory = stack.gateway.resident_bytes()
    connections = []
    try:
        for number in range(10_000):
            connection = Connection(stack.port)
            if number % 2:
                connection.send(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n")
            connections.append(connection)
        times = []
        for _ in range(50):
            start = time.perf_counter()
            assert client.chat().status == 200
            times.append(time.perf_counter() - start)
        assert statistics.median(times) < 0.05, times
        assert open_descriptors(stack.gateway.pid) < 1000
        assert stack.gateway.resident_bytes() - memory < 20 << 20
    finally:
        for connection in connections:
            connection.close()
    assert client.chat().status == 200


def test_nothing_of_what_was_sent_wrongly_is_in_a_log(new_stack):
    stack = new_stack()
    key = stack.key()["key"]
    client = stack.client.with_key(key)
    marker = "marker-in-a-broken-body"
    client.post(CHAT, f'{{"model":"mock-gpt","messages":[{{"role":"user","content":"{marker}"'.encode())
    client.post(CHAT, {"model": MODEL, "messages": marker})
    stack.client.post(CHAT, {"model": MODEL}, headers=[("Authorization", f"Bearer sk-{marker}")])
    stack.client.post(CHAT, {"model": MODEL}, headers=[("Authorization", f"Basic {marker}")])
    time.sleep(1.5)
    for path, content in stack.everything_written():
        assert marker.encode() not in content, path
