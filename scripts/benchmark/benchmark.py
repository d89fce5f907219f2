"""The rows of docs/BENCHMARKS.md: what each measures, how, and what it must be.

Three variants share one mock: `proxy` is nginx's proxy_pass to it, `on` and `off` are nginx and the gateway with and
without governance (key limits, budget, ledger, request log, metrics). A row that compares them runs them in turn, round
after round, and takes the median of the rounds' ratios, so that whatever else the machine does meets all of them.
"""

import argparse
import contextlib
import datetime
import hashlib
import hmac
import json
import os
import platform
import resource
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

from tollgate_stack import MODEL, Program, Stack, free_port, wait_until  # noqa: E402
from tollgate_stack.configuration import model  # noqa: E402
from tollgate_stack.processes import children_of, cpu_seconds  # noqa: E402
from tollgate_stack.stack import PROVIDER_KEY, find_nginx, nginx_command, programs  # noqa: E402

CHAT = "/v1/chat/completions"
MEGABYTE = 1_000_000


@dataclass
class Row:
    name: str
    must: str
    passed: bool | None = None  # None: nothing is demanded
    measured: str = ""
    details: str = ""


@dataclass
class Plan:
    """How long and how often; --quick is for trying the script out."""

    quick: bool
    rounds: int | None = None
    seconds: int | None = None
    streams: int = field(init=False)
    requests: int = field(init=False)
    keys: int = field(init=False)

    def __post_init__(self):
        self.rounds = self.rounds or (2 if self.quick else 5)
        self.seconds = self.seconds or (2 if self.quick else 6)
        self.streams = 500 if self.quick else 5000
        self.requests = 50_000 if self.quick else 500_000
        self.keys = 5_000 if self.quick else 50_000


# MARK: The variants


class Variant:
    """Something that answers chat completions: where, with which key, and whose processor time it costs."""

    def __init__(self, name, port, key, processes, stream_prefix="", gateway=None):
        self.name = name
        self.gateway = gateway
        self.gateway_share = 0
        self.port = port
        self.key = key
        self.processes = processes  # a function: the pids of all processes in the way
        self.stream_prefix = stream_prefix

    def url(self, path, stream=False):
        return f"http://127.0.0.1:{self.port}{self.stream_prefix if stream else ''}{path}"

    def cpu(self):
        return sum(cpu_seconds(pid) for pid in self.processes())

    def gateway_cpu(self):
        return cpu_seconds(self.gateway.pid) if self.gateway else 0


class Yardstick:
    """nginx's proxy_pass to the mock."""

    def __init__(self, mock_port):
        self.home = Path(tempfile.mkdtemp(prefix="tollgate-yardstick-"))
        (self.home / "run" / "nginx").mkdir(parents=True)
        (self.home / "logs").mkdir()
        self.port = free_port()
        values = {
            "HOME": self.home, "PORT": self.port, "MOCK_PORT": mock_port, "PROVIDER_KEY": PROVIDER_KEY,
            "OPEN_FILES": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        }  # fmt: skip
        text = (Path(__file__).parent / "yardstick.conf").read_text()
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        path = self.home / "nginx.conf"
        path.write_text(text)
        self.program = Program("yardstick", nginx_command(self.home, path), self.home / "logs" / "nginx.log")

    def start(self):
        self.program.start()
        wait_until(lambda: is_open(self.port), what="the yardstick")
        return self

    def stop(self):
        self.program.stop()

    def remove(self):
        shutil.rmtree(self.home, ignore_errors=True)

    def pids(self):
        return [self.program.pid, *children_of(self.program.pid)]


def is_open(port):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    except OSError:
        return False


TIMEOUTS = {"connect": "5s", "first_byte": "60s", "idle": "120s", "total": "10m"}


def gateway_stack(first=None, governance=True):
    changes = {
        "models": [model(MODEL), model("any/*", {"provider": "mock"})],
        "timeouts": TIMEOUTS,
        "cooldown": {"failures": 3, "within": "60s", "for": "30s"},
        "retries": {"max": 2},
    }
    if governance:
        changes["global_budget"] = {"max_budget": 1_000_000, "budget_duration": "1mo"}
    else:
        changes["gateway"] = {"governance": "off"}
    return Stack(changes, render=["--access-log", "off"], mock_of=first)


