#!/usr/bin/env python3
"""Proves on recorded traffic that every provider dialect reaches every client dialect, and writes docs/FIDELITY.md.

Each recorded reply, whole or a stream, goes through `tollgate translate` into each client dialect, and that client's own SDK
judges what comes out; what the clients are told (text and calls) has to be the same for all. Each recorded request goes
into each provider dialect: encoded, with what dropped, or refused with which words. Ends with 1 where something fails
that exceptions.txt does not list, record by record, and where that lists what is fine or gives no reason.
"""

import argparse
import base64
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import shlex
import subprocess
import sys

import corpus
import exceptions
import report
import sdk

ROOT = pathlib.Path(__file__).resolve().parents[2]
LISTED = exceptions.Exceptions.read()


class Findings:
    """What was found, as counts that can be summed."""

    def __init__(self):
        self.cells = collections.Counter()  # (kind, from, to, "ok" | "failed" | "excepted")
        self.failures = []  # (record, kind, from, to, why)
        self.exceptions = set()  # (kind, record, dialect, where), see exceptions.py
        self.requests = collections.Counter()  # (from, to, "encoded" | "refused")
        self.refusals = collections.Counter()  # (from, to, why)
        self.dropped = collections.Counter()  # (kind, from, to, name)

    def add(self, other):
        self.failures += other.failures
        for name in ("cells", "exceptions", "requests", "refusals", "dropped"):
            getattr(self, name).update(getattr(other, name))


def jobs(record):
    common = {"id": record.id, "from": record.dialect, "model": record.model}
    if record.status < 400 and record.body:
        kind = "stream" if record.streaming else "reply"
        job = {**common, "kind": kind, "to": corpus.CLIENTS, "base64": base64.b64encode(record.body).decode()}
        if record.framing:
            job["source_framing"] = record.framing
        yield job
        if kind == "stream":
            yield {**job, "to": ["generate_content"], "framing": "array"}
    if record.request is not None and record.dialect in corpus.CLIENTS:
        yield {
            **common, "kind": "request", "to": corpus.PROVIDERS, "body": record.request, "stream": record.streaming,
        }


def translated(program, batch):
    """(job, record, target, answer) of each translation of a batch, by one process."""
    asked = [(job, record) for record in batch for job in jobs(record)]
    text = "".join(json.dumps(job) + "\n" for job, _ in asked)
    run = subprocess.run([*shlex.split(program), "--lines"], input=text.encode(), capture_output=True)
    if run.returncode:
        raise SystemExit(f"{program} ended with {run.returncode}: {run.stderr.decode()[-400:]}")
    answers = iter(run.stdout.decode().splitlines())
    for job, record in asked:
        for target in job["to"]:
            answer = json.loads(next(answers))
            assert answer["id"] == record.id and answer["to"] == target
            yield job, record, target, answer


def judged(program, batch):
    findings = Findings()
    heard = collections.defaultdict(list)  # (record, kind) → (client, Told)
    for job, record, target, answer in translated(program, batch):
        if job["kind"] == "request":
            take_request(findings, record, target, answer)
        else:
            told = take_reply(findings, job, record, target, answer)
            if told is not None:
                heard[record.id, job["kind"]].append((record, target, told))
    for (_, kind), clients in heard.items():
        compare(findings, kind, clients)
    return findings


def fail(findings, record, kind, target, why):
    known = LISTED.covers("request" if kind == "request" else "reply", record.id, target)
    if known:
        findings.exceptions.add((*known, None))
        findings.cells[kind, record.dialect, target, "excepted"] += 1
    else:
        findings.failures.append((record.name, kind, record.dialect, target, why))
        findings.cells[kind, record.dialect, target, "failed"] += 1


