"""Which sessions one handoff is about, and what people say of tasks."""
import pytest

from support.handoffs import handoff
from support.library import RUN, begin
from support.scratch import git


@pytest.fixture
def project(world):
    begin(world)
    return world


def prompts(made):
    return [each["text"] for each in made["prompts"]]


def todo(agent, *items):
    given = {"todos": [{"content": text, "status": status, "activeForm": text}
                       for text, status in items]}
    agent.after(agent.before("TodoWrite", given), "TodoWrite", given,
                {"oldTodos": [], "newTodos": given["todos"]})


def test_second_session_goes_on_with_an_interrupted_one(project):
    one = project.claude().start()
    one.prompt("mend the answer")
    todo(one, ("find the cause", "completed"), ("mend it", "in_progress"))
    one.edit("lib.sh", "41", "43")
    one.end()
    made = handoff(project)
    assert [item["rule"] for item in made["open"]] == ["plan-item", "interrupted-turn"] or \
        [item["rule"] for item in made["open"]] == ["interrupted-turn", "plan-item"]
    two = project.claude().start()
    two.prompt("go on")
    todo(two, ("find the cause", "completed"), ("mend it", "completed"))
    two.edit("lib.sh", "43", "42")
    two.bash(RUN)
    two.stop()
    made = handoff(project)
    assert made["task"]["kind"] == "task" and made["task"]["name"] == "main"
    assert prompts(made) == ["mend the answer", "go on"]
    assert len(made["sessions"]) == 2 and made["sessions"][0]["began"] < made["sessions"][1]["began"]
    assert [item["status"] for item in made["plan"]] == ["completed", "completed"]
    assert made["open"] == []
    (change,) = made["changes"]
    assert {step.split(".")[0] for step in change["steps"]} == {
        each["session"] for each in made["sessions"]}
    assert made["verification"]["state"] == "fresh"


def test_two_worktrees_are_two_tasks(project, tmp_path):
    other = tmp_path / "other"
    git(project.repo, "worktree", "add", "-q", "-b", "feature", str(other))
    here = project.claude().start()
    there = project.claude(cwd=other).start()
    here.prompt("mend the answer")
    there.prompt("say hello")
    here.edit("lib.sh", "41", "42")
    there.write("hello.sh", "echo hello\n")
    here.stop()
    there.stop()
    assert prompts(handoff(project)) == ["mend the answer"]
    made = handoff(project, cwd=other)
    assert prompts(made) == ["say hello"] and made["task"]["branch"] == "feature"
    assert [c["path"] for c in made["changes"]] == ["hello.sh"]
    assert handoff(project, "feature")["prompts"] == made["prompts"]
    tasks = project.json("task")["tasks"]
    assert sorted(task["name"] for task in tasks) == ["feature", "main"]
    assert [task["name"] for task in tasks if task.get("current")] == ["main"]


def test_commit_that_leaves_nothing_ends_a_task_when_the_next_prompt_comes(project):
    one = project.claude().start()
    one.prompt("mend the answer")
    one.edit("lib.sh", "41", "42")
    one.stop()
    project.commit("Mend the answer")
    assert prompts(handoff(project)) == ["mend the answer"]  # still the newest work
    two = project.claude().start()
    two.prompt("say hello")
    two.write("hello.sh", "echo hello\n")
    two.stop()
    made = handoff(project)
    assert prompts(made) == ["say hello"]
    assert made["task"]["base"] == git(project.repo, "rev-parse", "HEAD").strip()
    # What is not committed keeps the next session in the task.
    three = project.claude().start()
    three.prompt("say more")
    three.stop()
    assert prompts(handoff(project)) == ["say hello", "say more"]


def test_session_with_open_items_stays_until_they_are_closed(project):
    one = project.claude().start()
    one.prompt("mend the answer")
    todo(one, ("mend it", "completed"), ("tell the docs", "pending"))
    one.edit("lib.sh", "41", "42")
    one.stop()
    project.commit("Mend the answer")
    two = project.claude().start()
    two.prompt("say hello")
    two.stop()
    assert prompts(handoff(project)) == ["mend the answer", "say hello"]
    todo(two, ("tell the docs", "completed"))
    assert prompts(handoff(project)) == ["say hello"]


def test_branch_is_a_task_through_rebases(project):
    git(project.repo, "switch", "-q", "-c", "fix")
    one = project.claude().start()
    one.prompt("mend the answer")
    one.edit("lib.sh", "41", "42")
    one.stop()
    project.commit("Mend the answer")
    git(project.repo, "switch", "-q", "main")
    project.write("else.txt", "x\n")
    project.commit("Something else")
    git(project.repo, "switch", "-q", "fix")
    git(project.repo, "rebase", "-q", "main")
    two = project.claude().start()
    two.prompt("and the rest")
    two.stop()
    made = handoff(project)
    assert prompts(made) == ["mend the answer", "and the rest"]
    assert made["task"] == {"kind": "task", "name": "fix", "branch": "fix", "state": "open",
                            "base": git(project.repo, "rev-parse", "main").strip()}


def test_branch_made_anew_is_another_task(project):
    git(project.repo, "switch", "-q", "-c", "fix")
    one = project.claude().start()
    one.prompt("the old one")
    one.stop()
    git(project.repo, "switch", "-q", "main")
    git(project.repo, "branch", "-q", "-D", "fix")
    import time
    time.sleep(1.1)  # reflogs count seconds
    git(project.repo, "switch", "-q", "-c", "fix")
    two = project.claude().start()
    two.prompt("the new one")
    two.stop()
    assert prompts(handoff(project)) == ["the new one"]


