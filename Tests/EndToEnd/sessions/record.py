#!/usr/bin/env python3
"""Writes the sessions beside it: what a coding agent sends in a long session, turn by turn, as the official SDKs put it on
the wire. The corpus has none: of its requests with 16 tools or more the longest has six turns and 6 KB, and its longest loop
of tools is nine results in 10 KB.

The shapes are Claude Code's (system blocks and turns with markers, reminders beside results, `?beta=true`, betas, a count
before each turn: https://gist.github.com/troykelly/6fdb3845d3c53a39469c338c125dfff6 and
https://code.claude.com/docs/en/llm-gateway-protocol, read as excerpts on 2026-11-30) and Codex' (a developer's message,
custom and namespaced tools, `store: false` with encrypted reasoning); the words are ours.

What the model said is written here too, with the signatures that tollgate-mock would have given it. What stands in several
requests is written once: a long text under `texts` (a line and how often it comes), anything else under `values`. Run it
with the Python of .build/venv.
"""

import base64
import hashlib
import json
import pathlib
import sys

import anthropic
import openai

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from tollgate_stack.samples import PNG_BASE64  # noqa: E402
from tollgate_stack.sessions import expanded, session, wire  # noqa: E402

# The client that the SDKs themselves use.
httpx = sys.modules.get("httpx2") or sys.modules["httpx"]

FOLDER = pathlib.Path(__file__).parent
# About 200 KB together, with what a source file has: tabs, quotes, backslashes, letters beyond ASCII.
TEXTS = {
    "{{source}}": {
        "line": '{n}\tlet größe{n} = table["kéy \\"{n}\\"", default: .none] ?? compute({n})  // 日本 😀 C:\\dir\\{n}',
        "count": 1300,
    },
    "{{log}}": {
        "line": "[{n}/900] Compiling Module{n} File{n}.swift\n\twarning: 'value{n}' was never used; consider `_ = value{n}`",
        "count": 900,
    },
    "{{rules}}": {"line": "{n}. Be brief. Read a file before you change it. Never touch what you were not asked to.", "count": 100},
}
# Transport, and what the player writes itself.
LEFT_OUT = {"host", "accept-encoding", "connection", "content-length", "authorization", "x-api-key"}


def seal(purpose, text):
    """As tollgate-mock signs (Modules/MockProvider/Conversation/Signature.swift)."""

    def sha(words, data):
        return hashlib.sha256(words.encode() + data).digest()[:16]

    body = sha(f"tollgate-mock {purpose}\n", text.encode())
    return base64.b64encode(body + sha(f"tollgate-mock seal {purpose}\n", body)).decode()


class Recorder:
    """An HTTP client for an SDK that keeps what would be sent; the answers are empty streams, or a count."""

    def __init__(self):
        self.requests = []
        self.http = httpx.Client(transport=httpx.MockTransport(self.take))

    def take(self, request):
        body = json.loads(request.content)
        headers = [(name.decode(), value.decode()) for name, value in request.headers.raw]
        self.requests.append(
            {
                "path": request.url.raw_path.decode(),
                "headers": [[name, value] for name, value in headers if name.lower() not in LEFT_OUT],
                "body": body,
            }
        )
        assert wire(body) == request.content, "the player would send other bytes"
        if body.get("stream"):
            return httpx.Response(200, headers={"content-type": "text/event-stream"})
        return httpx.Response(200, json={"input_tokens": 1})

    def write(self, name, values):
        """`values`: what stands in every request, by the names that stand for it in the file."""
        written = {"texts": TEXTS, "values": {key: shortened(value, LONG) for key, value in values.items()}}
        names = {**LONG, **{wire(value): key for key, value in values.items()}}
        written["requests"] = shortened(self.requests, names)
        (FOLDER / f"{name}.json").write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n")
        assert wire(session(name)) == wire(self.requests), "what is read is not what was recorded"


def shortened(value, names):
    """The SDK was given the real ones."""
    if (name := names.get(wire(value))) is not None:
        return name
    if isinstance(value, dict):
        return {key: shortened(each, names) for key, each in value.items()}
    return [shortened(each, names) for each in value] if isinstance(value, list) else value


REAL = expanded(TEXTS)
SOURCE, LOG, RULES = (REAL[name] for name in ("{{source}}", "{{log}}", "{{rules}}"))
LONG = {wire(value): name for name, value in REAL.items()}


