#pragma once

// The derived index of a store: sessions, turns, steps, owners, tests, plans, full text. It can be
// deleted at any time; the same journals always give the same answers, in whatever order and in
// however many goes they were read.
//
//   auto index = TRY(Index::open(store, {.git = &git}));   // up to date when it returns
//   for (auto& session : TRY(sessions(index, {}))) ...     // queries.h
//
// An Index is used by one thread. Several processes may have one open on the same store; one of
// them at a time brings it up to date, the others read what is there.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "index/git_source.h"
#include "model/session.h"
#include "store/store.h"

namespace baton::agents {
class Agent;
}

namespace baton::index {

class Contents;

struct IndexOptions {
  GitSource* git = nullptr;  // may be null; must outlive the index
  bool in_memory = false;    // leave no file, read everything
  bool update = true;        // bring it up to date when opening
  // os::monotonic_us() at which to stop reading what is new; 0: read to the end. What was read
  // stays read, so the next one goes on from there.
  int64_t deadline = 0;
  // The record of another machine: whether a session still runs cannot be seen here, but this says
  // it by the session's directory below the store's sessions ("codex/01a2..."). Must outlive the
  // index.
  const std::map<std::string, model::SessionState>* states = nullptr;
  // Only what was recorded by then: as it stood at that moment, in memory, without full text.
  std::optional<Micros> until = {};
  // Told now and then while much is being read: bytes done and all.
  std::function<void(uint64_t done, uint64_t total)> progress;
  // Shell patterns of commands that run tests though no rule knows them (the setting testCommand).
  // Others than those the index was made with: it is made anew. Nothing: those it was made with.
  std::optional<std::vector<std::string>> test_commands = {};
  // Translators of payloads by agent id; by default agents::find_agent.
  std::function<const agents::Agent*(std::string_view id)> find_agent;
};

struct UpdateStats {
  int64_t events = 0;       // journal lines read
  int64_t file_lines = 0;   // lines of agents' session files read
  int64_t transitions = 0;  // whose owner was (again) resolved
  bool complete = true;     // false: the deadline came first
  bool rebuilt = false;     // there was no usable index before
};

class Index {
 public:
  // Opens the store's index, or makes one. A damaged one, or one of another version, is made anew.
  // Where the store cannot be written the index lies in ${XDG_CACHE_HOME:-~/.cache}/baton, or in
  // memory.
  static Result<Index> open(const store::Store& store, const IndexOptions& options = {});
  ~Index();
  Index(Index&&) noexcept;
  Index& operator=(Index&&) noexcept;

  // Reads what was recorded since the last time. Cost is in the new events.
  Result<UpdateStats> update();
  // Throws everything away and reads it again.
  Result<UpdateStats> rebuild();
  const UpdateStats& last_update() const;

  // Where the index lies: a path, or "" if in memory.
  const std::string& path() const;
  const store::Store& store() const;
  Contents& contents();
  GitSource* git() const;
  const std::vector<std::string>& test_commands() const;

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  explicit Index(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace baton::index
