// Blocks that commits took from other files between two looks at the worktree.

#include "attribution/derive.h"

#include <algorithm>

namespace baton::attribution {
namespace {

constexpr size_t kMaxCommits = 24;      // between two looks
constexpr size_t kMaxCommitPaths = 64;  // of one of them

}  // namespace

// Each of those commits is a look that git made: what was moved may have been committed by halves,
// and a half taken back, so that nobody saw the file without it.
Status History::offer_committed(Timeline& timeline, const index::LineVersion& version,
                                const std::vector<uint32_t>& open_hashes, BlockSources& sources) {
  index::GitSource* git = index_.git();
  if (git == nullptr) return {};
  auto commits =
      TRY(index::commits_around(index_, timeline.key.worktree, version, kMaxCommits + 1));
  if (commits.size() > kMaxCommits) return {};
  for (const std::string& id : commits) {
    auto [found, added] = committed_.try_emplace(id);
    if (added) {
      // One that is gone tells nothing.
      if (auto commit = git->commit(id)) found->second = std::move(commit->changes);
    }
    const auto& changes = found->second;
    if (changes.size() > kMaxCommitPaths) continue;
    for (const index::GitSource::CommitChange& change : changes) {
      if (change.before.empty() || change.path == timeline.path) continue;
      const Standing& removed = removed_by(change.before, change.after);
      auto takes = [&](uint32_t hash) { return removed.contains(hash); };
      if (std::ranges::none_of(open_hashes, takes)) continue;
      auto name = TRY(index::worktree_name(index_, timeline.key.worktree));
      Timeline* from =
          TRY(this->timeline(TRY(index::timeline_key(index_, name, change.path)), change.path));
      size_t earlier = versions_for(*from, version);
      bool lost = false;
      int32_t newest = previous(*from, earlier, lost);
      if (newest < 0 || !ensure(*from, static_cast<size_t>(newest))) continue;
      Content after = std::make_shared<const std::string>();
      if (!change.after.empty()) {
        auto is = content(change.after);
        if (!is || (*is)->size() > kMaxSourceBytes) continue;
        after = *is;
      }
      offer_gone(*from, static_cast<size_t>(newest), *after, sources);
      // A tool's edit may have been the first to see the file without it.
      TRY(offer_earlier(*from, earlier, *after, open_hashes, sources));
      sources.at_once.insert(from);
    }
  }
  return {};
}

}  // namespace baton::attribution
