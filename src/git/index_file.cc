#include "git/index_file.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "base/bytes.h"

namespace baton::git {
namespace {

constexpr size_t kHeaderBytes = 12;
constexpr size_t kStatBytes = 40;
constexpr uint32_t kMaxSparePathBytes = 1u << 20;  // a path longer than this is damage

uint16_t be16(const char* at) {
  uint16_t value;
  memcpy(&value, at, sizeof value);
  return __builtin_bswap16(value);
}
uint32_t be32(const char* at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return __builtin_bswap32(value);
}
uint64_t be64(const char* at) {
  uint64_t value;
  memcpy(&value, at, sizeof value);
  return __builtin_bswap64(value);
}

std::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorKind::damage, "git's index is damaged: " + std::string(what));
}

int compare(const IndexEntry& a, const IndexEntry& b) {
  int order = a.path.compare(b.path);
  return order ? order : a.stage - b.stage;
}

// An EWAH bitmap (gitformat-bitmap(5), appendix A): words of 64 bits, big-endian, in runs. A run's
// first word holds: bit 0 the value that is repeated, 32 bits how often, 31 bits how many literal
// words follow. `bytes` moves behind the bitmap. No more than `limit` bits may be set or cleared.
bool read_ewah(std::string_view& bytes, uint64_t limit, std::vector<uint64_t>& bits) {
  if (bytes.size() < 8) return false;
  uint32_t bit_count = be32(bytes.data());
  uint64_t words = be32(bytes.data() + 4);
  if (bit_count > limit || (bytes.size() - 8) / 8 < words) return false;
  size_t end = 8 + words * 8;
  if (bytes.size() < end + 4) return false;
  bits.assign((bit_count + 63) / 64, 0);
  const char* at = bytes.data() + 8;
  const char* last = bytes.data() + end;
  size_t out = 0;
  while (at < last) {
    uint64_t run = be64(at);
    at += 8;
    uint64_t repeat = run >> 1 & 0xffffffff;
    uint64_t literals = run >> 33;
    if (literals > static_cast<uint64_t>(last - at) / 8) return false;
    for (; repeat > 0 && out < bits.size(); --repeat) bits[out++] = run & 1 ? ~0ull : 0;
    for (; literals > 0; --literals, at += 8) {
      if (out < bits.size()) bits[out++] = be64(at);
    }
  }
  if (bit_count % 64 && !bits.empty()) bits.back() &= (1ull << bit_count % 64) - 1;
  bytes.remove_prefix(end + 4);  // the last four: where the last run word is, for writers
  return true;
}

// Where `count` entries end, found without decoding them.
std::optional<size_t> end_of_entries(std::string_view bytes, uint32_t version, uint32_t count,
                                     size_t id_size) {
  const size_t fixed = kStatBytes + id_size + 2;
  size_t at = 0;
  for (; count > 0; --count) {
    if (bytes.size() - at < fixed + 3) return std::nullopt;
    uint16_t flags = be16(bytes.data() + at + fixed - 2);
    size_t name = at + fixed + (flags & 0x4000 ? 2 : 0);
    size_t length = flags & 0xfff;
    if (version == 4) {
      while (name < bytes.size() && bytes[name] & 0x80) ++name;
      ++name;
    }
    if (name >= bytes.size()) return std::nullopt;
    if (version == 4 || length == 0xfff) {
      const void* nul = memchr(bytes.data() + name, 0, bytes.size() - name);
      if (!nul) return std::nullopt;
      length = static_cast<size_t>(static_cast<const char*>(nul) - bytes.data()) - name;
    }
    size_t used = name - at + length;
    at += version == 4 ? used + 1 : (used + 8) & ~size_t{7};
    if (at > bytes.size()) return std::nullopt;
  }
  return at;
}

}  // namespace

IndexFile::Cursor::Cursor(const Section& section, HashKind hash)
    : bytes_(section.bytes),
      version_(section.version),
      left_(section.count),
      id_size_(static_cast<uint32_t>(hash_size(hash))) {}

bool IndexFile::Cursor::fail_with(const char* what) {
  damage = what;
  left_ = 0;
  return false;
}

