#pragma once

// Small translations that adapters share.

#include <string>
#include <string_view>
#include <vector>

#include "agents/agent.h"
#include "base/json.h"

namespace baton::agents {

// What models call content: a string as it is; an array's text blocks, joined with newlines; an
// object's `text`; anything else gives "".
std::string content_text(const json::Value& content);

// N of a text that begins with "<prefix>N\n" or is "<prefix>N"; `rest` (may be null) is set to what
// follows.
std::optional<int> status_after(std::string_view text, std::string_view prefix,
                                std::string_view* rest);

// The text with the strings below these paths (as json::rewrite_strings names them; "*" stands for
// one name or index) made empty; the text itself if it is not JSON.
std::string blank_strings(std::string_view text, const std::vector<std::string_view>& paths);

constexpr size_t kBatchLimit = 1'000;    // calls of one event that are translated
constexpr size_t kPlanLimit = 1'000;     // items of one plan
constexpr size_t kEditsLimit = 10'000;   // edits of one call
constexpr size_t kBlocksLimit = 10'000;  // blocks of one message

}  // namespace baton::agents
