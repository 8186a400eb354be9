"""What `blame` takes and prints: git's flags, paths of any form, states, porcelain, one line in full."""
import json
import os
import re
import subprocess

import pytest

from support.scratch import git

CALC = """def add(a, b):
    return a + b


def sub(a, b):
    return a - b


def mul(a, b):
    return a * b
"""
ODD = ["with space.txt", 'quo"te.txt', "tab\there.txt", "new\nline.txt", "\u2603 \U0001F600.txt",
       "-dash.txt", "a:b.txt", "a:7", "dir/ü.txt", ":colon.txt", ":(top)x"]


@pytest.fixture
def calc(world):
    """Two commits of a person, then an agent's lines 6 and 7, a command's line 11, a person's 2."""
    world.write("src/calc.py", CALC)
    world.write("tests/run_test.sh", "echo 1 passed\n")
    world.commit("Calculate")
    world.write("src/calc.py", CALC.replace("a + b", "b + a"))
    world.commit("Swap")
    agent = world.claude().start().prompt("Let sub take nothing\nfor zero")
    agent.edit("src/calc.py", "    return a - b\n", "    if a is None:\n        a = 0\n    return a - b\n")
    agent.bash("sh tests/run_test.sh")
    agent.bash("sed -i 's/return a \\* b/return b * a/' src/calc.py")
    agent.stop()
    world.agent = agent
    return world


def rows(world, *words, cwd=None):
    return world.baton("blame", *words, cwd=cwd, check=True).out.splitlines()


def test_rows_name_step_prompt_agent_and_evidence(calc):
    told = rows(calc, "src/calc.py")
    assert len(told) == 12
    assert re.match(r"[0-9a-f]{4}\.1 +claude-code \d{4}-\d\d-\d\d exact +Let sub take nothing +6\) +if a is",
                    told[5])
    assert re.match(r"[0-9a-f]{4}\.3 +claude-code .* during .*Let sub take nothing +12\) ", told[11])
    assert re.match(r"[0-9a-f]{8} Robin +.* Swap +2\) +return b \+ a", told[1])
    assert re.match(r"[0-9a-f]{8} Robin +.* Calculate +1\) def add", told[0])


@pytest.mark.parametrize("path", ODD)
def test_odd_names(world, path):
    agent = world.claude().start().prompt("Write it")
    agent.write(path, "one\ntwo\n")
    agent.stop()
    expected = ("step", "exact")
    forms = [["--", path], [f"./{path}"], [str(world.repo / path)]]
    if not path.startswith("-"):
        forms.append([path])
    for form in forms:
        told = json.loads(world.baton("blame", "--json", *form, check=True).out)
        assert told["path"] == path
        assert [(each["owner"]["kind"], each["owner"]["evidence"]) for each in told["lines"]] == \
            [expected] * 2, form
    # One of its lines, and a committed state of it.
    one = world.baton("blame", f"./{path}:2", check=True).out
    assert one.splitlines()[1].strip() == "two" and "Write it" in one
    world.commit("Keep")
    told = world.json("blame", "HEAD", f"./{path}")
    assert [each["owner"]["kind"] for each in told["lines"]] == ["step"] * 2
    # git's own form of it.
    mine = world.baton("blame", "-p", "HEAD", "--", path, check=True).stdout
    assert without_ours(mine) == porcelain(world, "HEAD", "--", path)


def test_from_anywhere(calc, tmp_path):
    whole = rows(calc, "src/calc.py")
    assert rows(calc, "calc.py", cwd=calc.repo / "src") == whole
    assert rows(calc, "./calc.py", cwd=calc.repo / "src") == whole
    assert rows(calc, "../src/calc.py", cwd=calc.repo / "src") == whole
    assert rows(calc, str(calc.repo / "src" / "calc.py"), cwd=calc.repo / "src") == whole
    link = tmp_path / "link"
    link.symlink_to(calc.repo)
    assert rows(calc, str(link / "src" / "calc.py")) == whole
    assert calc.baton("-C", "src", "blame", "calc.py", check=True).out.splitlines() == whole