bool IndexFile::Cursor::next() {
  if (left_ == 0) return false;
  const size_t fixed = kStatBytes + id_size_ + 2;
  // The smallest entry ends with one byte (a NUL) behind the fixed part.
  if (bytes_.size() - at_ < fixed + 1) return fail_with("an entry is cut off");
  const char* p = bytes_.data() + at_;
  entry.ctime_s = be32(p);
  entry.ctime_ns = be32(p + 4);
  entry.mtime_s = be32(p + 8);
  entry.mtime_ns = be32(p + 12);
  entry.device = be32(p + 16);
  entry.inode = be32(p + 20);
  entry.mode = be32(p + 24);
  entry.uid = be32(p + 28);
  entry.gid = be32(p + 32);
  entry.size = be32(p + 36);
  memcpy(entry.id.bytes.data(), p + kStatBytes, id_size_);
  entry.id.size = static_cast<uint8_t>(id_size_);
  uint16_t flags = be16(p + fixed - 2);
  uint16_t more = 0;
  size_t name_at = at_ + fixed;
  if (flags & 0x4000) {
    if (version_ < 3) return fail_with("version 2 with extended flags");
    if (bytes_.size() - name_at < 3) return fail_with("an entry is cut off");
    more = be16(bytes_.data() + name_at);
    name_at += 2;
  }
  entry.assume_valid = flags & 0x8000;
  entry.stage = static_cast<uint8_t>(flags >> 12 & 3);
  entry.skip_worktree = more & 0x4000;
  entry.intent_to_add = more & 0x2000;
  entry.is_sparse_dir = entry.mode == kModeTree;

  if (version_ < 4) {
    size_t length = flags & 0xfff;
    size_t room = bytes_.size() - name_at;
    if (length == 0xfff) {
      const void* nul =
          length < room ? memchr(bytes_.data() + name_at + length, 0, room - length) : nullptr;
      if (!nul) return fail_with("a path has no end");
      length = static_cast<size_t>(static_cast<const char*>(nul) - bytes_.data()) - name_at;
    }
    if (length >= room || bytes_[name_at + length] != 0) return fail_with("a path has no end");
    entry.path = bytes_.substr(name_at, length);
    // Entries are padded with 1 to 8 NULs to a multiple of eight.
    size_t next_at = at_ + ((name_at - at_ + length + 8) & ~size_t{7});
    if (next_at > bytes_.size()) return fail_with("an entry is cut off");
    at_ = next_at;
  } else {
    // How many bytes to drop from the end of the path before (a varint whose continuation bytes
    // count from one), then what to append up to a NUL.
    uint64_t strip = 0;
    for (bool first = true;; first = false) {
      if (name_at >= bytes_.size()) return fail_with("an entry is cut off");
      auto byte = static_cast<unsigned char>(bytes_[name_at++]);
      if (!first) ++strip;
      strip = strip << 7 | (byte & 0x7f);
      if (strip > kMaxSparePathBytes) return fail_with("a path refers to nothing");
      if (!(byte & 0x80)) break;
    }
    if (strip > path_.size()) return fail_with("a path refers to nothing");
    const void* nul = memchr(bytes_.data() + name_at, 0, bytes_.size() - name_at);
    if (!nul) return fail_with("a path has no end");
    size_t length = static_cast<size_t>(static_cast<const char*>(nul) - bytes_.data()) - name_at;
    if (path_.size() - strip + length > kMaxSparePathBytes) return fail_with("a path is too long");
    path_.resize(path_.size() - strip);
    path_.append(bytes_.data() + name_at, length);
    entry.path = path_;
    at_ = name_at + length + 1;
  }
  --left_;
  return true;
}

std::string index_path(const Repository& repository) {
  return repository.git_dir + "/index";
}

Result<IndexFile> IndexFile::open(const Repository& repository) {
  IndexFile index;
  index.hash_ = repository.hash;
  std::string path = index_path(repository);
  auto file = os::open_file(path, os::Open::read);
  if (!file) {
    if (file.error().kind == ErrorKind::not_found) return index;
    return std::unexpected(file.error());
  }
  index.stat_ = TRY(os::stat_open_file(*file));
  if (index.stat_.size > kMaxIndexBytes) return fail(ErrorKind::limit, "git's index is too large");
  index.mapping_ = TRY(os::Mapping::open(*file, index.stat_.size, false));
  TRY(index.read(index.mapping_.view(), false));
  if (!index.base_id_.empty()) {
    std::string base = repository.git_dir + "/sharedindex." + index.base_id_.hex();
    auto base_file = os::open_file(base, os::Open::read);
    if (!base_file && repository.common_dir != repository.git_dir) {
      base_file = os::open_file(repository.common_dir + "/sharedindex." + index.base_id_.hex(),
                                os::Open::read);
    }
    if (!base_file) return std::unexpected(base_file.error());
    uint64_t size = TRY(os::file_size(*base_file));
    if (size > kMaxIndexBytes) return fail(ErrorKind::limit, "git's index is too large");
    index.base_mapping_ = TRY(os::Mapping::open(*base_file, size, false));
    TRY(index.read(index.base_mapping_.view(), true));
  }
  return index;
}

