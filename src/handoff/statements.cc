#include "handoff/statements.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>

#include "base/bytes.h"

namespace baton::handoff {
namespace {

using Words = std::initializer_list<std::string_view>;

bool one_of(std::string_view word, Words words) {
  return std::ranges::find(words, word) != words.end();
}

struct Token {
  std::string text;   // in lower case
  std::string exact;  // as it was written, without marks
  bool code = false;
  bool in_parens = false;  // it opens a parenthesis
  char after = 0;          // punctuation behind it
};

// Words, code spans as one token each; marks of emphasis are dropped.
std::vector<Token> tokens_of(std::string_view sentence) {
  std::vector<Token> tokens;
  auto add = [&](std::string_view text, bool code, bool opens) {
    char after = 0;
    while (!code && !text.empty() &&
           one_of(text.substr(text.size() - 1), {".", ",", ":", ";", "!", "?", ")", "*", "_"})) {
      if (text.back() != '*' && text.back() != '_' && text.back() != ')') after = text.back();
      text.remove_suffix(1);
    }
    while (!code && !text.empty() && one_of(text.substr(0, 1), {"*", "_", "("})) {
      text.remove_prefix(1);
    }
    if (text.empty()) {
      if (after && !tokens.empty()) tokens.back().after = after;
      return;
    }
    std::string exact(text);
    for (size_t at; (at = exact.find("\u2019")) != std::string::npos;) exact.replace(at, 3, "'");
    tokens.push_back({lower_ascii(exact), exact, code, opens, after});
  };
  size_t at = 0;
  while (at < sentence.size()) {
    if (std::isspace(static_cast<unsigned char>(sentence[at]))) {
      ++at;
      continue;
    }
    size_t end = at;
    if (sentence[at] == '`' || (one_of(sentence.substr(at, 2), {"(`", "*`"}))) {
      size_t begin = sentence.find('`', at) + 1;
      size_t close = sentence.find('`', begin);
      if (close != std::string_view::npos) {
        add(sentence.substr(begin, close - begin), true, sentence[at] == '(');
        end = close + 1;
        while (end < sentence.size() && !std::isspace(static_cast<unsigned char>(sentence[end]))) {
          if (one_of(sentence.substr(end, 1), {".", ",", ":", ";", "!", "?"}) && !tokens.empty()) {
            tokens.back().after = sentence[end];
          }
          ++end;
        }
        at = end;
        continue;
      }
    }
    while (end < sentence.size() && !std::isspace(static_cast<unsigned char>(sentence[end]))) ++end;
    add(sentence.substr(at, end - at), false, sentence[at] == '(');
    at = end;
  }
  return tokens;
}

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c); });
}

class Reader {
 public:
  explicit Reader(std::string_view sentence) : sentence_(trim(sentence)) {
    tokens_ = tokens_of(sentence_);
    // What gives a reason states something of its own, at another time.
    auto because = std::ranges::find_if(
        tokens_, [](const Token& token) { return !token.code && token.text == "because"; });
    tokens_.erase(because, tokens_.end());
  }

  std::vector<Statement> run() {
    if (tokens_.empty()) return {};
    if (is_question()) return {{Stated::question, {}, {}, {}, false}};
    if (not_run()) return {{Stated::tests_not_run, {}, {}, {}, false}};
    if (is_open()) return {{Stated::open, {}, {}, {}, false}};
    if (nothing_changed()) return {{Stated::nothing_changed, {}, {}, {}, false}};
    if (is_guarded()) return {};
    tests();
    build();
    lint();
    files();
    if (found_.empty() && is_complete()) add(Stated::complete);
    return std::move(found_);
  }

 private:
  void add(Stated kind, std::string path = {}) {
    found_.push_back({kind, std::move(path), {}, {}, false});
  }
  size_t size() const { return tokens_.size(); }
  std::string_view word(size_t at) const {
    return at < tokens_.size() && !tokens_[at].code ? std::string_view(tokens_[at].text)
                                                    : std::string_view();
  }
  bool has(Words words) const {
    return std::ranges::any_of(
        tokens_, [&](const Token& token) { return !token.code && one_of(token.text, words); });
  }
  // These words one after another, from `from` on; where, or npos.
  size_t find(Words words, size_t from = 0) const {
    for (size_t at = from; at + words.size() <= size(); ++at) {
      size_t i = at;
      if (std::ranges::all_of(words, [&](std::string_view each) { return word(i++) == each; })) {
        return at;
      }
    }
    return std::string::npos;
  }
  bool there(Words words) const { return find(words) != std::string::npos; }
  bool starts(Words words) const { return find(words) == 0; }

