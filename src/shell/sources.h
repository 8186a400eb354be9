#pragma once

// What a shell command says about where a file's content came from: `cp a b`, `mv a d/`, `sed
// s/x/y/ a > b`, `cat a >> b`, `head -5 a | tee b`.

#include <string>
#include <string_view>
#include <vector>

#include "shell/words.h"

namespace baton::shell {

// Absolute paths of files that the line names as sources of `path` (absolute, normalised), in the
// order in which it names them, each once. `directory`: where the line began. A path that is only
// possible (a folder may be copied into a folder or become it) is among them: whoever asks knows
// which of them are files.
std::vector<std::string> sources_named(const ShellLine& line, std::string_view directory,
                                       std::string_view path);

}  // namespace baton::shell
