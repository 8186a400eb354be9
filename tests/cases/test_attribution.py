"""Who wrote each line: what git, people, formatters and agents do to files, and whose the lines are
after that."""
import json
import random
import shutil
import subprocess
import time

import pytest

from support.readers import owners
from support.scratch import git

SETTLE = 0.03  # a person does not type within the 20 ms in which a read may meet a write


def rows(world, path, *words, cwd=None):
    return world.json("blame", *words, path, cwd=cwd)["lines"]


def who(world, path, *words):
    """By line: prompt of the step's turn, "before" for what git alone answers for, or the kind of
    owner."""
    told = world.json("blame", *words, path)
    prompts = {turn["address"]: turn["prompt"] for turn in told["turns"]}
    return [prompts[line["turn"]] if line["owner"]["kind"] == "step" and "turn" in line
            else "before" if line["owner"]["kind"] == "git" else line["owner"]["kind"]
            for line in told["lines"]]


def person(world, path, change):
    """Somebody edits a file with whatever they like."""
    time.sleep(SETTLE)
    world.write(path, change(world.read(path).decode()))
    time.sleep(SETTLE)


def numbered(count, word="line"):
    return "".join(f"{word} number {i} of the file\n" for i in range(1, count + 1))


@pytest.fixture
def code(world):
    world.write("code.txt", numbered(30))
    world.commit("Code")
    return world


def test_a1_one_changed_line(make_world):
    code = make_world(store=False)
    code.write("code.txt", numbered(30))
    code.commit("Code")
    code.baton("init", check=True)
    code.claude().start().prompt("P1").edit("code.txt", "line number 13 of", "another 13 of")
    told = rows(code, "code.txt")
    assert who(code, "code.txt") == ["before"] * 12 + ["P1"] + ["before"] * 17
    assert told[12]["owner"]["evidence"] == "exact"
    for line in (told[11], told[13]):
        assert line["owner"]["kind"] == "before"
        assert line["author"] == "Robin" and line["summary"] == "Code"


@pytest.mark.parametrize("seed", range(8))
def test_a2_ten_turns_of_random_edits(world, seed):
    chance = random.Random(seed)
    lines = [(f"start {i} {chance.random()}\n", "before") for i in range(200)]
    world.write("code.txt", "".join(text for text, _ in lines))
    world.commit("Code")
    session = world.claude().start()
    for turn in range(10):
        name = f"turn {turn}"
        session.prompt(name)
        at, count = chance.randrange(len(lines)), chance.randint(1, 3)
        new = [(f"new {turn} {i} {chance.random()}\n", name) for i in range(count)]
        kind = chance.choice(["replace", "insert", "delete"])
        old = lines[at:at + (1 if kind == "insert" else count)]
        put = old + new if kind == "insert" else new if kind == "replace" else []
        session.edit("code.txt", "".join(t for t, _ in old), "".join(t for t, _ in put))
        lines[at:at + len(old)] = put
    assert who(world, "code.txt") == [owner for _, owner in lines]


def test_a3_a4_files_nobody_touched_and_later_sessions(code):
    code.write("other.txt", "other\n")
    code.commit("Other")
    code.claude().start().prompt("P1").edit("code.txt", "line number 2 of", "second of")
    (line,) = rows(code, "other.txt")
    assert line["owner"]["kind"] in ("before", "git")
    assert line["author"] == "Robin" and line["summary"] == "Other"
    first = rows(code, "code.txt")
    code.claude().start().prompt("again").stop()
    assert rows(code, "code.txt") == first


def test_a5_a_person_changes_a_word(code):
    session = code.claude().start().prompt("P1")
    session.edit("code.txt", "line number 5 of the file", "value = compute(first, second)")
    session.stop()
    person(code, "code.txt", lambda text: text.replace("second)", "third)"))
    line = rows(code, "code.txt")[4]
    assert line["owner"]["kind"] == "outside"
    assert line["was"]["owner"]["kind"] == "step"
    step = rows(code, "code.txt")[4]["was"]["owner"]["step"]
    assert code.json("show", step)["step"]["tool"] == "Edit"


def test_a6_a_whole_file_written_again(code):
    session = code.claude().start().prompt("P2")
    session.write("code.txt", numbered(30).replace("line number 7 of", "line seven of"))
    assert who(code, "code.txt") == ["before"] * 6 + ["P2"] + ["before"] * 23


