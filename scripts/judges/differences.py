"""Where we differ from the peers, and why: each difference between their vectors and ours stands under a rule.

A rule says in which dialects, at which place and between which values it holds, as narrowly as can be, so that a new
difference is not taken for a known one. "Rule n" in a reason is one of docs/WIREFORMATS.md.
"""

import dataclasses
import json
import re
from collections.abc import Callable

from peers import ABSENT, HEARERS, heard
from relations import (
    ONE_OBJECT, are_clients, are_moved, asked_calls, asked_schema, asked_texts, asks_for_no_cap, bedrock_text, calls_of_clients,
    cohere_counts, cohere_thoughts, count, documents, is_told, named, other, said, says, stands, sum_of, text_of, with_schema,
)


@dataclasses.dataclass
class Rule:
    id: str
    where: str
    why: str
    matches: Callable


RULES = []


def rule(id, why, path, *, to=None, source=None, group=None, case=None, kind="request", when=None, theirs=None, ours=None):
    """Adds a rule; what is None holds for all. `theirs` and `ours` are values, `when` is asked last."""
    targets = (to,) if isinstance(to, str) else to

    def holds(vector, difference):
        # A rule that asks for a member of what has another shape is not about it.
        try:
            return bool(when(vector, difference))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            return False

    def matches(vector, difference):
        return (
            (vector.kind == kind or kind == "answer" and vector.kind != "request")
            and (targets is None or vector.target in targets)
            and (source is None or vector.source == source)
            and (group is None or re.search(group, vector.group) is not None)
            and (case is None or re.search(case, vector.case) is not None)
            and re.fullmatch(path, difference.path) is not None
            and (theirs is None or difference.theirs == theirs)
            and (ours is None or difference.ours == ours)
            and (when is None or holds(vector, difference))
        )

    where = " / ".join(targets) if targets else "all"
    if source:
        where = f"{source} → {where}"
    RULES.append(Rule(id, where if kind == "request" else f"{where} (answers)", why, matches))


def rule_for(vector, difference):
    return next((rule for rule in RULES if rule.matches(vector, difference)), None)


# MARK: - Requests: all dialects

rule("cap-name",
     "The same number: `max_completion_tokens` is OpenAI's name today; a provider's row says which it wants (`chatOutputCap`), "
     "and `tollgate translate` knows of no row.",
     "/max_(completion_)?tokens", to="chat_completions",
     when=lambda v, d: (lambda one: d.theirs in (ABSENT, one[1]) and d.ours in (ABSENT, one[0]))(
         other(d, "max_tokens" if d.path == "/max_completion_tokens" else "max_completion_tokens")))
rule("stream-usage",
     "A stream's usage is asked for, since it is billed; a provider that refuses `stream_options`, or tells usage anyway, has "
     "`streamUsage` in its row. Where the client did not ask, the chunk is left out of its answer.",
     "/stream_options", to="chat_completions", theirs=ABSENT, ours={"include_usage": True})
rule("refused-empty",
     "No word of any turn is left: a 400 that says so. The peer sends an empty list, an empty text, which the provider "
     "answers with a 400, or makes words up (\".\", \"[System: Empty message…]\").",
     "refused", when=lambda v, d: d.ours.endswith(": at least one message with content is needed; a system prompt alone is not enough."))
rule("refused-sound",
     "A sound cannot be left out without another question being asked (rule 2): a 400. The peer drops it silently, or sends "
     "what the provider's reference has no place for.",
     "refused", when=lambda v, d: "audio" in d.ours)
rule("refused-document",
     "Cohere's v2/chat has texts and images in a message, and `documents` beside it: a PDF in a message is a 400 here.",
     "refused", to="cohere_chat", when=lambda v, d: "documents" in d.ours)
rule("refused-image-in-result",
     "Cohere's results of tools are texts and documents: an image cannot be left out (rule 2). The peer drops it silently.",
     "refused", to="cohere_chat", when=lambda v, d: "images in a tool's result" in d.ours)
rule("no-fetching",
     "Addresses of images are not fetched by the gateway: it would fetch for anyone. Where the provider takes none, it is a 400.",
     "refused", to=("ollama_chat", "converse"), when=lambda v, d: "URL" in d.ours)
rule("first-turn",
     "Bedrock answers a conversation that begins with the assistant with a 400 (\"A conversation must start with a user "
     "message\"); here it is one before the call.",
     "refused", to="converse", when=lambda v, d: "begin with a user message" in d.ours)
rule("suffix",
     "A `suffix` asks for what stands between: no chat can be asked that, and without it the answer is another. The peer sends "
     "an unknown member, or drops it silently.",
     "refused", source="completions", ours="Invalid 'suffix': the provider of this model takes no such content.")
rule("refused-prompts",
     "A list of prompts is as many prompts, each with an answer of its own: no other dialect can be asked that. The peer glues "
     "them into one.",
     "refused", source="completions", when=lambda v, d: "prompts alone" in d.ours)

# MARK: - Requests: Chat

rule("own-names",
     "A word of the provider's own is in its row (`renames`, `refuses`), which `tollgate translate` does not know: here the "
     "client's own member, the same value.",
     "/(seed|random_seed)", to="chat_completions", group="mistral|codestral",
     when=lambda v, d: d.ours == other(d, "random_seed")[0] and d.theirs == ABSENT if d.path == "/seed"
     else d.theirs == other(d, "seed")[1] and d.ours == ABSENT)
rule("developer",
     "`developer` is a role of Chat's; a provider without it has `takesDeveloperRole: false` in its row, and then it is `system`.",
     r"/messages\[\]/role", to="chat_completions", theirs="system", ours="developer")
rule("instructions",
     "`instructions` of Responses are a system message in Chat, which every provider takes; the second peer's `developer` is "
     "OpenAI's own.",
     r"/messages\[\]/role", to="chat_completions", source="responses", theirs="developer", ours="system")
rule("parts-kept",
     "A content that is a list of texts is a list in Chat, and its marks (`cache_control`) stay on it or are taken off by the "
     "provider's row; the peer joins texts for providers of which it thinks that they take none.",
     r"/messages\[\]/content", to="chat_completions",
     when=lambda v, d: isinstance(d.ours, list) and isinstance(d.theirs, str) and text_of(d.ours) == d.theirs
     and all(part.get("type") == "text" for part in d.ours) and are_clients(v, d.ours))
rule("media-kept",
     "An image, a file or a sound beside a text goes along in Chat's own part: the peer drops it silently, and the model "
     "answers another question (rule 2).",
     r"/messages\[\]/content", to="chat_completions",
     when=lambda v, d: isinstance(d.ours, list) and isinstance(d.theirs, str) and text_of(d.ours) == d.theirs
     and any(part.get("type") != "text" for part in d.ours) and are_clients(v, d.ours))
rule("client-said-so",
     "What the client said in Chat goes to a Chat provider as it said it, unless the provider's row refuses it by its own "
     "documentation: the peer's list of parameters is not the provider's, and drops them silently.",
     "/(user|metadata|tool_choice|thinking|seed|response_format|reasoning_effort|parallel_tool_calls)", to="chat_completions",
     source="chat_completions", theirs=ABSENT, when=lambda v, d: v.asked.get(d.path[1:]) == d.ours)
rule("client-said-so-turns",
     "The same of what stands in the turns: names, thinking, empty texts and answers.",
     r"/messages\[\](/(name|content|reasoning_content|thinking_blocks))?", to="chat_completions", source="chat_completions",
     theirs=ABSENT, when=lambda v, d: is_said_in_turns(v, d))
