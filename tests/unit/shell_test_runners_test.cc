#include "shell/test_runners.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace baton::shell {
namespace {

using model::TestKind;

constexpr TestKind kTest = TestKind::test, kLint = TestKind::lint, kBuild = TestKind::build;

std::optional<RunnerMatch> match(std::string_view words) {
  ShellCommand command;
  for (std::string_view word : split(words, ' ')) command.program.emplace_back(word);
  return match_runner(command);
}

TEST(TestRunners, WhatACommandChecks) {
  struct {
    std::string_view command, name;
    TestKind kind;
    bool by_name = false, partial = false;
  } cases[] = {
      {"pytest", "pytest", kTest},
      {"pytest -q tests/", "pytest", kTest},
      {"pytest tests/test_a.py", "pytest", kTest, false, true},
      {"pytest -k retry", "pytest", kTest, false, true},
      {"pytest -kretry", "pytest", kTest, false, true},
      {"pytest --maxfail 1", "pytest", kTest},
      {"ruff check", "ruff check", kLint},
      {"ctest --test-dir build -R store", "ctest", kTest, false, true},
      {"cmake --build build", "cmake", kBuild},
      {"go test ./...", "go test", kTest},
      {"go test ./store", "go test", kTest, false, true},
      {"cargo +nightly test", "cargo test", kTest},
      {"cargo test --no-run", "cargo test", kBuild},
      {"npx-no vitest", "", kTest},
      {"vitest run", "vitest", kTest},
      {"node --test", "node --test", kTest},
      {"node --test a.test.js", "node --test", kTest, false, true},
      {"node --check a.js", "node --check", kLint, false, true},
      {"tsc --noEmit", "tsc", kLint},
      {"tsc -p .", "tsc", kBuild},
      {"mvn -q verify", "maven", kTest},
      {"mvn package -DskipTests", "maven", kBuild},
      {"./gradlew test --tests A", "gradle", kTest, false, true},
      {"gradle build -x test", "gradle", kBuild},
      {"npm test", "npm test", kTest, true},
      {"npm run test:unit", "npm run test:unit", kTest, true},
      {"yarn lint", "yarn lint", kLint, true},
      {"yarn jest -t a", "jest", kTest, false, true},
      {"make -j4 check", "make check", kTest, true},
      {"make", "make", kBuild},
      {"just typecheck", "just typecheck", kLint, true},
      {"sh tests/retry_test.sh", "tests/retry_test.sh", kTest, true},
      {"sh tests/retry.sh", "tests/retry.sh", kTest, true},
      {"./dev.sh test", "./dev.sh test", kTest, true},
      {"bash -n a.sh", "bash -n", kLint, false, true},
      {"php -l a.php", "php -l", kLint, false, true},
      {"python manage.py test shop", "manage.py test", kTest, false, true},
      {"runTests.sh", "runTests.sh", kTest, true},
      // What only prepares, cleans or serves checks nothing.
      {"make install", "", kTest},
      {"npm run test:watch", "", kTest},
      {"sh tests/setup.sh", "", kTest},
      {"python -m json.tool", "", kTest},
      {"black .", "", kTest},
      {"ls tests", "", kTest},
  };
  for (auto& test : cases) {
    SCOPED_TRACE(test.command);
    auto found = match(test.command);
    ASSERT_EQ(found.has_value(), !test.name.empty());
    if (!found) continue;
    EXPECT_EQ(found->name, test.name);
    EXPECT_EQ(found->kind, test.kind);
    EXPECT_EQ(found->by_name, test.by_name);
    EXPECT_EQ(found->partial, test.partial);
    EXPECT_FALSE(found->never_runs);
  }
}

TEST(TestRunners, OptionsThatOnlyShow) {
  for (std::string_view command : {"pytest --collect-only", "ctest -N", "cargo test --help",
                                   "go test -list .", "tsc --init"}) {
    SCOPED_TRACE(command);
    auto found = match(command);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->never_runs);
  }
}

TEST(TestRunners, AProgramsOutputMayTell) {
  EXPECT_FALSE(match_output("all done"));
  auto found = match_output("[==========] Running 1 test.\n[  PASSED  ] 1 test.\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "googletest");
}

}  // namespace
}  // namespace baton::shell
