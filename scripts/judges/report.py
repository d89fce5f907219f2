"""The matrix as text, as JUnit's XML, and in docs/FIDELITY.md."""

import collections
import re
import xml.etree.ElementTree as ElementTree

import corpus

BEGIN, END = "<!-- written by scripts/fidelity: begin -->", "<!-- written by scripts/fidelity: end -->"


def table(rows):
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return "\n".join(lines)


def cell(findings, kind, source, target):
    counts = {word: findings.cells[kind, source, target, word] for word in ("ok", "own", "failed", "excepted")}
    words = str(counts["ok"] + counts["own"])
    if counts["failed"]:
        words += f", **{counts['failed']} failed**"
    return words + (f" (−{counts['excepted']})" if counts["excepted"] else "")


def matrix(findings, kind):
    rows = [["provider ↓ client →", *corpus.CLIENTS]]
    return table(rows + [[source, *(cell(findings, kind, source, to) for to in corpus.CLIENTS)] for source in corpus.PROVIDERS])


def requests(findings):
    rows = [["client ↓ provider →", *corpus.PROVIDERS]]
    for source in corpus.CLIENTS:
        row = [source]
        for target in corpus.PROVIDERS:
            encoded = findings.requests[source, target, "encoded"]
            refused = findings.requests[source, target, "refused"]
            row.append(f"{encoded}" + (f" / {refused}" if refused else ""))
        rows.append(row)
    return table(rows)


def text(findings):
    parts = ["### Whole replies", matrix(findings, "reply"), "### Streams", matrix(findings, "stream")]
    parts += ["### Requests (encoded / refused)", requests(findings)]
    return "\n\n".join(parts)


def junit(path, findings, faults):
    """A test case for each cell in which anything was translated, and one for the list of exceptions."""
    suite = ElementTree.Element("testsuite", name="fidelity")
    failures = collections.defaultdict(list)
    for name, kind, source, target, why in findings.failures:
        failures[kind, source, target].append(f"{name}: {why}")
    seen = {(kind, source, target) for kind, source, target, _ in findings.cells}
    seen |= {("request", source, target) for source, target, _ in findings.requests}
    for kind, source, target in sorted(seen | set(failures)):
        case = ElementTree.SubElement(suite, "testcase", classname=f"fidelity.{kind}", name=f"{source} → {target}")
        if failures[kind, source, target]:
            why = "\n".join(failures[kind, source, target][:5])
            ElementTree.SubElement(case, "failure", message=re.sub(r"[^\t\n -\ud7ff]", "?", why))
    case = ElementTree.SubElement(suite, "testcase", classname="fidelity", name="exceptions")
    if faults:
        ElementTree.SubElement(case, "failure", message="\n".join(faults[:5]))
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


# MARK: - docs/FIDELITY.md

def general(why):
    """A refusal's words without places and values."""
    why = re.sub(r"\[\d+\]", "[…]", why)
    return re.sub(r"'[^']*'|\"[^\"]*\"", "…", why)[:110]


def refusals(findings):
    """(client, provider) → the most frequent words."""
    groups = collections.defaultdict(collections.Counter)
    for (source, target, why), count in findings.refusals.items():
        groups[target][general(why)] += count
    rows = [["provider", "refused because"]]
    for target in corpus.PROVIDERS:
        words = [f"{why} ({count})" for why, count in groups[target].most_common(6)]
        rows.append([target, "; ".join(words).replace("|", "\\|") or "–"])
    return table(rows)


def dropped(findings, kinds, sources, targets):
    rows = [["from ↓ to →", *targets]]
    for source in sources:
        row = [source]
        for target in targets:
            names = collections.Counter()
            for kind in kinds:
                for (kind_, source_, target_, name), count in findings.dropped.items():
                    if (kind_, source_, target_) == (kind, source, target):
                        names[name] += count
            row.append(", ".join(f"`{name}` {count}" for name, count in names.most_common(4)) or "–")
        rows.append(row)
    return table(rows)


def exceptions_table(listed):
    rows = [["record", "in", "where in the record", "why"]]
    for (kind, why), records in listed.by_reason().items():
        for record, dialects in sorted(records.items()) if kind != "own" else ():
            places = dict.fromkeys(place for each in dialects.values() for place in each)
            what = "requests to " if kind == "request" else ""
            where = ", ".join(f"`{place}`" for place in places)
            rows.append([record, what + ", ".join(dialects), where, cell_text(why)])
    return table(rows)


def own_table(listed):
    """Each record by its id: those that show it at the same places are in one row."""
    rows = [["dialect", "where in the record", "why its SDK does not take it", "records"]]
    for (kind, why), records in listed.by_reason().items():
        alike = collections.defaultdict(list)
        for record, dialects in sorted(records.items()) if kind == "own" else ():
            for dialect, places in dialects.items():
                alike[dialect, tuple(places)].append(record)
        for (dialect, places), names in sorted(alike.items()):
            where = ", ".join(f"`{cell_text(place)}`" for place in places)
            rows.append([dialect, where, cell_text(why), " ".join(names)])
    return table(rows)


def cell_text(words):
    return words.replace("|", "\\|")


def write(path, findings, listed, count):
    parts = [
        f"{count} records. In a cell: how many were translated and taken by the client's SDK; −N are the exceptions below.",
        text(findings),
        "### Exceptions, one by one",
        "`scripts/judges/exceptions.txt` lists them; what is found and not there is a failure, and so is what is there and fine. Of a "
        "failure of the provider's with a status of 200 each client gets the error.",
        exceptions_table(listed),
        "### What providers send against their own SDK's models, record by record",
        "In the same dialect bytes pass through, so these reach the client as they are; counted as translated above.",
        own_table(listed),
        "### Why requests are refused",
        refusals(findings),
        "### What is dropped most, and reported (`x-tollgate-dropped`)",
        "Requests, by the client's dialect:",
        dropped(findings, ["request"], corpus.CLIENTS, corpus.PROVIDERS),
        "Replies, by the provider's dialect:",
        dropped(findings, ["reply", "stream"], corpus.PROVIDERS, corpus.CLIENTS),
    ]
    page = path.read_text()
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    path.write_text(before + BEGIN + "\n\n" + "\n\n".join(parts) + "\n\n" + END + after)
