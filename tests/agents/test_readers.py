"""What baton tells of replayed sessions: turns, steps, outcomes, plans, tests. Needs no agents."""
import datetime
import json
import subprocess

import pytest

from replay import Replay

AGENTS = ["claude-code", "codex", "codex-plain"]
TWO = ["claude-code", "codex"]
PROMPT = "fix the failing retry test"
TEST = "sh tests/retry_test.sh"


class Played:
    """A fixture played into a new repository, and the program to ask."""

    def __init__(self, fixture, tmp_path, baton, between=None):
        self.play = Replay(fixture, tmp_path / "repo", tmp_path / "home", None)
        self.program = baton
        self.play.command = [str(baton), "hook", self.play.agent]
        self.baton("init")
        for step in self.play:
            if between:
                between(step, self.play.repo)

    def baton(self, *words, status=0):
        done = subprocess.run([self.program, *words], cwd=self.play.repo, text=True,
                              env=self.play.hook_env({}), capture_output=True,
                              stdin=subprocess.DEVNULL)
        assert done.returncode == status, done.stderr
        return done.stdout

    def json(self, *words, status=0):
        return json.loads(self.baton(words[0], "--json", *words[1:], status=status))

    def turns(self):
        """Oldest first, with their steps."""
        return self.json("log", "--steps")["turns"][::-1]

    def steps(self, turn=-1):
        return self.turns()[turn]["steps"]

    def sessions(self):
        return self.json("sessions", "--all")["sessions"]


@pytest.fixture
def played(tmp_path, baton):
    return lambda fixture, **more: Played(fixture, tmp_path, baton, **more)


def owners(work, *words):
    """Of each line of a path: its number and who wrote it, lines from before left out."""
    found = []
    for line in work.json("blame", *words)["lines"]:
        owner = line["owner"]
        if owner["kind"] != "before":
            found.append((line["line"], owner["kind"], owner.get("step"), owner.get("evidence")))
    return found


def outcomes(steps):
    return [(step["tool"], step["outcome"], step.get("exit_status")) for step in steps]


@pytest.mark.parametrize("agent", AGENTS)
def test_bugfix(agent, played):
    work = played(f"{agent}/bugfix")
    (session,) = work.sessions()
    assert (session["agent"], session["state"]) == (work.play.agent, "ended")
    (turn,) = work.turns()
    assert (turn["prompt"], turn["state"]) == (PROMPT, "completed")
    assert turn["last_message"].startswith("The retry test passes.")
    tests = [s for s in turn["steps"] if s.get("command") == TEST]
    assert outcomes(tests) == [("Bash", "failed", 1), ("Bash", "failed", 1), ("Bash", "ok", 0)]
    assert turn["last_test"]["verdict"] == "passed"
    edits = [s for s in turn["steps"] if s["tool"] in ("Edit", "apply_patch")]
    assert [s["outcome"] for s in edits] == ["ok", "ok"]
    shown = work.json("show", edits[1]["address"])
    assert "the bound is max itself" in json.dumps(shown)
    last = work.baton("show", turn["steps"][-1]["address"])
    for item in ["Find why retry gives up early", "Correct the loop in src/retry.sh",
                 "Run the retry test"]:
        assert f"[x] {item}" in last


@pytest.mark.parametrize("agent", AGENTS)
def test_failed_calls(agent, played):
    steps = played(f"{agent}/failed").steps()
    by_command = {s["command"]: (s["outcome"], s.get("exit_status"))
                  for s in steps if s.get("command")}
    assert by_command["retrylint --strict src"] == ("failed", 127)
    assert by_command["rm -rf src"] == ("refused", None)
    assert by_command[TEST] == ("failed", 1)
    curl = by_command["curl -sS http://127.0.0.1:9/"]
    assert curl == (("refused", None) if agent == "claude-code" else ("failed", 7))
    edit = next(s for s in steps if s["tool"] in ("Edit", "apply_patch"))
    assert edit["outcome"] == "failed"
    assert 'until [ "$done" = yes ]; do' in edit["error"]
    assert steps[0]["outcome"] == "failed"  # the file that is missing


