#pragma once

// Looking at a worktree on behalf of one event.
//
//   auto observer = Observer::open(store, worktree, objects, limits);
//   observer.name_path(...) / observer.name_result(...)     what a file tool says
//   observer.scan_all(deadline)                             a whole-tree pass, without a lock
//   lock = Lock::take(...)
//   observation = observer.settle(lock, deadline)           contents stored, transitions numbered
//   ... the journal's line with the observation is written ...
//   observer.remember()                                     the manifest follows
//
// The order is what makes a crash harmless: contents, then the line, then the manifest. A line
// whose manifest was not written is seen again and dropped by the reader.
//
// In parts: observe.cc (the order of things), observe_paths.cc (one path), observe_result.cc (what
// an edit tool told), observe_git.cc (where a manifest begins, and what git did since).

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "git/head.h"
#include "git/index_file.h"
#include "store/objects.h"
#include "worktree/head_move.h"
#include "worktree/limits.h"
#include "worktree/observation.h"
#include "worktree/scan.h"
#include "worktree/worktree.h"

namespace baton::worktree {

// What an edit tool's answer says of one path.
struct ToolResult {
  std::string path;  // from the worktree's root
  std::string call;
  std::optional<std::string> before;  // nothing: not told
  std::optional<std::string> after;   // nothing: the tool removed the file
  bool created = false;               // there was nothing before
};

class Observer {
 public:
  // Where nothing can be written, what is known can still be read and the disk looked at.
  static Result<Observer> open(const store::Store& store, const Worktree& worktree,
                               store::Objects& objects, const Limits& limits);

  // Whether this worktree has no base record yet, so that a whole pass must come first.
  bool needs_base() const;
  // After a whole-tree pass: whether it found anything that is not known yet. Looks at the
  // candidates without a lock and changes nothing.
  bool has_news();
  // When there is none: which files git's index has, and which index that was, so that not every
  // reader reads it again.
  void remember_index();
  // Whether there is anything to settle.
  bool has_work() const { return full_ || !named_.empty() || !results_.empty(); }
  // What was known of a path before this event.
  std::optional<store::ManifestEntry> before(std::string_view path) const {
    return manifest_.find(path);
  }

  // `call` is the tool call that says it changed the path, "" if none does.
  void name_path(std::string_view path, std::string_view call = {});
  void name_result(ToolResult result);
  Status scan_all(Deadline deadline);

  // REQUIRES: the worktree's lock. Stores contents and numbers the transitions.
  Result<Observation> settle(Lock& lock, Deadline deadline);
  // REQUIRES: the worktree's lock, the same as for settle().
  Status remember();

  // After the lock is released: lets git's pin follow the commit that contents are borrowed from.
  Status move_pin();

  // New entries of the worktree's reflog, seen by a whole-tree pass.
  const std::vector<git::ReflogLine>& reflog() const { return reflog_; }

 private:
  Observer(const store::Store& store, const Worktree& worktree, store::Objects& objects,
           const Limits& limits, store::Manifest manifest)
      : store_(store),
        worktree_(worktree),
        objects_(objects),
        limits_(limits),
        manifest_(std::move(manifest)) {}

  struct Look;  // one path, looked at
  Status seed();
  Status begin_anew();
  // Under the lock, in a whole-tree pass: what git did since the last one.
  Status meet_git(Observation& observation);
  bool index_moved(const os::FileStat& since);
  bool open_index();
  bool read_index_again();
  bool left_cone(const std::string& path);
  // What lies at a path of the worktree: nothing behind a link in a folder's place.
  Result<os::FileStat> stat_inside(const std::string& path);
  bool is_news(const std::string& path);
  ObjectId conversion_id(const std::string& path, const os::FileStat& st);
  bool came_with_head(const std::string& path, const ObjectId& id) const;
  bool is_tracked(const std::string& path, const std::optional<store::ManifestEntry>& before) const;
  // `expected`: a content that the file probably has, and its id, so that it is hashed once.
  struct Expected {
    const std::string* content;
    ObjectId id;
  };
  Result<Look> look(const std::string& path, bool tracked,
                    const std::optional<Expected>& expected = {});
  Status settle_path(const std::string& path, Observation& observation, std::string_view call);
  Status settle_result(ToolResult& told, Observation& observation);
  Status store_content(const ObjectId& id, std::string_view content, const ObjectId& base_id,
                       std::string_view base);
  ObjectId keyed_id(std::string_view content) const;
  void add_transition(Observation& observation, Transition transition);
  void update(std::string path, const store::ManifestEntry& entry);
  std::optional<store::ManifestEntry> known(std::string_view path) const;
  std::string absolute(std::string_view path) const { return os::join(worktree_.root, path); }

  const store::Store& store_;
  const Worktree& worktree_;
  store::Objects& objects_;
  Limits limits_;
  store::Manifest manifest_;

  bool full_ = false;
  Micros began_ = 0;
  Scan scan_;
  std::vector<std::pair<std::string, std::string>> named_;  // path, call
  std::vector<ToolResult> results_;
  std::map<std::string, store::ManifestEntry, std::less<>> updates_;  // type none: forget
  std::map<std::string, bool, std::less<>> folders_;                  // whether it is one, no link
  store::ManifestInfo info_;
  bool info_changed_ = false;
  uint64_t ignore_digest_ = 0;
  HeadMove head_move_;
  std::optional<git::IndexFile> index_;  // as far as it was asked of anything
  bool index_tried_ = false;
  bool index_read_ = false;  // and it told of no file that was not known
  std::vector<git::ReflogLine> reflog_;
  std::vector<std::string> newly_tracked_;  // that were not known, by path
  uint64_t new_untracked_bytes_ = 0;
  bool base_pending_ = false;
  Base base_;
};

}  // namespace baton::worktree
