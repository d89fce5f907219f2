"""No secret ever leaves: canaries wherever one is configured or sent, and a search of all that comes out."""

import signal
import time

from tollgate_stack import MASTER_KEY, MODEL
from tollgate_stack.client import Connection, request_bytes
from tollgate_stack.configuration import model

PROVIDER_KEY = "sk-canary-provider-0123456789abcdef"
TOKEN = "canary-metrics-token-0123456789"

CHANGES = {
    "models": [model(MODEL, timeouts={"connect": "1s", "first_byte": "1s", "idle": "1s", "total": "5s"}),
               model("dead", {"provider": "dead", "model": "x"})],
    "metrics": {"token": "env:CANARY_TOKEN"},
}  # fmt: skip


def test_no_secret_is_in_any_answer_log_metric_or_table(new_stack):
    stack = new_stack(start=False, provider_key=PROVIDER_KEY, environment={"CANARY_TOKEN": TOKEN})
    base_url = f"http://127.0.0.1:{stack.mock_port}/v1"
    providers = {
        "mock": {"base_url": base_url, "api_key": "file:provider.key"},
        "dead": {"base_url": "http://127.0.0.1:1/v1", "api_key": "file:provider.key"},
    }
    stack.write_configuration(**{**CHANGES, "providers": providers})
    stack.start()
    prompt = "canary-in-a-prompt-0123456789"
    answer_text = "canary-in-an-answer-0123456789"
    record = stack.key(key_alias="canary", metadata={"a": 1})
    key = record["key"]
    client = stack.client.with_key(key)
    seen = []

    def ask(client, method, path, body=b"", **options):
        answer = client.request(method, path, body, **options)
        seen.append((path, b"%d " % answer.status + repr(answer.headers).encode() + answer.body))
        return answer

    # Everything that can go well or wrong, with every secret somewhere in it.
    chat = "/v1/chat/completions"
    for body in (
        client.chat_body(prompt, mock="tokens=2"),
        client.chat_body(prompt, mock="fault=500"), client.chat_body(prompt, mock="fault=401"),
        client.chat_body(prompt, mock="fault=429"), client.chat_body(prompt, mock="fault=cut"),
        client.chat_body(prompt, mock="fault=stall"), client.chat_body(prompt, mock="fault=bad_json"),
        client.chat_body(prompt, mock="fault=wrong_type"), client.chat_body(prompt, mock="fault=header_flood"),
        client.chat_body(prompt, mock=f"say={answer_text},fault=cut_chunk,after=1"),
        client.chat_body(prompt, model="dead"), client.chat_body(prompt, model=f"{key}"),
        {"model": MODEL, "messages": key}, b'{"model":"' + key.encode(),
        # A provider that repeats the credential in its error, as some do.
        client.chat_body(prompt, mock=f"fault=400,message=bad%20key%20{PROVIDER_KEY}"),
    ):  # fmt: skip
        ask(client, "POST", chat, body)
    for header in ("Authorization", "x-api-key", "api-key", "x-goog-api-key"):
        ask(stack.client.with_key(key, header), "GET", "/v1/models")
        ask(stack.client.with_key(key[:-1] + "!", header), "GET", "/v1/models")
        ask(stack.client.with_key(MASTER_KEY + "x", header), "GET", "/key/list")
    ask(stack.client, "GET", "/v1/models", headers=[("Authorization", f"Basic {key}")])
    ask(stack.client, "GET", f"/v1/models?key={key}")
    ask(stack.client, "GET", "/v1/models", headers=[("User-Agent", f"agent/1 {key}")])
    ask(stack.client, "GET", f"/{key}")
    ask(stack.client, "GET", f"/v1/models/{key}", headers=[("Authorization", f"Bearer {MASTER_KEY}")])
    ask(stack.master, "POST", "/key/update", {"key": key, "max_budget": 5})
    ask(stack.master, "GET", f"/key/info?key={record['token']}")
    ask(stack.master, "GET", "/key/list?return_full_object=true&size=50")
    ask(stack.master, "GET", "/spend/logs")
    ask(stack.master, "POST", "/key/generate", b'{"key_alias":"' + key.encode())
    ask(stack.master, "GET", "/openapi.json")
    ask(stack.client.with_key(TOKEN), "GET", "/metrics")
    ask(stack.client.with_key(TOKEN + "x"), "GET", "/metrics")
    for mock in ("tokens=3", "fault=cut_chunk,after=1", f"fault=error_event,message=bad%20{PROVIDER_KEY}"):
        with client.stream(prompt, mock=mock) as stream:
            stream.events()
            seen.append(("stream", bytes(stream.raw)))
    broken = Connection(stack.port)
    broken.send(request_bytes("POST", chat, client.credentials() + [("Content-Length", "99")], b"{"))
    broken.close()
    for arguments in (("check",), ("key", "list"), ("ledger", "verify")):
        result = stack.command(*arguments, check=False)
        seen.append((str(arguments), (result.stdout + result.stderr).encode()))
    stack.write_configuration_text("providers: {mock: {api_kye: " + PROVIDER_KEY + "}}\n")
    stack.gateway.send(signal.SIGHUP)
    time.sleep(0.3)
    stack.ledger.settled()
    stack.stop()

    secrets = {"virtual key": key, "master key": MASTER_KEY, "provider key": PROVIDER_KEY, "metrics token": TOKEN}
    pepper = (stack.home / "pepper.key").read_text().strip()
    secrets["pepper"] = pepper
    for name, secret in secrets.items():
        for place, content in seen:
            # What a client put into its own request may be quoted to it, except credentials of the gateway.
            if name == "virtual key" and place in (chat, f"/{key}", f"/v1/models/{key}", "/key/update"):
                continue
            assert secret.encode() not in content, (name, place, content[:500])
    kept = {"master.key", "pepper.key", "provider.key", "tollgate.yaml"}
    for path, content in stack.everything_written():
        if path.name in kept or path.name.startswith("mock"):
            continue
        for name, secret in {**secrets, "prompt": prompt, "answer": answer_text}.items():
            assert secret.encode() not in content, (name, path)


