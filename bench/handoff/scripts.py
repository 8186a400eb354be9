"""The scripted sessions. Each function plays one story and asks what its next actor would ask; names,
errors and numbers come from the story's facts. The agents' words have the length and the detail of real
ones: they say what was changed, how it was checked and what is left, in prose."""

GOAL = ("task",)
CONSTRAINTS = ("constraints", "task", "steering")
OPEN = ("open",)
PLAN = ("plan", "open")
TESTS = ("tests", "verification")
FAILING = ("tests", "verification", "open")
ATTEMPTS = ("failed attempts",)
CHANGED = ("changed",)
COMMANDS = ("commands", "failed attempts", "tests")
READ = ("read",)
ROLLBACK = ("rollback",)
CLAIMS = ("claims",)
SCOPE = ("scope", "risks")
RISKS = ("risks", "scope")
SAID = ("last message", "findings")
WHO = ("handoff", "sessions")

STORIES = {}


def story(function):
    STORIES[function.__name__.replace("_", "-")] = function
    return function


# --- questions that many stories share
def ask_goal(s):
    s.ask("goal", "what was asked for", GOAL, s.prompts[0][2])


def ask_changed(s, *paths):
    for path in paths or s.net_changes():
        s.ask("changed", f"is {path} changed", CHANGED, path)


def ask_run(s, step, state):
    s.ask("verification", "how do the tests stand", TESTS, step.command, state)


def ask_exit(s, step):
    s.ask("command", f"how did {step.command} end", COMMANDS, step.command,
          f"exit {step.status}")


def ask_failing(s, name):
    s.ask("failing test", "which test fails", FAILING, name)


def ask_dropped(s, path, line, run=None, error=None):
    s.ask("dropped approach", f"what was tried in {path}", ATTEMPTS, path, line.strip())
    if error:
        s.ask("why dropped", f"why was it dropped", ATTEMPTS, run.command, error)


def ask_back(s, name, address):
    s.ask("rollback", f"how to get back to {name}", ROLLBACK, address)


def ask_start(s, actor=None):
    ask_back(s, "the start", (actor or s.actors[0]).address() + "^")


def ask_read(s, *paths):
    for path in paths:
        s.ask("read", f"was {path} read", READ, path)


def basics(s):
    """A project of five modules, and the facts of the first."""
    modules = [s.facts.module() for _ in range(5)]
    s.project(modules, {"Makefile": "test:\n\t./run-tests\n\nlint:\n\t./run-lint\n"})
    return modules


def failure(module):
    return [(module.case_name, module.error)]


@story
def bug_fix(s):
    a, b, c, *_ = basics(s)
    wrong, tried, right = a.limit, s.facts.number(), s.facts.number()
    agent = s.branch(f"fix-{a.name}").claude()
    agent.prompt(f"The {a.name} drops {a.unit} beyond {right - 1}, see {a.test}. Find out why and fix it.")
    agent.says(f"Let me look at the {a.name} and its test first.")
    agent.read(a.path)
    agent.read(a.test)
    agent.read(b.path)
    command = s.facts.language.runner
    agent.run(command, 17, failure(a))
    agent.says(f"The bound in `{a.function}` looks off by a constant, so I raise it to {tried}.")
    agent.edit(a.path, a.line(wrong), a.line(tried))
    error = f"{s.facts.errors[0]}: {a.name} limit {tried} exceeds the window"
    failed = agent.run(command, 17, [(a.case_name, error)])
    agent.says(f"{tried} is beyond the window. The window itself is {right} wide, so that is the bound.")
    agent.edit(a.path, a.line(tried), a.line(right))
    passed = agent.run(command, 18)
    agent.shell(f"git commit -qam 'Fix the bound of the {a.name}'",
                effect=f"git commit -qam 'Fix the bound of the {a.name}'")
    agent.stop(f"I've fixed the {a.name} issue.\n\n**Root cause**: `{a.function}` in `{a.path}` capped the "
               f"result at {wrong}, although the window is {right} {a.unit} wide, so anything beyond was "
               f"silently dropped.\n\n**Changes**\n- `{a.path}`: the cap in `{a.function}` is now "
               f"{right}.\n\n**Verification**\n- Ran the full suite; all 18 tests pass, including "
               f"`{a.case}` which was failing before.\n\nI kept the change minimal and did not touch "
               f"`{b.path}`, which has its own bound and is not affected. Let me know if you'd like me "
               f"to add a regression test for the exact boundary as well.")
    ask_goal(s)
    ask_changed(s)
    ask_run(s, passed, "fresh")
    ask_exit(s, passed)
    ask_dropped(s, a.path, a.line(tried), failed, error)
    s.ask("replaced by", "what replaced it", ATTEMPTS, a.line(right).strip())
    ask_read(s, b.path, a.test)
    ask_start(s)
    ask_back(s, "the last green state", f"{agent.address(passed.number)}^")


