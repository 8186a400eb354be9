#include "attribution/commit_moves.h"

#include <map>

#include "base/bytes.h"
#include "git/object_reader.h"
#include "git/repository.h"
#include "git/tree_listing.h"

namespace baton::attribution {
namespace {

constexpr size_t kMaxCommits = 24;
constexpr size_t kMaxPaths = 64;  // of one commit
constexpr uint64_t kMaxFileBytes = uint64_t{4} << 20;
constexpr Micros kGitSlack = 2 * kSecond;  // git's times are whole seconds

// What a commit left of the files that it changed, but for one.
std::vector<FileLeft> files_left(const git::Repository& repository, git::ObjectReader& reader,
                                 const std::string& commit, const std::string& but) {
  std::vector<FileLeft> found;
  auto id = ObjectId::from_hex(commit);
  auto parent = reader.commit(commit + "^");
  if (!id || !parent) return found;
  auto changes = git::diff_tree(repository, *parent, *id);
  if (!changes || changes->size() > kMaxPaths) return found;
  for (const git::TreeChange& change : *changes) {
    if (change.path == but || (change.status != 'M' && change.status != 'D')) continue;
    std::string now;
    if (change.status == 'M') {
      auto content = reader.blob(change.new_id, kMaxFileBytes);
      if (!content || looks_binary(*content)) continue;
      now = std::move(*content);
    }
    found.push_back({change.path, std::move(now)});
  }
  return found;
}

}  // namespace

Status from_commits(History& history, const BlameOptions& options, const GitLines& git,
                    Micros since, Lines& lines) {
  if (options.repository == nullptr) return {};
  auto texts = lines_of(options.content);
  std::map<int32_t, std::vector<uint32_t>> open;  // by commit
  for (uint32_t i = 0; i < texts.size() && i < git.lines.size() && i < lines.frame.size(); ++i) {
    int32_t commit = git.lines[i].commit;
    if (commit < 0 || !lines.marks[lines.frame[i]].writer.none()) continue;
    if (git.commits[static_cast<size_t>(commit)].commit_time * kSecond + kGitSlack < since)
      continue;
    open[commit].push_back(i);
  }
  git::ObjectReader reader(*options.repository);
  size_t left = kMaxCommits;
  for (const auto& [number, wanted] : open) {
    if (left-- == 0) break;
    const GitCommit& commit = git.commits[static_cast<size_t>(number)];
    auto files = files_left(*options.repository, reader, commit.id, options.path);
    if (files.empty()) continue;
    Micros until = commit.commit_time * kSecond + kGitSlack;
    TRY(history.lines_left(options.worktree, options.path, options.content, wanted, files, until,
                           lines));
  }
  return {};
}

}  // namespace baton::attribution
