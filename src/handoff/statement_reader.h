#pragma once

// How a sentence is read for what it states. For the statements*.cc files only; statements.h is the
// door.

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "handoff/sentences.h"
#include "handoff/statements.h"

namespace baton::handoff {

class StatementReader {
 public:
  explicit StatementReader(std::string_view sentence) : sentence_(trim(sentence)) {
    tokens_ = tokens_of(sentence_);
    // What gives a reason states something of its own, at another time.
    auto because = std::ranges::find_if(
        tokens_, [](const Token& token) { return !token.code && token.text == "because"; });
    tokens_.erase(because, tokens_.end());
  }

  std::vector<Statement> run();

 private:
  void add(Stated kind, std::string path = {}) {
    found_.push_back({kind, std::move(path), {}, {}, false, {}});
  }
  size_t size() const { return tokens_.size(); }
  std::string_view word(size_t at) const {
    return at < tokens_.size() && !tokens_[at].code ? std::string_view(tokens_[at].text)
                                                    : std::string_view();
  }
  bool has(Words words) const;
  // These words one after another, from `from` on; where, or npos.
  size_t find(Words words, size_t from = 0) const;
  bool there(Words words) const;
  bool starts(Words words) const;
  std::vector<size_t> paths() const;

  // --- Tests, builds and linters: statements_runs.cc ---

  static bool is_test_code(std::string_view code);
  static bool is_lint_code(std::string_view code);
  static bool is_build_code(std::string_view code);
  bool is_test_word(const Token& token) const;
  bool speaks_of_tests() const;
  // What stands behind the verb decides whether it is "the test passes" or "the test passes an
  // argument".
  bool is_final(size_t verb) const;
  void tests();
  bool test_before(size_t verb) const;
  // "12 passed, 0 failed"
  bool numbers_of_a_run();
  bool no_failures() const;
  void add_tests(Stated kind);
  std::string part_of_tests() const;
  bool has_code(bool (*matches)(std::string_view)) const;
  void build();
  void lint();

  // --- Files: statements_files.cc ---

  static bool changing(std::string_view verb);
  void files();
  bool untouched(size_t at) const;
  // "I updated `a.c`", "Added `f()` to `b.c` and removed `c.c`"
  void active(std::span<const size_t> places);
  // What this verb does with the first of the places and those of one list with it: how many, 0 if
  // it says nothing of them.
  size_t done_with(size_t verb, std::span<const size_t> places);

  // --- What is done, open or asked: statements.cc ---

  bool is_question() const;
  // Words that make what follows a condition, a plan, a wish, a guess, history or an order.
  bool is_guarded() const;
  // "the whole suite" that did not run may have run in part.
  bool runs_in_part() const;
  bool not_run() const;
  bool is_open() const;
  bool nothing_changed() const;
  bool is_complete() const;

  std::string_view sentence_;
  std::vector<Token> tokens_;
  std::vector<Statement> found_;
};

}  // namespace baton::handoff
