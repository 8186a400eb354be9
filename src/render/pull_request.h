#pragma once

// The body of a pull request, as Markdown for GitHub. Recorded text stands in code spans and fenced
// blocks only. The body is one block between two marks (body_marks.h). docs/pr.md describes it.

#include <string>
#include <string_view>

#include "handoff/pull_request.h"
#include "render/outward.h"
#include "render/style.h"

namespace baton::render {

constexpr size_t kMaxBodyBytes = 65'536;  // GitHub's limit is that many characters

struct Body {
  std::string text;
  std::vector<std::string> left_out;  // what was dropped so that it fits, in that order
};

// At most `max_bytes`. What does not fit goes in this order: the prompt behind each file, files
// read, commands, the list of the diff; then long texts and lists are cut, and say so. Prompts,
// tests, failed attempts, risks and ways back always stay.
Body pull_request_body(const Style& style, const handoff::PullRequest& request,
                       const Outward& outward, size_t max_bytes = kMaxBodyBytes);

std::string pull_request_json(const Style& style, const handoff::PullRequest& request,
                              const Body& body);

}  // namespace baton::render