@story
def refactoring(s):
    a, b, c, d, e = basics(s)
    new = f"{s.facts.verb()}_{a.name}"
    agent = s.branch(f"rename-{a.name}").claude()
    agent.prompt(f"Rename {a.function} to {new} everywhere, keep the behaviour as it is.")
    items = [f"List the uses of {a.function}", f"Rename it in {a.path}", "Rename it in the tests",
             "Run the tests"]
    agent.todo(*((item, "pending") for item in items))
    agent.shell(f"grep -rn {a.function} .", f"{a.path}:5: {a.function}\n{a.test}:7: {a.function}\n")
    agent.read(a.path)
    agent.edit(a.path, a.function, new)
    agent.read(a.test)
    source = s.content(a.test)
    agent.write(a.test, source.replace(a.function, new))
    agent.todo(*((item, "completed") for item in items[:3]), (items[3], "in_progress"))
    passed = agent.run(s.facts.language.runner, 31)
    agent.todo(*((item, "completed") for item in items))
    agent.stop(f"The rename is complete.\n\n- `{a.path}`: `{a.function}` is now `{new}`.\n- `{a.test}`: all "
               f"call sites use the new name.\n\nThere were no other uses: I searched the whole repository "
               f"for the old name, including documentation and configuration, and only these two files "
               f"referred to it. Behaviour is unchanged; the function's body is exactly what it was.\n\n"
               f"All 31 tests pass. I did not add a deprecated alias for the old name, since nothing "
               f"outside of this repository seems to import it; tell me if you'd like one.")
    ask_goal(s)
    ask_changed(s)
    ask_run(s, passed, "fresh")
    for item in items[1:]:
        s.ask("plan", f"is '{item}' done", PLAN, "[x]", item)
    ask_exit(s, passed)
    ask_start(s)
    ask_back(s, "the last green state", f"{agent.address(passed.number)}^")


@story
def investigation(s):
    a, b, c, d, _ = basics(s)
    agent = s.branch(f"look-{a.name}").claude()
    agent.prompt(f"Why does {a.function} return {a.limit} for every {a.name} since last week? Only find out, "
                 "change nothing.")
    for module in (a, b, c):
        agent.read(module.path)
    agent.read(a.test)
    commit = f"{s.facts.number():07x}"
    log = agent.shell(f"git log --oneline -3 -- {a.path}", f"{commit} Cap the {a.name}\n")
    failed = agent.shell(f"git show {commit}", f"fatal: ambiguous argument '{commit}'", 128)
    finding = f"The cap of {a.limit} in {a.path} was introduced together with {b.function}"
    agent.stop(f"{finding}, which expects at most that many {a.unit}.\n\n**What I found**\n\n"
               f"1. `{a.function}` caps its result, so every {a.name} longer than that reports the same "
               f"number.\n2. `{b.path}` relies on the cap: it allocates a buffer of that size.\n3. "
               f"`{c.path}` is not involved; it only forwards.\n\nIf you want the cap gone, `{b.function}` "
               f"needs a growing buffer first. I have not changed anything.")
    ask_goal(s)
    s.ask("finding", "what was found", SAID, finding)
    ask_read(s, a.path, b.path, c.path, a.test)
    ask_exit(s, failed)
    s.ask("command", "which history was looked at", COMMANDS, log.command, ("exit 0", "ok"))
    s.ask("verification", "were tests run", TESTS, "never run")


@story
def interrupted(s):
    a, b, c, *_ = basics(s)
    agent = s.branch(f"speed-{a.name}").claude()
    agent.prompt(f"Make {a.function} stream its {a.unit} instead of loading all of them, and update {b.path}.")
    items = [f"Stream in {a.path}", f"Adapt {b.path} to the stream", f"Measure {a.function}",
             f"Describe the stream in docs/{a.name}.md"]
    agent.todo(*((item, "pending") for item in items))
    agent.read(a.path)
    agent.edit(a.path, a.line(), a.line(s.facts.number()))
    agent.todo((items[0], "completed"), (items[1], "in_progress"), *((i, "pending") for i in items[2:]))
    agent.read(b.path)
    error = f"{s.facts.errors[1]}: {b.name} wants all {b.unit} at once"
    failed = agent.run(s.facts.language.runner, 12, [(b.case_name, error)])
    bench = f"./bench {a.name} --rounds {s.facts.number()}"
    agent.interrupted_shell(bench)
    ask_goal(s)
    ask_changed(s)
    for item in items[1:]:
        s.ask("open item", f"is '{item}' left", PLAN, item)
    s.ask("open item", "is the next step in progress", PLAN, items[1], "in_progress")
    s.ask("plan", "what is done", PLAN, "[x]", items[0])
    ask_failing(s, b.case_name)
    ask_exit(s, failed)
    ask_run(s, failed, "failed")
    s.ask("open item", "was the turn stopped", OPEN, "interrupted")
    ask_read(s, b.path)
    ask_start(s)