def test_tasks_are_named_closed_and_sessions_moved(project):
    one = project.claude().start()
    one.prompt("mend the answer")
    one.stop()
    assert project.baton("task", "name", "answers", check=True).out == "task 'answers': 1 session\n"
    assert handoff(project)["task"]["name"] == "answers"
    two = project.claude().start()
    two.prompt("go on")
    two.stop()
    assert prompts(handoff(project, "answers")) == ["mend the answer", "go on"]
    assert prompts(handoff(project, "main")) == ["mend the answer", "go on"]

    project.baton("task", "close", check=True)
    assert project.json("task")["tasks"] == []
    (closed,) = project.json("task", "--all")["tasks"]
    assert closed["state"] == "closed" and closed["name"] == "answers"
    assert handoff(project, "answers")["task"]["state"] == "closed"
    project.baton("task", "reopen", "answers", check=True)
    assert [task["name"] for task in project.json("task")["tasks"]] == ["answers"]

    session = handoff(project)["sessions"][1]["session"]
    project.baton("task", "move", session, "another", check=True)
    assert prompts(handoff(project, "another")) == ["go on"]
    assert prompts(handoff(project, "answers")) == ["mend the answer"]
    # It is in the record: the index can be made anew.
    project.baton("reindex", check=True)
    assert prompts(handoff(project, "another")) == ["go on"]
    assert project.baton("fsck").returncode == 0


@pytest.mark.parametrize("words, status", [
    (["frob"], 2), (["name"], 2), (["name", "-x"], 2), (["name", "a..b"], 2), (["move", "x"], 2),
    (["close", "nothing-like-it"], 3), (["reopen"], 2)])
def test_what_cannot_be_said_of_a_task(project, words, status):
    project.claude().start().prompt("x").stop()
    done = project.baton("task", *words)
    assert done.returncode == status and done.out == ""
    assert done.err.startswith("baton: ")


def test_range_of_commits(project):
    one = project.claude().start()
    one.prompt("mend the answer")
    one.edit("lib.sh", "41", "42")
    one.stop()
    project.commit("Mend the answer")
    two = project.claude().start()
    two.prompt("say hello")
    two.write("hello.sh", "echo hello\n")
    two.stop()
    project.commit("Say hello")
    made = handoff(project, "HEAD~1..HEAD")
    assert made["task"]["kind"] == "range" and prompts(made) == ["say hello"]
    assert prompts(handoff(project, "HEAD~2..HEAD")) == ["mend the answer", "say hello"]
    done = project.baton("handoff", "HEAD..HEAD")
    assert done.returncode == 1 and "no commits" in done.err


def test_person_between_two_agents(world, project):
    one = project.claude().start()
    one.prompt("mend the answer")
    one.edit("lib.sh", "41", "43")
    one.stop()
    project.write("notes.txt", "by hand\n")
    project.write("lib.sh", "answer() { echo 42; }\n")
    codex = {"session_id": "019a0000-0000-7000-8000-000000000001", "cwd": str(project.repo),
             "model": "gpt-x", "permission_mode": "default", "transcript_path": None}
    project.hook(dict(codex, hook_event_name="SessionStart", source="startup"), agent="codex")
    project.hook(dict(codex, hook_event_name="UserPromptSubmit", prompt="check it", turn_id="t1"),
                 agent="codex")
    made = handoff(project)
    assert [each["agent"] for each in made["sessions"]] == ["claude-code", "codex"]
    assert prompts(made) == ["mend the answer", "check it"]
    assert made["changes"][0]["also"] == ["outside"]
    assert [(each["path"], each["owner"]) for each in made["others"]] == [("notes.txt", "outside")]


def test_nothing_recorded_and_no_such_task(world):
    assert world.baton("handoff").returncode == 3
    world.claude().start().prompt("x").stop()
    done = world.baton("handoff", "zz-no-such")
    assert done.returncode in (2, 3) and "zz-no-such" in done.err


def test_release_is_told_task_by_task(project):
    git(project.repo, "tag", "v1")
    for name, extra in (("one", False), ("two", True)):
        git(project.repo, "switch", "-q", "-c", f"work-{name}", "main")
        agent = project.claude().start()
        agent.prompt(f"make {name}")
        agent.write(f"{name}.sh", "echo\n")
        agent.bash("sh -c 'exit 0' tests/x_test.sh; sh tests/none_test.sh || true")
        agent.bash("printf '1..1\\nok 1 - all\\n' > out_test.txt; make -f /dev/null test || true")
        agent.stop()
        project.commit(f"Make {name}")
        git(project.repo, "switch", "-q", "main")
        git(project.repo, "merge", "-q", "--no-ff", "-m", f"Merge {name}", f"work-{name}")
    git(project.repo, "tag", "v2")
    made = handoff(project, "v1..v2")
    assert [task["name"] for task in made["tasks"]] == ["work-one", "work-two"]
    assert all(task["rollback"]["command"].startswith("baton rewind ") for task in made["tasks"])
    assert prompts(made) == ["make one", "make two"]
    text = project.baton("handoff", "v1..v2", check=True).out
    assert "## Tasks\n- `work-one` [" in text
    ways = [line for line in text.splitlines() if line.startswith("- session start: ")]
    assert len(ways) == 2