def test_a7_two_turns(code):
    session = code.claude().start().prompt("P1")
    session.edit("code.txt", "line number 3 of", "three of")
    session.prompt("P2").edit("code.txt", "line number 4 of", "four of")
    assert who(code, "code.txt")[2:4] == ["P1", "P2"]


def test_a8_each_brace_its_author(world):
    world.write("f.c", "int f(void) {\n  return 1;\n}\n")
    world.commit("f")
    session = world.claude().start().prompt("P1")
    session.edit("f.c", "  return 1;\n}\n", "  return 1;\n}\n\nint g(void) {\n  return 2;\n}\n")
    assert who(world, "f.c") == ["before"] * 3 + ["P1"] * 4


@pytest.mark.parametrize("hunk, expected", [
    (" first\n+}\n+new\n }\n last\n", ["before", "P1", "P1", "before", "before"]),
    (" first\n }\n+new\n+}\n last\n", ["before", "before", "P1", "P1", "before"])])
def test_a8_a_patch_says_which_of_two_braces_it_adds(world, hunk, expected):
    world.write("f.c", "first\n}\nlast\n")
    world.commit("f")
    session = world.codex().start().prompt("P1")
    given = {"command": f"*** Begin Patch\n*** Update File: f.c\n@@\n{hunk}*** End Patch"}
    call = session.before("apply_patch", given)
    world.write("f.c", "first\n}\nnew\n}\nlast\n")
    session.after(call, "apply_patch", given, "Success. Updated the following files:\nM f.c\n")
    assert who(world, "f.c") == expected
    assert {row["owner"].get("evidence") for row in rows(world, "f.c")} == {None, "exact"}


def test_a8_a_brace_that_may_be_either_is_contested(world):
    world.write("f.c", "first\n}\nlast\n")
    world.commit("f")
    session = world.claude().start().prompt("P1")
    session.bash(r"printf 'first\n}\nnew\n}\nlast\n' > f.c")
    told = rows(world, "f.c")
    assert [row["owner"]["kind"] for row in told] == ["git", "git", "step", "step", "git"]
    assert told[2]["owner"]["evidence"] == "during"
    doubtful = told[3]["owner"]
    assert doubtful["evidence"] == "contested" and doubtful["rule"] == "equal lines"
    assert doubtful["candidates"] == [told[2]["owner"]["step"]] and doubtful["others"] == ["git"]
    assert "step" not in doubtful


def test_a8_a_brace_that_either_of_two_steps_may_have_brought(world):
    """Both were for one prompt, which is known then."""
    world.write("f.c", "first\nlast\n")
    world.commit("f")
    session = world.claude().start().prompt("P1")
    session.bash(r"printf 'first\n}\nlast\n' > f.c")
    session.bash(r"printf 'first\n}\nnew\n}\nlast\n' > f.c")
    told = rows(world, "f.c")
    doubtful = [told[1], told[3]]
    assert [row["owner"]["evidence"] for row in doubtful] == ["contested"] * 2
    assert {tuple(row["owner"]["candidates"]) for row in doubtful} == \
        {(told[2]["owner"]["step"].split(".")[0] + ".1", told[2]["owner"]["step"])}
    assert who(world, "f.c") == ["before", "P1", "P1", "P1", "before"]
    assert "P1" in world.baton("blame", "--color", "never", "f.c", check=True).out.splitlines()[1]


def test_a_line_typed_beside_its_equal_was_not_put_back(code):
    session = code.claude().start().prompt("P1")
    session.edit("code.txt", "line number 10 of the file\n", "  call(first);\nnew\n  call(first);\n")
    session.edit("code.txt", "new\n  call(first);\n", "new\n")
    session.stop()
    person(code, "code.txt", lambda text: text.replace("new\n", "new\ntyped\n  call(first);\n"))
    assert who(code, "code.txt")[9:13] == ["P1", "P1", "outside", "outside"]


def test_a9_hand_typed_lines_are_no_agents(code):
    session = code.claude().start().prompt("P1")
    session.edit("code.txt", "line number 10 of the file\n", "the agent's own\n")
    session.stop()
    person(code, "code.txt", lambda text: text.replace(
        "the agent's own\n", "typed above\nthe agent's own\ntyped below\n"))
    assert who(code, "code.txt")[9:12] == ["outside", "P1", "outside"]


