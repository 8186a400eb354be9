"""A library of one function that its test finds wrong, until 41 becomes 42."""
LIBRARY = "answer() { echo 41; }\n"
TEST = '. "$(dirname "$0")/../lib.sh"\n[ "$(answer)" = 42 ] || { echo "not ok 1 - $(answer)"; exit 1; }\n'
RUN = "sh tests/lib_test.sh"


def begin(world):
    """Commits it."""
    world.write("lib.sh", LIBRARY)
    world.write("tests/lib_test.sh", TEST)
    world.commit("A library and its test")


def work_on(world):
    """A session that is to mend it."""
    begin(world)
    return world.claude().start().prompt("mend the answer")
