"""Recorded sessions of coding agents (sessions/*.json), and what a provider got of one."""

import json
import pathlib

from .media import objects

FOLDER = pathlib.Path(__file__).parents[1] / "sessions"


def expanded(patterns):
    """The texts of a session by the names that stand for them."""
    return {
        name: "".join(pattern["line"].replace("{n}", str(number)) + "\n" for number in range(pattern["count"]))
        for name, pattern in patterns.items()
    }


def wire(body):
    """As the SDKs write a body."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def filled(value, names):
    """A value in which each text that is one of the names is what it stands for."""
    if isinstance(value, dict):
        return {key: filled(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, names) for each in value]
    return names.get(value, value) if isinstance(value, str) else value


def session(name):
    """The requests of a session: path, headers, body; `{{model}}` and ids that nobody knows yet stand as such."""
    recorded = json.loads((FOLDER / f"{name}.json").read_text())
    names = expanded(recorded["texts"])
    return filled(recorded["requests"], names | filled(recorded["values"], names))


# What a provider got, in whatever dialect: neither the gateway's nor the mock's code takes part in it.


def _parsed(arguments):
    """Arguments are an object or its text; a custom tool's are a text of its own."""
    try:
        return json.loads(arguments)
    except (TypeError, ValueError):
        return arguments


def words(value):
    """The texts of a result, as they come: types are no texts."""
    if isinstance(value, str):
        return value
    held = [each for key, each in value.items() if key != "type"] if isinstance(value, dict) else value or []
    return "\n".join(filter(None, (words(each) for each in held if isinstance(each, (dict, list, str)))))


def calls(body):
    """(id, name, arguments) of the calls in a request's history."""
    for found in objects(body):
        for call in found.get("tool_calls") or []:
            function = call.get("function") or call["custom"]
            yield call.get("id"), function["name"], _parsed(function.get("arguments", function.get("input")))
        if found.get("type") == "function_call":
            name = "__".join(filter(None, (found.get("namespace"), found["name"])))
            yield found["call_id"], name, _parsed(found["arguments"])
        elif found.get("type") == "custom_tool_call":
            yield found["call_id"], found["name"], found["input"]
        elif found.get("type") == "tool_use":
            yield found["id"], found["name"], found["input"]
        elif "functionCall" in found:
            yield found["functionCall"].get("id"), found["functionCall"]["name"], found["functionCall"]["args"]
        elif "toolUse" in found:
            yield found["toolUse"]["toolUseId"], found["toolUse"]["name"], found["toolUse"]["input"]


def results(body):
    """(id of its call, its words, whether it is said to have failed); Ollama has no ids."""
    for found in objects(body):
        if found.get("role") == "tool":
            yield found.get("tool_call_id"), words(found["content"]), False
        elif found.get("type") in ("function_call_output", "custom_tool_call_output"):
            yield found["call_id"], words(found["output"]), False
        elif found.get("type") == "tool_result":
            yield found["tool_use_id"], words(found.get("content")), bool(found.get("is_error"))
        elif "functionResponse" in found:
            response = found["functionResponse"]["response"]
            yield found["functionResponse"].get("id"), words(response), "error" in response
        elif "toolResult" in found:
            answer = found["toolResult"]
            yield answer["toolUseId"], words(answer["content"]), answer.get("status") == "error"


def tools(body):
    """The names of the client's own tools."""
    names = []
    for tool in body.get("tools") or body.get("toolConfig", {}).get("tools", []):
        own = tool.get("function") or tool.get("custom") or tool.get("toolSpec") or tool
        names += [declared["name"] for declared in tool.get("functionDeclarations", [own]) if "name" in declared]
    return names


def thoughts(body):
    """(text, signature) of thinking that is signed."""
    for found in objects(body):
        if "signature" in found:
            yield found.get("thinking", found.get("text")), found["signature"]


def marked(body):
    """What stands before each marker, or holds it: a tool's name, a text, a result's id; and how long it lives."""
    def name(holder):
        holder = holder.get("toolSpec") or holder.get("toolResult") or holder
        return next(holder[key] for key in ("name", "text", "tool_use_id", "toolUseId") if key in holder)

    for found in objects(body):
        if "cache_control" in found:
            yield name(found), found["cache_control"].get("ttl", "5m")
        for value in found.values():
            for before, point in zip(value, value[1:]) if isinstance(value, list) else ():
                if isinstance(point, dict) and "cachePoint" in point:
                    yield name(before), point["cachePoint"].get("ttl", "5m")
