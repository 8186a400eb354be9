#pragma once

// How things stand, short (`baton` alone) and long (`baton status`).

#include <string>
#include <utility>
#include <vector>

#include "model/views.h"
#include "render/style.h"

namespace baton::render {

// What the front end knows besides.
struct StatusPlace {
  std::string store;     // path
  std::string root;      // of this worktree
  std::string worktree;  // id of this worktree, "" if it was never looked at
  std::string branch;    // "" if detached or outside git
  std::vector<std::pair<std::string, std::string>> agents;  // id and name of all known
  std::optional<model::Turn> turn;                          // the newest prompt given here
  bool paused = false;                                      // BATON_OFF or baton.off
  std::vector<model::Session> recent;                       // newest sessions, for the long form
};

// At most 15 lines.
std::string summary_text(const Style& style, const StatusPlace& place,
                         const model::StatusView& view);
std::string status_text(const Style& style, const StatusPlace& place,
                        const model::StatusView& view);
// `kind` is "summary" or "status".
std::string status_json(const Style& style, const StatusPlace& place, const model::StatusView& view,
                        std::string_view kind);

}  // namespace baton::render
