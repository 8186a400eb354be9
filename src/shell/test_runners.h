#pragma once

// The table of programs that run tests, builds and linters, and of names that promise to.

#include <optional>
#include <string>
#include <string_view>

#include "model/session.h"
#include "shell/test_summaries.h"
#include "shell/words.h"

namespace baton::shell {

struct RunnerMatch {
  std::string name;  // "pytest"; by name: what was called, "make test"
  model::TestKind kind = model::TestKind::test;
  bool by_name = false;
  bool partial = false;
  bool never_runs = false;   // --help, --version, --list: nothing is checked
  bool status_tells = true;  // false: it ends with 0 whatever it finds
  SummaryReader summary = nullptr;
};

// What the command is, by its program and arguments.
std::optional<RunnerMatch> match_runner(const ShellCommand& command);
// What an output can only be, whoever printed it: GoogleTest.
std::optional<RunnerMatch> match_output(std::string_view output);
// Whether the command runs a program of the project's, by path: "./build/unit_index".
bool is_own_program(const ShellCommand& command);

}  // namespace baton::shell
