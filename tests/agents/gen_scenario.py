#!/usr/bin/env python3
"""gen_scenario.py --seed N: writes a variant of the bugfix scenario.

The same seed always gives the same scenario: another small shell library with one wrong line, under
other names, repaired in other ways (with or without a plan, by an edit tool or by the shell, after
any number of wrong attempts).  It ends in one of four ways:

    done         repaired, the test passed
    stopped      not repaired, and the last message says so
    claimed      not repaired, but the last message says that the test passes
    stale        repaired and the test passed, then one more change without a test

`expect` in the scenario says what is true of the work, for tests of what is made of it:

    prompts, file, test       what the user wanted, the file with the wrong line, how it is tested
    ending                    as above
    plan                      the items with their states at the end, or null
    attempts                  the lines that were tried and were wrong
    fix                       the right line, or null if the work stops before it
    statuses                  the exit status of each run of the test, in order
    open                      plan items not completed at the end

--steer adds a second prompt to the session that restricts the first.  --rest gives the second
half of an unfinished one, for the agent that takes over.
"""
import argparse
import json
import random
import sys

# Each problem: the library, with {f} for the function's name and the wrong line marked by its
# number; the lines tried in its place; the right one; a test that only the right one passes.
PROBLEMS = [
    {
        "names": ["clamp", "limit_to", "bounded", "within"],
        "does": "{f} LOW HIGH N: prints N, moved into LOW..HIGH",
        "body": ["{f}() {{", '  if [ "$3" -lt "$1" ]; then', '    echo "$1"',
                 '  elif [ "$3" -lt "$2" ]; then', '    echo "$2"', "  else", '    echo "$3"',
                 "  fi", "}}"],
        "line": 3,
        "wrong": ['  elif [ "$1" -gt "$2" ]; then', '  elif [ "$3" -gt "$1" ]; then'],
        "right": '  elif [ "$3" -gt "$2" ]; then',
        "cases": [("{f} 2 8 5", "5"), ("{f} 2 8 9", "8"), ("{f} 2 8 1", "2"), ("{f} 2 8 8", "8")],
    },
    {
        "names": ["join_words", "glue", "separated", "in_one_line"],
        "does": "{f} SEPARATOR WORD...: prints the words with the separator in between",
        "body": ["{f}() {{", "  separator=$1", "  shift", "  line=$1",
                 "  for word; do", '    line="$line$separator$word"', "  done",
                 '  echo "$line"', "}}"],
        "line": 3,
        "wrong": ["  line=", '  line=$1; set -- "$@"'],
        "right": "  line=$1; shift",
        "cases": [("{f} , a b c", "a,b,c"), ("{f} - one", "one"), ("{f} + 1 2", "1+2")],
    },
    {
        "names": ["nth_word", "pick", "word_at", "choose"],
        "does": "{f} N WORD...: prints the Nth word, the first is 1",
        "body": ["{f}() {{", "  position=$1", '  shift "$position"', '  echo "$1"', "}}"],
        "line": 2,
        "wrong": ['  shift "$((position + 1))"', '  shift "$((position - 1))"'],
        "right": '  shift; shift "$((position - 1))"',
        "cases": [("{f} 1 red green blue", "red"), ("{f} 2 red green blue", "green"),
                  ("{f} 3 red green blue", "blue")],
        "broken": '  shift "$((position - 2 + 2 * (position > 9)))"',
    },
    {
        "names": ["sum_to", "triangle", "add_up", "total_of"],
        "does": "{f} N: prints 1 + 2 + ... + N",
        "body": ["{f}() {{", "  sum=0", "  i=1", '  while [ "$i" -lt "$1" ]; do',
                 "    sum=$((sum + i))", "    i=$((i + 1))", "  done", '  echo "$sum"', "}}"],
        "line": 3,
        "wrong": ['  while [ "$i" -lt "$(($1 - 1))" ]; do',
                  '  while [ "$i" -le "$(($1 + 1))" ]; do'],
        "right": '  while [ "$i" -le "$1" ]; do',
        "cases": [("{f} 1", "1"), ("{f} 4", "10"), ("{f} 10", "55")],
    },
]
FOLDERS = ["src", "lib", "scripts", "shell", "tools/lib"]
TEST_FOLDERS = ["tests", "t", "check", "spec"]
PROMPTS = ["fix the failing {f} test", "{f} gives wrong results, repair it",
           "make {test} pass", "why does the test of {f} fail? mend it"]
PLANS = [["Find why {f} is wrong", "Correct {file}", "Run {test}"],
         ["Reproduce the failure", "Change one line in {file}", "See {test} pass"],
         ["Read {file} and its test", "Repair {f}", "Check with {test}"]]


def library(problem, name):
    lines = ["# " + problem["does"].format(f=name)]
    lines += [line.format(f=name) for line in problem["body"]]
    if "broken" in problem:
        lines[problem["line"] + 1] = problem["broken"]
    return lines


def test_script(problem, name, file, depth):
    lines = ["#!/bin/sh", f'. "$(dirname "$0")/{"../" * depth}{file}"', "failed=0", "number=0",
             "is() {", "  number=$((number + 1))", '  if [ "$1" = "$2" ]; then',
             '    echo "ok $number"', "  else",
             "    echo \"not ok $number - got '$1', wanted '$2'\"", "    failed=1", "  fi", "}"]
    for call, wanted in problem["cases"]:
        lines.append(f'is "$({call.format(f=name)} 2>/dev/null)" "{wanted}"')
    return "\n".join(lines + ["exit $failed", ""])


