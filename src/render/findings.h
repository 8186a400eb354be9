#pragma once

// What `baton check` found: for a person, for a program, and as annotations of a CI run on GitHub.

#include <string>
#include <vector>

#include "handoff/findings.h"
#include "render/style.h"

namespace baton::render {

std::string findings_text(const Style& style, const std::vector<handoff::Finding>& findings);
std::string findings_json(const Style& style, const std::vector<handoff::Finding>& findings);
// One workflow command a finding (::error, ::warning); recorded text cannot end it or begin one.
std::string findings_github(const Style& style, const std::vector<handoff::Finding>& findings);

}  // namespace baton::render
