#pragma once

// Where the task of a branch begins, and which of the branch's sessions are in it.

#include <string>
#include <vector>

#include "git/repository.h"
#include "index/index.h"
#include "model/session.h"

namespace baton::handoff {

// This many of a branch's sessions are looked at, the newest.
constexpr size_t kMaxBranchSessions = 60;

struct BranchSessions {
  std::string base;  // hex, "" unknown
  std::vector<model::Session> sessions;
};

// `sessions`: all of the branch, newest first. Never empty if they are not: where all of them lie
// behind the base, the task is the one that ended there.
Result<BranchSessions> since_base(index::Index& index, const git::Repository* repository,
                                  const std::string& branch, std::vector<model::Session> sessions);

// The first `keep` of these sessions (newest first), and those behind them that left something open
// which no later one of them closed.
Result<std::vector<model::Session>> stay_in(index::Index& index,
                                            std::vector<model::Session> sessions, size_t keep);

}  // namespace baton::handoff