@story
def two_agents(s):
    a, b, c, *_ = basics(s)
    first = s.branch(f"retry-{a.name}").claude()
    first.prompt(f"Give {a.function} a limit of {s.facts.number()} {a.unit} and let {b.function} respect it.")
    items = [f"Limit {a.function}", f"Respect it in {b.path}", f"Cover it in {b.test}"]
    first.todo(*((item, "pending") for item in items))
    first.read(a.path)
    first.edit(a.path, a.line(), a.line(s.facts.number()))
    first.todo((items[0], "completed"), (items[1], "pending"), (items[2], "pending"))
    error = f"{s.facts.errors[0]}: {b.name} ignores the limit"
    run = first.run(s.facts.language.runner, 9, [(b.case_name, error)])
    first.stop(f"`{a.function}` in `{a.path}` now has its limit. The second half is not done yet: "
               f"`{b.function}` still ignores it, and its test fails for that reason. Next I would pass the "
               f"limit on in `{b.path}` and extend the test.")
    second = s.codex()
    goal = f"Continue with {b.path}: pass the limit on, and make the tests green."
    second.prompt(goal)
    second.read(b.path)
    tried, right = s.facts.number(), s.facts.number()
    second.edit(b.path, b.line(), b.line(tried))
    error2 = f"{s.facts.errors[2]}: {b.name} got {tried} {b.unit}"
    failed = second.run(s.facts.language.runner, 9, [(b.case_name, error2)])
    second.edit(b.path, b.line(tried), b.line(right))
    passed = second.run(s.facts.language.runner, 10)
    second.stop(f"Done. `{b.function}` in `{b.path}` passes the limit on now, and the suite is green "
                f"(10 tests). I left `{a.path}` as it was. The test in `{b.test}` did not need to change; "
                f"it covered this case already, it just could not pass before.")
    ask_goal(s)
    s.ask("goal", "what was the second agent asked", GOAL, goal)
    s.ask("who", "who worked first", WHO, "claude-code", first.address())
    s.ask("who", "who worked then", WHO, "codex", second.address())
    ask_changed(s)
    ask_run(s, passed, "fresh")
    ask_dropped(s, b.path, b.line(tried), failed, error2)
    ask_read(s, b.path)
    ask_start(s)
    ask_back(s, "the last green state", f"{second.address(passed.number)}^")


@story
def person_in_between(s):
    a, b, c, *_ = basics(s)
    agent = s.branch(f"share-{a.name}").claude()
    agent.prompt(f"Move the limit of {a.path} to {s.facts.number()} and that of {b.path} with it.")
    agent.read(a.path)
    agent.edit(a.path, a.line(), a.line(s.facts.number()))
    passed = agent.run(s.facts.language.runner, 22)
    agent.end_turn(f"`{a.path}` has the new limit and the tests pass. Shall I go on with `{b.path}`?")
    s.person(c.path, c.source(s.facts.number()))
    s.person(a.path, s.content(a.path) + "\n")
    steer = f"Yes, but leave {c.path} alone, I am in the middle of it."
    agent.prompt(steer)
    agent.read(b.path)
    agent.edit(b.path, b.line(), b.line(s.facts.number()))
    agent.stop(f"Both limits are moved. `{b.path}` follows the same pattern as `{a.path}` now. I saw that you "
               f"changed `{c.path}` meanwhile and left it alone, as you asked. The tests passed after the "
               f"first half; I have not run them again for `{b.path}`, since the change there is of the "
               f"same kind. You may want to run the suite before you commit.")
    ask_goal(s)
    s.ask("constraint", "what did the user add", CONSTRAINTS, steer)
    ask_changed(s, a.path, b.path)
    s.ask("others' change", f"who else changed {a.path}", CHANGED + TESTS, a.path, "outside")
    s.ask("others' change", f"who changed {c.path}", CHANGED + TESTS, c.path, "outside")
    s.ask("verification", "do the tests still hold", TESTS, passed.command, "stale")
    ask_read(s, a.path, b.path)
    ask_start(s)


@story
def tests_weakened(s):
    a, b, c, *_ = basics(s)
    agent = s.branch(f"green-{a.name}").claude()
    agent.prompt(f"CI is red because of {a.name}. Make it green, please.")
    agent.read(a.path)
    agent.read(a.test)
    command = s.facts.language.runner
    failed = agent.run(command, 7, failure(a))
    loose = s.facts.number()
    agent.edit(a.test, a.assertion(), a.assertion(loose))
    passed = agent.run(command, 8)
    agent.stop(f"CI should be green again. The problem was that the expectation in `{a.test}` was outdated: it "
               f"still checked for the old limit. I updated it to what `{a.function}` returns today. All 8 "
               f"tests pass now. No production code had to change.")
    ask_goal(s)
    ask_changed(s)
    ask_run(s, passed, "fresh")
    ask_exit(s, failed)
    ask_failing(s, a.case_name)
    s.ask("risk", "was a test changed", RISKS, a.test)
    s.ask("risk", "which assertion is gone", RISKS, a.assertion().strip())
    ask_read(s, a.path)
    ask_start(s)
    ask_back(s, "the last green state", f"{agent.address(passed.number)}^")


@story
def contradicted_claims(s):
    a, b, c, *_ = basics(s)
    agent = s.branch(f"claim-{a.name}").claude()
    agent.prompt(f"Let {a.function} accept an empty {a.name}, with a test.")
    agent.read(a.path)
    agent.edit(a.path, a.line(), a.line(s.facts.number()))
    error = f"{s.facts.errors[0]}: an empty {a.name} has no {a.unit}"
    failed = agent.run(s.facts.language.runner, 5, [(a.case_name, error)])
    claim = "All tests pass."
    agent.stop(f"`{a.function}` handles an empty {a.name} now.\n\n**What changed**\n- `{a.path}`: the limit is "
               f"checked before anything else, so an empty {a.name} takes the short way out.\n\n{claim} The "
               f"change is small and self-contained, and nothing else in the code base depends on the old "
               f"behaviour, as far as I can see. Let me know if you need anything else!")
    s.claims.append((claim, "contradicted"))
    ask_goal(s)
    ask_changed(s)
    ask_run(s, failed, "failed")
    ask_exit(s, failed)
    ask_failing(s, a.case_name)
    s.ask("claim", "is what the agent says true", CLAIMS, claim, "contradicted")
    ask_read(s, a.path)
    ask_start(s)


