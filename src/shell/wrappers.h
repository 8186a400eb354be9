#pragma once

// Programs that only run another one (env, sudo, timeout, npx, `uv run`), and shells that are given
// a script. For shell_words.cc.

#include <string>
#include <string_view>
#include <vector>

namespace baton::shell {

// NAME=value
bool is_assignment(std::string_view word);
// Takes one wrapper off the front. False if there is none.
bool unwrap_once(std::vector<std::string>& words);
// The script of `sh -c SCRIPT`, or null.
const std::string* script_of(const std::vector<std::string>& words);

}  // namespace baton::shell
