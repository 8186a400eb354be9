#!/usr/bin/env python3
"""run.py: how much of what the next actor needs does a handoff hold, and is any of it false?

Plays the scripted sessions (scripts.py) through the real hook, asks their questions of the rendered
handoff at several budgets, and of what people read today: the end of the transcript, `git log -p`, the
agent's final message. README.md says more."""
import argparse
import dataclasses
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from facts import Facts  # noqa: E402
from scripts import STORIES  # noqa: E402
from statements import check_statements  # noqa: E402
from story import Story, git  # noqa: E402

SEEDS = [1, 2]
# Not used while the product is worked on; run once for a release.
HELD_OUT = [7001, 7002, 7003]
BUDGETS = [400, 1500, 6000]
PEERS = ["transcript", "git log -p", "final message"]


def tokens(text):
    """4 bytes of UTF-8, rounded up."""
    return (len(text.encode()) + 3) // 4


def cut(text, budget, end=False):
    raw = text.encode()
    return (raw[-4 * budget:] if end else raw[:4 * budget]).decode(errors="ignore")


def sections(text):
    """(heading in lower case, line) of each line; what stands above the first heading has "". A
    fenced block's lines are under the heading before it."""
    heading = ""
    for line in text.split("\n"):
        if line.startswith("#"):
            heading = line.lstrip("# ").lower()
        yield heading, line


def holds(question, text, under_heading=True):
    for heading, line in sections(text):
        if under_heading and not any(heading.startswith(name) for name in question.headings):
            continue
        if all(any(each in line for each in (choice if isinstance(choice, tuple) else (choice,)))
               for choice in question.strings):
            return True
    return False


# What says the same in other words: peers are read with good will.
SAME = {"fresh": ("pass", "green"), "exit 0": ("exit 0", "pass", "ok"), "[x]": ("completed", "done"),
        "never run": ("not run", "no tests", "have not done"), "in_progress": ("in_progress", "next"),
        "outside": ("you changed", "by hand"), "refused": ("denied", "not allowed"),
        "partial": ("whole suite",), "a part": ("whole suite",), "3 times": ("three", "few attempts"),
        "interrupted": ("interrupted",), "unknown": ("unknown",)}


def loosely(question):
    """The question for a peer: other words count, any way to name a state does, headings do not."""
    strings = []
    for choice in question.strings:
        words = choice if isinstance(choice, tuple) else (choice,)
        more = [same for word in words for same in SAME.get(word, ())]
        if words[0].startswith("exit ") and words[0] != "exit 0":
            more += [f"exit code {words[0][5:]}", "fail"]
        strings.append(tuple([*words, *more]))
    return dataclasses.replace(question, strings=tuple(strings))


def handoff(story, budget):
    words = ["handoff", *story.ranges]
    return story.world.baton(*words, "--budget", str(budget)).out or story.world.baton(*words).out


def peers(story):
    patch = git(story.world.repo, "diff", "HEAD") + \
        git(story.world.repo, "log", "-p", f"{story.base_commit}..HEAD")
    return {"transcript": lambda n: cut("\n".join(story.transcript), n, end=True),
            "git log -p": lambda n: cut(patch, n),
            "final message": lambda n: cut(story.final, n)}


def play(name, seed):
    """A story in a world of its own, in which no two sessions share the first four digits."""
    for attempt in range(20):
        base = pathlib.Path(tempfile.mkdtemp(prefix="baton-probe-"))
        story = Story(base, name, Facts(f"{name}/{seed}"))
        STORIES[name](story)
        heads = [actor.hash[:4] for actor in story.actors]
        if len(set(heads)) == len(heads):
            return story
        shutil.rmtree(base)
    sys.exit("probe: sessions with the same address, 20 times")


