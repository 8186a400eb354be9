// Runners of C, C++, Go, Rust and Swift.

#include "shell/test_summaries.h"

#include <algorithm>

#include "base/bytes.h"
#include "shell/summary_parts.h"

namespace baton::shell {

using model::TestVerdict;

// "100% tests passed, 0 tests failed out of 5"
Summary ctest_summary(std::string_view output) {
  Summary summary;
  enum { none, failing, skipping } list = none;
  for (std::string_view line : lines_of(output)) {
    if (line.starts_with("No tests were found")) {
      summary.found = summary.nothing_ran = true;
    }
    size_t at = line.find("% tests passed, ");
    if (at != line.npos) {
      auto failed = leading_number(line.substr(at + 16));
      auto total = labelled(line, " failed out of ");
      if (failed && total) {
        add_count(summary.failed, failed);
        add_count(summary.passed, *total - *failed);
        judge(summary);
      }
    }
    std::string_view text = trim(line);
    if (text.starts_with("The following tests FAILED")) {
      list = failing;
    } else if (text.starts_with("The following tests did not run")) {
      list = skipping;
    } else if (list != none) {
      std::string_view rest;
      if (!leading_number(text, &rest) || !rest.starts_with(" - ")) {
        if (!text.empty()) list = none;
        continue;
      }
      rest.remove_prefix(3);
      if (size_t open = rest.rfind(" ("); open != rest.npos) rest = rest.substr(0, open);
      add_name(list == failing ? summary.failing : summary.skipping, rest);
    }
  }
  if (!summary.skipping.empty()) summary.skipped = static_cast<int>(summary.skipping.size());
  return summary;
}

// "[  PASSED  ] 4 tests." and "[  FAILED  ] 1 test, listed below:"
Summary gtest_summary(std::string_view output) {
  Summary summary;
  summary.in_parts = true;
  bool ran = false;
  for (std::string_view line : lines_of(output)) {
    if (line.starts_with("Note: Google Test filter = ")) summary.partial = true;
    if (line.starts_with("[==========]") && line.ends_with("ran.")) ran = true;
    if (line.starts_with("[==========]") && contains(line, " ran. (")) ran = true;
    if (!line.starts_with("[  ")) continue;
    size_t close = line.find("] ");
    if (close == line.npos) continue;
    std::string_view word = trim(line.substr(1, close - 1));
    std::string_view rest = line.substr(close + 2);
    auto count = leading_number(rest);
    bool is_count = count && contains(rest, " test");
    if (word == "PASSED" && is_count) {
      summary.found = true;
      add_count(summary.passed, count);
    } else if (word == "FAILED" && is_count) {
      summary.found = true;
      add_count(summary.failed, count);
    } else if (word == "SKIPPED" && is_count) {
      add_count(summary.skipped, count);
    } else if (word == "FAILED" || word == "SKIPPED") {
      if (size_t comma = rest.find(", where "); comma != rest.npos) rest = rest.substr(0, comma);
      if (size_t time = rest.rfind(" ("); time != rest.npos) rest = rest.substr(0, time);
      if (contains(rest, ".")) {
        add_name(word == "FAILED" ? summary.failing : summary.skipping, rest);
      }
    }
  }
  // A program that crashed has begun and tells no end.
  if (summary.found || ran) judge(summary);
  return summary;
}

// "Ok:                 5", "Fail:               1"
Summary meson_summary(std::string_view output) {
  Summary summary;
  std::optional<int> ok, fail;
  for (std::string_view line : lines_of(output)) {
    auto take = [&](std::string_view label, std::optional<int>& into) {
      if (!line.starts_with(label)) return;
      std::string_view rest;
      auto value = leading_number(skip_spaces(line.substr(label.size())), &rest);
      if (value && trim(rest).empty()) add_count(into, value);
    };
    take("Ok:", ok);
    take("Fail:", fail);
    take("Unexpected Pass:", fail);
    take("Timeout:", fail);
    take("Skipped:", summary.skipped);
    std::string_view text = trim(line);
    for (std::string_view word : {" FAIL ", " TIMEOUT "}) {
      size_t slash = text.find('/');
      size_t at = text.find(word);
      if (slash == text.npos || slash > 6 || at == text.npos) continue;
      std::string_view name = skip_spaces(text.substr(slash + 1));
      if (leading_number(name, &name)) add_name(summary.failing, name.substr(0, name.find(word)));
    }
  }
  if (!ok || !fail) return Summary{};
  summary.passed = ok;
  summary.failed = fail;
  judge(summary);
  return summary;
}

// "ok  \tpkg\t0.01s", "FAIL\tpkg\t0.01s", "--- FAIL: TestX (0.00s)"
Summary go_summary(std::string_view output) {
  Summary summary;
  summary.in_parts = true;
  bool any_ok = false, any_fail = false, nothing = false, warned = false;
  for (std::string_view line : lines_of(output)) {
    if (line.starts_with("ok  \t") || line.starts_with("ok \t")) {
      (contains(line, "[no tests to run]") ? nothing : any_ok) = true;
    } else if (line == "testing: warning: no tests to run") {
      nothing = warned = true;
    } else if (line == "PASS") {
      any_ok = any_ok || !warned;
      warned = false;
    } else if (line.starts_with("FAIL\t") || line == "FAIL") {
      any_fail = true;
    } else if (line.starts_with("?") && contains(line, "[no test files]")) {
      nothing = true;
    }
    std::string_view text = skip_spaces(line);
    for (std::string_view word : {"--- PASS: ", "--- FAIL: ", "--- SKIP: "}) {
      if (!text.starts_with(word)) continue;
      std::string_view name = text.substr(word.size());
      name = name.substr(0, name.find(' '));
      if (word[4] == 'P') {
        add_count(summary.passed, 1);
      } else if (word[4] == 'F') {
        any_fail = true;
        add_count(summary.failed, 1);
        add_name(summary.failing, name);
      } else {
        add_count(summary.skipped, 1);
        add_name(summary.skipping, name);
      }
    }
  }
  if (!any_ok && !any_fail && !nothing) return Summary{};
  summary.found = true;
  if (any_fail) {
    summary.verdict = TestVerdict::failed;
  } else if (any_ok) {
    summary.verdict = TestVerdict::passed;
  } else {
    summary.nothing_ran = true;
  }
  return summary;
}

// "test result: FAILED. 4 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out", once a binary
Summary cargo_summary(std::string_view output) {
  Summary summary;
  summary.in_parts = true;
  bool any = false, ended_badly = false;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    if (text.starts_with("test result: ")) {
      any = true;
      add_count(summary.passed, counted(text, "passed"));
      add_count(summary.failed, counted(text, "failed"));
      add_count(summary.skipped, counted(text, "ignored"));
      if (counted(text, "filtered").value_or(0) > 0) summary.partial = true;
    } else if (text.starts_with("error: test failed") ||
               (text.starts_with("error: ") && text.ends_with(" failed:") &&
                contains(text, " target"))) {
      ended_badly = true;  // its last words, also of what `tail` cut off
    } else if (text.starts_with("test ") && text.ends_with(" ... FAILED")) {
      add_name(summary.failing, text.substr(5, text.size() - 16));
    } else if (text.starts_with("test ") && contains(text, " ... ignored")) {
      add_name(summary.skipping, text.substr(5, text.find(" ... ignored") - 5));
    }
  }
  if (any) judge(summary);
  if (ended_badly) {
    summary.found = true;
    summary.verdict = TestVerdict::failed;
  }
  return summary;
}