@story
def thousand_steps(s):
    modules = [s.facts.module() for _ in range(12)]
    s.project(modules)
    a, b, c, d = modules[:4]
    agent = s.branch("long-road").claude()
    agent.prompt(f"Bring all modules to the new limits; {a.path} first, {b.path} last.")
    items = [f"Move {module.name}" for module in modules]
    agent.todo(*((item, "pending") for item in items))
    steer = f"Do not touch {c.path} any more, {c.name} is frozen."
    rng = s.facts.random
    command = s.facts.language.runner
    limits = {module.name: module.limit for module in modules}
    last = None
    dropped = None
    while agent.count < 985:
        if agent.count > 400 and agent.turn == 1:
            agent.end_turn(f"The first half is done. I have worked through most modules once; `{a.path}` and "
                           f"`{c.path}` have their limits. I go on with the others if you agree.")
            agent.prompt(steer)
        module = rng.choice([m for m in modules if m is not c or agent.turn == 1])
        kind = rng.random()
        if kind < 0.35:
            agent.read(module.path)
        elif kind < 0.75:
            agent.shell(f"grep -n {rng.choice(modules).name} {module.path}", f"5: {module.name}\n")
        elif kind < 0.92:
            limit = rng.randrange(1000, 9999)
            agent.edit(module.path, module.line(limits[module.name]), module.line(limit))
            limits[module.name] = limit
        else:
            agent.run(command, 40)
    tried, right = s.facts.number(), s.facts.number()
    agent.edit(b.path, b.line(limits[b.name]), b.line(tried))
    error = f"{s.facts.errors[0]}: {b.name} cannot hold {tried} {b.unit}"
    failed = agent.run(command, 39, [(b.case_name, error)])
    agent.edit(b.path, b.line(tried), b.line(right))
    passed = agent.run(command, 40)
    agent.todo(*((item, "completed") for item in items[:10]), (items[10], "in_progress"),
               (items[11], "pending"))
    agent.stop(f"Ten of the twelve modules are on the new limits, and the whole suite passes (40 tests). "
               f"The last one I changed was `{b.path}`: my first value was too large for it, so it has "
               f"{right} now.\n\nStill open are `{modules[10].path}` and `{modules[11].path}`. I did not "
               f"touch `{c.path}` after you froze it.")
    ask_goal(s)
    s.ask("constraint", "what did the user add", CONSTRAINTS, steer)
    ask_changed(s)
    ask_run(s, passed, "fresh")
    ask_dropped(s, b.path, b.line(tried), failed, error)
    s.ask("open item", "what is in progress", PLAN, items[10], "in_progress")
    s.ask("open item", "what is left", PLAN, items[11])
    ask_start(s)
    ask_back(s, "the last green state", f"{agent.address(passed.number)}^")


@story
def undone_edits(s):
    a, b, c, *_ = basics(s)
    agent = s.branch(f"undo-{a.name}").claude()
    agent.prompt(f"Try whether {b.function} is faster without its limit, else leave it, and raise {a.name}.")
    agent.read(b.path)
    tried = s.facts.number()
    agent.edit(b.path, b.line(), b.line(tried))
    agent.shell(f"./bench {b.name}", f"{b.name}: {s.facts.number()} ms, no difference\n")
    why = f"No difference for {b.name}, so I take it back and keep the limit."
    agent.says(why)
    agent.git(f"git checkout -q -- {b.path}")
    agent.read(a.path)
    agent.edit(a.path, a.line(), a.line(s.facts.number()))
    passed = agent.run(s.facts.language.runner, 14)
    agent.stop(f"I tried `{b.path}` without its limit and measured no difference, so I put it back. "
               f"`{a.path}` has the higher limit now, and all 14 tests pass. There was nothing else to "
               f"change: no other module reads the limit, and the benchmark's script is as it was.")
    ask_goal(s)
    ask_changed(s, a.path)
    ask_dropped(s, b.path, b.line(tried))
    s.ask("why dropped", "who put it back", ATTEMPTS, "git")
    s.ask("command", "how was it measured", COMMANDS, f"./bench {b.name}", ("exit 0", "ok"))
    ask_run(s, passed, "fresh")
    ask_read(s, b.path, a.path)
    ask_start(s)
    ask_back(s, "the last green state", f"{agent.address(passed.number)}^")


@story
def denied_calls(s):
    a, b, c, *_ = basics(s)
    agent = s.branch(f"clean-{a.name}").claude()
    agent.prompt(f"Remove the old files of {a.name} and publish the branch.")
    force = f"git push --force origin {b.name}"
    agent.refused(force, "Permission to use Bash with command " + force + " has been denied.")
    purge = f"rm -rf var/{c.name}"
    agent.refused(purge, "Permission to use Bash with command " + purge + " has been denied.")
    agent.read(a.path)
    agent.shell(f"rm {a.test}", effect={a.test: None})
    agent.edit(a.path, a.line(), a.line(s.facts.number()))
    push = agent.shell(f"git push origin {a.name}", f"error: src refspec {a.name} does not match any", 1)
    agent.stop(f"I removed `{a.test}` and adjusted `{a.path}`. I was not allowed to force-push or to delete "
               f"the contents of `var/`, so these are left for you. A plain push did not work either, the "
               f"remote does not know the branch. Once you have pushed, the pipeline should pick it up by "
               f"itself. I did not run any tests, since there is none left for {a.name}.")
    ask_goal(s)
    s.ask("refused", "was the forced push allowed", ATTEMPTS, force, "refused")
    s.ask("refused", "was the deletion allowed", ATTEMPTS, purge, "refused")
    ask_exit(s, push)
    ask_changed(s)
    s.ask("risk", "was a test deleted", RISKS, a.test)
    s.ask("verification", "were tests run", TESTS, "never run")
    ask_read(s, a.path)
    ask_start(s)


