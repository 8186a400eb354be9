// Runners of JavaScript and TypeScript.

#include "shell/test_summaries.h"

#include "base/bytes.h"
#include "shell/summary_parts.h"

namespace baton::shell {

using model::TestVerdict;

namespace {

// "1 failed, 2 skipped, 10 passed": jest says it with commas, vitest with bars.
void add_tests_line(Summary& summary, std::string_view text) {
  add_count(summary.passed, counted(text, "passed").value_or(0));
  add_count(summary.failed, counted(text, "failed").value_or(0));
  add_count(summary.skipped, counted(text, "skipped"));
  add_count(summary.skipped, counted(text, "todo"));
  judge(summary);
}

// A file that could not even be loaded has no failed test.
void fail_whole(Summary& summary) {
  summary.verdict = TestVerdict::failed;
  summary.nothing_ran = false;
}

}  // namespace

// "Tests:       1 failed, 2 skipped, 10 passed, 13 total"
Summary jest_summary(std::string_view output) {
  Summary summary;
  bool suite_failed = false;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    if (text.starts_with("Tests:") && contains(text, " total")) {
      add_tests_line(summary, text);
    } else if (text.starts_with("Test Suites:") && contains(text, " total")) {
      suite_failed = counted(text, "failed").value_or(0) > 0;
      summary.found = true;
    } else if (text.starts_with("Ran all test suites matching") ||
               text.starts_with("Ran all test suites with tests matching") ||
               text.starts_with("Ran all test suites related")) {
      summary.partial = true;
    } else if (text.starts_with("No tests found, exiting")) {
      summary.found = summary.nothing_ran = true;
    } else if (text.starts_with("● ") && contains(text, " › ")) {
      add_name(summary.failing, text.substr(std::string_view("● ").size()));
    }
  }
  if (suite_failed) fail_whole(summary);
  return summary;
}

// "      Tests  1 failed | 10 passed | 2 skipped (13)"
Summary vitest_summary(std::string_view output) {
  Summary summary;
  bool file_failed = false;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    if (text.starts_with("Tests  ") && text.ends_with(')')) {
      add_tests_line(summary, text);
    } else if (text.starts_with("Test Files  ") && text.ends_with(')')) {
      file_failed = counted(text, "failed").value_or(0) > 0;
      summary.found = true;
    } else if (text.starts_with("No test files found")) {
      summary.found = summary.nothing_ran = true;
    } else if (text.starts_with("FAIL  ") && contains(text, " > ")) {
      add_name(summary.failing, text.substr(6));
    }
  }
  if (file_failed) fail_whole(summary);
  return summary;
}

// "  10 passing (5ms)", "  1 failing", "  2 pending"
Summary mocha_summary(std::string_view output) {
  Summary summary;
  summary.in_parts = true;  // failures stand on a line of their own
  bool any = false, after = false;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    std::string_view rest;
    auto count = leading_number(text, &rest);
    bool indented = line.starts_with("  ");
    if (count && indented && rest.starts_with(" passing (")) {
      any = true;
      add_count(summary.passed, count);
    } else if (count && indented && rest == " failing") {
      any = after = true;
      add_count(summary.failed, count);
    } else if (count && indented && rest == " pending") {
      add_count(summary.skipped, count);
    } else if (after && count && rest.starts_with(") ")) {
      std::string_view name = rest.substr(2);
      if (name.ends_with(':')) name.remove_suffix(1);
      add_name(summary.failing, name);
    }
  }
  if (any) judge(summary);
  return summary;
}

// "# tests 5", "# pass 4", "# fail 1", or with the sign of the other reporter
Summary node_summary(std::string_view output) {
  Summary summary;
  std::optional<int> tests, passed, failed, cancelled;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    std::string_view body;
    if (line.starts_with("# ")) {
      body = line.substr(2);
    } else if (text.starts_with("ℹ ")) {
      body = text.substr(std::string_view("ℹ ").size());
    } else {
      if (text.starts_with("not ok ") && !contains(text, "# TODO")) {
        if (size_t dash = text.find(" - "); dash != text.npos) {
          add_name(summary.failing, text.substr(dash + 3));
        }
      } else if (text.starts_with("✖ ") && !text.ends_with(':')) {
        std::string_view name = text.substr(std::string_view("✖ ").size());
        if (size_t time = name.rfind(" ("); time != name.npos) name = name.substr(0, time);
        add_name(summary.failing, name);
      }
      continue;
    }
    auto take = [&](std::string_view word, std::optional<int>& into) {
      if (!body.starts_with(word)) return;
      std::string_view rest;
      auto value = leading_number(body.substr(word.size()), &rest);
      if (value && rest.empty()) add_count(into, value);
    };
    take("tests ", tests);
    take("pass ", passed);
    take("fail ", failed);
    take("cancelled ", cancelled);
    take("skipped ", summary.skipped);
  }
  if (!tests || !passed || !failed) return Summary{};
  summary.passed = passed;
  summary.failed = *failed + cancelled.value_or(0);
  judge(summary);
  return summary;
}

// " 5 pass", " 1 fail", "Ran 6 tests across 2 files."
Summary bun_summary(std::string_view output) {
  Summary summary;
  summary.in_parts = true;  // failures stand on a line of their own
  bool ran = false;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    std::string_view rest;
    auto count = leading_number(text, &rest);
    if (count && rest == " pass") summary.passed = count;
    if (count && rest == " fail") summary.failed = count;
    if (count && (rest == " skip" || rest == " todo")) add_count(summary.skipped, count);
    if (text.starts_with("Ran ") && contains(text, " across ")) ran = true;
    if (text.starts_with("(fail) ")) {
      std::string_view name = text.substr(7);
      if (size_t time = name.rfind(" ["); time != name.npos) name = name.substr(0, time);
      add_name(summary.failing, name);
    }
  }
  if (!ran) return Summary{};
  judge(summary);
  return summary;
}

// "ok | 5 passed | 0 failed (10ms)"
Summary deno_summary(std::string_view output) {
  Summary summary;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    if ((text.starts_with("ok | ") || text.starts_with("FAILED | ")) && contains(text, " passed")) {
      summary.passed = counted(text, "passed").value_or(0);
      summary.failed = counted(text, "failed").value_or(0);
      summary.skipped = counted(text, "ignored");
      if (counted(text, "filtered").value_or(0) > 0) summary.partial = true;
      judge(summary);
    } else if (size_t at = text.find(" ... FAILED"); at != text.npos) {
      add_name(summary.failing, text.substr(0, at));
    }
  }
  return summary;
}

}  // namespace baton::shell
