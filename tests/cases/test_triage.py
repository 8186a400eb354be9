"""`baton triage`: from a failure's text, made by real runs where it can be, back to steps and prompts."""
import json
import re
import subprocess
import sys

import pytest

from support.scratch import git

CALC = """def ratio(part, whole):
    return part / whole


def report(values):
    total = sum(values)
    return [ratio(value, total) for value in values]
"""
MAIN = """import sys
from calc import report

print(report([int(word) for word in sys.argv[1:]]))
"""


@pytest.fixture
def calc(world):
    """A person's program; an agent changes line 2 (tests pass after it), then line 6 (no test)."""
    world.write("app/calc.py", CALC)
    world.write("app/main.py", MAIN)
    world.write("lib/util.py", "def a():\n    pass\n")
    world.write("other/util.py", "def b():\n    pass\n")
    world.write("test.sh", "echo ok\n")
    world.commit("Program")
    agent = world.claude().start().prompt("Percentages\nplease")
    agent.edit("app/calc.py", "part / whole", "100 * part / whole")
    agent.bash("sh test.sh")
    agent.stop()
    agent.prompt("Skip what is negative")
    agent.edit("app/calc.py", "sum(values)", "sum(value for value in values if value > 0)")
    agent.stop()
    world.agent = agent
    return world