def take_reply(findings, job, record, target, answer):
    """What the client is told; None where it is told nothing that can be compared."""
    kind = job["kind"]
    if answer.get("failed") is not None and record.provider != "golden":
        findings.exceptions.add(("failed", record.id, record.dialect, "error"))
    if answer.get("failed") is not None and kind == "reply":
        return None  # the provider's own failure with status 200: the client gets its error
    if "error" in answer:
        fail(findings, record, kind, target, answer["error"])
        return None
    for name in answer.get("dropped", []):
        findings.dropped[kind, record.dialect, target, name] += 1
    broken = kind == "stream" and (answer.get("failed") is not None or not answer["complete"])
    is_cut = kind == "stream" and not answer["complete"] and answer.get("failed") is None
    if is_cut and record.provider != "golden":
        fail(findings, record, kind, target, "the stream is not complete")
        return None
    output = base64.b64decode(answer["base64"]) if kind == "stream" else answer["output"]
    try:
        told = sdk.judge(target, kind, output, broken)
    except sdk.Rejected as error:
        if target == record.dialect and is_own(record, kind, target, error):
            places = {exceptions.place(fault) for fault in error.faults}
            findings.exceptions |= {("own", record.id, target, place) for place in places}
            findings.cells[kind, record.dialect, target, "own"] += 1
        else:
            fail(findings, record, kind, target, str(error))
        return None
    findings.cells[kind, record.dialect, target, "ok"] += 1
    return None if broken else told


def is_own(record, kind, target, error):
    """Each fault is in the provider's own answer too, which in its own dialect passes through."""
    try:
        return error.faults <= sdk.faults_of(target, kind, documents(record))
    except ValueError:
        return False


def documents(record):
    """The body's documents: one, or those of the stream's frames."""
    if not record.streaming or record.framing == "array":
        found = json.loads(record.body)
        return found if isinstance(found, list) else [found]
    if record.framing == "eventStream":
        return []
    if record.dialect == "converse":
        return list(sdk.converse_events(record.body))
    lines = record.body.decode().splitlines()
    return [json.loads(line[5:]) for line in lines if line.startswith("data:") and line[5:].strip()[:1] == "{"]


def explanations(document):
    """What a provider says about a refusal: dialects with a place for refusals have it behind the model's own words."""
    words = [(document.get("promptFeedback") or {}).get("blockReasonMessage")]
    words += [candidate.get("finishMessage") for candidate in document.get("candidates") or []]
    for holder in (document, document.get("delta"), document.get("message")):
        if isinstance(holder, dict) and isinstance(holder.get("stop_details"), dict):
            words.append(holder["stop_details"].get("explanation"))
    return [each for each in words if each]


def compare(findings, kind, clients):
    """All clients are told the same; completions has no calls."""
    record = clients[0][0]
    own = [told for _, target, told in clients if target == record.dialect and target != "completions"]
    reference = own[0] if own else clients[0][2]
    words = [each for document in documents(record) if isinstance(document, dict) for each in explanations(document)]
    for _, target, told in clients:
        if target in ("chat_completions", "responses") and target != record.dialect:
            for each in words:
                told.text = told.text.removesuffix(each)
        if not told.is_like(reference, target != "completions"):
            findings.cells[kind, record.dialect, target, "ok"] -= 1
            fail(findings, record, kind, target, f"told otherwise: {str(told)[:150]} instead of {str(reference)[:150]}")


def take_request(findings, record, target, answer):
    if "error" in answer:
        if record.status >= 400:
            outcome = "refused by its provider too"
        elif answer.get("code") or answer.get("param"):
            outcome = "refused"
            findings.refusals[record.dialect, target, answer["error"]] += 1
        else:
            fail(findings, record, "request", target, answer["error"])
            return
        findings.requests[record.dialect, target, outcome] += 1
        return
    if target == "converse":
        try:
            sdk.JUDGES["converse"].request(answer["output"])
        except sdk.Rejected as error:
            if record.status < 400:
                fail(findings, record, "request", target, str(error))
    findings.requests[record.dialect, target, "encoded"] += 1
    for name in answer.get("dropped", []):
        findings.dropped["request", record.dialect, target, name] += 1


