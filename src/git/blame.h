#pragma once

// What git says of each line of a file.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "git/repository.h"
#include "git/signature.h"

namespace baton::git {

struct BlameCommit {
  ObjectId id;  // all zeros: not committed
  Signature author, committer;
  std::string summary;
  bool boundary = false;
};

struct BlameLine {
  uint32_t commit = 0;         // in Blame::commits
  uint32_t file = 0;           // in Blame::files: the path in that commit
  uint32_t original_line = 0;  // counted from 1
  uint32_t final_line = 0;     // the same, in the file that is blamed
  std::string text;            // without its newline
};

struct Blame {
  std::vector<BlameCommit> commits;
  std::vector<std::string> files;
  std::vector<BlameLine> lines;  // of the final file, in order
};

struct BlameOptions {
  ObjectId revision = {};                    // empty: the working tree
  std::optional<std::string> contents = {};  // blamed instead of the file on disk
  bool ignore_whitespace = false;            // -w
  bool moves = false;                        // -M
  int copies = 0;                            // -C, up to three times
  std::vector<std::string> flags = {};       // others, as git's command line has them
  std::vector<std::string> ranges = {};      // -L, as git's command line has them
};

Result<Blame> blame(const Repository& repository, const std::string& path,
                    const BlameOptions& options = {});
// What `git blame --porcelain` prints, byte for byte, in the user's configuration.
Result<std::string> blame_porcelain(const Repository& repository, const std::string& path,
                                    const BlameOptions& options = {});

// Stands for what of the user's settings and files changes git's answers: .mailmap, mailmap.file,
// mailmap.blob and blame.ignoreRevsFile (git-blame(1)). "" if there are none.
std::string blame_settings(const Repository& repository);

}  // namespace baton::git