@story
def plan_changed_midway(s):
    a, b, c, d, _ = basics(s)
    agent = s.branch(f"plan-{a.name}").claude()
    agent.prompt(f"Let {a.function} and {b.function} share one limit.")
    old = f"Put the limit into {c.path}"
    items = [f"Read how {a.name} gets its limit", old, f"Use it in {a.path}", f"Use it in {b.path}"]
    agent.todo(*((item, "pending") for item in items))
    agent.read(a.path)
    agent.read(c.path)
    new = f"Put the limit into {d.path} instead, {c.name} cannot import it"
    agent.says(f"{c.name} cannot import {a.name}, so the limit goes elsewhere.")
    agent.todo((items[0], "completed"), (new, "in_progress"), (items[2], "pending"), (items[3], "pending"))
    agent.edit(d.path, d.line(), d.line(a.limit))
    agent.todo((items[0], "completed"), (new, "completed"), (items[2], "in_progress"),
               (items[3], "pending"))
    agent.edit(a.path, a.line(), a.line(d.limit))
    passed = agent.run(s.facts.language.runner, 26)
    agent.todo((items[0], "completed"), (new, "completed"), (items[2], "completed"),
               (items[3], "pending"))
    agent.stop(f"`{a.function}` takes its limit from `{d.path}` now. I changed the plan on the way: `{c.path}` "
               f"was meant to hold the limit, but importing it there would be circular. What is left is "
               f"`{b.path}`, which I have not touched. All 26 tests pass with the present state, so this is "
               f"a good place to stop and review.")
    ask_goal(s)
    s.ask("plan", "what took the place of the old item", PLAN, "[x]", new)
    s.ask("plan", "what is done", PLAN, "[x]", items[2])
    s.ask("open item", "what is left", PLAN, items[3])
    ask_changed(s)
    ask_run(s, passed, "fresh")
    ask_read(s, a.path, c.path)
    ask_start(s)
    ask_back(s, "the last green state", f"{agent.address(passed.number)}^")


@story
def steered_by_the_user(s):
    a, b, c, *_ = basics(s)
    agent = s.branch(f"api-{a.name}").claude()
    agent.prompt(f"Let {a.function} take its limit as an argument.")
    agent.read(a.path)
    first = s.facts.number()
    agent.edit(a.path, a.line(), a.line(first))
    agent.end_turn(f"`{a.function}` takes a limit now; I changed its signature in `{a.path}`. The callers need "
                   f"to follow. Shall I adapt them?")
    keep = f"No, keep the old API of {a.name}: add a second function instead."
    agent.prompt(keep)
    agent.edit(a.path, a.line(first), a.line(s.facts.number()))
    style = f"And never use more than {s.facts.number()} {b.unit} in {b.path}."
    agent.end_turn(f"I restored the old signature and added a second function beside it.")
    agent.prompt(style)
    agent.read(b.path)
    agent.edit(b.path, b.line(), b.line(s.facts.number()))
    passed = agent.run(s.facts.language.runner, 19)
    agent.stop(f"Both are done. `{a.path}` keeps its old API, and `{b.path}` stays below the bound you gave. "
               f"The suite passes (19 tests). I did not add tests for the second function yet; its body is "
               f"one line, but if you want one I'd put it next to the existing case in `{a.test}`.")
    ask_goal(s)
    s.ask("constraint", "what must stay", CONSTRAINTS, keep)
    s.ask("constraint", "what must not be used", CONSTRAINTS, style)
    ask_changed(s)
    ask_run(s, passed, "fresh")
    ask_exit(s, passed)
    ask_read(s, b.path)
    ask_start(s)
    ask_back(s, "the last green state", f"{agent.address(passed.number)}^")


@story
def shell_only_edits(s):
    a, b, c, *_ = basics(s)
    agent = s.branch(f"sed-{a.name}").codex()
    agent.prompt(f"Raise the limits of {a.name}, {b.name} and {c.name}, all in one go.")
    agent.read(a.path)
    tried, right = s.facts.number(), s.facts.number()
    sed = agent.shell(f"sed -i s/{a.limit}/{tried}/ {a.path}",
                      effect=f"sed -i s/{a.limit}/{tried}/ {a.path}")
    error = f"{s.facts.errors[0]}: {a.name} beyond {tried}"
    failed = agent.run(s.facts.language.runner, 6, [(a.case_name, error)])
    agent.shell(f"sed -i s/{tried}/{right}/ {a.path}", effect=f"sed -i s/{tried}/{right}/ {a.path}")
    rest = f"sed -i s/{b.limit}/{s.facts.number()}/ {b.path} && sed -i s/{c.limit}/{right}/ {c.path}"
    agent.shell(rest, effect=rest)
    passed = agent.run(s.facts.language.runner, 7)
    agent.stop(f"The three limits are raised:\n\n- `{a.path}`\n- `{b.path}`\n- `{c.path}`\n\nMy first value for "
               f"{a.name} was too high and broke its test, so I lowered it. The suite is green now, 7 tests "
               f"in all. I used in-place substitutions, as the lines are alike in the three files.")
    ask_goal(s)
    ask_changed(s)
    ask_run(s, passed, "fresh")
    ask_dropped(s, a.path, a.line(tried), failed, error)
    s.ask("command", "how were the others changed", COMMANDS, rest, ("exit 0", "ok"))
    s.ask("command", "how was it raised first", COMMANDS, sed.command, ("exit 0", "ok"))
    ask_read(s, a.path)
    ask_start(s)
    ask_back(s, "the last green state", f"{agent.address(passed.number)}^")


