"""The configuration: strict, checked with line and suggestion, reloaded without dropping a stream."""

import base64
import json
import signal
import subprocess
import threading
import time

import pytest
import yaml
from tollgate_stack import MASTER_KEY, MODEL, PRICE, ScriptedProvider, wait_until
from tollgate_stack.client import text_of
from tollgate_stack.configuration import configuration, model
from tollgate_stack.scripted_provider import whole
from tollgate_stack.stack import programs


def with_model(name):
    return {"models": [model(MODEL), model(name)]}


def serves(stack, name):
    return stack.master.chat(model=name).status == 200


def test_a_changed_file_is_in_force_within_two_seconds(stack):
    assert stack.master.chat(model="new-model").status == 404
    stack.write_configuration(**with_model("new-model"))
    wait_until(lambda: serves(stack, "new-model"), 2.0, "the new model")
    stack.write_configuration()
    wait_until(lambda: not serves(stack, "new-model"), 2.0, "the old configuration")


def test_sighup_reads_the_file_at_once(stack):
    stack.write_configuration(**with_model("at-once"))
    stack.gateway.send(signal.SIGHUP)
    wait_until(lambda: serves(stack, "at-once"), 0.7, "the new model")
    stack.write_configuration()
    stack.gateway.send(signal.SIGHUP)
    wait_until(lambda: not serves(stack, "at-once"), 0.7)


def test_an_invalid_file_is_refused_and_the_old_configuration_stays(stack):
    for text in (
        "providers: [",
        "",
        "\x00\x01",
        "models:\n  - nme: x\n",
        "providers: {}\nmodels: []\n",
        "x: " + "[" * 5000,
    ):
        stack.write_configuration_text(text)
        stack.gateway.send(signal.SIGHUP)
        time.sleep(0.3)
        assert serves(stack, MODEL), text[:20]
        assert stack.client.get("/health/readiness").status == 200
    (stack.home / "tollgate.yaml").unlink()
    stack.gateway.send(signal.SIGHUP)
    time.sleep(0.3)
    assert serves(stack, MODEL)
    stack.write_configuration(**with_model("after-the-errors"))
    wait_until(lambda: serves(stack, "after-the-errors"), 2.0, "a valid file after invalid ones")
    stack.write_configuration()
    wait_until(lambda: not serves(stack, "after-the-errors"), 2.0)


def test_fifty_reloads_drop_no_stream_and_no_request(stack):
    client = stack.caller()
    streams = [client.stream(mock="interval=20ms,tokens=150") for _ in range(10)]
    stop = threading.Event()
    statuses = []

    def ask():
        while not stop.is_set():
            statuses.append(client.chat().status)

    asking = threading.Thread(target=ask)
    asking.start()
    for number in range(50):
        stack.write_configuration(**with_model(f"reload-{number}"))
        stack.gateway.send(signal.SIGHUP)
        time.sleep(0.05)
    for stream in streams:
        assert stream.events()[-1] == b"[DONE]"
        stream.close()
    stop.set()
    asking.join()
    assert set(statuses) == {200} and len(statuses) > 50
    stack.write_configuration()
    wait_until(lambda: not serves(stack, "reload-49"), 2.0)


def test_a_request_ends_under_the_configuration_that_it_began_with(stack):
    """A price that changes while a stream runs is the next request's price."""
    record = stack.key()
    with stack.client.with_key(record["key"]).stream(mock="interval=100ms,tokens=10") as stream:
        stream.event()
        dear = {name: value * 1000 for name, value in PRICE.items()}
        stack.write_configuration(models=[model(MODEL, price=dear)])
        stack.gateway.send(signal.SIGHUP)
        assert text_of(stream.events())
    (row,) = stack.ledger.wait_for(1, key_id=stack.key_id(record))
    assert row["cost_nanos"] == stack.mock.total("bill_nanos")
    assert stack.client.with_key(record["key"]).chat(mock="tokens=10").status == 200
    rows = stack.ledger.wait_for(2, key_id=stack.key_id(record))
    assert rows[-1]["cost_nanos"] == 1000 * (stack.mock.total("bill_nanos") - row["cost_nanos"])
    stack.write_configuration()
    stack.gateway.send(signal.SIGHUP)
    time.sleep(0.3)


