#pragma once

// Looks paths up in trees without starting git for each: reads the tree objects on the way through
// one kept process, each once. Format of a tree object: git's Documentation/gitformat-pack and
// `git help mktree`: "<mode, octal> <name>\0<id>" for each entry.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "git/object_reader.h"
#include "git/tree_listing.h"

namespace baton::git {

class Trees {
 public:
  // `reader` must outlive this.
  explicit Trees(ObjectReader& reader) : reader_(reader) {}

  // The tree of a revision, from the same process.
  Result<ObjectId> root(std::string_view revision);
  // The entry of a path, whatever it is; nothing if the tree does not hold it.
  Result<std::optional<TreeEntry>> entry(const ObjectId& tree, std::string_view path);

 private:
  using Folder = std::map<std::string, TreeEntry, std::less<>>;  // by name
  Result<const Folder*> folder(const ObjectId& tree);
  Result<const Folder*> take(const Object& object);

  ObjectReader& reader_;
  std::map<ObjectId, Folder> folders_;
};

}  // namespace baton::git
