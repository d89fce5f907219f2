"""A whole Tollgate in a folder of its own, on free ports."""

import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import yaml

from .client import Client
from .configuration import MASTER_KEY, configuration
from .ledger import Ledger
from .mock import Mock
from .processes import Program, children_of, free_port, wait_until


def repository():
    return Path(__file__).resolve().parents[3]


def programs():
    """Where the built programs are."""
    folder = os.environ.get("TOLLGATE_PROGRAMS")
    return Path(folder) if folder else repository() / ".build" / "release"


PROVIDER_KEY = "sk-provider-key-of-the-tests"


class Stack:
    """
    - `changes`: top-level members of tollgate.yaml that replace those of `configuration`.
    - `mock_options`: further flags of tollgate-mock.
    - `render`: further options of scripts/nginx-config.
    - `mock_of`: another stack whose mock this one uses too.
    """

    def __init__(
        self, changes=None, mock_options=(), render=(), environment=None, provider_key=PROVIDER_KEY, mock_of=None
    ):
        # Short, because a unix socket's path may have 107 bytes.
        self.home = Path(tempfile.mkdtemp(prefix="tollgate-"))
        self.port = free_port()
        self.mock_port = mock_of.mock_port if mock_of else free_port()
        self.mock = Mock(self.mock_port)
        self.ledger = Ledger(self.home)
        self.changes = dict(changes or {})
        self.render = list(render)
        self.environment = dict(environment or {})
        self.logs = self.home / "logs"
        self.logs.mkdir()
        (self.home / "run" / "nginx").mkdir(parents=True)
        self.write_secret("master.key", MASTER_KEY)
        self.write_secret("provider.key", provider_key)
        self.write_configuration(**self.changes)

        binaries = programs()
        mock = ("mock", binaries / "tollgate-mock", "--port", self.mock_port, "--key", provider_key, *mock_options)
        self.mock_is_shared = mock_of is not None
        self.mock_program = mock_of.mock_program if mock_of else self._program(*mock)
        self.gateway = self._program("gateway", binaries / "tollgate-gateway", "--home", self.home)
        self.admin_program = self._program("admin", binaries / "tollgate-admin", "--home", self.home)
        self.nginx = self._nginx()

    def _program(self, name, *arguments):
        return Program(name, arguments, self.logs / f"{name}.log", self.environment)

    def _nginx(self):
        return self._program("nginx", *nginx_command(self.home, self.home / "run/nginx/conf/nginx.conf"))

    # Files

    def write_secret(self, name, text):
        path = self.home / name
        path.write_text(text + "\n")
        path.chmod(0o600)

    def write_configuration(self, **changes):
        """Writes tollgate.yaml the way an editor does: beside it, then renamed over it."""
        text = yaml.safe_dump(configuration(self.mock_port, **changes), sort_keys=False)
        self.write_configuration_text(text)

    def write_configuration_text(self, text):
        path = self.home / "tollgate.yaml"
        path.with_suffix(".new").write_text(text)
        path.with_suffix(".new").rename(path)

    def render_nginx(self, *options):
        subprocess.run(
            [
                repository() / "scripts" / "nginx-config",
                *("--home", self.home, "--output", self.home / "run/nginx/conf", "--port", str(self.port)),
                *(self.render + list(options)),
            ],
            check=True,
        )

    def command(self, *arguments, check=True, **options):
        """Runs the `tollgate` program on this state folder."""
        return subprocess.run(
            [programs() / "tollgate", *arguments, "--home", self.home],
            check=check, capture_output=True, text=True, timeout=60,
            env=dict(os.environ, **self.environment), **options,
        )  # fmt: skip

    # Life

    def start(self):
        self.command("init", "--mock-port", str(self.mock_port))
        self.render_nginx()
        for program in (self.mock_program, self.gateway, self.admin_program, self.nginx):
            if not program.is_running():
                program.start()
        self.wait_until_ready()
        return self

    def wait_until_ready(self, seconds=20):
        def is_ready():
            for program in (self.mock_program, self.gateway, self.admin_program, self.nginx):
                if not program.is_running():
                    raise AssertionError(f"{program.name} has ended:\n{program.text()[-3000:]}")
            try:
                return accepts(self.home / "run/admin.sock") and self.mock.is_up() and self.readiness() == 200
            except OSError:
                return False

        wait_until(is_ready, seconds, "a ready stack")

    def readiness(self):
        """The status of /health/readiness; raises OSError where nobody listens."""
        return self.client.get("/health/readiness").status

    def stop(self):
        """Stops everything, and says who did not stop when asked."""
        failures = []
        own = [self.nginx, self.gateway, self.admin_program] + ([] if self.mock_is_shared else [self.mock_program])
        for program in own:
            try:
                program.stop(signal.SIGTERM)
            except AssertionError as error:
                failures.append(str(error))
        return failures

    def remove(self):
        shutil.rmtree(self.home, ignore_errors=True)

    def restart_gateway(self, seconds=30):
        """A new process takes over the socket, then the old one is told to drain. Returns the old one."""
        old = self.gateway
        identity = (self.home / "run/gateway.sock").stat().st_ino
        self.gateway = Program("gateway", old.arguments, old.log, self.environment).start()
        wait_until(
            lambda: (self.home / "run/gateway.sock").stat().st_ino != identity,
            seconds,
            "the new process's socket",
            0.005,
        )
        old.send(signal.SIGTERM)
        return old

    def kill_gateway(self):
        """kill -9, and a new process."""
        self.gateway.kill()
        self.gateway = Program("gateway", self.gateway.arguments, self.gateway.log, self.environment).start()

    def log_line(self, answer):
        """The request log's line about an answer."""
        identity = answer.headers["x-request-id"]

        def find():
            lines = (self.logs / "requests.jsonl").read_text().splitlines()
            return next((json.loads(line) for line in lines if identity in line), None)

        return wait_until(find, what="the line of the log")

    # Talking to it

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def client(self):
        """Without a key."""
        return Client(self.port)

    @property
    def master(self):
        return Client(self.port, MASTER_KEY)

    def key(self, **fields):
        """A new virtual key, as `/key/generate` gives it."""
        return self.master.admin("/key/generate", fields)

    def caller(self, **fields):
        """A client with a new virtual key."""
        return self.client.with_key(self.key(**fields)["key"])

    def key_id(self, record):
        """The ledger's id of a virtual key, from what `/key/generate` answered."""
        rows = self.ledger.query("SELECT id FROM virtual_keys WHERE hash = ?", bytes.fromhex(record["token"]))
        assert len(rows) == 1, rows
        return rows[0]["id"]

    def metrics(self):
        """Prometheus samples: {'name{labels}': value}."""
        answer = self.master.get("/metrics")
        assert answer.status == 200, answer
        samples = {}
        for line in answer.body.decode().splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                samples[name] = float(value)
        return samples

    def nginx_workers(self):
        return children_of(self.nginx.pid)

    def everything_written(self):
        """(path, bytes) of every file below the state folder."""
        for path in sorted(self.home.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path, path.read_bytes()


def accepts(path):
    """Whether somebody listens on the unix socket; raises OSError where not."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(path))
    return True


def find_nginx():
    path = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    assert path, "nginx is not installed (scripts/debian-packages run)"
    return path


@functools.cache
def can_be_batch():
    """Whether a process may make itself a batch process: some sandboxes forbid it."""
    try:
        return subprocess.run(["chrt", "--batch", "0", "true"], stderr=subprocess.DEVNULL).returncode == 0
    except FileNotFoundError:
        return False


def nginx_command(home, configuration):
    """As scripts/run starts nginx, which says why."""
    directives = "daemon off;" + (" user root root;" if os.geteuid() == 0 else "")
    batch = ["chrt", "--batch", "0"] if can_be_batch() else []
    return [*batch, find_nginx(), "-p", home, "-c", configuration, "-g", directives]


def own_address():
    """An address of this machine that is not loopback, or None. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            address = probe.getsockname()[0]
        except OSError:
            return None
    return None if address.startswith("127.") else address


def timed(function):
    start = time.monotonic()
    result = function()
    return result, time.monotonic() - start
