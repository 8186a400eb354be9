"""Generated scenarios hold what they promise: carried out by hand, without an agent."""
import pathlib
import subprocess

import pytest

import gen_scenario
import make_repo


def carry_out(scenario, repo):
    """Does what the model would; the exit statuses of the runs of the test."""
    statuses = []
    for turn in [turn for run in scenario["runs"] for turn in run["turns"]]:
        for action in turn.get("actions", []):
            if action["do"] == "read":
                assert (repo / action["path"]).is_file()
            elif action["do"] == "edit":
                file = repo / action["path"]
                text = file.read_text()
                assert text.count(action["old"]) == 1
                file.write_text(text.replace(action["old"], action["new"]))
            elif action["do"] == "bash":
                done = subprocess.run(["bash", "-c", action["command"]], cwd=repo,
                                      capture_output=True)
                if action["command"] == scenario["expect"]["test"]:
                    statuses.append(done.returncode)
                else:
                    assert done.returncode == 0
    return statuses


@pytest.mark.parametrize("seed", range(40))
def test_work_goes_as_expected(seed, tmp_path):
    scenario = gen_scenario.generate(seed)
    repo = make_repo.make_repo(tmp_path / "repo", scenario)
    expect = scenario["expect"]
    assert carry_out(scenario, repo) == expect["statuses"]
    if expect["fix"]:
        assert expect["fix"] in pathlib.Path(repo, expect["file"]).read_text().split("\n")
        assert expect["statuses"][-1] == 0
        assert not expect["open"]
        assert expect["ending"] in ("done", "stale")
    else:
        assert set(expect["statuses"]) == {1}


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("shell", [False, True])
def test_next_agent_can_take_over(seed, shell, tmp_path):
    choice = {"ending": "stopped", "shell": shell, "attempts": 2, "plan": True}
    first = gen_scenario.generate(seed, **choice)
    repo = make_repo.make_repo(tmp_path / "repo", first)
    assert carry_out(first, repo) == [1, 1, 1]
    assert len(first["expect"]["open"]) == 2
    rest = gen_scenario.generate(seed, **choice, rest=True)
    assert carry_out(rest, repo) == [0]


@pytest.mark.parametrize("ending", ["done", "stopped", "claimed", "stale"])
def test_steered_work(ending, tmp_path):
    scenario = gen_scenario.generate(5, ending=ending, steer=True)
    repo = make_repo.make_repo(tmp_path / "repo", scenario)
    assert carry_out(scenario, repo) == scenario["expect"]["statuses"]
    assert len(scenario["expect"]["prompts"]) == 2
    says = scenario["runs"][0]["turns"][-1]["text"]
    assert says.endswith("still fails." if ending == "stopped" else "passes.")


def test_seed_decides():
    assert gen_scenario.generate(7) == gen_scenario.generate(7)
    prompts = {gen_scenario.generate(seed)["expect"]["prompts"][0] for seed in range(30)}
    assert len(prompts) > 15
