"""The tollgate.yaml of the tests."""

import copy

MASTER_KEY = "sk-master-0123456789abcdefghijklmnopqrstuvwxyz"

# What tollgate-mock bills, in USD per million tokens: 150, 600 and 75 nano-dollars per token.
PRICE = {"input": 0.15, "output": 0.60, "cached_input": 0.075}

MODEL = "mock-gpt"


def configuration(mock_port, **changes):
    """One provider, one model, a wildcard, no retries; `changes` replace whole top-level members."""
    settings = {
        "providers": {
            "mock": {"base_url": f"http://127.0.0.1:{mock_port}/v1", "api_key": "file:provider.key"},
        },
        "models": [
            {"name": MODEL, "targets": [{"provider": "mock", "model": MODEL}], "price": PRICE},
            # One upstream name per request lets a test match each ledger row with the mock's own record of it.
            {"name": "any/*", "targets": [{"provider": "mock"}], "price": PRICE},
        ],
        "retries": {"max": 0},
        "cooldown": {"failures": 0},
        "keys": {"master_key": "file:master.key", "pepper": "file:pepper.key"},
        "gateway": {"drain": "10s"},
    }
    settings.update(copy.deepcopy(changes))
    for provider in settings["providers"].values():
        if provider.get("base_url", "").startswith("mock:"):
            provider["base_url"] = f"http://127.0.0.1:{mock_port}" + provider["base_url"].removeprefix("mock:")
    return {name: value for name, value in settings.items() if value is not None}


def model(name, *targets, price=PRICE, **more):
    """A row of `models`; a target is a name at the provider `mock`, or a whole mapping."""
    rows = [{"provider": "mock", "model": target} if isinstance(target, str) else target for target in targets]
    return {"name": name, "targets": rows or [{"provider": "mock", "model": name}], "price": price, **more}