# MARK: - Tools


def schema(**properties):
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": properties,
        "required": list(properties)[:1],
        "additionalProperties": False,
    }


def text(about, **more):
    return {"type": "string", "description": about, **more}


EDITS = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "object", "properties": {"old": {"type": "string"}, "new": {"type": "string", "default": ""}}},
}
TODOS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"content": {"type": "string"}, "status": {"type": "string", "enum": ["pending", "completed"]}},
        "required": ["content", "status"],
        "additionalProperties": False,
    },
}
# name → (what it does, its schema)
TOOLS = {
    "Task": ("Starts an agent for a task of its own.", schema(prompt=text("the task"), model=text("which", enum=["a", "b"]))),
    "Bash": ("Runs a command.", schema(command=text("the command"), timeout={"type": "number", "maximum": 600000})),
    "Glob": ("Finds files by a pattern such as `**/*.swift`.", schema(pattern=text("the pattern"), path=text("where"))),
    "Grep": ("Searches files.", schema(pattern=text("a regular expression"), multiline={"type": "boolean", "default": False})),
    "Read": ("Reads a file.", schema(path=text("absolute"), offset={"type": "integer", "minimum": 0})),
    "Edit": ("Changes a file.", schema(path=text("absolute"), edits=EDITS)),
    "Write": ("Writes a file.", schema(path=text("absolute"), content=text("all of it"))),
    "NotebookEdit": ("Changes a cell.", schema(path=text("absolute"), cell={"type": ["integer", "null"]})),
    "WebFetch": ("Reads a page.", schema(url=text("the page", format="uri"), prompt=text("what to look for"))),
    "TodoWrite": ("Keeps the list of what is to be done.", schema(todos=TODOS)),
    "BashOutput": ("Reads what a command in the background has said.", schema(id=text("its id"))),
    "KillShell": ("Ends a command in the background.", schema(id=text("its id"))),
    "ExitPlanMode": ("Asks whether the plan is good.", schema(plan=text("the plan, in Markdown"))),
    "AskUserQuestion": ("Asks the user.", schema(question=text("the question"), options={"type": "array", "items": {"type": "string"}})),
    "mcp__github__create_pull_request": ("Opens a pull request.", schema(title=text("a line"), draft={"type": ["boolean", "null"]})),
    "mcp__github__list_issues": ("Lists issues.", schema(state=text("which", enum=["open", "closed", "all"]))),
    "mcp__postgres__query": ("Asks the database.", schema(sql=text("a SELECT"))),
    "mcp__browser__navigate": ("Opens a page.", schema(url=text("the page", format="uri"))),
    "mcp__browser__screenshot": ("Shows the page.", schema(full={"type": "boolean"})),
    "mcp__memory__search": ("Looks for what was said before.", schema(query=text("words"), limit={"type": "integer", "maximum": 50})),
}  # fmt: skip
assert len(TOOLS) == 20


# MARK: - Messages

MARK = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}
BETAS = ["claude-code-20250219", "interleaved-thinking-2025-05-14", "context-management-2025-06-27"]
REMINDER = "<system-reminder>\nThe list of what is to be done is empty. Do not mention this.\n</system-reminder>"


def block(words):
    return {"type": "text", "text": words}


def thought(words):
    return {"type": "thinking", "thinking": words, "signature": seal("thinking", words)}


def call(number, name, **arguments):
    return {"type": "tool_use", "id": f"toolu_01RecordedCall{number:08}", "name": name, "input": arguments}


def result(number, content, **more):
    return {"type": "tool_result", "tool_use_id": f"toolu_01RecordedCall{number:08}", "content": content, **more}


