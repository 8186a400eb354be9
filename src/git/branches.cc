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
  os::RunResult result = TRY(
      run(command(repository, "for-each-ref", "--format=%(refname)%00%(objectname)%00%(symref)%00",
                  "refs/remotes/origin/HEAD", "refs/heads/main", "refs/heads/master"),
          "for-each-ref"));
  constexpr std::string_view kOrigin = "refs/remotes/origin/";
  constexpr std::string_view kHeads = "refs/heads/";
  std::optional<BaseBranch> best;
  int best_rank = 3;
  for (std::string_view line : split(result.output, '\n')) {
    if (line.empty()) continue;
    auto parts = split(line, '\0');
    auto id = parts.size() == 4 ? ObjectId::from_hex(parts[1]) : std::nullopt;
    if (!id) return garbled("for-each-ref");
    int rank;
    BaseBranch branch;
    branch.id = *id;
    if (parts[0] == "refs/remotes/origin/HEAD") {
      // One that names no branch tells nothing about which it is.
      if (!parts[2].starts_with(kOrigin)) continue;
      rank = 0;
      branch.ref = parts[2];
      branch.name = parts[2].substr(kOrigin.size());
    } else {
      rank = parts[0] == "refs/heads/main" ? 1 : 2;
      branch.ref = parts[0];
      branch.name = parts[0].substr(kHeads.size());
    }
    if (rank < best_rank) {
      best = std::move(branch);
      best_rank = rank;
    }
  }
  return best;
}

}  // namespace baton::git
