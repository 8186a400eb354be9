"""`baton log --lines`: the changes that touched some lines, back to where they were written."""
import re
import subprocess
import time

import pytest

from support.scratch import git


@pytest.fixture
def world5(world):
    """Two commits of a person; then an agent changes line 3, adds lines 1 and 2 of another place, a
    person changes line 3 again, the agent renames the file and changes it once more."""
    world.write("f.txt", "one\ntwo\nthree\nfour\nfive\n")
    world.commit("Count")
    world.write("f.txt", "one\ntwo\n3\nfour\nfive\n")
    world.commit("Digit")
    agent = world.claude().start().prompt("Roman three\nplease")
    agent.edit("f.txt", "3\n", "III\n")
    agent.stop()
    agent.prompt("A title")
    agent.edit("f.txt", "one\n", "# title\n\none\n")
    agent.stop()
    world.write("f.txt", world.read("f.txt").decode().replace("III", "iii"))
    agent.prompt("Lower names")
    agent.bash("git mv f.txt g.txt")
    agent.edit("g.txt", "iii\nfour\n", "iii!\nfour!\n")
    agent.stop()
    return world


def told(world, *words):
    return world.json("log", *words)


def test_back_to_the_commits(world5):
    lines = told(world5, "--lines", "g.txt:5")
    session = world5.json("log")["turns"][0]["session"]
    owners = [each["owner"].get("step", each["owner"]["kind"]) for each in lines["changes"]]
    assert owners == [f"{session}.4", "outside", f"{session}.1"]
    assert [each["path"] for each in lines["changes"]] == ["g.txt", "f.txt", "f.txt"]
    # Where it stood in each version, and what became of it. Two lines were replaced at once: like git,
    # both are followed from there.
    assert [each["after"] for each in lines["changes"]] == \
        [{"first": 5, "last": 5}, {"first": 5, "last": 6}, {"first": 3, "last": 4}]
    patches = [each["patch"].split("\n")[1:-1] for each in lines["changes"]]
    assert patches == [["-iii", "-four", "+iii!"], ["-III", "+iii", " four"], ["-3", "+III", " four"]]
    assert [each["summary"] for each in lines["commits"]] == ["Digit", "Count"]
    assert lines["beginning"] == "git"
    prompts = {turn["address"]: turn["prompt"] for turn in lines["turns"]}
    assert prompts[lines["changes"][2]["turn"]] == "Roman three\nplease"


def test_lines_that_a_step_wrote_begin_there(world5):
    lines = told(world5, "--lines", "g.txt:1,2")
    assert [each["owner"]["kind"] for each in lines["changes"]] == ["step"]
    assert "before" not in lines["changes"][0] and lines["commits"] == []
    assert lines["beginning"] == "written"
    made = world5.claude().start().prompt("New")
    made.write("new.txt", "a\nb\n")
    lines = told(world5, "--lines", "new.txt:2,2")
    assert lines["changes"][0]["patch"] == "@@ -0,0 +2,1 @@\n+b\n" and lines["beginning"] == "written"


def test_lines_that_nobody_touched(world5):
    lines = told(world5, "--lines", "g.txt:3,4")
    assert lines["changes"] == [] and [each["summary"] for each in lines["commits"]] == ["Count"]


def test_same_as_git_for_what_only_git_saw(world):
    world.write("f.c", "int a;\nint f(void)\n{\n  return 1;\n}\nint b;\n")
    world.commit("One")
    world.write("f.c", "int a;\n\nint f(void)\n{\n  return 2;\n}\nint b;\n")
    world.commit("Two")
    world.write("f.c", "int a;\n\nint f(void)\n{\n  return 2;\n}\nint c;\n")
    world.commit("Three")
    for words in ["5,5", "3,6", "1,2", "7,7", "1,7"]:
        theirs = re.findall(r"^commit: (.*)$", git(world.repo, "log", f"-L{words}:f.c", "-s",
                                                   "--format=commit: %s"), re.M)
        lines = told(world, "--lines", f"f.c:{words}")
        assert [each["summary"] for each in lines["commits"]] == theirs, words