MESSAGES = [
    [block(REMINDER), block("The build fails since yesterday. Find out why, and mend it.")],
    [
        thought("Three things tell me more:\nthe source, the log and what changed."), block("I look at the source first."),
        call(1, "Read", path="~/project/Sources/Größe.swift"), call(2, "Bash", command="make 2>&1 | tail -n 2000", timeout=600000),
        call(3, "Grep", pattern="größe\\d+\\s*=", multiline=False),
    ],
    # Not in the order of the calls, and one of them failed.
    [result(1, SOURCE), result(3, "rg: regex parse error:\n  größe\\d+\\s*=", is_error=True), result(2, [block(LOG)]), block(REMINDER)],
    [
        {"type": "redacted_thinking", "data": seal("redacted", "what nobody is shown")},
        call(4, "TodoWrite", todos=[{"content": "mend größe7", "status": "pending"}]),
    ],
    [result(4, "The list was changed.")],
    [
        thought("Line 7 is it."), call(5, "Edit", path="~/project/Sources/Größe.swift", edits=[{"old": "größe7 = ", "new": "_ = "}]),
        call(6, "Bash", command="make"),
    ],
    [result(5, [block("1 edit.")]), result(6, "")],
    [thought("It builds."), block("It builds again: line 7 assigned to a name that nobody read.")],
    [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG_BASE64}},
        block("The page still looks like this. Why?"),
    ],
]  # fmt: skip


def marked(messages):
    """The last two turns of the user hold a marker."""
    messages = json.loads(json.dumps(messages))
    for message in [message for message in messages if message["role"] == "user"][-2:]:
        message["content"][-1]["cache_control"] = MARK
    return messages


def record_messages():
    recorder = Recorder()
    client = anthropic.Anthropic(api_key="key", base_url="http://recorder", http_client=recorder.http, max_retries=0)
    tools = [{"name": name, "description": about, "input_schema": shape} for name, (about, shape) in TOOLS.items()]
    shared = {
        "model": "{{model}}",
        "system": [
            block("You are a coding agent in somebody's terminal."), {**block(RULES), "cache_control": HOUR},
        ],
        "tools": tools[:-1] + [{**tools[-1], "cache_control": HOUR}],
        "thinking": {"type": "enabled", "budget_tokens": 10000},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "betas": BETAS,
        "extra_query": {"beta": "true"},
        "extra_headers": {
            "User-Agent": "claude-cli/2.1.77 (external, cli)", "x-app": "cli",
            "X-Claude-Code-Session-Id": "b4e5aaaa-9a3e-47c4-84ad-3a70f38c676e",
            "anthropic-dangerous-direct-browser-access": "true",
        },
    }  # fmt: skip
    turns = [{"role": ("user", "assistant")[index % 2], "content": content} for index, content in enumerate(MESSAGES)]
    for count in range(1, len(turns) + 1, 2):
        messages = marked(turns[:count])
        client.beta.messages.count_tokens(messages=messages, **shared)
        client.beta.messages.create(
            messages=messages, max_tokens=32000, stream=True, **shared,
            metadata={"user_id": "user_0123_account__session_b4e5aaaa-9a3e-47c4-84ad-3a70f38c676e"},
        )  # fmt: skip
    recorder.write("messages", {"{{tools}}": shared["tools"], "{{system}}": shared["system"]})


# MARK: - Responses

FUNCTIONS = [
    {"type": "function", "name": name, "description": about, "strict": False, "parameters": shape}
    for name, (about, shape) in list(TOOLS.items())[:16]
]
SHELL = {
    "type": "function", "name": "shell", "description": "Runs a command.", "strict": False,
    "parameters": schema(command={"type": "array", "items": {"type": "string"}}, workdir=text("where")),
}  # fmt: skip
APPLY_PATCH = {
    "type": "custom", "name": "apply_patch", "description": "Applies a patch to files.",
    "format": {"type": "grammar", "syntax": "lark", "definition": 'start: "*** Begin Patch" /(.|\\n)+/ "*** End Patch"'},
}  # fmt: skip
FILES = {
    "type": "namespace", "name": "files", "description": "The project's files.",
    "tools": [{"type": "function", "name": "search", "description": "Searches.", "parameters": schema(query=text("words"))}],
}  # fmt: skip
SEARCH = {"type": "web_search", "external_web_access": False}
PATCH = '*** Begin Patch\n*** Update File: Größe.swift\n-let größe7 = table["kéy"]\n+_ = table["kéy"]\n*** End Patch'
SHARED = {
    "model": "{{model}}",
    "instructions": RULES,
    "tools": [*FUNCTIONS, SHELL, APPLY_PATCH, FILES, SEARCH],
    "tool_choice": "auto",
    "parallel_tool_calls": True,
    "reasoning": {"effort": "medium", "summary": "auto"},
    "include": ["reasoning.encrypted_content"],
    "prompt_cache_key": "b4e5aaaa-9a3e-47c4-84ad-3a70f38c676e",
    "text": {"verbosity": "low"},
    "stream": True,
    "extra_headers": {
        "User-Agent": "codex_cli_rs/0.144.1 (Linux; x86_64)", "originator": "codex_cli_rs",
        "session_id": "b4e5aaaa-9a3e-47c4-84ad-3a70f38c676e", "accept": "text/event-stream",
    },
}  # fmt: skip


