#pragma once

// Where a store's bytes are. Every byte of every file is counted once, by the files' sizes.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "store/objects.h"
#include "store/references.h"

namespace baton::store {

struct Amount {
  uint64_t bytes = 0;
  int64_t count = 0;
  void add(uint64_t more) {
    bytes += more;
    count++;
  }
};

struct Usage {
  struct Agent {
    std::string agent;
    Amount journals, session_files;  // the copies of the agent's own files
  };
  struct Session {
    std::string agent, directory;  // below sessions/AGENT in the store
    std::string address;           // "" if its journal does not say whose it is
    uint64_t journal = 0, session_file = 0;
    uint64_t objects = 0;  // contents that it was the first to need
    uint64_t bytes() const { return journal + session_file + objects; }
  };
  struct Path {
    std::string path;
    Amount versions;
  };

  std::vector<Agent> agents;         // by name
  std::array<Amount, 5> contents{};  // by Use: what the record needs
  Amount bases;                      // needed only to unpack others
  Amount thinned;                    // a budget took them; bytes: that they had, part of no sum
  Amount left_behind;                // nothing needs it, or it stands there twice
  uint64_t no_record = 0;            // bytes of segments that are no record
  uint64_t lookup = 0;               // table and lock
  uint64_t index = 0, worktrees = 0, other = 0;
  std::vector<Session> sessions;  // the largest first
  std::vector<Path> paths;        // the largest first
  // Not all that the record needs could be seen: what is left behind is not known for sure.
  std::string uncertain;

  uint64_t journals() const;
  uint64_t session_files() const;
  uint64_t objects() const;
  uint64_t total() const;
};

// Bytes of all its files but the index, which can be made anew at any time.
Result<uint64_t> store_size(const Store& store);

// Changes nothing. `borrowed` is asked for contents of git's.
Result<Usage> measure_usage(const Store& store, const BorrowedReader& borrowed = {});

}  // namespace baton::store