def test_a10_indenting_keeps_the_owner(code):
    session = code.claude().start().prompt("P1")
    session.edit("code.txt", "line number 20 of the file\n", "agent writes this\nand that\n")
    block = "".join(f"line number {i} of the file\n" for i in (3, 4, 5))
    session.edit("code.txt", block, "".join("    " + line + "\n" for line in block.splitlines()))
    session.stop()
    person(code, "code.txt", lambda text: text.replace("agent writes this", "\tagent writes this"))
    told = rows(code, "code.txt")
    for line in told[2:5]:
        assert line["owner"]["kind"] == "git"
        assert line["reformatter"]["owner"]["kind"] == "step"
    assert who(code, "code.txt")[19:21] == ["P1", "P1"]
    assert told[19]["reformatter"]["owner"]["kind"] == "outside"


def test_a10_reformatted_lines_of_git_keep_its_commit(code):
    agent = code.claude()
    agent.start().prompt("indent")
    agent.bash("sed -i 's/^/    /' code.txt")
    agent.stop()
    committed = git(code.repo, "rev-parse", "HEAD").strip()
    for line in rows(code, "code.txt"):
        assert line["owner"]["kind"] == "before" or line["owner"]["kind"] == "git"
        assert line["commit"] == committed and line["author"] == "Robin"
        assert line["reformatter"]["owner"]["kind"] == "step"


def test_a10_a_formatter_behind_the_edit(world):
    world.write("a.py", "x = 1\n")
    world.commit("a")
    session = world.claude().start().prompt("P1")
    session.edit("a.py", "x = 1\n", "x = 1\ncall(first, second, third)\n", after_write=lambda: (
        time.sleep(SETTLE),
        world.write("a.py", "x = 1\ncall(\n    first,\n    second,\n    third\n)\n")))
    assert who(world, "a.py") == ["before"] + ["P1"] * 5
    assert all("reformatter" in line for line in rows(world, "a.py")[1:])


def test_a11_renames(code):
    session = code.claude().start().prompt("P1")
    session.edit("code.txt", "line number 2 of", "agent's two of")
    session.stop()
    time.sleep(SETTLE)
    git(code.repo, "mv", "code.txt", "moved.txt")
    time.sleep(SETTLE)
    told = rows(code, "moved.txt")
    assert who(code, "moved.txt")[:3] == ["before", "P1", "before"]
    assert told[1]["arrival"] == "renamed" and told[1]["mover"]["owner"]["kind"] == "outside"
    session.prompt("P2").bash("mv moved.txt again.txt && sed -i 's/^line number 9 of/nine of/' again.txt")
    owner = who(code, "again.txt")
    assert owner[1] == "P1" and owner[8] == "P2" and owner[2] == "before"
    assert rows(code, "again.txt")[2]["mover"]["owner"]["kind"] == "step"


def test_a11_blocks_move_inside_and_between_files(code):
    code.write("other.txt", numbered(10, "word"))
    code.commit("Other")
    session = code.claude().start().prompt("P1")
    block = "".join(f"line number {i} of the file\n" for i in range(5, 10))
    text = code.read("code.txt").decode()
    session.write("code.txt", text.replace(block, "").replace(
        "line number 25 of the file\n", "line number 25 of the file\n" + block))
    told = rows(code, "code.txt")
    moved = [line for line in told if line["text"] + "\n" in block]
    assert len(moved) == 5
    for line in moved:
        assert line["owner"]["kind"] == "git" and line["arrival"] == "moved"
        assert line["mover"]["owner"]["kind"] == "step"
    session.edit("code.txt", block, "")
    session.edit("other.txt", "word number 4 of the file\n", "word number 4 of the file\n" + block)
    for line in rows(code, "other.txt")[4:9]:
        assert line["owner"]["kind"] == "git" and line["arrival"] == "moved", line


def test_a11_a_short_line_goes_to_another_file(code):
    """One command takes it there and writes nothing else."""
    code.write("other.txt", numbered(10, "word"))
    code.write("code.txt", numbered(5) + "call_it_now();\n" + numbered(5, "more"))
    code.commit("Other")
    session = code.claude().start().prompt("P1")
    session.bash("sed -i /call_it_now/d code.txt && sed -i '3a call_it_now();' other.txt")
    line = rows(code, "other.txt")[3]
    assert line["text"] == "call_it_now();" and line["owner"]["kind"] == "git"
    assert line["arrival"] == "moved" and line["mover"]["owner"]["kind"] == "step"


