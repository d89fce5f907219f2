"""Fixtures: a stack per module, made from the module's CHANGES; and a maker of further ones."""

import contextlib
import shutil

import pytest
from tollgate_stack import MASTER_KEY, Stack, repository
from tollgate_stack.tls_stack import TLSStack

KEPT_LOGS = repository() / ".build" / "test-results" / "logs"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        item.session.stash.setdefault(FAILED, set()).add(item.nodeid)


FAILED = pytest.StashKey()


def keep_logs(stack, name):
    target = KEPT_LOGS / name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copytree(stack.logs, target / "logs", dirs_exist_ok=True)
    with contextlib.suppress(OSError):
        shutil.copy(stack.home / "tollgate.yaml", target)
        shutil.copy(stack.home / "tollgate.db", target)
    print(f"\nlogs of {name} are in {target}")


@contextlib.contextmanager
def running(stack, request, name):
    """A started stack that is stopped and removed in the end; its logs stay when a test that used it failed."""
    try:
        try:
            stack.start()
        except BaseException:
            keep_logs(stack, name)
            raise
        yield stack
    finally:
        failures = stack.stop()
        failed = request.session.stash.get(FAILED, set())
        if failures or any(node.startswith(request.node.nodeid) for node in failed):
            keep_logs(stack, name)
        stack.remove()
        assert not failures, failures


@pytest.fixture(scope="module")
def shared_stack(request):
    """The module's stack, with the configuration changes that the module names CHANGES."""
    changes = getattr(request.module, "CHANGES", {})
    options = getattr(request.module, "STACK_OPTIONS", {})
    kind = getattr(request.module, "STACK_KIND", Stack)
    with running(kind(changes, **options), request, request.module.__name__) as stack:
        yield stack


@pytest.fixture
def stack(shared_stack):
    """The module's stack, with the mock's books and rules cleared."""
    shared_stack.mock.reset()
    return shared_stack


@pytest.fixture
def new_stack(request):
    """Makes stacks that only this test uses: new_stack(changes, **options)."""
    with contextlib.ExitStack() as stacks:

        def make(changes=None, start=True, **options):
            stack = Stack(changes, **options)
            if not start:
                stacks.callback(stack.remove)
                stacks.callback(stack.stop)
                return stack
            name = f"{request.module.__name__}.{request.node.name}"
            return stacks.enter_context(running(stack, request, name))

        yield make


@pytest.fixture(scope="module")
def sdk_clients():
    """The SDKs' clients by dialect and key: they are slow to make."""
    clients = {}
    yield clients
    for client in clients.values():
        client.close()


@pytest.fixture
def speak(stack, sdk_clients, monkeypatch):
    """speak(client's dialect, model, key): a conversation of that dialect's official SDK."""
    # Imported here, because the other modules need none of the SDKs.
    from tollgate_stack.speakers import SPEAKERS

    if isinstance(stack, TLSStack):
        monkeypatch.setenv("SSL_CERT_FILE", str(stack.certificate))
        monkeypatch.setenv("AWS_CA_BUNDLE", str(stack.certificate))

    def make(client, model, key=MASTER_KEY):
        # botocore takes a bearer from nowhere else.
        monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", key)
        speaker = SPEAKERS[client]
        if (client, key) not in sdk_clients:
            sdk_clients[client, key] = speaker.connect(stack.url, key)
        return speaker(sdk_clients[client, key], model)

    return make
