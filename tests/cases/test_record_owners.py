"""Who made a change: people, agents, git and formatters at work on the same files, with the real hook,
the real git and real time."""
import hashlib
import subprocess
import threading
import time

import pytest
from support import faults
from support.readers import exported, owner_kinds, owners, steps
from support.scratch import git

TICK = 0.03  # seconds in which time stamps may be the same


def owner_of(world, path, text, **where):
    """(kind, evidence, prompt of the turn) of the line with that text."""
    owner = owners(world, path, **where)[text]
    prompt = None
    if owner.get("turn"):
        prompt = world.json("show", owner["turn"], **where)["turn"]["prompt"]
    return owner["kind"], owner.get("evidence"), prompt


def suspects(world, path, text):
    """Commands of the steps that may have made the line."""
    owner = owners(world, path)[text]
    named = [each["step"] if isinstance(each, dict) else each for each in owner.get("candidates", [])]
    if owner.get("step"):
        named.append(owner["step"])
    return {world.json("show", step)["step"]["command"] for step in named}


def started(world, agent, prompt):
    session = world.codex() if agent == "codex" else world.claude()
    return session.start().prompt(prompt)


# --- R18
@pytest.mark.parametrize("agent", ["claude", "codex"])
@pytest.mark.parametrize("change", ["edit", "new file", "append"])
def test_r18_a_person_between_two_turns(world, change, agent):
    world.write("a.txt", "one\ntwo\n")
    world.write("b.txt", "one\ntwo\n")
    world.commit("Files")
    session = started(world, agent, "first")
    session.edit("b.txt", "one\n", "by the agent\n")
    time.sleep(TICK)
    path = "c.txt" if change == "new file" else "a.txt"
    world.write(path, {"edit": "by a person\ntwo\n", "new file": "by a person\n",
                       "append": "one\ntwo\nby a person\n"}[change])
    time.sleep(TICK)
    session.prompt("second")
    session.edit("b.txt", "two\n", "by the agent too\n")
    assert owner_of(world, path, "by a person") == ("outside", None, None)
    assert owner_of(world, "b.txt", "by the agent") == ("step", "exact", "first")
    assert owner_of(world, "b.txt", "by the agent too")[:2] == ("step", "exact")
    assert not any(path in each["path"] for step in steps(world).values()
                   for each in step.get("changes", []))


# --- R19
@pytest.mark.parametrize("agent", ["claude", "codex"])
@pytest.mark.parametrize("moment", ["before the tool reads", "after the tool wrote", "both"])
@pytest.mark.parametrize("pause", [0, TICK], ids=["at once", "later"])
def test_r19_a_person_saves_while_the_agent_waits(world, moment, agent, pause):
    world.write("a.txt", "one\ntwo\nthree\nfour\nfive\nsix\n")
    world.commit("File")
    time.sleep(TICK)
    session = started(world, agent, "change two")

    def save(old, new):
        def act():
            time.sleep(pause)
            world.write("a.txt", world.read("a.txt").decode().replace(old, new))
            time.sleep(pause)
        return act

    between = save("six\n", "by a person\n") if moment != "after the tool wrote" else None
    after_write = save("four\n", "later by a person\n") if moment != "before the tool reads" else None
    session.edit("a.txt", "two\n", "by the agent\n", between=between, after_write=after_write)
    found = {text: owner_of(world, "a.txt", text)[:2] for text in owners(world, "a.txt")}
    assert found["by the agent"] in (("step", "exact"), ("step", "during"), ("step", "contested"))
    persons = [text for text in found if "person" in text]
    assert len(persons) == (2 if moment == "both" else 1)
    for text in persons:
        assert found[text] == ("outside", None), (text, found)
    if agent == "claude":
        assert found["by the agent"] == ("step", "exact")


# --- R20
def test_r20_two_sessions_at_the_same_moment(world):
    world.write("a.txt", "one\n")
    world.write("b.txt", "one\n")
    world.commit("Files")
    first = world.claude().start().prompt("of the first")
    second = world.claude().start().prompt("of the second")
    given = {"command": "printf 'by the first\\n' >> a.txt; sleep 0.2"}
    call = first.before("Bash", given)
    running = threading.Thread(target=lambda: first.finish_bash(call, given))
    running.start()
    time.sleep(0.1)
    second.edit("b.txt", "one\n", "by the second\n")
    running.join()
    first.stop()
    second.stop()
    assert owner_of(world, "a.txt", "by the first") == ("step", "during", "of the first")
    assert owner_of(world, "b.txt", "by the second") == ("step", "exact", "of the second")
    assert [each["path"] for step in steps(world).values() for each in step.get("changes", [])
            if step.get("command")] == ["a.txt"]