def replace_line(file, number, above, old, new, by_shell):
    """An action that puts `new` in place of the line `old`, which is line `number` + 1.

    The line above it goes along: an edit tool refuses text that is there twice.
    """
    if by_shell:
        return {"do": "bash", "description": f"Change line {number + 1} of {file}",
                "command": f"sed -i '{number + 1}c\\\n{new}' {file}"}
    return {"do": "edit", "path": file, "old": f"{above}\n{old}", "new": f"{above}\n{new}"}


def generate(seed, attempts=None, plan=None, shell=None, ending=None, steer=False, rest=False):
    """The scenario of a seed; arguments that are not None overrule what the seed chooses."""
    rng = random.Random(seed)
    problem = rng.choice(PROBLEMS)
    name = rng.choice(problem["names"])
    stem = rng.choice([name, name.split("_")[0], "util", "helpers"])
    file = f"{rng.choice(FOLDERS)}/{stem}.sh"
    test = f"{rng.choice(TEST_FOLDERS)}/{name}_test.sh"
    chosen = {"attempts": rng.randint(0, 2), "plan": rng.random() < 0.6,
              "shell": rng.random() < 0.4,
              "ending": rng.choice(["done", "done", "done", "stopped", "claimed", "stale"])}
    attempts = chosen["attempts"] if attempts is None else attempts
    plan = chosen["plan"] if plan is None else plan
    shell = chosen["shell"] if shell is None else shell
    ending = ending or chosen["ending"]
    finished = ending in ("done", "stale")
    prompt = rng.choice(PROMPTS).format(f=name, test=test)
    items = [item.format(f=name, file=file, test=test) for item in rng.choice(PLANS)]
    lines = library(problem, name)
    number = problem["line"] + 1
    run_test = {"do": "bash", "command": f"sh {test}", "description": f"Run {test}"}
    statuses, tried = [], []

    def says(text, *actions):
        return {"text": text, **({"actions": list(actions)} if actions else {})}

    def plan_turn(text, *states):
        return says(text, {"do": "todo", "items": [list(p) for p in zip(items, states)]})

    turns = [says(f"I look at {name}.", {"do": "read", "path": file}),
             says("", {"do": "read", "path": test}), says("", run_test)]
    statuses.append(1)
    states = ["completed", "pending", "pending"]
    if plan:
        turns.append(plan_turn("I will go about it like this.", "completed", "in_progress",
                               "pending"))
        states = ["completed", "in_progress", "pending"]
    now = lines[number]
    for wrong in problem["wrong"][:attempts]:
        turns.append(says(f"Line {number + 1} of {file} looks wrong.",
                          replace_line(file, number, lines[number - 1], now, wrong, shell)))
        turns.append(says("", run_test))
        statuses.append(1)
        tried.append(wrong)
        now = wrong
    fix = replace_line(file, number, lines[number - 1], now, problem["right"], shell)
    last = [says("This is the right line.", fix), says("", run_test)]
    if plan:
        last.append(plan_turn("All of it is done.", "completed", "completed", "completed"))
    works = says(f"{name} works now: {test} passes.")
    if finished:
        turns += last
        statuses.append(0)
        states = ["completed"] * 3
    if ending == "stale":
        turns.append(says("A last touch.", {
            "do": "edit", "path": file, "old": lines[0], "new": f"{lines[0]} (seed {seed})"}))
    turns.append(says(f"I have to stop here; {test} still fails.") if ending == "stopped"
                 else works)
    runs = [{"prompt": prompt, "turns": turns}]
    if steer:
        runs.append({"prompt": f"no other file than {file} may change, and {name} keeps its name",
                     "resume": True, "turns": [says("It is so already.", run_test),
                                               says(f"Only {file} was changed.")]})
        statuses.append(statuses[-1])

    scenario = {
        "about": f"Seed {seed}: {problem['does'].format(f=name)}.",
        "files": {file: "\n".join(lines) + "\n",
                  test: test_script(problem, name, file, test.count("/")),
                  "README.md": f"# {stem}\n\n{problem['does'].format(f=name)}.\n"},
        "plan": plan,
        "runs": runs,
        "expect": {
            "prompts": [run["prompt"] for run in runs], "file": file, "test": f"sh {test}",
            "ending": ending, "shell": shell,
            "plan": [list(p) for p in zip(items, states)] if plan else None,
            "attempts": tried, "fix": problem["right"] if finished else None,
            "statuses": statuses,
            "open": [i for i, s in zip(items, states) if s != "completed"] if plan else [],
        },
    }
    if rest:
        prompt = "go on where the last one stopped"
        scenario["runs"] = [{"prompt": prompt, "turns": [*last, works]}]
        scenario["expect"] |= {"prompts": [prompt], "ending": "done", "fix": problem["right"],
                               "statuses": [0], "open": []}
    return scenario


# Variants that are recorded as fixtures of both agents: the arguments of generate().
VARIANTS = {
    "variant-names": {"seed": 29, "attempts": 1, "plan": True, "shell": False, "ending": "done"},
    "variant-attempts": {"seed": 9, "attempts": 2, "plan": True, "shell": False, "ending": "done"},
    "variant-no-plan": {"seed": 1, "attempts": 1, "plan": False, "shell": False, "ending": "done"},
    "variant-shell": {"seed": 30, "attempts": 1, "plan": True, "shell": True, "ending": "done"},
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--attempts", type=int, choices=[0, 1, 2])
    parser.add_argument("--plan", action=argparse.BooleanOptionalAction)
    parser.add_argument("--shell", action=argparse.BooleanOptionalAction)
    parser.add_argument("--ending", choices=["done", "stopped", "claimed", "stale"])
    parser.add_argument("--steer", action="store_true")
    parser.add_argument("--rest", action="store_true")
    json.dump(generate(**vars(parser.parse_args())), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