def test_a11_a_persons_short_line_that_an_agents_was_like(code):
    """Deleted here and written there, or moved: nobody saw which. Of a long line there is no doubt."""
    session = code.claude().start().prompt("P1")
    short, long = "call(first, second);\n", "call(the_first_of_them, and_the_second);\n"
    session.edit("code.txt", "line number 30 of the file\n", "line number 30 of the file\n" + short + long)
    session.stop()
    text = code.read("code.txt").decode().replace(short, "").replace(long, "")
    code.write("code.txt", text.replace("line number 3 of", short + "line number 3 of")
               .replace("line number 9 of", long + "line number 9 of"))
    told = rows(code, "code.txt")
    first = next(line for line in told if line["text"] + "\n" == short)
    assert first["owner"]["evidence"] == "contested" and "step" not in first["owner"], first
    assert [each[-2:] for each in first["owner"]["candidates"]] == [".1"]
    assert first["owner"]["others"] == ["outside"] and first["arrival"] == "moved"
    second = next(line for line in told if line["text"] + "\n" == long)
    assert second["owner"]["step"].endswith(".1") and second["mover"]["owner"]["kind"] == "outside"
    # Another prompt's move leaves it an agent's.
    session.prompt("P2")
    text = code.read("code.txt").decode()
    session.write("code.txt", text.replace(long, "").replace("line number 20 of", long + "line number 20 of"))
    assert next(line for line in rows(code, "code.txt") if line["text"] + "\n" == long)["owner"]["kind"] == "step"


def test_a11_a_block_that_only_a_commit_saw_move(code):
    """Moved to another file, committed and reverted, with no look in between."""
    code.write("other.txt", numbered(10, "word"))
    code.commit("Other")
    agent = code.claude().start().prompt("P1")
    agent.edit("code.txt", "line number 7 of the file\n", "the agent's seven, and so on\nits eight\n")
    agent.stop()
    time.sleep(SETTLE)
    block = "".join(code.read("code.txt").decode().splitlines(keepends=True)[5:9])
    code.write("code.txt", code.read("code.txt").decode().replace(block, ""))
    code.write("other.txt", code.read("other.txt").decode() + block)
    code.commit("Moved")
    git(code.repo, "revert", "--no-edit", "HEAD")
    told = rows(code, "other.txt", "HEAD~1")
    assert [line["text"] + "\n" for line in told[10:]] == block.splitlines(keepends=True)
    assert who(code, "other.txt", "HEAD~1")[10:] == ["before", "P1", "P1", "before"]
    for line in told[10:]:
        assert line["arrival"] == "moved" and line["mover"]["owner"]["kind"] == "git"
        assert line["mover"]["owner"]["commit"] == git(code.repo, "rev-parse", "HEAD~1").strip()


def test_a11_a_file_renamed_after_git_had_taken_it_away(code):
    agent = code.claude().start().prompt("P1")
    agent.write("new.txt", numbered(8, "agent's line"))
    agent.stop()
    code.commit("New")
    git(code.repo, "revert", "--no-edit", "HEAD")
    agent.prompt("look").bash("true")
    agent.stop()
    time.sleep(SETTLE)
    git(code.repo, "revert", "--no-edit", "HEAD")
    (code.repo / "new.txt").rename(code.repo / "newer.txt")
    code.write("newer.txt", code.read("newer.txt").decode() + "typed below\n")
    assert who(code, "newer.txt") == ["P1"] * 8 + ["outside"]


def test_a11_copies(code):
    session = code.claude().start().prompt("P1")
    session.edit("code.txt", "line number 2 of", "agent's two of")
    session.prompt("P2").bash("cp code.txt copy.txt")
    assert who(code, "copy.txt")[:3] == ["before", "P1", "before"]
    assert {line["arrival"] for line in rows(code, "copy.txt")} == {"copied"}
    # One that nothing ever changed, as well.
    code.write("still.txt", numbered(12, "still"))
    code.commit("Still")
    session.prompt("P3").bash("cp still.txt stiller.txt")
    assert set(who(code, "stiller.txt")) <= {"before", "git", "outside"}