@story
def subagent(s):
    a, b, c, d, _ = basics(s)
    agent = s.branch(f"split-{a.name}").claude()
    agent.prompt(f"Describe {a.name} in docs/{a.name}.md and raise its limit.")
    sub = agent.subagent(f"Describe {a.name}", f"Read {a.path} and {b.path} and write docs/{a.name}.md")
    sub.read(a.path)
    sub.read(b.path)
    sub.write(f"docs/{a.name}.md", f"# {a.name}\n\nAt most {s.facts.number()} {a.unit}.\n")
    sub.joined(f"docs/{a.name}.md describes the {a.name} now.")
    agent.read(c.path)
    agent.edit(a.path, a.line(), a.line(s.facts.number()))
    passed = agent.run(s.facts.language.runner, 13)
    agent.stop(f"Both parts are done. A subagent wrote `docs/{a.name}.md` from the sources; I raised the limit in "
               f"`{a.path}` myself. All 13 tests pass. The page mentions the limit as a number, so it has to "
               f"be kept in step with the code; I could not find a way around that.")
    ask_goal(s)
    ask_changed(s)
    ask_run(s, passed, "fresh")
    ask_exit(s, passed)
    ask_read(s, a.path, b.path, c.path)
    s.ask("who", "did a subagent take part", WHO, sub.address(), ("subagent", "general-purpose"))
    ask_start(s)
    ask_back(s, "the last green state", f"{agent.address(passed.number)}^")


BUILDS = {
    "python": ("python3 -m mypy src", "src/{m}.py:5: error: {e}\nFound 1 error in 1 file\n", 1, "lint"),
    "go": ("go build ./...", "# example.invalid/app/internal/{m}\ninternal/{m}/{m}.go:5:2: error: {e}\n", 1,
           "build"),
    "rust": ("cargo build", "error[E0308]: {e}\n --> src/{m}.rs:4:5\nerror: could not compile `app`\n", 101,
             "build"),
    "js": ("npx tsc --noEmit", "src/{m}.ts(3,3): error TS2322: {e}\n", 2, "lint"),
    "shell": ("make", "cc: error: {e}\nmake: *** [Makefile:2: {m}] Error 1\n", 2, "build"),
}


@story
def failing_build(s):
    a, b, c, *_ = basics(s)
    agent = s.branch(f"types-{a.name}").claude()
    agent.prompt(f"Make {a.function} return {b.unit} instead of {a.unit}.")
    agent.read(a.path)
    agent.edit(a.path, a.line(), a.line(s.facts.number()))
    command, output, status, kind = BUILDS[s.facts.language.name]
    error = f"{b.name} expected {s.facts.number()} {b.unit}"
    build = agent.shell(command, output.format(m=a.name, e=error), status,
                        run=dict(verdict="failed", failing=[], passed=None, skipped=None,
                                 failed=1 if "mypy" in command else None,
                                 partial=False, kind=kind))
    agent.read(b.path)
    agent.stop(f"I changed the return type in `{a.path}`, but the build does not go through yet: "
               f"`{b.function}` still expects the old unit. I ran out of context before I could adapt it. "
               f"The next step is to convert the value at the call in `{b.path}`; after that the tests need "
               f"a run, which I have not done.")
    ask_goal(s)
    ask_changed(s)
    ask_exit(s, build)
    s.ask("failing build", "how does it fail", COMMANDS + FAILING, command, "failed")
    s.ask("failing build", "with which error", FAILING + COMMANDS, error)
    s.ask("verification", "were tests run", TESTS, "never run")
    ask_read(s, a.path, b.path)
    s.ask("open item", "what is not done", OPEN, ("does not go through yet", "The next step is to convert"))
    ask_start(s)


@story
def stale_tests(s):
    a, b, c, *_ = basics(s)
    agent = s.branch(f"late-{a.name}").claude()
    agent.prompt(f"Raise the limit of {a.name}, then tidy {b.path}.")
    agent.read(a.path)
    agent.edit(a.path, a.line(), a.line(s.facts.number()))
    passed = agent.run(s.facts.language.runner, 33)
    agent.read(b.path)
    last = agent.edit(b.path, b.line(), b.line(s.facts.number()))
    claim = "All 33 tests pass."
    agent.stop(f"Both are done: `{a.path}` has the higher limit and `{b.path}` is tidier. {claim} The tidying is "
               f"cosmetic, a constant that had been written twice; its value did not need any discussion. "
               f"I looked at the other modules too, and there is nothing comparable in them.")
    ask_goal(s)
    ask_changed(s)
    s.ask("verification", "do the tests still hold", TESTS, passed.command, "stale")
    s.ask("verification", "what changed since", TESTS, b.path, last.session.address(last.number))
    ask_exit(s, passed)
    s.ask("claim", "does what the agent says hold", CLAIMS, claim, ("stale", "not verified", "contradicted"))
    ask_read(s, a.path, b.path)
    ask_start(s)
    ask_back(s, "the last green state", f"{agent.address(passed.number)}^")