def test_forms(world5):
    first = told(world5, "--lines", "g.txt:5,6")
    for words in [["-L", "5,6:g.txt"], ["-L", "/^iii/,+2:g.txt"], ["-L", "g.txt:/iii/,/four/"],
                  ["--lines", "./g.txt:5-6"], ["--lines", str(world5.repo / "g.txt:5,+2")]]:
        assert told(world5, *words) == first, words
    at_head = told(world5, "--lines", "f.txt:3,3", "HEAD")
    assert at_head["changes"] == [] and len(at_head["commits"]) == 2
    session = world5.json("log")["turns"][0]["session"]
    after = told(world5, "--lines", "f.txt:3,3", f"{session}.1")
    assert len(after["changes"]) == 1 and after["after"] == f"{session}.1"


def test_filters(world5):
    assert len(told(world5, "--lines", "g.txt:5", "-n", "2")["changes"]) == 2
    only = told(world5, "--lines", "g.txt:5", "--agent", "claude-code")
    assert [each["owner"]["kind"] for each in only["changes"]] == ["step", "step"]
    assert only["commits"] == []
    assert told(world5, "--lines", "g.txt:5", "--since", "2099-01-01")["changes"] == []


def test_text(world5):
    text = world5.baton("log", "--lines", "g.txt:5", check=True).out
    for part in ["Lower names", "Roman three\n    please", "    -3\n    +III\n", "outside of any tool call",
                 "Digit", "exact"]:
        assert part in text, part
    rows = world5.baton("log", "--lines", "g.txt:5", "--oneline", check=True).out.splitlines()
    assert len(rows) == 5


def test_checkout_there_and_back_is_no_change(world5):
    world5.commit("Keep")
    before = told(world5, "--lines", "g.txt:5")
    git(world5.repo, "checkout", "-q", "HEAD~1")
    agent = world5.claude().start().prompt("Look")
    agent.bash("ls")
    git(world5.repo, "checkout", "-q", "main")
    agent.bash("ls")
    after = told(world5, "--lines", "g.txt:5")
    assert [each["owner"] for each in after["changes"]] == [each["owner"] for each in before["changes"]]


def test_slips(world5):
    for words, status, part in [
            (["g.txt"], 2, "names no lines"), (["nowhere:3"], 3, "nowhere"),
            (["g.txt:99"], 3, "has only 7 lines"), (["g.txt:/nope/"], 3, "no line matches"),
            (["g.txt:3", "--failed"], 2, "takes no other choice"),
            (["g.txt:3", "HEAD", "HEAD"], 2, "")]:
        done = world5.baton("log", "--lines", *words)
        assert done.returncode == status and part in done.err and done.out == "", (words, done)


def block(name, lines=4):
    return "".join(f"{name} of statement {i} = compute(input, {i})\n" for i in range(lines))


@pytest.mark.parametrize("how", ["by a command", "by edits of one turn", "by a person", "inside of the file", "copied"])
def test_lines_that_were_moved_are_followed_to_where_they_stood(world, how):
    world.write("a.txt", "first\n" + block("old") + "last\n")
    world.write("b.txt", "top\nmiddle\nbottom\n")
    world.commit("Begin")
    agent = world.claude().start().prompt("Write it")
    agent.edit("a.txt", "last\n", block("new") + "last\n")
    agent.stop()
    agent.prompt("Change a word")
    agent.edit("a.txt", "new of statement 2", "newer of statement 2")
    agent.stop()
    a, b = world.read("a.txt").decode(), world.read("b.txt").decode()
    moved = block("new").replace("new of statement 2", "newer of statement 2")
    new_a, new_b = a.replace(moved, ""), b.replace("middle\n", "middle\n" + moved)
    path = "b.txt"
    if how == "by a person":
        time.sleep(0.03)
        world.write("a.txt", new_a)
        world.write("b.txt", new_b)
        time.sleep(0.03)
        agent.prompt("Move it")
    else:
        agent.prompt("Move it")
        if how == "by a command":
            (world.base / "a").write_text(new_a)
            (world.base / "b").write_text(new_b)
            agent.bash("cat ../a > a.txt && cat ../b > b.txt")
        elif how == "by edits of one turn":
            agent.edit("a.txt", moved, "")
            agent.edit("b.txt", "middle\n", "middle\n" + moved)
        elif how == "copied":
            agent.read("a.txt")
            agent.edit("b.txt", "middle\n", "middle\n" + moved)
        else:
            path = "a.txt"
            agent.edit("a.txt", a, moved + new_a)
    agent.stop()
    first = world.read(path).decode().splitlines().index("new of statement 0 = compute(input, 0)") + 1
    lines = told(world, "--lines", f"{path}:{first + 2}")
    prompts = {turn["address"]: turn["prompt"] for turn in lines["turns"]}
    by = [prompts.get(each.get("turn"), each["owner"]["kind"]) for each in lines["changes"]]
    assert by == ["outside" if how == "by a person" else "Move it", "Change a word", "Write it"]
    assert [each["path"] for each in lines["changes"]] == [path, "a.txt", "a.txt"]
    assert lines["beginning"] == "written" and lines["commits"] == []


