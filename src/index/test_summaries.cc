#include "index/test_summaries.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace baton::index {
namespace {

using model::TestVerdict;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::vector<std::string_view> lines_of(std::string_view output) {
  std::vector<std::string_view> lines = split(output, '\n');
  for (std::string_view& line : lines) {
    if (line.ends_with('\r')) line.remove_suffix(1);
  }
  return lines;
}

std::string_view skip_spaces(std::string_view text) {
  size_t at = text.find_first_not_of(" \t");
  return at == text.npos ? std::string_view() : text.substr(at);
}

// The number at the front; the text behind it goes to `rest`.
std::optional<int> leading_number(std::string_view text, std::string_view* rest = nullptr) {
  size_t end = 0;
  while (end < text.size() && end < 9 && is_digit(text[end])) ++end;
  if (end == 0 || (end < text.size() && is_digit(text[end]))) return std::nullopt;
  int value = 0;
  for (char c : text.substr(0, end)) value = value * 10 + (c - '0');
  if (rest != nullptr) *rest = text.substr(end);
  return value;
}

// The number behind `label` in the text: "Failures: 1".
std::optional<int> labelled(std::string_view text, std::string_view label) {
  size_t at = text.find(label);
  if (at == text.npos) return std::nullopt;
  return leading_number(skip_spaces(text.substr(at + label.size())));
}

// The number before a word in a list such as "1 failed, 2 passed" or "1 failed | 2 passed (3)".
std::optional<int> counted(std::string_view text, std::string_view word) {
  size_t from = 0;
  for (;;) {
    size_t at = text.find(word, from);
    if (at == text.npos) return std::nullopt;
    from = at + word.size();
    bool whole = from == text.size() || !isalpha(static_cast<unsigned char>(text[from]));
    if (!whole || at < 2 || text[at - 1] != ' ' || !is_digit(text[at - 2])) continue;
    size_t begin = at - 1;
    while (begin > 0 && is_digit(text[begin - 1])) --begin;
    return leading_number(text.substr(begin));
  }
}

void add_count(std::optional<int>& sum, std::optional<int> more) {
  if (more) sum = sum.value_or(0) + *more;
}

void add_name(std::vector<std::string>& names, std::string_view name) {
  name = trim(name);
  if (name.empty() || names.size() >= kMaxTestNames) return;
  std::string text(utf8_prefix(name, kMaxTestNameSize));
  if (std::ranges::find(names, text) == names.end()) names.push_back(std::move(text));
}

// Failed if anything failed; passed only if something passed.
void judge(Summary& summary) {
  summary.found = true;
  if (summary.failed.value_or(0) > 0) {
    summary.verdict = TestVerdict::failed;
  } else if (summary.passed.value_or(0) > 0) {
    summary.verdict = TestVerdict::passed;
  } else {
    summary.nothing_ran = true;
  }
}

}  // namespace

std::string without_escapes(std::string_view text) {
  if (text.find('\x1b') == text.npos) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\x1b') {
      out += text[i];
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == '[') {
      i += 2;
      while (i < text.size() && (text[i] < '@' || text[i] > '~')) ++i;
    } else if (i + 1 < text.size() && text[i + 1] == ']') {
      while (i < text.size() && text[i] != '\x07') ++i;
    } else {
      ++i;
    }
  }
  return out;
}

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