# tollgate check


def check(stack, text):
    (stack.home / "tollgate.yaml").write_text(text)
    result = stack.command("check", check=False)
    return result.returncode, result.stdout + result.stderr


@pytest.fixture
def unstarted(new_stack):
    return new_stack(start=False)


def test_check_accepts_a_valid_file(unstarted):
    unstarted.command("init")
    assert unstarted.command("check").returncode == 0


MISTAKES = [
    ("{providers}\nmodls: []\n", "modls", "models"),
    ("{providers}\nmodels:\n- name: a\n  tragets: [mock]\n", "tragets", "targets"),
    ("{providers}\nmodels:\n- name: a\n  targets: [{{provider: mok}}]\n", "mok", "mock"),
    ("{providers}\nmodels:\n- name: a\n  targets: [mock]\n  fallbacks: [b]\n", "b", None),
    ("{providers}\nmodels:\n- name: a\n  targets: [mock]\n  price: {{inputt: 1}}\n", "inputt", "input"),
    ("{providers}\nmodels:\n- name: a\n  targets: [mock]\n  timeouts: {{idle: soon}}\n", "idle", None),
    ("{providers}\nmodels:\n- name: a\n  targets: [mock]\n- name: a\n  targets: [mock]\n", "a", None),
    ("{providers}\nmodels:\n- name: a\n  targets: []\n", "targets", None),
    ("{providers}\nmodels: []\nunpriced_models: maybe\n", "unpriced_models", None),
    ("{providers}\nmodels: []\nglobal_budget: {{max_budget: lots}}\n", "max_budget", None),
    (
        "{providers}\nmodels: []\nguardrails: [{{name: x, rule: banned_word, words: [a], action: refuse}}]\n",
        "rule",
        "banned_words",
    ),
    ("providers: {{mock: {{base_url: 'ftp://x', api_key: 'env:X'}}}}\nmodels: []\n", "base_url", None),
    (
        "providers: {{mock: {{base_url: 'http://x/v1', api_key: 'env:X', api_key: 'env:Y'}}}}\nmodels: []\n",
        "api_key",
        None,
    ),
]
PROVIDERS = "providers: {mock: {base_url: 'http://127.0.0.1:1/v1', api_key: 'file:provider.key'}}"


@pytest.mark.parametrize("template, word, suggestion", MISTAKES)
def test_a_mistake_is_named_with_its_line_and_a_suggestion(unstarted, template, word, suggestion):
    text = template.format(providers=PROVIDERS)
    code, output = check(unstarted, text)
    assert code != 0 and word in output, output
    line = next(number for number, content in enumerate(text.splitlines(), 1) if word in content)
    if suggestion:
        assert suggestion in output and f":{line}:" in output, output
    else:
        assert "tollgate.yaml" in output, output


def test_a_secret_written_into_the_file_is_not_printed(unstarted):
    secret = "sk-" + "written-into-the-file-0123456789"
    text = yaml.safe_dump(
        configuration(1, providers={"mock": {"base_url": "http://127.0.0.1:1/v1", "api_key": secret}})
    )
    _, output = check(unstarted, text)
    assert secret not in output


def test_the_gateway_does_not_start_on_an_invalid_file(unstarted):
    unstarted.command("init")
    unstarted.write_configuration_text("models: 5\n")
    unstarted.gateway.start()
    assert unstarted.gateway.wait(5) != 0
    assert "tollgate.yaml" in unstarted.gateway.text()


@pytest.mark.parametrize("command", [("check",), ("key", "list"), ("key", "create"), ("ledger", "verify")])
def test_a_folder_that_is_no_state_folder_is_named_with_what_to_do(tmp_path, command):
    for home, what in ((tmp_path / "none", "no folder"), (tmp_path, "no tollgate.yaml in")):
        result = subprocess.run(
            [programs() / "tollgate", *command, "--home", home], capture_output=True, text=True, timeout=60
        )
        assert result.returncode != 0 and f"there is {what} {home}: " in result.stderr, result.stderr
        assert "'tollgate init'" in result.stderr
    assert not list(tmp_path.iterdir()), "no store was made there"


