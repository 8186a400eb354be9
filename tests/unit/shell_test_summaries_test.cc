#include "shell/test_summaries.h"

#include <gtest/gtest.h>

namespace baton::shell {
namespace {

using model::TestVerdict;

struct Case {
  std::string_view name;
  SummaryReader read;
  std::string_view output;
  TestVerdict verdict;
  int passed = 0, failed = 0, skipped = 0;
  std::vector<std::string> failing = {};
};

constexpr TestVerdict kPassed = TestVerdict::passed, kFailed = TestVerdict::failed;

// The last lines of each runner, passing and failing.
const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"pytest",
       pytest_summary,
       "FAILED tests/test_a.py::test_b - assert 1 == 2\n"
       "==== 1 failed, 2 passed, 1 skipped in 0.12s ====\n",
       kFailed,
       2,
       1,
       1,
       {"tests/test_a.py::test_b"}},
      {"pytest -q", pytest_summary, "..\n2 passed in 0.01s\n", kPassed, 2},
      {"unittest", unittest_summary, "Ran 5 tests in 0.001s\n\nOK (skipped=1)\n", kPassed, 4, 0, 1},
      {"unittest failing",
       unittest_summary,
       "FAIL: test_x (t.T)\nRan 3 tests in 0.001s\n\nFAILED (failures=1, errors=1)\n",
       kFailed,
       1,
       2,
       0,
       {"test_x (t.T)"}},
      {"rspec",
       rspec_summary,
       "10 examples, 1 failure, 2 pending\nrspec ./a_spec.rb:3 # A b\n",
       kFailed,
       7,
       1,
       2,
       {"./a_spec.rb:3 # A b"}},
      {"minitest", minitest_summary, "5 runs, 7 assertions, 0 failures, 0 errors, 1 skips\n",
       kPassed, 4, 0, 1},
      {"phpunit", phpunit_summary, "Tests: 5, Assertions: 7, Failures: 1, Skipped: 1.\n", kFailed,
       3, 1, 1},
      {"exunit", exunit_summary, "3 doctests, 5 tests, 0 failures\n", kPassed, 8},
      {"ctest",
       ctest_summary,
       "80% tests passed, 1 tests failed out of 5\n\nThe following tests FAILED:\n"
       "\t  3 - store (Failed)\n",
       kFailed,
       4,
       1,
       0,
       {"store"}},
      {"googletest",
       gtest_summary,
       "[==========] 2 tests from 1 test suite ran. (0 ms total)\n[  PASSED  ] 1 test.\n"
       "[  FAILED  ] 1 test, listed below:\n[  FAILED  ] A.b\n",
       kFailed,
       1,
       1,
       0,
       {"A.b"}},
      {"meson", meson_summary, "Ok:                 5\nFail:               0\n", kPassed, 5},
      {"go",
       go_summary,
       "--- FAIL: TestX (0.00s)\nFAIL\nFAIL\tpkg\t0.01s\n",
       kFailed,
       0,
       1,
       0,
       {"TestX"}},
      {"cargo",
       cargo_summary,
       "test a::b ... FAILED\n"
       "test result: FAILED. 4 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out\n",
       kFailed,
       4,
       1,
       1,
       {"a::b"}},
      {"nextest", nextest_summary, "     Summary [   0.012s] 10 tests run: 10 passed, 2 skipped\n",
       kPassed, 10, 0, 2},
      {"swift", swift_summary,
       "Executed 5 tests, with 1 failure (0 unexpected) in 0.01 (0.02) seconds\n", kFailed, 4, 1},
      {"jest",
       jest_summary,
       "  ● a › b\n\nTest Suites: 1 failed, 1 total\n"
       "Tests:       1 failed, 2 skipped, 1 todo, 10 passed, 14 total\n",
       kFailed,
       10,
       1,
       3,
       {"a › b"}},
      {"jest, a suite that does not load", jest_summary,
       "Test Suites: 1 failed, 1 passed, 2 total\nTests:       3 passed, 3 total\n", kFailed, 3},
      {"vitest", vitest_summary,
       " Test Files  1 passed (1)\n      Tests  10 passed | 2 skipped (12)\n", kPassed, 10, 0, 2},
      {"mocha",
       mocha_summary,
       "  2 passing (5ms)\n  1 failing\n\n  1) a b:\n",
       kFailed,
       2,
       1,
       0,
       {"a b"}},
      {"node", node_summary, "# tests 5\n# pass 4\n# fail 0\n# cancelled 1\n# skipped 0\n", kFailed,
       4, 1},
      {"bun",
       bun_summary,
       "(fail) a > b [0.1ms]\n 5 pass\n 1 fail\nRan 6 tests across 2 files.\n",
       kFailed,
       5,
       1,
       0,
       {"a > b"}},
      {"deno", deno_summary, "ok | 5 passed | 0 failed (10ms)\n", kPassed, 5},
      {"maven", maven_summary,
       "[INFO] Tests run: 5, Failures: 0, Errors: 0, Skipped: 1\n[INFO] BUILD SUCCESS\n", kPassed,
       4, 0, 1},
      {"gradle", gradle_summary, "5 tests completed, 1 failed\n\nBUILD FAILED in 1s\n", kFailed, 4,
       1},
      {"dotnet", dotnet_summary,
       "Passed!  - Failed:     0, Passed:     5, Skipped:     1, Total:     6\n", kPassed, 5, 0, 1},
      {"tap",
       tap_summary,
       "1..3\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP no\n",
       kFailed,
       1,
       1,
       1,
       {"b"}},
      {"prove", prove_summary, "Files=2, Tests=10,  0 wallclock secs\nResult: PASS\n", kPassed, 10},
      {"bats", bats_summary, "2 tests, 1 failure\n", kFailed, 1, 1},
      {"linters", problems_summary, "Found 2 errors in 1 file\n", kFailed, 0, 2},
      {"linters, clean", problems_summary, "All checks passed!\n", kPassed},
  };
  return all;
}

