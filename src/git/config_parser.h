#pragma once

// The syntax of git's configuration files (git-config(1), "CONFIGURATION FILE").

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace baton::git {

constexpr uint64_t kMaxConfigBytes = 16u << 20;

struct ConfigEntry {
  std::string key;    // section and name in lower case, subsection as written: "branch.Ab.merge"
  std::string value;  // "true" for a name without '=', which is what git takes it for
};

struct ConfigText {
  std::vector<ConfigEntry> entries;
  int bad_line = 0;  // the first line that git would refuse; entries hold what stands before it
};

ConfigText parse_config(std::string_view text);

// "core.fileMode" to "core.filemode"; a subsection keeps its case.
std::string canonical_key(std::string_view key);

// yes, on, true, or a number other than 0; no, off, false, "", 0. Nothing for anything else.
std::optional<bool> config_bool(std::string_view value);

}  // namespace baton::git
