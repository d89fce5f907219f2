"""scripts/run, as a new user meets it: it serves, prints a line that works, reuses what is there, and stops cleanly."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import pytest
from tollgate_stack import free_port, repository, wait_until
from tollgate_stack.client import Client
from tollgate_stack.processes import children_of
from tollgate_stack.stack import can_be_batch


class Run:
    """scripts/run --no-build in a folder, as a child that takes signals as a terminal's would."""

    def __init__(self, folder, *options, home=None, **environment):
        self.port, self.mock_port = environment.pop("port", None) or free_port(), free_port()
        variables = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
        variables.pop("TOLLGATE_HOME", None)
        variables |= {"TOLLGATE_PORT": str(self.port), "TOLLGATE_MOCK_PORT": str(self.mock_port), **environment}
        if home:
            variables["TOLLGATE_HOME"] = str(home)
        self.folder = folder
        self.output = ""
        self.process = subprocess.Popen(
            [repository() / "scripts" / "run", "--no-build", *options],
            cwd=folder, env=variables, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.output += line

    def wait_until_ready(self):
        def is_ready():
            assert self.process.poll() is None, self.output
            return "is ready on" in self.output and '"content"' in self.output

        wait_until(is_ready, 30, "the printed curl line")
        time.sleep(0.1)
        return self

    def curl_line(self):
        return self.output[self.output.index("\ncurl ") :].strip()

    def children(self):
        return children_of(self.process.pid)

    def stop(self, number=signal.SIGTERM, group=False):
        if self.process.poll() is None:
            (os.killpg if group else os.kill)(self.process.pid, number)
        return self.process.wait(20)


@pytest.fixture
def folder():
    # Short: the sockets' paths have 107 bytes at most.
    path = tempfile.mkdtemp(prefix="tollgate-run-")
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def run(folder):
    runs = []

    def start(*options, **environment):
        runs.append(Run(environment.pop("folder", folder), *options, **environment))
        return runs[-1]

    yield start
    for each in runs:
        each.stop()


def alive(pids):
    return [pid for pid in pids if os.path.exists(f"/proc/{pid}")]


def test_the_first_start_serves_and_the_printed_line_works(run, folder):
    first = run().wait_until_ready()
    home = os.path.join(folder, ".tollgate")
    with open(os.path.join(home, "master.key")) as file:
        master = file.read().strip()
    assert first.output.count(master) == 1 and f"master key: {master}" in first.output
    assert os.stat(os.path.join(home, "master.key")).st_mode & 0o777 == 0o600
    assert "tollgate-mock" in first.output and master not in first.curl_line()
    done = subprocess.run(["bash", "-c", first.curl_line() + " --silent"], cwd=folder, capture_output=True, text=True)
    assert '"chat.completion"' in done.stdout, (first.curl_line(), done)
    for name in ("tollgate.yaml", "master.key", "tollgate.db", "journal", "run", "logs"):
        assert os.path.exists(os.path.join(home, name)), name


def test_nginx_does_not_interrupt_the_gateway(run):
    expected = os.SCHED_BATCH if can_be_batch() else os.SCHED_OTHER  # some sandboxes forbid it
    nginx = next(pid for pid in run().wait_until_ready().children() if children_of(pid))
    for pid in [nginx, *children_of(nginx)]:
        assert os.sched_getscheduler(pid) == expected


def test_ctrl_c_stops_everything_that_it_started(run):
    first = run().wait_until_ready()
    children = first.children()
    assert len(children) >= 4
    assert first.stop(signal.SIGINT, group=True) == 0
    wait_until(lambda: not alive(children), 2, "the children to be gone")


def test_a_second_start_reuses_what_is_there(run, folder):
    first = run().wait_until_ready()
    master = Client(first.port, open(os.path.join(folder, ".tollgate/master.key")).read().strip())
    key = master.admin("/key/generate", {"key_alias": "kept"})["key"]
    first.stop()
    second = run().wait_until_ready()
    assert "master key: sk-" not in second.output
    assert Client(second.port, key).chat().status == 200  # another mock port, too
    assert "kept" in Client(second.port, master.key).get("/key/list?return_full_object=true").body.decode()


def test_two_starts_on_one_folder_are_refused_and_the_first_goes_on(run):
    first = run().wait_until_ready()
    second = run()
    assert second.process.wait(10) != 0
    assert "another scripts/run" in second.output
    assert Client(first.port).get("/health/readiness").status == 200


def test_a_port_in_use_is_named(run, folder):
    first = run().wait_until_ready()
    second = run(home=os.path.join(folder, "other"), port=first.port)
    assert second.process.wait(10) != 0
    assert str(first.port) in second.output and "TOLLGATE_PORT" in second.output


def test_a_program_that_dies_is_named_and_the_rest_is_stopped(run):
    first = run().wait_until_ready()
    children = first.children()
    (gateway,) = [pid for pid in children if "tollgate-gateway" in open(f"/proc/{pid}/cmdline").read()]
    os.kill(gateway, signal.SIGKILL)
    assert first.process.wait(20) == 1
    wait_until(lambda: "gateway has ended" in first.output, 2)
    wait_until(lambda: not alive(children), 2, "the children to be gone")


def test_a_script_that_is_killed_leaves_nothing_running(run):
    first = run().wait_until_ready()
    children = first.children()
    os.kill(first.process.pid, signal.SIGKILL)
    wait_until(lambda: not alive(children), 10, "the children to be gone")


def test_tls_serves_https_with_a_line_that_works(run, folder):
    first = run("--tls").wait_until_ready()
    assert f"https://127.0.0.1:{first.port}" in first.output
    done = subprocess.run(
        ["bash", "-c", first.curl_line() + " --silent --write-out ' HTTP/%{http_version}'"],
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    assert '"chat.completion"' in done.stdout and "HTTP/2" in done.stdout, done
    assert os.stat(os.path.join(folder, ".tollgate/run/tls/private-key.pem")).st_mode & 0o077 == 0


def test_another_home_is_used_when_it_is_named(run, folder):
    home = os.path.join(folder, "a home with spaces")
    run(home=home).wait_until_ready()
    assert os.path.exists(os.path.join(home, "tollgate.db"))
    assert not os.path.exists(os.path.join(folder, ".tollgate"))


def test_with_a_providers_key_in_the_environment_that_provider_is_configured(run, folder):
    first = run(OPENAI_API_KEY="sk-" + "of-a-provider-0123456789")
    wait_until(lambda: "is ready on" in first.output or first.process.poll() is not None, 20)
    text = open(os.path.join(folder, ".tollgate/tollgate.yaml")).read()
    assert "env:OPENAI_API_KEY" in text and "of-a-provider" not in text
    assert "tollgate-mock" not in first.output and "of-a-provider" not in first.output


def test_a_providers_key_that_came_later_is_told_of_and_how_to_use_it(run):
    first = run().wait_until_ready()
    assert "is set, but" not in first.output
    first.stop()
    second = run(OPENAI_API_KEY="sk-" + "of-a-provider-0123456789").wait_until_ready()
    assert second.output.count("OPENAI_API_KEY is set, but no provider in tollgate.yaml uses it: add 'openai: ") == 1
    assert "of-a-provider" not in second.output


@pytest.mark.parametrize("variable, provider", [
    ("AWS_BEARER_TOKEN_BEDROCK", "bedrock"), ("AZURE_OPENAI_API_KEY", "azure"),
])  # fmt: skip
def test_a_key_that_needs_more_than_itself_is_told_of(run, variable, provider):
    first = run(**{variable: "of-a-provider-0123456789"}).wait_until_ready()
    assert "no provider's key in the environment" not in first.output
    assert f"{variable} is set, but" in first.output and f"{provider} needs a base_url too" in first.output


def test_a_start_as_root_says_what_that_means_for_nginx(run):
    first = run().wait_until_ready()
    assert ("nginx runs its workers as root" in first.output) == (os.geteuid() == 0)


def test_the_mock_beside_another_provider_is_not_said_to_be_alone(run, folder):
    first = run().wait_until_ready()
    alone = "no provider has a key in"
    assert alone in first.output
    first.stop()
    path = os.path.join(folder, ".tollgate/tollgate.yaml")
    with open(path) as file:
        text = file.read()
    other = '  other: {base_url: "http://127.0.0.1:9/v1", api_key: env:OTHER_KEY}'
    with open(path, "w") as file:
        file.write(text.replace("  # openai: {api_key: env:OPENAI_API_KEY}", other))
    second = run(OTHER_KEY="sk-" + "other").wait_until_ready()
    assert alone not in second.output


def test_wrong_arguments_are_refused(run):
    wrong = run("--nonsense")
    assert wrong.process.wait(10) != 0
