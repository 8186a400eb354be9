#pragma once

// What `baton note` said: written by it, or taken from the command of an agent whose sandbox kept
// it from writing.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/index.h"
#include "model/note.h"
#include "model/views.h"

namespace baton::index {

struct NoteFilter {
  std::string kind = {};                // "" for all
  std::optional<int64_t> session = {};  // that belong to it
  std::string worktree = {}, branch = {};
  std::optional<Micros> since = {};
};
// By time. Notes that only close another one are left out: that one says it.
Result<std::vector<model::Note>> notes(Index& index, const NoteFilter& filter = {});
// Gives each turn the notes that belong to it.
Status add_notes(Index& index, std::vector<model::TurnView>& turns);
// The note of this id, or of an id that begins so. ErrorKind::not_found, ErrorKind::negative if
// there are several.
Result<model::Note> find_note(Index& index, std::string_view id);

// The session with this id of its agent's (and no other); 0 if it is not known.
Result<int64_t> session_of(Index& index, std::string_view agent, std::string_view id);
// The one session of this agent's process in which a command that says a note runs just now; 0 if
// there is none, or several.
Result<int64_t> session_noting_in(Index& index, int64_t pid, int64_t started);

}  // namespace baton::index