def test_a_key_in_a_member_that_is_recorded_is_in_no_record(new_stack):
    stack = new_stack({"providers": {
        "mock": {"base_url": "mock:/v1", "api_key": "file:provider.key"},
        "claude": {"like": "anthropic", "base_url": "mock:/v1", "api_key": "file:provider.key"},
    }, "models": [model(MODEL), model("any/*", {"provider": "mock"}),
                  model("claude", {"provider": "claude", "model": "claude-sonnet-4-5"})]})  # fmt: skip
    record = stack.key(max_budget=5)
    key, key_id = record["key"], stack.key_id(record)
    client = stack.client.with_key(key)
    answers = [
        client.chat(user=f"me {key}"), client.chat(user="me"), client.chat(model=f"any/{key}"),
        client.chat(model="claude", **{key: 1}), client.chat(model="nothing", user=key),
    ]  # fmt: skip
    assert [answer.status for answer in answers] == [200, 200, 200, 200, 404]
    lines = [stack.log_line(answer) for answer in answers]
    assert [line.get("user") for line in lines] == ["me «redacted»", "me", None, None, None]
    assert lines[2]["model"] == "any/«redacted»" and lines[2]["upstream_model"] == "«redacted»"
    assert "«redacted»" in lines[3]["dropped"]
    rows = stack.ledger.wait_for(4, key_id=key_id)
    assert [row["end_user"] for row in rows] == ["me «redacted»", "me", None, None]
    stack.stop()
    for path, content in stack.everything_written():
        assert path.name.startswith("mock") or key.encode() not in content, path


def test_the_state_folder_is_closed_to_others(new_stack):
    stack = new_stack()
    for name in ("master.key", "pepper.key"):
        assert (stack.home / name).stat().st_mode & 0o077 == 0, name
    for name in ("tollgate.db", "run/gateway.sock", "run/admin.sock"):
        assert (stack.home / name).stat().st_mode & 0o007 == 0, name


def test_no_command_line_holds_a_secret(new_stack):
    stack = new_stack()
    for program in (stack.gateway, stack.admin_program, stack.nginx):
        with open(f"/proc/{program.pid}/cmdline", "rb") as file:
            assert b"sk-" not in file.read(), program.name
