#include "index/contents.h"

namespace baton::index {

Result<Contents> Contents::open(const store::Store& store, GitSource* git) {
  Contents contents;
  contents.objects_ = std::make_unique<store::Objects>(TRY(store::Objects::open(store)));
  contents.git_ = git;
  return contents;
}

Result<std::string> Contents::get(const ObjectId& id) {
  return store::take(TRY(share(id)));
}

Result<std::shared_ptr<const std::string>> Contents::share(const ObjectId& id) {
  if (id.empty()) return std::make_shared<std::string>();
  auto borrowed = [this](const ObjectId& base) -> Result<std::string> {
    if (git_ == nullptr) return fail(ErrorKind::not_found, "no object " + base.hex());
    return git_->blob(base);
  };
  auto content = objects_->share(id, borrowed);
  if (content || content.error().kind != ErrorKind::not_found) return content;
  return std::make_shared<std::string>(TRY(borrowed(id)));
}

}  // namespace baton::index
