"""Names, paths, errors, commands and the output of test runners, drawn from a seed. Within one story no
name comes twice, so that a string found in an answer can mean one thing only."""
import random

NOUNS = """parser cache retry invoice session upload ledger router cursor widget batch tenant quota
signature mailbox payload shard voucher snapshot replica digest throttle schema webhook catalog basket
pricing tariff shipment locale avatar gallery playlist beacon sensor gateway resolver planner scheduler
compactor journal manifest registry tokenizer formatter linter migrator backoff watermark heartbeat
checksum envelope receipt refund dispute coupon storefront warehouse courier pallet""".split()
VERBS = """load save merge split trim apply parse render flush rotate expire claim release verify collect
encode decode route schedule resolve fetch publish archive restore compact balance charge refund quote
estimate normalise validate convert""".split()
ADJECTIVES = """stale nested empty partial signed legacy remote pending orphaned truncated duplicate
compressed concurrent expired oversized localised""".split()
UNITS = "bytes rows items requests retries seconds pages entries".split()
ERRORS = ["ValueError", "KeyError", "TimeoutError", "OverflowError", "LookupError", "TypeError"]


class Language:
    """How a project of one language looks: its files, its test runner, and what that prints."""

    def __init__(self, name, ext, source, test, runner, part):
        self.name, self.ext, self.source, self.test = name, ext, source, test
        self.runner, self.part = runner, part


LANGUAGES = [
    Language("python", "py", "src/{m}.py", "tests/test_{m}.py", "python3 -m pytest -q",
             "python3 -m pytest -q {t}"),
    Language("go", "go", "internal/{m}/{m}.go", "internal/{m}/{m}_test.go", "go test ./...",
             "go test ./internal/{m}"),
    Language("rust", "rs", "src/{m}.rs", "tests/{m}.rs", "cargo test", "cargo test --test {m}"),
    Language("js", "ts", "src/{m}.ts", "test/{m}.test.ts", "npx jest", "npx jest {t}"),
    Language("shell", "sh", "lib/{m}.sh", "tests/{m}_test.sh", "make test", "sh {t}"),
]


class Facts:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.nouns = self.random.sample(NOUNS, len(NOUNS))
        self.verbs = self.random.sample(VERBS, len(VERBS))
        self.adjectives = self.random.sample(ADJECTIVES, len(ADJECTIVES))
        self.errors = self.random.sample(ERRORS, len(ERRORS))
        self.numbers = self.random.sample(range(11, 989), 200)
        self.language = self.random.choice(LANGUAGES)

    def noun(self):
        return self.nouns.pop()

    def verb(self):
        return self.verbs.pop() if self.verbs else f"step{self.number()}"

    def number(self):
        return self.numbers.pop()

    def adjective(self):
        return self.adjectives.pop()

    def unit(self):
        return self.random.choice(UNITS)

    def pick(self, items):
        return self.random.choice(items)

    def module(self):
        return Module(self)


