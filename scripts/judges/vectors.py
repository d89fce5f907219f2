#!/usr/bin/env python3
"""Holds every vector of a peer's in a conversation's dialect against what we make of the same input.

A request goes through `tollgate translate` into the dialect in which the peer sent it, a reply or a stream into the one in
which the peer answered. Both sides are normalised (peers.py), and each difference must stand under a rule of
differences.py, which says why we are right. A difference under no rule is a failure, and so is a rule under which nothing
stands, or under which our side could be wrong without being noticed (mutants.py). What is no conversation, or an error at the
peer, is counted by name.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import differences
import mutants
import peers
import report

ROOT = pathlib.Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- written by scripts/vectors: begin -->", "<!-- written by scripts/vectors: end -->"


class Findings:
    """What was found, as counts that can be summed."""

    def __init__(self):
        self.groups = collections.defaultdict(collections.Counter)  # group → "equal" | "differs" | "failed"
        self.rules = collections.defaultdict(set)  # rule → vectors
        self.examples = {}  # rule → the first difference
        self.failures = []  # (group, vector, difference)
        self.mutants = collections.Counter()  # rule
        self.covered = collections.Counter()  # rule: mutants that still stand under rules
        self.unnoticed = {}  # rule → the first of them

    def add(self, other):
        for group, counts in other.groups.items():
            self.groups[group].update(counts)
        for rule, names in other.rules.items():
            self.rules[rule] |= names
        self.examples = {**other.examples, **self.examples}
        self.failures += other.failures
        self.mutants.update(other.mutants)
        self.covered.update(other.covered)
        self.unnoticed = {**other.unnoticed, **self.unnoticed}

    def weak(self):
        """Rules under which a wrong program would stand too often."""
        return [rule for rule, number in self.covered.items() if number > mutants.COVERED_MOST * self.mutants[rule]]


def judged(program, batch):
    text = "".join(json.dumps(vector.job) + "\n" for vector in batch)
    run = subprocess.run([*shlex.split(program), "--lines"], input=text.encode(), capture_output=True)
    if run.returncode:
        raise SystemExit(f"{program} ended with {run.returncode}: {run.stderr.decode()[-400:]}")
    findings = Findings()
    for vector, line in zip(batch, run.stdout.decode().splitlines(), strict=True):
        take(findings, vector, json.loads(line))
    return findings


def take(findings, vector, answer):
    found = peers.compared(vector, answer)
    outcome = "differs" if found else "equal"
    for difference in found:
        rule = differences.rule_for(vector, difference)
        if rule is None:
            findings.failures.append((vector.group, vector.id, difference))
            outcome = "failed"
        else:
            findings.rules[rule.id].add(vector.id)
            findings.examples.setdefault(rule.id, (vector.id, difference))
    findings.groups[vector.group][outcome] += 1
    for rule, difference, value, is_covered in mutants.judged(vector, found, differences.rule_for):
        findings.mutants[rule.id] += 1
        findings.covered[rule.id] += is_covered
        if is_covered:
            findings.unnoticed.setdefault(rule.id, (vector.id, peers.Difference(difference.path, difference.theirs, value)))


def tables(findings, left_out):
    rows = [["vectors", "equal", "differ, as the rules say"]]
    for group, counts in sorted(findings.groups.items()):
        rows.append([group, str(counts["equal"]), str(counts["differs"])])
    sums = sum(findings.groups.values(), collections.Counter())
    rows.append(["all", str(sums["equal"]), str(sums["differs"])])
    by_rule = [["rule", "where", "vectors", "what, and why"]]
    for rule in differences.RULES:
        if findings.rules[rule.id]:
            by_rule.append([rule.id, rule.where, str(len(findings.rules[rule.id])), rule.why.replace("|", "\\|")])
    rest = [["not compared", "vectors"]] + [[why, str(count)] for why, count in sorted(left_out.items())]
    return [report.table(rows), "### Rules", report.table(by_rule), "### What is not compared", report.table(rest)]


def junit(path, findings, faults):
    """A test case for each group of vectors, and one for the rules."""
    suite = ElementTree.Element("testsuite", name="vectors")
    failures = collections.defaultdict(list)
    for group, name, difference in findings.failures:
        failures[group].append(f"{name} {difference}")
    failures["rules"] = faults
    for group in [*sorted(findings.groups), "rules"]:
        case = ElementTree.SubElement(suite, "testcase", classname="vectors", name=group)
        if failures[group]:
            message = re.sub(r"[^\t\n -\ud7ff]", "?", "\n".join(failures[group][:5]))
            ElementTree.SubElement(case, "failure", message=message)
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def write(path, findings, left_out):
    page = path.read_text()
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    path.write_text(before + BEGIN + "\n\n" + "\n\n".join(tables(findings, left_out)) + "\n\n" + END + after)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", default=os.environ.get("TOLLGATE_CORPUS", ROOT / "../shared/corpus"))
    parser.add_argument("--translate", default=f"{ROOT}/.build/release/tollgate translate", help="the command")
    parser.add_argument("--only", help="only vectors whose id or group begins so")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--show", type=int, default=60, help="how many failures to print")
    parser.add_argument("--rule", help="print what stands under this rule, or under all: `all`")
    parser.add_argument("--write", action="store_true", help="write the section of docs/FIDELITY.md")
    parser.add_argument("--junit", metavar="FILE", help="write a test case for each group, for scripts/tally")
    arguments = parser.parse_args()

    left_out = collections.Counter()
    vectors = list(peers.vectors(arguments.corpus, left_out))
    if not vectors:
        parser.error(f"there are no vectors in {arguments.corpus}")
    if arguments.only:
        vectors = [each for each in vectors if each.id.startswith(arguments.only) or each.group.startswith(arguments.only)]
    batches = [vectors[start : start + 100] for start in range(0, len(vectors), 100)]
    findings = Findings()
    with concurrent.futures.ProcessPoolExecutor(arguments.processes) as pool:
        for found in pool.map(judged, [arguments.translate] * len(batches), batches):
            findings.add(found)

    for _, name, difference in findings.failures[: arguments.show]:
        print(f"{name} {difference}")
    idle = [] if arguments.only else [rule.id for rule in differences.RULES if not findings.rules[rule.id]]
    faults = [f"rule {rule}: nothing stands under it" for rule in idle]
    for rule in findings.weak():
        name, mutant = findings.unnoticed[rule]
        faults.append(f"rule {rule}: covers {findings.covered[rule]} of {findings.mutants[rule]} mutants, such as {name} {mutant}")
    print("".join(f"{fault}\n" for fault in faults), end="")
    for rule, (name, difference) in sorted(findings.examples.items()):
        if arguments.rule in (rule, "all"):
            print(f"rule {rule} ({len(findings.rules[rule])}): {name} {difference}")
    if arguments.junit:
        junit(arguments.junit, findings, faults)
    if arguments.write and not arguments.only:
        write(ROOT / "docs/FIDELITY.md", findings, left_out)
    sums = sum(findings.groups.values(), collections.Counter())
    print(
        f"vectors: {len(vectors)} compared, {sums['equal']} equal, {sums['differs']} differ as the rules say, "
        f"{sums['failed']} otherwise; {len(faults)} rules of no use; {sum(left_out.values())} not compared; of "
        f"{findings.mutants.total()} mutants {findings.covered.total()} unnoticed"
    )
    return 1 if findings.failures or faults else 0


if __name__ == "__main__":
    sys.exit(main())
