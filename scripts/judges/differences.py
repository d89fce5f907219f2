"""Where we differ from the peers, and why: each difference between their vectors and ours stands under a rule."""

import dataclasses
import re
from collections.abc import Callable


@dataclasses.dataclass
class Rule:
    id: str
    where: str
    why: str
    matches: Callable


RULES = []


def rule_for(vector, difference):
    return next((rule for rule in RULES if rule.matches(vector, difference)), None)