@pytest.mark.parametrize("command, path, expected", [
    ("cp short.txt copy.txt", "copy.txt", ["before", "P1", "before"]),
    ("cp short.txt{,.bak}", "short.txt.bak", ["before", "P1", "before"]),
    ("cp short.txt copy.txt && echo new >> copy.txt", "copy.txt", ["before", "P1", "before", "P2"]),
    ("sed -i s/one/changed/ short.txt && cp short.txt copy.txt", "copy.txt", ["P2", "P1", "before"]),
    ("sed s/one/changed/ short.txt > copy.txt", "copy.txt", ["P2", "P1", "before"]),
    ("mkdir d && cp *.txt d/", "d/short.txt", ["before", "P1", "before"]),
    ("mkdir d && cd d && install -m 644 ../short.txt x", "d/x", ["before", "P1", "before"]),
    ("cp -r folder other", "other/in.txt", ["before"]),
    ("mv short.txt moved.txt; echo new > short.txt", "moved.txt", ["before", "P1", "before"]),
    ("mv short.txt moved.txt; echo new > short.txt", "short.txt", ["P2"]),
    ("git show HEAD:short.txt > old.txt", "old.txt", ["before", "before", "before"]),
    ("head -2 short.txt | tee part.txt", "part.txt", ["before", "P1"]),
    ("cat short.txt >> folder/in.txt", "folder/in.txt", ["before", "before", "P1", "before"]),
    ("(echo zero; cat short.txt folder/in.txt) > all.txt; cat short.txt >> all.txt", "all.txt",
     ["P2", "before", "P1", "before", "before", "before", "P1", "before"]),
    # No word names a source.
    ("echo one > one.txt", "one.txt", ["P2"]),
    ("cat > one.txt <<'.'\none\n.", "one.txt", ["P2"]),
])
def test_a11_copies_however_short_that_the_command_names(world, command, path, expected):
    world.write("short.txt", "one\ntwo\nend\n")
    world.write("folder/in.txt", "in\n")
    world.commit("Short")
    session = world.claude().start()
    session.prompt("P1").edit("short.txt", "two", "2")
    session.prompt("P2").bash(command)
    session.stop()
    assert who(world, path) == expected
    for line, name in zip(rows(world, path), expected):
        if name != "P2" and line["text"] != "in":
            assert line["mover"]["owner"]["kind"] == "step"
            assert line["arrival"] in ("copied", "renamed")
    told = who(world, path)
    for file in (world.repo / ".git/baton").glob("index.db*"):
        file.unlink()
    assert who(world, path) == told


@pytest.fixture
def three(world):
    """Three commits with lines of two prompts and of another agent, on a branch."""
    world.write("code.txt", numbered(30))
    world.commit("Code")
    git(world.repo, "checkout", "-qb", "topic")
    first, other = world.claude().start(), world.claude().start()
    first.prompt("P1").edit("code.txt", "line number 5 of", "P1 wrote five of")
    world.commit("one")
    first.prompt("P2").edit("code.txt", "line number 15 of", "P2 wrote fifteen of")
    world.commit("two")
    other.prompt("Q1").edit("code.txt", "line number 25 of", "Q1 wrote twenty-five of")
    world.commit("three")
    first.stop()
    other.stop()
    world.agent = first
    return world


def by_words(world, path="code.txt", *words):
    """Of lines that say who wrote them: whether blame says so."""
    lines = rows(world, path, *words)
    named = [(line["text"].split()[0], owner) for line, owner in
             zip(lines, who(world, path, *words)) if line["text"][:2] in ("P1", "P2", "Q1")]
    assert named, lines
    return named


def check_words(world, path="code.txt", *words, expect=None):
    named = by_words(world, path, *words)
    assert all(said == owner for said, owner in named), named
    if expect is not None:
        assert [said for said, _ in named] == expect


def sequence(world, script, *words):
    editor = f"sed -i -e '{script}'"
    git(world.repo, "rebase", "-q", "-i", *words, GIT_SEQUENCE_EDITOR=editor, GIT_EDITOR="true")


@pytest.mark.parametrize("what", ["rebase", "squash", "fixup", "reorder", "drop", "amend",
                                  "cherry-pick", "revert"])
def test_a13_history_rewritten(three, what):
    time.sleep(SETTLE)
    repo, expect = three.repo, ["P1", "P2", "Q1"]
    if what == "rebase":
        git(repo, "checkout", "-q", "main")
        three.write("code.txt", "a line on top\n" + three.read("code.txt").decode())
        three.commit("main goes on")
        git(repo, "checkout", "-q", "topic")
        git(repo, "rebase", "-q", "main")
    elif what in ("squash", "fixup"):
        sequence(three, f"2,3s/^pick/{what}/", "HEAD~3")
    elif what == "reorder":
        sequence(three, "1{h;d};2G", "HEAD~3")
    elif what == "drop":
        sequence(three, "2s/^pick/drop/", "HEAD~3")
        expect = ["P1", "Q1"]
    elif what == "amend":
        git(repo, "commit", "-q", "--amend", "-m", "other words")
    elif what == "cherry-pick":
        git(repo, "checkout", "-q", "-b", "picked", "main")
        git(repo, "cherry-pick", "topic~2", "topic")
        expect = ["P1", "Q1"]
    else:
        git(repo, "revert", "--no-edit", "HEAD~1")
        check_words(three, expect=["P1", "Q1"])
        git(repo, "revert", "--no-edit", "HEAD")
    time.sleep(SETTLE)
    check_words(three, expect=expect)
    check_words(three, "code.txt", "HEAD", expect=expect)
    three.agent.prompt("go on").stop()
    check_words(three, expect=expect)