def message(role, *texts):
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": words} for words in texts]}


def reasoned(number, summary):
    texts = [{"type": "summary_text", "text": summary}] if summary else []
    return {
        "type": "reasoning", "id": f"rs_recorded{number:016}", "summary": texts,
        "encrypted_content": seal("encrypted", f"thought {number}"),
    }  # fmt: skip


def function_call(number, name, arguments, **more):
    return {
        "type": "function_call", "id": f"fc_recorded{number:016}", "call_id": f"call_Recorded{number:011}", "name": name,
        "arguments": json.dumps(arguments, ensure_ascii=False), **more,
    }  # fmt: skip


def output(number, content, kind="function_call_output"):
    return {"type": kind, "call_id": f"call_Recorded{number:011}", "output": content}


# Each list is what comes to the input before the next request.
ITEMS = [
    [
        message("developer", "<permissions>\nCommands run in a sandbox.\n</permissions>"),
        message("user", "<environment_context>\n<cwd>~/project</cwd>\n</environment_context>"),
        message("user", "The build fails since yesterday. Find out why, and mend it."),
    ],
    [
        reasoned(1, "**Looking at the source and the log**"), message("assistant", "I look at the source first."),
        function_call(1, "shell", {"command": ["cat", "Größe.swift"], "workdir": "~/project"}),
        function_call(2, "shell", {"command": ["make"], "workdir": "~/project"}),
        function_call(3, "search", {"query": "größe7"}, namespace="files"),
        output(3, "2 hits"), output(1, SOURCE), output(2, [{"type": "input_text", "text": LOG}]),
    ],
    [
        reasoned(2, ""),
        {
            "type": "custom_tool_call", "id": f"ctc_recorded{4:016}", "call_id": f"call_Recorded{4:011}",
            "name": "apply_patch", "input": PATCH,
        },
        output(4, "Success. Updated the following files:\nM Größe.swift", "custom_tool_call_output"),
    ],
    [
        reasoned(3, "**It builds**"), message("assistant", "It builds again."),
        {
            "type": "message", "role": "user",
            "content": [
                {"type": "input_image", "image_url": f"data:image/png;base64,{PNG_BASE64}", "detail": "auto"},
                {"type": "input_text", "text": "The page still looks like this. Why?"},
            ],
        },
    ],
]  # fmt: skip


def record_responses():
    recorder = Recorder()
    client = openai.OpenAI(api_key="key", base_url="http://recorder/v1", http_client=recorder.http, max_retries=0)
    items = []
    for more in ITEMS:
        items += more
        client.responses.create(input=items, store=False, **SHARED)
    recorder.write("responses", {"{{tools}}": SHARED["tools"]})


def record_chain():
    """What is answered is known when it is played alone: the ids of the last response and of its calls stand as such."""
    recorder = Recorder()
    client = openai.OpenAI(api_key="key", base_url="http://recorder/v1", http_client=recorder.http, max_retries=0)
    ask = 'call shell {"command": ["cat"]} and call shell {"command": ["make"]}'
    steps = [
        [*ITEMS[0], message("user", SOURCE, ask)],
        [
            {"type": "function_call_output", "call_id": "{{call 0}}", "output": "a.swift"},
            {"type": "function_call_output", "call_id": "{{call 1}}", "output": "Exit code 2\ncall apply_patch *** Begin Patch"},
        ],
        [{"type": "custom_tool_call_output", "call_id": "{{call 0}}", "output": "Success."}, message("user", "And now?")],
    ]
    for index, items in enumerate(steps):
        previous = {"previous_response_id": "{{response}}"} if index else {}
        client.responses.create(input=items, store=True, **previous, **SHARED)
    recorder.write("chain", {"{{tools}}": SHARED["tools"]})


if __name__ == "__main__":
    record_messages()
    record_responses()
    record_chain()