@pytest.mark.parametrize("agent", TWO)
def test_resumed_session_is_one(agent, played):
    work = played(f"{agent}/resume")
    (session,) = work.sessions()
    assert (session["turns"], session["resumed"], session["state"]) == (2, 1, "ended")
    assert [turn["prompt"] for turn in work.turns()] == [
        PROMPT, "say in the README that the first run counts"]
    assert [len(turn["steps"]) for turn in work.turns()] == [3, 2]


@pytest.mark.parametrize("agent", TWO)
def test_subagent_has_its_parent(agent, played):
    work = played(f"{agent}/subagent")
    child, parent = sorted(work.sessions(), key=lambda s: "parent" not in s)
    assert (child["parent"], child["parent_step"]) == (parent["address"], 1)
    assert (child["state"], child["steps"]) == ("ended", 3)
    (turn,) = work.turns()
    mine = [s for s in turn["steps"] if s["address"].startswith(child["address"] + ".")]
    assert [s["outcome"] for s in mine] == ["ok"] * 3
    assert turn["step_count"] == len(turn["steps"]) == parent["steps"] + 3


@pytest.mark.parametrize("agent", TWO)
def test_compaction_loses_nothing(agent, played):
    work = played(f"{agent}/compact")
    (session,) = work.sessions()
    assert (session["turns"], session["compactions"]) == (1, 1)
    (turn,) = work.turns()
    assert turn["prompt"] == PROMPT
    assert [s["outcome"] for s in turn["steps"]] == ["ok"] * 4


@pytest.mark.parametrize("agent", TWO)
def test_parallel_calls_keep_apart(agent, played):
    steps = played(f"{agent}/parallel").steps()
    assert len(steps) == 7
    tests = [s for s in steps if s.get("command") == TEST]
    assert sorted(s["exit_status"] for s in tests) == [0, 1]
    assert len({s["call"] for s in steps}) == 7


@pytest.mark.parametrize("agent", TWO)
def test_killed_agent(agent, played):
    work = played(f"{agent}/interrupted")
    (session,) = work.sessions()
    # The replaying program is the agent here, and it lives.
    assert session["state"] in ("running", "open", "abnormal")
    (turn,) = work.turns()
    assert turn["state"] in ("running", "open", "interrupted")
    assert turn["steps"][-1]["outcome"] in ("unknown", "running", "interrupted")


@pytest.mark.parametrize("agent", TWO)
def test_cancelled_turn(agent, played):
    work = played(f"{agent}/cancelled")
    first, second = work.turns()
    assert (first["state"], second["state"]) == ("interrupted", "completed")
    assert first["steps"][-1]["outcome"] == "interrupted"
    assert outcomes(second["steps"]) == [("Bash", "ok", 0)]
    (session,) = work.sessions()
    assert session["turns"] == 2


def test_background_command(played):
    steps = played("claude-code/background").steps(0)
    assert steps[0]["outcome"] == "background"


def test_command_that_codex_leaves_running(played):
    steps = played("codex/background").steps()
    assert outcomes(steps)[0] == ("Bash", "ok", 0)  # its session file tells, no hook does


def test_notice_of_a_finished_command_is_no_prompt_of_a_person(played):
    work = played("claude-code/background")
    first, second = work.turns()
    assert (first["prompt"], first.get("synthetic")) == (PROMPT, None)
    assert second["synthetic"] is True
    assert work.sessions()[0]["last_prompt"] == PROMPT


@pytest.mark.parametrize("agent", AGENTS)
def test_words_can_be_found(agent, played):
    work = played(f"{agent}/bugfix")
    found = work.json("search", "comparison")["hits"]
    assert any("comparison was wrong" in hit["excerpt"] for hit in found)
    assert work.json("search", "heliotrope", status=1)["hits"] == []


@pytest.mark.parametrize("agent", TWO)
def test_index_made_anew_tells_the_same(agent, played):
    work = played(f"{agent}/subagent")
    before = [work.baton("log", "--steps", "--json"), work.baton("sessions", "--all", "--json")]
    for path in (work.play.repo / ".git" / "baton").glob("index*"):
        path.unlink()
    assert [work.baton("log", "--steps", "--json"), work.baton("sessions", "--all", "--json")] \
        == before


# ------------------------------------------------------------------- who wrote what