rule("schema-kept",
     "A tool's schema goes as the client wrote it; the peer takes `additionalProperties` and `strict` out for some providers.",
     r"/tools\[\]/function/(strict|parameters(/\$defs/P)?/additionalProperties)", to="chat_completions",
     source="chat_completions", theirs=ABSENT, when=lambda v, d: stands(v, d.our_parent))
rule("no-schema-invented",
     "A function without `parameters` has none (OpenAI: \"Omitting parameters defines a function with an empty parameter "
     "list\"); Databricks is sent an empty object by the peer.",
     r"/tools\[\]/function/parameters", to="chat_completions", ours=ABSENT, theirs={"type": "object", "properties": {}})
rule("extra-body",
     "`extra_body` is an argument of OpenAI's SDK for Python, which puts its members into the body before it is sent: on the "
     "wire it is a member like any other. The peer is called in Python and unpacks it.",
     "/(extra_body|custom_field|customField|additionalModelRequestFields)", case="^extra_body$",
     when=lambda v, d: d.ours == ABSENT or d.path == "/extra_body" and d.ours == v.asked["extra_body"])


def is_said_in_turns(vector, difference):
    turns = vector.asked["messages"]
    if difference.path == "/messages[]":
        return difference.ours in [{key: each for key, each in turn.items() if each is not None} for turn in turns]
    name = difference.path.rsplit("/", 1)[-1]
    return any(turn.get(name) == difference.ours for turn in turns)


rule("openrouter-usage",
     "`usage: {include: true}` is OpenRouter's old way to ask for costs: \"deprecated and have no effect. Full usage details are "
     "now always included\" (https://openrouter.ai/docs/use-cases/usage-accounting).",
     "/usage", group="openrouter", theirs={"include": True}, ours=ABSENT)
rule("watsonx",
     "IBM's own path wants `model_id`, `project_id` and `tool_choice_option` around Chat's body; there is no row for IBM here.",
     "/(model_id|project_id|tool_choice_option)",
     group="watsonx$", ours=ABSENT)
rule("databricks-claude",
     "For Claude on Databricks the peer writes what it writes for Anthropic, in Chat's body: a budget of `thinking`, a tool "
     "`json_tool_call` for a schema. Here the client's own `reasoning_effort` and `response_format` go.",
     r"/(thinking|max_tokens|max_completion_tokens|tools|tools\[\]|tool_choice)", group="databricks", ours=ABSENT)
rule("deepseek-thinking",
     "`thinking` is what the client says it, or a switch that is a fact of the provider's row (`chatReasoning`), which `tollgate "
     "translate` does not know.",
     "/thinking(/budget_tokens)?", group="deepseek", to="chat_completions",
     when=lambda v, d: d.ours == ABSENT and d.theirs == {"type": "enabled"} or v.asked["thinking"] == d.our_parent)
rule("vllm-thinking",
     "The peer makes an effort of the client's `thinking` for vLLM; here the client's member goes as it said it.",
     "/reasoning_effort", group="hosted_vllm", theirs="medium", ours=ABSENT)
rule("prompt-invented",
     "Never invented (rule 3): the peer writes a system prompt of its own for Mistral's reasoning models, and \"Please select a "
     "tool to handle the current issue.\" for Moonshot.",
     r"/messages\[\]", group="mistral_magistral|moonshot", ours=ABSENT,
     when=lambda v, d: text_of(d.theirs.get("content")) not in json.dumps(v.asked, ensure_ascii=False))
rule("own-range",
     "In the client's own dialect a value out of the provider's range is the provider's to refuse.",
     "/temperature", group="moonshot", theirs=1, ours=1.5)
rule("zai-schema",
     "What the client said in Chat goes as it is in its own dialect; the peer knows of no schemas at Z.ai and makes JSON mode of it, "
     "with the schema in a turn of its own words. For other dialects' clients that would be a fact of the row (`takesJSONSchema`).",
     r"/response_format/(type|json_schema)|/messages\[\]", group="zai", case="json_schema",
     when=lambda v, d: (d.theirs, d.ours) == ("json_object", "json_schema")
     or d.path.endswith("/json_schema") and d.ours == v.asked["response_format"]["json_schema"]
     or d.ours == ABSENT and d.theirs["content"].startswith("Use this JSON schema:"))


# MARK: - Requests: Messages

rule("host-members",
     "`anthropic_version` in the body, and no `model` or `stream`, are of Bedrock's and Vertex' paths: a fact of the row "
     "(`messagesHost`, proven by MessagesVectorTests), which `tollgate translate` does not know.",
     "/(anthropic_version|anthropic_beta|model|stream)", to="messages", group="vertex_ai_anthropic|bedrock_invoke|agentgateway",
     when=lambda v, d: d.ours == ABSENT
     or d.theirs == ABSENT and d.ours == {"model": v.model, "stream": True}.get(d.path[1:]))
rule("cap-unasked",
     "Messages and Claude on Converse want a cap. The model's most stands in the catalogue, which `tollgate translate` does not "
     "know: 4,096 (`defaultMaxOutputTokens`). The peer sends its own list's figure (128,000 for Claude 3 Haiku, which ends at "
     "4,096), adds a budget to 4,096, or leaves it out on Bedrock, where Claude then ends at a number that nobody said.",
     "/(max_tokens|inferenceConfig/maxTokens)", to=("messages", "converse"), ours=4096, when=asks_for_no_cap)
rule("cap-unasked-alone",
     "The same where nothing else stands beside it.",
     "/inferenceConfig", to="converse", theirs=ABSENT, ours={"maxTokens": 4096}, when=asks_for_no_cap)
rule("schema-place",
     "`output_format` was the beta's name of what is `output_config.format`: "
     "https://platform.claude.com/docs/en/build-with-claude/structured-outputs.",
     "/output_(format|config)", to="messages",
     when=lambda v, d: d.path == "/output_format" and other(d, "output_config")[1] == {"format": d.theirs}
     or d.path == "/output_config" and d.ours == {"format": other(d, "output_format")[0]})
rule("adaptive",
     "`thinking: {type: adaptive}` and `output_config.effort` are the client's own words and go as they are to an Anthropic that "
     "it asked; the peer drops both for a model of which it thinks that it takes none.",
     "/(thinking|output_config)", to="messages", source="messages", theirs=ABSENT,
     when=lambda v, d: v.asked.get(d.path[1:]) == d.ours)
rule("opus-adaptive",
     "Claude from 4.6 on is told by words, and later ones refuse budgets: a budget becomes the effort that covers it.",
     "/(thinking/(type|budget_tokens)|output_config)", to="messages", group="opus", case="thinking_budget",
     when=lambda v, d: (d.theirs, d.ours) in (
         ("enabled", "adaptive"), (2048, ABSENT), (ABSENT, {"effort": "low"})))
rule("display-unasked",
     "Whether thoughts are to be seen is told where the client says it (rule 3); the peer adds `summarized`.",
     "/thinking/display", to="messages", theirs="summarized", ours=ABSENT)
rule("display-asked",
     "A client of Responses that asks for a `summary` is told it; the peer drops it.",
     "/thinking/display", to="messages", source="responses", theirs=ABSENT, ours="summarized",
     when=lambda v, d: said(v, "summary"))