class Module:
    """One module of the project: its source, its test, a function, and one line that can be wrong."""

    def __init__(self, facts):
        self.facts = facts
        self.name = facts.noun()
        self.verb = facts.verb()
        self.function = f"{self.verb}_{self.name}"
        language = facts.language
        self.path = language.source.format(m=self.name)
        self.test = language.test.format(m=self.name)
        self.limit = facts.number()
        self.unit = facts.unit()
        self.case = f"{facts.adjective()}_{self.name}" if facts.adjectives else f"{self.name}_case"
        self.error = f"{facts.pick(ERRORS)}: {self.name} has {facts.number()} {self.unit}, " \
                     f"expected {facts.number()}"

    def line(self, limit=None):
        limit = limit or self.limit
        return {
            "python": f"    return min(len({self.name}), {limit})",
            "go": f"\treturn min(len({self.name}), {limit})",
            "rust": f"    {self.name}.len().min({limit})",
            "js": f"  return Math.min({self.name}.length, {limit});",
            "shell": f"  head -n {limit} \"$1\"",
        }[self.facts.language.name]

    def helpers(self):
        """The rest of the file: as long as files are, and of no interest."""
        rng = random.Random(self.name)
        out = []
        for number in range(rng.randrange(9, 16)):
            name = f"{rng.choice(VERBS)}_{rng.choice(ADJECTIVES)}_{number}"
            a, b = rng.randrange(2, 9), rng.randrange(10, 99)
            out.append({
                "python": f"def {name}(items, width={b}):\n    kept = []\n    for item in items:\n"
                          f"        if len(item) % {a}:\n            kept.append(item[:width])\n"
                          f"    return kept\n\n\n",
                "go": f"func {name}(items []string) []string {{\n\tvar kept []string\n"
                      f"\tfor _, item := range items {{\n\t\tif len(item)%{a} != 0 {{\n"
                      f"\t\t\tkept = append(kept, item)\n\t\t}}\n\t}}\n\treturn kept\n}}\n\n",
                "rust": f"fn {name}(items: &[String]) -> Vec<&String> {{\n    items\n        .iter()\n"
                        f"        .filter(|item| item.len() % {a} != 0)\n        .take({b})\n"
                        f"        .collect()\n}}\n\n",
                "js": f"function {name}(items: string[]): string[] {{\n  const kept = [];\n"
                      f"  for (const item of items) {{\n    if (item.length % {a}) kept.push(item);\n"
                      f"  }}\n  return kept.slice(0, {b});\n}}\n\n",
                "shell": f"{name}() {{\n  while read -r item; do\n"
                         f"    [ $((${{#item}} % {a})) -eq 0 ] || printf '%s\\n' \"$item\"\n"
                         f"  done | cut -c 1-{b}\n}}\n\n",
            }[self.facts.language.name])
        return "".join(out)

    def source(self, limit=None, function=None):
        return self.main_source(limit, function) + "\n\n" + self.helpers()

    def main_source(self, limit=None, function=None):
        function = function or self.function
        line = self.line(limit)
        return {
            "python": f'"""The {self.name}."""\n\n\ndef {function}({self.name}):\n'
                      f'    """How many {self.unit} of the {self.name} count."""\n{line}\n',
            "go": f"// Package {self.name} keeps the {self.name}.\npackage {self.name}\n\n"
                  f"func {function}({self.name} []byte) int {{\n{line}\n}}\n",
            "rust": f"//! The {self.name}.\n\npub fn {function}({self.name}: &[u8]) -> usize {{\n"
                    f"{line}\n}}\n",
            "js": f"// The {self.name}.\nexport function {function}({self.name}: string): number {{\n"
                  f"{line}\n}}\n",
            "shell": f"# The {self.name}.\n{function}() {{\n{line}\n}}\n",
        }[self.facts.language.name]

    def assertion(self, limit=None):
        limit = limit or self.limit
        return {
            "python": f"    assert {self.function}(\"x\" * 1000) == {limit}",
            "go": f"\tif got := {self.function}(long); got != {limit} {{ t.Fatal(got) }}",
            "rust": f"    assert_eq!({self.function}(&LONG), {limit});",
            "js": f"  expect({self.function}(long)).toBe({limit});",
            "shell": f"[ \"$({self.function} long)\" = {limit} ] || exit 1",
        }[self.facts.language.name]

    def test_source(self, limit=None):
        body = self.assertion(limit)
        name = self.case
        return {
            "python": f"from src.{self.name} import {self.function}\n\n\ndef test_{name}():\n{body}\n",
            "go": f"package {self.name}\n\nimport \"testing\"\n\n"
                  f"func Test_{name}(t *testing.T) {{\n{body}\n}}\n",
            "rust": f"#[test]\nfn {name}() {{\n{body}\n}}\n",
            "js": f"import {{ {self.function} }} from \"../src/{self.name}\";\n\n"
                  f"test(\"{name}\", () => {{\n{body}\n}});\n",
            "shell": f"#!/bin/sh\n. lib/{self.name}.sh\n# {name}\n{body}\n",
        }[self.facts.language.name]

    @property
    def case_name(self):
        """The test's name as its runner prints it."""
        return {
            "python": f"{self.test}::test_{self.case}", "go": f"Test_{self.case}",
            "rust": self.case, "js": self.case, "shell": self.case,
        }[self.facts.language.name]

    @property
    def run_part(self):
        return self.facts.language.part.format(m=self.name, t=self.test)


