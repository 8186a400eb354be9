#include "attribution/blame.h"

#include <algorithm>

#include "attribution/line_owners.h"
#include "base/bytes.h"
#include "diff/lines.h"
#include "index/contents.h"

namespace baton::attribution {
namespace {

using model::OwnerKind;

constexpr int kMaxRenames = 16;
constexpr int64_t kRenameWindow = 512;  // transitions of one event lie close together

// A path's versions, through renames that kept the content, oldest first.
Result<std::vector<model::PathVersion>> history(index::Index& index, const std::string& path,
                                                const std::string& worktree, int depth = 0) {
  auto versions = TRY(index::versions(index, path, worktree));
  if (depth >= kMaxRenames || versions.empty() || versions.front().base) return versions;
  const model::Change& born = versions.front().change;
  if (!born.before.empty() || born.after.empty()) return versions;
  model::Position from{born.worktree, std::max<int64_t>(born.q - kRenameWindow, 0)};
  model::Position to{born.worktree, born.q + kRenameWindow};
  for (const model::Change& change : TRY(index::changes(index, from, to))) {
    if (change.path == path || !change.after.empty() || change.before != born.after ||
        change.seen != born.seen) {
      continue;
    }
    auto older = TRY(history(index, change.path, worktree, depth + 1));
    std::erase_if(older, [&](const model::PathVersion& version) {
      return version.change.q >= change.q || version.change.after.empty();
    });
    older.insert(older.end(), versions.begin(), versions.end());
    return older;
  }
  return versions;
}

// What git says of each line of the content.
void add_git(const BlameOptions& options, Blame& blame) {
  if (!options.repository) return;
  git::BlameOptions git_options;
  git_options.revision = options.revision;
  if (options.revision.empty()) git_options.contents = options.content;
  auto from_git = git::blame(*options.repository, options.path, git_options);
  if (!from_git) return;  // git does not track it
  size_t count = std::min(from_git->lines.size(), blame.lines.size());
  for (size_t i = 0; i < count; ++i) {
    const git::BlameLine& line = from_git->lines[i];
    const git::BlameCommit& commit = from_git->commits[line.commit];
    std::string id = commit.id.hex();
    if (id.find_first_not_of('0') == std::string::npos) continue;  // not committed yet
    BlamedLine& to = blame.lines[i];
    to.commit = id;
    to.author = commit.author.name;
    to.author_time = commit.author.time;
    to.original_line = line.original_line;
    to.summary = commit.summary;
  }
}

}  // namespace

std::string_view to_string(Arrival arrival) {
  switch (arrival) {
    case Arrival::written:
      break;
    case Arrival::moved:
      return "moved";
    case Arrival::copied:
      return "copied";
    case Arrival::renamed:
      return "renamed";
    case Arrival::restored:
      return "restored";
  }
  return "written";
}

Result<Blame> blame(index::Index& index, const BlameOptions& options) {
  Blame result;
  for (std::string_view line : diff::split_lines(options.content)) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    result.lines.push_back({});
    result.lines.back().text = line;
  }
  auto versions = TRY(history(index, options.path, options.worktree));
  result.recorded = !versions.empty();
  add_git(options, result);

  // Lines that no version brought: there is nothing recorded that explains them.
  constexpr uint32_t kUnseen = UINT32_MAX;
  LineOwners owners;
  bool broken = false;
  for (uint32_t i = 0; i < versions.size(); ++i) {
    const model::Change& change = versions[i].change;
    if (change.after.empty()) {
      owners.add_absence();
      continue;
    }
    if (change.skipped || change.withheld) continue;
    auto content = index.contents().get(change.after);
    if (!content) {
      broken = true;
      continue;
    }
    owners.add_version(*content, change.after.hex(), LineOrigin{i});
  }
  std::vector<LineOrigin> origins;
  std::string name = options.content_id.hex();
  if (const auto* known = owners.known(name)) {
    origins = *known;
  } else {
    auto converted = std::ranges::find_if(versions, [&](const model::PathVersion& version) {
      return !version.change.git_id.empty() && version.change.git_id == options.content_id;
    });
    const auto* same =
        converted == versions.end() ? nullptr : owners.known(converted->change.after.hex());
    origins = same && same->size() == result.lines.size()
                  ? *same
                  : owners.align(options.content, LineOrigin{kUnseen});
  }
  for (size_t i = 0; i < result.lines.size() && i < origins.size(); ++i) {
    BlamedLine& line = result.lines[i];
    if (origins[i].version == kUnseen) {
      // A line that git has and no version: git's; one that nobody has was never looked at.
      if (!line.commit.empty()) {
        line.owner.kind = versions.empty() ? OwnerKind::before : OwnerKind::git;
        line.owner.rule = "only git knows the line";
        line.owner.commit = line.commit;
      } else {
        line.owner.kind = OwnerKind::unknown;
        line.owner.rule = broken ? "a version's content is missing" : "not recorded yet";
      }
      continue;
    }
    line.owner = versions[origins[i].version].change.owner;
    line.turn = line.owner.step.turn;
  }
  return result;
}

}  // namespace baton::attribution