def test_init_keeps_what_is_there(unstarted):
    unstarted.command("init")
    before = {path.name: path.read_bytes() for path in unstarted.home.glob("*.key")}
    before["tollgate.yaml"] = (unstarted.home / "tollgate.yaml").read_bytes()
    output = unstarted.command("init").stdout
    for name, content in before.items():
        assert (unstarted.home / name).read_bytes() == content
    assert "sk-" not in output


def test_init_on_an_empty_folder_makes_everything_and_shows_the_master_key_once(unstarted):
    for path in unstarted.home.glob("*.key"):
        path.unlink()
    (unstarted.home / "tollgate.yaml").unlink()
    output = unstarted.command("init", "--mock-port", "4567").stdout
    master = (unstarted.home / "master.key").read_text().strip()
    assert f"master key: {master}" in output
    for name in ("master.key", "pepper.key"):
        assert (unstarted.home / name).stat().st_mode & 0o777 == 0o600, name
    assert unstarted.command("check").returncode == 0
    assert (unstarted.home / "tollgate.db").exists()
    assert "4567" in (unstarted.home / "tollgate.yaml").read_text()
    assert master not in unstarted.command("init").stdout


# Provider keys


def test_a_provider_key_is_read_again_when_its_file_changes(new_stack):
    stack = new_stack()
    client = stack.caller()
    assert client.chat().status == 200
    stack.write_secret("provider.key", "sk-another-key-of-the-provider")
    wait_until(lambda: client.chat().status in (502, 503), 3, "the new key, which the provider refuses")
    stack.write_secret("provider.key", "sk-provider-key-of-the-tests")
    wait_until(lambda: client.chat().status == 200, 3, "the right key")


@pytest.mark.parametrize("reference", ["env:TEST_PROVIDER_KEY", "os.environ/TEST_PROVIDER_KEY"])
def test_a_provider_key_may_come_from_the_environment(new_stack, reference):
    stack = new_stack(start=False, environment={"TEST_PROVIDER_KEY": "sk-provider-key-of-the-tests"})
    base_url = f"http://127.0.0.1:{stack.mock_port}/v1"
    stack.write_configuration(providers={"mock": {"base_url": base_url, "api_key": reference}})
    stack.start()
    assert stack.caller().chat().status == 200


def test_a_missing_provider_key_is_a_clear_503_and_other_providers_go_on(new_stack):
    stack = new_stack(start=False)
    base_url = f"http://127.0.0.1:{stack.mock_port}/v1"
    providers = {
        "mock": {"base_url": base_url, "api_key": "file:provider.key"},
        "keyless": {"base_url": base_url, "api_key": "env:NOT_SET_ANYWHERE"},
    }
    stack.write_configuration(
        providers=providers, models=[model(MODEL), model("b", {"provider": "keyless", "model": "b"})]
    )
    stack.start()
    client = stack.caller()
    answer = client.chat(model="b")
    assert answer.status == 503 and answer.error["code"] == "provider_key_unavailable"
    assert "NOT_SET_ANYWHERE" not in answer.body.decode()
    line = stack.log_line(answer)
    assert (line["provider"], line["end"], line["attempts"]) == ("keyless", "refused", 1)
    metrics = stack.metrics()
    assert metrics['tollgate_provider_key_problems{provider="keyless"}'] == 1
    assert not [name for name in metrics if 'provider="keyless"' in name and "upstream_error" in name]
    assert client.chat().status == 200
    warning = "providers.keyless has no key: env:NOT_SET_ANYWHERE is not set"
    assert warning in stack.gateway.text()
    checked = stack.command("check").stdout  # Raises where it ends with another code than 0.
    line = 1 + (stack.home / "tollgate.yaml").read_text().splitlines().index("    api_key: env:NOT_SET_ANYWHERE")
    assert f"warning: tollgate.yaml:{line}:" in checked and warning in checked


CANNOT_BE_USED = "a secret cannot be used, the last one stays in use"


def lines_of(program, secret):
    """What a program's log says of the place of a secret."""
    lines = [json.loads(line) for line in program.text().splitlines() if f'"{secret}"' in line]
    return [line for line in lines if line.get("secret") == secret]