Result<IndexFile> IndexFile::parse(std::string_view bytes, HashKind hash, std::string_view base) {
  IndexFile index;
  index.hash_ = hash;
  TRY(index.read(bytes, false));
  if (!index.base_id_.empty()) TRY(index.read(base, true));
  return index;
}

Status IndexFile::read(std::string_view bytes, bool is_base) {
  const size_t id_size = hash_size(hash_);
  if (bytes.size() < kHeaderBytes + id_size) return damaged("too short");
  if (!bytes.starts_with("DIRC")) return damaged("no signature");
  Section& section = is_base ? base_ : own_;
  section.version = be32(bytes.data() + 4);
  section.count = be32(bytes.data() + 8);
  if (section.version < 2 || section.version > 4) {
    return fail(ErrorKind::newer, "git's index has version " + std::to_string(section.version) +
                                      ", which we do not know");
  }
  section.bytes = bytes.substr(kHeaderBytes, bytes.size() - kHeaderBytes - id_size);
  if (section.count > section.bytes.size() / (kStatBytes + id_size + 3)) {
    return damaged("more entries than bytes");
  }
  exists_ = true;

  // Where the extensions start is known only behind the last entry, unless git left a note of it.
  constexpr size_t kEoieHeader = 8;
  size_t eoie_size = 4 + id_size;
  size_t extensions_at = 0;
  std::string_view body = section.bytes;
  if (body.size() >= kEoieHeader + eoie_size) {
    const char* eoie = body.data() + body.size() - eoie_size - kEoieHeader;
    if (std::string_view(eoie, 4) == "EOIE" && be32(eoie + 4) == eoie_size) {
      size_t at = be32(eoie + 8);
      if (at >= kHeaderBytes && at - kHeaderBytes <= body.size()) extensions_at = at - kHeaderBytes;
      // The hash over the extensions' names and sizes tells a note from chance; the sizes adding
      // up to the end do the same.
      size_t walk = extensions_at;
      while (walk > 0 && walk + 8 <= body.size()) {
        walk += 8 + size_t{be32(body.data() + walk + 4)};  // in 32 bits it could stand still
      }
      if (walk != body.size()) extensions_at = 0;
    }
  }
  if (extensions_at == 0 && section.count > 0) {
    auto end = end_of_entries(body, section.version, section.count, id_size);
    if (!end) return damaged("an entry is cut off");
    extensions_at = *end;
  }
  TRY(read_extensions(body.substr(extensions_at), is_base));
  section.bytes = body.substr(0, extensions_at);
  return {};
}

Status IndexFile::read_extensions(std::string_view bytes, bool is_base) {
  while (!bytes.empty()) {
    if (bytes.size() < 8) return damaged("an extension is cut off");
    std::string_view name = bytes.substr(0, 4);
    size_t size = be32(bytes.data() + 4);
    if (size > bytes.size() - 8) return damaged("an extension is cut off");
    std::string_view content = bytes.substr(8, size);
    if (name == "link") {
      if (is_base) return damaged("a shared index refers to another");
      TRY(read_link(content));
    } else if (name == "sdir") {
      sparse_ = true;
    } else if (name == "TREE" && !is_base) {
      // The root comes first: an empty name, the number of entries or -1, of subtrees, the id.
      size_t line = content.find('\n');
      if (line != std::string_view::npos && content.starts_with('\0') &&
          content.size() - line - 1 >= hash_size(hash_) && content[1] != '-') {
        cached_tree_ = ObjectId::from_bytes(content.substr(line + 1, hash_size(hash_)));
      }
    } else if (name[0] < 'A' || name[0] > 'Z') {
      return fail(ErrorKind::newer,
                  "git's index has an extension '" + to_utf8(name) + "' that we do not know");
    }
    bytes.remove_prefix(8 + size);
  }
  return {};
}