  bool is_question() const {
    if (sentence_.ends_with('?')) return true;
    bool asks = there({"let", "me", "know"}) || there({"tell", "me"});
    return asks && has({"if", "whether", "which"}) &&
           (has({"want", "prefer"}) || there({"would", "like"}) || there({"can", "go"}) ||
            there({"me", "whether"}));
  }

  // Words that make what follows a condition, a plan, a wish, a guess, history or an order.
  bool is_guarded() const {
    if (has({"should",   "would",      "could",     "may",        "might",      "must",
             "will",     "if",         "once",      "when",       "whenever",   "until",
             "unless",   "assuming",   "whether",   "expect",     "expects",    "expected",
             "think",    "believe",    "suppose",   "suspect",    "hope",       "hopefully",
             "probably", "presumably", "likely",    "seem",       "seems",      "appears",
             "please",   "ensure",     "before",    "previously", "originally", "initially",
             "earlier",  "first",      "need",      "needs",      "want",       "wants",
             "asked",    "can",        "cannot",    "try",        "let",        "lets",
             "without",  "suggest",    "recommend", "why",        "how",        "where",
             "made",     "makes",      "saw",       "see"}) &&
        !(has({"without"}) && (there({"without", "errors"}) || there({"without", "warnings"}) ||
                               there({"without", "any"})))) {
      return true;
    }
    return there({"used", "to"}) || there({"make", "sure"}) || starts({"to"}) || starts({"run"}) ||
           there({"make", "the"}) || there({"so", "that", "the", "tests"}) ||
           there({"in", "order"});
  }

