#pragma once

// What git says of a content's lines: commit, author, and the agent that a commit names. Asked once
// a path and revision, then kept in the index, for the commit's own content and for the one asked
// for: who asks again starts no git.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "git/repository.h"
#include "index/index.h"
#include "index/lines.h"

namespace baton::attribution {

struct GitCommit {
  std::string id;
  std::string author;
  int64_t author_time = 0, commit_time = 0;  // seconds
  int author_zone = 0;                       // minutes east of UTC
  std::string agent;                         // that it names, "" if none
  std::string summary;
};

struct GitLine {
  int32_t commit = -1;  // -1: git does not know the line
  uint32_t original_line = 0;
};

struct GitLines {
  std::vector<GitCommit> commits;
  std::vector<std::string> names;  // that the file has had
  std::vector<GitLine> lines;
};

// Of the content as it stands in `revision`, or, without one, on top of HEAD. A path that git does
// not track has no commits. What is new is added to `news`, to be kept.
GitLines git_lines(index::Index& index, const git::Repository& repository, const std::string& path,
                   const ObjectId& revision, std::string_view content, const ObjectId& content_id,
                   bool ignore_whitespace, std::vector<index::KeepGit>& news);

// What a revision, or without one HEAD, holds at another path, with what git says of its lines.
// Nothing if it holds none.
struct CommittedLines {
  std::string content;
  GitLines git;
};
std::optional<CommittedLines> committed_lines(index::Index& index,
                                              const git::Repository& repository,
                                              const std::string& path, const ObjectId& revision,
                                              std::vector<index::KeepGit>& news);

}  // namespace baton::attribution
