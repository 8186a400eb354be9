// Build tools that run the tests themselves: Maven, Gradle, .NET.

#include "shell/test_summaries.h"

#include <algorithm>

#include "base/bytes.h"
#include "shell/summary_parts.h"

namespace baton::shell {

using model::TestVerdict;

// "Tests run: 5, Failures: 1, Errors: 0, Skipped: 1", "BUILD SUCCESS"
Summary maven_summary(std::string_view output) {
  Summary summary;
  summary.in_parts = true;
  bool success = false, failure = false, ran = false, list = false;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    if (text.starts_with("[") && contains(text.substr(0, 10), "] ")) {
      text = trim(text.substr(text.find("] ") + 2));
    }
    if (text.starts_with("Tests run: ") && !contains(text, "Time elapsed")) {
      ran = true;
      int all = labelled(text, "Tests run:").value_or(0);
      int bad = labelled(text, "Failures:").value_or(0) + labelled(text, "Errors:").value_or(0);
      int skipped = labelled(text, "Skipped:").value_or(0);
      add_count(summary.failed, bad);
      add_count(summary.skipped, skipped);
      add_count(summary.passed, std::max(0, all - bad - skipped));
      list = false;
    } else if (text.starts_with("BUILD SUCCESS")) {
      success = true;
    } else if (text.starts_with("BUILD FAILURE")) {
      failure = true;
    } else if (text == "Failures:" || text == "Errors:" || text == "Failures: " ||
               text == "Failed tests:") {
      list = true;
    } else if (size_t at = text.find(" <<< FAILURE!"); at != text.npos) {
      if (size_t time = text.find(" -- Time");
          time != text.npos && !text.starts_with("Tests run")) {
        add_name(summary.failing, text.substr(0, time));
      }
    } else if (list && !text.empty() && contains(text.substr(0, text.find(' ')), ".")) {
      add_name(summary.failing, text.substr(0, text.find(':')));
    }
  }
  if (!ran && !success && !failure) return Summary{};
  summary.found = true;
  if (failure || summary.failed.value_or(0) > 0) {
    summary.verdict = TestVerdict::failed;
  } else if (ran && summary.passed.value_or(0) > 0) {
    summary.verdict = TestVerdict::passed;
  } else if (success) {
    summary.nothing_ran = true;
  }
  return summary;
}

// "5 tests completed, 1 failed", "BUILD SUCCESSFUL in 1s"
Summary gradle_summary(std::string_view output) {
  Summary summary;
  bool success = false, failure = false, no_source = false;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    if (text.starts_with("BUILD SUCCESSFUL")) success = true;
    if (text.starts_with("BUILD FAILED")) failure = true;
    if (text.starts_with("> Task ") && text.ends_with("est NO-SOURCE")) no_source = true;
    if (contains(text, " tests completed") || contains(text, " test completed")) {
      auto all = leading_number(text);
      if (all) {
        int failed = counted(text, "failed").value_or(0);
        int skipped = counted(text, "skipped").value_or(0);
        add_count(summary.failed, failed);
        add_count(summary.skipped, skipped);
        add_count(summary.passed, std::max(0, *all - failed - skipped));
      }
    }
    if (text.ends_with(" FAILED") && contains(text, " > ") && !text.starts_with("> Task")) {
      add_name(summary.failing, text.substr(0, text.size() - 7));
    }
    if (text.ends_with(" SKIPPED") && contains(text, " > ") && !text.starts_with("> Task")) {
      add_name(summary.skipping, text.substr(0, text.size() - 8));
    }
  }
  if (!success && !failure) return Summary{};
  summary.found = true;
  if (failure || summary.failed.value_or(0) > 0) {
    summary.verdict = TestVerdict::failed;
  } else if (no_source) {
    summary.nothing_ran = true;
  } else {
    summary.verdict = TestVerdict::passed;
  }
  return summary;
}

// "Passed!  - Failed:     0, Passed:     5, Skipped:     0, Total:     5", once an assembly; newer
// ones end with "Test summary: total: 5, failed: 0, succeeded: 5, skipped: 0, duration: 1.2s"
Summary dotnet_summary(std::string_view output) {
  Summary summary;
  summary.in_parts = true;
  bool any = false, old_form = false;
  summary.end_is_a_part = true;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    if (text.starts_with("Test summary: total:")) {
      Summary whole;
      whole.failed = labelled(text, " failed:");
      whole.passed = labelled(text, " succeeded:");
      whole.skipped = labelled(text, " skipped:");
      whole.failing = std::move(summary.failing);
      judge(whole);
      return whole;
    }
    if (text.starts_with("No test matches the given testcase filter")) {
      summary.found = summary.nothing_ran = true;
    }
    // How all of it begins.
    if (text.starts_with("Determining projects to restore") ||
        text.starts_with("Restore complete")) {
      summary.end_is_a_part = false;
    }
    if ((text.starts_with("Passed!") || text.starts_with("Failed!")) && contains(text, "Total:")) {
      any = true;
      add_count(summary.failed, labelled(text, "Failed:"));
      add_count(summary.passed, labelled(text, "Passed:"));
      add_count(summary.skipped, labelled(text, "Skipped:"));
    } else if (text.starts_with("Total tests:")) {
      any = old_form = true;
    } else if (old_form && text.starts_with("Passed:")) {
      add_count(summary.passed, labelled(text, "Passed:"));
    } else if (old_form && text.starts_with("Failed:")) {
      add_count(summary.failed, labelled(text, "Failed:"));
    } else if (old_form && text.starts_with("Skipped:")) {
      add_count(summary.skipped, labelled(text, "Skipped:"));
    } else if (text.starts_with("Failed ") && text.ends_with(']')) {
      add_name(summary.failing, text.substr(7, text.rfind(" [") - 7));
    } else if (text.starts_with("Skipped ") && text.ends_with(']')) {
      add_name(summary.skipping, text.substr(8, text.rfind(" [") - 8));
    }
  }
  if (any) {
    summary.nothing_ran = false;
    judge(summary);
  }
  return summary;
}

}  // namespace baton::shell