def run_output(language, passed, failing=(), skipped=()):
    """What a runner prints, and its exit status. `failing`: (name, error), `skipped`: names."""
    out = []
    if failing and language.name in ("go", "rust", "js", "shell"):
        # The log that runs have before they come to the point.
        out += [f"[{number:03d}] setting up case {number}: {NOUNS[number]} {VERBS[number % 20]}d"
                for number in range(28)]
    if language.name == "python":
        out.append("." * passed + "F" * len(failing) + "s" * len(skipped) + " " * 20 + "[100%]")
        if failing:
            out.append("=" * 35 + " FAILURES " + "=" * 35)
            for name, error in failing:
                test = name.split("::")[-1]
                out += ["_" * 30 + f" {test} " + "_" * 30, f"    def {test}():"]
                out += [f"        value_{number} = prepare({NOUNS[number]!r}, {number})"
                        for number in range(28)]
                out += [f">       check()", f"E       {error}", "", f"{name.split('::')[0]}:7: Error"]
            out.append("=" * 27 + " short test summary info " + "=" * 27)
            out += [f"FAILED {name} - {error}" for name, error in failing]
        parts = ([f"{len(failing)} failed"] if failing else []) + [f"{passed} passed"] + \
            ([f"{len(skipped)} skipped"] if skipped else [])
        out.append(f"{', '.join(parts)} in 0.31s")
        return "\n".join(out) + "\n", 1 if failing else 0
    if language.name == "go":
        for name, error in failing:
            out += [f"--- FAIL: {name} (0.00s)", f"    case_test.go:9: {error}"]
        if failing:
            out += ["FAIL", "FAIL\texample.invalid/app/internal\t0.004s"]
        out += ["ok  \texample.invalid/app/internal/base\t0.003s"]
        if failing:
            out.append("FAIL")
        return "\n".join(out) + "\n", 1 if failing else 0
    if language.name == "rust":
        total = passed + len(failing) + len(skipped)
        out += ["   Compiling app v0.1.0", "    Finished `test` profile in 1.02s", "",
                f"running {total} tests"]
        out += [f"test case_{number} ... ok" for number in range(min(passed, 3))]
        out += [f"test {name} ... FAILED" for name, _ in failing]
        out += [f"test {name} ... ignored" for name in skipped]
        if failing:
            out += ["", "failures:", ""]
            for name, error in failing:
                out += [f"---- {name} stdout ----",
                        f"thread '{name}' panicked at tests/case.rs:9:5:", f"error: {error}", ""]
            out += ["failures:"] + [f"    {name}" for name, _ in failing]
        state = "FAILED" if failing else "ok"
        out += ["", f"test result: {state}. {passed} passed; {len(failing)} failed; "
                f"{len(skipped)} ignored; 0 measured; 0 filtered out; finished in 0.02s"]
        if failing:
            out += ["", "error: test failed, to rerun pass `--test case`"]
        return "\n".join(out) + "\n", 101 if failing else 0
    if language.name == "js":
        for name, error in failing:
            out += ["FAIL test/case.test.ts", f"  ● cases › {name}", "", f"    {error}", ""]
        total = passed + len(failing) + len(skipped)
        counts = ([f"{len(failing)} failed"] if failing else []) + \
            ([f"{len(skipped)} skipped"] if skipped else []) + [f"{passed} passed", f"{total} total"]
        out += [f"Test Suites: {'1 failed, ' if failing else ''}1 passed, {1 + bool(failing)} total",
                f"Tests:       {', '.join(counts)}", "Snapshots:   0 total", "Time:        0.9 s"]
        return "\n".join(out) + "\n", 1 if failing else 0
    number = 0
    for number in range(1, passed + 1):
        out.append(f"ok {number} - case {number}")
    for name, error in failing:
        number += 1
        out.append(f"not ok {number} - {name}")
        out.append(f"# {error}")
    for name in skipped:
        number += 1
        out.append(f"ok {number} - {name} # SKIP")
    out.append(f"1..{number}")
    if failing:
        out.append("make: *** [Makefile:4: test] Error 1")
    return "\n".join(out) + "\n", 2 if failing else 0
