#pragma once

// Recognising runs of tests, builds and linters in commands, and reading their verdict. A pure
// function of the command, its output and its exit status; it knows the runners of many ecosystems
// by a table (runner_table.cc), and scripts and targets by name. What is not certain is unknown,
// never passed.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/session.h"
#include "shell/words.h"

namespace baton::shell {

// Shell patterns of the user's: a simple command that one matches as a whole (its words, joined by
// a space) runs tests, whatever the table says.
using TestCommands = std::vector<std::string>;

// Without the fields that say where and when it ran. The output may be cut in the middle.
std::optional<model::TestRun> classify(std::string_view command, std::string_view output,
                                       std::optional<int> exit_status,
                                       const TestCommands& own = {});

// The same, and what an exit status that is not known yet would prove.
struct ClassifiedCommand {
  model::TestRun run;
  StatusMeaning status;
};
std::optional<ClassifiedCommand> classify_command(std::string_view command, std::string_view output,
                                                  std::optional<int> exit_status,
                                                  const TestCommands& own = {});

}  // namespace baton::shell
