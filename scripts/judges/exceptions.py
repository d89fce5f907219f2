"""What is not as it should be, one by one, with the reason: how it shows in the record itself."""

# Records that are no conversation, or none that can be read: id → why.
UNREADABLE = {
    "40c42212e143a1e8": "its body is a chat.completion: the record's URL is not the one that was asked",
    "4bfa2c08a720285c": "a fixture whose author took the blank lines out: no event of the stream ends",
    "d0448d2e6ffa22a5": "its reply is one of Rerank: `{\"results\": […]}`",
}

# Requests that a provider's SDK refuses as they are: id → (the providers' dialects, why).
REQUESTS = {
    "63379490a1424fed": ({"converse"}, "its recorder put `REDACTED` into the PDF's base64, which is none any more"),
    "1586f5e846f82ebd": ({"converse"}, "its recorder put `REDACTED` into the PDF's base64, which is none any more"),
}

# Replies that a client cannot be told as the others are: id → (the clients' dialects, why).
REJECTED = {
    "chat_completions/audio": (
        {"responses", "completions", "messages", "converse"}, "what a spoken answer says is a text where sounds have no place",
    ),
    "9021a81c6e5bbc9e": (
        {"generate_content"},
        "the output's cap cut a call's input; where arguments are an object they stand in a member `_raw`",
    ),
}

# What providers themselves send that their own SDK's models do not take: (dialect, what the complaint holds, why).
OWN = [
    ("chat_completions", "service_tier", "Groq, OpenRouter, Writer and others have words of their own for service tiers"),
    ("chat_completions", "annotations", "OpenRouter's annotations of files"),
    ("chat_completions", "index", "OpenRouter's streamed annotations have no `index`, by which OpenAI's accumulator finds them"),
    ("converse", "serverToolUsage", "Bedrock sends members of `usage` that botocore 1.44.8 does not know yet"),
    ("converse", "InputTokenCount", "Bedrock sends members of `usage` that botocore 1.44.8 does not know yet"),
    ("converse", "missing", "a recorder, or a test's author, left out `usage` or `metrics`"),
    ("generate_content", "serviceTier", "Google sends `usageMetadata.serviceTier`, which google-genai 3.6.1 does not know yet"),
    ("generate_content", "displayName", "the record is of cachedContents"),
    ("generate_content", "has no attribute", "Vertex was asked for enums as numbers"),
    ("generate_content", "thoughtSignature", "a test's author wrote a signature that is no base64"),
    ("generate_content", "without id", "a recorded call has no `args`"),
    ("messages", "web_fetch_requests", "recorded before Anthropic counted page fetches"),
    ("messages", "BashCodeExecution", "blocks of betas (MCP, compaction, skills) that the models of the time did not have"),
    ("responses", "service_tier", "OpenRouter's `provisioned`"),
    ("responses", "text.format", "xAI repeats a schema without its name"),
    ("responses", "AdditionalTools", "items as OpenAI's compaction, its early web searches and xAI's own tools write them"),
]


def why_own(dialect, faults):
    """The reason for a provider's own faults; None where nobody has looked at them yet."""
    words = "; ".join(sorted(faults))
    return next((why for of, part, why in OWN if of == dialect and part in words), None)
