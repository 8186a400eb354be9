#pragma once

// What became of Claude Code's tool calls: from the text that the model is shown, from the
// structured answer, and from the notice of a background call's end.

#include <optional>
#include <string_view>

#include "agents/agent.h"

namespace baton::agents::claude {

// A prompt that begins like this was not typed by anybody: the program wraps its own notices, and
// what slash commands and `!` commands print.
bool is_program_text(std::string_view text);

// An outcome from the text that the model is shown. `failed` says that the source marks it as a
// failure; without that mark a text that is not clearly one says nothing.
Outcome text_outcome(ToolClass tool_class, std::string_view text, bool failed);

// A notice that a background call ended; nothing if the text is something else.
std::optional<ToolCall> translate_notification(std::string_view text);

// The outcome of a call from its structured answer.
void structured_outcome(ToolCall& call, const json::Value& response, std::string_view session);

}  // namespace baton::agents::claude