def test_states(calc):
    first = git(calc.repo, "rev-parse", "HEAD~1").strip()
    git(calc.repo, "tag", "-a", "-m", "a tag", "v1", "HEAD~1")
    git(calc.repo, "branch", "old", "HEAD~1")
    at_first = rows(calc, first, "src/calc.py")
    assert len(at_first) == 10 and "a + b" in at_first[1]
    for name in ["v1", "old", first[:10], "HEAD~1", "HEAD^", "git:v1"]:
        assert rows(calc, name, "src/calc.py") == at_first, name
    assert rows(calc, "HEAD~1", "--", "src/calc.py") == at_first
    step = calc.json("log")["turns"][0]["session"]
    after = rows(calc, f"{step}.1", "src/calc.py")
    assert len(after) == 12 and "a * b" in after[11] and ".1 " in after[5]
    assert len(rows(calc, f"{step}.1^", "src/calc.py")) == 10
    assert rows(calc, f"{step}.1:src/calc.py") == after
    assert rows(calc, f"{step}.1:src/calc.py:6")[1] == "        if a is None:"
    # What is older than a revision is marked.
    marked = rows(calc, "HEAD~1..HEAD", "src/calc.py")
    assert marked[0].startswith("^") and not marked[1].startswith("^")


def test_ranges_are_gits(calc):
    whole = calc.repo / "src" / "calc.py"
    lines = whole.read_text().splitlines()
    git(calc.repo, "add", "-A")
    for ranges in [["2,3"], ["2,+2"], ["5,-2"], ["11"], [",2"], ["9,4"], ["/def sub/,/return/"],
                   [":sub"], ["2,3", ":[as]"], ["1,6", "^:add"], ["/def/,+1", "/def/,+1"], ["2,3", "3,5"],
                   ["^:mul", "1,1"], ["3,1000"]]:
        words = [each for one in ranges for each in ("-L", one)]
        told = calc.json("blame", *words, "src/calc.py")["lines"]
        theirs = git(calc.repo, "blame", "--porcelain", *words, "--", "src/calc.py")
        numbers = [int(m.group(1)) for m in re.finditer(r"^[0-9a-f]{40} \d+ (\d+)", theirs, re.M)]
        assert [each["line"] for each in told] == numbers, ranges
        assert [each["text"] for each in told] == [lines[n - 1] for n in numbers]
    # A file that git does not know has functions, too.
    agent = calc.agent.prompt("More")
    agent.write("new.py", "import os\n\ndef one():\n    pass\n\ndef two():\n    pass\n")
    assert [each["line"] for each in calc.json("blame", "-L:one", "new.py")["lines"]] == [3, 4, 5]
    assert [each["line"] for each in calc.json("blame", "-L/two/", "new.py")["lines"]] == [6, 7]


def porcelain(world, *words, line=False):
    form = "--line-porcelain" if line else "--porcelain"
    return subprocess.run(["git", "-C", str(world.repo), "blame", form, *words], check=True,
                          env=dict(os.environ, GIT_CONFIG_NOSYSTEM="1", LC_ALL="C",
                                   HOME=str(world.home)), stdout=subprocess.PIPE).stdout


def without_ours(told):
    return b"".join(line for line in told.splitlines(keepends=True)
                    if not re.match(rb"baton-[a-z]+ ", line))


def same_times(told):
    """What is not committed has the time of the question."""
    out, fresh = [], False
    for line in told.splitlines(keepends=True):
        if re.match(rb"[0-9a-f]{40} ", line):
            fresh = line.startswith(b"0" * 40)
        out.append(re.sub(rb"-time \d+", b"-time T", line) if fresh else line)
    return b"".join(out)


@pytest.mark.parametrize("words", [[], ["-w"], ["-M"], ["-L", "5,8"], ["-L", "/def sub/,+3"],
                                   ["--first-parent"], ["HEAD"], ["HEAD~1"], ["HEAD~1..HEAD"]])
