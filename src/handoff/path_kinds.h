#pragma once

// What a path is, by its name alone; and which paths a text names.

#include <string>
#include <string_view>
#include <vector>

namespace baton::handoff {

bool is_test_path(std::string_view path);
bool is_ci_path(std::string_view path);
bool is_lock_path(std::string_view path);
bool is_configuration_path(std::string_view path);
bool is_generated_path(std::string_view path);
// Whether a content says of itself that it is generated.
bool says_generated(std::string_view content);
// A file that holds a plan: PLAN.md, docs/plan-retry.md.
bool is_plan_path(std::string_view path);

// Paths, folders ("src/") and globs ("*.md") that a text names, in order, each once.
std::vector<std::string> named_paths(std::string_view text);
// Whether a pattern of a person (a path, the end of one, a folder or a glob) means the path.
bool path_matches(std::string_view pattern, std::string_view path);

}  // namespace baton::handoff
