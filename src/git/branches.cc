#include "git/branches.h"

#include "base/bytes.h"
#include "git/command_line.h"

namespace baton::git {

Result<std::vector<Branch>> branches(const Repository& repository) {
  os::RunResult result =
      TRY(run(command(repository, "for-each-ref",
                      "--format=%(refname)%00%(objectname)%00%(upstream)%00", "refs/heads/"),
              "for-each-ref"));
  std::vector<Branch> found;
  constexpr std::string_view kHeads = "refs/heads/";
  for (std::string_view line : split(result.output, '\n')) {
    if (line.empty()) continue;
    auto parts = split(line, '\0');
    auto id = parts.size() == 4 ? ObjectId::from_hex(parts[1]) : std::nullopt;
    if (!id || !parts[0].starts_with(kHeads)) return garbled("for-each-ref");
    found.push_back({std::string(parts[0].substr(kHeads.size())), std::string(parts[2]), *id});
  }
  return found;
}

Result<std::optional<BaseBranch>> base_branch(const Repository& repository) {
  return TRY(branch_roots(repository, "")).base;
}

Result<BranchRoots> branch_roots(const Repository& repository, const std::string& branch) {
  constexpr std::string_view kOrigin = "refs/remotes/origin/";
  constexpr std::string_view kHeads = "refs/heads/";
  std::vector<std::string> words =
      command(repository, "for-each-ref",
              "--format=%(refname)%00%(objectname)%00%(symref)%00%(upstream)%00",
              "refs/remotes/origin/HEAD", "refs/heads/main", "refs/heads/master");
  std::string own = branch.empty() ? "" : std::string(kHeads) + branch;
  if (!own.empty()) words.push_back(own);
  os::RunResult result = TRY(run(words, "for-each-ref"));
  BranchRoots roots;
  int best_rank = 3;
  for (std::string_view line : split(result.output, '\n')) {
    if (line.empty()) continue;
    auto parts = split(line, '\0');
    auto id = parts.size() == 5 ? ObjectId::from_hex(parts[1]) : std::nullopt;
    if (!id) return garbled("for-each-ref");
    if (parts[0] == own) roots.upstream = parts[3];
    int rank;
    BaseBranch base;
    base.id = *id;
    if (parts[0] == "refs/remotes/origin/HEAD") {
      // One that names no branch tells nothing about which it is.
      if (!parts[2].starts_with(kOrigin)) continue;
      rank = 0;
      base.ref = parts[2];
      base.name = parts[2].substr(kOrigin.size());
    } else if (parts[0] == "refs/heads/main" || parts[0] == "refs/heads/master") {
      rank = parts[0] == "refs/heads/main" ? 1 : 2;
      base.ref = parts[0];
      base.name = parts[0].substr(kHeads.size());
    } else {
      continue;
    }
    if (rank < best_rank) {
      roots.base = std::move(base);
      best_rank = rank;
    }
  }
  return roots;
}

bool is_branch_name(const Repository& repository, const std::string& name) {
  auto words = command(repository, "check-ref-format", "--branch", name);
  return !name.starts_with('-') && run(words, "check-ref-format").has_value();
}

}  // namespace baton::git
