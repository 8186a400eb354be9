#include "cli/file_target.h"

#include <algorithm>

#include "base/bytes.h"
#include "cli/reading.h"
#include "git/index_file.h"
#include "git/object_reader.h"
#include "git/tree_listing.h"
#include "index/contents.h"
#include "index/pathspec.h"
#include "index/queries.h"
#include "index/state.h"
#include "os/file.h"
#include "record/record.h"

namespace baton::cli {
namespace {

constexpr uint64_t kMaxFile = 256u << 20;

// The path from the worktree's root. ErrorKind::usage if it leads out of it.
Result<std::string> path_in(const std::string& root, const std::string& cwd,
                            const std::string& path) {
  if (path.empty()) return fail(ErrorKind::usage, "an empty path");
  std::string full = os::normalize(cwd, path);
  auto below = index::path_below(root, full);
  if (below && !below->empty()) return *below;
  if (below) return fail(ErrorKind::usage, "'" + path + "' is a folder, not a file");
  return fail(ErrorKind::usage, "'" + path + "' lies outside of '" + root + "'");
}

// The outermost folder on the way to `path`, or itself, that is a repository of its own; "" if none
// is.
std::string inner_repository(const std::string& root, const std::string& path) {
  for (size_t end = path.find('/');; end = path.find('/', end + 1)) {
    std::string folder = path.substr(0, end);
    auto git = os::stat_file(os::join(os::join(root, folder), ".git"));
    if (git && git->exists()) return folder;
    if (end == std::string::npos) return {};
  }
}

Status check_working_tree_path(const std::string& root, const std::string& path,
                               const std::string& written) {
  if (path == ".git" || path.starts_with(".git/")) {
    return fail(ErrorKind::usage, "'" + written + "' is git's own");
  }
  std::string inner = inner_repository(root, path);
  if (inner == path) return fail(ErrorKind::usage, "'" + written + "' is a repository of its own");
  if (!inner.empty()) {
    return fail(ErrorKind::usage, "'" + written + "' belongs to a repository of its own",
                "run it inside '" + inner + "'");
  }
  return {};
}

struct Split {
  std::string path, lines;
};

// "a.c:12" is line 12 of a.c, "a.c:12:5" too (column 5), "a.c:10,20" and "a.c:10-20" some lines of
// it. All that it may mean, as much of it as possible a path.
std::vector<Split> split_lines_off(const std::string& path) {
  auto is_number = [](std::string_view text) {
    return !text.empty() && text.size() < 19 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  };
  std::vector<Split> found;
  size_t colon = path.rfind(':');
  if (colon == std::string::npos || colon == 0) return found;
  std::string tail = path.substr(colon + 1);
  size_t comma = tail.find_first_of(",-");
  if (!is_number(std::string_view(tail).substr(0, comma))) return found;
  if (comma != std::string::npos) {
    std::string_view second = std::string_view(tail).substr(comma + 1);
    if (second.starts_with('+')) second.remove_prefix(1);
    if (!is_number(second)) return found;
    tail[comma] = ',';
  }
  found.push_back({path.substr(0, colon), tail});
  size_t before = path.rfind(':', colon - 1);
  if (comma != std::string::npos || before == std::string::npos || before == 0) return found;
  std::string number = path.substr(before + 1, colon - before - 1);
  if (is_number(number)) found.push_back({path.substr(0, before), number});
  return found;
}

Result<std::string> read_worktree_file(const std::string& file, const std::string& path) {
  auto stat = TRY(os::stat_file(file));
  if (stat.type == os::FileType::link) return os::read_link(file);
  if (!stat.exists()) return fail(ErrorKind::not_found, "no file '" + path + "' here");
  if (stat.type == os::FileType::directory) {
    return fail(ErrorKind::usage, "'" + path + "' is a folder, not a file");
  }
  if (path.ends_with('/')) return fail(ErrorKind::not_found, "no folder '" + path + "' here");
  if (stat.type != os::FileType::regular) {
    return fail(ErrorKind::usage, "'" + path + "' is no file");
  }
  return os::read_file(file, kMaxFile);
}

class Finder {
 public:
  Finder(Front& front, index::Index* index) : front_(front), index_(index) {}