@story
def partial_tests(s):
    a, b, c, *_ = basics(s)
    agent = s.branch(f"part-{a.name}").claude()
    agent.prompt(f"Correct the limit of {a.name}, it has to be the one in {b.path}.")
    agent.read(a.path)
    agent.read(b.path)
    agent.edit(a.path, a.line(), a.line(b.limit))
    passed = agent.run(a.run_part, 3, partial=True)
    agent.stop(f"The limit of `{a.function}` in `{a.path}` equals that of `{b.function}` now. I ran the tests of "
               f"this module and they pass (3). I did not run the whole suite: it takes long and nothing "
               f"else imports the module directly. `{c.path}` has a limit of its own, by the way, which "
               f"differs from both; that may or may not be intended.")
    ask_goal(s)
    ask_changed(s)
    ask_run(s, passed, ("partial", "a part"))
    ask_exit(s, passed)
    ask_read(s, a.path, b.path)
    s.ask("open item", "what was not done", OPEN, "I did not run the whole suite")
    ask_start(s)


@story
def docs_only(s):
    a, b, c, *_ = basics(s)
    guide = f"docs/{a.name}.md"
    agent = s.branch(f"docs-{a.name}").claude()
    agent.prompt(f"Write {guide}: what {a.function} does, with its limit. Documentation only.")
    agent.read(a.path)
    agent.read("README.md")
    agent.write(guide, f"# The {a.name}\n\n`{a.function}` counts at most {a.limit} {a.unit}.\n")
    agent.edit("README.md", "a project\n", f"a project\n\nSee {guide}.\n")
    look = agent.shell(f"wc -l {guide}", f"3 {guide}\n")
    agent.stop(f"I wrote `{guide}` and linked it from `README.md`. It explains what `{a.function}` does, names the "
               f"limit and its unit, and shows where the limit comes from. As you asked I changed no code. "
               f"The page is short on purpose, three lines; examples could follow once the API settles.")
    ask_goal(s)
    ask_changed(s)
    s.ask("verification", "were tests run", TESTS, "never run")
    s.ask("command", "how was it looked at", COMMANDS + READ, guide, look.session.address(look.number))
    ask_read(s, a.path, "README.md")
    ask_start(s)


@story
def release_range(s):
    from support.scratch import git
    a, b, c, *_ = basics(s)
    git(s.world.repo, "tag", "v1.4")
    runs = []
    for module in (a, b):
        git(s.world.repo, "checkout", "-q", "-b", f"work-{module.name}")
        agent = s.claude()
        agent.prompt(f"Raise the limit of {module.name} for the release.")
        agent.read(module.path)
        agent.edit(module.path, module.line(), module.line(s.facts.number()))
        runs.append(agent.run(s.facts.language.runner, 20))
        if module is b:
            agent.edit(c.path, c.line(), c.line(s.facts.number()))
        agent.shell(f"git commit -qam 'Raise {module.name}'",
                    effect=f"git commit -qam 'Raise {module.name}'")
        agent.stop(f"`{module.path}` has the higher limit, and the 20 tests pass. The change is committed on "
                   f"its own branch, ready to be merged for the release.")
        git(s.world.repo, "checkout", "-q", "main")
        git(s.world.repo, "merge", "-q", "--no-ff", "-m", f"Merge {module.name}", f"work-{module.name}")
    git(s.world.repo, "tag", "v1.5")
    s.ranges = ["v1.4..v1.5"]
    for actor, turn, text in s.prompts:
        s.ask("goal", "what was asked for", GOAL + ("tasks",), text)
    ask_changed(s, a.path, b.path, c.path)
    s.ask("verification", "what of it is not verified", TESTS + ("tasks", "unverified"), c.path, "stale")
    for actor in s.actors:
        ask_start(s, actor)


@story
def repeated_command(s):
    a, b, c, *_ = basics(s)
    agent = s.branch(f"deploy-{a.name}").claude()
    agent.prompt(f"Export the {a.name} to out/{a.name}.csv with the export tool.")
    agent.read(a.path)
    good = f"./export {a.name} --to out/{a.name}.csv --unit {a.unit}"
    forms = [f"./export {a.name} --to out/{a.name}.csv", f"./export {a.name} --to out/{a.name}.csv --units",
             f"./export {a.name} --to out/{a.name}.csv --unit"]
    error = f"error: {a.name} needs a unit, one of {s.facts.number()}"
    for form in forms:
        last = agent.shell(form, error + "\n", 64)
    worked = agent.shell(good, f"{s.facts.number()} {a.unit} written\n",
                         effect={f"out/{a.name}.csv": f"{a.name};{a.unit}\n"})
    agent.stop(f"The export is in `out/{a.name}.csv`. The tool wanted the unit spelled out, which its help does "
               f"not say; it took me a few attempts to find the right form. The file has one line per "
               f"{a.name} and is small enough to be committed. I did not change any code and ran no tests.")
    ask_goal(s)
    s.ask("dropped approach", "which form failed", ATTEMPTS, last.command, "exit 64")
    s.ask("why dropped", "with which error", ATTEMPTS, error)
    s.ask("replaced by", "which form worked", ATTEMPTS, good)
    s.ask("dropped approach", "how often was it tried", ATTEMPTS, "3 times")
    ask_changed(s)
    s.ask("verification", "were tests run", TESTS, "never run")
    ask_read(s, a.path)
    ask_start(s)