class Score:
    def __init__(self):
        self.found, self.asked = 0, 0

    def add(self, found):
        self.found += bool(found)
        self.asked += 1

    @property
    def share(self):
        return self.found / self.asked if self.asked else 1.0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)), help="comma-separated")
    parser.add_argument("--held-out", action="store_true", help="the second set of seeds")
    parser.add_argument("--story", action="append", help="only this one; may be repeated")
    parser.add_argument("--show", type=int, metavar="TOKENS", help="print the handoffs too")
    parser.add_argument("--missing", type=int, metavar="TOKENS", help="print what is not found")
    parser.add_argument("--keep", action="store_true", help="leave the worlds in place, say where")
    parser.add_argument("--out", help="write the table there as Markdown")
    options = parser.parse_args()
    seeds = HELD_OUT if options.held_out else [int(seed) for seed in options.seeds.split(",")]
    names = options.story or list(STORIES)
    total = {}
    by_category = {}
    stated = 0
    false, over, unread = [], [], []
    for name in names:
        row = {}
        for seed in seeds:
            story = play(name, seed)
            others = peers(story)
            for budget in BUDGETS:
                text = handoff(story, budget)
                if tokens(text) > budget:
                    over.append(f"{name}/{seed}: {tokens(text)} of {budget} tokens")
                if options.show == budget:
                    print(f"\n===== {name}/{seed} at {budget}: {tokens(text)} tokens\n{text}")
                wrong, unknown = check_statements(story, text)
                stated += sum(1 for line in text.split("\n") if line.startswith(("- ", "  ")))
                false += [f"{name}/{seed} at {budget}: {line}" for line in wrong]
                unread += [f"{name}/{seed} at {budget}: {line}" for line in unknown]
                for question in story.questions:
                    found = holds(question, text)
                    for key in (("handoff", budget), ("handoff", budget, name)):
                        total.setdefault(key, Score()).add(found)
                    by_category.setdefault((question.category, budget), Score()).add(found)
                    if not found and options.missing == budget:
                        print(f"missing at {budget} in {name}/{seed}: {question.ask}: "
                              f"{question.strings}")
                    for peer, text_of in others.items():
                        total.setdefault((peer, budget), Score()).add(
                            holds(loosely(question), text_of(budget), under_heading=False))
            if options.keep:
                print(f"{name}/{seed}: {story.world.base}")
            else:
                shutil.rmtree(story.world.base, ignore_errors=True)
        print(f"{name:22}" + "".join(f"{total['handoff', b, name].share:8.2f}" for b in BUDGETS),
              flush=True)

    lines = ["| what is read | " + " | ".join(f"{b:,} tokens" for b in BUDGETS) + " |",
             "| --- |" + " --- |" * len(BUDGETS)]
    for what in ["handoff", *PEERS]:
        lines.append(f"| {what} | " + " | ".join(f"{total[what, b].share:.3f}" for b in BUDGETS) + " |")
    lines += ["", "| question about | " + " | ".join(f"{b:,}" for b in BUDGETS) + " | asked |",
              "| --- |" + " --- |" * (len(BUDGETS) + 1)]
    for category in sorted({category for category, _ in by_category}):
        lines.append(f"| {category} | " + " | ".join(
            f"{by_category[category, b].share:.2f}" for b in BUDGETS) +
            f" | {by_category[category, BUDGETS[0]].asked} |")
    lines += ["", f"{len(names)} stories, seeds {', '.join(map(str, seeds))}; {stated} lines of handoffs were "
              f"held against what was played: {len(false)} false, {len(unread)} that no rule reads."]
    print("\n" + "\n".join(lines))
    for title, found in (("false statements", false), ("over budget", over),
                         ("statements that no rule reads", unread)):
        print(f"\n{title}: {len(found)}")
        for line in found[:60]:
            print("  " + line)
    if options.out:
        pathlib.Path(options.out).write_text("\n".join(lines) + "\n")
    best = max(total[peer, 400].share for peer in PEERS)
    targets = [("0.95 of the answers at 1,500 tokens", total["handoff", 1500].share >= 0.95),
               ("twice the best of the others at 400", total["handoff", 400].share >= 2 * best),
               ("no false statement", not false), ("every statement is read", not unread),
               ("no budget exceeded", not over)]
    print()
    for what, met in targets:
        print(f"{'met   ' if met else 'MISSED'} {what}")
    sys.exit(0 if all(met for _, met in targets) else 1)


if __name__ == "__main__":
    main()
