"""What is not as it should be, record by record, with the reason and where it shows in the record: exceptions.txt.

    KIND: why
        RECORD DIALECT, DIALECT: where; where

KIND is one of
- `unread`: the record is no reply of its dialect, or none that can be read: no client is told anything;
- `failed`: the provider failed with a status of 200: each client gets an error;
- `reply`, `request`: in these clients' (providers') dialects it is not as it should be;
- `own`: what the provider itself sends, its own dialect's SDK does not take. In the same dialect the bytes pass.

scripts/fidelity fails for what it finds and is not here, and for what is here and fine. With --write it takes that out, and adds
what it finds of `own` and `failed` under the reason `?`, which is none: that is written by hand, for each.
"""

import collections
import pathlib
import re

FILE = pathlib.Path(__file__).with_name("exceptions.txt")
EVERYWHERE = "everywhere"
NO_REASON = "?"
# What a run finds out by itself; the rest it can only find fine.
FOUND = ("own", "failed")


class Exceptions:
    def __init__(self, text):
        self.entries = {}  # (kind, record, dialect, where) → why, in the order of the file
        kind, why = None, None
        for line in text.splitlines():
            if found := re.fullmatch(r"(\w+): (.+)", line):
                kind, why = found.groups()
            elif found := re.fullmatch(r"    (\S+) ([\w, ]+): (.+)", line):
                record, dialects, places = found.groups()
                for dialect in dialects.split(", "):
                    for place in places.split("; "):
                        self.entries[kind, record, dialect, place] = why
            elif line and not line.startswith("#"):
                raise ValueError(f"{FILE.name}: {line!r}")

    @classmethod
    def read(cls):
        return cls(FILE.read_text())

    def covers(self, kind, record, dialect):
        """Whether a failure of a reply, or of a request, at this dialect is a known one: as (kind, record, dialect), or None."""
        for key in ((kind, record, dialect), ("unread", record, EVERYWHERE)):
            if any(entry[:3] == key for entry in self.entries):
                return key
        return None

    def faults(self, found, judged, known):
        """What is wrong with the list.

        - Parameters:
          - found: (kind, record, dialect, where) of what is not as it should be; where is None of what was found by covers().
          - judged: the ids of the records that were looked at.
          - known: the ids of all records there are.
        """
        keys = {entry[:3] for entry in found}
        faults = [f"{' '.join(map(str, entry))}: is no exception that exceptions.txt lists" for entry in sorted(
            entry for entry in found if entry[3] is not None and entry not in self.entries)]
        for entry, why in self.entries.items():
            name = " ".join(entry)
            if why == NO_REASON:
                faults.append(f"{name}: has no reason in exceptions.txt")
            if entry[1] not in known:
                faults.append(f"{name}: exceptions.txt lists a record that is not there")
            elif entry[1] in judged and not (entry in found if entry[0] in FOUND else entry[:3] in keys):
                faults.append(f"{name}: exceptions.txt lists it, and it is fine")
        return faults

    def update(self, found, judged):
        """Takes out what is fine, and adds what a run can find out, without a reason."""
        keys = {entry[:3] for entry in found}
        self.entries = {
            entry: why for entry, why in self.entries.items()
            if entry[1] not in judged or (entry in found if entry[0] in FOUND else entry[:3] in keys)
        }
        for entry in sorted(entry for entry in found if entry[3] is not None):
            self.entries.setdefault(entry, NO_REASON)

    def by_reason(self):
        """(kind, why) → record → where → dialects."""
        reasons = {}
        for (kind, record, dialect, place), why in self.entries.items():
            records = reasons.setdefault((kind, why), {})
            records.setdefault(record, {}).setdefault(dialect, []).append(place)
        return reasons

    def write(self):
        head = [line for line in FILE.read_text().splitlines() if line.startswith("#")]
        lines = [*head]
        for (kind, why), records in self.by_reason().items():
            lines += ["", f"{kind}: {why}"]
            for record, dialects in sorted(records.items()):
                together = collections.defaultdict(list)
                for dialect, places in dialects.items():
                    together["; ".join(places)].append(dialect)
                lines += [f"    {record} {', '.join(names)}: {places}" for places, names in together.items()]
        FILE.write_text("\n".join(lines) + "\n")


def place(fault):
    """Where in a record a complaint of an SDK's is: without numbers, and down to where models part; else the complaint."""
    found = re.fullmatch(r"([^:\s]+): \w+", fault) or re.fullmatch(r"(?:reply|event)\.(\S+) is (?:unknown|missing|a union of.*)", fault)
    if found is None:
        return fault.replace(";", ",")
    path = found[1].replace(".…", "[]").replace("[…]", "[]")
    return re.sub(r"(^|\.)[A-Z].*", "", path)
