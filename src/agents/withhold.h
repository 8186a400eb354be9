#pragma once

// Agents tell the contents of the files that they read and write. Those of credential files are not
// to be kept, whatever they look like: this takes them out of a payload or of a session file's
// line.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace baton::agents {

using PathTest = std::function<bool(std::string_view path)>;

// What stands for a content that is not kept.
constexpr std::string_view kWithheldContent = "[withheld]";

// The text without the contents of the files whose paths `is_withheld` names: in the call of a file
// tool that names one, in its answer, in the sections of a patch. Nothing if there are none.
// `parsed` is the same JSON value.
std::optional<std::string> withhold_contents(std::string_view text, const json::Value& parsed,
                                             const PathTest& is_withheld);

}  // namespace baton::agents