# A provider for every dialect, all of them the mock; `-100` streams 100 pieces.
def dialect_stack(first):
    base = f"http://127.0.0.1:{first.mock_port}"
    key = {"api_key": "file:provider.key"}
    providers = {
        "mock": {"base_url": base + "/v1", **key},
        "messages": {"like": "anthropic", "base_url": base + "/v1", **key},
        "gemini": {"like": "gemini", "base_url": base + "/v1beta", **key},
        "converse": {"like": "bedrock", "base_url": base, **key},
    }
    rows = {
        "chat": ("mock", MODEL), "chat-100": ("mock", MODEL + "?tokens=100"),
        "messages": ("messages", "claude-sonnet-4-5"), "messages-100": ("messages", "claude-sonnet-4-5?tokens=100"),
        "gemini": ("gemini", "gemini-2.5-flash"),
        "converse": ("converse", "anthropic.claude-sonnet-4-5-20250929-v1:0"),
    }  # fmt: skip
    models = [model(name, {"provider": provider, "model": row}) for name, (provider, row) in rows.items()]
    changes = {
        "providers": providers, "models": models, "timeouts": TIMEOUTS,
        "cooldown": {"failures": 3, "within": "60s", "for": "30s"},
        "global_budget": {"max_budget": 1_000_000, "budget_duration": "1mo"},
    }  # fmt: skip
    return Stack(changes, render=["--access-log", "off"], mock_of=first)


# What a client speaks → where it asks, and the name of what answers.
TRANSLATIONS = [
    ("Messages → Chat", "/v1/messages", "chat"),
    ("Chat → Messages", "/v1/chat/completions", "messages"),
    ("Chat → Gemini", "/v1/chat/completions", "gemini"),
    ("Messages → Converse", "/v1/messages", "converse"),
]


# A key with every limit there is, so that all of them are checked.
LIMITS = {
    "max_budget": 1_000_000, "budget_duration": "30d", "rpm_limit": 100_000_000, "tpm_limit": 1_000_000_000_000,
    "max_parallel_requests": 100_000, "models": [MODEL, "any/*"],
}  # fmt: skip


def stack_pids(stack):
    return [stack.gateway.pid, stack.nginx.pid, *stack.nginx_workers()]


# MARK: Load


