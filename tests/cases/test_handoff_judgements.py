"""What the handoff judges: sessions made for one question each."""
import pytest

from support.handoffs import handoff
from support.library import LIBRARY, RUN, work_on



@pytest.fixture
def work(world):
    """A session in a repository with a library that its test finds wrong."""
    return work_on(world)


def markdown(agent):
    return agent.world.baton("handoff", check=True).out


def step_of(made, number):
    return f"{made['sessions'][0]['session']}.{number}"


def mend(agent):
    agent.read("lib.sh")
    agent.edit("lib.sh", "41", "42")
    agent.bash(RUN)


def test_edit_after_the_last_run_makes_it_stale(work):
    mend(work)
    work.edit("lib.sh", "answer()", "reply()")
    work.stop()
    made = handoff(work)
    assert made["verification"] == {
        "state": "stale", "step": step_of(made, 3),
        "changed_since": [{"path": "lib.sh", "owner": "step", "step": step_of(made, 4)}]}
    assert (f"- stale: `{RUN}` passed [{step_of(made, 3)}]; changed since: `lib.sh` "
            f"[{step_of(made, 4)}]\n") in markdown(work)


def test_persons_edit_makes_it_stale(work):
    mend(work)
    work.stop()
    assert handoff(work)["verification"]["state"] == "fresh"
    work.world.write("lib.sh", "answer() { echo 43; }\n")
    made = handoff(work)
    assert made["verification"]["state"] == "stale"
    assert made["verification"]["changed_since"] == [{"path": "lib.sh", "owner": "outside"}]
    assert "`lib.sh` (outside)" in markdown(work)
    # It is theirs too now.
    assert made["changes"][0]["also"] == ["outside"]


def test_run_that_failed_is_open(work):
    work.bash(RUN)
    work.stop("All tests pass.")
    made = handoff(work)
    assert made["verification"] == {"state": "failed", "step": step_of(made, 1)}
    assert made["open"] == [{"rule": "failing-run", "text": "the newest run of these tests failed",
                             "source": step_of(made, 1)}]
    assert made["attempts"] == [] and made["changes"] == []
    assert [point["name"] for point in made["rollback"]] == ["session start"]


def test_no_run_is_never_run(work):
    work.edit("lib.sh", "41", "42")
    work.stop("All tests pass.")
    made = handoff(work)
    assert made["verification"] == {"state": "never run"} and made["tests"] == []


@pytest.mark.parametrize("command", [f"{RUN} || true", f"{RUN} 2>&1 | tail -5"])
def test_status_that_proves_nothing_is_unknown(work, command):
    work.edit("lib.sh", "41", "42")
    work.bash(command)
    work.stop()
    made = handoff(work)
    assert made["verification"] == {"state": "unknown", "step": step_of(made, 2)}


def test_another_suite_that_passes_does_not_hide_a_failing_one(work):
    work.world.write("tests/other_test.sh", "exit 0\n")
    work.bash(RUN)
    work.bash("sh tests/other_test.sh")
    work.stop()
    made = handoff(work)
    assert made["verification"] == {"state": "failed", "step": step_of(made, 1)}


def test_later_prompts_stand_verbatim_and_in_order(work):
    work.bash("true")
    work.prompt("no, keep the old API\nand `answer` keeps its name")
    work.edit("lib.sh", "41", "42")
    work.stop()
    made = handoff(work)
    assert [p["text"] for p in made["prompts"]] == [
        "mend the answer", "no, keep the old API\nand `answer` keeps its name"]
    assert "  ```text\n  no, keep the old API\n  and `answer` keeps its name\n  ```\n" in \
        markdown(work)


def test_investigation_has_findings_and_no_changes(work):
    work.read("lib.sh")
    work.bash("ls")
    work.stop("The function is `answer`; it is wrong by one.")
    made = handoff(work)
    assert made["changes"] == [] and [r["path"] for r in made["reads"]] == ["lib.sh"]
    assert [c["command"] for c in made["commands"]] == ["ls"]
    assert made["last_message"]["text"] == "The function is `answer`; it is wrong by one."
    text = markdown(work)
    assert "## Changed" not in text
    assert "``The function is `answer`; it is wrong by one.``" in text


