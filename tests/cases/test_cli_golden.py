"""What a person sees, compared with golden/: UPDATE_GOLDEN=1 writes the files anew."""
import pytest

from support.played import Played, check_golden

CLAUDE = {
    "summary": [],
    "status": ["status"],
    "sessions": ["sessions"],
    "log": ["log"],
    "log-steps": ["log", "--steps"],
    "log-oneline": ["log", "--oneline"],
    "show-turn": ["show"],
    "show-edit": ["show", "7192.12"],
    "show-test": ["show", "7192.11"],
    "show-session": ["show", "7192"],
    "diff-steps": ["diff", "7192.9..7192.10"],
    "search": ["search", "retry_test"],
    "cat": ["cat", "7192.10:src/retry.sh"],
    "fsck": ["fsck"],
    "doctor": ["doctor", "--agent", "claude-code"],
}
# These look at the files themselves, and that is recorded.
LOOKING = {
    "diff-stat": ["diff", "--stat"],
    "blame": ["blame", "src/retry.sh"],
}
CODEX = {
    "summary": [],
    "log-steps": ["log", "--steps"],
    "show-turn": ["show"],
    "show-edit": ["show", "8f4c.5"],
    "show-test": ["show", "8f4c.6"],
    "blame": ["blame", "src/retry.sh"],
}
SUBAGENT = {
    "sessions-all": ["sessions", "--all"],
    "show-turn": ["show"],
    "show-subagent": ["show", "41a2"],
}


@pytest.fixture(scope="module")
def claude(tmp_path_factory):
    return Played(tmp_path_factory.mktemp("claude"), "claude-code/bugfix")


@pytest.fixture(scope="module")
def looked(tmp_path_factory):
    return Played(tmp_path_factory.mktemp("looked"), "claude-code/bugfix")


@pytest.fixture(scope="module")
def codex(tmp_path_factory):
    return Played(tmp_path_factory.mktemp("codex"), "codex/bugfix")


@pytest.fixture(scope="module")
def subagent(tmp_path_factory):
    return Played(tmp_path_factory.mktemp("subagent"), "claude-code/subagent")


def look(played, name, words):
    done = played.baton(*words)
    assert done.returncode in (0, 1), done.err
    check_golden(name + ".txt", played.steady(done.out + done.err))
    again = played.baton(*words)
    assert again.stdout == done.stdout, "the same input gives the same bytes"


@pytest.mark.parametrize("name", CLAUDE)
def test_claude(claude, name):
    look(claude, "claude-" + name, CLAUDE[name])


@pytest.mark.parametrize("name", LOOKING)
def test_looking(looked, name):
    look(looked, "claude-" + name, LOOKING[name])


@pytest.mark.parametrize("name", CODEX)
def test_codex(codex, name):
    look(codex, "codex-" + name, CODEX[name])


@pytest.mark.parametrize("name", SUBAGENT)
def test_subagent(subagent, name):
    look(subagent, "subagent-" + name, SUBAGENT[name])


def test_the_summary_is_short(claude, codex):
    for played in claude, codex:
        assert len(played.baton().out.splitlines()) <= 15