TEST(TestSummaries, EachRunnersOwnWords) {
  for (const Case& test : cases()) {
    SCOPED_TRACE(test.name);
    Summary summary = test.read(test.output);
    EXPECT_TRUE(summary.found);
    EXPECT_EQ(summary.verdict, test.verdict);
    EXPECT_EQ(summary.passed.value_or(0), test.passed);
    EXPECT_EQ(summary.failed.value_or(0), test.failed);
    EXPECT_EQ(summary.skipped.value_or(0), test.skipped);
    EXPECT_EQ(summary.failing, test.failing);
    EXPECT_EQ(any_summary(test.output).verdict,
              test.read == problems_summary ? TestVerdict::unknown : test.verdict);
  }
}

TEST(TestSummaries, WordsOfAProgramAreNoVerdict) {
  for (const Case& test : cases()) {
    SCOPED_TRACE(test.name);
    EXPECT_FALSE(
        test.read("starting\nall tests passed, I think: 3 of 3 in no time\nok then\n").found);
    EXPECT_FALSE(test.read("").found);
  }
}

TEST(TestSummaries, NothingThatRanIsNoPass) {
  struct {
    SummaryReader read;
    std::string_view output;
  } none[] = {
      {pytest_summary, "==== no tests ran in 0.01s ====\n"},
      {unittest_summary, "Ran 0 tests in 0.000s\n\nOK\n"},
      {ctest_summary, "No tests were found!!!\n"},
      {go_summary, "ok  \tpkg\t0.01s [no tests to run]\n"},
      {cargo_summary,
       "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n"},
      {jest_summary, "No tests found, exiting with code 0\n"},
      {prove_summary, "Files=0, Tests=0\nResult: NOTESTS\n"},
  };
  for (auto& one : none) {
    SCOPED_TRACE(one.output);
    Summary summary = one.read(one.output);
    EXPECT_TRUE(summary.found);
    EXPECT_TRUE(summary.nothing_ran);
    EXPECT_EQ(summary.verdict, TestVerdict::unknown);
  }
}

TEST(TestSummaries, ATornTapRunProvesNothing) {
  EXPECT_EQ(tap_summary("1..3\nok 1\nok 2\n").verdict, TestVerdict::unknown);
  EXPECT_EQ(tap_summary("1..3\nok 1\nBail out!\n").verdict, TestVerdict::failed);
  EXPECT_EQ(tap_summary("1..2\nok 1\nnot ok 2 - later # TODO\n").verdict, TestVerdict::passed);
}

TEST(TestSummaries, OneFailureAmongSeveralSuitesFailsAll) {
  Summary whole = any_summary(
      "2 passed in 0.01s\n80% tests passed, 1 tests failed out of 5\n"
      "The following tests FAILED:\n\t3 - store (Failed)\n");
  EXPECT_EQ(whole.verdict, TestVerdict::failed);
  EXPECT_EQ(whole.failing, std::vector<std::string>{"store"});
}

TEST(TestSummaries, EscapesOfATerminalAreTakenOut) {
  EXPECT_EQ(without_escapes("\x1b[32m2 passed\x1b[0m \x1b]0;title\x07in 1s"), "2 passed in 1s");
}

}  // namespace
}  // namespace baton::shell