def load(url, key, body, *options, seconds=None, requests=None, connections=32):
    """Runs tollgate-bench and returns its result; fails where not every answer was a good one."""
    arguments = [programs() / "tollgate-bench", "--url", url, "--connections", connections]
    arguments += ["--requests", requests] if requests else ["--duration", f"{seconds}s"]
    if key:
        arguments += ["--header", f"Authorization:Bearer {key}"]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(body if isinstance(body, str) else json.dumps(body))
        file.flush()
        arguments += ["--body", file.name, *options]
        done = subprocess.run([str(each) for each in arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"tollgate-bench: {done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def must_be_good(result, what):
    bad = result["requests"] - result["ok"]
    if bad:
        raise SystemExit(
            f"{what}: {bad} of {result['requests']} answers were not good: {result['statuses']} {result['errors']}"
        )
    return result


def chat_body(text_bytes=400, mock=None, stream=False):
    body = {"model": MODEL, "messages": [{"role": "user", "content": "x" * text_bytes}], "max_tokens": 200}
    if stream:
        body["stream"] = True
    if mock:
        body["x_mock"] = mock
    return body


SMALL = chat_body(380)  # 0.5 KB with the JSON around it
LARGE = chat_body(100_000)
STREAM = chat_body(380, "tokens=100", stream=True)
ECHO = {**chat_body(100_000, "echo=1,chunk_bytes=1000")}


@contextlib.contextmanager
def running(stack):
    """Started; in the end stopped and removed, whatever happened."""
    try:
        yield stack.start()
    finally:
        stack.stop()
        stack.remove()


class Bench:
    def __init__(self, plan, cleanup):
        self.plan = plan
        self.cleanup = cleanup
        self.on = cleanup.enter_context(running(gateway_stack()))
        self.off = cleanup.enter_context(running(gateway_stack(self.on, governance=False)))
        self.yardstick = cleanup.enter_context(running(Yardstick(self.on.mock_port)))
        on_key = self.on.key(**LIMITS)["key"]
        off_key = self.off.key()["key"]
        self.variants = {
            "proxy": Variant("proxy", self.yardstick.port, None, self.yardstick.pids, "/stream"),
            "on": Variant("on", self.on.port, on_key, lambda: stack_pids(self.on), gateway=self.on.gateway),
            "off": Variant("off", self.off.port, off_key, lambda: stack_pids(self.off), gateway=self.off.gateway),
        }

    def run(self, variant, body, *options, stream=False, **more):
        more.setdefault("seconds", self.plan.seconds)
        if stream:
            options = (*options, "--stream")
        result = load(variant.url(CHAT, stream), variant.key, body, *options, **more)
        return must_be_good(result, variant.name)

    def rounds(self, names, measure):
        """[{variant: measure(variant)} per round], the variants in turn and in changing order."""
        for name in names:
            measure(self.variants[name])  # warm: connections, caches, the processor's clock
        results = []
        for number in range(self.plan.rounds):
            order = names if number % 2 == 0 else names[::-1]
            values = {name: measure(self.variants[name]) for name in order}
            results.append(values)
            progress(".")
        return results

    def cpu_per_request(self, variant, body, **more):
        """Microseconds of nginx and the gateway per request."""
        before, gateway_before = variant.cpu(), variant.gateway_cpu()
        result = self.run(variant, body, **more)
        variant.gateway_share = (variant.gateway_cpu() - gateway_before) / result["requests"] * 1e6
        return (variant.cpu() - before) / result["requests"] * 1e6

    # Translation

    def translate(self):
        """Both sides of each ratio are of one stack: the same nginx, gateway, key and mock."""
        stack = self.cleanup.enter_context(running(dialect_stack(self.on)))
        key = stack.key(**{**LIMITS, "models": []})["key"]

        def measure(path, name, text_bytes, stream=False):
            body = {**chat_body(text_bytes, stream=stream), "model": name}
            before, gateway_before = (sum(map(cpu_seconds, stack_pids(stack))), cpu_seconds(stack.gateway.pid))
            options = ["--stream"] if stream else []
            result = load(stack.url + path, key, body, *options, seconds=self.plan.seconds)
            must_be_good(result, f"{path} to {name}")
            count = result["requests"]
            gateway = (cpu_seconds(stack.gateway.pid) - gateway_before) / count * 1e6
            return (sum(map(cpu_seconds, stack_pids(stack))) - before) / count * 1e6, gateway

        rows = []
        for name, path, target in TRANSLATIONS:
            results = []
            measure(CHAT, "chat", 380), measure(path, target, 380)
            for _ in range(self.plan.rounds):
                results.append({"same": measure(CHAT, "chat", 380)[0], "translated": measure(path, target, 380)[0]})
                progress(".")
            rows.append(ratio_row(f"translation {name}: CPU per request, 0.5 KB, ÷ Chat → Chat", results, "same",
                                  "translated", 1.6, "µs"))  # fmt: skip
            gateway = statistics.median(measure(path, target, 100_000)[1] for _ in range(self.plan.rounds))
            rows.append(Row(f"translation {name}: 100 KB request", "", None, f"{100_000 / gateway:.0f} MB/s",
                            f"{gateway:.0f} µs of the gateway's CPU per request"))  # fmt: skip
        for name, path, same, translated in [
            ("Messages → Chat", "/v1/messages", (CHAT, "chat-100"), ("/v1/messages", "chat-100")),
            ("Chat → Messages", CHAT, ("/v1/messages", "messages-100"), (CHAT, "messages-100")),
        ]:
            added = []
            for _ in range(self.plan.rounds):
                base = measure(*same, 380, stream=True)[0]
                added.append((measure(*translated, 380, stream=True)[0] - base) / 100)
                progress(".")
            median = statistics.median(added)
            rows.append(Row(f"translation {name}: CPU added per streamed chunk", "≤ 20 µs", median <= 20,
                            f"{median:.1f} µs", f"{min(added):.1f}–{max(added):.1f} µs"))  # fmt: skip
        return rows

    # Rows

    def row_cpu(self, name, body, must, names=("proxy", "on"), **more):
        results = self.rounds(list(names), lambda variant: self.cpu_per_request(variant, body, **more))
        base, other = names
        row = ratio_row(name, results, base, other, must, "µs")
        row.details += f", of which the gateway {self.variants[other].gateway_share:.1f} (last round)"
        return row

    def small(self):
        return self.row_cpu("CPU per request, 0.5 KB, 32 connections, ON ÷ proxy_pass", SMALL, 3.2)

    def large(self):
        return self.row_cpu("CPU per request, 100 KB request, 32 connections, ON ÷ proxy_pass", LARGE, 5)

    def echo(self):
        return self.row_cpu("CPU per request, 100 KB request and answer, ON ÷ proxy_pass", ECHO, None)

    def stream(self):
        return self.row_cpu("CPU per stream of 100 chunks, 32 connections, ON ÷ proxy_pass", STREAM, None, stream=True)

    def governance(self):
        return self.row_cpu("CPU per request, 0.5 KB, ON ÷ OFF", SMALL, 1.25, names=("off", "on"))

    def latency(self):
        def measure(variant):
            return self.run(variant, SMALL, connections=1)["latency_us"]["p50"]

        results = self.rounds(["proxy", "on"], measure)
        return ratio_row("p50 at one connection, 0.5 KB, ON ÷ proxy_pass", results, "proxy", "on", 2.5, "µs")

    def time_to_first_token(self, variant):
        body = chat_body(380, "tokens=100,interval=1ms", stream=True)
        return self.run(variant, body, connections=1, stream=True)["ttft_us"]["p50"]

    def first_token(self):
        results = self.rounds(["proxy", "on"], self.time_to_first_token)
        added = added_milliseconds(results)
        row = Row("time to first token added over proxy_pass, p50", "≤ 0.2 ms", added <= 0.2, f"{added:.3f} ms")
        row.details = details(results, "µs")
        return row

    def first_token_in_use(self):
        """The same while 500 other requests a second pass: the code of a request is then in the processor's caches."""

        def measure(variant):
            arguments = [programs() / "tollgate-bench", "--url", variant.url(CHAT), "--rate", 500, "--connections", 4]
            arguments += ["--data", json.dumps(SMALL), "--duration", "10m"]
            if variant.key:
                arguments += ["--header", f"Authorization:Bearer {variant.key}"]
            others = subprocess.Popen([str(each) for each in arguments], stdout=subprocess.DEVNULL)
            try:
                return self.time_to_first_token(variant)
            finally:
                others.send_signal(signal.SIGTERM)
                others.wait()

        results = self.rounds(["proxy", "on"], measure)
        name = "time to first token added over proxy_pass, p50, beside 500 requests/s"
        row = Row(name, "", None, f"{added_milliseconds(results):.3f} ms")
        row.details = details(results, "µs")
        return row

    def chunks(self):
        """A chunk that waited for the next one would show as a gap of 0 or of twice the interval."""
        body = chat_body(380, "tokens=50,interval=20ms", stream=True)

        def measure(variant):
            return self.run(variant, body, connections=8, stream=True)["gap_us"]["p50"]

        results = self.rounds(["proxy", "on"], measure)
        worst = max(abs(values["on"] / 1000 - 20) for values in results)
        row = Row("gap between chunks sent every 20 ms, p50", "20 ms ± 1 ms", worst <= 1, f"20 ms ± {worst:.2f} ms")
        row.details = details(results, "µs")
        return row

    def throughput(self):
        results = self.rounds(["proxy", "on", "off"], lambda variant: self.run(variant, SMALL)["rps"])
        medians = {name: statistics.median(values[name] for values in results) for name in results[0]}
        text = ", ".join(f"{name} {value:,.0f}" for name, value in medians.items())
        return Row("requests per second, 0.5 KB, 32 connections, everything on this machine", "", None, text)

    def estimator(self):
        done = subprocess.run([programs() / "tollgate-bench", "--estimator"], capture_output=True, text=True, check=True)
        speeds = json.loads(done.stdout)
        slowest = min(speeds, key=speeds.get)
        row = Row("token estimator, the slowest of twelve kinds of 4 MB bodies", "≥ 100 MB/s", speeds[slowest] >= 100)
        row.measured = f"{speeds[slowest]} MB/s"
        row.details = f"{slowest}; " + ", ".join(f"{name} {speed}" for name, speed in speeds.items() if name != slowest)
        return row

    def open_streams(self):
        count = self.plan.streams
        body = chat_body(380, "tokens=1000,interval=20s", stream=True)
        arguments = [
            programs() / "tollgate-bench",
            "--url",
            self.variants["on"].url(CHAT),
            "--stream",
            "--data",
            json.dumps(body),
        ]
        arguments += ["--open-streams", count, "--connections", count, "--duration", "5s", "--drain", "2s"]
        arguments += ["--header", f"Authorization:Bearer {self.variants['on'].key}"]
        before = self.on.gateway.resident_bytes()
        process = subprocess.Popen([str(each) for each in arguments], stdout=subprocess.PIPE, text=True)
        opened = json.loads(process.stdout.readline())
        time.sleep(2)
        memory = self.on.gateway.resident_bytes()
        result = json.loads(process.communicate()[0].strip().splitlines()[-1])
        if result["held"] != count or opened["open"] != count:
            raise SystemExit(f"only {opened} streams were open: {result}")
        # The figure is for 5,000; fewer say nothing about it.
        passed = memory <= 250 * MEGABYTE if count == 5000 else None
        name = f"{count:,} open streams: resident memory of the gateway"
        row = Row(name, "≤ 250 MB", passed, f"{memory / MEGABYTE:.0f} MB")
        row.details = f"{(memory - before) / count / 1000:.1f} KB per stream; opened in {opened['seconds']:.1f} s"
        return row

    def idle(self):
        with running(gateway_stack(self.on)) as stack:
            stack.key()
            time.sleep(3)
            memory = stack.gateway.resident_bytes()
            client = stack.caller()
            times = []
            for _ in range(3 if self.plan.quick else 7):
                stack.gateway.stop()
                start = time.monotonic()
                stack.gateway.start()
                wait_until(lambda: client.chat().status == 200, 10, "the first answer", pause=0.001)
                times.append(time.monotonic() - start)
        start_time = statistics.median(times)
        return [
            Row(
                "idle resident memory of the gateway", "≤ 40 MB",
                memory <= 40 * MEGABYTE, f"{memory / MEGABYTE:.1f} MB",
            ),
            Row(
                "process start to first answered request", "≤ 0.5 s", start_time <= 0.5, f"{start_time * 1000:.0f} ms",
                "; ".join(f"{each * 1000:.0f}" for each in times),
            ),
        ]  # fmt: skip

    def many_keys(self):
        """Memory after many requests with many keys and junk model names, against that after the first tenth."""
        with running(gateway_stack(self.on)) as stack:
            keys = make_keys(stack, self.plan.keys)
            with tempfile.NamedTemporaryFile("w", suffix=".keys") as file:
                file.write("\n".join(keys) + "\n")
                file.flush()
                memory = []
                for _ in range(10):
                    share = self.plan.requests // 10
                    for name, part in ((MODEL, 0.4), ("any/junk-{seq}", 0.3), ("junk-{seq}", 0.3)):
                        body = {**SMALL, "model": name}
                        options = ["--keys", file.name, "--count-requests"]
                        result = load(f"{stack.url}{CHAT}", None, body, *options, requests=int(share * part))
                        expected = "404" if name.startswith("junk") else "200"
                        if set(result["statuses"]) != {expected} or any(result["errors"].values()):
                            raise SystemExit(f"many keys: {name}: {result['statuses']} {result['errors']}")
                    memory.append(stack.gateway.resident_bytes())
                    progress(".")
        growth = (memory[-1] - memory[1]) / memory[1]
        row = Row(
            f"memory after {self.plan.requests:,} requests with {self.plan.keys:,} keys and junk model names",
            "flat: ≤ 3 % over that after a fifth of them", growth <= 0.03, f"{growth * 100:+.1f} %",
        )  # fmt: skip
        row.details = "MB after each tenth: " + ", ".join(f"{each / MEGABYTE:.0f}" for each in memory)
        return row

    def neighbour(self):
        """The p99 of small requests at a steady rate, alone and beside one connection that sends 5 MB bodies."""
        big = json.dumps(chat_body(5_000_000, "tokens=5"))

        def small(variant):
            seconds = 2 * self.plan.seconds
            result = load(variant.url(CHAT), variant.key, SMALL, "--rate", 300, seconds=seconds, connections=8)
            return must_be_good(result, "small requests")["latency_us"]["p99"]

        def beside(variant):
            with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                file.write(big)
                file.flush()
                arguments = [programs() / "tollgate-bench", "--url", variant.url(CHAT), "--connections", "1"]
                arguments += ["--body", file.name, "--duration", "10m"]
                if variant.key:
                    arguments += ["--header", f"Authorization:Bearer {variant.key}"]
                process = subprocess.Popen([str(each) for each in arguments], stdout=subprocess.PIPE, text=True)
                try:
                    time.sleep(0.3)
                    return small(variant)
                finally:
                    process.send_signal(signal.SIGTERM)
                    process.wait()

        on, proxy = self.variants["on"], self.variants["proxy"]
        small(on), small(proxy)
        results = []
        for _ in range(self.plan.rounds):
            results.append({
                "alone": small(on), "beside": beside(on), "proxy alone": small(proxy), "proxy beside": beside(proxy),
            })  # fmt: skip
            progress(".")
        row = ratio_row("p99 of small requests beside a 5 MB body ÷ without it", results, "alone", "beside", 2, "µs")
        # What this machine does to neighbours without any gateway: load, nginx and mock share its cores too.
        bare = statistics.median(values["proxy beside"] / values["proxy alone"] for values in results)
        row.details += f"; proxy_pass itself {bare:.2f}"
        return row


def added_milliseconds(results):
    return statistics.median(values["on"] - values["proxy"] for values in results) / 1000


def make_keys(stack, count):
    """Virtual keys straight into the store, while the gateway is down; their texts."""
    stack.gateway.stop()
    pepper = (stack.home / "pepper.key").read_bytes().rstrip(b"\r\n")
    keys = [f"sk-bench-{number:048d}" for number in range(count)]
    now = time.time_ns()
    database = sqlite3.connect(stack.home / "tollgate.db", timeout=10)
    with database:
        database.executemany(
            "INSERT INTO virtual_keys (hash, name, models, blocked, max_budget, budget_duration, rpm_limit, metadata,"
            " created_at, updated_at, updated_seq) VALUES (?, ?, '', 0, 1000000000000, '30d', 1000000, '{}', ?, ?, 0)",
            ((hmac.new(pepper, key.encode(), hashlib.sha256).digest(), f"sk-...{key[-4:]}", now, now) for key in keys),
        )
    database.close()
    stack.gateway.start()
    stack.wait_until_ready()
    return keys


# MARK: The table


def progress(text):
    print(text, end="", file=sys.stderr, flush=True)


def ratio_row(name, results, base, other, must, unit):
    ratio = statistics.median(values[other] / values[base] for values in results)
    row = Row(name, "" if must is None else f"≤ {must}", None if must is None else ratio <= must, f"{ratio:.2f}")
    row.details = details(results, unit)
    return row


def details(results, unit):
    parts = []
    for name in results[0]:
        values = [round_values[name] for round_values in results]
        parts.append(f"{name} {statistics.median(values):.1f} ({min(values):.1f}–{max(values):.1f}) {unit}")
    return "; ".join(parts)


def conditions(plan):
    def first_line(*command):
        try:
            done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=20)
            return (done.stdout or done.stderr).strip().splitlines()[0]
        except (OSError, IndexError):
            return "unknown"

    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    memory = next(
        line.split()[1] for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal")
    )
    nginx = first_line(find_nginx(), "-v").rpartition("/")[2]
    swift = first_line("swift", "--version").partition("(")[0].strip()
    commit = first_line("git", "rev-parse", "--short", "HEAD")
    curl = first_line("curl", "--version").split(" (")[0]
    return [
        f"- {datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, commit {commit}"
        + (", **quick run: too short to judge by**" if plan.quick else ""),
        f"- {processor}, {os.cpu_count()} cores, {int(memory) / 1e6:.0f} GB; Linux {platform.release()}",
        f"- nginx {nginx}, {swift}, {curl}; SQLite {sqlite3.sqlite_version} (Python's)",
        "- Everything on this one machine: load, nginx, gateway, admin, mock."
        f" {plan.rounds} rounds of {plan.seconds} s per variant and row, in turn; medians (range over the rounds).",
        "- CPU is user and system time of all nginx processes and the gateway, from /proc. nginx's access log is off in"
        " all variants; requests come from loopback, which nginx's limits exempt.",
        "- ON: virtual key with a budget, RPM, TPM and parallel limit, global budget, ledger journal and store, request"
        " log, metrics. OFF: `gateway: {governance: off}`, key look-up and routing alone.",
    ]


def table(rows):
    lines = ["| | must | measured | | details |", "|---|---|---|---|---|"]
    for row in rows:
        verdict = {None: "", True: "pass", False: "**FAIL**"}[row.passed]
        lines.append(f"| {row.name} | {row.must} | {row.measured} | {verdict} | {row.details} |")
    return lines


def page(rows, plan):
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `scripts/bench`; do not edit. The yardstick is the same nginx as a plain `proxy_pass` to the"
            " same `tollgate-mock`: ratios to it travel between machines, microseconds do not.",
            "",
            *table(rows),
            "",
            "Conditions:",
            "",
            *conditions(plan),
            "",
        ]
    )


