#pragma once

// What was last seen of every file and directory of one worktree. A cache: losing it costs a look
// at every file, never history. One file with a hash table, changed in place entry by entry, so
// that a hook that names one path touches a few hundred bytes whatever the size of the repository
// (docs/format/manifest.md).
//
// Readers map it and need no lock: an entry that is caught half written fails its check and counts
// as not known. Writers hold the worktree's lock (worktree/worktree.h).

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "os/file.h"

namespace baton::store {

// Why a path's content is not recorded.
enum class SkipReason : uint8_t {
  none,
  fifo,
  socket,
  device,
  unreadable,
  large,
  bulk,
  withheld,
  vanished,
  nested,
};
std::string_view to_string(SkipReason reason);

struct ManifestEntry {
  os::FileType type = os::FileType::none;
  uint16_t permissions = 0;
  bool unsettled = false;  // looked at within the clock's granularity of its mtime: look again
  bool borrowed = false;   // git's pinned base tree holds the content
  bool converted = false;  // git stores another content than lies on disk
  bool tracked = false;    // in git's index when last read
  SkipReason skipped = SkipReason::none;
  uint64_t size = 0;
  int64_t mtime_ns = 0;
  int64_t ctime_ns = 0;
  uint64_t inode = 0;
  ObjectId id;  // of the content; of a link: of its target. Empty for directories.

  // Whether the file on disk is the one this entry was made from, as far as lstat tells. Entries
  // seeded from git's index know 32 bits of the inode and of the permissions only the owner's x.
  bool same_stat(const os::FileStat& st) const {
    uint32_t mask = (permissions & ~0100u) == 0 ? 0100 : 07777;
    return type == st.type && size == st.size && mtime_ns == st.mtime_ns &&
           ctime_ns == st.ctime_ns &&
           static_cast<uint32_t>(inode) == static_cast<uint32_t>(st.inode) &&
           (permissions & mask) == (st.permissions & mask);
  }
  void set_stat(const os::FileStat& st);
  // git's mode: "100644", "100755", "120000"; "" if there is nothing that can be recorded.
  std::string_view mode() const;
};

// What is known about the worktree as a whole.
struct ManifestInfo {
  bool base_recorded = false;  // the journal has a base record for this manifest
  bool complete = false;       // the last full pass saw everything
  uint32_t cursor = 0;         // where a cut pass goes on
  int64_t pass_time_us = 0;    // when the last complete pass began
  uint64_t new_bytes = 0;      // untracked content that was new to passes cut since then
  uint64_t ignore_digest = 0;  // of the ignore rules that lie outside the tree
  uint64_t reflog_offset = 0;  // where reading logs/HEAD stopped,
  char reflog_last[72] = {};   // and the new id of the line before it
  os::FileStat index_stat;     // of git's index file when it was last read
  char head[72] = {};          // commit that the borrowed contents belong to,
  char tree[72] = {};          // and its tree
  bool pin_due = false;        // git's pin does not hold that tree yet
};

class Manifest {
 public:
  // Opens the manifest in a worktree's store directory; makes an empty one if there is none or it
  // is damaged (`fresh` tells).
  static Result<Manifest> open(const std::string& directory, HashKind hash);
  // Makes a manifest of these files at once, replacing any that is there; their directories get
  // entries that are yet to be listed. Sorted by path.
  static Result<Manifest> build(const std::string& directory, HashKind hash,
                                const std::vector<std::pair<std::string, ManifestEntry>>& files);
  // Only for looking: never creates. ErrorKind::not_found if there is none.
  static Result<Manifest> open_readonly(const std::string& directory);

  bool fresh() const { return fresh_; }

  std::optional<ManifestEntry> find(std::string_view path) const;

  // Entries by number, for whole passes. Numbers are stable; directories come before what is in
  // them. Dead entries have type none.
  uint32_t count() const;
  ManifestEntry entry(uint32_t number) const;
  std::string_view name(uint32_t number) const;  // last part of the path
  uint32_t parent(uint32_t number) const;        // kRoot for those at the top
  // All three at once. False for entries that are not believed.
  bool read(uint32_t number, ManifestEntry& entry, std::string_view& name, uint32_t& parent) const;
  os::FileType type(uint32_t number) const;  // unchecked, for a first look
  std::string path(uint32_t number) const;
  static constexpr uint32_t kRoot = 0xffffffff;

  // Remembers a path; makes entries for its directories (unknown yet, to be listed) as needed.
  Status set(std::string_view path, const ManifestEntry& entry);
  Status set(uint32_t number, const ManifestEntry& entry);
  // Forgets a path: the entry stays, dead, for when the path comes back.
  Status erase(std::string_view path);

  ManifestInfo info() const;
  Status set_info(const ManifestInfo& info);

 private:
  struct Header;
  struct Raw;
  const Header* header() const;
  std::optional<uint32_t> locate(std::string_view path) const;
  Result<uint32_t> locate_or_add(std::string_view path);
  Result<uint32_t> add(uint32_t parent, std::string_view name, uint64_t hash);
  bool raw(uint32_t number, Raw& out) const;
  ManifestEntry decode(const Raw& from) const;
  Status write_raw(uint32_t number, Raw raw);
  Status write_header(const Header& header);
  bool matches(uint32_t number, std::string_view path) const;
  Status remap();
  Status grow(uint32_t capacity, uint64_t arena);
  static Result<Manifest> create(const std::string& directory, HashKind hash);

  std::string file_path_;
  os::File file_;
  os::Mapping map_;
  bool fresh_ = false;
};

}  // namespace baton::store
