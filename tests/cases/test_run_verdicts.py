"""What a command line, its output and its status prove about tests: never "passed" without ground."""
import pytest

PYTEST = "===== 5 passed in 0.12s =====\n"
PYTEST_FAILED = "FAILED tests/a.py::t - x\n===== 1 failed, 4 passed in 0.12s =====\n"
JEST_FAILED = "Tests:       1 failed, 4 passed, 5 total\n"
DOTNET = "Passed!  - Failed:     0, Passed:     5, Skipped:     0, Total:     5, Duration: 5 ms - b.dll\n"
CARGO = "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n"

# (command, what it printed, exit status): "none" is no run of tests.
RUNS = {
    "passed": [
        ("pytest", PYTEST, 0), ("pytest", "", 0), ("pytest 2>&1 | tail -5", PYTEST, 0),
        ("timeout -k 5 60s pytest", "", 0), ("docker compose run --rm app pytest -q", "", 0),
        ("cd x && go test ./...", "ok  \tpkg\t0.1s\n", 0), ('bash -lc "cd x && pytest -q"', "", 0),
        ("set -o pipefail; pytest | tee log", "", 0), ("mvn -q test", "", 0),
        ("pytest -q > log.txt 2>&1; tail -1 log.txt", PYTEST, 0), ("xargs pytest < list", PYTEST, 0),
        ("flock /tmp/l pytest", "", 0), ("uv tool run pytest", "", 0), ("pipx run pytest", "", 0),
        ("pytest a && pytest b", PYTEST + PYTEST, 0), ("pytest a; pytest b", PYTEST + PYTEST, 0),
        ("pytest 2>/dev/null", PYTEST, 0), ("hatch run test", "", 0), ("poe test", "", 0),
        ("npm test", "npm error of what a test calls\n", 0), ("FOO=\"a b\" BAR='c' pytest", "", 0), ("cargo test list", CARGO, 0),
        ("dotnet test | tail -2", "Test summary: total: 5, failed: 0, succeeded: 5, skipped: 0\n", 0),
        ('out=$(pytest 2>&1); echo "$out"', PYTEST, 0), ('echo "$(pytest -q)"', PYTEST, 0),
        ("make -Cpikt test", "", 0), ("pytest; pytest --version", PYTEST + "pytest 8\n", 0),
    ],
    "failed": [
        ('out="$(pytest 2>&1)" || true; echo "$out"', PYTEST_FAILED, 0),
        ("pytest 2>&1 | tail -5", PYTEST_FAILED, 0), ("pytest && npm test", PYTEST + JEST_FAILED, 1),
        ("pytest tests/a; pytest tests/b", PYTEST_FAILED + PYTEST, 0),
        ("find . -name 'test_*.py' | xargs -n1 pytest", PYTEST_FAILED, 123),
        ("make -k test 2>&1 | tail -1", "make: Target 'test' not remade because of errors.\n", 0),
        ("make test 2>&1 | tail -1", "make[1]: *** [Makefile:2: test] Error 1\n", 0),
        ("tox | tail -1", "  evaluation failed :( (1.3 seconds)\n", 0),
        ("cargo test --no-fail-fast 2>&1 | tail -4", CARGO + "\nerror: 1 target failed:\n    `--test a`\n", 0),
        ("mvn test -Dmaven.test.failure.ignore", "[ERROR] Tests run: 5, Failures: 1, Errors: 0, Skipped: 0\n"
         "[INFO] BUILD SUCCESS\n", 0),
    ],
    "unknown": [
        ("out=$(pytest 2>&1); echo done", "done\n", 0), ("result=$(npm test)", "", 0),
        ("npm test || true", "", 0), ("pytest; echo done", "done\n", 0), ("pytest & wait", "", 0),
        ("make -i test", "", 0), ("make -ki test", "", 0), ("make --ignore-errors test", "", 0),
        ("mvn -q test -fn", "", 0), ("mvn -q test -Dmaven.test.failure.ignore=true", "", 0),
        ("npm test --if-present", "", 0), ("npm run test --if-present", "", 0),
        ("rspec --failure-exit-code 0", "", 0), ("docker run -d img pytest", "abc123\n", 0),
        ("echo a | xargs -r pytest", "", 0), ("trap 'exit 0' EXIT; pytest", "", 0),
        # Of several runs one is not told of.
        ("pytest; npm test", PYTEST + "FAIL src/a.test.js\n", 1), ("npm test; pytest", PYTEST, 0),
        ("pytest && make e2e", PYTEST + "boom\n", 2), ("pytest tests/a; pytest tests/b", "", 0),
        ("pytest tests/a; pytest tests/b | tail -1", PYTEST, 0),
        # The words are not the runner's, or of a part only.
        ("pytest -q >/dev/null 2>&1 || true; echo '5 passed in 0.10s'", "5 passed in 0.10s\n", 0),
        ("pytest -q > log.txt 2>&1; cat old.txt", PYTEST, 0),
        ("pytest -x &> log.txt; echo '5 passed in 0.10s'", "5 passed in 0.10s\n", 0),
        ("pytest | tail -3 > log.txt; cat old.txt", PYTEST, 0), ("dotnet test | tail -3", DOTNET, 0),
        ("npx mocha | grep -v failing", "  5 passing (10ms)\n", 0), ("npm test | head -3", "  5 passing (10ms)\n", 0),
        ("bun test | grep -E 'pass|Ran'", " 4 pass\nRan 5 tests across 1 files. [10ms]\n", 0),
        ("go test -run X", "testing: warning: no tests to run\nPASS\nok  \ta\t0.1s [no tests to run]\n", 0),
        ("dotnet test --filter X", "No test matches the given testcase filter `X` in a.dll\n", 0),
        ("make -k test | tail -2", PYTEST + "make: Target 'test' not remade because of errors.\n", 0),
        ("nox | tail -3", PYTEST + "nox > * tests-3.9: failed\nnox > * tests-3.10: success\n", 0),
    ],
    "none": [
        ("git commit -m \"$(cat <<'EOF'\nRun `pytest` (all)\nEOF\n)\"", "", 0), ("n=$((1 + 2)); echo $n", "3\n", 0),
        ("files=$(git ls-files tests); echo $files", "tests/test_a.py\n", 0),
        # They show, list, prepare or pretend.
        ("tox -l", "py39\n", 0), ("tox list", "py39\n", 0), ("tox --notest", "", 0), ("nox -l", "", 0),
        ("nox --install-only", "", 0), ("pytest -h", "usage\n", 0), ("pytest --fixtures", "x\n", 0),
        ("pytest --markers", "", 0), ("dotnet test -t", "A.B\n", 0), ("phpunit --list-suites", "", 0),
        ("rspec -v", "RSpec 3.12\n", 0), ("deno test --no-run", "", 0), ("swift test list", "A\n", 0),
        ("cargo nextest list", "a::b\n", 0), ("npx vitest list", "a\n", 0), ("npx jest -v", "29.1\n", 0),
        ("npm test -- --listTests", "/a/b.test.js\n", 0), ("yarn test --listTests", "a\n", 0),
        ("bats --count tests", "2\n", 0), ("./build/unit_tests --gtest_list_tests", "A.\n", 0),
        ("sh run_tests.sh --dry-run", "a\n", 0), ("make -t test", "touch test\n", 0),
        ("make -q test", "", 0), ("./gradlew test --dry-run", "BUILD SUCCESSFUL in 1s\n", 0),
        ("./gradlew test -m", "BUILD SUCCESSFUL in 1s\n", 0),
        # They were not there.
        ("pytest", "bash: line 1: pytest: command not found\n", 127),
        ("python -m pytest", "/usr/bin/python: No module named pytest\n", 1),
        ("npm test", 'npm error Missing script: "test"\nnpm error\n', 1),
        ("npx jest", "sh: 1: jest: not found\n", 127),
        ("make test", "make: *** No rule to make target 'test'.  Stop.\n", 2),
        ("./run_tests.sh", "bash: ./run_tests.sh: Permission denied\n", 126),
        ("sh tests/a_test.sh", "sh: 0: cannot open tests/a_test.sh: No such file\n", 2),
        ("python tests/run.py", "python: can't open file '/p/tests/run.py': [Errno 2] No such file\n", 2),
        ("cat > t.sh <<EOF\npytest\nEOF", "", 0), ("echo pytest", "pytest\n", 0),
    ],
}


