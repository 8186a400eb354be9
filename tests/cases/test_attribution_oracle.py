"""Who wrote which line, held against programs whose authors are known (support/oracle.py)."""
import concurrent.futures
import os
import random
import shutil

import pytest

from support import oracle

CHUNKS = 6
PROGRAMS = 40     # of one chunk
SOAK_PROGRAMS = int(os.environ.get("SOAK_PROGRAMS", "10000"))
SOAK_CHUNK = 500
AT_ONCE = 6       # programs wait more than they work

# Programs that were answered wrongly once.
KEPT = [4, 5, 9, 15, 20, 33, 38, 52, 68, 78, 111, 196, 273, 289, 346, 381, 2005, 2016, 4019, 8021, 300002, 300039,
        300071, 300192, 300196, 300282, 300428, 300551, 300742, 300748, 300919, 301018, 301173, 301475, 7000053, 7000316, 281704984,
        8000360, 8000578, 8000805, 8300008, 8300345, 8300615, 9001024, 9003601, 9004062,
        9006426, 9010175, 9011260, 9011947, 9021016, 9022016, 9032757, 9033222, 9034115]

PLAIN_KEPT = [70043, 70052, 70063, 70072, 70167, 7300174, 7600741, 9200043, 9200481, 9200618, 9205441, 9210611, 9210713,
              9220740, 9221809]


# Equal lines of which two steps for one prompt had each brought one.
STEPS_KEPT = [7300061, 7300101]


def play_all(base, seeds, **kinds):
    total = oracle.Report()

    def one(seed):
        report = oracle.play(base, seed, **kinds)
        if not report.wrong:
            shutil.rmtree(base / str(seed), ignore_errors=True)
        return report

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for report in pool.map(one, seeds):
            total.add(report)
    print(f"seeds {seeds[0]} to {seeds[-1]}: {total}")
    return total


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_line_has_a_wrong_owner(tmp_path, chunk):
    seeds = range(chunk * 1000, chunk * 1000 + PROGRAMS)
    report = play_all(tmp_path, seeds)
    assert not report.wrong, report.wrong[:10]
    assert report.share("unknown", "contested") < 0.01, str(report)


def test_programs_that_were_wrong_once(tmp_path):
    report = play_all(tmp_path, KEPT)
    assert not report.wrong, report.wrong[:10]


def test_commands_of_two_agents_at_once(tmp_path):
    report = play_all(tmp_path, range(50_000, 50_000 + PROGRAMS), overlap=True)
    assert not report.wrong, report.wrong[:10]
    assert report.share("unknown", "contested") < 0.2, str(report)


def test_lines_that_are_not_unique(tmp_path):
    """Every second line is a brace, a blank or a repeated statement. Where a change does not tell which
    of two equal lines is the new one, an agent is not named for it."""
    report = play_all(tmp_path, range(70_000, 70_000 + PROGRAMS), plain=True)
    assert report.share("wrong", "wrong contested") < 0.005, report.wrong[:10]
    assert report.share("wrong agent named") == 0, report.wrong[:10]
    assert report.share("contested") < 0.02, str(report)


def test_equal_lines_for_which_an_agent_was_named_once(tmp_path):
    report = play_all(tmp_path, PLAIN_KEPT, plain=True)
    assert report.share("wrong agent named") == 0, report.wrong


def test_equal_lines_of_two_steps_for_one_prompt(tmp_path):
    report = play_all(tmp_path, STEPS_KEPT, plain=True)
    assert not report.wrong, report.wrong


if os.environ.get("BATON_SOAK"):
    def test_soak_oracle(tmp_path):
        first = random.randrange(1_000_000, 1_000_000_000)
        wrong = []
        for number, begin in enumerate(range(first, first + SOAK_PROGRAMS, SOAK_CHUNK)):
            end = min(begin + SOAK_CHUNK, first + SOAK_PROGRAMS)
            report = play_all(tmp_path, range(begin, end), overlap=number % 2 == 1)
            wrong += report.wrong
        assert not wrong, wrong[:20]