def test_a13_a_conflict_is_whose_who_resolved_it(three):
    time.sleep(SETTLE)
    git(three.repo, "checkout", "-q", "main")
    three.write("code.txt", three.read("code.txt").decode().replace("line number 15", "main's 15"))
    three.commit("main goes on")
    git(three.repo, "checkout", "-q", "topic")
    git(three.repo, "rebase", "-q", "main", check=False)
    text = three.read("code.txt").decode()
    assert "<<<<<<<" in text
    three.agent.prompt("resolve it")
    begin, end = text.index("<<<<<<<"), text.index(">>>>>>>")
    end = text.index("\n", end) + 1
    three.agent.edit("code.txt", text[begin:end], "resolved by the agent, fifteen\n")
    git(three.repo, "add", "-A")
    git(three.repo, "rebase", "--continue", GIT_EDITOR="true")
    time.sleep(SETTLE)
    told = dict(zip((line["text"] for line in rows(three, "code.txt")), who(three, "code.txt")))
    assert told["resolved by the agent, fifteen"] == "resolve it"
    check_words(three, expect=["P1", "Q1"])


def test_a14_squashed_on_the_server(three, tmp_path):
    bare = tmp_path / "server.git"
    git(three.repo, "clone", "-q", "--bare", str(three.repo), str(bare))
    git(bare, "symbolic-ref", "HEAD", "refs/heads/main")
    colleague = tmp_path / "colleague"
    git(three.repo, "clone", "-q", str(bare), str(colleague))
    git(colleague, "checkout", "-q", "main")
    (colleague / "code.txt").write_text("a colleague's line\n" + (colleague / "code.txt").read_text())
    git(colleague, "commit", "-qam", "A colleague's")
    git(colleague, "merge", "-q", "--squash", "origin/topic")
    git(colleague, "commit", "-qm", "Squashed (#1)")
    git(colleague, "push", "-q", "origin", "main")
    git(colleague, "push", "-q", "origin", ":topic")
    time.sleep(SETTLE)
    git(three.repo, "remote", "add", "origin", str(bare))
    git(three.repo, "checkout", "-q", "main")
    git(three.repo, "pull", "-q", "origin", "main")
    git(three.repo, "branch", "-qD", "topic")
    time.sleep(SETTLE)
    check_words(three, expect=["P1", "P2", "Q1"])
    line = rows(three, "code.txt")[0]
    assert line["owner"]["kind"] == "git" and line["summary"] == "A colleague's"
    check_words(three, "code.txt", "main", expect=["P1", "P2", "Q1"])


def test_a15_stash_and_pop(three):
    three.agent.prompt("P1").edit("code.txt", "line number 8 of", "P1 eight of")
    three.agent.stop()
    time.sleep(SETTLE)
    for _ in range(2):
        git(three.repo, "stash", "-q")
        three.agent.prompt("look").stop()
        git(three.repo, "stash", "pop", "-q")
        three.agent.prompt("look").stop()
    check_words(three, expect=["P1", "P1", "P2", "Q1"])
    git(three.repo, "stash", "-q")
    git(three.repo, "checkout", "-q", "main")
    git(three.repo, "stash", "pop", "-q")
    time.sleep(SETTLE)
    check_words(three, expect=["P1"])


@pytest.mark.parametrize("how", ["--soft", "--mixed", "--hard"])
def test_a15_reset_and_back(three, how):
    time.sleep(SETTLE)
    git(three.repo, "checkout", "-q", "main")
    three.agent.prompt("look").stop()
    git(three.repo, "checkout", "-q", "topic")
    git(three.repo, "reset", "-q", how, "HEAD~2")
    three.agent.prompt("look").stop()
    check_words(three, expect=["P1"] if how == "--hard" else ["P1", "P2", "Q1"])
    git(three.repo, "reset", "-q", "--hard", "HEAD@{1}")
    time.sleep(SETTLE)
    check_words(three, expect=["P1", "P2", "Q1"])


