#pragma once

// What attribution asks of the tables, and what it keeps in them: for each version of a path how
// its lines came from those of an earlier one. Kept rows are a cache of a pure function of the
// other tables and of contents: they can be thrown away at any time, and are when what they rest on
// changes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/agent.h"
#include "index/index.h"
#include "model/session.h"
#include "model/views.h"

namespace baton::index {

// The versions of one path in one worktree. Keys of this index; a path that nothing ever changed
// has a key below 0, which means it as long as the index is open.
struct TimelineKey {
  int64_t worktree = 0;
  int64_t path = 0;
  auto operator<=>(const TimelineKey&) const = default;
};

enum class VersionKind : uint8_t {
  change,   // a transition
  base,     // what a base holds
  interim,  // what was there before the transition of the same number, and no look saw
};

// A version of a path.
struct LineVersion {
  int64_t q = 0;
  VersionKind kind = VersionKind::change;
  // Of an interim one: the file never was this; what it brought came to what was changed there.
  bool aside = false;
  // Of an interim one: somebody finished it. Lines that nothing recorded explains may be theirs.
  bool by_hand = false;
  bool committed = false;          // of git's: somebody made it, and git brought nothing
  ObjectId before, after, git_id;  // as in model::Change
  bool skipped = false, withheld = false;
  model::OwnerKind owner = model::OwnerKind::unknown;
  model::Evidence evidence = model::Evidence::none;
  int64_t session = 0, event = 0;  // that saw it
  Micros seen = 0;
  int64_t owner_session = 0;
  int owner_step = 0;
};

// A worktree that is not known has key 0.
Result<TimelineKey> timeline_key(Index& index, std::string_view worktree, std::string_view path);
Result<std::string> path_name(Index& index, int64_t path);
// Every worktree with a version of the path or with a base, `first` before all others.
Result<std::vector<int64_t>> worktrees_of_path(Index& index, int64_t path, int64_t first);

// Oldest first. Of a path that nothing ever changed the bases' versions.
Result<std::vector<LineVersion>> line_versions(Index& index, const TimelineKey& key,
                                               std::string_view path);

// Puts the interim versions of a path among its others, oldest first as they are: as changes of the
// same number, each between what was seen before it and after. None of those that lie aside.
Status add_interims(Index& index, std::string_view path, std::string_view worktree,
                    std::vector<model::PathVersion>& versions);

// Another path's version.
struct OtherVersion {
  int64_t path = 0;
  LineVersion version;
};
// What else changed in the worktree, between the complete look at the whole before it and the first
// one that saw all that it could have seen: a tool's own look sees the one half of a rename only.
// `open`: that one has not come yet.
struct Window {
  std::vector<OtherVersion> versions;
  bool open = false;
};
Result<Window> versions_around(Index& index, int64_t worktree, const LineVersion& version,
                               size_t limit);
// What HEAD was moved to between the same two looks.
Result<std::vector<std::string>> commits_around(Index& index, int64_t worktree,
                                                const LineVersion& version, size_t limit);
// What its own event saw.
Result<std::vector<OtherVersion>> versions_of_event(Index& index, int64_t worktree,
                                                    const LineVersion& version, size_t limit);
// What turns changed. Of a path's versions those of one turn come together: each is read once.
class TurnVersions {
 public:
  explicit TurnVersions(Index& index) : index_(index) {}
  // What the turn of the step that made the version had changed before it at other paths, newest
  // first.
  Result<std::vector<OtherVersion>> before(const TimelineKey& key, const LineVersion& version,
                                           size_t limit);

 private:
  struct Turn {
    int64_t session = 0, worktree = 0;
    int turn = 0;
    bool operator==(const Turn&) const = default;
  };
  Index& index_;
  std::optional<Turn> last_;
  std::vector<OtherVersion> versions_;  // of it, newest first
};
// The files that a session knows. Of a path's versions those of one session come together: each is
// read once.
class SessionPaths {
 public:
  explicit SessionPaths(Index& index) : index_(index) {}
  // Paths that the session had read or changed before the step that made the version, those of the
  // last steps first.
  Result<std::vector<int64_t>> before(int64_t worktree, const LineVersion& version, size_t limit);

 private:
  struct Known {
    int step = 0;
    int64_t path = 0;
  };
  Index& index_;
  std::optional<std::pair<int64_t, int64_t>> last_;  // session, worktree
  std::vector<Known> known_;                         // newest first
};
// The newest version of each of the paths that changed last before that number.
Result<std::vector<OtherVersion>> versions_before(Index& index, int64_t worktree, int64_t before_q,
                                                  size_t limit);
// The newest version with this content in the worktree before that number, at any path.
Result<std::optional<OtherVersion>> version_with(Index& index, int64_t worktree,
                                                 const ObjectId& content, int64_t before_q);
// A path that the worktree's newest base before that number holds with this content.
Result<std::optional<std::string>> base_path_with(Index& index, int64_t worktree,
                                                  const ObjectId& content, int64_t before_q);

// The changes with their owners. Nothing for a base. The places are in order of key and number.
struct ChangePlace {
  TimelineKey key;
  int64_t q = 0;
};
Result<std::vector<std::optional<model::Change>>> changes_at(
    Index& index, const std::vector<ChangePlace>& places);
// Who brought the interim version before the transition of that number: git, with the commit, or
// the command that made and committed it.
Result<model::Owner> interim_owner(Index& index, const ChangePlace& place);
Result<std::string> worktree_name(Index& index, int64_t worktree);
// HEAD when the worktree's recording began, "" if there was none.
Result<std::string> first_commit(Index& index, int64_t worktree);
// When the step began.
Result<Micros> step_began(Index& index, int64_t session, int step);

// What the call that this version is the result of was told to do to the path. Nothing if the event
// that saw it does not say so, or says it twice.
std::optional<agents::FileEdit> edit_behind(Index& index, const LineVersion& version,
                                            std::string_view path);

// The command of the step that made the version. Nothing if it was none.
struct CommandBehind {
  std::string command, cwd;
  std::string root;  // of the worktree, as the event that saw the version tells it
};
Result<std::optional<CommandBehind>> command_behind(Index& index, const LineVersion& version);

// --- kept ---

struct KeptLines {
  int64_t number = 0;     // of the version in its timeline, from 0
  uint64_t print = 0;     // of all versions up to it
  bool crossing = false;  // other timelines had a part in it
  Micros seen = 0;
  std::string data;
};
Result<std::vector<KeptLines>> kept_lines(Index& index, const TimelineKey& key);
// What git says of a path's lines in a revision ("" if it is not kept).
Result<std::string> kept_git(Index& index, std::string_view path, std::string_view revision);

// Changes whenever another process changes the index. Ask it before anything that is to be kept is
// looked up.
Result<int64_t> data_version(Index& index);
struct Keep {
  TimelineKey key;
  int64_t from = 0;  // rows of this number and above are replaced
  std::vector<KeptLines> rows;
};
struct KeepGit {
  std::string path, revision, data;
};
// Keeps what can be kept now: if another process is writing, or has written since `version`,
// nothing is, which costs the next reader its time.
void keep(Index& index, int64_t version, const std::vector<Keep>& lines,
          const std::vector<KeepGit>& git);

}  // namespace baton::index