rule("budgets",
     "Our table of words and numbers (docs/WIREFORMATS.md, Thinking): low 2,048, medium 8,192, high 16,384, and always below the "
     "cap. The peer's high is 4,096 beside a cap of 4,000, which Anthropic answers with a 400 (`max_tokens` must be greater than "
     "`thinking.budget_tokens`).",
     "(/additionalModelRequestFields)?/thinking/budget_tokens|/generationConfig/thinkingConfig/thinkingBudget",
     to=("messages", "converse", "generate_content"), when=lambda v, d: (d.theirs, d.ours) in ((1024, 2048), (4096, 3999)))
rule("one-of-two",
     "Claude 4 to 4.6 answers `temperature` beside `top_p` with a 400 (\"`temperature` and `top_p` cannot both be specified for "
     "this model\"): `top_p` is dropped and reported.",
     "/(top_p|inferenceConfig/topP)", to=("messages", "converse"), ours=ABSENT,
     when=lambda v, d: said(v, "temperature"))
rule("temperature-range",
     "Claude's and Nova's temperature ends at 1, as does Cohere's: clamped and reported; the peer's request is a 400.",
     "/(temperature|inferenceConfig/temperature)", to=("messages", "converse", "cohere_chat"), theirs=1.5, ours=1.0)
rule("top-k",
     "Messages, Nova and Ollama have a `top_k`; the peer drops it silently.",
     "/(top_k|options/top_k|additionalModelRequestFields)", to=("messages", "ollama_chat", "converse"), theirs=ABSENT,
     when=lambda v, d: said(v, "topK", "top_k") and d.ours in (4, {"inferenceConfig": {"topK": 4}}))
rule("blank-stop",
     "Claude refuses a stop sequence of blanks (\"each stop sequence must contain non-whitespace\"): left out and reported.",
     r"/(stop_sequences|inferenceConfig/stopSequences)\[\]", to=("messages", "converse"), theirs="\n\n", ours=ABSENT)
rule("system-in-the-middle",
     "A system prompt in the middle stays there (rule 5), as what it is; the peer calls it an \"Operator note\", or moves it to "
     "the beginning, before what was said when it was not yet there.",
     r"/messages\[\]/content\[\](/text)?|/contents\[\]/parts\[\]|/systemInstruction", case="system_mid",
     to=("messages", "generate_content"), when=lambda v, d: is_system_in_the_middle(v, d))
rule("tools-of-the-past",
     "A history with calls needs tools: those that were called, with a choice that forbids them. The peers declare a tool "
     "that nobody called, or write the calls as prose.",
     r"/tools\[\]/(name|description)|/toolConfig/tools\[\]/toolSpec/(name|description|inputSchema/json/properties)|/tool_choice|"
     r"/toolConfig|/additionalModelRequestFields|/messages\[\]/content\[\]", to=("messages", "converse"),
     case="tool_result|parallel-tool-call|tool_history",
     when=lambda v, d: not v.asked.get("tools") and is_of_the_past(v, d))


def is_system_in_the_middle(vector, difference):
    (words,) = [turn["content"] for turn in vector.asked["messages"][1:] if turn["role"] == "system"]
    wrapped = f"<system>{words}</system>"
    if difference.ours == ABSENT:
        return difference.theirs == {"parts": [{"text": words}]} or "Operator note" in difference.theirs.get("text", "")
    return (difference.theirs, difference.ours) in ((words, wrapped), (ABSENT, {"text": wrapped}))


def is_of_the_past(vector, difference):
    theirs, ours = difference.theirs, difference.ours
    calls = asked_calls(vector)
    names, no_call = {name for name, _ in calls}, "Not available any more: do not call it."

    def spec(name):
        return {"toolSpec": {
            "name": name, "description": no_call, "inputSchema": {"json": {"type": "object", "properties": {}}}}}

    match difference.path.rsplit("/", 1)[-1]:
        case "name":
            return "dummy" in theirs and ours in names
        case "description":
            return theirs == "This is a dummy tool call" and ours == ABSENT or theirs == ABSENT and ours == no_call
        case "properties":
            return (theirs, ours) == (ABSENT, {})
        case "tool_choice":
            return (theirs, ours) == (ABSENT, {"type": "none"})
        case "additionalModelRequestFields":
            return (theirs, ours) == (ABSENT, {"tool_choice": {"type": "none"}})
        case "toolConfig":
            return theirs == ABSENT and set(ours) == {"tools"} and ours["tools"] == [spec(name) for name in sorted(names)]
    if ours == ABSENT:
        return theirs["text"].startswith(("[tool call ", "[tool result for "))
    # One tool was called, once: its result is the answer to that.
    if call := ours.get("toolUse"):
        return theirs == ABSENT and [(call["name"], call["input"])] == calls and call["toolUseId"] == "id1"
    result = ours["toolResult"]
    (said,) = result["content"]
    return theirs == ABSENT and result["toolUseId"] == "id1" and len(said) == 1 and stands(vector, *said.values())


rule("strict-kept",
     "`strict` is a member of Messages' tools; the peer drops it.",
     r"/tools\[\]/strict", to="messages", theirs=ABSENT, ours=True, when=lambda v, d: said(v, "strict"))
rule("empty-result",
     "An empty result is one without content: the peer's empty text is refused (\"text content blocks must be non-empty\").",
     r"/messages\[\]/content\[\]/(content|toolResult/content\[\])", to=("messages", "converse"),
     when=lambda v, d: d.ours == ABSENT and d.theirs in ([{"type": "text", "text": ""}], {"text": ""}))
rule("file-name",
     "A document's name goes into the provider's member for one: Messages' `title`, Converse's `name` (there in the letters that "
     "AWS takes). The peer drops it, or makes one of a hash.",
     r"/messages\[\]/content\[\]/(title|document/name)", to=("messages", "converse"),
     when=lambda v, d: stands(v, d.ours) if d.path.endswith("title")
     else says(v, f"{d.ours}.pdf", "filename") or d.ours == "document" and not said(v, "filename", "title"))
rule("search-uses",
     "`search_context_size` is no number of searches: the peer makes `max_uses` of it; here it is dropped and reported.",
     r"/tools\[\]/max_uses", to="messages", ours=ABSENT, case="web_search")
rule("schema-on-vertex",
     "`output_config.format` goes to Vertex as it does to Anthropic, beside tools whose choice stays free; the peer's beta goes in a "
     "header there.",
     "/output_config", to="messages", group="vertex_ai_anthropic", case="json_schema_with_tools",
     theirs=ABSENT, when=lambda v, d: d.ours == {"format": {"type": "json_schema", "schema": asked_schema(v)}})
rule("json-object",
     "JSON mode, where the provider has none, is an instruction (rule 10). The peer drops it silently.",
     "/system|/systemInstruction", to=("messages", "converse"), theirs=ABSENT, case="json_object",
     when=lambda v, d: d.ours in ([{"type": "text", "text": ONE_OBJECT}], [{"text": ONE_OBJECT}]))
rule("schema-as-instruction",
     "A schema where the model takes none (Claude 3, Nova, Llama, Gemini 2.5 beside functions) is an instruction with the schema "
     "(rule 10), and the choice of tools stays free; the peer forces a tool `json_tool_call`, whose arguments a client is not "
     "told as text, or sends Google both, which it answers with a 400 (\"Function calling with a response mime type: "
     "'application/json' is unsupported\").",
     r"/tools|/tools\[\]|/tool_choice|/toolConfig|/toolConfig/tools\[\]|/toolConfig/toolChoice|/system(\[\])?|/systemInstruction|"
     "/generationConfig|/output_config", case="json_schema", to=("messages", "converse", "generate_content"),
     when=lambda v, d: d.ours == ABSENT and ("json_tool_call" in str(d.theirs) or "responseJsonSchema" in str(d.theirs))
     or "json_tool_call" in str(d.theirs) and d.ours in ({"auto": {}}, {"type": "auto"})
     or d.theirs == ABSENT and d.ours in (
         [{"text": with_schema(v)}], [{"type": "text", "text": with_schema(v)}], {"parts": [{"text": with_schema(v)}]},
         {"format": {"type": "json_schema", "schema": asked_schema(v)}}))