def test_a_key_that_is_gone_stays_in_use_and_is_seen_to_be_gone(new_stack):
    stack = new_stack()
    client = stack.caller()
    gauge = 'tollgate_provider_key_problems{provider="mock"}'
    key = (stack.home / "provider.key").read_text().strip()
    (stack.home / "provider.key").unlink()
    wait_until(lambda: gauge in stack.metrics(), 3, "the missing key in the metrics")
    time.sleep(1.2)  # It is looked for several times, and complained about once.
    assert client.chat().status == 200
    stack.write_secret("provider.key", key)
    wait_until(lambda: gauge not in stack.metrics(), 3, "the key in the metrics")
    lines = lines_of(stack.gateway, "providers.mock.api_key")
    assert [line["message"] for line in lines] == [CANNOT_BE_USED, "a secret can be used again"]
    assert "no such file" in lines[0]["because"]


@pytest.mark.parametrize("key", ["sk-one\nsk-two", "sk-\x01-key", "sk-schlüssel", "sk-a key"])
def test_a_key_that_cannot_be_sent_is_not_and_is_told(new_stack, key):
    stack = new_stack()
    client = stack.caller()
    gauge = 'tollgate_provider_key_problems{provider="mock"}'
    stack.write_secret("provider.key", key)
    wait_until(lambda: gauge in stack.metrics(), 3, "the unusable key in the metrics")
    assert client.chat().status == 200, "with the last good one"
    (line,) = lines_of(stack.gateway, "providers.mock.api_key")
    assert line["message"] == CANNOT_BE_USED
    assert "provider.key cannot be used: it has " in line["because"]
    checked = stack.command("check").stdout
    assert "providers.mock has no key: " in checked and "provider.key cannot be used: it has " in checked
    assert "sk-" not in checked and "sk-" not in stack.gateway.text()


def test_a_key_that_cannot_be_sent_from_the_beginning_is_a_503(new_stack):
    stack = new_stack(start=False)
    stack.write_secret("provider.key", "sk-one\nsk-two")
    stack.start()
    answer = stack.caller().chat()
    assert (answer.status, answer.error["code"]) == (503, "provider_key_unavailable")
    assert "it has several lines" in stack.gateway.text()


def test_a_key_that_was_read_once_is_missed_by_nobody_at_a_reload(new_stack):
    stack = new_stack()
    (stack.home / "provider.key").unlink()
    stack.write_configuration(models=[model(MODEL), model("other")])
    wait_until(lambda: stack.caller().chat(model="other").status == 200, 3.0, "the reload")
    assert "has no key" not in stack.gateway.text()
    assert "providers.mock has no key" in stack.command("check").stdout


# A service account's key file


