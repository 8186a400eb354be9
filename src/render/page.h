#pragma once

// A review as one HTML page that needs nothing else: no network, no script, its own style for light
// and dark. It holds the summary (the body of the pull request), the timeline, the plan, the
// difference that each prompt made, and the trace of every step. Recorded text is masked, neutral
// and escaped; the page's own policy forbids scripts, too.

#include <string>
#include <vector>

#include "handoff/pull_request.h"
#include "model/views.h"
#include "render/changes.h"
#include "render/outward.h"
#include "render/style.h"

namespace baton::render {

constexpr size_t kMaxPageOutput = 6'000;     // bytes of one output or input
constexpr size_t kMaxPageDiff = 400'000;     // bytes of one prompt's difference
constexpr size_t kMaxPageBytes = 24u << 20;  // after that, outputs and differences are left out

struct PageTurn {
  model::TurnView view;
  std::vector<FileChange> files;       // the difference that its steps made
  std::vector<model::StepView> steps;  // in order of their beginning
};

struct Page {
  handoff::PullRequest request;
  std::vector<PageTurn> turns;  // in order of their beginning
};

std::string page_html(const Style& style, const Page& page, const Outward& outward);

}  // namespace baton::render
