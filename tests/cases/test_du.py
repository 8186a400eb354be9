"""Where the bytes are: the sums are those of the files."""
import json

import pytest

from support.leftovers import leave_behind
from support.played import Played
from support.scratch import Scratch


def sizes(store):
    return {str(file.relative_to(store)): file.stat().st_size for file in store.rglob("*") if file.is_file()}


def check_sums(world):
    """What `du` says, held against the disk."""
    found = json.loads(world.baton("du", "--limit", "1000", "--json", check=True).out)
    disk = sizes(world.repo / ".git" / "baton")

    def below(beginning):
        return sum(size for name, size in disk.items() if name.startswith(beginning))

    copies = sum(size for name, size in disk.items() if "/transcript." in name)
    assert found["total"] == sum(disk.values())
    assert found["session_files"] == copies
    assert found["journals"] == below("sessions/") - copies
    assert found["objects"] == below("objects/")
    assert found["index"] == below("index.")
    assert found["worktrees"] == below("worktrees/")
    assert found["total"] == sum(found[part] for part in (
        "journals", "session_files", "objects", "index", "worktrees", "other"))
    contents = dict(found["contents"])
    flat = contents.pop("no_record") + contents.pop("lookup")
    assert found["objects"] == flat + sum(each["bytes"] for each in contents.values())
    for part in "journals", "session_files":
        assert found[part] == sum(agent[part] for agent in found["agents"])
    assert sum(each["bytes"] for each in found["largest_paths"]) == contents["versions"]["bytes"]
    sessions = found["largest_sessions"]
    assert sum(each["journal"] + each["session_file"] for each in sessions) == below("sessions/")
    assert all(each["bytes"] == each["journal"] + each["session_file"] + each["objects"] for each in sessions)
    assert [each["bytes"] for each in sessions] == sorted((each["bytes"] for each in sessions), reverse=True)
    assert "uncertain" not in found
    return found


@pytest.mark.parametrize("name", ["claude-code/bugfix", "codex/bugfix", "claude-code/subagent"])
def test_sums_are_those_of_the_files(tmp_path, name):
    played = Played(tmp_path / "world", name)
    found = check_sums(played)
    assert found["contents"]["versions"]["count"] > 0
    assert found["contents"]["left_behind"] == {"count": 0, "bytes": 0}
    assert found["contents"]["no_record"] == 0
    addresses = {each["address"] for each in json.loads(
        played.baton("sessions", "--all", "--json", check=True).out)["sessions"]}
    assert addresses <= {each.get("address") for each in found["largest_sessions"]}


def test_what_is_left_behind(tmp_path):
    world = Scratch(tmp_path / "world")
    session = world.claude("11111111-2222-4333-8444-555555555555").start().prompt("first")
    session.bash("seq 1 30000 > big.txt; seq 1 100 > small.txt")
    session.bash("seq 1 3000")
    session.stop()
    before = check_sums(world)
    assert before["largest_paths"][0]["path"] == "big.txt"
    assert before["contents"]["texts"]["count"] > 0
    grown = leave_behind(world)
    after = check_sums(world)
    assert after["contents"]["left_behind"]["bytes"] + after["contents"]["no_record"] == grown
    text = world.baton("du", check=True).out
    assert "left behind" in text and "big.txt" in text
    for name in before["contents"]:
        if name not in ("left_behind", "lookup"):
            assert after["contents"][name] == before["contents"][name], name


def test_limit(tmp_path):
    world = Scratch(tmp_path / "world")
    session = world.claude().start().prompt("many")
    session.bash("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do seq 1 $i > f$i; done")
    assert len(world.json("du")["largest_paths"]) == 10
    assert len(world.json("du", "-n", "2")["largest_paths"]) == 2