def test_a16_half_of_it_is_committed(code):
    session = code.claude().start().prompt("P1")
    session.edit("code.txt", "line number 3 of", "P1 three of")
    session.edit("code.txt", "line number 25 of", "P1 twenty-five of")
    session.stop()
    time.sleep(SETTLE)
    done = subprocess.run(["git", "add", "-p"], cwd=code.repo, input=b"y\nn\n", env=code.env,
                          stdout=subprocess.PIPE)
    assert done.returncode == 0
    git(code.repo, "commit", "-qm", "half")
    git(code.repo, "commit", "-qam", "rest")
    check_words(code, "code.txt", "HEAD~1", expect=["P1"])
    check_words(code, "code.txt", "HEAD", expect=["P1", "P1"])


@pytest.mark.parametrize("content, old, new, line", [
    (b"one\r\ntwo\r\nthree\r\n", b"two", b"2", 1),
    (b"one\ntwo\nthree", b"three", b"3", 2),
    ("eins\nzwölf\ndrei\n".encode(), "zwölf".encode(), "elf".encode(), 1),
    ("e\u0301\n\u05d0\u05d1\u05d2\nend\n".encode(), "\u05d1".encode(), "\u05d3".encode(), 1),
    ("gr\u00fcn\nrot\n".encode("latin-1"), b"rot", b"blau", 1),
], ids=["crlf", "no-newline", "multi-byte", "combining-rtl", "latin-1"])
def test_a17_encodings(world, content, old, new, line):
    world.write("f.txt", content)
    world.commit("f")
    world.write("tool.py", f"p='f.txt'; b=open(p,'rb').read(); open(p,'wb').write(b.replace({old!r},{new!r}))")
    world.commit("tool")
    world.claude().start().prompt("P1").bash("python3 tool.py")
    owner = who(world, "f.txt")
    assert owner == ["P1" if i == line else "before" for i in range(len(owner))]
    assert world.read("f.txt") == content.replace(old, new)


def test_a17_line_ends_changed(world):
    world.write("f.txt", "one\ntwo\nthree\n")
    world.commit("f")
    world.claude().start().prompt("P1").bash("sed -i 's/$/\\r/' f.txt")
    told = rows(world, "f.txt")
    assert {line["owner"]["kind"] for line in told} == {"git"}
    assert all(line["reformatter"]["owner"]["kind"] == "step" for line in told)


def test_a19_one_codemod_over_many_files(world):
    for i in range(2000):
        world.write(f"src/f{i}.txt", f"old name {i}\nstays {i}\n")
    world.commit("many")
    session = world.claude().start().prompt("codemod")
    session.bash("sed -i 's/^old name/new name/' src/*.txt")
    session.stop()
    began = time.monotonic()
    assert who(world, "src/f7.txt") == ["codemod", "before"]
    for i in (0, 999, 1999):
        assert who(world, f"src/f{i}.txt") == ["codemod", "before"]
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("kind", ["many lines", "one long line"])
def test_a20_giants(world, kind):
    if kind == "many lines":
        content = "".join(f"row {i}\n" for i in range(500_000))
    else:
        content = "first\n" + "x" * 5_000_000 + " end\nlast\n"
    world.write("big.txt", content)
    world.commit("big")
    session = world.claude().start().prompt("P1")
    session.bash("sed -i 's/^row 250000$/row changed/;s/ end$/ END/' big.txt")
    session.stop()
    began = time.monotonic()
    told = world.json("blame", "-L", "250001,250001" if kind == "many lines" else "2,2", "big.txt")
    assert told["lines"][0]["owner"]["kind"] == "step"
    assert time.monotonic() - began < 20


def test_a22_however_the_shell_writes(code):
    session = code.claude().start()
    edits = {
        "P sed": "sed -i 's/^line number 1 of.*/P sed/' code.txt",
        "P here": "cat > new.txt <<'END'\nP here\nEND",
        "P gen": "python3 -c \"open('gen.txt','w').write('P gen\\n')\"",
        "P mv": "echo 'P mv' > tmp.txt && mv tmp.txt final.txt",
        "P fails": "sed -i 's/^line number 9 of.*/P fails/' code.txt; false",
    }
    for prompt, command in edits.items():
        session.prompt(prompt).bash(command)
        time.sleep(SETTLE)
    for path in ("code.txt", "new.txt", "gen.txt", "final.txt"):
        for line, owner in zip(rows(code, path), who(code, path)):
            if line["text"].startswith("P "):
                assert owner == line["text"], (path, line)