class Google(ScriptedProvider):
    """Sells a token to each account, named after it, and serves models to everybody."""

    def __init__(self):
        super().__init__(self.answer)
        self.held = {}
        self.pem = subprocess.run(
            ["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip

    def key_file(self, account, **more):
        return json.dumps({"type": "service_account", "client_email": account, "private_key": self.pem,
                           "token_uri": self.url + "/token", **more})  # fmt: skip

    def hold(self, account):
        """From now on this account waits for its token until the event that is returned."""
        return self.held.setdefault(account, threading.Event())

    @staticmethod
    def account(request):
        claims = request.body.split(b"assertion=")[1].split(b".")[1]
        return json.loads(base64.urlsafe_b64decode(claims + b"=="))["iss"]

    def buyers(self):
        return [self.account(request) for request in self.requests if request.path.endswith("/token")]

    def carried(self):
        return [request.headers.get("authorization") for request in self.requests if "/models/" in request.path]

    def answer(self, request, peer):
        if request.path.endswith("/token"):
            account = self.account(request)
            if account in self.held:
                self.held[account].wait(9)
            reply = {"access_token": f"token-of-{account}", "expires_in": 3600}
        else:
            content = {"role": "model", "parts": [{"text": "x"}]}
            usage = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
            reply = {"candidates": [{"content": content, "finishReason": "STOP"}], "usageMetadata": usage}
        peer.sendall(whole(json.dumps(reply).encode()))


@pytest.fixture
def google():
    with Google() as google:
        yield google


def vertex_stack(new_stack, google, key_file):
    account = {"like": "vertex_ai", "base_url": google.url, "api_key": "file:account.json"}
    stack = new_stack(
        {"providers": {"vertex": account}, "models": [model("gemini", {"provider": "vertex", "model": "gemini-x"})]},
        start=False)  # fmt: skip
    stack.write_secret("account.json", key_file)
    stack.start()
    return stack


def carries(client, google, token):
    assert client.chat(model="gemini").status == 200
    return google.carried()[-1] == f"Bearer {token}"


def test_a_new_key_file_lets_no_call_go_without_a_token(new_stack, google):
    stack = vertex_stack(new_stack, google, google.key_file("one"))
    client = stack.caller()
    wait_until(lambda: carries(client, google, "token-of-one"), 5, "the first account's token")
    before = len(google.carried())
    stack.write_secret("account.json", google.key_file("two"))
    wait_until(lambda: carries(client, google, "token-of-two"), 5, "the second account's token")
    assert set(google.carried()[before:]) == {"Bearer token-of-one", "Bearer token-of-two"}
    stack.write_secret("account.json", google.key_file("two", universe_domain="googleapis.com"))
    wait_until(lambda: google.buyers() == ["one", "two", "two"], 5, "a token for the file that was written anew")
    assert carries(client, google, "token-of-two")


def test_a_token_that_comes_after_its_key_file_was_replaced_is_not_used(new_stack, google):
    release = google.hold("one")
    stack = vertex_stack(new_stack, google, google.key_file("one"))
    client = stack.caller()
    wait_until(lambda: google.buyers() == ["one"], 5, "the first account's purchase")
    stack.write_secret("account.json", google.key_file("two"))
    time.sleep(1.5)  # Until the gateway has seen it.
    release.set()
    wait_until(lambda: carries(client, google, "token-of-two"), 5, "the second account's token")
    assert "Bearer token-of-one" not in google.carried()


# The master key


@pytest.mark.parametrize("content", ["", "sk-one-0123456789abcdef\nsk-two", "sk-ü-0123456789abcdef", "x"])
def test_a_master_key_that_cannot_be_used_leaves_the_last_one_and_is_told(new_stack, content):
    stack = new_stack()

    def told(program):
        return [line["message"] for line in lines_of(program, "keys.master_key")]

    messages = [CANNOT_BE_USED]
    both = (stack.gateway, stack.admin_program)
    stack.write_secret("master.key", content)
    wait_until(lambda: all(told(program) == messages for program in both), 3, "the lines of both logs")
    assert stack.master.chat().status == 200 and stack.master.get("/key/list").status == 200
    checked = stack.command("check").stdout
    assert "keys.master_key: file:" in checked and "master.key " in checked and "sk-" not in checked
    stack.write_secret("master.key", MASTER_KEY)
    messages.append("a secret can be used again")
    wait_until(lambda: all(told(program) == messages for program in both), 3, "the end of it")


def test_a_metrics_token_that_cannot_be_used_leaves_the_last_one_and_is_told(new_stack):
    stack = new_stack({"metrics": {"token": "file:token"}}, start=False)
    stack.write_secret("token", "the-metrics-token")
    stack.start()
    scraper = stack.client.with_key("the-metrics-token")

    def told():
        return [line["message"] for line in lines_of(stack.gateway, "metrics.token")]

    stack.write_secret("token", "two\nlines")
    wait_until(lambda: told() == [CANNOT_BE_USED], 3, "the line of the log")
    assert scraper.get("/metrics").status == 200
    stack.write_secret("token", "the-metrics-token")
    wait_until(lambda: told() == [CANNOT_BE_USED, "a secret can be used again"], 3, "the end of it")


def test_neither_server_starts_with_a_master_key_of_two_lines(unstarted):
    unstarted.command("init")
    unstarted.write_secret("master.key", "sk-one-0123456789abcdef\nsk-two")
    for program in (unstarted.gateway, unstarted.admin_program):
        program.start()
        assert program.wait(5) != 0
        assert "keys.master_key: file:" in program.text() and "it has several lines" in program.text()
