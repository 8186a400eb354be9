#pragma once

// The header of a journal line, as text (docs/format/journal.md).

#include <optional>
#include <string>
#include <vector>

#include "git/head.h"
#include "store/objects.h"
#include "worktree/observation.h"

namespace baton::record {

struct Gap {
  std::string what, why;
};

struct KeptFile {
  std::string path;
  uint64_t kept = 0;
};

struct Header {
  int64_t number = 0;
  Micros time = 0;
  std::optional<Micros> clock;  // what the clock said, if time had to be mended
  std::string agent, session, event, cwd, parent;
  std::string worktree;  // id
  std::string root;      // path of its files
  std::optional<git::HeadState> head;
  std::vector<git::ReflogLine> reflog;
  int pid = 0;
  uint64_t started = 0;
  std::vector<worktree::Observation> observations;
  std::vector<std::string> outside;
  std::vector<KeptFile> files;
  std::vector<Gap> gaps;
  uint64_t repaired = 0;
  bool repeated = false;
  ObjectId injected;  // what was printed for the agent
};

// Lists of observations that are too long for a line become objects.
Result<std::string> header_text(const Header& header, store::Objects& objects, HashKind hash);

}  // namespace baton::record
