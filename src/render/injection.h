#pragma once

// Recorded text on its way into an agent's context. It is data there, never an instruction: it
// stands in code marks, is said to be quoted, and holds nothing that could end the frame which an
// agent puts around it.

#include <string>
#include <string_view>
#include <vector>

#include "handoff/handoff.h"
#include "render/style.h"

namespace baton::render {

// `<` before a name, `/`, `!` or `?` becomes `&lt;`: a tag in a quoted text ends no frame.
std::string without_tags(std::string_view text);

// What happened while a session rested.
struct Meanwhile {
  struct Session {
    std::string address, agent, prompt;  // prompt: the newest of a person, may be ""
  };
  struct Change {
    std::string path, owner, step;  // step: address, "" if no step did it
  };
  Micros since = 0;
  std::vector<Session> sessions;
  std::vector<Change> changes;
  std::string head_before, head_now;  // hex, where HEAD moved

  bool empty() const { return sessions.empty() && changes.empty() && head_before == head_now; }
};

// The whole contexts, with what an agent has to know about them at their head: a handoff as
// handoff_markdown() fits it into a budget, in at most `limit` bytes.
std::string startup_context(const Style& style, const handoff::Handoff& handoff, size_t limit);
std::string clear_context(const Style& style, const handoff::Handoff& handoff, size_t limit);
// `forked_at`: the moment whose files the worktree has.
std::string fork_context(const Style& style, const handoff::Handoff& handoff,
                         std::string_view forked_at, size_t limit);
std::string compact_context(const Style& style, const handoff::Handoff& handoff, size_t limit);
std::string resume_context(const Style& style, const Meanwhile& meanwhile, size_t limit);

}  // namespace baton::render
