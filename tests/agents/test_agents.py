"""End to end: real agents, with the hooks that `baton init` installs, and what baton then tells."""
import collections
import json
import subprocess

import pytest

import journal
import make_repo
import run

AGENTS = ["claude-code", "codex", "codex-plain"]
SCENARIOS = sorted(path.stem for path in (run.HERE / "scenarios").glob("*.json"))
pytestmark = pytest.mark.usefixtures("agents")


class Work:
    """A scratch repository in which agents work and baton is asked."""

    def __init__(self, tmp, baton):
        self.tmp, self.program = tmp, baton
        self.repo = tmp / "repo"
        self.runs = 0

    def agent(self, agent, scenario, **more):
        """Runs the agent, in a HOME of its own; the folder with what it left."""
        self.runs += 1
        out = self.tmp / f"run{self.runs}"
        self.home = out / "home"
        self.result = run.run(agent, scenario, out, repo=self.repo, baton=self.program, **more)
        for part, script in zip(run.load_scenario(scenario)["runs"], self.result["scripts"]):
            assert script["next"] == script["turns"] or "interrupt" in part, script
        return out

    def baton(self, *words, status=0):
        env = {"HOME": str(self.home), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
        done = subprocess.run([self.program, *words], cwd=self.repo, env=env, text=True,
                              capture_output=True, stdin=subprocess.DEVNULL)
        assert done.returncode == status, f"baton {' '.join(words)}: {done.stderr}"
        return done.stdout

    def json(self, *words):
        return json.loads(self.baton(words[0], "--json", *words[1:]))

    def git(self, *words):
        return make_repo.git(self.repo, *words)


@pytest.fixture
def work(tmp_path, baton):
    return Work(tmp_path, baton)


def settings_of(home):
    """The file in which an agent's hooks are registered."""
    files = [home / ".claude" / "settings.json", home / ".codex" / "hooks.json"]
    (file,) = [file for file in files if file.exists()]
    return file


def registered(home):
    """The events for which baton is registered."""
    hooks = json.loads(settings_of(home).read_text())["hooks"]
    return {event for event, groups in hooks.items()
            for group in groups for hook in group["hooks"] if " hook " in hook["command"]}


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("agent", AGENTS)
def test_all_of_it_is_recorded(agent, scenario, work):
    out = work.agent(agent, scenario, capture=True)
    heard = [json.loads(line) for line in (out / "captured.jsonl").read_text().splitlines()]
    wanted = registered(work.home)
    heard = collections.Counter(event["event"] for event in heard if event["event"] in wanted)
    lines = journal.lines_of(work.repo, agent.removesuffix("-plain"))
    assert collections.Counter(line["e"]["event"] for line in lines) == heard
    assert not [line["e"]["gap"] for line in lines if "gap" in line["e"]]
    assert {run["session"] for run in work.result["runs"]} <= {l["e"]["session"] for l in lines}
    tree = make_repo.tree_of(work.repo)
    if scenario == "interrupted":  # the last command's change is seen by whoever comes next
        assert tree.pop("progress.txt")
    assert journal.state_at_end(work.repo) == tree


@pytest.mark.parametrize("agent", AGENTS)
def test_agent_goes_on_as_without(agent, work, tmp_path):
    """The same requests to the model, the same files, with the hooks and without them."""
    with_hooks = run.requests_of(work.agent(agent, "bugfix"))
    run.run(agent, "bugfix", tmp_path / "bare")
    without = run.requests_of(tmp_path / "bare")
    assert len(with_hooks) == len(without)
    for one, other in zip(with_hooks, without):
        assert [c["name"] for c in one["answer"]["calls"]] == \
               [c["name"] for c in other["answer"]["calls"]]
    assert make_repo.tree_of(work.repo) == make_repo.tree_of(tmp_path / "bare" / "repo")
    words = [run.words_of(entry["body"]) for entry in with_hooks]
    assert not [w for w in words if "baton" in w]


@pytest.mark.parametrize("agent", AGENTS)
def test_users_repository_is_left_alone(agent, work):
    make_repo.make_repo(work.repo, {"repo": "retrykit"})
    git_folder = work.repo / ".git"
    before = {name: (git_folder / name).read_bytes() for name in ["config", "HEAD", "index"]}
    hooks = sorted(p.name for p in (git_folder / "hooks").iterdir())
    work.agent(agent, "bugfix")
    for name in ["config", "HEAD"]:
        assert (git_folder / name).read_bytes() == before[name]
    assert sorted(p.name for p in (git_folder / "hooks").iterdir()) == hooks
    assert work.git("status", "--porcelain") == " M src/retry.sh\n"
    assert work.git("log", "--all", "--oneline").count("\n") == 1
    refs = work.git("for-each-ref", "--format=%(refname) %(objecttype)").splitlines()
    assert set(refs) <= {"refs/heads/main commit", "refs/baton/pins tree"}


@pytest.mark.parametrize("agent", AGENTS)
def test_uninstall_puts_everything_back(agent, work, tmp_path):
    home = tmp_path / "home"
    run.run(agent, {"runs": []}, tmp_path / "settings", repo=work.repo, home=home)
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert before
    work.agent(agent, "bugfix", home=home)
    work.home = home
    assert registered(home)
    work.baton("uninstall")
    for path, content in before.items():
        if path.name != ".claude.json":  # the agent's own
            assert path.read_bytes() == content
    assert (home / ".codex" / "hooks.json") in before or not (home / ".codex/hooks.json").exists()
    events = len(journal.lines_of(work.repo, agent.removesuffix("-plain")))
    run.run(agent, {"runs": [{"prompt": "hello", "turns": [{"text": "Hello."}]}]},
            tmp_path / "later", repo=work.repo, home=home)
    assert len(journal.lines_of(work.repo, agent.removesuffix("-plain"))) == events


# ------------------------------------------------------------------- what readers tell


def turns_of(work):
    """Oldest first, with their steps."""
    return work.json("log", "--steps")["turns"][::-1]


@pytest.mark.parametrize("agent", AGENTS)
def test_log_and_blame(agent, work):
    work.agent(agent, "bugfix")
    (session,) = work.json("sessions")["sessions"]
    assert session["id"] == work.result["runs"][0]["session"]
    assert session["state"] == "ended"
    (turn,) = turns_of(work)
    assert turn["prompt"] == "fix the failing retry test"
    assert turn["state"] == "completed"
    tests = [step for step in turn["steps"] if step.get("command") == "sh tests/retry_test.sh"]
    assert [step["exit_status"] for step in tests] == [1, 1, 0]
    edits = [step for step in turn["steps"] if step["tool"] in ("Edit", "apply_patch")]
    lines = work.json("blame", "src/retry.sh")["lines"]
    assert [(line["line"], line["owner"]["step"], line["owner"]["evidence"]) for line in lines
            if line["owner"]["kind"] != "before"] == [(6, edits[1]["address"], "exact")]


@pytest.mark.parametrize("agent", AGENTS)
def test_killed_agent_is_known_to_be_gone(agent, work):
    work.agent(agent, "interrupted")
    (session,) = work.json("sessions")["sessions"]
    assert session["state"] == "abnormal"
    (turn,) = turns_of(work)
    assert turn["state"] == "interrupted"
    (line,) = work.json("blame", "progress.txt")["lines"]
    assert line["owner"]["kind"] == "unknown"  # a call was never answered: not the step's for sure


@pytest.mark.parametrize("agent", AGENTS)
def test_next_agent_in_the_same_repository(agent, work):
    """Another agent's session is another session, and takes nothing away from the first one's."""
    other = "codex" if agent == "claude-code" else "claude-code"
    work.agent(agent, "bugfix")
    before = work.json("blame", "src/retry.sh")["lines"]
    work.agent(other, {"runs": [{"prompt": "add a list of changes", "turns": [
        {"text": "Here it is.", "actions": [
            {"do": "write", "path": "CHANGES.md", "content": "- retry runs as often as told\n"}]},
        {"text": "Done."}]}]})
    sessions = work.json("sessions")["sessions"]
    assert {s["agent"] for s in sessions} == {agent.removesuffix("-plain"), other}
    assert work.json("blame", "src/retry.sh")["lines"] == before
    (line,) = work.json("blame", "CHANGES.md")["lines"]
    assert (line["owner"]["agent"], line["owner"]["evidence"]) == (other, "exact")