def test_lines_of_git_that_were_moved_end_at_their_commit(world):
    world.write("a.txt", "first\n" + block("old") + "last\n")
    world.write("b.txt", "top\nbottom\n")
    world.commit("Begin it")
    agent = world.claude().start().prompt("Move it")
    agent.edit("a.txt", block("old"), "")
    agent.edit("b.txt", "top\n", "top\n" + block("old"))
    agent.stop()
    lines = told(world, "--lines", "b.txt:2,5")
    assert [each["path"] for each in lines["changes"]] == ["b.txt"]
    assert [each["summary"] for each in lines["commits"]] == ["Begin it"] and lines["beginning"] == "git"


def test_lines_of_a_file_that_was_renamed_and_changed_are_followed(world):
    world.write("a.txt", block("old", 12))
    world.commit("Begin")
    agent = world.claude().start().prompt("Change it")
    agent.edit("a.txt", "old of statement 4", "new of statement 4")
    agent.stop()
    agent.prompt("Rename it")
    agent.bash("git mv a.txt b.txt && sed -i 1d b.txt")
    agent.stop()
    lines = told(world, "--lines", "b.txt:4")
    assert [each["path"] for each in lines["changes"]] == ["b.txt", "a.txt"]
    assert [each["summary"] for each in lines["commits"]] == ["Begin"]


@pytest.fixture
def branch(world):
    """A person's twelve lines; on a branch an agent changes line 3, then line 9, each committed."""
    world.write("f.txt", "".join(f"line number {n} of the file\n" for n in range(1, 13)))
    world.commit("Count")
    git(world.repo, "checkout", "-qb", "topic")
    agent = world.claude().start().prompt("Spell three")
    agent.edit("f.txt", "number 3 of", "number three of")
    agent.stop()
    world.commit("Three")
    agent.prompt("Spell nine")
    agent.edit("f.txt", "number 9 of", "number nine of")
    agent.stop()
    world.commit("Nine")
    world.agent = agent
    time.sleep(0.03)
    return world


def follow(world, words, at=None):
    """Prompts, or git's summaries, of the changes; then the commits' summaries."""
    lines = told(world, "-L", words, *([at] if at else []))
    prompts = {turn["address"]: turn["prompt"] for turn in lines["turns"]}
    return ([prompts.get(each.get("turn"), each.get("summary", each["owner"]["kind"]))
             for each in lines["changes"]], [each["summary"] for each in lines["commits"]])


def test_a_file_that_git_renamed(branch):
    git(branch.repo, "mv", "f.txt", "g.txt")
    branch.commit("Rename")
    for _ in range(2):
        assert follow(branch, "/three/,+1:g.txt") == (["Spell three"], ["Count"])
        branch.agent.prompt("Look").bash("ls")
    git(branch.repo, "checkout", "-q", "main")
    branch.agent.bash("ls")
    git(branch.repo, "checkout", "-q", "topic")
    assert follow(branch, "/nine/,+1:g.txt") == (["Spell nine"], ["Count"])


