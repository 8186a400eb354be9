#pragma once

// The store: where everything that baton keeps lies. docs/format/store.md describes every byte.
//
//   format  sessions/<agent>/<dir>/  worktrees/<id>/  objects/  index.db  log/

#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"

namespace baton::store {

constexpr int kFormatVersion = 1;

struct Store {
  std::string path;  // the baton/ directory
  std::string id;    // random, 16 hex digits
  int version = kFormatVersion;
  HashKind hash = HashKind::sha1;

  std::string sessions_dir() const { return path + "/sessions"; }
  std::string worktrees_dir() const { return path + "/worktrees"; }
  std::string objects_dir() const { return path + "/objects"; }
  std::string index_path() const { return path + "/index.db"; }
  std::string missed_path() const { return path + "/log/missed"; }
};

// Opens the store in this directory. ErrorKind::no_store if there is none, ErrorKind::newer if it
// was written by a later version.
Result<Store> open_store(const std::string& path);

// Makes a store. Fine if there is one already.
Result<Store> create_store(const std::string& path, HashKind hash);

// Events that did not get into any journal, counted where that needs no space (os/guard.h), until
// an event that does tells of them.
struct Missed {
  uint64_t count = 0;
  std::string why;  // of the newest

  std::string text() const;  // "2 events were not recorded: ..."
};
Missed read_missed(const Store& store);
// Takes these off the count again.
void forget_missed(const Store& store, const Missed& missed);

// The directory name of a session, from its id (docs/format/journal.md).
std::string session_directory_name(std::string_view session_id);

struct SessionPlace {
  std::string agent;
  std::string directory;  // full path
};
// Whether a line of this agent's session belongs into the directory, given as "AGENT/NAME".
bool is_directory_of(std::string_view directory, std::string_view agent,
                     std::string_view session_id);
// All sessions' directories, sorted.
Result<std::vector<SessionPlace>> list_sessions(const Store& store);

}  // namespace baton::store
