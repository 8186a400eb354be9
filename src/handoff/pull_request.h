#pragma once

// What a reviewer needs of a branch: its handoff, what each prompt changed, and what git says of
// the same commits, so that what nobody recorded is seen too.

#include <optional>
#include <string>
#include <vector>

#include "git/repository.h"
#include "handoff/handoff.h"
#include "handoff/intents.h"
#include "handoff/tasks.h"

namespace baton::handoff {

constexpr size_t kMaxReviewedCommits = 100;

struct CommitLine {
  std::string id, subject, author;
  std::vector<Citation> turns;  // the prompts behind it
  int unexplained = 0;          // paths of it that no recorded version explains
};

// A file that differs between the base and the head.
struct DiffLine {
  std::string path;
  char status = 'M';  // A, M, D, T
  int added = 0, removed = 0;
  bool counted = false;
  bool recorded = false;  // a step of the task changed it
};

struct PullRequest {
  Handoff handoff;
  std::string bundle;               // digest of the bundle that it was made from, "" for a store
  std::string base, head;           // commits, hex; "" outside of git or if there is none
  std::string since;                // as asked for, "" for all
  Micros after = 0;                 // the moment that it names
  std::vector<CommitLine> commits;  // oldest first
  size_t commits_left_out = 0;      // older ones
  std::vector<IntentLine> intents;
  std::vector<DiffLine> diff;  // base against head; by path
};

// The commits that are reviewed: of the range that was asked for, else from where the task's branch
// left to HEAD. Both empty outside of git.
struct Reviewed {
  std::string base, head;
};
Result<Reviewed> reviewed_commits(const git::Repository* repository, const Task& task);

// After what everything is new.
struct Since {
  std::string word;    // as it was asked for, "" for all
  Micros moment = 0;   // the end of a step or turn, or when a commit was made
  std::string commit;  // hex, if the word named one
};
// ErrorKind::not_found if the word names no commit, session, turn or step.
Result<Since> since_of(index::Index& index, const git::Repository* repository, const Task& task,
                       std::string_view word);

Result<PullRequest> make_pull_request(index::Index& index, const Task& task, const Options& options,
                                      const Since& since);

}  // namespace baton::handoff