def test_what_a_squash_merge_brought(branch, tmp_path):
    """The step is told as before the merge, and of another's lines the commit."""
    server, other = tmp_path / "server.git", tmp_path / "other"
    git(branch.repo, "clone", "-q", "--bare", str(branch.repo), str(server))
    git(branch.repo, "clone", "-q", "-b", "main", str(server), str(other))
    (other / "f.txt").write_text("another's\n" + (other / "f.txt").read_text())
    git(other, "commit", "-qam", "Another's")
    git(other, "merge", "-q", "--squash", "origin/topic")
    git(other, "commit", "-qm", "Squashed")
    git(other, "push", "-q", "origin", "main")
    git(branch.repo, "checkout", "-q", "main")
    branch.agent.prompt("Look").bash("ls")
    git(branch.repo, "pull", "-q", str(server), "main")
    git(branch.repo, "branch", "-qD", "topic")
    for at in [None, "HEAD"]:
        assert follow(branch, "4,4:f.txt", at) == (["Spell three"], ["Count"])
        assert follow(branch, "10,10:f.txt", at) == (["Spell nine"], ["Count"])
        assert follow(branch, "1,1:f.txt", at) == (["Another's"], [])
    text = branch.baton("log", "-L1,1:f.txt", check=True).out
    assert re.match(r"[0-9a-f]{8}  Robin  \S+  git\n    Another's\n    @@ -0,0 \+1,1 @@\n", text), text


def test_a_revision_that_was_never_checked_out(branch, tmp_path):
    """Squashed elsewhere and fetched; and a commit of a half of what the worktree held."""
    other = tmp_path / "other"
    git(branch.repo, "clone", "-q", "-b", "main", str(branch.repo), str(other))
    (other / "f.txt").write_text((other / "f.txt").read_text() + "another's\n")
    git(other, "commit", "-qam", "Another's")
    git(other, "merge", "-q", "--squash", "origin/topic")
    git(other, "commit", "-qm", "Squashed (#1)")
    git(branch.repo, "fetch", "-q", str(other), "main:squashed")
    assert follow(branch, "3,3:f.txt", "squashed") == (["Spell three"], ["Count"])
    assert follow(branch, "9,9:f.txt", "squashed") == (["Spell nine"], ["Count"])
    assert follow(branch, "9,13:f.txt", "squashed") == (["Another's", "Spell nine"], ["Count"])
    branch.agent.prompt("Spell two and twelve")
    branch.agent.edit("f.txt", "number 2 of", "number two of")
    branch.agent.edit("f.txt", "number 12 of", "number twelve of")
    branch.agent.stop()
    subprocess.run(["git", "add", "-p"], cwd=branch.repo, input=b"n\ny\n", env=branch.env,
                   stdout=subprocess.PIPE, check=True)
    git(branch.repo, "commit", "-qm", "Half")
    assert follow(branch, "12,12:f.txt", "HEAD") == (["Spell two and twelve"], ["Count"])
    assert follow(branch, "2,2:f.txt", "HEAD") == ([], ["Count"])


def test_what_came_from_another_worktree(branch, tmp_path):
    git(branch.repo, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    agent = branch.claude(cwd=tmp_path / "side").start().prompt("Spell six")
    agent.edit("f.txt", "number 6 of", "number six of")
    agent.stop()
    git(tmp_path / "side", "commit", "-qam", "Six")
    git(branch.repo, "merge", "-q", "side")
    assert follow(branch, "6,6:f.txt") == (["Spell six"], ["Count"])


def test_a_commit_taken_back_and_picked_again(branch):
    git(branch.repo, "revert", "--no-edit", "HEAD~1")
    assert follow(branch, "3,3:f.txt") == (['Revert "Three"', "Spell three"], ["Count"])
    git(branch.repo, "reset", "-q", "--hard", "main")
    branch.agent.prompt("Look").bash("ls")
    assert follow(branch, "3,3:f.txt") == ([], ["Count"])
    git(branch.repo, "cherry-pick", "topic@{2}")
    assert follow(branch, "9,9:f.txt") == (["Spell nine"], ["Count"])


def test_a_stash_is_no_change(branch):
    branch.agent.prompt("Spell six").edit("f.txt", "number 6 of", "number six of")
    branch.agent.stop()
    time.sleep(0.03)
    git(branch.repo, "stash", "-q")
    branch.agent.prompt("Look").bash("ls")
    git(branch.repo, "stash", "pop", "-q")
    assert follow(branch, "6,6:f.txt") == (["Spell six"], ["Count"])


@pytest.mark.parametrize("command", ["sed -i 's/^/    /' f.txt", "sed -i 's/$/\\r/' f.txt"])
def test_a_reformatted_line_is_followed_alone(branch, command):
    branch.agent.prompt("Format").bash(command)
    branch.agent.stop()
    assert follow(branch, "3,3:f.txt") == (["Format", "Spell three"], ["Count"])
    assert follow(branch, "5,5:f.txt") == (["Format"], ["Count"])
