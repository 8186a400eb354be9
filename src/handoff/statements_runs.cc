// What a sentence states of tests, builds and linters.

#include "handoff/statement_reader.h"

#include <algorithm>
#include <cctype>

#include "base/bytes.h"

namespace baton::handoff {

bool StatementReader::is_test_code(std::string_view code) {
  return contains(code, "test") || contains(code, "spec") || code.starts_with("jest") ||
         code.starts_with("tox") || code.starts_with("nox");
}

bool StatementReader::is_lint_code(std::string_view code) {
  for (std::string_view name :
       {"eslint", "ruff", "mypy", "tsc", "clippy", "flake8", "pylint", "shellcheck", "clang-tidy",
        "golangci-lint", "pyright", "lint", "prettier", "clang-format", "black", "rubocop"}) {
    if (code.starts_with(name) || contains(code, " " + std::string(name)) ||
        contains(code, ":" + std::string(name))) {
      return true;
    }
  }
  return false;
}

bool StatementReader::is_build_code(std::string_view code) {
  return code == "make" || code == "ninja" || code == "tsc -b" || contains(code, "build") ||
         code.starts_with("gcc ") || code.starts_with("g++ ") || code.starts_with("cargo check");
}

bool StatementReader::is_test_word(const Token& token) const {
  if (token.code) return is_test_code(token.text) && !is_lint_code(token.text);
  return one_of(token.text,
                {"test", "tests", "suite", "spec", "specs", "pytest", "ctest", "jest", "vitest"}) ||
         (looks_like_path(token.exact) && is_test_code(token.text));
}

bool StatementReader::speaks_of_tests() const {
  return std::ranges::any_of(tokens_, [&](const Token& token) { return is_test_word(token); });
}

bool StatementReader::is_final(size_t verb) const {
  if (tokens_[verb].after) return true;
  if (verb + 1 >= size()) return true;
  const Token& next = tokens_[verb + 1];
  if (next.in_parens) return true;
  if (next.code) return false;
  return is_number(next.text) ||
         one_of(next.text,
                {"now", "again", "too", "locally", "and", "here", "cleanly", "successfully", "as",
                 "with", "in", "yet", "on", "but", "under", "after", "both", "today"});
}

void StatementReader::tests() {
  if (numbers_of_a_run()) return;
  if (!speaks_of_tests()) return;
  if (no_failures()) {
    add_tests(Stated::tests_pass);
    return;
  }
  bool some = there({"not", "all"}) || there({"all", "but"}) || there({"except"}) ||
              there({"apart", "from"}) || there({"other", "than"});
  if (some) {
    if (has({"pass", "passes", "passing", "passed"})) add(Stated::tests_fail);
    return;
  }
  // "The new test passes; two others still fail": of which is said what is not read out of words.
  bool passes = has({"pass", "passes", "passed", "passing", "green"});
  if (passes && has({"fail", "fails", "failed", "failing"}) && !there({"the", "failing"}) &&
      !there({"previously", "failing"})) {
    return;
  }
  for (size_t at = 0; at < size(); ++at) {
    std::string_view verb = word(at);
    if (verb.empty() || !test_before(at)) continue;
    std::string_view before = at ? word(at - 1) : std::string_view();
    if (one_of(before, {"that", "which", "to", "the", "a", "was", "were"}) &&
        verb != "successful") {
      continue;
    }
    if (one_of(verb, {"pass", "passes", "passed", "passing", "succeed", "succeeds", "succeeded",
                      "green"}) &&
        is_final(at)) {
      bool negated = one_of(before, {"don't", "doesn't", "not", "didn't"});
      negated ? add_tests(Stated::tests_fail) : add_tests(Stated::tests_pass);
      return;
    }
    if (verb == "successful" && one_of(before, {"was", "is", "were", "are"})) {
      add_tests(Stated::tests_pass);
      return;
    }
    if (one_of(verb, {"exits", "exit"}) && there({"with", "0"})) {
      add_tests(Stated::tests_pass);
      return;
    }
    bool fails = (one_of(verb, {"fail", "fails"}) && is_final(at)) ||
                 (verb == "failing" && one_of(before, {"is", "are", "still", "currently"}));
    if (fails && !has({"expects"}) && before != "saw") {
      add_tests(Stated::tests_fail);
      return;
    }
  }
  for (size_t at = 0; at + 1 < size(); ++at) {
    // "reports 4 failures", "3 tests failed"
    if (!is_number(word(at)) || word(at) == "0") continue;
    if (one_of(word(at + 1), {"failures", "failure"}) ||
        (word(at + 1) == "tests" && word(at + 2) == "failed")) {
      add_tests(Stated::tests_fail);
      return;
    }
  }
}

bool StatementReader::test_before(size_t verb) const {
  for (size_t at = 0; at < verb; ++at) {
    if (is_test_word(tokens_[at])) return true;
  }
  return false;
}

bool StatementReader::numbers_of_a_run() {
  std::optional<int64_t> passed, failed;
  for (size_t at = 0; at + 1 < size(); ++at) {
    if (!is_number(word(at))) continue;
    if (word(at + 1) == "passed") passed = parse_int(word(at));
    if (word(at + 1) == "failed") failed = parse_int(word(at));
  }
  if (!passed && !(failed && speaks_of_tests())) return false;
  bool any_failed = failed && *failed > 0;
  add_tests(any_failed ? Stated::tests_fail : Stated::tests_pass);
  auto count = any_failed ? failed : passed;
  if (count && *count < 1'000'000) found_.back().count = static_cast<int>(*count);
  return true;
}

bool StatementReader::no_failures() const {
  if (starts({"no", "tests", "fail"}) || starts({"no", "test", "failures"})) return true;
  if (there({"no", "failing", "tests"}) || there({"no", "failing", "test"})) return true;
  return there({"zero", "failures"}) || there({"no", "failures"}) || there({"0", "failures"});
}

void StatementReader::add_tests(Stated kind) {
  Statement made{kind, {}, {}, {}, false, {}};
  made.all = has({"all", "every", "whole", "full", "everything", "suite", "rest"});
  for (size_t at = 0; at < size(); ++at) {
    const Token& token = tokens_[at];
    if (is_test_word(token) && (token.code || looks_like_path(token.exact))) {
      made.of.push_back(token.exact);
    }
    if (at + 1 < size() && is_number(word(at)) && one_of(word(at + 1), {"tests", "test"})) {
      if (auto count = parse_int(word(at)); count && *count < 1'000'000) {
        made.count = static_cast<int>(*count);
      }
    }
  }
  made.part = part_of_tests();
  found_.push_back(std::move(made));
}

std::string StatementReader::part_of_tests() const {
  for (size_t at = 0; at < size(); ++at) {
    if (!one_of(word(at), {"test", "tests"}) || one_of(word(at + 1), {"suite", "suites"})) continue;
    // "Tests for the parser pass"
    if (one_of(word(at + 1), {"for", "of", "around", "covering"})) {
      size_t next = at + 2;
      while (one_of(word(next), {"the", "a", "an", "my", "our", "this", "new"})) ++next;
      return std::string(word(next));
    }
    std::string_view before = at ? word(at - 1) : std::string_view();
    bool telling = !before.empty() && std::ranges::all_of(before, [](unsigned char c) {
      return std::isalpha(c) || c == '-' || c == '_';
    });
    bool any =
        one_of(before, {"all",   "the",    "these",     "those",   "our",      "my",    "both",
                        "of",    "and",    "that",      "your",    "its",      "any",   "every",
                        "whole", "entire", "full",      "project", "repo",     "each",  "no",
                        "ran",   "run",    "running",   "with",    "a",        "an",    "one",
                        "see",   "make",   "confirmed", "verify",  "verified", "rerun", "their"});
    return telling && !any ? std::string(before) : std::string();
  }
  return {};
}

bool StatementReader::has_code(bool (*matches)(std::string_view)) const {
  return std::ranges::any_of(tokens_,
                             [&](const Token& token) { return token.code && matches(token.text); });
}

void StatementReader::build() {
  if (!found_.empty() && speaks_of_tests()) return;
  bool noun = starts({"the", "build"}) || starts({"build"}) ||
              (word(0) == "the" && word(2) == "build") ||
              (has_code(is_build_code) && !speaks_of_tests());
  bool verb = has({"builds", "compiles"});
  bool subject = has({"it", "project", "code", "everything", "crate", "package", "program"});
  bool negative = has({"doesn't", "not", "don't"});
  if (negative && has({"build", "compile"}) && subject) return add(Stated::build_fail);
  if (verb && subject && !negative) return add(Stated::build_pass);
  if (!noun) return;
  for (size_t at = 0; at < size(); ++at) {
    if (one_of(word(at), {"passes", "succeeds", "succeeded", "passed"}) && is_final(at)) {
      return add(Stated::build_pass);
    }
    if (one_of(word(at), {"fails", "broken"}) && is_final(at)) return add(Stated::build_fail);
    bool be = at && one_of(word(at - 1), {"is", "was"});
    if (be && one_of(word(at), {"green", "clean", "successful"})) return add(Stated::build_pass);
  }
  if (has({"finishes"}) && there({"without", "errors"})) add(Stated::build_pass);
}

void StatementReader::lint() {
  bool subject = has({"linter", "lint", "eslint", "mypy", "ruff", "clippy", "tsc"}) ||
                 has_code(is_lint_code) || there({"type", "checking"}) ||
                 there({"type", "checker"}) || there({"type", "errors"}) ||
                 there({"type", "check"});
  if (!subject) return;
  for (size_t at = 0; at < size(); ++at) {
    bool be = at && one_of(word(at - 1), {"is", "are"});
    if ((one_of(word(at), {"passes", "pass"}) && is_final(at)) || (be && word(at) == "clean")) {
      return add(Stated::lint_pass);
    }
    if ((word(at) == "fails" && is_final(at)) || word(at) == "complains") {
      return add(Stated::lint_fail);
    }
  }
  bool errors = has({"errors", "problems", "issues", "warnings"});
  if (errors && has({"no"})) return add(Stated::lint_pass);
  if (errors && has({"reports", "finds", "found"})) {
    for (const Token& token : tokens_) {
      if (is_number(token.text) && token.text != "0") return add(Stated::lint_fail);
    }
  }
}

}  // namespace baton::handoff
