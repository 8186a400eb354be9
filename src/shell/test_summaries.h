#pragma once

// What test runners print at their end. One function a format: a pure function of the output, which
// may be cut at the front (`| tail`) or in the middle.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/session.h"

namespace baton::shell {

constexpr size_t kMaxTestNames = 200;     // names of one run that are kept
constexpr size_t kMaxTestNameSize = 300;  // bytes of one

struct Summary {
  bool found = false;        // the runner's own words about the whole were there
  bool nothing_ran = false;  // ... and they say that there was nothing to run
  bool partial = false;      // ... or that some of the suite was left out
  bool in_parts = false;     // the words come package by package: some of them are not all of them
  bool end_is_a_part = false;  // ... and nothing at the end is about all of them
  model::TestVerdict verdict = model::TestVerdict::unknown;
  std::optional<int> passed, failed, skipped;
  std::vector<std::string> failing, skipping;
};

using SummaryReader = Summary (*)(std::string_view output);

// test_summaries_scripted.cc
Summary pytest_summary(std::string_view output);
Summary unittest_summary(std::string_view output);
Summary rspec_summary(std::string_view output);
Summary minitest_summary(std::string_view output);
Summary phpunit_summary(std::string_view output);
Summary exunit_summary(std::string_view output);
// test_summaries_compiled.cc
Summary ctest_summary(std::string_view output);
Summary gtest_summary(std::string_view output);
Summary meson_summary(std::string_view output);
Summary go_summary(std::string_view output);
Summary cargo_summary(std::string_view output);
Summary nextest_summary(std::string_view output);
Summary swift_summary(std::string_view output);
// test_summaries_javascript.cc
Summary jest_summary(std::string_view output);
Summary vitest_summary(std::string_view output);
Summary mocha_summary(std::string_view output);
Summary node_summary(std::string_view output);
Summary bun_summary(std::string_view output);
Summary deno_summary(std::string_view output);
// test_summaries_builds.cc
Summary maven_summary(std::string_view output);
Summary gradle_summary(std::string_view output);
Summary dotnet_summary(std::string_view output);
// test_summaries_tap.cc
Summary tap_summary(std::string_view output);
Summary prove_summary(std::string_view output);
Summary bats_summary(std::string_view output);
// test_summaries_problems.cc: linters and type checkers that say how many problems they found.
Summary problems_summary(std::string_view output);

// Whichever of the above finds its words. Several suites in one output: failed if one failed.
Summary any_summary(std::string_view output);

// Terminal escapes taken out.
std::string without_escapes(std::string_view text);

}  // namespace baton::shell
