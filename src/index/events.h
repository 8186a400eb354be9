#pragma once

// A journal line, read: its header, its observations, and its payload as the agent's adapter
// translates it. Pure but for objects it has to look up; several threads may read different lines.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/agent.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "index/rows.h"

namespace baton::index {

// An object that stands for a large string is put back into the payload up to this size; of a
// larger one the adapter sees nothing but its beginning.
constexpr size_t kMaxExpanded = 4u << 20;

struct SeenTransition {
  int64_t q = 0;
  std::string path;
  ObjectId before, after, git_id;
  std::string before_mode, after_mode;
  int64_t ctime_ns = 0;
  Seen kind = Seen::disk;
  std::string call;
  bool unsettled = false, withheld = false;
};

struct BaseEntry {
  std::string path;
  ObjectId id;  // empty: not there
  std::string mode;
};

struct Look {
  std::string worktree;
  bool whole = false;
  bool complete = true;
  int64_t seen = 0, known = 0;  // how far an incomplete one came
  Micros began = 0;
  int64_t next_number = 0;  // that the next transition gets; 0: not told
  bool has_base = false;
  int64_t base_number = 0;  // 0: not told
  std::string base_commit, base_tree;
  std::vector<BaseEntry> base_entries;
  // HEAD moved: the trees before and now, and what the one before held at the paths that differ.
  std::string left_tree, new_tree;
  std::vector<BaseEntry> left_entries;
  std::vector<SeenTransition> transitions;
  std::vector<std::pair<std::string, std::string>> skipped;  // path, reason
};

struct ReflogEntry {
  std::string from, to, message;
  Micros moved = 0;
};

struct EventHeader {
  int64_t number = 0;
  Micros time = 0;
  std::string agent, session, event, cwd, worktree, root, branch, head, op, parent;
  std::vector<ReflogEntry> reflog;
  int64_t pid = 0, started = 0;
  std::vector<Look> looks;
  std::vector<std::string> outside;
  std::vector<std::pair<std::string, int64_t>> files;     // path, bytes kept so far
  std::vector<std::pair<std::string, std::string>> gaps;  // what, why
  int64_t repaired = 0;
  bool duplicate = false;
};

struct Event {
  EventHeader header;
  agents::Heard heard;
  bool translated = false;  // `heard` is filled
  bool forgotten = false;
  std::string note_payload;  // baton's own events: the payload's text
  // What is wrong with the line, though it can be read ("" if nothing).
  std::string damage;
};

// What reading a line needs.
struct EventContext {
  std::function<Result<std::string>(const ObjectId&)> object;
  std::function<const agents::Agent*(std::string_view)> find_agent;
  std::vector<std::string> test_commands;  // of the user's, see IndexOptions
};

// Where a journal was left: chain and number of its last line.
struct ChainState {
  std::string chain;  // "" before the first line
  int64_t number = -1;
  bool known = true;  // false: the line before could not be read
};

// ErrorKind::damage if the line is none, or was altered. `before` becomes this line's.
Result<Event> read_event(std::string_view line, const EventContext& context, ChainState& before);

// The text with every `{"$obj":ID,"len":N}` replaced by the string it stands for.
// Members called `without` are null instead.
std::string expand_objects(std::string_view json_text, const EventContext& context,
                           std::string_view without = {});

}  // namespace baton::index
