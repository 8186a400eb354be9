#include "attribution/whole_file.h"

namespace baton::attribution {
namespace {

std::string first_line(const std::string& message) {
  return message.substr(0, message.find('\n'));
}

// The newest commit that changed the path; nothing if git does not know it.
void add_commit(const BlameOptions& options, BlamedLine& file) {
  if (!options.repository) return;
  git::LogOptions ask;
  if (!options.revision.empty()) ask.revisions = {options.revision.hex()};
  ask.paths = {options.path};
  ask.limit = 1;
  auto commits = git::log(*options.repository, ask);
  if (!commits || commits->empty()) return;
  const git::Commit& commit = commits->front();
  // What is not committed as it is here is not that commit's.
  auto entry = git::ls_tree(*options.repository, commit.tree, false, options.path);
  if (!entry || entry->empty() || entry->front().id != options.content_id) return;
  file.commit = commit.id.hex();
  file.author = commit.author.name;
  file.author_time = commit.author.time;
  file.summary = first_line(commit.message);
}

}  // namespace

Result<BlamedLine> blame_whole(index::Index& index, const BlameOptions& options) {
  BlamedLine file;
  add_commit(options, file);
  for (const std::string& worktree : {options.worktree, std::string()}) {
    auto versions = index::versions(index, options.path, worktree);
    if (!versions) continue;
    for (const model::PathVersion& version : *versions) {
      const model::Change& change = version.change;
      bool same = change.after == options.content_id || change.git_id == options.content_id;
      if (!same || change.skipped || change.after.empty()) continue;
      file.owner = change.owner;
      file.turn = change.owner.step.turn;
      file.at = {change.worktree, change.q};
      file.path = change.path;
      file.seen = change.seen;
      return file;
    }
  }
  if (!file.commit.empty()) {
    file.owner.kind = model::OwnerKind::before;
    file.owner.rule = "only git knows the file";
    file.owner.commit = file.commit;
  } else {
    file.owner.rule = "not recorded yet";
  }
  return file;
}

}  // namespace baton::attribution
