#pragma once

// Which paths a sentence of a prompt asks for, and which it says not to touch.

#include <string>
#include <string_view>
#include <vector>

namespace baton::handoff {

struct NamedPaths {
  std::vector<std::string> asked;
  // "do not touch a.c", "leave b.c as it is", "without changing c/". A bound on what is done to a
  // file ("never use more than two in d.c") is none; a path of which something else is forbidden
  // ("do not change the limit in e.c") is neither asked for nor forbidden.
  std::vector<std::string> forbidden;
};
NamedPaths paths_of_sentence(std::string_view sentence);

}  // namespace baton::handoff
