#pragma once

// Contents by id: from the store's objects, else from git.

#include <memory>
#include <string>

#include "base/hash.h"
#include "base/result.h"
#include "index/git_source.h"
#include "store/objects.h"

namespace baton::index {

class Contents {
 public:
  // `git` may be null; it must live as long as this.
  static Result<Contents> open(const store::Store& store, GitSource* git);

  // ErrorKind::not_found if neither has it, ErrorKind::damage if the store's record is broken. The
  // empty id is an empty content.
  Result<std::string> get(const ObjectId& id);
  // The same without a copy of what is at hand.
  Result<std::shared_ptr<const std::string>> share(const ObjectId& id);
  store::Objects& objects() { return *objects_; }

 private:
  std::unique_ptr<store::Objects> objects_;
  GitSource* git_ = nullptr;
};

}  // namespace baton::index