ROWS = ["small", "large", "echo", "stream", "latency", "first_token", "first_token_in_use", "chunks", "governance",
        "throughput", "translate", "estimator", "open_streams", "idle", "many_keys", "neighbour"]  # fmt: skip


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="short rounds, fewer streams, keys and requests")
    parser.add_argument("--output", type=Path, help="where the page goes (docs/BENCHMARKS.md; with --quick nowhere)")
    parser.add_argument("--only", help="some of the rows: " + ",".join(ROWS))
    parser.add_argument("--rounds", type=int, help="rounds per row (5)")
    parser.add_argument("--seconds", type=int, help="seconds per round and variant (6)")
    arguments = parser.parse_args()
    names = arguments.only.split(",") if arguments.only else ROWS
    if unknown := set(names) - set(ROWS):
        parser.error(f"unknown rows: {', '.join(sorted(unknown))}")
    plan = Plan(arguments.quick, arguments.rounds, arguments.seconds)
    output = arguments.output
    if output is None and not arguments.quick and not arguments.only:
        output = ROOT / "docs" / "BENCHMARKS.md"

    rows = []
    with contextlib.ExitStack() as cleanup:
        bench = Bench(plan, cleanup)
        for name in names:
            progress(f"{name} ")
            measured = getattr(bench, name)()
            rows += measured if isinstance(measured, list) else [measured]
            progress("\n")
    text = page(rows, plan)
    if output:
        output.write_text(text)
    print(text)
    failed = [row.name for row in rows if row.passed is False]
    print(f"{sum(row.passed is True for row in rows)} of {sum(row.passed is not None for row in rows)} musts met"
          + (f"; not: {'; '.join(failed)}" if failed else ""))  # fmt: skip
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