def test_porcelain_is_gits_and_more(calc, words):
    for line in False, True:
        mine = calc.baton("blame", "--line-porcelain" if line else "--porcelain", *words,
                          "src/calc.py", check=True).stdout
        theirs = porcelain(calc, *words, "--", "src/calc.py", line=line)
        assert same_times(without_ours(mine)) == same_times(theirs)
        assert mine == without_ours(mine) if words and words[0].startswith("HEAD") else mine != theirs


def test_porcelain_of_ours(calc):
    told = calc.baton("blame", "-p", "src/calc.py", check=True).out
    groups = {}
    headers = []
    for line in told.splitlines():
        if line.startswith("\t"):
            groups[len(groups) + 1] = dict(h.split(" ", 1) for h in headers if h.startswith("baton-"))
            headers = []
        else:
            headers.append(line)
    assert groups[1] == {} and groups[8] == {}
    session = calc.json("log")["turns"][0]["session"]
    assert groups[6]["baton-step"] == f"{session}.1" and groups[6]["baton-turn"] == f"{session}:1"
    assert groups[6]["baton-owner"] == "step" and groups[6]["baton-evidence"] == "exact"
    assert groups[6]["baton-agent"] == "claude-code"
    assert groups[6]["baton-prompt"] == "Let sub take nothing"
    assert groups[12]["baton-evidence"] == "during"
    # A file that git does not know has the same form.
    calc.agent.prompt("More")
    calc.agent.write("new.txt", "one\ntwo\nthree\n")
    told = calc.baton("blame", "-p", "-L2,3", "new.txt", check=True).out.splitlines()
    assert told[0] == "0" * 40 + " 2 2 2"
    assert told[1] == "author Not Committed Yet" and "filename new.txt" in told
    assert [line for line in told if line.startswith("\t")] == ["\ttwo", "\tthree"]


def test_flags_of_rows(calc):
    head = git(calc.repo, "rev-parse", "HEAD").strip()
    assert rows(calc, "-L2,2", "-l", "src/calc.py")[0].startswith(head + " ")
    assert rows(calc, "-L2,2", "--abbrev=12", "src/calc.py")[0].startswith(head[:12] + " ")
    assert "<robin@example.invalid>" in rows(calc, "-L2,2", "-e", "src/calc.py")[0]
    assert rows(calc, "-L2,2", "-s", "src/calc.py")[0] == f"{head[:8]}  2)     return b + a"
    assert " src/calc.py " in rows(calc, "-L2,2", "-f", "src/calc.py")[0]
    stamp = git(calc.repo, "show", "-s", "--format=%at", "HEAD").strip()
    assert f" {stamp} " in rows(calc, "-L2,2", "-t", "src/calc.py")[0]
    # Line 9 was line 7 of the commit.
    assert re.match(r"[0-9a-f]{8} 7 ", rows(calc, "-L9,9", "-n", "src/calc.py")[0])
    assert "ago" in rows(calc, "-L2,2", "--date=relative", "src/calc.py")[0]
    ignored = rows(calc, "-L2,2", "--ignore-rev", "HEAD", "src/calc.py")[0]
    assert "Calculate" in ignored
    (calc.repo / "skip").write_text(head + "\n")
    assert "Calculate" in rows(calc, "-L2,2", "--ignore-revs-file=skip", "src/calc.py")[0]
    assert all(row.startswith("^") for row in rows(calc, "--since=2099-01-01", "src/calc.py"))
    assert not any(row.startswith("^") for row in rows(calc, "--since=1.week.ago", "src/calc.py"))


def test_white_space_as_git(world):
    world.write("f.c", "if (x) {\nf();\n}\n")
    world.commit("One")
    world.write("f.c", "if (x) {\n    f();\n}\n")
    world.commit("Indent")
    plain, through = rows(world, "f.c"), rows(world, "-w", "f.c")
    assert "Indent" in plain[1] and "One" in through[1]


