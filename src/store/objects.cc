#include "store/objects.h"

#include <algorithm>
#include <list>
#include <memory>
#include <optional>

#include "store/object_files.h"

namespace baton::store {
namespace {

// A path's versions rest on each other and every tenth on the root of its chains, which must still
// be there when it is wanted again.
constexpr size_t kMaxRecent = 2 * kMaxDeltaDepth;
constexpr size_t kMaxRecentBytes = size_t{32} << 20;   // of all
constexpr size_t kMaxRecentContent = size_t{8} << 20;  // of one

}  // namespace

struct Objects::Impl {
  explicit Impl(const std::string& folder) : directory(folder), files(folder) {}

  std::string directory;
  ObjectFiles files;
  os::File lock, users;
  std::optional<Error> denied;
  Decompressor decompressor;
  // The contents read last: who reads a path's versions in order finds each one's base here.
  using Content = std::shared_ptr<const std::string>;
  std::list<std::pair<ObjectId, Content>> recent;  // newest first
  size_t recent_bytes = 0;

  Content find_recent(const ObjectId& id) {
    auto found = std::ranges::find(recent, id, [](const auto& each) { return each.first; });
    if (found == recent.end()) return nullptr;
    recent.splice(recent.begin(), recent, found);
    return recent.front().second;
  }
  void keep_recent(const ObjectId& id, const Content& content) {
    if (content->size() > kMaxRecentContent) return;
    recent.emplace_front(id, content);
    recent_bytes += content->size();
    while (recent.size() > kMaxRecent || recent_bytes > kMaxRecentBytes) {
      recent_bytes -= recent.back().second->size();
      recent.pop_back();
    }
  }

  // From now on, as long as this lives, nobody takes a content away.
  Status use() {
    if (users.is_open()) return {};
    if (denied) return std::unexpected(*denied);
    auto done = join_users();
    // Who waited in vain once does not wait again.
    if (!done) denied = done.error();
    return done;
  }

  // `begun`: its record is there, whatever it rests on.
  Result<Content> read(const ObjectId& id, const BorrowedReader& borrowed, bool& begun);

