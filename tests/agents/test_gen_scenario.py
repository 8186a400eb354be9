"""Generated scenarios hold what they promise: carried out by hand, without an agent."""
import pathlib
import subprocess

import pytest

import gen_scenario
import make_repo


def carry_out(scenario, repo):
    """Does what the model would; the exit statuses of the runs of the test."""
    statuses = []
    for turn in scenario["runs"][0]["turns"]:
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


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("shell", [False, True])
def test_next_agent_can_take_over(seed, shell, tmp_path):
    first = gen_scenario.generate(seed, finished=False, shell=shell, attempts=2, plan=True)
    repo = make_repo.make_repo(tmp_path / "repo", first)
    assert carry_out(first, repo) == [1, 1, 1]
    assert len(first["expect"]["open"]) == 2
    rest = gen_scenario.generate(seed, finished=False, shell=shell, attempts=2, plan=True,
                                 rest=True)
    assert carry_out(rest, repo) == [0]


def test_seed_decides():
    assert gen_scenario.generate(7) == gen_scenario.generate(7)
    prompts = {gen_scenario.generate(seed)["expect"]["prompt"] for seed in range(30)}
    assert len(prompts) > 15