Status IndexFile::read_link(std::string_view bytes) {
  size_t id_size = hash_size(hash_);
  if (bytes.size() < id_size) return damaged("a link is cut off");
  ObjectId id = ObjectId::from_bytes(bytes.substr(0, id_size));
  if (std::ranges::all_of(id.view(), [](char c) { return c == 0; })) return {};
  base_id_ = id;
  bytes.remove_prefix(id_size);
  if (bytes.empty()) return {};
  if (!read_ewah(bytes, kMaxIndexBytes / 64, deleted_) ||
      !read_ewah(bytes, kMaxIndexBytes / 64, replaced_)) {
    return damaged("a link's bitmap is cut off");
  }
  for (uint64_t word : replaced_) replacements_ += static_cast<uint32_t>(std::popcount(word));
  return {};
}

// A split index first holds, without their paths, the entries that replace some of the base's, in
// the base's order, then entries of its own.
IndexFile::Walk::Walk(const IndexFile& index)
    : index_(index),
      own_(index.own_, index.hash_),
      base_(index.base_, index.hash_),
      replacing_(index.own_, index.hash_) {
  if (index.base_id_.empty()) return;
  for (uint32_t i = 0; i < index.replacements_; ++i) {
    if (!own_.next() || !own_.entry.path.empty()) {
      damage_ = own_.damage ? own_.damage : "a link's replacements are missing";
      return;
    }
  }
  take_own_ = take_base_ = true;
}

bool IndexFile::Walk::next_base() {
  for (;;) {
    if (!base_.next()) {
      damage_ = base_.damage;
      return false;
    }
    uint32_t number = base_number_++;
    bool deleted = index_.in(index_.deleted_, number);
    if (index_.in(index_.replaced_, number)) {
      if (!replacing_.next()) {
        damage_ = "a link's replacements are missing";
        return false;
      }
      if (deleted) continue;
      merged_ = replacing_.entry;
      merged_.path = base_.entry.path;
      return true;
    }
    if (deleted) continue;
    merged_ = base_.entry;
    return true;
  }
}

bool IndexFile::Walk::next() {
  if (damage_) return false;
  if (index_.base_id_.empty()) {
    current_ = &own_.entry;
    if (own_.next()) return true;
    damage_ = own_.damage;
    return false;
  }
  if (take_own_) {
    have_own_ = own_.next();
    if (own_.damage) damage_ = own_.damage;
    if (have_own_ && own_.entry.path.empty()) damage_ = "a split index's entry has no path";
  }
  if (take_base_) have_base_ = next_base();
  if (damage_ || (!have_own_ && !have_base_)) return false;
  int order = !have_own_ ? 1 : !have_base_ ? -1 : compare(own_.entry, merged_);
  take_own_ = have_own_ && order <= 0;
  take_base_ = have_base_ && order >= 0;
  current_ = take_own_ ? &own_.entry : &merged_;
  return true;
}

Status IndexFile::Walk::status() const {
  if (damage_) return damaged(damage_);
  return {};
}

Result<std::optional<IndexEntry>> IndexFile::find(std::string_view path) const {
  Walk walk(*this);
  while (walk.next()) {
    int order = walk.entry().path.compare(path);
    if (order == 0) {
      IndexEntry found = walk.entry();
      found.path = path;
      return found;
    }
    if (order > 0) return std::nullopt;
  }
  TRY(walk.status());
  return std::nullopt;
}

bool IndexFile::is_racy(const IndexEntry& entry) const {
  if (entry.mode == kModeGitlink) return false;
  int64_t mtime = entry.mtime_s * 1'000'000'000ll + entry.mtime_ns;
  // Without nanoseconds the whole second is in doubt.
  int64_t written =
      entry.mtime_ns ? stat_.mtime_ns : stat_.mtime_ns / 1'000'000'000 * 1'000'000'000;
  return written <= mtime;
}

bool stat_matches(const IndexEntry& entry, const os::FileStat& stat) {
  uint32_t mode;
  if (stat.type == os::FileType::regular) {
    mode = stat.permissions & 0100 ? kModeExecutable : kModeFile;
  } else if (stat.type == os::FileType::link) {
    mode = kModeLink;
  } else {
    return false;
  }
  auto seconds = [](int64_t ns) { return static_cast<uint32_t>(ns / 1'000'000'000); };
  auto rest = [](int64_t ns) { return static_cast<uint32_t>(ns % 1'000'000'000); };
  return entry.mode == mode && entry.size == static_cast<uint32_t>(stat.size) &&
         entry.mtime_s == seconds(stat.mtime_ns) && entry.mtime_ns == rest(stat.mtime_ns) &&
         entry.ctime_s == seconds(stat.ctime_ns) && entry.ctime_ns == rest(stat.ctime_ns) &&
         entry.inode == static_cast<uint32_t>(stat.inode) && entry.uid == stat.uid;
}

}  // namespace baton::git
