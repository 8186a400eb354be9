#pragma once

// What a sentence of an agent's last message states, as far as a record can bear it out. English;
// rules look at words only, and what they do not know is no statement. Conditions, plans, wishes,
// history and instructions are none: a wrong reading is worse than a missed one.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton::handoff {

enum class Stated : uint8_t {
  tests_pass,
  tests_fail,
  tests_not_run,
  build_pass,
  build_fail,
  lint_pass,
  lint_fail,
  file_changed,
  file_created,
  file_deleted,
  file_untouched,
  nothing_changed,
  complete,
  open,      // something is not done
  question,  // something is left to the reader
};
std::string_view to_string(Stated stated);

struct Statement {
  Stated kind = Stated::complete;
  std::string path;             // file_*
  std::optional<int> count;     // tests: how many are said to pass or fail
  std::vector<std::string> of;  // tests: names in code marks, paths, runners; empty: all of them
  bool all = false;             // tests: "all", "the whole suite"
  std::string part;             // tests: the word that says which, of "the retry test"; "" if none
};

// A sentence may state several things.
std::vector<Statement> statements_of(std::string_view sentence);

}  // namespace baton::handoff