  Result<FileTarget> find(const std::string& revision, const std::string& path) {
    auto place = front_.place();
    if (!place && !front_.repository()) return std::unexpected(place.error());
    target_.root = place ? (*place)->root : front_.repository()->worktree_root;
    hash_ = place ? (*place)->store.hash : front_.repository()->hash;
    if (place) target_.worktree = front_.worktree();
    if (!revision.empty()) TRY(take_revision(revision));
    auto found = load(path);
    if (found || found.error().kind != ErrorKind::not_found) {
      if (!found) return std::unexpected(found.error());
      return std::move(target_);
    }
    for (const Split& split : split_lines_off(path)) {
      auto without = load(split.path);
      if (without) {
        target_.lines = split.lines;
        return std::move(target_);
      }
      if (without.error().kind != ErrorKind::not_found) return std::unexpected(without.error());
      found = std::move(without);
    }
    // "c7f2.14:PATH" or "REV:PATH" in one word.
    size_t colon = path.find(':');
    if (revision.empty() && colon != std::string::npos && colon > 0) {
      Finder inner(front_, index_);
      std::string before = path.substr(0, colon), behind = path.substr(colon + 1);
      if (before == "git") {
        size_t next = behind.find(':');
        if (next == std::string::npos) return std::unexpected(found.error());
        before += ":" + behind.substr(0, next);
        behind.erase(0, next + 1);
      }
      auto whole = inner.find(before, behind);
      if (whole) return whole;
    }
    return std::unexpected(found.error());
  }

 private:
  Status take_revision(const std::string& word) {
    bool ours = index_ && !word.starts_with("git:");
    std::string plain = word.starts_with("git:") ? word.substr(4) : word;
    size_t dots = plain.find("..");
    if (dots != std::string::npos) {
      if (plain.substr(dots).starts_with("...")) {
        return fail(ErrorKind::usage, "'" + word + "' is no state of a file",
                    "write REV, FROM..TO or the address of a step");
      }
      std::string from = plain.substr(0, dots), to = plain.substr(dots + 2);
      target_.since_revision = TRY(commit(from.empty() ? "HEAD" : from, word));
      target_.revision = TRY(commit(to.empty() ? "HEAD" : to, word));
      name_ = word;
      return {};
    }
    name_ = word;
    if (ours && word.ends_with("^")) {
      std::string shorter = word.substr(0, word.size() - 1);
      if (auto address = index::resolve(*index_, shorter, false)) {
        position_ = TRY(index::span(*index_, *address)).before;
        return take_position(word);
      }
    }
    if (ours) {
      auto address = index::resolve(*index_, word, true);
      if (!address && address.error().kind != ErrorKind::not_found) {
        return std::unexpected(address.error());
      }
      if (address && address->kind != index::Address::Kind::revision) {
        if (address->kind == index::Address::Kind::path) {
          return fail(ErrorKind::usage, "'" + word + "' is a file already");
        }
        position_ = TRY(index::span(*index_, *address)).after;
        return take_position(word);
      }
    }
    target_.revision = TRY(commit(plain, word));
    return {};
  }

  Status take_position(const std::string& word) {
    if (!position_.known()) {
      return fail(ErrorKind::not_found,
                  "the files at '" + word + "' are not known: no look at them was recorded");
    }
    target_.moment = word;
    target_.worktree = position_.worktree;
    return {};
  }

  Result<std::string> commit(const std::string& revision, const std::string& word) {
    if (!front_.repository()) {
      return fail(ErrorKind::not_found, "no step '" + word + "', and no git repository here");
    }
    git::ObjectReader reader(*front_.repository());
    auto id = reader.commit(revision);
    if (id) return id->hex();
    if (id.error().kind == ErrorKind::io) return std::unexpected(id.error());
    return fail(ErrorKind::not_found, index_ ? "'" + word + "' is neither a git revision nor a step"
                                             : "no revision '" + word + "'");
  }

