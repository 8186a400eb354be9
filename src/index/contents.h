#pragma once

// Contents by id: from the store's objects, else from git.

#include <memory>
#include <optional>
#include <string>

#include "base/hash.h"
#include "base/result.h"
#include "index/git_source.h"
#include "store/objects.h"
#include "store/thinned.h"

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
  // The content if it is a text. Of a binary one a NUL and nothing else, whether or not it is kept
  // still: what is said of files is the same before and after a budget took some.
  Result<std::string> text(const ObjectId& id);
  Result<std::shared_ptr<const std::string>> share_text(const ObjectId& id);
  // What a budget took, and neither the store nor git has; asked when it is not there.
  const store::Thinned* thinned(const ObjectId& id);
  // Why a content that is not there is not: in one line, without its name.
  std::string why_missing(const ObjectId& id);
  store::Objects& objects() { return *objects_; }

 private:
  std::unique_ptr<store::Objects> objects_;
  store::Store store_;
  std::optional<store::ThinnedContents> thinned_;  // as soon as one was missing
  GitSource* git_ = nullptr;
};

}  // namespace baton::index
