"""What a question costs is in what it is about, not in how much else was recorded."""
import re

from support import faults
from support.scratch import Scratch

SESSION = "11111111-2222-4333-8444-555555555555"


def pages_read(world, *words):
    world.baton(*words, check=True)  # the index is brought up to date, and what is worked out is kept
    done, lines = faults.run_command(world, words, "-e", "trace=pread64")
    assert done.returncode == 0, done
    return sum(bool(re.match(r"pread64\(.*, 4096, ", line)) for line in lines)


def test_one_path_among_many(tmp_path):
    world = Scratch(tmp_path)
    world.write("a.txt", "one\ntwo\nthree\n")
    world.commit("a")
    session = world.claude(SESSION).start().prompt("go")
    session.edit("a.txt", "two", "2")
    few = pages_read(world, "blame", "a.txt")
    for part in range(3):
        session.bash(f"mkdir d{part}; for i in $(seq 1500); do echo {part} $i > d{part}/$i; done")
    session.edit("a.txt", "three", "3")
    session.stop()
    assert pages_read(world, "blame", "a.txt") < few + 40