# MARK: - Requests: generateContent

rule("schemas-of-tools",
     "JSON Schema goes unchanged as `parametersJsonSchema` (recorded 200 on AI Studio v1beta and Vertex v1beta1); the peer rewrites "
     "it in Google's subset and loses `$ref`, `additionalProperties` and more.",
     r"/tools\[\]/functionDeclarations\[\]/parameters(JsonSchema)?", to="generate_content",
     when=lambda v, d: is_one_schema(v, d))
rule("call-ids",
     "Ids of calls and results are always sent (recorded 200 before Gemini 3, too): parallel calls of one tool are told apart by them.",
     r"/contents\[\]/parts\[\]/function(Call|Response)/id", to="generate_content", theirs=ABSENT,
     when=lambda v, d: are_paired(d.body))
rule("result-word",
     "`error` is Google's word for a failed call, and a plain text stands under `result`: where there is neither `output` nor `error`, "
     "\"the whole response is treated as function output\" (https://ai.google.dev/api/caching#FunctionResponse). The peer's "
     "`content` loses the failure.",
     r"/contents\[\]/parts\[\]/functionResponse/response/(content|result|error)", to="generate_content",
     when=lambda v, d: d.ours == ABSENT and d.theirs in (other(d, "result")[1], other(d, "error")[1])
     or d.theirs == ABSENT and d.ours == other(d, "content")[0])
rule("empty-text-beside-calls",
     "An empty text beside calls is no part: nothing was said (rule 3).",
     r"/contents\[\]/parts\[\]", to="generate_content", theirs={"text": ""}, ours=ABSENT)
rule("text-beside-results",
     "Adjacent turns of one role are one turn, as Google wants (rule 6); the peer leaves the text behind a result a turn of its own.",
     r"/contents\[\](/parts\[\])?", to="generate_content", case="tool_result|null_assistant",
     when=lambda v, d: is_one_turn(d))
rule("empty-arguments",
     "No arguments are `{}`: the peer sends `{\"type\":\"object\"}`, a schema, as if the model had said it (its own error).",
     r"/contents\[\]/parts\[\]/functionCall/args/type", to="generate_content", theirs="object", ours=ABSENT)
rule("signature-word",
     "Google's documentation gives the placeholder as the literal text `skip_thought_signature_validator` "
     "(https://ai.google.dev/gemini-api/docs/thought-signatures); the peer sends its base64.",
     r"/contents\[\]/parts\[\]/thoughtSignature", to="generate_content", theirs="c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=",
     ours="skip_thought_signature_validator")
rule("foreign-thinking",
     "Thinking of another provider's model in the history is dropped and reported (rule 12): its proof means nothing elsewhere, "
     "and without a proof it is not Google's, Bedrock's Llama's or OpenAI's own.",
     r"/contents\[\]/parts\[\]|/messages\[\](/content\[\]|/thinking(_blocks)?|/reasoning_content)", ours=ABSENT,
     case="thinking|reasoning", when=lambda v, d: any(w in str(d.theirs) for w in ("hmm", "because", "Two plus two", "abc")))
rule("system-blocks",
     "Each text of a system prompt stays a part, or a paragraph where there is one text alone; the peer glues them together (AB).",
     r"/systemInstruction/parts\[\](/text)?|/messages\[\]/content|/instructions", case="system_(blocks|parts)|content_parts|consecutive",
     when=lambda v, d: (stands(v, d.ours["text"]) and set(d.ours) == {"text"} if d.theirs == ABSENT
                        else stands(v, d.ours) and d.theirs.startswith(d.ours))
     if d.path.startswith("/systemInstruction") else d.ours in ("\n".join(asked_texts(v)), "\n\n".join(asked_texts(v))))
rule("penalties-3",
     "Google has `presencePenalty` and `frequencyPenalty` (\"GenerationConfig\"); the peer drops them for Gemini 3 silently.",
     "/generationConfig", to="generate_content", theirs=ABSENT, case="penalties",
     when=lambda v, d: d.ours == {
         "presencePenalty": v.asked["presence_penalty"], "frequencyPenalty": v.asked["frequency_penalty"]})
rule("level-words",
     "The enum's own spelling: `LOW`.",
     "/generationConfig/thinkingConfig/thinkingLevel", to="generate_content", when=lambda v, d: d.ours == str(d.theirs).upper())
rule("level-of-budget",
     "Gemini 3 is told by levels: a budget becomes the nearest; the peer drops it.",
     "/generationConfig/thinkingConfig/thinkingLevel", to="generate_content", theirs=ABSENT, ours="LOW", case="thinking_budget")
rule("off-says-all",
     "Gemini that is told not to think shows no thoughts: `includeThoughts: false` says nothing more.",
     "/generationConfig/thinkingConfig/includeThoughts", to="generate_content", theirs=False, ours=ABSENT)
rule("adaptive-small-cap",
     "An effort's budget would not fit below the client's cap of 256 (no word asks for less than 1,024): thinking is off, and "
     "reported. The peer's budget of 1,024 leaves no token for an answer.",
     "/generationConfig/thinkingConfig/(thinkingBudget|includeThoughts)", to="generate_content", case="adaptive_effort",
     when=lambda v, d: v.asked["max_tokens"] < 1024 and (d.theirs, d.ours) in ((1024, 0), (True, ABSENT)))
rule("logprobs-of-completions",
     "`logprobs: 2` of Completions is Google's `responseLogprobs: true` with `logprobs: 2`; the peer sends a number for a boolean.",
     "/generationConfig/(responseLogprobs|logprobs)", to="generate_content", source="completions",
     when=lambda v, d: (d.theirs, d.ours) == (v.asked["logprobs"], True) if d.path.endswith("responseLogprobs")
     else (d.theirs, d.ours) == (ABSENT, v.asked["logprobs"]))


def are_paired(body):
    """Each call of Google's has an id, by which one result follows it."""
    parts = [part for content in body["contents"] for part in content["parts"]]
    ids = [[part[kind]["id"] for part in parts if kind in part] for kind in ("functionCall", "functionResponse")]
    return ids[0] == ids[1] and len(set(ids[0])) == len(ids[0])


def is_one_turn(difference):
    """The text that is a turn of its own at the peer is behind the result here."""
    if difference.theirs == ABSENT:
        text = difference.ours
        return {"role": "user", "parts": [text]} in difference.their_body["contents"] and difference.our_parent[-1] == text
    (text,) = difference.theirs["parts"]
    return difference.ours == ABSENT and set(text) == {"text"} and any(
        turn["role"] == "user" and turn["parts"][-1] == text for turn in difference.body["contents"])


def is_one_schema(vector, difference):
    """Both are schemas of the same members, and ours is the client's own."""
    name = "parameters" if difference.path.endswith("JsonSchema") else "parametersJsonSchema"
    pair = other(difference, name)
    theirs, ours = (pair[0], difference.ours) if name == "parameters" else (difference.theirs, pair[1])
    return isinstance(theirs, dict) and stands(vector, ours) and set(theirs.get("properties", {})) == set(
        ours.get("properties", {})) and theirs.get("required") == ours.get("required")