  Status join_users() {
    std::string path = os::join(directory, kObjectsUsersName);
    auto file = os::open_file(path, os::Open::read);
    if (!file && file.error().kind == ErrorKind::not_found) {
      file = os::open_file(path, os::Open::read_write_create);
    }
    if (!file) return std::unexpected(file.error());
    TRY(os::lock_file(*file, os::LockMode::shared, kObjectsLockUs));
    users = std::move(*file);
    return {};
  }
};

std::string take(std::shared_ptr<const std::string> content) {
  // All of them are made as strings that are not constant.
  if (content.use_count() == 1) return std::move(const_cast<std::string&>(*content));
  return *content;
}

Objects::Objects(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Objects::~Objects() = default;
Objects::Objects(Objects&&) noexcept = default;
Objects& Objects::operator=(Objects&&) noexcept = default;

Result<Objects> Objects::open(const Store& store) {
  auto impl = std::make_unique<Impl>(store.objects_dir());
  (void)impl->files.lookup.open();  // none yet, or damaged: made anew by the next writer
  return Objects(std::move(impl));
}

bool Objects::contains(const ObjectId& id) {
  return impl_->use() && impl_->files.find(id).has_value();
}

Status Objects::put(const ObjectId& id, std::string_view content,
                    const std::optional<DeltaBase>& base) {
  if (content.size() > kMaxObject) return fail(ErrorKind::limit, "an object is too large to store");
  TRY(impl_->use());
  if (impl_->files.find(id)) return {};

  int depth = 0;
  ObjectId base_id;
  std::string data;
  if (base && base->id != id && !base->content.empty() && !content.empty()) {
    auto stored = impl_->files.find(base->id);
    depth = stored ? stored->second.depth + 1 : 1;
    base_id = base->id;
    if (depth <= kMaxDeltaDepth) {
      data = compress_content(content, base->content);
    } else {
      // The chain is as long as readers should have to follow: go back to its root if it is ours.
      RecordHead root = stored->second;
      while (root.depth > 0) {
        auto before = impl_->files.find(root.base);
        if (!before) break;
        root = before->second;
      }
      depth = 0;
      if (root.depth == 0) {
        if (auto root_content = get(root.id)) {
          depth = 1;
          base_id = root.id;
          data = compress_content(content, *root_content);
        }
      }
    }
  }
  // A delta that saves little is not worth a reader's second look-up.
  if (depth == 0 || data.empty() || data.size() * 2 > content.size()) {
    std::string whole = compress_content(content, {});
    if (depth == 0 || data.empty() || whole.size() <= data.size() * 5 / 4) {
      depth = 0;
      base_id = {};
      data = std::move(whole);
    }
  }
  std::string record = encode_record(depth, id, base_id, content.size(), data);

  if (!impl_->lock.is_open()) {
    impl_->lock = TRY(
        os::open_file(os::join(impl_->directory, kObjectsLockName), os::Open::read_write_create));
  }
  TRY(os::lock_file(impl_->lock, os::LockMode::exclusive, kObjectsLockUs));
  // Content that was git's when others were stored as deltas against it comes back as a version of
  // its own when an edit is undone: as a delta against one of those it would close a circle.
  if (depth > 0 && impl_->files.rests_on(base_id, id)) {
    record = encode_record(0, id, {}, content.size(), compress_content(content, {}));
  }
  auto done = impl_->files.append(id, record);
  os::unlock_file(impl_->lock);
  return done;
}

Result<std::string> Objects::get(const ObjectId& id, const BorrowedReader& borrowed) {
  return take(TRY(share(id, borrowed)));
}

Result<std::shared_ptr<const std::string>> Objects::share(const ObjectId& id,
                                                          const BorrowedReader& borrowed) {
  bool begun = false;
  auto content = impl_->read(id, borrowed, begun);
  if (content || !begun || content.error().kind != ErrorKind::not_found) return content;
  // Stored anew and moved meanwhile: an old segment that is still open names a base that went.
  if (!impl_->files.lookup.open()) return content;
  return impl_->read(id, borrowed, begun);
}

Result<Objects::Impl::Content> Objects::Impl::read(const ObjectId& id,
                                                   const BorrowedReader& borrowed, bool& begun) {
  // Follow the chain down to what is whole, then decompress upwards.
  std::vector<std::pair<RecordHead, std::string>> chain;
  Content content;
  ObjectId wanted = id;
  auto hold = [](std::string bytes) { return std::make_shared<std::string>(std::move(bytes)); };
  for (;;) {
    content = find_recent(wanted);
    if (content) {
      if (chain.empty()) return content;
      break;
    }
    auto found = files.find_for_reader(wanted);
    if (!found) {
      if (chain.empty()) return fail(ErrorKind::not_found, "no object " + id.hex());
      if (!borrowed) {
        return fail(ErrorKind::not_found, "object " + id.hex() + " needs " + wanted.hex());
      }
      content = hold(TRY(borrowed(wanted)));
      break;
    }
    begun = true;
    auto& [place, head] = *found;
    std::string bytes = TRY(files.segments.record(place, head));
    std::string_view view(bytes);
    if (!is_record(view, head)) {
      return fail(ErrorKind::damage, "object " + wanted.hex() + " is damaged in '" +
                                         files.segments.path(place.segment) + "' at byte " +
                                         std::to_string(place.offset));
    }
    if (head.depth == 0) {
      content = hold(
          TRY(decompress_content(decompressor, view.substr(head.head_size), {}, head.raw_size)));
      keep_recent(wanted, content);
      if (chain.empty()) return content;
      break;
    }
    if (chain.size() > 255) return fail(ErrorKind::damage, "a delta chain never ends");
    wanted = head.base;
    chain.emplace_back(head, bytes.substr(head.head_size));
  }
  while (!chain.empty()) {
    auto& [head, data] = chain.back();
    content = hold(TRY(decompress_content(decompressor, data, *content, head.raw_size)));
    chain.pop_back();
  }
  keep_recent(id, content);
  return content;
}

Status Objects::each_record(const std::function<bool(const Record&, const Error*)>& each) {
  for (uint32_t number : TRY(impl_->files.segments.open_all())) {
    bool go_on = true;
    auto whole = [&](Place place, const RecordHead& head) {
      if (!go_on) return;
      Record record{head.id, head.base, head.raw_size, head.size(), place.segment, place.offset};
      go_on = each(record, nullptr);
    };
    auto damaged = [&](Place place, uint64_t length) {
      if (!go_on) return;
      Error problem{ErrorKind::damage,
                    "'" + impl_->files.segments.path(number) + "' has " + std::to_string(length) +
                        " bytes that are no record, from byte " + std::to_string(place.offset),
                    {}};
      Record record;
      record.segment = number;
      record.offset = place.offset;
      record.stored_size = length;
      go_on = each(record, &problem);
    };
    TRY(impl_->files.segments.scan({number, 0}, whole, damaged));
    if (!go_on) return {};
  }
  return {};
}

Status Objects::rebuild_lookup() {
  return impl_->files.rebuild();
}

Status Objects::sync() {
  uint32_t newest = impl_->files.lookup.covered().segment;
  if (newest == 0) return {};
  return impl_->files.flush_segment(newest);
}

}  // namespace baton::store
