#pragma once

#include <string>
#include <vector>

#include "model/views.h"
#include "render/style.h"

namespace baton::render {

// One line a session; subagents stand behind their parent if that is listed.
std::string sessions_text(const Style& style, const std::vector<model::Session>& sessions);
std::string sessions_json(const Style& style, const std::vector<model::Session>& sessions);

// What a session is about: its title, or its first prompt. Clean, one line.
std::string session_subject(const Style& style, const model::Session& session);

}  // namespace baton::render
