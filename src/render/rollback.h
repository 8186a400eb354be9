#pragma once

// What a rollback would do or did.

#include <string>
#include <vector>

#include "index/acts.h"
#include "render/changes.h"
#include "render/json.h"
#include "render/style.h"
#include "rollback/plan.h"

namespace baton::render {

struct RollbackView {
  std::string kind;  // rewind, undo, redo, restore
  std::string target, what, only, of;
  std::string name;  // of what was done; "" if nothing was
  bool dry_run = false;
  std::string refusal;  // why nothing was done, "" if that was not so
  const rollback::Plan* plan = nullptr;
  std::vector<FileChange> files;  // the plan's changes with their contents
  std::vector<model::Step> running;
  std::vector<rollback::Hunk> hunks;  // of what would be taken back, numbered
};

// "rewind to the files after turn c7f2:3", "undo rewind-2".
std::string rollback_subject(const RollbackView& view);
// What is not touched, what is in the way, whose work would go, which lines conflict.
std::string rollback_left_text(const Style& style, const RollbackView& view);
std::string rollback_trouble_text(const Style& style, const RollbackView& view);
// Numbered, for --hunk.
std::string rollback_hunks_text(const Style& style, const RollbackView& view);
// "rewound to c7f2:3: 4 files", with a line a file.
std::string rollback_done_text(const Style& style, const RollbackView& view);
std::string rollback_json(const Style& style, const RollbackView& view);

// "rewind-3  2026-11-24 10:03  rewound to c7f2:3, 4 files".
std::string act_text(const index::Act& act);
void write(json::Writer& json, const index::Act& act);

}  // namespace baton::render