def run(session, command, output, status):
    given = {"command": command, "description": "Run it"}
    call = session.before("Bash", given)
    if session.agent == "codex":
        session.after(call, "Bash", given, output)
    elif status:
        session.failed(call, "Bash", given, f"Exit code {status}\n{output}", duration_ms=5)
    else:
        session.after(call, "Bash", given, {"stdout": output, "stderr": "", "interrupted": False,
                                            "isImage": False, "noOutputExpected": False}, duration_ms=5)


@pytest.mark.parametrize("agent", ["claude", "codex"])
def test_verdicts(world, agent):
    session = getattr(world, agent)().start().prompt("run the tests")
    told = [(verdict, each) for verdict, runs in RUNS.items() for each in runs]
    for _, each in told:
        run(session, *each)
    session.stop()
    made = world.json("handoff")
    address = made["sessions"][0]["session"]
    verdicts = {test["step"]: test["verdict"] for test in made["tests"]}
    wrong = []
    for number, (verdict, each) in enumerate(told, 1):
        found = verdicts.get(f"{address}.{number}", "none")
        # Codex tells no status: what rests on it alone is unknown.
        allowed = {verdict, "unknown"} if agent == "codex" and verdict in ("passed", "failed") else {verdict}
        if found not in allowed:
            wrong.append((each, found, verdict))
    assert not wrong