@pytest.mark.parametrize("agent", AGENTS)
def test_edit_tool_owns_its_line(agent, played):
    work = played(f"{agent}/bugfix")
    edits = [s["address"] for s in work.steps() if s["tool"] in ("Edit", "apply_patch")]
    assert owners(work, "src/retry.sh") == [(6, "step", edits[1], "exact")]
    assert owners(work, "tests/retry_test.sh") == []
    assert work.turns()[0]["paths"] == ["src/retry.sh"]


@pytest.mark.parametrize("agent", TWO)
def test_shell_commands_own_what_they_change(agent, played):
    work = played(f"{agent}/shell-edits")
    steps = [s["address"] for s in work.steps()]
    assert owners(work, "src/retry.sh") == [(6, "step", steps[0], "during")]
    assert owners(work, "README.md") == [(4, "step", steps[6], "during")]
    # Written as CHANGES.md, then moved.
    assert owners(work, "docs/changes.md") == [(n, "step", steps[2], "during") for n in (1, 2, 3)]
    assert work.turns()[0]["paths"] == ["CHANGES.md", "README.md", "docs/changes.md",
                                        "src/config.sh", "src/retry.sh"]


@pytest.mark.parametrize("agent", TWO)
def test_added_lines_only(agent, played):
    work = played(f"{agent}/edit-kinds")
    step = next(s["address"] for s in work.steps() if "src/retry.sh" in json.dumps(s["changes"]))
    assert owners(work, "src/retry.sh") == [(8, "step", step, "exact")]


@pytest.mark.parametrize("agent", TWO)
def test_subagent_owns_its_file(agent, played):
    work = played(f"{agent}/subagent")
    child = next(s for s in work.sessions() if "parent" in s)
    assert owners(work, "NOTES.md") == [(1, "step", f"{child['address']}.3", "exact")]


@pytest.mark.parametrize("agent", TWO)
def test_what_a_person_writes_is_not_the_agents(agent, played):
    def by_hand(step, repo):
        if step.event == "UserPromptSubmit":
            with open(repo / "README.md", "a") as file:
                file.write("By hand.\n")
        if step.event == "PreToolUse" and step.tool in ("Edit", "apply_patch"):
            with open(repo / "src" / "config.sh", "a") as file:
                file.write("BY_HAND=1\n")

    work = played(f"{agent}/bugfix", between=by_hand)
    assert [o[1:3] for o in owners(work, "README.md")] == [("outside", None)]
    assert {o[1:3] for o in owners(work, "src/config.sh")} == {("outside", None)}


@pytest.mark.parametrize("agent", TWO)
def test_commit_keeps_the_owner(agent, played):
    work = played(f"{agent}/commit")
    edit, note = [work.steps()[n]["address"] for n in (1, 3)]
    assert owners(work, "retry-fix", "--", "src/retry.sh") == [(6, "step", edit, "exact")]
    assert owners(work, "src/retry.sh") == []  # back on main
    assert owners(work, "NOTES.md") == [(1, "step", note, "exact")]  # stashed and taken back
    shown = work.baton("show", "retry-fix")
    assert PROMPT in shown and edit in shown


@pytest.mark.parametrize("agent", TWO)
def test_killed_command_is_a_suspect_only(agent, played):
    work = played(f"{agent}/interrupted")
    ((_, kind, step, _),) = owners(work, "progress.txt")
    assert (kind, step) == ("unknown", None)


@pytest.mark.parametrize("agent", TWO)
def test_background_command_is_no_outsider(agent, played):
    work = played(f"{agent}/background")
    ((_, kind, step, evidence),) = owners(work, "report.txt")
    first, waiting = work.turns()[0]["steps"][0], work.turns()[0]["steps"][-1]
    assert kind in ("step", "unknown")
    allowed = [(first["address"], "during"), (first["address"], "contested"),
               (waiting["address"], "contested"), (None, None), (None, "contested")]
    written = (work.play.repo / "report.txt").stat().st_mtime
    if "ended" in first and written > datetime.datetime.fromisoformat(first["ended"]).timestamp():
        # This replay was slower than the recording: its file says that the command had ended before it wrote.
        allowed.append((waiting["address"], "during"))
    assert (step, evidence) in allowed
