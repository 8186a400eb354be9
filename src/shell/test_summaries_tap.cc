// The Test Anything Protocol, and runners that speak it.

#include "shell/test_summaries.h"

#include <algorithm>

#include "base/bytes.h"
#include "shell/summary_parts.h"

namespace baton::shell {

using model::TestVerdict;

// "1..2", "ok 1 - name", "not ok 2 - name # TODO why"
Summary tap_summary(std::string_view output) {
  Summary summary;
  summary.in_parts = true;
  int planned = -1, seen = 0;
  bool bailed = false;
  for (std::string_view line : lines_of(output)) {
    std::string_view rest;
    if (line.starts_with("1..")) {
      if (auto plan = leading_number(line.substr(3))) planned = std::max(planned, 0) + *plan;
      continue;
    }
    if (line.starts_with("Bail out!")) {
      bailed = true;
      continue;
    }
    bool ok = line.starts_with("ok ");
    bool not_ok = line.starts_with("not ok ");
    if (!ok && !not_ok) continue;
    if (!leading_number(line.substr(ok ? 3 : 7), &rest)) continue;
    if (!rest.empty() && rest[0] != ' ') continue;
    ++seen;
    std::string lower = lower_ascii(rest);
    size_t directive = lower.find("# skip");
    bool todo = contains(lower, "# todo");
    std::string_view name = skip_spaces(rest.substr(0, rest.find(" # ")));
    if (name.starts_with("- ")) name.remove_prefix(2);
    if (directive != std::string::npos) {
      add_count(summary.skipped, 1);
      add_name(summary.skipping, name);
    } else if (ok || todo) {
      add_count(summary.passed, 1);
    } else {
      add_count(summary.failed, 1);
      add_name(summary.failing, name);
    }
  }
  if (seen == 0 && !bailed) return Summary{};
  summary.found = true;
  if (bailed || summary.failed.value_or(0) > 0) {
    summary.verdict = TestVerdict::failed;
  } else if (planned == seen && summary.passed.value_or(0) > 0) {
    summary.verdict = TestVerdict::passed;
  }
  return summary;
}

// "Files=2, Tests=10, ...", "Result: PASS"
Summary prove_summary(std::string_view output) {
  Summary summary;
  std::string_view file;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    if (text.starts_with("Result: ")) {
      std::string_view result = text.substr(8);
      summary.found = true;
      if (result == "PASS") summary.verdict = TestVerdict::passed;
      if (result == "FAIL") summary.verdict = TestVerdict::failed;
      if (result == "NOTESTS") summary.nothing_ran = true;
    } else if (text.starts_with("Files=")) {
      if (auto tests = labelled(text, "Tests=")) summary.passed = tests;
    } else if (contains(text, "(Wstat: ")) {
      file = text.substr(0, text.find(' '));
      if (auto failed = labelled(text, "Failed: ")) add_count(summary.failed, failed);
    } else if (text.starts_with("Failed test:") || text.starts_with("Failed tests:")) {
      add_name(summary.failing, std::string(file) + std::string(text.substr(text.find(':'))));
    }
  }
  if (summary.found && summary.passed) {
    summary.passed = std::max(0, *summary.passed - summary.failed.value_or(0));
    if (!summary.failed) summary.failed = 0;
  }
  return summary;
}

Summary bats_summary(std::string_view output) {
  Summary summary = exunit_summary(output);
  return summary.found ? summary : tap_summary(output);
}

}  // namespace baton::shell
