"""A provider per dialect, all of them the one mock, under the names that the tests use for models too."""

from .configuration import model

# `mock:` is the mock's address, which a stack learns when it starts.
PROVIDERS = {
    "chat": {"base_url": "mock:/v1", "api_key": "file:provider.key", "dialects": ["chat_completions"]},
    "responses": {"base_url": "mock:/v1", "api_key": "file:provider.key", "dialects": ["responses"]},
    "messages": {"like": "anthropic", "base_url": "mock:/v1", "api_key": "file:provider.key"},
    "gemini": {"like": "gemini", "base_url": "mock:/v1beta", "api_key": "file:provider.key"},
    "converse": {"like": "bedrock", "base_url": "mock:", "api_key": "file:provider.key"},
    "cohere": {"like": "cohere", "base_url": "mock:", "api_key": "file:provider.key"},
    "ollama": {"like": "ollama_chat", "base_url": "mock:", "api_key": "file:provider.key"},
}

UPSTREAM_MODELS = {
    "chat": "mock-gpt",
    "responses": "gpt-5",
    "messages": "claude-sonnet-4-5",
    "gemini": "gemini-2.5-flash",
    "converse": "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "cohere": "command-a-reasoning-08-2025",
    "ollama": "qwen3",
}

# What the mock calls the endpoint of each.
ENDPOINTS = {
    "chat": "chat",
    "responses": "responses",
    "messages": "messages",
    "gemini": "generate_content",
    "converse": "converse",
    "cohere": "cohere_chat",
    "ollama": "ollama_chat",
}

# What the mock bills, cache writes included: 200 nano-dollars a token.
FULL_PRICE = {"input": 0.15, "output": 0.60, "cached_input": 0.075, "cache_write_5m": 0.20, "cache_write_1h": 0.20}

ALL = list(PROVIDERS)


def target(provider):
    return {"provider": provider, "model": UPSTREAM_MODELS[provider]}


def models(**more):
    """One model per provider, with its name; `more` are members of each."""
    return [model(name, target(name), price=FULL_PRICE, **more) for name in PROVIDERS]


def changes(*further_models, **more):
    """The CHANGES of a module that wants all of them."""
    return {"providers": PROVIDERS, "models": models() + list(further_models), **more}
