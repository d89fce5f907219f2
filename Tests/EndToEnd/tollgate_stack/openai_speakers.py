"""The openai package as a speaker of its two dialects."""

import base64
import json

import openai

from .speaking import Call, Said, Speaker, Usage, schema_name


class Chat(Speaker):
    DIALECT = "chat"
    ENDS = {"stop": "stop", "length": "length", "sequence": "stop", "calls": "tool_calls"}

    @staticmethod
    def connect(url, key):
        return openai.OpenAI(api_key=key, base_url=f"{url}/v1", max_retries=0, timeout=20)

    def say(self, text, image=None):
        if image:
            data = "data:image/png;base64," + base64.b64encode(image).decode()
            content = [{"type": "image_url", "image_url": {"url": data}}, {"type": "text", "text": text}]
            self.history.append({"role": "user", "content": content})
        else:
            self.history.append({"role": "user", "content": text})

    def results(self, results, errors=()):
        for call, text in results:
            self.history.append({"role": "tool", "tool_call_id": call.id, "content": text})

    def members(self, tools=(), think=False, schema=None, stop=None, max_tokens=None, system=None, **more):
        body = {"model": self.model, "messages": list(self.history), **more}
        if system:
            body["messages"].insert(0, {"role": "system", "content": system})
        if tools:
            body["tools"] = [{"type": "function", "function": tool} for tool in tools]
        if think:
            body["reasoning_effort"] = "low"
        if schema:
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": schema_name(schema), "schema": schema, "strict": True},
            }
        if stop:
            body["stop"] = [stop]
        if max_tokens:
            body["max_completion_tokens"] = max_tokens
        return body

    def whole(self, **options):
        raw = self.client.chat.completions.with_raw_response.create(**self.members(**options))
        answer = raw.parse()
        choice = answer.choices[0]
        message = choice.message.model_dump(exclude_none=True)
        return self.said(message, choice.finish_reason, answer.usage, raw.headers, answer)

    def streamed(self, **options):
        usage = {"include_usage": True}
        stream = self.client.chat.completions.create(stream=True, stream_options=usage, **self.members(**options))
        message, stop, usage, chunks = {"role": "assistant"}, "", None, []
        for chunk in stream:
            chunks.append(chunk)
            if chunk.usage:
                assert usage is None and chunk.choices == [], "one usage chunk, without choices"
                usage = chunk.usage
            for choice in chunk.choices:
                stop = choice.finish_reason or stop
                self.fold(choice.delta.model_dump(exclude_none=True), message)
        assert chunks[0].choices[0].delta.role == "assistant"
        assert len({chunk.id for chunk in chunks}) == 1
        calls = message.pop("calls", {})
        if calls:
            message["tool_calls"] = [calls[index] for index in sorted(calls)]
        return self.said(message, stop, usage, stream.response.headers, chunks)

    @staticmethod
    def fold(delta, message):
        for name in ("content", "reasoning_content", "refusal"):
            if name in delta:
                message[name] = message.get(name, "") + delta[name]
        for block in delta.get("thinking_blocks", []):
            message.setdefault("thinking_blocks", []).append(block)
        for piece in delta.get("tool_calls", []):
            call = message.setdefault("calls", {}).setdefault(piece["index"], {"type": "function"})
            for name in ("id", "type", "extra_content"):
                if name in piece:
                    call[name] = piece[name]
            function = call.setdefault("function", {"name": "", "arguments": ""})
            for name in ("name", "arguments"):
                function[name] += piece.get("function", {}).get(name) or ""

    def said(self, message, stop, usage, headers, raw):
        self.history.append(message)
        calls = [
            Call(call["id"], call["function"]["name"], json.loads(call["function"]["arguments"]))
            for call in message.get("tool_calls", [])
        ]
        details = usage.prompt_tokens_details
        used = Usage(usage.prompt_tokens, usage.completion_tokens, details.cached_tokens or 0 if details else 0)
        used.written = getattr(details, "cache_write_tokens", None) or 0
        redacted = [block for block in message.get("thinking_blocks", []) if block["type"] == "redacted_thinking"]
        return Said(
            message.get("content") or "", message.get("reasoning_content") or "", len(redacted), calls, stop, used,
            headers, raw,
        )  # fmt: skip


class Responses(Speaker):
    DIALECT = "responses"
    ENDS = {"stop": "completed", "length": "max_output_tokens", "sequence": None, "calls": "completed"}
    connect = Chat.connect

    def say(self, text, image=None):
        content = [{"type": "input_text", "text": text}]
        if image:
            data = "data:image/png;base64," + base64.b64encode(image).decode()
            content.insert(0, {"type": "input_image", "image_url": data, "detail": "auto"})
        self.history.append({"role": "user", "content": content})

    def results(self, results, errors=()):
        for call, text in results:
            self.history.append({"type": "function_call_output", "call_id": call.id, "output": text})

    def members(self, tools=(), think=False, schema=None, stop=None, max_tokens=None, system=None, **more):
        body = {"model": self.model, "input": list(self.history), "store": False, **more}
        if system:
            body["instructions"] = system
        if tools:
            body["tools"] = [{"type": "function", "strict": False, **tool} for tool in tools]
        if think:
            body["reasoning"] = {"effort": "low", "summary": "auto"}
            body["include"] = ["reasoning.encrypted_content"]
        if schema:
            body["text"] = {
                "format": {"type": "json_schema", "name": schema_name(schema), "schema": schema, "strict": True}
            }
        if max_tokens:
            body["max_output_tokens"] = max_tokens
        return body

    def whole(self, **options):
        raw = self.client.responses.with_raw_response.create(**self.members(**options))
        return self.said(raw.parse(), raw.headers)

    def streamed(self, **options):
        stream = self.client.responses.create(stream=True, **self.members(**options))
        final, number = None, 0
        deltas = ""
        for event in stream:
            assert event.sequence_number == number, (event, number)
            number += 1
            if event.type == "response.output_text.delta":
                deltas += event.delta
            if event.type in ("response.completed", "response.incomplete", "response.failed"):
                final = event.response
        said = self.said(final, stream.response.headers)
        assert deltas == said.text
        return said

    def said(self, answer, headers):
        self.history += [item.model_dump(exclude_none=True) for item in answer.output]
        calls = [
            Call(item.call_id, item.name, json.loads(item.arguments))
            for item in answer.output
            if item.type == "function_call"
        ]
        reasoning = [item for item in answer.output if item.type == "reasoning"]
        thinking = "".join(part.text for item in reasoning for part in item.summary)
        redacted = sum(1 for item in reasoning if not item.summary)
        stop = answer.incomplete_details.reason if answer.incomplete_details else answer.status
        usage = Usage(
            answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.input_tokens_details.cached_tokens
        )
        usage.written = getattr(answer.usage.input_tokens_details, "cache_write_tokens", 0) or 0
        return Said(answer.output_text, thinking, redacted, calls, stop, usage, headers, answer)
