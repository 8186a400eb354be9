#pragma once

// Objects of git by name.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"
#include "git/repository.h"
#include "os/process.h"

namespace baton::git {

constexpr uint64_t kMaxObjectBytes = 1ull << 30;

struct ObjectInfo {
  ObjectId id;
  std::string type;  // "blob", "tree", "commit", "tag"
  uint64_t size = 0;
};

struct Object {
  ObjectInfo info;
  std::string content;
};

// Objects by name, from a `git cat-file --batch` that is started at the first question and lives as
// long as this object: some 20 microseconds a question. A name is anything that names an object:
// "HEAD", an id, "v1.0^{tree}", "main:dir/file".
class ObjectReader {
 public:
  explicit ObjectReader(const Repository& repository) : repository_(repository) {}

  Result<ObjectInfo> info(std::string_view name);
  // Whether git answers here at all: it may refuse the folder (safe.directory), or not be there.
  bool answers();
  // ErrorKind::limit over `max_bytes`.
  Result<Object> read(std::string_view name, uint64_t max_bytes = kMaxObjectBytes);
  // The content of a blob.
  Result<std::string> blob(const ObjectId& id, uint64_t max_bytes = kMaxObjectBytes);
  // The commit that a revision leads to, through tags.
  Result<ObjectId> commit(std::string_view revision);
  // The tree of a revision.
  Result<ObjectId> tree(std::string_view revision);

 private:
  Result<ObjectInfo> ask(os::Child& child, std::string_view mode, std::string_view name);
  Repository repository_;
  os::Child contents_, infos_;
};

// One revision, without keeping a process: ObjectReader is better for several.
Result<ObjectId> resolve_commit(const Repository& repository, std::string_view revision);

}  // namespace baton::git
