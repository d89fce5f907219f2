"""Would a wrong program be noticed? Each difference that a rule of differences.py covers is made wrong in simple ways (a number
more, another word, a text cut, a member or an element gone), and what still stands under rules then is counted by rule.

A rule that covers more than a quarter of its mutants says too little of our value, and is a failure. Of what we leave out, the
peer's value made wrong is a mutant.
"""

import contextlib
import copy
import dataclasses
import json

from peers import ABSENT, differences_of

WORD = "something else"
# The share of its mutants that a rule may cover: an empty list beside none is the same, but for the mutant's maker.
COVERED_MOST = 0.25


def leaves(value, way=()):
    """The ways to all that is no object and no list."""
    if isinstance(value, (dict, list)) and value:
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(each, (*way, key))
    else:
        yield way


def altered(value, way, change):
    """A copy in which `change` was made at the end of a way; it takes the holder and the key."""
    holder = result = copy.deepcopy([value])
    *before, last = (0, *way)
    for key in before:
        holder = holder[key]
    change(holder, last)
    return result[0] if result else ABSENT


def set_to(new):
    def change(holder, key):
        holder[key] = new

    return change


def drop(holder, key):
    del holder[key]


def wrong(leaf):
    """What a program that is wrong might say instead."""
    if isinstance(leaf, bool):
        return [not leaf]
    if isinstance(leaf, (int, float)):
        return [leaf + 1]
    if isinstance(leaf, str):
        return [WORD, *([leaf[: len(leaf) // 2]] if len(leaf) > 3 else [])]
    return [WORD]


def mutants(value):
    """The value made wrong: at its first and at its last leaf, and without its first and its last member."""
    found = []
    ways = list(leaves(value))
    for way in dict.fromkeys((ways[0], ways[-1])):
        leaf = value
        for key in way:
            leaf = leaf[key]
        found += [altered(value, way, set_to(new)) for new in wrong(leaf)]
    if isinstance(value, (dict, list)) and value:
        keys = list(value) if isinstance(value, dict) else range(len(value))
        found += [altered(value, (key,), drop) for key in dict.fromkeys((keys[0], keys[-1]))]
    unique = {json.dumps(each, sort_keys=True): each for each in found if each != value}
    return list(unique.values())


def of(difference):
    """Other values for our side of a difference: of what we leave out, what the peer says, made wrong."""
    if difference.ours == ABSENT:
        return mutants(difference.theirs)
    dropped = [] if difference.theirs == ABSENT else [ABSENT]
    return [each for each in mutants(difference.ours) + dropped if each != difference.theirs]


@contextlib.contextmanager
def changed(difference, value):
    """The differences while our side has another value at this place."""
    if difference.body is None:
        yield [dataclasses.replace(difference, ours=value)]
        return
    place(difference, difference.ours, value)
    try:
        yield differences_of(difference.their_body, difference.body)
    finally:
        place(difference, value, difference.ours)


def place(difference, old, new):
    holder, key = difference.our_parent, difference.key
    if isinstance(holder, dict):
        holder.pop(key, None)
        if new != ABSENT:
            holder[key] = new
    else:
        holder[key : key + (old != ABSENT)] = [] if new == ABSENT else [new]


def known(difference):
    return json.dumps((difference.path, difference.theirs, difference.ours), sort_keys=True, default=str)


def judged(vector, found, rule_for):
    """(rule, difference, mutant, whether it is still covered) of each mutant of a vector's differences."""
    before = {known(difference) for difference in found}
    for difference in found:
        rule = rule_for(vector, difference)
        for value in of(difference) if rule else ():
            with changed(difference, value) as remade:
                new = [each for each in remade if known(each) not in before]
                covered = all(rule_for(vector, each) for each in new)
            if new:
                yield rule, difference, value, covered