def run(world, *words):
    done = subprocess.run(words, cwd=world.repo, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode != 0
    return done.stdout


def triage(world, text, *words, check=True):
    done = world.baton("triage", "--json", *words, stdin=text if isinstance(text, bytes) else text.encode())
    if check:
        assert done.returncode == 0, done
    return json.loads(done.out)


def places(told):
    return [(cause["path"], cause["line"]) for cause in told["causes"]]


def test_a_real_traceback(calc):
    text = run(calc, "python3", "app/main.py", "0", "-1")
    told = triage(calc, text)
    session = calc.json("log")["turns"][0]["session"]
    # The stack is main 4, report 7, ratio 2: a line of an agent first, though it is not the outermost.
    assert places(told)[0] == ("app/calc.py", 2)
    assert set(places(told)) == {("app/calc.py", 2), ("app/calc.py", 7), ("app/main.py", 4)}
    first = told["causes"][0]
    assert first["owner"]["step"] == f"{session}.1" and first["turn"] == f"{session}:1"
    assert first["verified"] == "stale" and first["run"]["verdict"] == "passed"
    assert first["depth"] == 0 and first["function"] == "ratio"
    assert "an agent wrote it" in first["reason"] and "changed since" in first["reason"]
    assert {cause["owner"]["kind"] for cause in told["causes"][1:]} <= {"git", "before"}
    assert told["traces"][0]["message"] == "ZeroDivisionError: division by zero"
    assert {turn["address"]: turn["prompt"] for turn in told["turns"]}[f"{session}:1"] == \
        "Percentages\nplease"


@pytest.mark.parametrize("style", ["long", "short"])
def test_a_real_run_of_pytest_is_one_stack(calc, style):
    calc.write("app/test_calc.py", "from calc import report\n\n\ndef test_zero():\n    report([0])\n")
    told = triage(calc, run(calc, sys.executable, "-m", "pytest", "-q", f"--tb={style}",
                            "-p", "no:cacheprovider", "app/test_calc.py"))
    assert [trace["message"] for trace in told["traces"]][0] == "ZeroDivisionError: division by zero"
    places = sorted((cause["trace"], cause["depth"], cause["path"], cause["line"]) for cause in told["causes"])
    assert places[0] == (0, 0, "app/calc.py", 2) and places[-1][2:] == ("app/test_calc.py", 5)
    here = [cause["line"] for cause in told["causes"] if "the failure is here" in cause["reason"]]
    assert here == [2]


def test_an_include_is_not_the_failure(world):
    world.write("src/a.h", "int f(void) { return nothing; }\n")
    world.write("src/a.c", "#include \"a.h\"\n")
    world.commit("Begin")
    told = triage(world, run(world, "cc", "-c", "src/a.c", "-o", "/dev/null"))
    reasons = {cause["path"]: cause["reason"].split("; ")[-1] for cause in told["causes"]}
    assert reasons == {"src/a.h": "the failure is here", "src/a.c": "the file of the failure is included here"}


def test_the_last_change_that_nothing_verified_comes_first(calc):
    text = 'Traceback (most recent call last):\n  File "app/calc.py", line 6, in report\n    x\n' \
           '  File "app/calc.py", line 2, in ratio\n    x\nValueError: no\n'
    told = triage(calc, text)
    assert places(told) == [("app/calc.py", 6), ("app/calc.py", 2)]
    assert [cause["verified"] for cause in told["causes"]] == ["never", "stale"]
    # A run that passes turns the order's first reason around, for all that stands as it was tested.
    calc.agent.prompt("Test")
    calc.agent.bash("sh test.sh")
    calc.agent.stop()
    told = triage(calc, text)
    assert [cause["verified"] for cause in told["causes"]] == ["passed", "passed"]
    calc.agent.prompt("More")
    calc.agent.edit("app/main.py", "import sys\n", "import sys  # arguments\n")
    calc.agent.stop()
    told = triage(calc, text + "app/main.py:1: warning: unused\n")
    assert places(told)[0] == ("app/main.py", 1)
    text = calc.baton("triage", stdin=text.encode(), check=True).out
    assert re.search(r"^1\. app/calc.py:6 .*\n +order +an agent wrote it, the last of these; the tests passed",
                     text, re.M), text


def test_a_part_of_the_tests_is_told_as_one(calc):
    calc.agent.prompt("Test")
    given = {"command": "pytest tests/test_calc.py", "description": "Test"}
    call = calc.agent.before("Bash", given)
    calc.agent.after(call, "Bash", given, {"stdout": "1 passed in 0.01s\n", "stderr": "",
                                           "interrupted": False, "isImage": False})
    calc.agent.stop()
    (cause,) = triage(calc, "app/calc.py:6: x\n")["causes"]
    assert cause["verified"] == "passed" and cause["run"]["partial"]
    assert "; a part of the tests passed after it" in cause["reason"]


def test_attempts_that_were_dropped_there(world):
    world.write("f.py", "def f(x):\n    return x\n")
    world.write("test.sh", "grep -q abs f.py\n")
    world.commit("F")
    agent = world.claude().start().prompt("No negatives")
    agent.edit("f.py", "    return x\n", "    return max(x, 0) + nothing_else\n")
    agent.bash("sh test.sh")                                                  # fails
    agent.edit("f.py", "    return max(x, 0) + nothing_else\n", "    return abs(x)\n")
    agent.bash("sh test.sh")
    agent.stop()
    (cause,) = triage(world, "f.py:2: boom\n")["causes"]
    session = world.json("log")["turns"][0]["session"]
    assert cause["owner"]["step"] == f"{session}.3" and cause["verified"] == "passed"
    dropped = [(each["text"].strip(), each["writer"]["owner"]["step"], each["remover"]["owner"]["step"],
                each.get("rule")) for each in cause["dropped"]]
    assert dropped == [("return max(x, 0) + nothing_else", f"{session}.1", f"{session}.3",
                        "edit-then-failing-run")]
    text = world.baton("triage", stdin=b"f.py:2: boom\n", check=True).out
    assert f"{session}.1 had: return max(x, 0) + nothing_else" in text


def test_attempts_of_which_the_line_was_made(world):
    """A line that was tried, failed and was mended is what it was made of."""
    world.write("f.py", "def f(x):\n    return x\n")
    world.write("test.sh", "grep -q 'max(x, 0)$' f.py\n")
    world.commit("F")
    agent = world.claude().start().prompt("No negatives")
    agent.edit("f.py", "    return x\n", "    return max(x, 0) + nothing_else\n")
    agent.bash("sh test.sh")                                                  # fails
    agent.edit("f.py", " + nothing_else", "")
    agent.bash("sh test.sh")
    agent.stop()
    agent.prompt("Tell of it")
    agent.edit("f.py", "def f(x):\n", "# none below zero\ndef f(x):\n")
    agent.stop()
    (cause,) = triage(world, "f.py:3: boom\n")["causes"]
    (dropped,) = cause["dropped"]
    assert dropped["text"] == "    return max(x, 0) + nothing_else"
    assert dropped["writer"]["owner"]["step"].endswith(".1") and dropped["rule"] == "edit-then-failing-run"
    assert dropped["remover"]["owner"]["step"].endswith(".3")


def test_more_places_than_are_read(calc):
    noise = "".join(f"/x/f{n}.c:{n}:1: warning: w\n" for n in range(1, 6001))
    told = triage(calc, noise + "app/calc.py:2: the failure\n")
    assert places(told) == [("app/calc.py", 2)] and told["left_out"] == 1001
    text = calc.baton("triage", stdin=noise.encode()).out.splitlines()
    assert len(text) < 50 and text[-3].endswith("and 4960 more; --json lists them")
    assert text[-1].startswith("1000 places that the text names before these")


def test_paths_from_elsewhere(calc):
    by = {cause["path"]: cause["matched_by"] for cause in triage(
        calc, "/build/agent-7/checkout/app/calc.py:2: x\n./app/main.py:1: y\n")["causes"]}
    assert by == {"app/calc.py": "suffix", "app/main.py": "path"}
    assert triage(calc, r"C:\ci\app\calc.py:2:1: x")["causes"][0]["path"] == "app/calc.py"
    assert triage(calc, str(calc.repo / "app/calc.py") + ":2:")["causes"][0]["matched_by"] == "path"
    assert triage(calc, "calc.py:2: x\n")["causes"][0]["matched_by"] == "name"
    done = calc.baton("triage", "--json", cwd=calc.repo / "app", stdin=b"calc.py:2: x")
    assert json.loads(done.out)["causes"][0]["matched_by"] == "path"
    told = triage(calc, "/x/util.py:1: a\n/x/lib/util.py:1: b\nnope.py:3: c\napp/calc.py:99: d\n"
                        "/usr/lib/python3/dist-packages/calc.py:2: e\n")
    assert places(told) == [("lib/util.py", 1)]
    reasons = {each["path"]: (each["reason"], each["candidates"]) for each in told["unmapped"]}
    assert reasons["/x/util.py"] == ("several files end so", ["lib/util.py", "other/util.py"])
    assert "no such file" in reasons["nope.py"][0]
    assert "only 7 lines" in reasons["app/calc.py"][0]
    assert "library" in reasons["/usr/lib/python3/dist-packages/calc.py"][0]


def test_a_revision(calc):
    calc.commit("Percentages")
    first = git(calc.repo, "rev-parse", "HEAD").strip()
    calc.write("app/calc.py", "# a new line\n" + calc.read("app/calc.py").decode())
    calc.commit("Comment")
    now = triage(calc, "app/calc.py:3: x\n")["causes"][0]
    then = triage(calc, "app/calc.py:2: x\n", "--rev", "HEAD~1")
    assert then["revision"] == first
    assert then["causes"][0]["owner"] == now["owner"] and now["owner"]["kind"] == "step"
    assert triage(calc, "app/calc.py:2: x\n", "--rev", "git:HEAD~2")["causes"][0]["owner"]["kind"] != "step"


def test_real_compilers_and_node(world):
    world.write("src/a.c", "int main(void) {\n  return 0;\n}\n")
    world.write("src/b.js", "function go() {\n  return 1;\n}\ngo();\n")
    world.commit("Begin")
    agent = world.claude().start().prompt("Break it")
    agent.edit("src/a.c", "return 0;", "return nothing;")
    agent.edit("src/b.js", "return 1;", "return missing.x;")
    agent.stop()
    told = triage(world, run(world, "cc", "-c", "src/a.c", "-o", "/dev/null"))
    assert places(told) == [("src/a.c", 2)] and told["causes"][0]["owner"]["step"].endswith(".1")
    told = triage(world, run(world, "node", "src/b.js"))
    assert places(told)[0] == ("src/b.js", 2) and told["causes"][0]["owner"]["step"].endswith(".2")
    assert ("src/b.js", 4) in places(told)


def test_tests_that_are_named_without_a_line(world):
    world.write("tests/test_x.py", "import x\n\n\nclass TestOne:\n    def test_same(self):\n        pass\n")
    world.write("unit/x_test.cc", "TEST(Other, Works) {}\n\nTEST_F(Suite, Works) {\n}\n")
    world.write("web/x.test.js", "describe('cart', () => {\n  it('adds', () => {});\n});\n")
    world.commit("Tests")
    agent = world.claude().start().prompt("More tests")
    agent.edit("tests/test_x.py", "        pass\n",
               "        pass\n\n\nclass TestTwo:\n    def test_same(self):\n        assert 0\n")
    agent.stop()
    text = ("FAILED tests/test_x.py::TestTwo::test_same[1-a] - assert 0\n"
            "[  FAILED  ] Suite.Works (3 ms)\n[  FAILED  ] Made/Suite.Works/0, where GetParam() = 4\n"
            "FAIL web/x.test.js\n  \u25cf cart \u203a adds\n"
            "FAILED tests/test_x.py::test_gone - x\nERROR tests/none.py::test_a\n[  FAILED  ] Nowhere.Is\n")
    told = triage(world, text)
    assert places(told) == [("tests/test_x.py", 10), ("unit/x_test.cc", 3), ("web/x.test.js", 2)]
    first = told["causes"][0]
    assert first["owner"]["kind"] == "step" and first["function"] == "TestTwo::test_same[1-a]"
    assert first["reason"].endswith("; the failing test is defined here")
    assert told["causes"][1]["matched_by"] == "test"
    assert [(each["path"], each["function"], each["reason"]) for each in told["unmapped"]] == [
        ("tests/test_x.py", "test_gone", "the file defines no such test in this state"),
        ("tests/none.py", "test_a", "no such file in these"),
        ("", "Nowhere.Is", "no file of these defines this test")]
    assert "tests/none.py::test_a  no such file" in world.baton("triage", stdin=text.encode()).out
    assert places(triage(world, text, "--rev", "HEAD")) == [("unit/x_test.cc", 3), ("web/x.test.js", 2)]
    # A line of the test's file says more than its name.
    told = triage(world, "tests/test_x.py:11: AssertionError\n" + text.splitlines()[0] + "\n")
    assert places(told) == [("tests/test_x.py", 11)]


def test_answers_that_are_no(calc):
    done = calc.baton("triage", stdin=b"all is well at 12:30:45\n")
    assert done.returncode == 1 and "no place in a file" in done.err and done.out == ""
    done = calc.baton("triage", stdin=b"nope.py:3: x\n")
    assert done.returncode == 1 and "no such file" in done.out
    for words, status, part in [(["nowhere"], 3, "no file 'nowhere'"), (["app"], 2, "is a folder"),
                                (["--rev", "nowhere"], 3, "no revision 'nowhere'"), (["a", "b"], 2, "")]:
        done = calc.baton("triage", *words, stdin=b"x")
        assert done.returncode == status and part in done.err, done
    (calc.repo / "log").write_text("app/calc.py:2: x\n")
    assert calc.baton("triage", "log").out == calc.baton("triage", "-", stdin=b"app/calc.py:2: x\n").out


def test_secrets_and_escapes_do_not_come_through(world):
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    world.write("f.py", f"token = '{secret}'\n")
    world.commit("F")
    text = f"f.py:1: leaked {secret} \x1b]0;title\x07 end\n".encode()
    for words in [[], ["--json"]]:
        out = world.baton("triage", *words, stdin=text).out
        assert secret not in out and "\x1b" not in out and "f.py" in out
