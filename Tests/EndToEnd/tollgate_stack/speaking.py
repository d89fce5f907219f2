"""One interface to the official SDKs: a conversation that keeps its history in its dialect's own form.

What the gateway answered goes back as the SDK's user would send it: the SDK's own objects, whole or as streamed.
"""

from dataclasses import dataclass, field


@dataclass
class Call:
    id: str
    name: str
    arguments: object


@dataclass
class Usage:
    """In every dialect the same: input includes cached input and cache writes, output includes reasoning."""

    input: int
    output: int
    cached: int = 0
    written: int = 0


@dataclass
class Said:
    text: str = ""
    thinking: str = ""
    redacted: int = 0
    calls: list = field(default_factory=list)
    stop: str = ""
    usage: Usage = None
    headers: dict = field(default_factory=dict)
    raw: object = None


class Speaker:
    """One conversation of one SDK with one model."""

    # The dialect's words for an end: by itself, at the limit, at a stop sequence, with calls.
    ENDS = {}
    DIALECT = ""

    def __init__(self, client, model):
        self.client = client
        self.model = model
        self.history = []

    def ask(self, text=None, stream=False, image=None, **options):
        """Says something and returns the answer, which stays in the history."""
        if text is not None or image is not None:
            self.say(text, image)
        return self.streamed(**options) if stream else self.whole(**options)


def schema_name(schema):
    return schema.get("title", "answer")