def test_one_line_in_full(calc):
    told = calc.baton("blame", "src/calc.py:6", check=True).out
    session = calc.json("log")["turns"][0]["session"]
    for part in ["src/calc.py:6", "    if a is None:", f"{session}.1", "exact (tool result)",
                 "claude-code", "Edit, ok", "Let sub take nothing\n", "for zero",
                 f"{session}.2", "'baton show"]:
        assert part in told, part
    assert calc.baton("blame", "src/calc.py:6:9", check=True).out == told  # a compiler's column
    told = calc.baton("blame", "src/calc.py:2", check=True).out
    assert "Swap" in told and "Robin <robin@example.invalid>" in told and "claude" not in told
    some = calc.json("blame", "src/calc.py:5-6")["lines"]
    assert [each["line"] for each in some] == [5, 6]


def test_why(world):
    world.write("f.py", "one = 1\n")
    world.commit("One")
    agent = world.claude().keep_file().start().prompt("Count further\nup to two")
    agent.send("PreToolUse", tool_name="TodoWrite", tool_use_id="t1",
               tool_input={"todos": [{"content": "Add two", "status": "in_progress",
                                      "activeForm": "Adding"}]})
    agent.send("PostToolUse", tool_name="TodoWrite", tool_use_id="t1", tool_response={},
               tool_input={"todos": [{"content": "Add two", "status": "in_progress",
                                      "activeForm": "Adding"}]})
    agent.file_line("assistant", message={"role": "assistant", "id": "m1", "content": [
        {"type": "text", "text": "Two follows one."}]})
    agent.edit("f.py", "one = 1\n", "one = 1\ntwo = 2\n")
    agent.bash("true; echo '3 passed in 0.1s' # pytest")
    agent.stop()
    told = world.json("blame", "--why", "f.py")
    (why,) = told["why"]
    assert why["prompt"] == "Count further\nup to two"
    assert why["planned"] == ["Add two"]
    assert why["words"] == "Two follows one."
    assert why["step"] == told["lines"][1]["owner"]["step"]
    text = world.baton("blame", "--why", "f.py", check=True).out
    for part in ["line 2", "up to two", "[>] Add two", "Two follows one."]:
        assert part in text


def test_next_test_is_the_first_one_after_it(world):
    world.write("f.py", "one = 1\n")
    world.write("test.sh", "grep -q two f.py\n")
    world.commit("One")
    agent = world.claude().start().prompt("Two")
    agent.bash("sh test.sh")
    agent.edit("f.py", "one = 1\n", "one = 1\ntwo = 2\n")
    agent.bash("sh test.sh")
    agent.edit("f.py", "two = 2\n", "two = 2\nthree = 3\n")
    agent.stop()
    whys = {why["step"].split(".")[1]: why for why in world.json("blame", "--why", "f.py")["why"]}
    assert whys["2"]["next_test"]["step"].endswith(".3")
    assert whys["2"]["next_test"]["verdict"] == "passed"
    assert "next_test" not in whys["4"]
    assert "none ran after it" in world.baton("blame", "f.py:3", check=True).out


def test_a_binary_file_has_one_answer(world):
    world.write("logo.png", b"\x89PNG\0\1")
    world.commit("Logo")
    agent = world.claude().start().prompt("Draw")
    agent.bash("printf '\\211PNG\\0x' > icon.png")
    agent.stop()
    (row,) = rows(world, "icon.png")
    assert "Draw" in row and "during" in row and "binary file, 6 B" in row
    told = world.json("blame", "icon.png")
    assert told["binary"] and told["lines"] == [] and told["bytes"] == 6
    assert told["file"]["owner"]["kind"] == "step"
    assert "Logo" in rows(world, "logo.png")[0]
    assert world.baton("blame", "icon.png:1").returncode == 1


def bring(world, agent, **contents):
    """A command of the agent's writes these files: {name with '_' for '.': content}."""
    commands = []
    for name, content in contents.items():
        ready = world.base / f"ready-{name}"
        ready.write_bytes(content)
        commands.append(f"cp {ready} {name.replace('_', '.')}")
    agent.bash("; ".join(commands))