def test_a23_a_killed_agent_is_a_suspect_no_more(code):
    session = code.claude().start().prompt("P1")
    session.before("Bash", {"command": "sh slow.sh"})
    time.sleep(SETTLE)
    code.write("code.txt", code.read("code.txt").decode().replace("line number 4 of", "four of"))
    time.sleep(SETTLE)
    code.claude().start().prompt("another").stop()
    line = rows(code, "code.txt")[3]
    assert line["owner"]["kind"] == "unknown"
    (suspect,) = line["owner"]["candidates"]
    # The row names it, however little room it has.
    assert f"suspect {suspect}" in code.baton("blame", "code.txt", check=True).out.splitlines()[3]


@pytest.mark.parametrize("message, agent", [
    ("Do it\n\nCo-Authored-By: Claude <noreply@anthropic.com>", "claude-code"),
    ("Do it\n\nCo-authored-by: aider (gpt-4o) <noreply@aider.chat>", "aider"),
    ("Do it, says a person about claude", None)])
def test_a24_agents_by_the_commits_identity(world, message, agent):
    world.write("f.txt", "a line\n")
    world.commit(message)
    (line,) = rows(world, "f.txt")
    assert line["owner"]["kind"] in ("before", "git")
    assert line["owner"].get("evidence") == ("identity" if agent else None)
    if agent:
        assert agent in json.dumps(line) and "step" not in line["owner"]


def test_answers_are_the_same_after_a_rebuild(three):
    time.sleep(SETTLE)
    git(three.repo, "checkout", "-q", "main")
    git(three.repo, "merge", "-q", "--squash", "topic")
    git(three.repo, "commit", "-qm", "Squashed")
    time.sleep(SETTLE)
    told = [rows(three, "code.txt"), rows(three, "code.txt", "topic~1")]
    three.baton("reindex", check=True)
    assert [rows(three, "code.txt"), rows(three, "code.txt", "topic~1")] == told
    assert [rows(three, "code.txt"), rows(three, "code.txt", "topic~1")] == told


@pytest.mark.parametrize("asked_before", [False, True])
def test_nobody_is_named_for_lines_whose_beginning_cannot_be_read(world, asked_before):
    """git does not give what was there when recording began: it refuses the folder, or has lost it."""
    session = world.claude().start().prompt("go on")
    session.edit("README.md", "a project\n", "a project\nand more\n")
    session.bash("echo end >> README.md")
    session.stop()
    right = ["before", "go on", "go on"]
    if asked_before:
        assert who(world, "README.md") == right
    objects = world.repo / ".git/objects"
    objects.rename(world.base / "away")
    (objects / "info").mkdir(parents=True)
    told = who(world, "README.md")
    assert [line for line, known in zip(told, right) if line not in (known, "unknown")] == []
    shutil.rmtree(objects)
    (world.base / "away").rename(objects)
    assert who(world, "README.md") == right


@pytest.mark.parametrize("how", ["switch", "checkout of the file"])
def test_what_git_brought_while_it_refuses_the_folder(code, how):
    """git takes the folder for somebody else's (safe.directory) when the index is made: nobody is named for what it
    brought. Once it answers it is git's, by itself."""
    git(code.repo, "checkout", "-qb", "topic")
    code.write("code.txt", numbered(30).replace("number 7 ", "number seven "))
    code.commit("Topic")
    if how == "switch":
        git(code.repo, "checkout", "-q", "main")
    else:
        person(code, "code.txt", lambda text: numbered(30))
    time.sleep(SETTLE)
    session = code.claude().start().prompt("look")
    session.bash("ls")
    time.sleep(SETTLE)
    git(code.repo, "checkout", "-q", *(["topic"] if how == "switch" else ["--", "code.txt"]))
    session.bash("ls")
    session.stop()
    code.env["GIT_TEST_ASSUME_DIFFERENT_OWNER"] = "1"
    for _ in range(2):
        assert set(who(code, "code.txt")) == {"unknown"}
    del code.env["GIT_TEST_ASSUME_DIFFERENT_OWNER"]
    told = rows(code, "code.txt")
    assert told[6]["text"] == "line number seven of the file" and told[6]["owner"]["kind"] == "git"
    code.baton("reindex", check=True)
    assert rows(code, "code.txt") == told
