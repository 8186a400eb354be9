#include "index/nearest.h"

#include "index/contents.h"
#include "index/queries.h"

namespace baton::index {
namespace {

using model::PathVersion;

std::string name_of(const PathVersion& version) {
  if (!version.change.owner.step.empty()) return version.change.owner.step.address();
  return format_utc(version.change.seen);
}

}  // namespace

std::string nearest_kept(Index& index, std::string_view worktree, std::string_view path,
                         const ObjectId& id) {
  auto versions = index::versions(index, path, worktree);
  if (!versions) return {};
  Contents& contents = index.contents();
  auto is_kept = [&](const PathVersion& version) {
    const ObjectId& after = version.change.after;
    if (after.empty() || version.change.skipped || version.change.withheld) return false;
    return contents.thinned(after) == nullptr || contents.get(after).has_value();
  };
  size_t at = versions->size();
  while (at > 0 && (*versions)[at - 1].change.after != id) --at;
  if (at-- == 0) return {};
  std::string text;
  for (size_t i = at; i-- > 0;) {
    if (!is_kept((*versions)[i])) continue;
    text = name_of((*versions)[i]) + " before it";
    break;
  }
  for (size_t i = at + 1; i < versions->size(); ++i) {
    if (!is_kept((*versions)[i])) continue;
    text += (text.empty() ? "" : ", ") + name_of((*versions)[i]) + " after it";
    break;
  }
  return text;
}

}  // namespace baton::index
