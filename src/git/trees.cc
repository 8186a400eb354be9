#include "git/trees.h"

#include "git/command_line.h"

namespace baton::git {
namespace {

constexpr size_t kMaxFolders = 4096;  // kept at a time
constexpr uint32_t kTypeBits = 0170000;
constexpr uint32_t kFolderType = 0040000;

Error damaged(const ObjectId& tree) {
  return {ErrorKind::damage, "git's tree " + tree.hex() + " cannot be read"};
}

}  // namespace

Result<const Trees::Folder*> Trees::folder(const ObjectId& tree) {
  auto known = folders_.find(tree);
  if (known != folders_.end()) return &known->second;
  return take(TRY(reader_.read(tree.hex())));
}

Result<const Trees::Folder*> Trees::take(const Object& object) {
  const ObjectId& tree = object.info.id;
  if (object.info.type != "tree") return std::unexpected(damaged(tree));
  Folder folder;
  std::string_view rest = object.content;
  while (!rest.empty()) {
    size_t space = rest.find(' ');
    size_t end = rest.find('\0');
    if (space == std::string_view::npos || end == std::string_view::npos || space > end ||
        rest.size() - end - 1 < tree.size) {
      return std::unexpected(damaged(tree));
    }
    TreeEntry entry;
    for (char digit : rest.substr(0, space)) {
      if (digit < '0' || digit > '7') return std::unexpected(damaged(tree));
      entry.mode = entry.mode * 8 + static_cast<uint32_t>(digit - '0');
    }
    std::string name(rest.substr(space + 1, end - space - 1));
    entry.id = ObjectId::from_bytes(rest.substr(end + 1, tree.size));
    folder.emplace(std::move(name), std::move(entry));
    rest.remove_prefix(end + 1 + tree.size);
  }
  if (folders_.size() >= kMaxFolders) folders_.clear();
  return &folders_.emplace(tree, std::move(folder)).first->second;
}

Result<ObjectId> Trees::root(std::string_view revision) {
  TRY(check_name(revision));
  Object object = TRY(reader_.read(std::string(revision) + "^{tree}"));
  if (!folders_.contains(object.info.id)) TRY(take(object));
  return object.info.id;
}

Result<std::optional<TreeEntry>> Trees::entry(const ObjectId& tree, std::string_view path) {
  ObjectId at = tree;
  for (std::string_view rest = path;;) {
    const Folder* names = TRY(folder(at));
    size_t slash = rest.find('/');
    auto found = names->find(rest.substr(0, slash));
    if (found == names->end()) return std::nullopt;
    if (slash == std::string_view::npos) {
      TreeEntry entry = found->second;
      entry.path = path;
      return entry;
    }
    if ((found->second.mode & kTypeBits) != kFolderType) return std::nullopt;
    at = found->second.id;
    rest.remove_prefix(slash + 1);
  }
}

}  // namespace baton::git