// "Summary [   0.012s] 10 tests run: 9 passed, 1 failed, 2 skipped"
Summary nextest_summary(std::string_view output) {
  Summary summary;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    if (text.starts_with("Summary [") && contains(text, "run:")) {
      summary.passed = counted(text, "passed").value_or(0);
      summary.failed = counted(text, "failed").value_or(0) + counted(text, "timed").value_or(0) +
                       counted(text, "exec").value_or(0);
      summary.skipped = counted(text, "skipped");
      judge(summary);
    } else if (text.starts_with("FAIL [")) {
      if (size_t close = text.find("] "); close != text.npos) {
        add_name(summary.failing, text.substr(close + 2));
      }
    }
  }
  return summary;
}

// "Executed 5 tests, with 1 failure (0 unexpected) in 0.01 (0.02) seconds"
Summary swift_summary(std::string_view output) {
  Summary summary;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    if (text.starts_with("Executed ") && contains(text, ", with ")) {
      auto all = leading_number(text.substr(9));
      auto failed = labelled(text, "with ");
      if (contains(text, " skipped and ")) {
        summary.skipped = labelled(text, "with ");
        failed = labelled(text, " and ");
      }
      if (all && failed) {
        // Suites report before the whole does; the last line is the whole.
        summary.failed = failed;
        summary.passed = std::max(0, *all - *failed - summary.skipped.value_or(0));
        summary.verdict = TestVerdict::unknown;
        summary.nothing_ran = false;
        judge(summary);
      }
    } else if (contains(text, "Test run with ")) {
      auto all = labelled(text, "Test run with ");
      bool failed = contains(text, " failed after ");
      if (all && (failed || contains(text, " passed after "))) {
        summary.found = true;
        if (failed) {
          summary.verdict = TestVerdict::failed;
        } else if (*all > 0) {
          summary.passed = summary.passed.value_or(0) + *all;
          if (summary.verdict != TestVerdict::failed) summary.verdict = TestVerdict::passed;
        }
      }
    } else if (text.starts_with("Test Case '") && contains(text, "' failed (")) {
      add_name(summary.failing, text.substr(11, text.find("' failed (") - 11));
    }
  }
  return summary;
}

}  // namespace baton::shell