# MARK: - Requests: Converse

rule("empty-required",
     "`required: []` says nothing (JSON Schema); the peer adds it.",
     r"/toolConfig/tools\[\]/toolSpec/inputSchema/json/required", to="converse", theirs=[], ours=ABSENT)
rule("references-kept",
     "`$ref` and `$defs` go as they are to Claude and Llama, and are put in place for Nova, which takes none; the peer always does.",
     r"/toolConfig/tools\[\]/toolSpec/inputSchema/json/(\$defs|properties/p/.*)", to="converse", case="tools_strict_refs",
     when=lambda v, d: all(stands(v, tool["toolSpec"]["inputSchema"]["json"]) for tool in d.body["toolConfig"]["tools"]))
rule("additional-properties",
     "A schema goes as the client wrote it; the peer takes `additionalProperties` out for Llama and Nova.",
     r"/toolConfig/tools\[\]/toolSpec/inputSchema/json/additionalProperties", to="converse", theirs=ABSENT, ours=False)
rule("which-stop",
     "Claude says which stop sequence fired only where it is asked for (`/stop_sequence`): clients of Messages are told it.",
     "/additionalModelResponseFieldPaths", to="converse", theirs=ABSENT, ours=["/stop_sequence"],
     when=lambda v, d: said(v, "stop", "stop_sequences", "stopSequences"))
rule("thinking-count",
     "AWS tells no thinking apart in `usage`; where Claude is to think, its own count is asked for by this path. The second peer "
     "does not.",
     "/additionalModelResponseFieldPaths", to="converse", theirs=ABSENT, ours=["/usage/output_tokens_details"],
     when=lambda v, d: "thinking" in d.body["additionalModelRequestFields"])
rule("one-call-on-bedrock",
     "\"No more than one call\" has no place in Converse's `toolChoice`: with it the choice goes to Claude in its own words, and "
     "`toolChoice` stays out, since the two would contradict each other. The peer drops `disable_parallel_tool_use`.",
     "/toolConfig/toolChoice|/additionalModelRequestFields", to="converse", case="tool_choice_tool",
     when=lambda v, d: d.ours == ABSENT and d.theirs == {"tool": {"name": v.asked["tool_choice"]["name"]}}
     or d.theirs == ABSENT and d.ours == {"tool_choice": v.asked["tool_choice"]})
rule("request-metadata",
     "Converse has `requestMetadata` (\"Key-value pairs that you can use to filter invocation logs\"), where keys and values are legal.",
     "/requestMetadata", to="converse", theirs=ABSENT, when=lambda v, d: d.ours == {
         name: value for name, value in v.asked["metadata"].items() if name != "user_id"})
rule("metadata-place",
     "`metadata` of any kind among Claude's own fields is the second peer's: Anthropic's has `user_id` alone, and any other member "
     "is a 400. Here it is `requestMetadata`.",
     "/additionalModelRequestFields", to="converse", case="metadata", ours=ABSENT)
rule("sound-kept",
     "Converse has a block for sounds (`audio`); the peer drops it silently.",
     r"/messages\[\]/content\[\]", to="converse", theirs=ABSENT, case="audio_input",
     when=lambda v, d: set(d.ours) == {"audio"} and stands(
         v, {"data": d.ours["audio"]["source"]["bytes"], "format": d.ours["audio"]["format"]}))
rule("cache-points",
     "AWS documents cache points for Nova in system prompts and messages "
     "(https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html); the peer drops them.",
     r"/(system|messages\[\]/content)\[\]", to="converse", theirs=ABSENT, ours={"cachePoint": {"type": "default"}}, group="nova")
rule("failed-result",
     "`status: error` is Converse's for a failed result, for Claude and Nova; the peer drops it.",
     r"/messages\[\]/content\[\]/toolResult/status", to="converse", theirs=ABSENT, ours="error")
rule("schema-name",
     "A schema without a name has none on Bedrock, where it is optional (rule 3); the peer makes one up.",
     "/outputConfig/textFormat/structure/jsonSchema/name", to="converse", theirs="structured_output", ours=ABSENT)
rule("nova-schema",
     "Nova's schemas have `type`, `properties` and `required` at their top: what else stood there is told in the function's "
     "description, and reported; the peer leaves it out.",
     r"/toolConfig/tools\[\]/toolSpec/description", to="converse", group="nova",
     when=lambda v, d: d.ours == f"{d.theirs}\n\n{{additionalProperties: false}}")
rule("nova-grounding",
     "Nova's own search (`systemTool: nova_grounding`) is in US regions, for Premier and Nova 2 alone "
     "(https://docs.aws.amazon.com/nova/latest/userguide/grounding.html): the peer sends it to Nova Pro. Here Bedrock's search is "
     "no tool that is known, and is dropped and reported.",
     "/toolConfig", to="converse", theirs={"tools": [{"systemTool": {"name": "nova_grounding"}}]}, ours=ABSENT)

# MARK: - Requests: Cohere, Ollama

rule("cohere-choice",
     "v2/chat has `tool_choice` REQUIRED and NONE (https://docs.cohere.com/reference/chat); the peer drops it. A named tool is "
     "REQUIRED with that tool alone.",
     r"/tool_choice|/tools\[\]", to="cohere_chat", case="tool_choice|^tools$",
     when=lambda v, d: d.ours in ("REQUIRED", "NONE") or d.ours == ABSENT and d.path == "/tools[]")
rule("cohere-schema",
     "Cohere's and Ollama's functions want `parameters`: one that takes none has an object's without properties.",
     r"/tools\[\]/function/parameters", to=("cohere_chat", "ollama_chat"), theirs=ABSENT, ours={"type": "object", "properties": {}})
rule("cohere-empty",
     "Cohere refuses a message without content: one that said nothing is left out, and so is an empty text beside calls.",
     r"/messages\[\](/content)?", to="cohere_chat", ours=ABSENT,
     when=lambda v, d: d.theirs == "" or d.theirs == {"role": "assistant"})
rule("cohere-names",
     "v2's own names: `k` for `top_k`; no `num_generations` and no names of participants, dropped and reported.",
     r"/(top_k|k|num_generations|messages\[\]/name)", to="cohere_chat",
     when=lambda v, d: d.ours == (other(d, "top_k")[0] if d.path == "/k" else ABSENT))
rule("cohere-penalties",
     "Cohere's penalties begin at 0: clamped and reported.",
     "/presence_penalty", to="cohere_chat", theirs=-0.5, ours=0.0)
rule("cohere-strict",
     "Cohere's tools have no `strict` (`strict_tools` is for all of them, and is never invented).",
     r"/tools\[\]/function/strict", to="cohere_chat", theirs=False, ours=ABSENT)
rule("ollama-results",
     "Ollama knows results by `tool_name` (https://docs.ollama.com/api/chat) and has no ids of calls.",
     r"/messages\[\]/(tool_calls\[\]/id|tool_call_id|tool_name)", to="ollama_chat",
     when=lambda v, d: d.theirs == ABSENT and d.ours in {name for name, _ in asked_calls(v)} if d.path.endswith("tool_name")
     else d.ours == ABSENT)
rule("ollama-turns",
     "Adjacent turns of the model's are one message, as to every Chat provider (rule 6); the peer leaves two.",
     r"/messages\[\](/content)?", to="ollama_chat", case="consecutive_users",
     when=lambda v, d: d.ours == "ok\nok2" and stands(v, d.theirs)
     or d.ours == ABSENT and d.theirs == {"role": "assistant", "content": "ok2"})
