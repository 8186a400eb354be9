"""A run of tests behind looks that were cut: what files it saw is not always known, and is not guessed."""
import time

import pytest

from support import faults
from support.handoffs import handoff
from support.scratch import git

MANY = 120  # files: more than a cut look gets to
TICK = 0.05  # seconds: more than a kernel's stamp lags behind
RUN = "sh tests/run.sh"


def path_of(number):
    return f"d{number % 10}/f{number}.txt"


@pytest.fixture
def many(world):
    world.write("tests/run.sh", "exit 0\n")
    for number in range(MANY):
        world.write(path_of(number), f"{number}\n")
    world.commit("Many files")
    return world


def cut(agent, name, **fields):
    """One event on a disk so slow that its look at the worktree is cut by the budget."""
    before = len(agent.world.lines(session=agent.session))
    for _ in range(5):  # on a busy machine the hook's hard stop may come first, and nothing is written
        faults.slow_hook(agent.world, agent.event(name, **fields))
        lines = agent.world.lines(session=agent.session)
        if len(lines) > before:
            break
    assert lines[-1]["e"]["obs"][0]["complete"] is False, "the case's precondition"


def run_behind_a_cut_look(agent, command=RUN, between=None):
    given = {"command": command}
    call = agent.call_id()
    cut(agent, "PreToolUse", tool_name="Bash", tool_input=given, tool_use_id=call)
    if between:
        between()
    agent.finish_bash(call, given)


def seen(world):
    """A session whose first looks saw everything."""
    return world.claude().start().prompt("run the tests")


def verification(world):
    return handoff(world)["verification"]


def by_a_person(world):
    for number in range(MANY):
        world.write(path_of(number), f"{number}\nby a person\n")


def test_what_was_changed_before_the_run_is_not_changed_since(many):
    agent = seen(many)
    by_a_person(many)
    time.sleep(TICK)
    run_behind_a_cut_look(agent)
    agent.stop()
    step = many.json("handoff")["tests"][0]["step"]
    assert verification(many) == {"state": "fresh", "step": step}
    assert "nothing changed since" in many.baton("status").out


def test_what_was_changed_while_it_ran_is_changed_since(many):
    agent = seen(many)
    run_behind_a_cut_look(agent, "sleep 0.1; " + RUN, lambda: (time.sleep(TICK), by_a_person(many)))
    agent.stop()
    made = verification(many)
    assert made["state"] in ("stale", "tree not known")  # the run may have done it, or a person
    agent.prompt("more")
    many.write(path_of(3), "after it\n")
    agent.stop()
    made = verification(many)
    assert made["state"] == "stale"
    assert path_of(3) in [each["path"] for each in made["changed_since"]]


def test_what_may_have_been_deleted_before_or_after_is_not_known(many):
    agent = seen(many)
    for number in range(MANY):
        (many.repo / path_of(number)).unlink()
    time.sleep(TICK)
    run_behind_a_cut_look(agent)
    agent.stop()
    made = verification(many)
    assert made["state"] == "tree not known" and "changed_since" not in made
    unknown = [each["path"] for each in made["maybe_changed_since"]]
    assert unknown and set(unknown) <= {path_of(number) for number in range(MANY)}
    text = many.baton("handoff").out
    assert f"- tree not known: `{RUN}` passed [" in text and "; changed since" not in text, text
    status = many.baton("status").out
    assert "files changed since" not in status and "not known" in status, status
    assert "stale" not in many.baton("check").out


def test_git_brought_files_that_nobody_had_seen(many):
    """What git brought before the runs comes into sight after them."""
    many.write("tests/run.sh", "[ -e build/fixed ]\n")
    many.write(".gitignore", "build\n")
    many.commit("A test that fails")
    agent = seen(many)
    by_a_person(many)
    agent.stop()  # sees it
    git(many.repo, "checkout", "-q", "--", ".")
    time.sleep(TICK)
    agent.prompt_id = "another"
    cut(agent, "UserPromptSubmit", prompt="run the tests")
    run_behind_a_cut_look(agent)
    many.write("build/fixed", "")
    run_behind_a_cut_look(agent)
    agent.stop()
    made = many.json("handoff")
    assert made["verification"]["state"] in ("fresh", "tree not known"), made["verification"]
    assert "changed_since" not in made["verification"]
    for run in made["tests"]:
        assert "changed_until_next" not in run, run


def test_a_failed_run_behind_a_cut_look(many):
    many.write("tests/run.sh", "[ -e fixed ]\n")
    agent = seen(many)
    for number in range(MANY):
        (many.repo / path_of(number)).unlink()
    time.sleep(TICK)
    run_behind_a_cut_look(agent)
    many.write("fixed", "")
    agent.bash(RUN)
    agent.stop("All tests pass.")
    made = many.json("handoff")
    first = made["tests"][0]
    assert first["verdict"] == "failed" and first["next_run"] == made["tests"][1]["step"]
    assert [each["path"] for each in first["changed_until_next"]] == ["fixed"]
    assert {each["path"] for each in first["maybe_changed_until_next"]} <= {
        path_of(number) for number in range(MANY)}
    assert made["verification"]["state"] == "fresh"


def test_a_claim_about_a_run_on_files_that_nobody_saw(many):
    agent = seen(many)
    for number in range(MANY):
        (many.repo / path_of(number)).unlink()
    time.sleep(TICK)
    run_behind_a_cut_look(agent)
    agent.stop("All tests pass.")
    claim, = many.json("handoff")["claims"]
    assert claim["verdict"] == "not verified"
    assert claim["reason"] == "which files the run saw is not known"


def test_a_file_of_its_own(many):
    """The tests of one changed file, which was changed where no look got to."""
    agent = seen(many)
    agent.edit(path_of(5), "5\n", "five\n")
    for number in range(MANY):
        if number != 5:
            (many.repo / path_of(number)).unlink()
    time.sleep(TICK)
    run_behind_a_cut_look(agent)
    agent.stop()
    made = many.json("handoff")
    change, = made["changes"]
    assert (change["path"], change["verification"]) == (path_of(5), "fresh")
    assert git(many.repo, "status", "--porcelain")
