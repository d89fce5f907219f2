"""HTTPS and HTTP/2, with the files that an operator installs."""

import json
import socket
import ssl
import subprocess
import time

import httpx
import openai
import pytest
from conftest import running
from tollgate_stack import MODEL
from tollgate_stack.client import Client
from tollgate_stack.tls_stack import TLSStack


@pytest.fixture(scope="module")
def shared_stack(request):
    with running(TLSStack(), request, "test_tls") as stack:
        yield stack


@pytest.fixture
def http2(stack):
    headers = {"Authorization": f"Bearer {stack.key()['key']}"}
    with httpx.Client(http2=True, verify=stack.context(), base_url=stack.url, headers=headers) as client:
        yield client


def body(**members):
    return {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}], **members}


def test_http2_serves_whole_answers_and_streams(http2):
    answer = http2.post("/v1/chat/completions", json=body())
    assert answer.http_version == "HTTP/2" and answer.status_code == 200
    with http2.stream("POST", "/v1/chat/completions", json=body(stream=True)) as stream:
        lines = [line for line in stream.iter_lines() if line]
    assert lines[-1] == "data: [DONE]" and len(lines) > 3


@pytest.mark.parametrize("is_http2", [False, True])
def test_events_do_not_wait_for_each_other(stack, is_http2):
    """The SDKs speak HTTP/1.1, where nginx gathers 16 KB in its TLS buffer unless it is told not to."""
    headers = {"Authorization": f"Bearer {stack.key()['key']}"}
    with httpx.Client(http2=is_http2, verify=stack.context(), base_url=stack.url, headers=headers) as client:
        start = time.monotonic()
        request = body(stream=True, x_mock="interval=1s,tokens=3")
        times = []
        with client.stream("POST", "/v1/chat/completions", json=request) as answer:
            assert answer.http_version == ("HTTP/2" if is_http2 else "HTTP/1.1")
            for line in answer.iter_lines():
                if line.startswith("data: {") and json.loads(line[6:])["choices"][0]["delta"].get("content"):
                    times.append(time.monotonic() - start)
    assert len(times) == 3 and times[0] < 0.5 and 0.8 < times[1] < 1.5, times


def test_hsts_and_nosniff_come_with_tls_and_plain_http_gets_no_hsts(stack, http2):
    answer = http2.get("/health/liveliness")
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "1." not in answer.headers["server"]


def test_errors_over_http2_are_json(http2):
    answer = http2.post("/v1/chat/completions", content=b"{")
    assert answer.status_code == 400 and answer.json()["error"]["message"]
    answer = http2.get("/nothing")
    assert answer.status_code == 404 and answer.json()["error"]["message"]


def test_the_openai_sdk_over_http2(stack):
    with httpx.Client(http2=True, verify=stack.context()) as transport:
        client = openai.OpenAI(api_key=stack.key()["key"], base_url=f"{stack.url}/v1", http_client=transport)
        answer = client.chat.completions.create(model=MODEL, messages=body()["messages"])
        assert answer.choices[0].message.content


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_tls_is_refused(stack, version):
    context = ssl.create_default_context(cafile=stack.certificate)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.1", stack.port)) as plain:
        context.wrap_socket(plain, server_hostname="localhost")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_current_tls_is_served(stack, version):
    context = ssl.create_default_context(cafile=stack.certificate)
    context.minimum_version = context.maximum_version = version
    with socket.create_connection(("127.0.0.1", stack.port)) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as secure:
            assert secure.version() == version.name.replace("_", ".")


def test_plain_http_on_the_tls_port_is_a_json_400(stack):
    answer = Client(stack.port).get("/v1/models")
    assert answer.status == 400 and answer.error["code"] == "https_required"
    assert "speaks HTTPS" in answer.error["message"]


def test_a_header_that_is_too_long_for_http2_costs_its_own_connection_only(stack, http2):
    with pytest.raises(httpx.RemoteProtocolError):
        http2.get("/v1/models", headers={"X-Long": "x" * 40_000})
    begin = time.monotonic()
    answer = http2.get("/v1/models")
    assert answer.http_version == "HTTP/2" and answer.status_code == 200 and time.monotonic() - begin < 1