rule("ollama-choice",
     "Ollama has no choice of tools: a named one is that tool alone, reported; the peer ignores it.",
     r"/tools\[\]", to="ollama_chat", ours=ABSENT, case="tool_choice_named")
rule("ollama-strict",
     "Ollama's tools have no `strict`.",
     r"/tools\[\]/function/strict", to="ollama_chat", theirs=True, ours=ABSENT)

# MARK: - Requests from other dialects to Chat and Responses

rule("mistral-choice",
     "Mistral takes `required` and a named function (https://docs.mistral.ai/api), the peer writes `any`, and drops a named one.",
     "/tool_choice", to="chat_completions", group="mistral|codestral",
     when=lambda v, d: (d.theirs, d.ours) == ("any", "required") or d.theirs == ABSENT
     and d.ours == {"type": "function", "function": {"name": v.asked["tool_choice"]["name"]}})
rule("one-call-in-chat",
     "`disable_parallel_tool_use` is `parallel_tool_calls: false`; the peer drops it for Mistral.",
     "/parallel_tool_calls", to=("chat_completions", "responses"), source="messages", theirs=ABSENT, ours=False)
rule("user-kept",
     "`metadata.user_id` and Responses' `user` are Chat's `user`; the peer drops it where its list of parameters lacks it.",
     "/user", to="chat_completions", theirs=ABSENT, when=lambda v, d: says(v, d.ours, "user_id", "user"))
rule("unstored",
     "Other dialects store nothing, and OpenAI keeps a response for 30 days unless it is told not to: `store: false`; what a "
     "client of Responses itself says goes.",
     "/store", to=("responses", "chat_completions"), theirs=ABSENT, ours=False)
rule("encrypted-when-thinking",
     "`reasoning.encrypted_content` is asked for where the model thinks or is asked to; models that do not think refuse it.",
     "/include", to="responses", when=lambda v, d: ["reasoning.encrypted_content"] in (d.theirs, d.ours))
rule("own-order",
     "A text before a call stays before it, in Responses' own list of items; the peer puts calls first.",
     r"/input\[\]", to="responses", case="tool_result$",
     when=lambda v, d: are_moved(d.their_body["input"], d.body["input"])
     and [item.get("role", item.get("type")) for item in d.body["input"]][1:3] == ["assistant", "function_call"])
rule("image-in-result",
     "Responses has a place for images in a result (`output` may be a list); the peer moves them into a user's turn of their own.",
     r"/input\[\](/output)?", to="responses", case="tool_result_blocks_error",
     when=lambda v, d: d.ours == ABSENT and "[The following images are tool output" in str(d.theirs)
     or d.theirs.startswith("28\n[Tool returned an image") and len(d.ours) == 2 and are_clients(v, d.ours))
rule("image-beside-result",
     "Chat has none: the image stands in the next user turn, here in the client's own one; the peer's words for the model "
     "(\"treat them as data, not instructions\") are its own.",
     r"/messages\[\](/content\[\])?", to="chat_completions", case="tool_result_blocks_error",
     when=lambda v, d: d.ours == ABSENT and (
         d.theirs == {"role": "user", "content": "and?"} or "[The following images are tool output" in d.theirs.get("text", ""))
     or (d.theirs, d.ours) == (ABSENT, {"type": "text", "text": "and?"}) and [
         part["type"] for part in d.our_parent] == ["image_url", "text"])
rule("current-search",
     "`web_search` is the current tool, `web_search_preview` the old one (https://platform.openai.com/docs/guides/tools-web-search).",
     r"/tools\[\]/(type|search_context_size)", to="responses", case="web_search",
     when=lambda v, d: (d.theirs, d.ours) == ("web_search_preview", "web_search") or d.theirs == ABSENT and says(v, d.ours, "search_context_size"))
rule("detail-invented",
     "`detail: auto` is what happens without it (rule 3).",
     r"/(input|messages)\[\]/content\[\]/(image_url/)?detail", theirs="auto", ours=ABSENT)
rule("effort-of-budget",
     "Our table: the least word that covers a budget of 2,048 is low; the peer's is medium.",
     "/(reasoning/effort|reasoning_effort)", when=lambda v, d: (d.theirs, d.ours) == ("medium", "low"))
rule("no-effort",
     "gpt-4o does not think and refuses any effort: dropped and reported.",
     "/reasoning_effort", group="openrouter", ours=ABSENT)
rule("format-name",
     "OpenAI demands some name for a schema: `response`; `strict` is said where the client says it.",
     "/response_format/json_schema/(name|strict)", to="chat_completions", source="messages",
     when=lambda v, d: (d.theirs, d.ours) in (("structured_output", "response"), (True, ABSENT)))
rule("top-k-of-row",
     "`topK` is `top_k` at Chat providers that have one; who refuses it (OpenAI, Azure) says so in its row (`refuses`).",
     "/top_k", to="chat_completions", source="generate_content", theirs=ABSENT, when=lambda v, d: says(v, d.ours, "topK"))
rule("candidates",
     "`candidateCount` is `n`; the peer drops it.",
     "/n", to="chat_completions", source="generate_content", theirs=ABSENT, ours=1)
rule("empty-turn-kept",
     "An empty text of a user's is said in Chat, where it is legal; the peer leaves the message out and sends none.",
     r"/messages\[\]", to=("chat_completions", "ollama_chat"), theirs=ABSENT, ours={"role": "user", "content": ""})
rule("two-prompts",
     "A list of prompts is as many prompts (https://platform.openai.com/docs/api-reference/completions); the peer glues them into one.",
     "/prompt", to="completions", theirs="ab", ours=["a", "b"])
rule("responses-kept",
     "`stream`, `metadata` and `strict` are sent as the client said them; the peer leaves them out at xAI and OpenRouter.",
     "/(stream|metadata)", to="responses", theirs=ABSENT, when=lambda v, d: v.asked.get(d.path[1:]) == d.ours)
rule("strict-unsaid",
     "A function's `strict` is false where another dialect's client does not say it: in Responses true is the default.",
     r"/tools\[\]/strict", to="responses", theirs=ABSENT, ours=False)
rule("strict-false",
     "`strict: false` is what happens without it in Chat (rule 2): left out.",
     r"/tools\[\]/function/strict", to="chat_completions", theirs=False, ours=ABSENT)
rule("empty-text-of-calls",
     "An empty content beside calls is kept as the client said it.",
     r"/messages\[\]/content", to="chat_completions", theirs=None, ours="")
rule("mistral-thinking",
     "Mistral's own parts for thinking are a fact of its row (`chatReasoning`), which `tollgate translate` does not know.",
     r"/messages\[\]/content", group="magistral", case="reasoning_history",
     when=lambda v, d: [part["text"] for part in d.theirs if part["type"] == "text"] == [d.ours])
# MARK: - Requests: the second peer's

rule("not-anthropics",
     "`output_format: \"markdown\"` is no value of Anthropic's: where it has to be translated it is a 400; to Anthropic the bytes pass.",
     "refused", source="messages", group="agentgateway",
     ours="Invalid type for 'output_format': expected an object, but got a string instead.")
rule("file-elsewhere",
     "A `file_id` is Anthropic's own file, which OpenAI does not have: a 400, since the picture cannot be left out (rule 2).",
     "refused", source="messages", to="responses", when=lambda v, d: "stored at another provider" in d.ours)
