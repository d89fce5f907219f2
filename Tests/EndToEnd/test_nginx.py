"""nginx: its own errors are JSON, its logs hold no key, and its configuration is rendered as documented."""

import json
import os
import re
import subprocess

import pytest
from tollgate_stack import REQUEST_ID, repository, wait_until
from tollgate_stack.client import Connection, request_bytes
from tollgate_stack.stack import find_nginx, own_address


def exchange(stack, data):
    connection = Connection(stack.port, timeout=15)
    try:
        connection.send(data)
        status, headers = connection.read_head()
        return status, headers, connection.read_body(headers)
    finally:
        connection.close()


def check_own_error(status, headers, body, expected):
    assert status == expected, (status, body)
    assert headers["content-type"] == "application/json"
    assert headers["x-content-type-options"] == "nosniff"
    assert re.fullmatch(REQUEST_ID, headers["x-request-id"])
    error = json.loads(body)["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return error


@pytest.mark.parametrize(
    "request_line, expected",
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET /v1/models HTTP/1.1\r\n\r\n", 400),  # no Host
        (b"GET /v1/%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"TRACE /v1/models HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400),
        (b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        (b"POST /v1/x.html HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    ],
    ids=["garbage", "no host", "bad escape", "long url", "trace", "negative length", "two lengths", "bad chunk"],
)
def test_what_nginx_refuses_has_a_json_body_that_the_sdk_parses(stack, request_line, expected):
    error = check_own_error(*exchange(stack, request_line), expected)
    assert error["type"] == "invalid_request_error"
    assert stack.mock.total() == 0


def test_a_status_line_has_its_reason(stack):
    credentials = [("Authorization", f"Bearer {stack.master.key}"), ("Content-Type", "application/json")]
    chat = ("POST", "/v1/chat/completions")

    def body(mock=None, **members):
        return json.dumps(stack.client.chat_body(mock=mock, **members)).encode()

    for method, path, lines, content, expected in (
        (*chat, credentials, body(), b"200 OK"),
        (*chat, credentials, body(stream=True), b"200 OK"),
        (*chat, credentials, b"{", b"400 Bad Request"),
        (*chat, [], body(), b"401 Unauthorized"),
        (*chat, credentials, body("fault=429"), b"429 Too Many Requests"),
        (*chat, credentials, body("fault=529"), b"529 Server Error"),
        ("GET", "/key/list", credentials, b"", b"200 OK"),  # the admin
        ("GET", "/key/list", [], b"", b"401 Unauthorized"),
    ):
        connection = Connection(stack.port)
        connection.send(request_bytes(method, path, lines, content))
        assert connection.read_line() == b"HTTP/1.1 " + expected
        connection.close()


def test_a_megabyte_of_header_is_431_and_the_client_sees_the_answer(stack):
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + b"a" * 1_000_000
    error = check_own_error(*exchange(stack, head + b"\r\nContent-Length: 2\r\n\r\n{}"), 431)
    assert error["code"] == "headers_too_large"


def test_a_body_over_the_limit_is_413_before_it_is_read(stack):
    lines = [("Content-Length", "40000000"), ("Content-Type", "application/json")]
    status, headers, body = exchange(stack, request_bytes("POST", "/v1/chat/completions", lines))
    assert check_own_error(status, headers, body, 413)["code"] == "request_too_large"


NOT_ALLOWED = {"message": "This HTTP method is not allowed."}


@pytest.mark.parametrize("path, header, form", [
    ("/v1/files", "", "openai"),
    ("/v1/files", "anthropic-version: 2023-06-01\r\n", "messages"),
    ("/v1/files", "x-goog-api-key: k\r\n", "gemini"),
    ("/v1/chat/completions", "anthropic-version: 2023-06-01\r\n", "openai"),
    ("/v1/messages?beta=true", "", "messages"),
    ("/messages/count_tokens", "", "messages"),
    ("/v1beta/models/m:generateContent?key=k", "", "gemini"),
    ("/v1/models/m:streamGenerateContent?alt=sse", "", "gemini"),
    ("/v1beta/openai/chat/completions", "", "openai"),
    ("/upload/v1beta/files", "", "gemini"),
    ("/model/m/converse", "", "converse"),
    ("/guardrail/g/version/1/apply", "", "converse"),
    ("/model/info", "", "openai"),
])  # fmt: skip
def test_what_nginx_refuses_has_the_form_of_its_client(stack, path, header, form):
    lines = f"TRACE {path} HTTP/1.1\r\nHost: x\r\n{header}\r\n"
    status, headers, body = exchange(stack, lines.encode())
    assert (status, headers["content-type"]) == (405, "application/json")
    expected = {
        "openai": {
            "error": NOT_ALLOWED | {"type": "invalid_request_error", "param": None, "code": "method_not_allowed"}
        },
        "messages": {
            "type": "error",
            "error": NOT_ALLOWED | {"type": "invalid_request_error"},
            "request_id": headers["x-request-id"],
        },
        "gemini": {"error": NOT_ALLOWED | {"code": 405, "status": "INVALID_ARGUMENT"}},
        "converse": NOT_ALLOWED,
    }
    assert json.loads(body) == expected[form]
    assert headers.get("x-amzn-errortype") == ("ValidationException" if form == "converse" else None)


def test_a_body_over_the_limit_has_anthropics_name_for_a_client_of_anthropics(stack):
    lines = [("Content-Length", "40000000"), ("Content-Type", "application/json")]
    status, _, body = exchange(stack, request_bytes("POST", "/v1/messages", lines))
    assert (status, json.loads(body)["error"]["type"]) == (413, "request_too_large")


def test_a_chunked_body_over_the_limit_is_413(stack):
    connection = Connection(stack.port, timeout=20)
    lines = [("Transfer-Encoding", "chunked"), ("Content-Type", "application/json")]
    connection.send(request_bytes("POST", "/v1/chat/completions", lines))
    piece = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    try:
        for _ in range(34):
            connection.send(piece)
    except OSError:
        pass  # nginx has answered and stopped reading
    status, headers = connection.read_head()
    check_own_error(status, headers, connection.read_body(headers), 413)
    connection.close()


def test_a_path_with_dots_cannot_reach_another_program_than_its_normal_form(stack):
    for path in ("/v1/../key/list", "/v1/%2e%2e/key/list", "/v1/./../key/list", "//key//list"):
        status, _, body = exchange(stack, request_bytes("GET", path, [("Connection", "close")]))
        assert status == 401, (path, status, body)  # the admin's answer to a caller without a key


def test_a_gateway_that_is_away_is_502_with_retry_after_and_readiness_503(new_stack):
    stack = new_stack()
    stack.gateway.stop()
    for path in ("/v1/models", "/nothing"):
        status, headers, body = exchange(stack, request_bytes("GET", path, [("Connection", "close")]))
        error = check_own_error(status, headers, body, 502)
        assert error["code"] == "gateway_unavailable"
        assert headers["retry-after"] == "1"
    status, headers, body = exchange(stack, request_bytes("GET", "/health/readiness", [("Connection", "close")]))
    check_own_error(status, headers, body, 503)
    # The admin goes on without the gateway.
    assert stack.master.get("/key/list").status == 200


def test_the_gateway_serves_while_the_admin_is_away(new_stack):
    stack = new_stack()
    caller = stack.caller()
    stack.admin_program.stop()
    assert caller.chat().status == 200
    assert stack.master.get("/key/list").status == 502


def test_neither_log_of_nginx_ever_holds_a_key(new_stack):
    stack = new_stack()
    key = stack.key()["key"]
    client = stack.client.with_key(key)
    assert client.chat().status == 200
    for header in ("x-api-key", "api-key", "x-goog-api-key"):
        stack.client.with_key(key, header).chat()
    stack.client.post(f"/v1/chat/completions?key={key}", {"model": "x"})
    stack.client.get(f"/v1/models/{key}")
    stack.client.get(f"/key/{key}/regenerate")
    stack.client.get("/key/AIzaSyA-0123456789_0123456789")
    stack.client.get("/v1/models", headers=[("Referer", f"http://x/?key={key}"), ("User-Agent", key), ("Cookie", key)])
    exchange(stack, f"GET /v1/%zz?key={key} HTTP/1.1\r\nHost: {key}\r\n\r\n".encode())
    stack.gateway.stop()
    stack.client.get(f"/v1/models?key={key}")  # 502: what nginx would like to write into its error log
    stack.client.post(f"/v1/chat/completions?key={key}", b"x" * 40_000_000)

    log = stack.logs / "access.log"
    wait_until(lambda: log.read_text().count("\n") >= 11, what="the buffered access log")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    for path in stack.logs.glob("nginx*"):
        assert key not in path.read_text(errors="replace"), path
    assert key not in log.read_text() and "AIza" not in log.read_text()
    assert all("?" not in line["path"] for line in lines)
    assert {"/v1/models/[masked]", "/key/[masked]"} <= {line["path"] for line in lines}
    assert all(re.fullmatch(REQUEST_ID, line["request_id"]) for line in lines)
    assert len({line["request_id"] for line in lines}) == len(lines)


def test_the_id_in_the_access_log_is_the_one_that_the_client_got(stack):
    identity = stack.caller().chat().headers["x-request-id"]
    log = stack.logs / "access.log"
    wait_until(lambda: identity in log.read_text(), what="the request's line in the access log")


def test_a_denied_address_gets_403_as_json(new_stack):
    stack = new_stack(start=False)
    stack.render_nginx()
    (stack.home / "run/nginx/conf/ip_access.conf").write_text("deny 127.0.0.1;\nallow all;\n")
    stack.nginx.start()
    wait_until(lambda: listens(stack.port), what="nginx")
    status, headers, body = exchange(stack, request_bytes("GET", "/v1/models"))
    assert check_own_error(status, headers, body, 403)["code"] == "address_not_allowed"


def test_admin_routes_can_be_closed_to_addresses_that_may_use_the_rest(new_stack):
    stack = new_stack(start=False)
    stack.command("init", "--mock-port", str(stack.mock_port))
    stack.render_nginx()
    (stack.home / "run/nginx/conf/admin_access.conf").write_text("deny all;\n")
    for program in (stack.mock_program, stack.gateway, stack.admin_program, stack.nginx):
        program.start()
    wait_until(lambda: listens(stack.port) and stack.client.get("/health/readiness").status == 200)
    assert stack.master.get("/key/list").status == 403
    assert stack.master.get("/v1/models").status == 200


def test_a_flood_from_another_address_gets_429_as_json(new_stack):
    address = own_address()
    if address is None:
        address = "127.0.0.1"  # without a network: take the exemption of loopback away instead
    stack = new_stack(start=False, render=["--address", "0.0.0.0"])
    stack.render_nginx()
    limits = stack.home / "run/nginx/conf/limits.conf"
    text = limits.read_text().replace("rate=2000r/s", "rate=1r/s").replace("burst=4000", "burst=2")
    limits.write_text(text.replace("127.0.0.0/8 1;", "") if address == "127.0.0.1" else text)
    stack.nginx.start()
    wait_until(lambda: listens(stack.port), what="nginx")
    answers = []
    for _ in range(6):
        connection = Connection(stack.port, host=address)
        connection.send(request_bytes("GET", "/v1/models", [("Connection", "close")]))
        status, headers = connection.read_head()
        answers.append((status, headers, connection.read_body(headers)))
    assert [status for status, _, _ in answers] == [502, 502, 502, 429, 429, 429]  # 502: no gateway runs here
    error = check_own_error(*answers[-1], 429)
    assert error["type"] == "rate_limit_error" and answers[-1][1]["retry-after"] == "1"


def listens(port):
    try:
        Connection(port).close()
        return True
    except OSError:
        return False


# The renderer


def render(*options):
    return subprocess.run(
        [repository() / "scripts/nginx-config", *options], capture_output=True, text=True, timeout=20
    )  # fmt: skip


def test_the_rendered_files_have_no_placeholder_left_and_nginx_accepts_them(new_stack):
    stack = new_stack(start=False)
    stack.render_nginx("--access-log", "off", "--address", "[::1]")
    for path in (stack.home / "run/nginx/conf").glob("*.conf"):
        assert not re.search("@[A-Z_]+@", path.read_text()), path
    test = [find_nginx(), "-t", "-p", stack.home, "-c", stack.home / "run/nginx/conf/nginx.conf"]
    test += ["-g", "user root root;"] if os.geteuid() == 0 else []
    checked = subprocess.run(test, capture_output=True, text=True)
    assert checked.returncode == 0 and "warn" not in checked.stderr, checked.stderr


def test_a_second_rendering_keeps_what_an_operator_edits(new_stack):
    stack = new_stack(start=False)
    stack.render_nginx()
    edited = stack.home / "run/nginx/conf/ip_access.conf"
    edited.write_text("allow 10.0.0.0/8;\ndeny all;\n")
    stack.render_nginx()
    assert edited.read_text() == "allow 10.0.0.0/8;\ndeny all;\n"


@pytest.mark.parametrize(
    "options",
    [
        ("--home", "relative", "--output", "x"),
        ("--home", '/tmp/a"b', "--output", "x"),
        ("--home", "/tmp/a;b", "--output", "x"),
        ("--home", "/tmp/" + "long" * 30, "--output", "x"),
        ("--home", "/tmp/a", "--output", "x", "--port", "0"),
        ("--home", "/tmp/a", "--output", "x", "--port", "80; return 200"),
        ("--home", "/tmp/a", "--output", "x", "--address", "1;2"),
        ("--home", "/tmp/a", "--output", "x", "--access-log", "maybe"),
        ("--home", "/tmp/a", "--output", "x", "--unknown", "1"),
        ("--home", "/tmp/a", "--output"),
        (),
    ],
)
def test_the_renderer_refuses_what_it_cannot_write(options):
    result = render(*options)
    assert result.returncode == 2 and result.stderr.startswith("nginx-config: "), result
