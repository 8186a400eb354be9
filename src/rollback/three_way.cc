#include "rollback/three_way.h"

#include "base/bytes.h"
#include "diff/lines.h"
#include "diff/merge.h"
#include "index/contents.h"

namespace baton::rollback {
namespace {

constexpr std::string_view kLink = "120000";

Conflict conflict_of(const std::string& path, std::string reason) {
  Conflict conflict;
  conflict.path = path;
  conflict.reason = std::move(reason);
  return conflict;
}

std::string merged_mode(const Version& before, const Version& after, const Version& now) {
  return now.mode == after.mode ? before.mode : now.mode;
}

}  // namespace

Result<TakenBack> take_back(index::Index& index, const Run& run, const Version& now,
                            const std::optional<std::string>& content) {
  const std::string& path = run.path;
  const Version &before = run.before, &after = run.after;
  TakenBack result;
  result.version = now;
  result.content = content;
  if (now == before) return result;  // it was taken back already
  if (now == after) {
    result.version = before;
    result.content = run.before_content;
    return result;
  }
  if (now.exists() && before.exists() && now.id == before.id && after.id != before.id) {
    return result;  // the content is; the mode is somebody else's since
  }
  if (!now.exists()) {
    if (!before.exists()) return result;
    result.conflict = conflict_of(path, "removed since");
    return result;
  }
  if (now.mode == kLink || after.mode == kLink || before.mode == kLink) {
    result.conflict = conflict_of(path, "a link, changed since");
    return result;
  }
  if (now.id == after.id) {
    result.version.id = before.id;
    if (!before.exists()) {
      result.version = {};
    } else {
      result.version.mode = merged_mode(before, after, now);
      result.content = run.before_content;
    }
    return result;
  }
  std::string reason = "changed since in the same lines";
  // What others wrote into a file since has nothing to stand in without it.
  if (!before.exists()) reason = "made by what is to be taken back, and changed since";
  if (!after.exists()) reason = "made again since";
  if (before.id == after.id) {
    result.version.mode = merged_mode(before, after, now);
    return result;
  }
  auto text = [&](const Version& version) -> Result<std::string> {
    if (!version.exists()) return std::string();
    return index.contents().text(version.id);
  };
  std::string base = TRY(text(after));
  std::string ours = content ? *content : TRY(index.contents().text(now.id));
  std::string theirs = run.before_content ? *run.before_content : TRY(text(before));
  bool one_side = !before.exists() || !after.exists();
  if (looks_binary(base) || looks_binary(ours) || looks_binary(theirs)) {
    result.conflict = conflict_of(path, one_side ? reason : "binary, changed since");
    return result;
  }
  diff::MergeOptions options;
  options.ours_label = "now";
  options.theirs_label = "taken back";
  diff::Merge merged = diff::merge(base, ours, theirs, options);
  result.version.mode = one_side ? now.mode : merged_mode(before, after, now);
  if (merged.clean() && one_side) {
    result.conflict = conflict_of(path, reason);
    return result;
  }
  if (merged.clean()) {
    HashKind hash = index.store().hash;
    result.version.id = blob_id(hash, merged.text);
    result.content = std::move(merged.text);
    return result;
  }
  Conflict conflict = conflict_of(path, reason);
  auto base_lines = diff::split_lines(base), our_lines = diff::split_lines(ours),
       their_lines = diff::split_lines(theirs);
  for (const diff::Conflict& each : merged.conflicts) {
    ConflictHunk hunk;
    hunk.line = each.ours.begin + 1;
    hunk.now = diff::texts_of(our_lines, each.ours.begin, each.ours.end);
    hunk.taken = diff::texts_of(base_lines, each.base.begin, each.base.end);
    hunk.before = diff::texts_of(their_lines, each.theirs.begin, each.theirs.end);
    conflict.hunks.push_back(std::move(hunk));
  }
  FileChange marked;
  marked.path = path;
  marked.now = now;
  marked.then = {blob_id(index.store().hash, merged.text), result.version.mode};
  marked.content = std::move(merged.text);
  conflict.with_marks = std::move(marked);
  result.conflict = std::move(conflict);
  return result;
}

}  // namespace baton::rollback