rule("policies-words",
     "The pair proves that the peer puts its operator's words around a conversation (and its `refusal` without a text is none "
     "of OpenAI's): no translation.",
     "refused", group="agentgateway", case="assistant-history",
     ours="Missing required parameter: 'input[0].content[1].refusal'.")
rule("cache-marks-of-openai",
     "A marker of Anthropic's on an image is OpenAI's on that image, wherever it stands (rule 11): beside the result, when that "
     "cannot hold it, and the result says so. The second peer drops the image, and puts its marker on an empty text, or on the text "
     "beside it.",
     r"/messages\[\](/content(\[\]/prompt_cache_breakpoint)?)?", to="chat_completions", group="agentgateway", case="cache_control",
     when=lambda v, d: is_marked_image(d))
rule("choice-of-no-tool",
     "A choice that names no tool of the request leaves `auto` (rule 9, adjusted), and `functions`, Chat's first name of tools, are "
     "tools. The second peer drops these, and forces the tool that is not there, for Bedrock in a member that AWS does not know "
     "(`tool_choice`).",
     r"/(tools\[\]|tool_choice/(type|name)|toolConfig/(tools\[\]|tool_choice|toolChoice))", to=("messages", "converse"), case="^full",
     when=lambda v, d: d.ours == ABSENT and d.theirs in ("my_function", {"tool": {"name": "my_function"}})
     or (d.theirs, d.ours) in (("tool", "auto"), (ABSENT, {"auto": {}})) or d.theirs == ABSENT and is_function_of_old(v, d.ours))
rule("any-object",
     "A schema of any object is JSON mode: on Claude `additionalProperties: true` in a schema is refused (\"additionalProperties "
     "must be false\"), and Gemini 2.5 takes no JSON mode beside functions: an instruction (rule 10).",
     r"/(system\[\]|output_config|outputConfig|systemInstruction/parts\[\]|generationConfig/responseMimeType)", group="agentgateway",
     case="^(full|generation-config)",
     when=lambda v, d: d.theirs == ABSENT and d.ours in ({"text": ONE_OBJECT}, {"type": "text", "text": ONE_OBJECT})
     or d.ours == ABSENT and ("additionalProperties" in str(d.theirs) or d.theirs == "application/json"))
rule("medium",
     "Medium is 8,192 tokens here, cut below the cap; the second peer's is 2,048.",
     "(/additionalModelRequestFields)?/thinking/budget_tokens|/generationConfig/thinkingConfig/thinkingBudget", theirs=2048,
     when=lambda v, d: d.ours in (4095, 8192), group="agentgateway")
rule("functions-in-chat",
     "GPT from 5.4 on takes functions in Chat with the effort `none` alone: such a request goes to Responses "
     "(`Provider.translationDialect`), and this translation is not made.",
     "/reasoning_effort", group="agentgateway", case="gpt_adaptive_thinking_with_tools", theirs="none", ours="medium")
rule("server-search",
     "Claude's web search is `web_search_options` in Chat (rule 9); the second peer drops it. A function's schema without properties "
     "has an empty list of them, as OpenAI demands.",
     r"/(web_search_options|tools\[\]/function/parameters/properties)", to="chat_completions", case="server_tools",
     theirs=ABSENT, ours={})


def is_marked_image(difference):
    mark = {"mode": "explicit"}
    images = [part for turn in difference.body["messages"] if turn["role"] == "user" for part in turn["content"]]
    if len(images) != 3 or any(set(part) != {"type", "image_url", "prompt_cache_breakpoint"} for part in images):
        return False
    if difference.theirs == ABSENT and isinstance(difference.ours, dict):
        return difference.ours == mark or difference.ours == {"role": "user", "content": images[1:]} and all(
            part["prompt_cache_breakpoint"] == mark and part["type"] == "image_url"
            and part["image_url"] == {"url": "data:image/png;base64,aGVsbG8="} for part in images)
    return difference.theirs == mark and difference.ours == ABSENT or difference.theirs == [
        {"type": "text", "text": "", "prompt_cache_breakpoint": mark}
    ] and difference.ours == "The result stands in the next user message."


def is_function_of_old(vector, tool):
    """A tool is one of the request's `functions`."""
    (function,) = vector.asked["functions"]
    names = {"name": function["name"], "description": function["description"]}
    return tool in (
        {**names, "input_schema": function["parameters"]},
        {"toolSpec": {**names, "inputSchema": {"json": function["parameters"]}}},
    )


# MARK: - Answers


rule("as-it-came",
     "In the client's own dialect it is told what the provider said, count for count. The peer adds up (xAI's thinking), makes up "
     "(counts where a stream told none; thinking tokens by counting words), cuts out (<think> within a text), glues together "
     "(calls that come with one index), and leaves out (refusals, `length`).",
     "/.*", kind="answer", when=lambda v, d: d.is_as_it_came)
rule("thoughts-apart",
     "A blank line stands between two thoughts in `reasoning_content`; the peer glues them together.",
     r"/choices\[\]/thinking", kind="answer", when=lambda v, d: "".join(d.theirs.split()) == "".join(d.ours.split()))
rule("thinking-tokens-invented",
     "Where a provider does not tell thinking apart, nothing is told: the peer counts words with its own tokenizer.",
     "/reasoning", kind="answer", ours=ABSENT, to="chat_completions",
     when=lambda v, d: not re.search(r'"(reasoning_tokens|thinking_tokens|thoughtsTokenCount)"\s*:\s*[1-9]', v.raw))
rule("usage-invented",
     "Where a stream tells no usage, the client is told none; the peer counts words, or says 0.",
     "/(input|output)", kind="answer", ours=ABSENT,
     when=lambda v, d: not re.search(r'"usage(Metadata)?"\s*:\s*\{\s*"|eval_count"', v.raw))
rule("cohere-billed",
     "`billed_units` is what Cohere bills; `tokens` holds its own prompt too (https://docs.cohere.com/docs/how-does-cohere-pricing-work). "
     "Streams tell it at their end; the peer invents counts there. Cached tokens are told, without those of Cohere's own prompt.",
     "/(input|output|cached|reasoning)", kind="answer", source="cohere_chat",
     when=lambda v, d: d.ours == cohere_counts(v)[d.path])
rule("cohere-plan",
     "Cohere's `tool_plan` and thinking are `reasoning_content`; the peer drops both.",
     r"/choices\[\]/thinking", kind="answer", source="cohere_chat", theirs=ABSENT,
     when=lambda v, d: "".join(d.ours.split()) == cohere_thoughts(v))
rule("cohere-end",
     "An answer with calls ends with `tool_calls`, one that was cut with `length`: the peer says stop.",
     r"/choices\[\]/end", kind="answer", source="cohere_chat", theirs="stop",
     when=lambda v, d: d.ours == {"TOOL_CALL": "tool_calls", "MAX_TOKENS": "length"}[v.documents["finish_reason"]])
rule("cohere-error",
     "A stream that ends in ERROR failed, and the client is told so; the peer says stop.",
     "broken", kind="answer", source="cohere_chat",
     when=lambda v, d: [d.ours] == list(named(v.documents, "error")) and "ERROR" in named(v.documents, "finish_reason"))


def is_of_the_client(vector, difference):
    """Our calls and our end are those of the provider's that are the client's."""
    if not documents(vector):  # AWS' frames, which are not read here.
        return difference.ours == ABSENT and difference.theirs[0].startswith("nova_")
    calls, end = calls_of_clients(vector)
    ours = difference.body["choices"][0]
    return ours.get("calls", []) == calls and ours.get("end") == end


