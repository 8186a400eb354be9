#include "index/contents.h"

#include "base/bytes.h"

namespace baton::index {

Result<Contents> Contents::open(const store::Store& store, GitSource* git) {
  Contents contents;
  contents.objects_ = std::make_unique<store::Objects>(TRY(store::Objects::open(store)));
  contents.git_ = git;
  contents.store_ = store;
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
  auto whole = borrowed(id);
  if (whole) return std::make_shared<std::string>(std::move(*whole));
  if (thinned(id)) return fail(ErrorKind::not_found, why_missing(id));
  return std::unexpected(whole.error());
}

Result<std::string> Contents::text(const ObjectId& id) {
  return store::take(TRY(share_text(id)));
}

Result<std::shared_ptr<const std::string>> Contents::share_text(const ObjectId& id) {
  auto content = share(id);
  bool binary = content ? looks_binary(**content)
                        : content.error().kind == ErrorKind::not_found && thinned(id) != nullptr;
  if (!binary) return content;
  return std::make_shared<std::string>(1, '\0');
}

const store::Thinned* Contents::thinned(const ObjectId& id) {
  if (!thinned_) {
    auto read = store::read_thinned(store_);
    thinned_ = read ? std::move(*read) : store::ThinnedContents();
  }
  auto found = thinned_->find(id);
  return found == thinned_->end() ? nullptr : &found->second;
}

std::string Contents::why_missing(const ObjectId& id) {
  const store::Thinned* thinned = this->thinned(id);
  if (thinned == nullptr) return "content is not recorded";
  return "content was thinned for the budget on " + format_utc(thinned->time).substr(0, 10);
}

}  // namespace baton::index
