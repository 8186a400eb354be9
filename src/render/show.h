#pragma once

// One session, turn, step or commit as a whole.

#include <string>
#include <vector>

#include "base/json.h"
#include "index/injections.h"
#include "model/views.h"
#include "render/changes.h"
#include "render/style.h"

namespace baton::render {

enum class Changes : uint8_t { none, stat, diff };

struct ShowOptions {
  Changes changes = Changes::diff;
  bool steps = true;  // of a session's turns
  ChangeOptions diff;
};

// `files`: what it changed; `told`: what hooks told its agent.
std::string session_text(const Style& style, const model::SessionView& view,
                         const model::Plan& plan, const std::vector<index::Injection>& told,
                         const std::vector<FileChange>& files, const ShowOptions& options);
void write(json::Writer& json, const index::Injection& told);
std::string turn_text(const Style& style, const model::TurnView& view,
                      const std::vector<FileChange>& files, const ShowOptions& options);
std::string step_text(const Style& style, const model::StepView& view,
                      const std::vector<FileChange>& files, const ShowOptions& options);

// What git says of a commit.
struct CommitTitle {
  std::string author, subject;
  int64_t time = 0;  // seconds
};
std::string commit_text(const Style& style, const model::CommitView& view,
                        const CommitTitle& title);

}  // namespace baton::render
