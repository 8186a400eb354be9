#include "rollback/conversions.h"

#include "git/checked_out.h"
#include "git/config.h"
#include "git/index_file.h"
#include "os/file.h"

namespace baton::rollback {

Conversions::Conversions(const Here& here)
    : here_(here),
      repository_(*here.worktree->repository),
      attributes_(git::Attributes::load(repository_, git::Config::load(repository_))) {}

Status Conversions::look(const SidesByPath& files) {
  auto index = git::IndexFile::open(repository_);
  if (!index) return {};
  return index->for_each([&](const git::IndexEntry& entry) {
    auto file = files.find(std::string(entry.path));
    if (file == files.end() || !may_differ(file->first, file->second)) return;
    auto st = os::stat_file(os::join(here_.worktree->root, file->first));
    if (st && git::stat_matches(entry, *st) && !index->is_racy(entry)) {
      clean_.emplace(file->first, entry.id);
    }
  });
}

Status Conversions::apply(const std::string& path, const Version& now, Version& then,
                          std::optional<std::string>& content) {
  if (!may_differ(path, {now, then})) return {};
  auto clean = clean_.find(path);
  if (clean != clean_.end() && clean->second == then.id) {
    then.id = now.id;
    return {};
  }
  content = TRY(git::checked_out_content(repository_, then.id, path));
  then.id = blob_id(here_.index->store().hash, *content);
  return {};
}

bool Conversions::may_differ(const std::string& path, const std::pair<Version, Version>& sides) {
  const auto& [now, then] = sides;
  bool plain = then.mode == "100644" || then.mode == "100755";
  return plain && now.id != then.id && attributes_.may_convert(path);
}

}  // namespace baton::rollback