def test_a_binary_content_is_known_by_its_id(world):
    """Renamed it stays its writer's; changed by a byte it is its new hand's, under whichever name."""
    art = bytes(range(256)) * 64
    world.write("own.bin", b"\0person" + art)
    world.commit("Bring art")
    agent = world.claude().start().prompt("Draw")
    bring(world, agent, a_bin=b"\0a" + art)
    agent.stop()
    agent.prompt("Tidy up")
    agent.bash("mv a.bin b.bin; mv own.bin mine.bin; cp b.bin c.bin")
    agent.stop()
    for name in ["b.bin", "c.bin"]:
        (row,) = rows(world, name)
        assert "Draw" in row, row
    (row,) = rows(world, "mine.bin")
    assert row.startswith("git ") and "renamed by" in row, row
    agent.prompt("Touch up")
    agent.bash("rm b.bin mine.bin; printf '!' | cat c.bin - > d.bin; printf '?' | cat c.bin - > e.bin")
    agent.stop()
    for name in ["d.bin", "e.bin"]:
        (row,) = rows(world, name)
        assert "Touch up" in row and "Draw" not in row, row
        assert not {"was", "mover"} & set(world.json("blame", name)["file"]), name
    agent.prompt("Back to the first")
    agent.bash("cp c.bin ../kept; echo now > c.bin")
    agent.bash("cp ../kept c.bin")
    agent.stop()
    (row,) = rows(world, "c.bin")
    assert "Draw" in row, row


def test_what_a_binary_file_held_is_no_line_that_was_deleted(world):
    agent = world.claude().start().prompt("Draw")
    bring(world, agent, a=b"\0drawn with a pencil\n")
    agent.stop()
    agent.prompt("Write")
    bring(world, agent, a=b"a line of text\nand another of it\n")
    agent.bash("sed -i 2d a")
    agent.stop()
    told = world.baton("blame", "--deleted", "a", check=True).out
    assert "pencil" not in told and "another of it" in told, told


def test_without_a_store_git_answers(make_world):
    world = make_world(store=False)
    world.write("f", "one\n")
    world.commit("One")
    world.write("f", "one\ntwo\n")
    first, second = rows(world, "f")
    assert "One" in first and "not committed" in second
    assert same_times(world.baton("blame", "-p", "f", check=True).stdout) == \
        same_times(porcelain(world, "f"))
    assert world.baton("blame", "f:1", check=True).out


def test_lines_that_stand_no_more(calc):
    agent = calc.agent.prompt("Drop add")
    agent.edit("src/calc.py", "def add(a, b):\n    return b + a\n\n\n", "")
    agent.stop()
    told = calc.json("blame", "--deleted", "src/calc.py")
    gone = [(each["text"], each["remover"]["owner"].get("step"), each["writer"]["owner"]["kind"])
            for each in told["deleted"] if each["text"].strip()]
    step = f"{calc.json('log')['turns'][0]['session']}.4"
    assert ("def add(a, b):", step, "git") in gone and ("    return b + a", step, "git") in gone
    text = calc.baton("blame", "--deleted", "src/calc.py", check=True).out
    row = next(line for line in text.splitlines() if "def add" in line)
    assert row.startswith(f"{step} claude-code exact ") and row.endswith("1) -def add(a, b):")
    assert calc.json("blame", "--deleted", "-L5,7", "src/calc.py")["deleted"] == []
    assert len(calc.json("blame", "--deleted", "-L1,1", "src/calc.py")["deleted"]) == len(told["deleted"])
    # Nothing was ever taken away from this one.
    done = calc.baton("blame", "--deleted", "README.md")
    assert done.returncode == 1 and "no line of 'README.md'" in done.err