  Status load(const std::string& written) {
    target_.written = written;
    target_.path = TRY(path_in(target_.root, front_.cwd(), written));
    if (target_.of_working_tree()) {
      TRY(check_working_tree_path(target_.root, target_.path, written));
      target_.content = TRY(read_worktree_file(os::join(target_.root, target_.path), written));
      target_.id = blob_id(hash_, target_.content);
      return {};
    }
    auto missing = [&] {
      return fail(ErrorKind::not_found, "'" + target_.path + "' is not in '" + name_ + "'");
    };
    if (!target_.revision.empty()) {
      // Not "REV:PATH": a name may hold a newline.
      auto id = ObjectId::from_hex(target_.revision);
      auto entries = TRY(git::ls_tree(*front_.repository(), *id, false, target_.path));
      if (entries.empty()) return missing();
      if (entries[0].mode == git::kModeTree) {
        return fail(ErrorKind::usage, "'" + written + "' is a folder, not a file");
      }
      if (entries[0].mode == git::kModeGitlink) {
        return fail(ErrorKind::usage, "'" + written + "' is a repository of its own");
      }
      git::ObjectReader reader(*front_.repository());
      target_.content = TRY(reader.blob(entries[0].id, kMaxFile));
      target_.id = entries[0].id;
      return {};
    }
    auto entry = TRY(index::entry_at(*index_, position_, target_.path));
    if (!entry) return missing();
    if (entry->withheld) {
      return fail(ErrorKind::negative,
                  "'" + target_.path +
                      "' is withheld: it may hold credentials, so its content was "
                      "not recorded");
    }
    target_.id = entry->id;
    auto content = read_version(*index_, target_.path, position_.worktree, *entry);
    const store::Thinned* thinned = content ? nullptr : index_->contents().thinned(entry->id);
    if (thinned == nullptr) {
      target_.content = TRY(std::move(content));
      return {};
    }
    target_.content = TRY(index_->contents().text(entry->id));
    target_.bytes = thinned->size;
    target_.thinned = content.error();
    return {};
  }

  Front& front_;
  index::Index* index_;
  HashKind hash_ = HashKind::sha1;
  FileTarget target_;
  model::Position position_;
  std::string name_;  // the state as the user wrote it
};

}  // namespace

Result<FileTarget> find_file(Front& front, index::Index* index, const std::string& revision,
                             const std::string& path) {
  return Finder(front, index).find(revision, path);
}

Result<FileTarget> find_deleted_file(Front& front, index::Index& index, const std::string& path) {
  FileTarget target;
  target.root = TRY(front.place())->root;
  target.worktree = front.worktree();
  target.written = path;
  target.path = TRY(path_in(target.root, front.cwd(), path));
  auto known = TRY(index::versions(index, target.path, target.worktree));
  if (known.empty()) return fail(ErrorKind::not_found, "no file '" + path + "' here");
  return target;
}

Status look_at_file(Front& front, index::Index& index, const FileTarget& target,
                    std::string_view command) {
  if (front.bundle()) return {};
  auto newest = index::newest(index, target.worktree);
  if (newest && newest->known()) {
    auto entry = index::entry_at(index, *newest, target.path);
    if (entry && (*entry ? (*entry)->id : ObjectId{}) == target.id) return {};
  }
  const worktree::Place& place = *TRY(front.place());
  std::string purpose = "{\"for\":\"" + std::string(command) + "\"}";
  std::string session = "reader-" + format_utc(front.style().now).substr(0, 10);
  auto looked = record::look_for_reader(place.root, session, purpose);
  if (looked.recorded) TRY(index.update());
  return {};
}

}  // namespace baton::cli
