"""Random programs of edits, shell commands, a person's edits, git's operations and rewinds over a model
that keeps the true states (support/programs.py). A failing seed is printed, and kept in SEEDS."""
import os
import shutil

import pytest
from support import programs

# Seeds that once failed are played for ever.
SEEDS = [1, 36, 70, 102, 111]
LONG_SEEDS = [900_072, 900_113, 900_123, 910_010, 920_016, 920_041, 3_005_781, 3_200_543]
PROGRAMS = 120
SOAKED = int(os.environ.get("SOAK_PROGRAMS", "10000"))
CHUNKS = 8


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    base = tmp_path_factory.mktemp("random") / "template"
    programs.template(base)
    return base


def play(template, tmp_path, seeds, length):
    for seed in seeds:
        place = tmp_path / "world"
        programs.Program(template, place, seed).play(length)
        shutil.rmtree(place)


def test_seeds_that_failed(template, tmp_path):
    play(template, tmp_path, SEEDS, 14)
    play(template, tmp_path, LONG_SEEDS, 30)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_programs(template, tmp_path, chunk):
    play(template, tmp_path, range(10_000 + chunk, 10_000 + PROGRAMS, CHUNKS), 14)


if os.environ.get("BATON_SOAK"):
    @pytest.mark.parametrize("chunk", range(100))
    def test_soak(template, tmp_path, chunk):
        first = int(os.environ.get("SOAK_SEED", "100000"))
        print(f"seeds {first + chunk} to {first + SOAKED}, every 100th")
        play(template, tmp_path, range(first + chunk, first + SOAKED, 100), 30)
