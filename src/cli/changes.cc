#include "cli/changes.h"

#include <algorithm>
#include <map>

#include "index/contents.h"

namespace baton::cli {
namespace {

// One path's changes that hang together.
struct Chain {
  model::Change first, last;
  std::vector<model::Owner> owners;
  bool withheld = false;
};

bool same_side(const ObjectId& a, const std::string& a_mode, const ObjectId& b,
               const std::string& b_mode) {
  return a == b && a_mode == b_mode;
}

void add_owner(std::vector<model::Owner>& owners, const model::Owner& owner) {
  bool known = std::ranges::any_of(owners, [&](const model::Owner& other) {
    return other.kind == owner.kind && other.evidence == owner.evidence && other.step == owner.step;
  });
  if (!known) owners.push_back(owner);
}

}  // namespace

std::optional<std::string> load_content(index::Index& index, const ObjectId& id, bool withheld,
                                        std::string& note) {
  auto content = index.contents().get(id);
  if (content) return std::move(*content);
  note = withheld                                       ? "withheld: it may hold credentials"
         : content.error().kind == ErrorKind::not_found ? index.contents().why_missing(id)
                                                        : content.error().message;
  return std::nullopt;
}

std::vector<render::FileChange> load_changes(index::Index& index,
                                             const std::vector<model::Change>& changes,
                                             const index::Pathspec& paths) {
  std::map<std::string, std::vector<Chain>> chains;
  for (const model::Change& change : changes) {
    if (change.skipped || !paths.matches(change.path)) continue;
    auto& of_path = chains[change.path];
    bool follows =
        !of_path.empty() && same_side(of_path.back().last.after, of_path.back().last.after_mode,
                                      change.before, change.before_mode);
    if (!follows) of_path.push_back({change, change, {}, false});
    Chain& chain = of_path.back();
    chain.last = change;
    chain.withheld = chain.withheld || change.withheld;
    add_owner(chain.owners, change.owner);
  }
  std::vector<render::FileChange> files;
  for (const auto& [path, of_path] : chains) {
    for (const Chain& chain : of_path) {
      if (same_side(chain.first.before, chain.first.before_mode, chain.last.after,
                    chain.last.after_mode)) {
        continue;
      }
      render::FileChange file;
      file.path = path;
      file.old_mode = chain.first.before_mode;
      file.new_mode = chain.last.after_mode;
      file.old_id = chain.first.before;
      file.new_id = chain.last.after;
      file.owners = chain.owners;
      if (!file.old_mode.empty()) {
        file.old_content = load_content(index, file.old_id, chain.withheld, file.note);
      }
      if (!file.new_mode.empty()) {
        file.new_content = load_content(index, file.new_id, chain.withheld, file.note);
      }
      files.push_back(std::move(file));
    }
  }
  return files;
}

}  // namespace baton::cli
