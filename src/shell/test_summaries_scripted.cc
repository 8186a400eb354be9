// Runners of Python, Ruby, PHP and Elixir.

#include "shell/test_summaries.h"

#include <algorithm>

#include "base/bytes.h"
#include "shell/summary_parts.h"

namespace baton::shell {

using model::TestVerdict;

// "=== 1 failed, 2 passed, 1 skipped in 0.12s ===", with -q without the signs.
Summary pytest_summary(std::string_view output) {
  Summary summary;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    while (text.starts_with('=')) text.remove_prefix(1);
    while (text.ends_with('=')) text.remove_suffix(1);
    text = trim(text);
    size_t in = text.rfind(" in ");
    bool timed = in != text.npos && in + 4 < text.size() && is_digit(text[in + 4]) &&
                 contains(text.substr(in), "s");
    if (timed) {
      std::string_view counts = text.substr(0, in);
      if (counts == "no tests ran") {
        summary.found = summary.nothing_ran = true;
        continue;
      }
      auto passed = counted(counts, "passed");
      auto failed = counted(counts, "failed");
      auto errors = counted(counts, "error");
      if (!errors) errors = counted(counts, "errors");
      auto skipped = counted(counts, "skipped");
      auto deselected = counted(counts, "deselected");
      auto expected = counted(counts, "xfailed");
      auto surprising = counted(counts, "xpassed");
      bool any = passed || failed || errors || skipped || deselected || expected || surprising;
      // Nothing but "N word" parts, or it is a sentence of the program's own.
      if (!any || !is_digit(counts.empty() ? ' ' : counts[0])) continue;
      summary.found = true;
      add_count(summary.passed, passed);
      add_count(summary.failed, failed);
      add_count(summary.failed, errors);
      add_count(summary.skipped, skipped);
      if (expected || surprising) summary.passed = summary.passed.value_or(0);
      if (deselected.value_or(0) > 0) summary.partial = true;
      if (summary.failed.value_or(0) > 0) {
        summary.verdict = TestVerdict::failed;
      } else if (passed || expected || surprising) {
        summary.verdict = TestVerdict::passed;
      } else {
        summary.nothing_ran = true;
      }
      continue;
    }
    for (std::string_view word : {"FAILED ", "ERROR "}) {
      if (!text.starts_with(word)) continue;
      std::string_view name = text.substr(word.size());
      if (size_t dash = name.find(" - "); dash != name.npos) name = name.substr(0, dash);
      if (contains(name, "::") || contains(name, ".py")) add_name(summary.failing, name);
    }
    if (size_t at = text.find(" FAILED");
        at != text.npos && contains(text.substr(0, at), "::") && text.find(' ') == at) {
      add_name(summary.failing, text.substr(0, at));
    }
    if (size_t at = text.find(" SKIPPED");
        at != text.npos && contains(text.substr(0, at), "::") && text.find(' ') == at) {
      add_name(summary.skipping, text.substr(0, at));
    }
    if (text.starts_with("SKIPPED [")) {
      if (size_t close = text.find("] "); close != text.npos) {
        add_name(summary.skipping, text.substr(close + 2));
      }
    }
  }
  return summary;
}

// "Ran 5 tests in 0.001s" and then "OK (skipped=1)" or "FAILED (failures=1, errors=1)".
Summary unittest_summary(std::string_view output) {
  Summary summary;
  int ran = -1;
  for (std::string_view line : lines_of(output)) {
    if (line.starts_with("Ran ") && contains(line, " test")) {
      ran = leading_number(line.substr(4)).value_or(-1);
      continue;
    }
    for (std::string_view word : {"FAIL: ", "ERROR: "}) {
      if (line.starts_with(word)) add_name(summary.failing, line.substr(word.size()));
    }
    if (ran < 0) continue;
    bool ok = line == "OK" || line.starts_with("OK (");
    bool failed = line.starts_with("FAILED (");
    if (!ok && !failed && line != "NO TESTS RAN") continue;
    summary.found = true;
    int bad = labelled(line, "failures=").value_or(0) + labelled(line, "errors=").value_or(0) +
              labelled(line, "unexpected successes=").value_or(0);
    int skipped = labelled(line, "skipped=").value_or(0);
    add_count(summary.failed, bad);
    add_count(summary.skipped, skipped);
    add_count(summary.passed, std::max(0, ran - bad - skipped));
    if (failed) {
      summary.verdict = TestVerdict::failed;
    } else if (ran == 0 || ran == skipped) {
      summary.nothing_ran = summary.verdict == TestVerdict::unknown;
    } else if (summary.verdict == TestVerdict::unknown) {
      summary.verdict = TestVerdict::passed;
    }
    ran = -1;
  }
  return summary;
}

