#pragma once

// What each prompt made of the files: the changes of a task, told by the prompts behind them.

#include <string>
#include <vector>

#include "handoff/handoff.h"
#include "handoff/tasks.h"

namespace baton::handoff {

struct IntentFile {
  std::string path;
  char status = 'M';  // A, M, D
  int added = 0, removed = 0;
  bool counted = false, binary = false;
  std::vector<Citation> steps;
};

struct IntentLine {
  Citation turn;
  std::string prompt;  // verbatim, "" if it was not heard
  std::vector<IntentFile> files;
};

// In order of the prompts; those that changed nothing are left out, and so is what came to nothing
// within a prompt. A subagent's changes are those of the prompt that it worked for. `since`: only
// steps that began after it.
Result<std::vector<IntentLine>> find_intents(index::Index& index, const Task& task,
                                             Micros since = 0);

}  // namespace baton::handoff