// "ok  \tpkg\t0.01s", "FAIL\tpkg\t0.01s", "--- FAIL: TestX (0.00s)"
Summary go_summary(std::string_view output) {
  Summary summary;
  summary.in_parts = true;
  bool any_ok = false, any_fail = false, nothing = false;
  for (std::string_view line : lines_of(output)) {
    if (line.starts_with("ok  \t") || line.starts_with("ok \t")) {
      (contains(line, "[no tests to run]") ? nothing : any_ok) = true;
    } else if (line == "PASS") {
      any_ok = true;
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
  bool any = false;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    if (text.starts_with("test result: ")) {
      any = true;
      add_count(summary.passed, counted(text, "passed"));
      add_count(summary.failed, counted(text, "failed"));
      add_count(summary.skipped, counted(text, "ignored"));
      if (counted(text, "filtered").value_or(0) > 0) summary.partial = true;
    } else if (text.starts_with("test ") && text.ends_with(" ... FAILED")) {
      add_name(summary.failing, text.substr(5, text.size() - 16));
    } else if (text.starts_with("test ") && contains(text, " ... ignored")) {
      add_name(summary.skipping, text.substr(5, text.find(" ... ignored") - 5));
    }
  }
  if (any) judge(summary);
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

// "Tests:       1 failed, 2 skipped, 10 passed, 13 total"
Summary jest_summary(std::string_view output) {
  Summary summary;
  bool suite_failed = false;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    if (text.starts_with("Tests:") && contains(text, " total")) {
      add_count(summary.passed, counted(text, "passed").value_or(0));
      add_count(summary.failed, counted(text, "failed").value_or(0));
      if (auto skipped = counted(text, "skipped")) add_count(summary.skipped, skipped);
      if (auto todo = counted(text, "todo")) add_count(summary.skipped, todo);
      judge(summary);
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
  if (suite_failed) {
    summary.verdict = TestVerdict::failed;
    summary.nothing_ran = false;
  }
  return summary;
}

// "      Tests  1 failed | 10 passed | 2 skipped (13)"
Summary vitest_summary(std::string_view output) {
  Summary summary;
  bool file_failed = false;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    if (text.starts_with("Tests  ") && text.ends_with(')')) {
      add_count(summary.passed, counted(text, "passed").value_or(0));
      add_count(summary.failed, counted(text, "failed").value_or(0));
      if (auto skipped = counted(text, "skipped")) add_count(summary.skipped, skipped);
      if (auto todo = counted(text, "todo")) add_count(summary.skipped, todo);
      judge(summary);
    } else if (text.starts_with("Test Files  ") && text.ends_with(')')) {
      file_failed = counted(text, "failed").value_or(0) > 0;
      summary.found = true;
    } else if (text.starts_with("No test files found")) {
      summary.found = summary.nothing_ran = true;
    } else if (text.starts_with("FAIL  ") && contains(text, " > ")) {
      add_name(summary.failing, text.substr(6));
    }
  }
  if (file_failed) {
    summary.verdict = TestVerdict::failed;
    summary.nothing_ran = false;
  }
  return summary;
}

// "  10 passing (5ms)", "  1 failing", "  2 pending"
Summary mocha_summary(std::string_view output) {
  Summary summary;
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

// "Passed!  - Failed:     0, Passed:     5, Skipped:     0, Total:     5", once an assembly
Summary dotnet_summary(std::string_view output) {
  Summary summary;
  summary.in_parts = true;
  bool any = false, old_form = false;
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
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
  if (any) judge(summary);
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

Summary bats_summary(std::string_view output) {
  Summary summary = exunit_summary(output);
  return summary.found ? summary : tap_summary(output);
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

// What linters and type checkers print.
Summary problems_summary(std::string_view output) {
  Summary summary;
  auto found = [&](int problems) {
    summary.found = true;
    add_count(summary.failed, problems);
    if (problems > 0) {
      summary.verdict = TestVerdict::failed;
    } else if (summary.verdict == TestVerdict::unknown) {
      summary.verdict = TestVerdict::passed;
    }
  };
  for (std::string_view line : lines_of(output)) {
    std::string_view text = trim(line);
    if (text.starts_with("Success: no issues found") || text == "All checks passed!" ||
        text.starts_with("All matched files use Prettier") || text == "[OK] No errors" ||
        text == "0 issues.") {
      found(0);
    } else if (text.starts_with("Found ") && contains(text, " error")) {
      if (auto count = leading_number(text.substr(6))) found(*count);
    } else if (text.starts_with("[ERROR] Found ")) {
      if (auto count = leading_number(text.substr(14))) found(*count);
    } else if (text.starts_with("✖ ") && contains(text, " problem")) {
      // Warnings alone do not fail it.
      int errors = counted(text, "error").value_or(counted(text, "errors").value_or(0));
      size_t open = text.find('(');
      if (open != text.npos) {
        errors = leading_number(text.substr(open + 1)).value_or(errors);
        found(errors);
      }
    } else if (leading_number(text) && contains(text, " errors, ") && contains(text, " warning") &&
               contains(text, " information")) {
      found(*leading_number(text));
    } else if (text.starts_with("Code style issues found") ||
               contains(text, "Code style issues found in") ||
               contains(text, "Code style issues in ")) {
      found(1);
    } else if (contains(text, " inspected, no offenses detected")) {
      found(0);
    } else if (contains(text, " inspected, ") && contains(text, " offense")) {
      auto count = labelled(text, " inspected, ");
      if (count) found(*count);
    } else if (contains(text, ": error TS") || text.starts_with("error TS")) {
      summary.found = true;
      summary.verdict = TestVerdict::failed;
    }
  }
  return summary;
}

Summary any_summary(std::string_view output) {
  static constexpr SummaryReader kReaders[] = {
      pytest_summary,  unittest_summary, ctest_summary,  gtest_summary,    cargo_summary,
      nextest_summary, jest_summary,     vitest_summary, mocha_summary,    bun_summary,
      deno_summary,    dotnet_summary,   rspec_summary,  minitest_summary, phpunit_summary,
      exunit_summary,  swift_summary,    meson_summary,  prove_summary,    node_summary,
      maven_summary,   gradle_summary,   go_summary,     tap_summary,
  };
  Summary whole;
  for (SummaryReader reader : kReaders) {
    // TAP lines are what some of the others print on the way.
    if (reader == tap_summary && whole.found) break;
    Summary one = reader(output);
    if (!one.found) continue;
    if (!whole.found) {
      whole = std::move(one);
      continue;
    }
    if (one.verdict == TestVerdict::failed) {
      whole.verdict = TestVerdict::failed;
      for (const std::string& name : one.failing) add_name(whole.failing, name);
    } else if (whole.verdict == TestVerdict::unknown) {
      whole.verdict = one.verdict;
    }
    whole.partial = whole.partial || one.partial;
    whole.in_parts = true;
    whole.nothing_ran = whole.nothing_ran && one.nothing_ran;
  }
  return whole;
}

}  // namespace baton::index