def test_command_repeated_until_it_works_is_one_attempt(work):
    for end in ["lib.sh nowhere/a", "lib.sh nowhere/b", "lib.sh copy.sh"]:
        work.bash(f"cp -p {end}")
    work.stop()
    made = handoff(work)
    (attempt,) = made["attempts"]
    assert attempt["rule"] == "failed-command" and attempt["times"] == 2
    assert attempt["steps"] == [step_of(made, 1), step_of(made, 2)]
    assert attempt["command"] == "cp -p lib.sh nowhere/b" and attempt["exit_status"] == 1
    assert "No such file" in attempt["error"]
    assert attempt["replaced_by"] == [step_of(made, 3)]
    assert attempt["replaced_command"] == "cp -p lib.sh copy.sh"


def test_other_command_of_the_program_replaces_nothing(work):
    work.bash("git nonsense")
    work.bash("git status --short")
    work.stop()
    (attempt,) = handoff(work)["attempts"]
    assert "replaced_by" not in attempt


def test_edit_that_the_agent_took_back(work):
    work.edit("lib.sh", "echo 41", "echo 44")
    work.edit("lib.sh", "echo 44", "echo 41")
    work.stop()
    made = handoff(work)
    (attempt,) = made["attempts"]
    assert attempt["rule"] == "undone" and attempt["steps"] == [step_of(made, 1)]
    assert attempt["paths"] == ["lib.sh"] and attempt["undone_by"] == "step"
    assert attempt["tried"] == ["-answer() { echo 41; }", "+answer() { echo 44; }"]
    assert attempt["undone_at"] == step_of(made, 2) and "failed_at" not in attempt
    assert made["changes"] == []
    assert f"\n  taken back [{step_of(made, 2)}]\n" in markdown(work)
    assert work.world.baton("fsck").returncode == 0


def test_edit_that_git_took_back(work):
    work.edit("lib.sh", "echo 41", "echo 44")
    work.bash("git checkout -- lib.sh")
    work.stop()
    made = handoff(work)
    (attempt,) = made["attempts"]
    assert attempt["rule"] == "undone" and attempt["steps"] == [step_of(made, 1)]
    assert made["changes"] == []


def test_another_branch_drops_nothing(work):
    work.bash("git checkout -q -b idea")
    work.edit("lib.sh", "echo 41", "echo 44")
    work.bash("git commit -qam idea")
    work.bash("git checkout -q main")
    work.stop()
    assert handoff(work)["attempts"] == []


def test_edit_that_a_stash_took_and_brought_back(work):
    work.edit("lib.sh", "echo 41", "echo 44")
    work.bash("git stash -q")
    (attempt,) = handoff(work)["attempts"]
    assert attempt["rule"] == "undone" and attempt["undone_by"] == "git"
    work.bash("git stash pop -q")
    work.stop()
    made = handoff(work)
    assert made["attempts"] == []
    assert [change["path"] for change in made["changes"]] == ["lib.sh"]


def test_edit_that_failed_and_was_taken_back_is_one_attempt(work):
    work.edit("lib.sh", "echo 41", "echo 44")
    work.bash(RUN)
    work.bash("git checkout -- lib.sh")
    work.stop()
    made = handoff(work)
    (attempt,) = made["attempts"]
    assert attempt["rule"] == "edit-then-failing-run" and attempt["undone_by"] == "git"
    assert attempt["error"] == "not ok 1 - 44" and "replaced_by" not in attempt
    assert made["changes"] == []


def test_edit_that_a_person_took_back(world):
    world.write("lib.sh", LIBRARY)  # not in git: nobody can have checked it out
    work = world.claude().start()
    work.prompt("mend the answer")
    work.edit("lib.sh", "echo 41", "echo 44")
    work.stop()
    world.write("lib.sh", LIBRARY)
    made = handoff(work)
    (attempt,) = made["attempts"]
    assert attempt["rule"] == "undone" and attempt["undone_by"] == "outside"
    assert "undone_at" not in attempt and made["changes"] == []