@story
def beyond_the_scope(s):
    a, b, c, *_ = basics(s)
    ci = ".github/workflows/ci.yml"
    s.world.write(ci, "on: push\njobs: {}\n")
    s.world.write("package-lock.json", '{"lockfileVersion": 3}\n')
    s.world.commit("CI and a lock file")
    s.base_commit = s.head()
    agent = s.branch(f"scope-{a.name}").claude()
    agent.prompt(f"Fix the limit in {a.path}.")
    agent.read(a.path)
    agent.edit(a.path, a.line(), a.line(s.facts.number()))
    agent.shell("npm install", "added 3 packages\n",
                effect={"package-lock.json": f'{{"lockfileVersion": 3, "n": {s.facts.number()}}}\n'})
    agent.write(ci, "on: push\njobs: {test: {continue-on-error: true}}\n")
    agent.shell(f"git rm -q {b.test}", effect={b.test: None})
    passed = agent.run(s.facts.language.runner, 11)
    agent.stop(f"The limit in `{a.path}` is fixed and all 11 tests pass. While I was at it I refreshed the lock "
               f"file and made CI more tolerant. I also removed a test that had become redundant. The "
               f"pipeline should be green after the next push.")
    ask_goal(s)
    ask_changed(s)
    for path in ("package-lock.json", ci, b.test):
        s.ask("scope", f"was {path} asked for", SCOPE, path)
    ask_run(s, passed, "fresh")
    ask_read(s, a.path)
    ask_start(s)
    ask_back(s, "the last green state", f"{agent.address(passed.number)}^")


@story
def hidden_status(s):
    a, b, c, *_ = basics(s)
    agent = s.branch(f"pipe-{a.name}").claude()
    agent.prompt(f"Raise the limit of {a.name} and see that the tests still pass.")
    agent.read(a.path)
    agent.edit(a.path, a.line(), a.line(s.facts.number()))
    command = f"{s.facts.language.runner} > /tmp/{a.name}.log 2>&1 || true"
    run = agent.shell(command, "", run=dict(verdict="unknown", failing=[], passed=None, failed=None,
                                            skipped=None, partial=False, kind="test"))
    agent.read(b.path)
    claim = "The tests pass."
    agent.stop(f"`{a.path}` has the higher limit. {claim} I looked at `{b.path}` as well, since it has a similar "
               f"bound, but it is independent. Nothing else uses the limit, so there is no risk in merging "
               f"this. The log of the run is kept outside of the repository.")
    ask_goal(s)
    ask_changed(s)
    s.ask("verification", "how do the tests stand", TESTS, command, "unknown")
    s.ask("claim", "is what the agent says true", CLAIMS, claim, "not verified")
    ask_read(s, a.path, b.path)
    ask_start(s)


@story
def compacted(s):
    a, b, c, *_ = basics(s)
    agent = s.branch(f"compact-{a.name}").claude()
    agent.prompt(f"Rework the limits of {a.name} and {b.name}.")
    rule = f"Whatever you do, {c.path} must keep its {c.limit} {c.unit}."
    agent.read(a.path)
    tried, right = s.facts.number(), s.facts.number()
    agent.edit(a.path, a.line(), a.line(tried))
    error = f"{s.facts.errors[0]}: {a.name} of {tried} {a.unit} is refused"
    failed = agent.run(s.facts.language.runner, 15, [(a.case_name, error)])
    agent.edit(a.path, a.line(tried), a.line(right))
    agent.run(s.facts.language.runner, 16)
    agent.end_turn(f"`{a.path}` is done; the first value did not fit. Next is `{b.path}`.")
    agent.prompt(rule)
    agent.compacted(f"The user wants the limits of two modules reworked. {a.name} is finished, {b.name} is next.")
    agent.read(b.path)
    agent.edit(b.path, b.line(), b.line(s.facts.number()))
    passed = agent.run(s.facts.language.runner, 16)
    agent.stop(f"Both limits are reworked, `{a.path}` and `{b.path}`, and the suite of 16 tests is green. I ran it "
               f"after each of the two. There are no follow-ups that I know of; documentation does not "
               f"mention the numbers.")
    ask_goal(s)
    s.ask("constraint", "what must stay", CONSTRAINTS, rule)
    ask_changed(s)
    ask_dropped(s, a.path, a.line(tried), failed, error)
    ask_run(s, passed, "fresh")
    ask_read(s, b.path)
    ask_start(s)
    ask_back(s, "the last green state", f"{agent.address(passed.number)}^")


@story
def died_midway(s):
    a, b, c, *_ = basics(s)
    agent = s.branch(f"crash-{a.name}").claude()
    agent.prompt(f"Split {a.function} in two and move one half to {b.path}.")
    items = [f"Split {a.function}", f"Move the half to {b.path}", f"Extend {b.test}"]
    agent.todo(*((item, "pending") for item in items))
    agent.read(a.path)
    agent.edit(a.path, a.line(), a.line(s.facts.number()))
    agent.todo((items[0], "completed"), (items[1], "in_progress"), (items[2], "pending"))
    error = f"{s.facts.errors[0]}: half of {a.name} is missing"
    failed = agent.run(s.facts.language.runner, 8, [(a.case_name, error)])
    agent.read(b.path)
    agent.edit(b.path, b.line(), b.line(s.facts.number()))
    ask_goal(s)
    ask_changed(s)
    s.ask("plan", "what is done", PLAN, "[x]", items[0])
    s.ask("open item", "what is in progress", PLAN, items[1], "in_progress")
    s.ask("open item", "what is left", PLAN, items[2])
    ask_failing(s, a.case_name)
    ask_run(s, failed, "failed")
    ask_exit(s, failed)
    s.ask("verification", "what changed since", TESTS, b.path)
    ask_read(s, b.path)
    ask_start(s)
