#pragma once

// Commands told apart by their words: which are forms of one attempt, and which runs of tests are
// of the same part.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton::handoff {

// What one command line does first, but for `cd` and the like before it: the program without what
// only starts it (sudo, npx, `sh`, a version), the words that say which part of it is meant (`push`
// of git, the script of python), and the rest.
struct CommandForm {
  std::string program;
  std::vector<std::string> part, operands, options;
  std::string directory;  // after `cd`s; "?" if that is not known
};
// `named`: the program that is asked for, if the line has it.
CommandForm form_of(std::string_view command, std::string_view named = {});

// Whether one is a form of the other: the same program and part of it, one operand at least in
// common (a path with another folder before it too), and half of all words.
bool are_like(std::string_view left, std::string_view right);

// Whether this status is an answer and no failure: of grep that found nothing, of diff that found a
// difference, of test. `output`: what was printed.
bool is_answer(std::string_view command, std::optional<int> status, std::string_view output);

}  // namespace baton::handoff