// "10 examples, 1 failure, 2 pending"
Summary rspec_summary(std::string_view output) {
  Summary summary;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    if (auto all = leading_number(text);
        all && contains(text, " example") && contains(text, " failure")) {
      int failed = counted(text, "failure").value_or(counted(text, "failures").value_or(0));
      int errors = counted(text, "error").value_or(counted(text, "errors").value_or(0));
      int pending = counted(text, "pending").value_or(0);
      add_count(summary.failed, failed + errors);
      add_count(summary.passed, std::max(0, *all - failed - pending));
      if (pending > 0) add_count(summary.skipped, pending);
      judge(summary);
    } else if (text.starts_with("rspec ")) {
      add_name(summary.failing, text.substr(6));
    }
  }
  return summary;
}

// "5 runs, 7 assertions, 1 failures, 0 errors, 0 skips"
Summary minitest_summary(std::string_view output) {
  Summary summary;
  bool next_is_name = false;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    auto all = leading_number(text);
    if (all && (contains(text, " runs, ") || contains(text, " tests, ")) &&
        contains(text, " assertions, ")) {
      int failed = counted(text, "failures").value_or(0) + counted(text, "errors").value_or(0);
      int skipped = counted(text, "skips").value_or(0);
      add_count(summary.failed, failed);
      add_count(summary.skipped, skipped);
      add_count(summary.passed, std::max(0, *all - failed - skipped));
      judge(summary);
    } else if (next_is_name) {
      add_name(summary.failing, text.substr(0, text.find(" [")));
      next_is_name = false;
    } else if (all && (text.ends_with(") Failure:") || text.ends_with(") Error:"))) {
      next_is_name = true;
    }
  }
  return summary;
}

// "OK (5 tests, 7 assertions)", "Tests: 5, Assertions: 7, Failures: 1."; Pest: "Tests: 1 failed, 4
// passed"
Summary phpunit_summary(std::string_view output) {
  Summary summary;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    if (text.starts_with("OK (") && contains(text, " test")) {
      add_count(summary.passed, leading_number(text.substr(4)));
      add_count(summary.failed, 0);
      judge(summary);
    } else if (text.starts_with("Tests: ") && contains(text, "Assertions: ")) {
      int all = labelled(text, "Tests:").value_or(0);
      int failed = labelled(text, "Failures:").value_or(0) + labelled(text, "Errors:").value_or(0);
      int skipped =
          labelled(text, "Skipped:").value_or(0) + labelled(text, "Incomplete:").value_or(0);
      add_count(summary.failed, failed);
      add_count(summary.skipped, skipped);
      add_count(summary.passed, std::max(0, all - failed - skipped));
      judge(summary);
    } else if (text.starts_with("Tests: ") && contains(text, " assertion")) {
      add_count(summary.failed, counted(text, "failed").value_or(0));
      add_count(summary.passed, counted(text, "passed").value_or(0));
      if (auto skipped = counted(text, "skipped")) add_count(summary.skipped, skipped);
      judge(summary);
    } else if (text.starts_with("No tests executed")) {
      summary.found = summary.nothing_ran = true;
    } else {
      std::string_view rest;
      if (leading_number(text, &rest) && rest.starts_with(") ") && contains(rest, "::")) {
        add_name(summary.failing, rest.substr(2));
      }
    }
  }
  return summary;
}

// "3 doctests, 5 tests, 1 failure, 2 excluded"; bats prints the same without doctests.
Summary exunit_summary(std::string_view output) {
  Summary summary;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    auto failed = counted(text, "failure");
    if (!failed) failed = counted(text, "failures");
    auto tests = counted(text, "tests");
    if (!tests) tests = counted(text, "test");
    if (leading_number(text) && tests && failed && !contains(text, "assertions") &&
        !contains(text, "example")) {
      int all =
          *tests + counted(text, "doctests").value_or(0) + counted(text, "properties").value_or(0);
      int skipped = counted(text, "skipped").value_or(0);
      int excluded = counted(text, "excluded").value_or(0);
      if (excluded > 0) summary.partial = true;
      add_count(summary.failed, failed);
      add_count(summary.passed, std::max(0, all - *failed - skipped - excluded));
      if (skipped > 0) add_count(summary.skipped, skipped);
      judge(summary);
      continue;
    }
    std::string_view rest;
    if (leading_number(text, &rest) && rest.starts_with(") test ")) {
      add_name(summary.failing, rest.substr(2));
    }
    if (text.starts_with("✗ "))
      add_name(summary.failing, text.substr(std::string_view("✗ ").size()));
  }
  return summary;
}

}  // namespace baton::shell