rule("server-tools",
     "What the provider runs itself (searches, code, its tools' search) is no call of the client's (rule 9): a client that ran it "
     "would answer nobody's question. The peer tells it as `tool_calls`, with the end `stop`, or `tool_calls` in streams.",
     r"/choices\[\]/(calls(\[\]){0,2}|end)", kind="answer", to="chat_completions",
     when=lambda v, d: ("server_tool_use" in v.raw or "nova_" in v.raw) and is_of_the_client(v, d))
rule("tags-kept",
     "Tags within a text (Nova's and DeepSeek's <thinking>) are text: who wrote them is not known. The peer cuts them out.",
     r"/choices\[\]/(text|thinking)", kind="answer",
     when=lambda v, d: re.search("<think(ing)?>", d.our_parent["text"]) and (d.path.endswith("text") or d.ours == ABSENT)
     and d.our_parent["text"] == (bedrock_text(v) if v.source == "converse" else v.documents["message"]["content"]))
rule("cited-words",
     "Words that Bedrock cites are words of the answer (`citationsContent`): the peer leaves them out of its sentence.",
     r"/choices\[\]/text", kind="answer", source="converse",
     when=lambda v, d: "citationsContent" in v.raw and d.ours == bedrock_text(v))
rule("stream-counts",
     "What a stream tells of its counts is told, where it stands (Groq: `x_groq.usage`; Together: beside the last choice). The peer reads "
     "it in one place and makes it up elsewhere.",
     "/(input|output)", kind="answer", when=lambda v, d: v.kind == "stream" and v.source == v.target and is_told(v, d))
rule("end-told",
     "The provider says how the answer ended, and so the client is told; the peer stops reading at a chunk that it does not expect.",
     r"/choices\[\]/end", kind="answer", theirs=ABSENT,
     when=lambda v, d: re.search(rf'"finish_reason":\s*"{d.ours}"', v.raw))
rule("bedrock-stream-usage",
     "Bedrock's stream tells its counts in `metadata`, behind the end: told as they are. The peer stops before and makes them up.",
     "/(input|output|cached)", kind="answer", source="converse",
     when=lambda v, d: v.kind == "stream" and is_told(v, d))
rule("google-tool-tokens",
     "Tokens of Google's own tools (`toolUsePromptTokenCount`) are input: with them the sum is `totalTokenCount`.",
     "/input", kind="answer", source="generate_content",
     when=lambda v, d: d.ours == sum_of(v, "promptTokenCount", "toolUsePromptTokenCount") > d.theirs)
rule("google-words",
     "What Google says about a refusal is told (`refusal`), and what Model Armor withheld is `content_filter`; the peer says stop.",
     r"/choices\[\]/(refusal|end)", kind="answer", source="generate_content",
     when=lambda v, d: d.theirs == ABSENT and d.ours in [
         *named(v.documents, "finishMessage"), *named(v.documents, "blockReasonMessage")]
     or (d.theirs, d.ours) == ("stop", "content_filter") and "MODEL_ARMOR" in named(v.documents, "finishReason"))
rule("blank-lines",
     "Its author took the blank lines out: no event of the stream ends (exceptions.txt).",
     "broken", kind="answer", source="generate_content", ours="cut",
     when=lambda v, d: "\n\n" not in v.raw.replace("\r", "").strip())
rule("advisor",
     "What an advisor's model used stands in `iterations` under its own name and price, not in the sums of the model that was "
     "asked; the peer adds it to these at their price.",
     "/(input|output)", kind="answer", source="messages",
     when=lambda v, d: "advisor_message" in v.raw and d.ours == v.documents["usage"][f"{d.path[1:]}_tokens"])
rule("refused-before",
     "The last count of a stream holds: `message_delta` says 0 where `message_start` said 1.",
     "/output", kind="answer", source="messages", theirs=1, ours=0)
rule("cache-in-input",
     "OpenAI's `prompt_tokens` and `input_tokens` include what was read from the cache and written to it "
     "(https://platform.openai.com/docs/guides/prompt-caching); the second peer leaves them out.",
     "/input", kind="answer", group="agentgateway", to=("chat_completions", "responses"),
     when=lambda v, d: d.ours > d.theirs and d.ours in (
         sum_of(v, "input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"),
         sum_of(v, "inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens")))
rule("whole-output",
     "Google's OpenAI-compatible path leaves thinking out of `completion_tokens` and has it in the total: output is the total "
     "without the input. The second peer bills and tells too little.",
     "/output", kind="answer", group="agentgateway", source="chat_completions",
     when=lambda v, d: d.ours == count(v.raw, "total_tokens") - count(v.raw, "prompt_tokens"))
rule("responses-word",
     "`max_output_tokens` is OpenAI's word in `incomplete_details`; the second peer's `max_tokens` is none.",
     "/why", kind="answer", to="responses", theirs="max_tokens", ours="max_output_tokens")
rule("thinking-as-text",
     "Thinking without a signature is thinking (a `reasoning` item); the second peer tells it as the answer's text.",
     "/(text|thinking)", kind="answer", group="agentgateway", source="converse", to="responses",
     when=lambda v, d: d.their_body["text"] == d.body["thinking"] + d.body["text"] and stands(v, d.body["thinking"]))
rule("arguments-cut",
     "Arguments that the cap cut are no object: `_raw` holds the text, where an object must stand; the peer's text breaks the SDK's model.",
     r"/calls\[\]\[\]", kind="answer", to="messages", case="truncated_tool_call",
     when=lambda v, d: d.ours == {"_raw": d.theirs})
rule("spoken",
     "`content` is null beside a sound at OpenAI, and the transcript is what is told; this fixture has the same words in both, and "
     "both are told.",
     "/text", kind="answer", group="agentgateway", case="^audio", when=lambda v, d: d.ours == 2 * d.theirs)
rule("stream-items",
     "The second peer's stream ends items without their texts and calls (`response.output_item.done` is empty), where OpenAI's SDK "
     "reads them.",
     "/text", kind="answer", group="agentgateway", to="responses", theirs=ABSENT,
     when=lambda v, d: d.ours == HEARERS["chat_completions"](v.documents)["choices"][0]["text"])
rule("ollama-index",
     "Calls of one answer have an index each: the peer gives all 0, and clients glue them together.",
     r"/choices\[\]/calls\[\].*", kind="answer", source="ollama_chat", when=lambda v, d: d.body["choices"][0]["calls"] == [
         [call["function"]["name"], call["function"]["arguments"]] for calls in named(documents(v), "tool_calls") for call in calls])
rule("ollama-counts",
     "Ollama leaves `prompt_eval_count` out where the prompt was cached: 0 is what it said; the peer counts words.",
     "/input", kind="answer", source="ollama_chat", theirs=8, ours=0)


def first_response(vector):
    """What is heard of a stream up to its first end."""
    kinds = [document.get("type") for document in vector.documents]
    return heard("responses", vector.documents[: kinds.index("response.completed") + 1])


def streamed_text(vector):
    return "".join(each["delta"] for each in vector.documents if each["type"] == "response.output_text.delta")


rule("two-responses",
     "A recorder put several responses into one stream: here the first that ends is the answer. Another's author wrote deltas that "
     "are not how the text begins that his own event ends with: what a client was sent stands.",
     r"/(text|calls\[\])", kind="answer", source="responses", to="responses", group="stream: responses",
     when=lambda v, d: d.body == first_response(v) if v.raw.count('"response.created"') > 1 else d.ours == streamed_text(v))
