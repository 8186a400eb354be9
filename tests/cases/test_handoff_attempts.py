"""Which commands are forms of one attempt, which runs speak of which failure, and what the fix was."""
import pytest

from support.handoffs import handoff
from support.library import LIBRARY, RUN, TEST


@pytest.fixture
def work(world):
    world.write("lib.sh", LIBRARY)
    world.write("tests/lib_test.sh", TEST)
    world.write("tests/other_test.sh", "echo ok 1\n")
    world.commit("A library and its tests")
    return world.claude().start().prompt("mend the answer")


def ran(agent, command, output="", status=0):
    """A command that answered so, without being run."""
    given = {"command": command, "description": "Run it"}
    call = agent.before("Bash", given)
    if status:
        agent.failed(call, "Bash", given, f"Exit code {status}\n{output}", duration_ms=5)
    else:
        agent.after(call, "Bash", given, {"stdout": output, "stderr": "", "interrupted": False,
                                          "isImage": False, "noOutputExpected": False}, duration_ms=5)


def number(step):
    return int(step.split(".")[1])


@pytest.mark.parametrize("failed, worked", [
    ("python gen.py --all", "python3 gen.py --all"),
    ("./gen.sh all", "bash ./gen.sh all"),
    ("apt-get install jq", "sudo apt-get install -y jq"),
    ("pip install left", "pip install --break-system-packages left"),
    ("cd sub && ./gen.sh all", "./gen.sh all"),
    ("git push", "git push --set-upstream origin work"),
    ("git commit -m 'one'", "git commit --no-verify -m 'two'"),
    ("cat retry.sh", "cat src/retry.sh"),
    ("PORT=1 node server.js", "PORT=2 node server.js"),
])
def test_the_form_that_worked(work, failed, worked):
    ran(work, failed, "no\n", 1)
    ran(work, worked)
    work.stop()
    (attempt,) = handoff(work)["attempts"]
    assert attempt["command"] == failed and attempt["replaced_command"] == worked


@pytest.mark.parametrize("failed, other", [
    ("git push origin main", "git fetch origin main"),
    ("python3 a.py --fast", "python3 b.py --fast"),
    ("cat nope.txt", "cat lib.sh"),
    ("curl -s http://localhost:1/a -o x", "curl -s http://localhost:1/b -o y"),
    ("cd sub && ./gen.sh all", "cd sub && ls all"),
    ("npm run deploy --silent", "npm run clean --silent"),
    ("pip install left", "pip install right"),
])
def test_another_command_is_no_form_of_it(work, failed, other):
    ran(work, failed, "no\n", 1)
    ran(work, other)
    work.stop()
    (attempt,) = handoff(work)["attempts"]
    assert attempt["command"] == failed and "replaced_by" not in attempt and attempt["times"] == 1


@pytest.mark.parametrize("command, output, failed", [
    ("grep -rn nowhere lib.sh", "", False),
    ("rg nowhere", "", False),
    ("diff lib.sh tests/lib_test.sh", "< answer\n", False),
    ("cd src && test -f nothing", "", False),
    ("which nothing-here", "", False),
    ("git diff --exit-code", "+x\n", False),
    ("cd nowhere && grep x y", "cd: nowhere: No such file or directory\n", True),
    ("grep x nowhere", "grep: nowhere: No such file or directory\n", True),
    ("ls nowhere", "", True),
])
def test_a_status_that_answers_is_no_failure(work, command, output, failed):
    ran(work, command, output, 1)
    work.stop()
    made = handoff(work)
    assert len(made["attempts"]) == int(failed)
    assert [each["exit_status"] for each in made["commands"]] == [1]


def points(made):
    return {each["name"]: number(each["step"]) for each in made["rollback"] if "step" in each}


def test_another_suite_that_passes_shows_no_fix(work):
    work.bash(RUN)
    work.edit("lib.sh", "41", "43")
    work.bash("sh tests/other_test.sh")
    work.stop()
    assert [each["name"] for each in handoff(work)["rollback"]] == ["session start", "last green"]
    work.edit("lib.sh", "43", "42")
    work.bash(RUN)
    work.stop()
    assert [each["command"].split(".")[1] for each in handoff(work)["rollback"][1:]] == ["2^", "5^"]


FAILED = "FAILED tests/test_a.py::test_one - assert 1 == 2\n"
BOTH = FAILED + "FAILED tests/test_b.py::test_two - assert 0\n"


@pytest.mark.parametrize("first, output, second, state", [
    ("pytest", BOTH + "2 failed, 5 passed in 0.1s\n", "pytest tests/test_a.py", "failed"),
    ("pytest", FAILED + "1 failed, 5 passed in 0.1s\n", "pytest tests/test_a.py", "partial"),
    ("pytest", FAILED + "1 failed, 5 passed in 0.1s\n", "pytest", "fresh"),
    ("pytest tests/test_a.py", FAILED + "1 failed in 0.1s\n", "pytest tests/test_b.py", "failed"),
    ("pytest tests/test_a.py::test_one", FAILED + "1 failed in 0.1s\n", "pytest tests/test_a.py",
     "partial"),
    ("pytest tests/test_a.py", FAILED + "1 failed in 0.1s\n", "pytest -k test_one tests/test_a.py",
     "partial"),
    ("cd web && pytest", FAILED + "1 failed in 0.1s\n", "cd api && pytest", "failed"),
    ("go test ./a", "--- FAIL: TestA (0.00s)\nFAIL\nFAIL\tx/a\t0.1s\nFAIL\n", "go test ./b", "failed"),
])
def test_a_run_of_another_part_says_nothing_of_the_failure(work, first, output, second, state):
    ran(work, first, output, 1)
    work.edit("lib.sh", "41", "42")
    ran(work, second, "ok  \tx/b\t0.1s\n" if "go" in first else "1 passed in 0.1s\n")
    work.stop("The tests pass.")
    made = handoff(work)
    assert made["verification"]["state"] == state
    fixed = any(each["name"] == "before the fix" for each in made["rollback"])
    assert fixed == (state != "failed")
    (claim,) = made["claims"]
    assert (claim["verdict"] == "contradicted") == (state == "failed")


def test_the_same_folder_by_another_way(work):
    ran(work, "pytest", FAILED + "1 failed in 0.1s\n", 1)
    ran(work, f"cd {work.world.repo} && pytest", "1 passed in 0.1s\n")
    work.stop()
    assert handoff(work)["verification"]["state"] == "fresh"