def test_a_good_summary_with_a_bad_status_is_not_passed(world):
    session = world.claude().start().prompt("run the tests")
    run(session, "pytest --cov-fail-under=90", PYTEST + "FAIL Required test coverage of 90% not reached\n", 1)
    session.stop()
    assert [test["verdict"] for test in world.json("handoff")["tests"]] == ["unknown"]


def test_what_is_read_though_errors_go_elsewhere(world):
    world.write("a.txt", "a\n")
    session = world.codex().start().prompt("look")
    session.bash("cat a.txt 2>/dev/null")
    session.bash("cat README.md > /dev/null")
    session.stop()
    assert [each["path"] for each in world.json("handoff")["reads"]] == ["a.txt"]


def test_what_only_shows_files_is_no_command_whoever_did_it(world):
    world.write("a.txt", "a\n")
    shown = ["cat a.txt", "sed -n '1,200p' a.txt 2>/dev/null | head -5", "cd . && cat a.txt; wc -l a.txt"]
    other = ["cat a.txt && mkdir -p build", "cat a.txt; touch -c a.txt", "cat a.txt; sed -i '' none || true", "cat a.txt > /tmp/none"]
    for agent in ("claude", "codex"):
        session = getattr(world, agent)().start().prompt("look")
        for command in shown + other:
            session.bash(command)
        session.stop("Looked.")
        made = world.json("handoff", world.json("log")["turns"][0]["session"])
        assert [each["command"] for each in made["commands"]] == other, agent
        assert [each["path"] for each in made["reads"]] == ["a.txt"]


PARTS = ["npm test a.test.js", "make test TESTS=one", "make check TEST_ARGS='-k x'", "TEST=test/a.rb rake test",
         "PYTEST_ADDOPTS='-k x' pytest", "go test -short ./...", "mvn verify -DskipITs", "gradle build -x integrationTest",
         "bazel test //... --test_tag_filters=-slow", "find . -name 'test_*.py' | xargs pytest", "npm test -- -t one",
         "cd sub && pytest -k x", "docker compose run app pytest tests/a.py", "tox -e py39", "nox -s unit"]
WHOLE = ["npm test --silent", "npm --prefix web test", "make test V=1", "TEST_DATABASE_URL=x pytest", "make test CC=clang",
         "CI=1 npm test", "pytest -q tests", "mvn -q verify -DskipITs=false", "npm test -- --coverage", "go test -v ./..."]


def test_a_part_is_told_from_the_whole(world):
    session = world.claude().start().prompt("run the tests")
    for command in PARTS + WHOLE:
        run(session, command, "", 0)
    session.stop()
    told = {test["command"]: test.get("partial", False) for test in world.json("handoff")["tests"]}
    assert told == {**dict.fromkeys(PARTS, True), **dict.fromkeys(WHOLE, False)}
