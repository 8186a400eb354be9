#pragma once

// git's index (gitformat-index(5)), read from the mapped file: versions 2, 3 and 4, split index,
// sparse index, SHA-1 and SHA-256, with or without a checksum at its end. Nothing is written, no
// git is started. git replaces the file by renaming, so a mapping stays what it was.
//
// Damage is an error (ErrorKind::damage) and so is a required extension that we do not know
// (ErrorKind::newer). The checksum is not verified: hashing 10 MB costs more than all the rest.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "git/repository.h"
#include "os/file.h"

namespace baton::git {

constexpr uint64_t kMaxIndexBytes = 4ull << 30;

// File modes that git knows.
constexpr uint32_t kModeFile = 0100644;
constexpr uint32_t kModeExecutable = 0100755;
constexpr uint32_t kModeLink = 0120000;
constexpr uint32_t kModeGitlink = 0160000;  // a submodule
constexpr uint32_t kModeTree = 0040000;     // a directory of a sparse index

struct IndexEntry {
  std::string_view path;  // from the worktree's root; valid until the next entry
  // What lstat said when git last looked, cut to 32 bits. Nanoseconds are 0 in some writers' files.
  uint32_t ctime_s = 0, ctime_ns = 0;
  uint32_t mtime_s = 0, mtime_ns = 0;
  uint32_t device = 0, inode = 0;
  uint32_t mode = 0;  // one of the above
  uint32_t uid = 0, gid = 0;
  uint32_t size = 0;
  ObjectId id;
  uint8_t stage = 0;  // 0, or 1 to 3 in a conflict
  bool assume_valid = false;
  bool skip_worktree = false;  // not on disk by intent (sparse checkout)
  bool intent_to_add = false;  // `git add -N`: known by name only
  bool is_sparse_dir = false;  // stands for a whole tree; `path` ends with '/'
};

// Where a worktree has it.
std::string index_path(const Repository& repository);

class IndexFile {
 public:
  // The index of the worktree. One that does not exist is empty: `exists()` is false.
  static Result<IndexFile> open(const Repository& repository);
  // From bytes in memory, which must outlive the object. `base` is the shared index that a split
  // index refers to.
  static Result<IndexFile> parse(std::string_view bytes, HashKind hash, std::string_view base = {});

  bool exists() const { return exists_; }
  // The file itself when it was opened. Its mtime decides which entries are racy.
  const os::FileStat& stat() const { return stat_; }
  // At most this many entries will come (a split index may have fewer).
  size_t size_hint() const { return own_.count + base_.count; }
  bool is_sparse() const { return sparse_; }
  // The tree that the whole index stands for, if git left it in the cache: then it is what a commit
  // made now would hold.
  const std::optional<ObjectId>& cached_tree() const { return cached_tree_; }

  // Calls `take(const IndexEntry&)` for each entry in git's order (bytes of the path, then stage).
  template <class Take>
  Status for_each(Take&& take) const {
    Walk walk(*this);
    while (walk.next()) take(walk.entry());
    return walk.status();
  }

  // The entry of a path (stage 0; in a conflict the lowest stage), by a walk from the start. The
  // entry's path is a view of `path`.
  Result<std::optional<IndexEntry>> find(std::string_view path) const;

  // Whether the entry's stat data cannot prove that the content is unchanged: the file was modified
  // in the same tick, or later, as the index was written (git's racy entries).
  bool is_racy(const IndexEntry& entry) const;

 private:
  // The entries of one index file, as they lie in it.
  struct Section {
    std::string_view bytes;  // the first entry on, up to the trailing checksum
    uint32_t version = 0;
    uint32_t count = 0;
  };

  // A place in one file's entries.
  class Cursor {
   public:
    Cursor(const Section& section, HashKind hash);
    // Decodes the next entry; false at the end or at damage.
    bool next();
    bool done() const { return left_ == 0; }
    size_t offset() const { return at_; }
    const char* damage = nullptr;
    IndexEntry entry;

   private:
    bool fail_with(const char* what);
    std::string_view bytes_;
    size_t at_ = 0;
    uint32_t version_;
    uint32_t left_;
    uint32_t id_size_;
    std::string path_;  // version 4 builds each path from the one before
  };

  // The entries of the index as a whole: those of the file, or of a split index merged.
  class Walk {
   public:
    explicit Walk(const IndexFile& index);
    bool next();
    const IndexEntry& entry() const { return *current_; }
    Status status() const;

   private:
    bool next_base();
    const IndexFile& index_;
    Cursor own_, base_;
    Cursor replacing_;  // entries of the split index that replace, by number, some of the base
    bool have_own_ = false, have_base_ = false;
    bool take_own_ = false, take_base_ = false;
    uint32_t base_number_ = 0;  // of the next base entry
    IndexEntry merged_;
    const IndexEntry* current_ = nullptr;
    const char* damage_ = nullptr;
  };

  IndexFile() = default;
  Status read(std::string_view bytes, bool is_base);
  Status read_extensions(std::string_view bytes, bool is_base);
  Status read_link(std::string_view bytes);
  bool in(const std::vector<uint64_t>& bits, uint32_t number) const {
    return number / 64 < bits.size() && (bits[number / 64] >> (number % 64) & 1);
  }

  HashKind hash_ = HashKind::sha1;
  bool exists_ = false;
  bool sparse_ = false;
  os::FileStat stat_;
  os::Mapping mapping_, base_mapping_;
  Section own_, base_;
  std::optional<ObjectId> cached_tree_;
  ObjectId base_id_;                          // empty: not split
  std::vector<uint64_t> deleted_, replaced_;  // numbers of base entries
  uint32_t replacements_ = 0;
};

// Whether what lstat says now is what the index recorded, for a regular file or link: size, times,
// inode, owner, type and executable bit. Stricter than git where git may be told to be lax: no
// nanoseconds in the index, no match.
bool stat_matches(const IndexEntry& entry, const os::FileStat& stat);

}  // namespace baton::git
