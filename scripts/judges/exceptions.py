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
    "1586f5e846f82ebd": ({"converse"}, "the same"),
}

# Replies that a client cannot be told as the others are: id → (the clients' dialects, why).
REJECTED = {
    "chat_completions/audio": ({"messages"}, "what a spoken answer says is a text there; elsewhere it is reported as dropped"),
    "9021a81c6e5bbc9e": (
        {"generate_content"},
        "the output's cap cut a call's input; where arguments are an object they stand in a member `_raw`",
    ),
}