def sample(records, count, seed):
    """`count` records of each provider and endpoint."""
    groups = collections.defaultdict(list)
    for record in records:
        groups[record.provider, record.endpoint].append(record)
    chance = random.Random(seed)
    return [record for group in groups.values() for record in chance.sample(group, min(count, len(group)))]


def all_judged(pool, program, records):
    batches = [records[start : start + 40] for start in range(0, len(records), 40)]
    findings = Findings()
    for found in pool.map(judged, [program] * len(batches), batches):
        findings.add(found)
    return findings


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", default=os.environ.get("TOLLGATE_CORPUS", ROOT / "../shared/corpus"))
    parser.add_argument("--translate", default=f"{ROOT}/.build/release/tollgate translate", help="the command")
    parser.add_argument("--quick", type=int, metavar="N", help="only N records of each provider and endpoint")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only", help="only the record with this id, or of this provider dialect")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--show", type=int, default=60, help="how many failures to print")
    parser.add_argument("--refusals", action="store_true", help="print why requests are refused")
    parser.add_argument("--write", action="store_true", help="write docs/FIDELITY.md")
    parser.add_argument("--junit", metavar="FILE", help="write a test case for each cell of the matrix, for scripts/tally")
    arguments = parser.parse_args()

    records = list(corpus.records(arguments.corpus))
    fixtures = corpus.fixtures(ROOT / "Tests/WireFormatsTests/Golden/Replies")
    print(f"{len(records)} records of traffic in {arguments.corpus}, {len(fixtures)} fixtures of the golden matrix")
    if not records and arguments.write or not fixtures:
        parser.error("there is nothing to judge")
    if arguments.write and (arguments.only or arguments.quick):
        parser.error("--write is about all records")
    # A clone without the traffic knows no record of it.
    known_ids = {record.id for record in records + fixtures} | ({entry[1] for entry in LISTED.entries} if not records else set())
    if arguments.only:
        records = [
            record for record in records + fixtures if arguments.only in (record.id, record.dialect, record.provider)
        ]
        fixtures = []
    if arguments.quick:
        seed = arguments.seed if arguments.seed is not None else random.randrange(1 << 32)
        print(f"seed {seed}")
        records = sample(records, arguments.quick, seed)
    with concurrent.futures.ProcessPoolExecutor(arguments.processes) as pool:
        findings = all_judged(pool, arguments.translate, records)
        # The tables are about what providers really sent.
        of_fixtures = all_judged(pool, arguments.translate, fixtures)
    found = findings.exceptions | of_fixtures.exceptions
    judged_ids = {record.id for record in records + fixtures}
    if arguments.write:
        LISTED.update(found, judged_ids)
        LISTED.write()
    faults = LISTED.faults(found, judged_ids, known_ids)
    if arguments.write:
        findings.failures += of_fixtures.failures
    else:
        findings.add(of_fixtures)

    print(report.text(findings))
    if arguments.refusals:
        for (source, target, why), count in findings.refusals.most_common():
            print(f"{count} {source} → {target} refused: {why}")
    for name, kind, source, target, why in findings.failures[: arguments.show]:
        print(f"{name} {kind} {source} → {target}: {why}")
    for fault in faults[: arguments.show]:
        print(fault)
    if arguments.write:
        report.write(ROOT / "docs/FIDELITY.md", findings, LISTED, len(records))
    passed = sum(count for key, count in findings.cells.items() if key[3] == "ok")
    passed += sum(findings.requests.values())
    if arguments.junit:
        report.junit(arguments.junit, findings, faults)
    print(
        f"fidelity: {passed} translations as they should be, {len(findings.failures)} not; "
        f"{len({entry[1] for entry in LISTED.entries})} records are exceptions, {len(faults)} faults in their list"
    )
    return 1 if findings.failures or faults else 0


if __name__ == "__main__":
    sys.exit(main())