def test_r20_eight_sessions_each_its_own_file(world):
    for number in range(8):
        world.write(f"f{number}.txt", "one\n")
    world.commit("Files")

    def work(number):
        session = world.claude().start().prompt(f"of {number}")
        for turn in range(3):
            session.edit(f"f{number}.txt", "one\n", f"one\n{number} {turn}\n")
        session.stop()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(8):
        for turn in range(3):
            assert owner_of(world, f"f{number}.txt", f"{number} {turn}") == (
                "step", "exact", f"of {number}")


# --- R21
def test_r21_two_commands_overlap(world):
    first = world.claude().start().prompt("of the first")
    second = world.claude().start().prompt("of the second")
    one = {"command": "sleep 0.3"}
    two = {"command": "sleep 0.1; echo whose >> shared.txt; sleep 0.1"}
    call_one, call_two = first.before("Bash", one), second.before("Bash", two)
    threads = [threading.Thread(target=lambda: first.finish_bash(call_one, one)),
               threading.Thread(target=lambda: second.finish_bash(call_two, two))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first.stop()
    second.stop()
    assert owner_of(world, "shared.txt", "whose")[:2] == ("step", "contested")
    assert suspects(world, "shared.txt", "whose") == {one["command"], two["command"]}
    assert "contested" in world.baton("blame", "shared.txt").out


def test_r21_one_ended_before_the_change(world):
    """They overlap, but when the file changed only one of them still ran."""
    first = world.claude().start().prompt("of the first")
    second = world.claude().start().prompt("of the second")
    one = {"command": "true"}
    two = {"command": "sleep 0.6; echo whose >> shared.txt"}
    call_one, call_two = first.before("Bash", one), second.before("Bash", two)
    running = threading.Thread(target=lambda: second.finish_bash(call_two, two))
    running.start()
    first.finish_bash(call_one, one)
    running.join()
    assert owner_of(world, "shared.txt", "whose") == ("step", "during", "of the second")


# --- R22
@pytest.fixture
def branches(world):
    """main with a file, and a branch `side` with a colleague's version of it, behind which main has
    not moved."""
    world.write("a.txt", "one\ntwo\nthree\n")
    world.commit("File")
    git(world.repo, "checkout", "-q", "-b", "side")
    world.write("a.txt", "one\nby a colleague\nthree\n")
    world.write("theirs.txt", "theirs\n")
    world.commit("Theirs")
    git(world.repo, "checkout", "-q", "main")
    time.sleep(TICK)
    return world


@pytest.mark.parametrize("how", ["checkout", "switch -c", "merge", "pull", "rebase", "reset", "cherry-pick",
                                 "stash pop", "checkout path", "merge --no-ff", "restore"])
def test_r22_git_by_a_person_between_turns(branches, how):
    world = branches
    if how == "rebase":
        git(world.repo, "checkout", "-q", "-b", "own")
        world.write("own.txt", "own\n")
        world.commit("Own")
    if how == "pull":
        other = world.base / "other"
        subprocess.run(["git", "clone", "-q", str(world.repo), str(other)], check=True)
        git(other, "merge", "-q", "origin/side")
    if how == "stash pop":
        world.write("a.txt", "one\nby a colleague\nthree\n")
        world.write("theirs.txt", "theirs\n")
        git(world.repo, "stash", "-q", "-u")
    session = world.claude().start().prompt("first")
    session.bash("true")
    session.stop()
    time.sleep(TICK)
    command = {"checkout": ["checkout", "-q", "side"], "switch -c": ["checkout", "-q", "-b", "new", "side"],
               "merge": ["merge", "-q", "side"], "merge --no-ff": ["merge", "-q", "--no-ff", "--no-edit", "side"],
               "pull": ["pull", "-q", "--ff-only", str(world.base / "other"), "main"],
               "rebase": ["rebase", "-q", "side"], "reset": ["reset", "-q", "--hard", "side"],
               "cherry-pick": ["cherry-pick", "side"], "stash pop": ["stash", "pop", "-q"],
               "checkout path": ["checkout", "-q", "side", "--", "a.txt", "theirs.txt"],
               "restore": ["restore", "--source", "side", "a.txt", "theirs.txt"]}[how]
    git(world.repo, *command)
    time.sleep(TICK)
    session.prompt("second")
    session.edit("a.txt", "three\n", "by the agent\n")
    session.stop()
    assert owner_of(world, "a.txt", "by the agent") == ("step", "exact", "second")
    for path, text in (("a.txt", "by a colleague"), ("theirs.txt", "theirs")):
        kind = owner_of(world, path, text)[0]
        if how in ("checkout path", "restore", "stash pop"):
            # No commit of HEAD's holds it: a person did it, by git or not.
            assert kind in ("git", "outside"), (path, kind)
        else:
            assert kind == "git", (path, kind)


# --- R23
@pytest.mark.parametrize("command", [
    "git commit -qam 'By the agent'", "git add -A && git commit -q -m 'By the agent'",
    "git commit -qam 'By the agent' && git commit -q --amend -m 'By the agent'"])
def test_r23_the_agent_commits(world, command):
    world.write("a.txt", "one\ntwo\n")
    world.commit("File")
    session = world.claude().start().prompt("change and commit")
    session.edit("a.txt", "two\n", "by the agent\n")
    session.bash("echo by a command >> a.txt")
    session.bash(command)
    session.stop()
    head = git(world.repo, "rev-parse", "HEAD").strip()
    found = steps(world)
    assert head in found[command]["commits"]
    assert not found[command].get("changes")
    assert owner_of(world, "a.txt", "by the agent") == ("step", "exact", "change and commit")
    assert owner_of(world, "a.txt", "by a command") == ("step", "during", "change and commit")
    shown = world.json("show", "git:HEAD")
    assert [each["turn"]["prompt"] for each in shown["commit"]["prompts"]] == ["change and commit"]
    changed = [each["path"] for step in found.values() for each in step.get("changes", [])]
    assert sorted(changed) == ["a.txt", "a.txt"], "nothing is anybody's twice"


# --- R42
@pytest.mark.parametrize("command", [
    "git merge -q side", "git checkout -q side", "git merge -q --no-ff --no-edit side", "git rebase -q side",
    "git cherry-pick side", "git reset -q --hard side", "git pull -q . side", "git stash pop -q",
    "git checkout -q side && echo ready", "git fetch -q . side && git merge -q FETCH_HEAD"])
def test_r42_git_by_the_agent(branches, command):
    world = branches
    if "stash" in command:
        world.write("a.txt", "one\nby a colleague\nthree\n")
        world.write("theirs.txt", "theirs\n")
        git(world.repo, "stash", "-q", "-u")
    session = world.claude().start().prompt("bring theirs in")
    session.bash(command)
    time.sleep(TICK)
    session.bash("echo by the agent >> a.txt")
    session.stop()
    assert owner_of(world, "a.txt", "by the agent") == ("step", "during", "bring theirs in")
    assert owner_of(world, "a.txt", "by a colleague")[0] == "git"
    assert owner_of(world, "theirs.txt", "theirs")[0] == "git"


@pytest.mark.parametrize("operation", ["merge", "rebase", "cherry-pick", "stash pop", "pull"])
@pytest.mark.parametrize("by", ["edit tool", "command"])
def test_r42_only_the_resolution_is_the_steps(branches, operation, by):
    world = branches
    if operation == "stash pop":
        world.write("a.txt", "one\nby a colleague\nthree\n")
        world.write("theirs.txt", "theirs\n")
        git(world.repo, "stash", "-q", "-u")
    world.write("a.txt", "one\nours\nthree\n")
    world.commit("Ours")
    time.sleep(TICK)
    session = world.claude().start().prompt("bring theirs in")
    command = {"merge": "git merge -q side", "rebase": "git rebase -q side", "cherry-pick": "git cherry-pick side",
               "stash pop": "git stash pop -q", "pull": "git pull -q --no-rebase . side"}[operation]
    session.bash(command)
    text = world.read("a.txt").decode()
    assert "<<<<<<<" in text, "the case's precondition"
    if by == "edit tool":
        begin, end = text.index("<<<<<<<"), text.index(">>>>>>>")
        end = text.index("\n", end) + 1
        session.edit("a.txt", text[begin:end], "by a colleague\nby the agent\n")
    else:
        session.bash("printf 'one\\nby a colleague\\nby the agent\\nthree\\n' > a.txt")
    finish = {"merge": "git commit -qam Merged", "rebase": "git add -A && GIT_EDITOR=true git rebase --continue",
              "cherry-pick": "git add -A && git commit -qm Picked", "stash pop": "git add -A && git commit -qm Popped",
              "pull": "git commit -qam Merged"}[operation]
    session.bash(finish)
    session.stop()
    kinds = owner_kinds(world, "a.txt")
    assert owner_of(world, "a.txt", "by the agent")[0] == "step", kinds
    assert kinds["by a colleague"] == "git", kinds
    assert kinds["one"] in ("git", "before") and kinds["three"] in ("git", "before"), kinds
    if operation != "stash pop":
        assert owner_of(world, "theirs.txt", "theirs")[0] == "git"


# --- R43
@pytest.mark.parametrize("answer", ["approved", "denied", "denied, then a prompt"])
@pytest.mark.parametrize("agent", ["claude", "codex"])
def test_r43_a_person_saves_while_a_command_waits(world, answer, agent):
    world.write("a.txt", "one\n")
    world.commit("File")
    session = started(world, agent, "run it")
    given = {"command": "echo by the command >> b.txt"}
    call = session.call_id()
    hear = session.send
    hear("PreToolUse", tool_name="Bash", tool_input=given, tool_use_id=call)
    time.sleep(0.4)
    world.write("a.txt", "one\nby a person\n")
    time.sleep(0.4)
    if answer == "approved":
        began = time.monotonic()
        world.sh(given["command"])
        took = int((time.monotonic() - began) * 1000)
        more = {} if agent == "codex" else {"duration_ms": took}
        hear("PostToolUse", tool_name="Bash", tool_input=given, tool_use_id=call,
             tool_response="" if agent == "codex" else {"stdout": "", "stderr": "", "interrupted": False}, **more)
    if answer == "denied, then a prompt":
        session.prompt("do something else")
    hear("Stop", stop_hook_active=False, last_assistant_message="Done.")
    kind = owner_of(world, "a.txt", "by a person")[0]
    if agent == "codex" and answer == "approved":
        # Nothing tells how long the command itself ran.
        assert kind in ("outside", "unknown", "step")
        assert owners(world, "a.txt")["by a person"].get("evidence") != "exact"
    else:
        assert kind in ("outside", "unknown")
    if answer == "approved":
        assert owner_of(world, "b.txt", "by the command")[0] == "step"


# --- R44
@pytest.mark.parametrize("form", ["&", "nohup &", "run_in_background"])
@pytest.mark.parametrize("until", ["the after-event", "the turn's end", "the next prompt"])
def test_r44_a_command_goes_on_in_the_background(world, form, until):
    session = world.claude().start().prompt("start it")
    inner = "sleep 0.3; echo from the background >> late.txt"
    given = {"command": {"&": f"({inner}) > /dev/null 2>&1 &", "nohup &": f"nohup sh -c '{inner}' > /dev/null 2>&1 &",
                         "run_in_background": inner}[form]}
    response = {"stdout": "", "stderr": "", "interrupted": False, "isImage": False}
    if form == "run_in_background":
        given["run_in_background"] = True
        response["backgroundTaskId"] = "bg1"
    call = session.before("Bash", given)
    running = subprocess.Popen(["bash", "-c", given["command"]], cwd=world.repo, env=world.env)
    if form != "run_in_background":
        running.wait()
    session.after(call, "Bash", given, response, duration_ms=3)
    if until != "the after-event":
        session.stop()
    if until == "the next prompt":
        session.prompt("something else")
    running.wait()
    deadline = time.monotonic() + 5
    while not (world.repo / "late.txt").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(TICK)
    if until == "the turn's end":
        session.prompt("next")
    session.bash("true")
    session.stop()
    owner = owners(world, "late.txt")["from the background"]
    assert owner["kind"] in ("step", "unknown"), owner
    assert given["command"] in suspects(world, "late.txt", "from the background"), owner
    if owner["kind"] == "step":
        assert world.json("show", owner["turn"])["turn"]["prompt"] == "start it"


# --- R45
def shout(world):
    world.write("a.txt", world.read("a.txt").decode().replace("  ", " ").replace("agent \n", "agent\n"))


@pytest.mark.parametrize("speed", ["before the hook reads", "after the hook", "between truncate and write"])
def test_r45_a_formatters_hook_beside_ours(world, speed):
    lines = [f"line  {number}" for number in range(6)]
    world.write("a.txt", "\n".join(lines) + "\n")
    world.commit("File")
    time.sleep(TICK)
    world.claude().start()
    world.write("a.txt", world.read("a.txt").decode() + "by a person\n")
    time.sleep(TICK)
    session = world.claude().start().prompt("change line 2")
    given_old, given_new = "line  2\n", "by the agent \n"
    file = world.repo / "a.txt"
    if speed == "before the hook reads":
        session.edit("a.txt", given_old, given_new, after_write=lambda: shout(world))
    elif speed == "after the hook":
        session.edit("a.txt", given_old, given_new)
        shout(world)
    else:
        def truncate():
            world.formatted = world.read("a.txt").decode().replace("  ", " ").replace("agent \n", "agent\n")
            file.write_text("")
        session.edit("a.txt", given_old, given_new, after_write=truncate)
        file.write_text(world.formatted)
    session.stop()
    kinds = owner_kinds(world, "a.txt")
    assert kinds["by a person"] == "outside", kinds
    owner = owners(world, "a.txt")["by the agent"]
    assert owner["kind"] in ("step", "outside", "unknown"), owner
    # Nobody owns the whole file for a change of blanks: it is not the agent's.
    for number in (0, 1, 3, 4, 5):
        assert kinds[f"line {number}"] != "step", kinds


@pytest.mark.parametrize("speed", ["before the hook reads", "after the hook", "between truncate and write"])
def test_r45_a_formatter_that_leaves_lines_alone(world, speed):
    """It only puts the imports into order: all other lines stay whose they are."""
    world.write("a.py", "import b\nimport a\n\none = 1\ntwo = 2\nthree = 3\n")
    world.commit("File")
    time.sleep(TICK)
    world.write("a.py", world.read("a.py").decode() + "person = 4\n")
    time.sleep(TICK)
    session = world.claude().start().prompt("change two")
    file = world.repo / "a.py"

    def sort():
        text = file.read_text().replace("import b\nimport a\n", "import a\nimport b\n")
        if speed == "between truncate and write":
            file.write_text("")
        else:
            file.write_text(text)
        world.formatted = text

    if speed == "after the hook":
        session.edit("a.py", "two = 2\n", "two = 'agent'\n")
        sort()
    else:
        session.edit("a.py", "two = 2\n", "two = 'agent'\n", after_write=sort)
        if speed == "between truncate and write":
            file.write_text(world.formatted)
    session.stop()
    found = {text: owner_of(world, "a.py", text)[:2] for text in owners(world, "a.py") if text}
    assert found["two = 'agent'"] == ("step", "exact"), found
    assert found["person = 4"][0] == "outside", found
    assert found["one = 1"][0] == found["three = 3"][0] == "outside", found
    assert found["import a"][0] != "step" or found["import a"][1] != "exact", found


# --- R46
def test_r46_a_pass_sees_another_sessions_edit_first(world):
    world.write("b.txt", "one\ntwo\n")
    world.commit("File")
    time.sleep(TICK)
    first = world.claude().start().prompt("of the first")
    second = world.claude().start().prompt("of the second")
    given = {"command": "echo by the command > a.txt"}
    command = first.before("Bash", given)
    edit = {"file_path": str(world.repo / "b.txt"), "old_string": "two\n", "new_string": "by the edit\n",
            "replace_all": False}
    call = second.before("Edit", edit)
    world.write("b.txt", "one\nby the edit\n")
    first.finish_bash(command, given)
    second.after(call, "Edit", edit, {
        "filePath": edit["file_path"], "oldString": "two\n", "newString": "by the edit\n",
        "originalFile": "one\ntwo\n", "structuredPatch": [], "userModified": False, "replaceAll": False})
    assert owner_of(world, "b.txt", "by the edit") == ("step", "exact", "of the second")
    assert owner_of(world, "a.txt", "by the command") == ("step", "during", "of the first")
    assert [each["path"] for each in steps(world)[given["command"]]["changes"]] == ["a.txt"]


def test_r46_a_before_event_sees_a_half_written_file(world):
    world.write("b.txt", "one\n")
    world.commit("File")
    time.sleep(TICK)
    first = world.claude().start().prompt("of the first")
    second = world.claude().start().prompt("of the second")
    given = {"command": "printf 'half' > c.txt; sleep 0.3; printf ' and whole\\n' >> c.txt"}
    command = first.before("Bash", given)
    running = threading.Thread(target=lambda: first.finish_bash(command, given))
    running.start()
    deadline = time.monotonic() + 5
    while not (world.repo / "c.txt").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(TICK)
    assert world.read("c.txt") == b"half", "the case's precondition"
    # B is about to run a command of its own, and looks at everything.
    other = {"command": "true"}
    call = second.before("Bash", other)
    second.finish_bash(call, other)
    second.edit("b.txt", "one\n", "by the second\n")
    running.join()
    first.stop()
    second.stop()
    assert owner_of(world, "c.txt", "half and whole") == ("step", "during", "of the first")
    assert owner_of(world, "b.txt", "by the second") == ("step", "exact", "of the second")
    assert not steps(world)["true"].get("changes")


# --- R49
def test_r49_the_pass_before_a_command_was_cut(world):
    for number in range(120):
        world.write(f"d{number % 10}/f{number}.txt", f"{number}\n")
    world.commit("Many")
    session = world.claude().start().prompt("go")
    session.stop()
    time.sleep(TICK)
    for number in range(120):
        world.write(f"d{number % 10}/f{number}.txt", f"{number}\nby a person\n")
    time.sleep(TICK)
    given = {"command": "echo by the command >> d9/f119.txt"}
    call = session.call_id()
    faults.slow_hook(world, session.event("PreToolUse", tool_name="Bash", tool_input=given, tool_use_id=call))
    look = world.lines(session=session.session)[-1]["e"]["obs"][0]
    assert look["complete"] is False, "the case's precondition"
    session.finish_bash(call, given)
    session.stop()
    status = world.json("status")
    assert any(gap["what"] == "pass" for gap in status["gaps"]), status["gaps"]
    assert "pass" in world.baton("status").out or "gap" in world.baton("status").out
    for number in range(120):
        path = f"d{number % 10}/f{number}.txt"
        kind, evidence, _ = owner_of(world, path, "by a person")
        assert kind in ("outside", "unknown"), (path, kind, evidence)
    assert owner_of(world, "d9/f119.txt", "by the command")[0] in ("step", "unknown")
    session.prompt("next")
    session.edit("d0/f0.txt", "0\n", "by the agent\n")
    assert owner_of(world, "d0/f0.txt", "by the agent") == ("step", "exact", "next")


# --- The prompts behind a commit
def prompts_of(world, revision):
    return [each["turn"]["prompt"] for each in world.json("show", "git:" + revision)["commit"]["prompts"]]


@pytest.mark.parametrize("agent", ["claude", "codex"])
def test_no_prompt_is_behind_a_commit_that_is_older(make_world, agent):
    """The agent brings the file to a content that an old commit had given it too."""
    world = make_world(store=False)
    old = "2026-01-02T00:00:00Z"
    for text, other in (("first\n", "x\n"), ("second\n", None), ("first\n", "x\n")):
        world.write("a.txt", text)
        world.write("gone.txt", other or "")
        if other is None:
            (world.repo / "gone.txt").unlink()
        git(world.repo, "add", "-A")
        git(world.repo, "commit", "-qm", text, GIT_COMMITTER_DATE=old, GIT_AUTHOR_DATE=old)
    world.baton("init", "--agent", "claude-code", check=True)
    session = started(world, agent, "as it was once")
    session.edit("a.txt", "first\n", "second\n")
    session.bash("rm gone.txt")
    session.stop()
    for revision in ("HEAD", "HEAD~1", "HEAD~2"):
        assert prompts_of(world, revision) == [], revision
    world.commit("Four")
    assert prompts_of(world, "HEAD") == ["as it was once"]
    assert prompts_of(world, "HEAD~2") == []


@pytest.mark.parametrize("how", ["commit", "amend", "rebase", "cherry-pick", "old date"])
def test_the_prompt_behind_a_commit(world, how):
    world.write("a.txt", "one\n")
    world.commit("File")
    session = world.claude().start().prompt("change it")
    session.edit("a.txt", "one\n", "by the agent\n")
    session.stop()
    if how == "old date":
        git(world.repo, "commit", "-qam", "Change", GIT_COMMITTER_DATE="2020-01-01T00:00:00Z")
    else:
        git(world.repo, "commit", "-qam", "Change")
    if how == "amend":
        git(world.repo, "commit", "-q", "--amend", "-m", "Change, better said")
    elif how in ("rebase", "cherry-pick"):
        git(world.repo, "branch", "kept")
        git(world.repo, "checkout", "-q", "-b", "other", "HEAD~1")
        world.write("b.txt", "other\n")
        world.commit("Other")
        git(world.repo, *(["cherry-pick", "kept"] if how == "cherry-pick" else ["rebase", "-q", "other", "kept"]))
    assert prompts_of(world, "HEAD") == ["change it"]


# --- What was last seen is lost, and files changed behind it


def lose_manifest(world):
    for manifest in world.store.glob("worktrees/*/manifest"):
        manifest.unlink()


def test_edits_behind_a_lost_manifest_are_a_later_change(world, tmp_path):
    world.write("a.txt", "one\ntwo\n")
    world.write("gone.txt", "there\n")
    world.write("kept.txt", "kept\n")
    world.commit("Files")
    session = started(world, "claude", "first")
    session.edit("a.txt", "one\n", "by the agent\n")
    session.stop()
    step = world.json("log", "--steps")["turns"][0]["steps"][0]["address"]
    then = exported(world, step, tmp_path / "then")
    lose_manifest(world)
    world.write("a.txt", "by the agent\ntwo\nunseen\n")
    world.write("new.txt", "unseen too\n")
    (world.repo / "gone.txt").unlink()
    session.prompt("second")
    turn = world.json("log")["turns"][0]["address"]
    session.edit("kept.txt", "kept\n", "changed\n")
    session.stop()
    assert exported(world, step, tmp_path / "still") == then
    assert world.baton("cat", f"{step}:a.txt").stdout == b"by the agent\ntwo\n"
    assert world.baton("cat", f"{step}:new.txt").returncode == 3
    assert b"unseen" not in world.baton("show", step).stdout
    assert [each["path"] for each in world.json("show", turn)["turn"]["steps"][0]["changes"]] == ["kept.txt"]
    newest = exported(world, "@", tmp_path / "newest")
    assert newest == {"README.md": then["README.md"], "a.txt": b"by the agent\ntwo\nunseen\n",
                      "new.txt": b"unseen too\n", "kept.txt": b"changed\n"}
    told = world.json("diff", f"{step}..@")
    assert {each["path"] for each in told["files"]} == {"a.txt", "gone.txt", "new.txt", "kept.txt"}
    assert owner_of(world, "a.txt", "by the agent") == ("step", "exact", "first")
    assert owner_of(world, "a.txt", "unseen")[0] == "unknown"
    assert owner_of(world, "new.txt", "unseen too")[0] == "unknown"
    assert world.baton("fsck").returncode == 0


def test_a_file_put_back_behind_a_lost_manifest_is_a_change(world):
    """The content that it had before the record was interrupted is no repetition of what was told."""
    world.write("a.txt", "one\n")
    world.commit("File")
    session = started(world, "claude", "first")
    session.edit("a.txt", "one\n", "by the agent\n")
    session.stop()
    lose_manifest(world)
    world.write("a.txt", "unseen\n")
    session.prompt("second")
    session.edit("a.txt", "unseen\n", "by the agent\n")
    session.stop()
    step = world.json("log", "--steps")["turns"][0]["steps"][0]
    assert [each["path"] for each in step["changes"]] == ["a.txt"]
    assert world.baton("cat", "@:a.txt").stdout == b"by the agent\n"
    assert owner_of(world, "a.txt", "by the agent")[:2] == ("step", "exact")


def test_a_turn_whose_session_begins_like_a_commit(world):
    """`c7f2:1` is git's only where the commit holds a file of that name."""
    session = world.claude().start().prompt("P1")
    session.write("made.txt", "made\n")
    session.stop()
    turn = world.json("log")["turns"][0]["address"]
    prefix = turn.partition(":")[0]
    tree = git(world.repo, "mktree", "--missing").strip()
    for number in range(1_000_000):
        body = f"tree {tree}\nauthor R <r@x> {number} +0000\ncommitter R <r@x> 0 +0000\n\nx\n".encode()
        if hashlib.sha1(b"commit %d\0" % len(body) + body).hexdigest().startswith(prefix):
            break
    (world.repo / "body").write_bytes(body)
    git(world.repo, "hash-object", "-t", "commit", "-w", "body")
    assert world.json("show", turn)["turn"]["prompt"] == "P1"
    assert "ambiguous" in world.baton("show", prefix).err