def test_others_who_had_a_hand_in_a_line(calc):
    session = calc.json("log")["turns"][0]["session"]
    text = calc.read("src/calc.py").decode()
    calc.write("src/calc.py", text.replace("    if a is None:\n", "    if a is None or not a:\n")
               .replace("    return b * a\n", "        return b * a\n"))
    told = calc.json("blame", "src/calc.py")["lines"]
    assert told[5]["owner"]["kind"] == "outside"
    assert told[5]["was"]["owner"]["step"] == f"{session}.1" and told[5]["was"]["turn"] == f"{session}:1"
    assert told[11]["owner"]["step"] == f"{session}.3"
    assert told[11]["reformatter"]["owner"]["kind"] == "outside"
    rows_ = rows(calc, "src/calc.py")
    assert f"was {session}.1" in rows_[5] and "reformatted by outside" in rows_[11]
    full = calc.baton("blame", "src/calc.py:6", check=True).out
    assert re.search(rf"^was +{session}\.1, exact", full, re.M)
    machine = calc.baton("blame", "-p", "src/calc.py", check=True).out
    assert f"baton-was {session}.1\n" in machine and "baton-reformatter outside\n" in machine


def test_slips_are_told_in_one_line(calc):
    for words, status, part in [
            (["nowhere"], 3, "no file 'nowhere' here"),
            (["src"], 2, "'src' is a folder"),
            (["."], 2, "is a folder"),
            (["/etc/passwd"], 2, "lies outside"),
            (["src/calc.py/"], 3, "no folder 'src/calc.py/' here"),
            ([".git/config"], 2, "'.git/config' is git's own"),
            (["nowhere", "src/calc.py"], 3, "neither a git revision nor a step"),
            (["HEAD", "new"], 3, "'new' is not in 'HEAD'"),
            (["-L", "99", "src/calc.py"], 3, "has only 12 lines"),
            (["-L", "x", "src/calc.py"], 2, "names no lines"),
            (["-L", "/nope/", "src/calc.py"], 3, "no line matches"),
            (["src/calc.py:99"], 3, "has only 12 lines"),
            (["--reverse", "src/calc.py"], 2, "'--reverse' is git's alone"),
            (["--contents", "nowhere", "src/calc.py"], 3, "no file 'nowhere' here"),
            (["--contents", "README.md", "HEAD", "src/calc.py"], 2, "'--contents' stands for the file"),
            (["-S", "nowhere", "src/calc.py"], 4, "nowhere"),
            (["--ignore-rev", "nowhere", "src/calc.py"], 3, "nowhere"),
            (["--since", "soon", "src/calc.py"], 2, "'soon' is no time"),
            (["--", "src/calc.py", "README.md"], 2, "takes one path"),
            (["a", "b", "c"], 2, "")]:
        done = calc.baton("blame", *words)
        assert done.returncode == status, (words, done)
        assert part in done.err and done.out == "" and len(done.err.splitlines()) <= 2, (words, done)


def test_a_repository_inside_is_asked_there(calc):
    inner = calc.repo / "lib/inner"
    inner.mkdir(parents=True)
    git(inner, "init", "-q", ".")
    (inner / "a.c").write_text("int a;\n")
    for path, part in [("lib/inner", "is a repository of its own"), ("lib/inner/", "is a repository of its own"),
                       ("lib/inner/a.c", "run it inside 'lib/inner'")]:
        done = calc.baton("blame", path)
        assert done.returncode == 2 and part in done.err and done.out == "", done
    assert calc.baton("-C", "lib/inner", "blame", "a.c", check=True).out


def test_secrets_are_masked_in_every_form(world):
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    world.write("conf", f"token = {secret}\nplain\n")
    world.commit("Conf")
    for words in [[], ["-p"], ["--json"], ["--line-porcelain"], ["conf:1"]]:
        words = words if words == ["conf:1"] else [*words, "conf"]
        out = world.baton("blame", *words, check=True).out
        assert secret not in out and ("plain" in out or words == ["conf:1"])


def test_the_same_input_gives_the_same_bytes(calc):
    calc.commit("Keep")
    for words in [[], ["--json"], ["-p"], ["--why"], ["--why", "--json"]]:
        first = calc.baton("blame", *words, "src/calc.py", check=True).stdout
        assert calc.baton("blame", *words, "src/calc.py", check=True).stdout == first
        calc.baton("reindex", check=True)
        assert calc.baton("blame", *words, "src/calc.py", check=True).stdout == first