  static bool is_test_code(std::string_view code) {
    return contains(code, "test") || contains(code, "spec") || code.starts_with("jest") ||
           code.starts_with("tox") || code.starts_with("nox");
  }
  static bool is_lint_code(std::string_view code) {
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
  static bool is_build_code(std::string_view code) {
    return code == "make" || code == "ninja" || code == "tsc -b" || contains(code, "build") ||
           code.starts_with("gcc ") || code.starts_with("g++ ") || code.starts_with("cargo check");
  }
  bool is_test_word(const Token& token) const {
    if (token.code) return is_test_code(token.text) && !is_lint_code(token.text);
    return one_of(token.text, {"test", "tests", "suite", "spec", "specs", "pytest", "ctest", "jest",
                               "vitest"}) ||
           (looks_like_path(token.exact) && is_test_code(token.text));
  }
  bool speaks_of_tests() const {
    return std::ranges::any_of(tokens_, [&](const Token& token) { return is_test_word(token); });
  }

  // "the whole suite" that did not run may have run in part.
  bool runs_in_part() const {
    return has({"whole", "full", "entire", "complete"}) && has({"run"}) && speaks_of_tests();
  }

  bool not_run() const {
    if (has({"untested"})) return !has({"if", "no"});
    bool negative = has({"haven't", "didn't", "couldn't", "can't", "cannot", "unable", "wasn't"}) ||
                    there({"have", "not"}) || there({"did", "not"}) || there({"could", "not"}) ||
                    there({"were", "not"}) || there({"was", "not"}) || there({"has", "not"});
    if (has({"if", "would", "should"}) || runs_in_part()) return false;
    if (negative && has({"run"}) && speaks_of_tests() && !has({"again", "pass", "passes"})) {
      return true;
    }
    if (starts({"no", "tests", "were", "run"}) || starts({"not", "tested"})) return true;
    return negative && has({"tested"}) && !has({"test", "tests"});
  }

  bool is_open() const {
    if (has({"if", "would", "should", "could"}) && !there({"could", "not"})) return false;
    if (starts({"not", "done"}) || starts({"todo"}) || starts({"to-do"}) ||
        starts({"still", "to", "do"}) || starts({"remaining"}) || starts({"next", "step"}) ||
        starts({"next", "steps"}) || starts({"what", "remains"}) || starts({"still", "open"}) ||
        starts({"left", "to", "do"}) || starts({"the", "remaining", "work"}) ||
        starts({"the", "next", "step", "is"}) || starts({"open", "items"}) ||
        starts({"not", "yet"})) {
      return true;
    }
    if ((there({"does", "not"}) || has({"doesn't", "isn't"})) && word(size() - 1) == "yet" &&
        !has({"compile", "build", "pass"}) && !speaks_of_tests()) {
      return true;
    }
    if (there({"remains", "to", "be"}) && word(0) != "nothing") return true;
    if (there({"still", "needs", "to"}) || there({"still", "need", "to"}) ||
        there({"still", "has", "to"}) || there({"still", "have", "to"}) ||
        there({"is", "still", "open"}) || there({"are", "still", "open"}) ||
        there({"for", "later"}) || there({"partial", "fix"}) || there({"is", "incomplete"}) ||
        there({"are", "incomplete"})) {
      return !speaks_of_tests() || !has({"pass", "passes"});
    }
    for (std::string_view be : {"is", "are"}) {
      for (std::string_view state :
           {"finished", "done", "complete", "implemented", "ready", "supported", "handled"}) {
        if (there({be, "not", state}) && (has({"yet"}) || one_of(state, {"finished", "done"}))) {
          return !has({"when", "until"});
        }
        if (there({be, "not", "yet", state})) return true;
      }
    }
    bool first_person = word(0) == "i" || word(0) == "we";
    bool negative = one_of(word(1), {"haven't", "didn't", "couldn't"}) ||
                    (one_of(word(1), {"did", "have", "could"}) && word(2) == "not");
    if (first_person && negative && runs_in_part() && !has({"pass", "fail"})) return true;
    return first_person && negative && paths().empty() && !has({"run", "pass", "fail"}) &&
           has({"finish",   "finished",  "implement", "implemented", "update",    "updated",
                "complete", "completed", "get",       "add",         "added",     "write",
                "written",  "handle",    "handled",   "address",     "addressed", "port",
                "ported",   "migrate",   "migrated",  "document",    "documented"});
  }

  // What stands behind the verb decides whether it is "the test passes" or "the test passes an
  // argument".
  bool is_final(size_t verb) const {
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

  void tests() {
    if (numbers_of_a_run()) return;
    if (!speaks_of_tests()) return;
    if (no_failures()) {
      add_tests(Stated::tests_pass);
      return;
    }
    if (there({"not", "all"}) || there({"all", "but"})) {
      if (has({"pass", "passes", "passing", "passed"})) add(Stated::tests_fail);
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

  bool test_before(size_t verb) const {
    for (size_t at = 0; at < verb; ++at) {
      if (is_test_word(tokens_[at])) return true;
    }
    return false;
  }

  // "12 passed, 0 failed"
  bool numbers_of_a_run() {
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

  bool no_failures() const {
    if (starts({"no", "tests", "fail"}) || starts({"no", "test", "failures"})) return true;
    if (there({"no", "failing", "tests"}) || there({"no", "failing", "test"})) return true;
    return there({"zero", "failures"}) || there({"no", "failures"}) || there({"0", "failures"});
  }

  void add_tests(Stated kind) {
    Statement made{kind, {}, {}, {}, false};
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
    found_.push_back(std::move(made));
  }

  bool has_code(bool (*matches)(std::string_view)) const {
    return std::ranges::any_of(
        tokens_, [&](const Token& token) { return token.code && matches(token.text); });
  }

  void build() {
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

  void lint() {
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

  std::vector<size_t> paths() const {
    std::vector<size_t> places;
    for (size_t at = 0; at < size(); ++at) {
      if (looks_like_path(tokens_[at].exact)) places.push_back(at);
    }
    return places;
  }

  static bool changing(std::string_view verb) {
    return one_of(verb, {"changed", "updated", "fixed", "modified", "edited", "refactored",
                         "rewrote", "corrected", "adjusted", "extended", "simplified", "patched",
                         "reworked", "rewritten"});
  }

  void files() {
    auto places = paths();
    if (places.empty()) return;
    size_t first = places[0];
    const std::string& path = tokens_[first].exact;
    if (untouched(first)) return add(Stated::file_untouched, path);
    if (there({"did", "not"}) || has({"didn't", "haven't", "not", "never"})) return;
    // "`a.c` was updated", "`a.c` has been created", but not "by" somebody else.
    std::string_view next = word(first + 1);
    if (one_of(next, {"was", "has"}) && !tokens_[first].after) {
      size_t verb = next == "was" ? first + 2 : word(first + 2) == "been" ? first + 3 : size();
      if (verb < size() && !has({"by"}) && first <= 2) {
        if (changing(word(verb))) return add(Stated::file_changed, path);
        if (word(verb) == "created") return add(Stated::file_created, path);
        if (one_of(word(verb), {"deleted", "removed"})) return add(Stated::file_deleted, path);
      }
      return;
    }
    // "`a.c`: corrected the loop"
    if (first == 0 && tokens_[0].after == ':') {
      std::string_view verb = word(1);
      if (changing(verb) || verb == "added" || verb == "removed") add(Stated::file_changed, path);
      return;
    }
    if (starts({"the", "fix", "is", "in"}) && first == 4) return add(Stated::file_changed, path);
    active(places);
  }

  bool untouched(size_t at) const {
    // Of a part of the time the trace is not asked.
    if (has({"after", "since", "before", "until", "again", "anymore", "meanwhile"})) return false;
    bool negative = there({"did", "not"}) || there({"have", "not"}) || has({"didn't", "haven't"});
    if (negative &&
        has({"change", "changed", "touch", "touched", "modify", "modified", "edit", "edited"})) {
      return word(0) == "i";
    }
    if (has({"left", "leave"}) && has({"unchanged", "untouched"})) return true;
    if (one_of(word(at + 1), {"is", "was"})) {
      return one_of(word(at + 2), {"unchanged", "untouched"}) ||
             (word(at + 2) == "not" &&
              one_of(word(at + 3), {"modified", "changed", "touched", "edited"}));
    }
    return false;
  }

  // "I updated `a.c`", "Added `f()` to `b.c`"
  void active(const std::vector<size_t>& places) {
    size_t verb = 0;
    while (verb < size() && verb < 4 &&
           one_of(word(verb), {"i", "i've", "have", "also", "we", "we've", "then", "and"})) {
      ++verb;
    }
    std::string_view what = word(verb);
    if (what.empty() || verb > places[0]) return;
    bool to = false, from = false, by_name = false;
    for (size_t at = verb; at < places[0]; ++at) {
      to |= one_of(word(at), {"to", "in", "into"});
      from |= one_of(word(at), {"from", "in"});
      by_name |= one_of(word(at), {"file", "files", "module"});
    }
    Stated kind = Stated::file_changed;
    if (what == "created") {
      if (to) return;
      kind = Stated::file_created;
    } else if (what == "wrote" || what == "added") {
      kind = to ? Stated::file_changed : Stated::file_created;
      if (!to && !by_name && places[0] != verb + 1) return;
    } else if (what == "deleted" || what == "removed") {
      kind = from ? Stated::file_changed : Stated::file_deleted;
    } else if (!changing(what)) {
      return;
    }
    // Only paths of one list: "`a.c` and `b.c`".
    size_t last = places[0];
    for (size_t place : places) {
      bool joined =
          place == last || place == last + 1 || (place == last + 2 && word(last + 1) == "and");
      if (!joined) break;
      add(kind, tokens_[place].exact);
      last = place;
    }
  }

  bool nothing_changed() const {
    if (there({"made", "no", "changes"}) && word(0) == "i") return true;
    if (starts({"no", "files"}) || starts({"no", "code"}) || starts({"no", "file"})) {
      return has({"changed", "modified", "touched"});
    }
    bool negative = there({"did", "not"}) || has({"didn't", "haven't"}) || there({"have", "not"});
    bool any = has({"anything"}) || there({"any", "files"}) || there({"any", "file"}) ||
               there({"any", "code"});
    return word(0) == "i" && negative && any &&
           has({"change", "changed", "modify", "modified", "touch", "touched"});
  }

  bool is_complete() const {
    if (has({"not", "by", "almost", "nearly"})) return false;
    Words done = {"done", "complete", "completed", "finished"};
    size_t last = size() - 1;
    if (starts({"all", "done"}) && size() == 2) return true;
    if (starts({"nothing", "is", "left"}) || starts({"nothing", "remains"})) return true;
    if (there({"completed", "all"}) && one_of(word(0), {"i", "i've"})) {
      return has({"steps", "items", "tasks"});
    }
    if (!one_of(word(last), done)) return false;
    bool be = last && one_of(word(last - 1), {"is", "are"});
    if (!be) return false;
    if (starts({"everything", "is"}) && size() == 3) return true;
    if (word(0) == "all") return has({"items", "steps", "tasks", "todos"});
    size_t subject = one_of(word(0), {"the", "this"}) ? 1 : 0;
    return one_of(word(subject), {"task", "work", "implementation", "plan", "job"}) &&
           subject + 2 == last;
  }

  std::string_view sentence_;
  std::vector<Token> tokens_;
  std::vector<Statement> found_;
};

// Without marks of lists, headings, boxes and emphasis at its beginning.
std::string_view without_marks(std::string_view line) {
  line = trim(line);
  for (bool again = true; again;) {
    again = false;
    for (std::string_view mark :
         {"- ", "* ", "+ ", "> ", "#", "[x] ", "[ ] ", "✅", "✓", "❌", "⚠️", "•"}) {
      if (!line.starts_with(mark)) continue;
      line = trim(line.substr(mark.size()));
      again = true;
    }
    size_t digits = line.find_first_not_of("0123456789");
    if (digits != std::string_view::npos && digits > 0 && digits < 3 &&
        (line.substr(digits).starts_with(". ") || line.substr(digits).starts_with(") "))) {
      line = trim(line.substr(digits + 2));
      again = true;
    }
  }
  return line;
}

}  // namespace

std::string_view to_string(Stated stated) {
  switch (stated) {
    case Stated::tests_pass:
      return "tests-pass";
    case Stated::tests_fail:
      return "tests-fail";
    case Stated::tests_not_run:
      return "tests-not-run";
    case Stated::build_pass:
      return "build-pass";
    case Stated::build_fail:
      return "build-fail";
    case Stated::lint_pass:
      return "lint-pass";
    case Stated::lint_fail:
      return "lint-fail";
    case Stated::file_changed:
      return "file-changed";
    case Stated::file_created:
      return "file-created";
    case Stated::file_deleted:
      return "file-deleted";
    case Stated::file_untouched:
      return "file-untouched";
    case Stated::nothing_changed:
      return "nothing-changed";
    case Stated::complete:
      return "complete";
    case Stated::open:
      return "open";
    case Stated::question:
      return "question";
  }
  return "";
}

bool looks_like_path(std::string_view text) {
  if (text.empty() || text.size() > 300 || text.find_first_of(" \t()<>{}*?$\"'=|&,") != text.npos) {
    return false;
  }
  if (text.starts_with("-") || text.starts_with(".") || contains(text, "://") ||
      contains(text, "..")) {
    return text.starts_with(".") && text.size() > 3 && !contains(text, "..") &&
           text.find('/') != text.npos;
  }
  size_t slash = text.rfind('/');
  std::string_view name = slash == text.npos ? text : text.substr(slash + 1);
  size_t dot = name.rfind('.');
  if (dot == name.npos || dot == 0) {
    return one_of(name, {"Makefile", "Dockerfile", "CMakeLists.txt", "LICENSE"}) &&
           (slash != text.npos || text == name);
  }
  std::string_view ending = name.substr(dot + 1);
  if (ending.empty() || ending.size() > 6) return false;
  if (!std::isalpha(static_cast<unsigned char>(ending[0]))) return false;
  if (!std::ranges::all_of(ending, [](unsigned char c) { return std::isalnum(c); })) return false;
  // "e.g", "i.e", "Node.js": a word with a dot that is no file.
  return slash != text.npos || (name.size() > 3 && text != "Node.js" && dot > 1) || dot >= 1;
}

std::vector<Statement> statements_of(std::string_view sentence) {
  return Reader(without_marks(sentence)).run();
}

std::vector<std::string> sentences_of(std::string_view message) {
  std::vector<std::string> sentences;
  bool fenced = false;
  for (std::string_view line : split(message, '\n')) {
    std::string_view body = trim(line);
    if (body.starts_with("```") || body.starts_with("~~~")) {
      fenced = !fenced;
      continue;
    }
    if (fenced || body.starts_with("|")) continue;
    body = without_marks(body);
    size_t begin = 0;
    bool code = false;
    for (size_t at = 0; at < body.size(); ++at) {
      if (body[at] == '`') code = !code;
      bool ends =
          !code && (body[at] == '.' || body[at] == '!' || body[at] == '?') &&
          at + 1 < body.size() && body[at + 1] == ' ' &&
          !(at > 2 && (body.substr(at - 3, 4) == "e.g." || body.substr(at - 3, 4) == "i.e."));
      if (!ends && at + 1 < body.size()) continue;
      std::string_view sentence = trim(body.substr(begin, at + 1 - begin));
      if (!sentence.empty()) sentences.emplace_back(sentence);
      begin = at + 1;
    }
  }
  return sentences;
}

}  // namespace baton::handoff
