"""Child processes: started, watched and stopped by their own process id."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(condition, seconds=10.0, what="the condition", pause=0.02):
    """Waits for a true value and returns it; fails with `what`, a text or a function that makes one."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(pause)


class Program:
    """One child process with its log file."""

    def __init__(self, name, arguments, log, environment=None):
        self.name = name
        self.arguments = [str(argument) for argument in arguments]
        self.log = Path(log)
        self.environment = dict(os.environ, **(environment or {}))
        self.process = None

    def start(self):
        with self.log.open("ab") as output:
            # A session of its own: a Ctrl-C at the terminal reaches pytest, which stops the children in order.
            self.process = subprocess.Popen(
                self.arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
                start_new_session=True,
            )
        return self

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def send(self, number):
        if self.is_running():
            self.process.send_signal(number)

    def wait(self, seconds):
        return self.process.wait(timeout=seconds)

    def stop(self, number=signal.SIGTERM, seconds=15):
        if not self.is_running():
            return
        self.send(number)
        try:
            self.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.wait(5)
            raise AssertionError(
                f"{self.name} did not stop within {seconds} s of {signal.Signals(number).name}"
            ) from None

    def kill(self):
        self.process.kill()
        self.wait(5)

    def text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    # What the kernel says of it.

    def resident_bytes(self):
        return resident_bytes(self.pid)

    def cpu_seconds(self):
        return cpu_seconds(self.pid)


def resident_bytes(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"process {pid} has no VmRSS")


def cpu_seconds(pid):
    """User and system time of all threads, ended ones too."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children_of(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def open_descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))
