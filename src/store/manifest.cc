#include "store/manifest.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "base/bytes.h"

// Layout: header, `capacity` entries, `slots` slots of 4 bytes (entry number + 1, 0 empty), then
// the arena with the entries' names up to the end of the file. An entry is Raw and the id's bytes.

namespace baton::store {
namespace {

constexpr char kMagic[8] = {'B', 'T', 'N', 'M', 'A', 'N', '0', '2'};
constexpr uint32_t kMinCapacity = 256;
constexpr size_t kMaxPath = 64 * 1024;
constexpr int kMaxDepth = 4096;

enum RawFlag : uint8_t { kUnsettled = 1, kBorrowed = 2, kConverted = 4, kTracked = 8 };

uint64_t path_hash(std::string_view path) {
  return checksum64(path);
}

}  // namespace

struct Manifest::Header {
  char magic[8];
  uint32_t id_size;
  uint32_t capacity;
  uint32_t slots;
  uint32_t count;
  uint64_t arena_used;
  ManifestInfo info;

  size_t stride() const;
  uint64_t entries_at() const { return 4096; }
  uint64_t slots_at() const { return entries_at() + uint64_t{capacity} * stride(); }
  uint64_t arena_at() const { return slots_at() + uint64_t{slots} * 4; }
};

struct Manifest::Raw {
  uint32_t parent;
  uint32_t name_at;
  uint16_t name_size;
  uint8_t type;
  uint8_t flags;
  uint16_t permissions;  // 12 bits; above them the skip reason
  uint16_t check;
  uint64_t size;
  int64_t mtime_ns;
  int64_t ctime_ns;
  uint64_t inode;
  uint8_t id[32];  // only the id's own size of it is stored

  void take(const ManifestEntry& entry) {
    type = static_cast<uint8_t>(entry.type);
    permissions =
        static_cast<uint16_t>(entry.permissions | static_cast<uint16_t>(entry.skipped) << 12);
    flags =
        static_cast<uint8_t>((entry.unsettled ? kUnsettled : 0) | (entry.borrowed ? kBorrowed : 0) |
                             (entry.converted ? kConverted : 0) | (entry.tracked ? kTracked : 0));
    size = entry.size;
    mtime_ns = entry.mtime_ns;
    ctime_ns = entry.ctime_ns;
    inode = entry.inode;
    memset(id, 0, sizeof id);
    memcpy(id, entry.id.bytes.data(), entry.id.size);
  }

  // Against entries caught half written, not against people: a multiplicative hash of its words.
  uint16_t computed_check() const {
    uint64_t words[sizeof(Raw) / 8];
    memcpy(words, this, sizeof words);
    uint64_t sum = words[0] * 0x9e3779b97f4a7c15ull;
    words[1] &= ~0xffff000000000000ull;  // the check itself
    for (size_t i = 1; i < std::size(words); ++i) {
      sum = ((sum ^ words[i]) * 0x9e3779b97f4a7c15ull);
      sum ^= sum >> 29;
    }
    return static_cast<uint16_t>(sum >> 48);
  }
};

inline size_t Manifest::Header::stride() const {
  static_assert(sizeof(Raw) == 80 && offsetof(Raw, check) == 14);
  return offsetof(Raw, id) + id_size;
}

std::string_view to_string(SkipReason reason) {
  switch (reason) {
    case SkipReason::none:
      return "";
    case SkipReason::fifo:
      return "fifo";
    case SkipReason::socket:
      return "socket";
    case SkipReason::device:
      return "device";
    case SkipReason::unreadable:
      return "unreadable";
    case SkipReason::large:
      return "large";
    case SkipReason::bulk:
      return "bulk";
    case SkipReason::withheld:
      return "withheld";
    case SkipReason::vanished:
      return "vanished";
    case SkipReason::nested:
      return "nested";
  }
  return "";
}

void ManifestEntry::set_stat(const os::FileStat& st) {
  type = st.type;
  permissions = static_cast<uint16_t>(st.permissions);
  size = st.size;
  mtime_ns = st.mtime_ns;
  ctime_ns = st.ctime_ns;
  inode = st.inode;
}

std::string_view ManifestEntry::mode() const {
  if (id.empty()) return "";
  if (type == os::FileType::link) return "120000";
  if (type != os::FileType::regular) return "";
  return permissions & 0100 ? "100755" : "100644";
}

const Manifest::Header* Manifest::header() const {
  return reinterpret_cast<const Header*>(map_.data());
}

Result<Manifest> Manifest::create(const std::string& directory, HashKind hash) {
  static_assert(sizeof(Header) <= 4096);
  Header fresh{};
  memcpy(fresh.magic, kMagic, sizeof fresh.magic);
  fresh.id_size = static_cast<uint32_t>(hash_size(hash));
  fresh.capacity = kMinCapacity;
  fresh.slots = kMinCapacity * 2;
  std::string bytes(fresh.arena_at(), '\0');
  memcpy(bytes.data(), &fresh, sizeof fresh);
  TRY(os::make_dirs(directory));
  TRY(os::replace_file(os::join(directory, "manifest"), bytes));
  Manifest manifest;
  manifest.file_path_ = os::join(directory, "manifest");
  manifest.file_ = TRY(os::open_file(manifest.file_path_, os::Open::read_write));
  TRY(manifest.remap());
  manifest.fresh_ = true;
  return manifest;
}

Result<Manifest> Manifest::open(const std::string& directory, HashKind hash) {
  Manifest manifest;
  manifest.file_path_ = os::join(directory, "manifest");
  auto file = os::open_file(manifest.file_path_, os::Open::read_write);
  if (!file) {
    if (file.error().kind != ErrorKind::not_found) return std::unexpected(file.error());
    return create(directory, hash);
  }
  manifest.file_ = std::move(*file);
  if (!manifest.remap() || manifest.header()->id_size != hash_size(hash)) {
    return create(directory, hash);
  }
  return manifest;
}

Result<Manifest> Manifest::open_readonly(const std::string& directory) {
  Manifest manifest;
  manifest.file_path_ = os::join(directory, "manifest");
  manifest.file_ = TRY(os::open_file(manifest.file_path_, os::Open::read));
  TRY(manifest.remap());
  return manifest;
}

// Maps the file as it is now and checks that what the header promises is there.
Status Manifest::remap() {
  uint64_t size = TRY(os::file_size(file_));
  map_ = os::Mapping();
  if (size < 4096) return fail(ErrorKind::damage, "the manifest is too short");
  map_ = TRY(os::Mapping::open(file_, size, false));
  const Header& head = *header();
  bool holds = std::equal(kMagic, kMagic + 8, head.magic) &&
               (head.id_size == 20 || head.id_size == 32) && std::has_single_bit(head.slots) &&
               head.count <= head.capacity && head.capacity < head.slots &&
               head.arena_at() <= size && head.arena_used <= size - head.arena_at();
  if (!holds) return fail(ErrorKind::damage, "the manifest is damaged");
  return {};
}

uint32_t Manifest::count() const {
  return header()->count;
}

bool Manifest::raw(uint32_t number, Raw& out) const {
  const Header& head = *header();
  if (number >= head.capacity) return false;
  memset(out.id, 0, sizeof out.id);
  memcpy(&out, map_.data() + head.entries_at() + uint64_t{number} * head.stride(), head.stride());
  return out.check == out.computed_check() &&
         head.arena_at() + out.name_at + out.name_size <= map_.size();
}

ManifestEntry Manifest::entry(uint32_t number) const {
  Raw from;
  return raw(number, from) ? decode(from) : ManifestEntry{};
}

bool Manifest::read(uint32_t number, ManifestEntry& entry, std::string_view& name,
                    uint32_t& parent) const {
  Raw from;
  if (!raw(number, from)) return false;
  entry = decode(from);
  name = {map_.data() + header()->arena_at() + from.name_at, from.name_size};
  parent = from.parent;
  return true;
}

os::FileType Manifest::type(uint32_t number) const {
  const Header& head = *header();
  return static_cast<os::FileType>(
      map_.data()[head.entries_at() + uint64_t{number} * head.stride() + offsetof(Raw, type)]);
}

ManifestEntry Manifest::decode(const Raw& from) const {
  ManifestEntry entry;
  entry.type = static_cast<os::FileType>(from.type);
  entry.permissions = from.permissions & 07777;
  entry.skipped = static_cast<SkipReason>(from.permissions >> 12);
  entry.unsettled = from.flags & kUnsettled;
  entry.borrowed = from.flags & kBorrowed;
  entry.converted = from.flags & kConverted;
  entry.tracked = from.flags & kTracked;
  entry.size = from.size;
  entry.mtime_ns = from.mtime_ns;
  entry.ctime_ns = from.ctime_ns;
  entry.inode = from.inode;
  std::string_view id(reinterpret_cast<const char*>(from.id), header()->id_size);
  if (id.find_first_not_of('\0') != std::string_view::npos) entry.id = ObjectId::from_bytes(id);
  return entry;
}

std::string_view Manifest::name(uint32_t number) const {
  Raw from;
  if (!raw(number, from)) return {};
  return map_.view().substr(header()->arena_at() + from.name_at, from.name_size);
}

uint32_t Manifest::parent(uint32_t number) const {
  Raw from;
  return raw(number, from) ? from.parent : kRoot;
}

std::string Manifest::path(uint32_t number) const {
  std::vector<std::string_view> parts;
  for (int depth = 0; number != kRoot && depth < kMaxDepth; ++depth) {
    parts.push_back(name(number));
    number = parent(number);
  }
  std::string path;
  for (size_t i = parts.size(); i-- > 0;) {
    path += parts[i];
    if (i > 0) path += '/';
  }
  return path;
}

// Whether the entry's names, up to the root, spell the path.
bool Manifest::matches(uint32_t number, std::string_view path) const {
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    Raw from;
    if (!raw(number, from)) return false;
    std::string_view part = map_.view().substr(header()->arena_at() + from.name_at, from.name_size);
    if (!path.ends_with(part)) return false;
    path.remove_suffix(part.size());
    if (from.parent == kRoot) return path.empty();
    if (!path.ends_with('/')) return false;
    path.remove_suffix(1);
    number = from.parent;
  }
  return false;
}

std::optional<uint32_t> Manifest::locate(std::string_view path) const {
  const Header& head = *header();
  uint32_t mask = head.slots - 1;
  uint32_t slot = static_cast<uint32_t>(path_hash(path)) & mask;
  for (uint32_t tried = 0; tried < head.slots; ++tried, slot = (slot + 1) & mask) {
    uint32_t value;
    memcpy(&value, map_.data() + head.slots_at() + uint64_t{slot} * 4, 4);
    if (value == 0) return std::nullopt;
    if (matches(value - 1, path)) return value - 1;
  }
  return std::nullopt;
}

std::optional<ManifestEntry> Manifest::find(std::string_view path) const {
  auto number = locate(path);
  if (!number) return std::nullopt;
  ManifestEntry found = entry(*number);
  if (found.type == os::FileType::none) return std::nullopt;
  return found;
}

Status Manifest::write_header(const Header& head) {
  return os::write_at(file_, 0, {reinterpret_cast<const char*>(&head), sizeof head});
}

Status Manifest::write_raw(uint32_t number, Raw from) {
  const Header& head = *header();
  memset(from.id + head.id_size, 0, sizeof from.id - head.id_size);
  from.check = from.computed_check();
  return os::write_at(file_, head.entries_at() + uint64_t{number} * head.stride(),
                      {reinterpret_cast<const char*>(&from), head.stride()});
}

// Adds an entry that is not known yet. The name goes first, then the entry, the header, the slot:
// a writer that dies between leaves nothing that can be found.
Result<uint32_t> Manifest::add(uint32_t parent, std::string_view name, uint64_t hash) {
  if (header()->count == header()->capacity) {
    uint32_t capacity = header()->capacity;
    TRY(grow(capacity + std::max(capacity / 4, kMinCapacity), header()->arena_used + name.size()));
  }
  Header head = *header();
  uint64_t name_end = head.arena_at() + head.arena_used + name.size();
  if (name_end > map_.size()) {
    // The file grows in steps, so that mapping it anew is rare.
    TRY(os::truncate(file_, name_end + std::min<uint64_t>(head.arena_used / 4 + 4096, 1 << 20)));
    TRY(remap());
  }
  TRY(os::write_at(file_, head.arena_at() + head.arena_used, name));
  Raw fresh{};
  fresh.parent = parent;
  fresh.name_at = static_cast<uint32_t>(head.arena_used);
  fresh.name_size = static_cast<uint16_t>(name.size());
  uint32_t number = head.count;
  TRY(write_raw(number, fresh));
  head.arena_used += name.size();
  head.count += 1;
  TRY(write_header(head));
  uint32_t mask = head.slots - 1;
  uint32_t slot = static_cast<uint32_t>(hash) & mask;
  for (;; slot = (slot + 1) & mask) {
    uint32_t value;
    memcpy(&value, map_.data() + head.slots_at() + uint64_t{slot} * 4, 4);
    if (value == 0) break;
  }
  uint32_t value = number + 1;
  TRY(os::write_at(file_, head.slots_at() + uint64_t{slot} * 4,
                   {reinterpret_cast<const char*>(&value), 4}));
  return number;
}

Result<uint32_t> Manifest::locate_or_add(std::string_view path) {
  if (auto number = locate(path)) return *number;
  if (path.empty() || path.size() > kMaxPath) {
    return fail(ErrorKind::limit, "a path of " + std::to_string(path.size()) + " bytes");
  }
  uint32_t parent = kRoot;
  size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) {
    parent = TRY(locate_or_add(path.substr(0, slash)));
    Raw from;
    if (raw(parent, from) && static_cast<os::FileType>(from.type) == os::FileType::none) {
      // A directory that nobody has listed: its zero times make the next full pass list it.
      ManifestEntry directory;
      directory.type = os::FileType::directory;
      TRY(set(parent, directory));
    }
  }
  return add(parent, path.substr(slash == std::string_view::npos ? 0 : slash + 1), path_hash(path));
}

Status Manifest::set(std::string_view path, const ManifestEntry& entry) {
  return set(TRY(locate_or_add(path)), entry);
}

Status Manifest::set(uint32_t number, const ManifestEntry& entry) {
  Raw to;
  if (!raw(number, to)) return fail(ErrorKind::damage, "the manifest is damaged");
  to.take(entry);
  return write_raw(number, to);
}

Status Manifest::erase(std::string_view path) {
  auto number = locate(path);
  if (!number) return {};
  return set(*number, ManifestEntry{});
}

ManifestInfo Manifest::info() const {
  return header()->info;
}

Status Manifest::set_info(const ManifestInfo& info) {
  Header head = *header();
  head.info = info;
  return write_header(head);
}

Result<Manifest> Manifest::build(const std::string& directory, HashKind hash,
                                 const std::vector<std::pair<std::string, ManifestEntry>>& files) {
  std::vector<Raw> entries;
  std::vector<uint64_t> hashes;
  std::string arena;
  std::vector<std::pair<std::string, uint32_t>> open_directories;  // the path down to here
  auto add = [&](uint32_t parent, std::string_view path, const ManifestEntry& entry) {
    size_t slash = path.rfind('/');
    std::string_view name = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
    Raw fresh{};
    fresh.parent = parent;
    fresh.name_at = static_cast<uint32_t>(arena.size());
    fresh.name_size = static_cast<uint16_t>(name.size());
    fresh.take(entry);
    fresh.check = fresh.computed_check();
    arena += name;
    entries.push_back(fresh);
    hashes.push_back(path_hash(path));
    return static_cast<uint32_t>(entries.size() - 1);
  };
  ManifestEntry unlisted;
  unlisted.type = os::FileType::directory;
  for (const auto& [path, entry] : files) {
    if (path.empty() || path.size() > kMaxPath) continue;
    auto inside = [&](const std::string& dir) {
      return path.size() > dir.size() && path.starts_with(dir) && path[dir.size()] == '/';
    };
    while (!open_directories.empty() && !inside(open_directories.back().first)) {
      open_directories.pop_back();
    }
    size_t from = open_directories.empty() ? 0 : open_directories.back().first.size() + 1;
    for (size_t slash = path.find('/', from); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      uint32_t parent = open_directories.empty() ? kRoot : open_directories.back().second;
      std::string dir = path.substr(0, slash);
      uint32_t number = add(parent, dir, unlisted);
      open_directories.emplace_back(std::move(dir), number);
    }
    add(open_directories.empty() ? kRoot : open_directories.back().second, path, entry);
  }

  Header fresh{};
  memcpy(fresh.magic, kMagic, sizeof fresh.magic);
  fresh.id_size = static_cast<uint32_t>(hash_size(hash));
  fresh.count = static_cast<uint32_t>(entries.size());
  fresh.capacity = fresh.count + fresh.count / 32 + kMinCapacity;
  fresh.slots = std::bit_ceil(fresh.capacity + fresh.capacity / 4 + 1);
  fresh.arena_used = arena.size();
  std::string bytes(fresh.arena_at(), '\0');
  memcpy(bytes.data(), &fresh, sizeof fresh);
  uint32_t mask = fresh.slots - 1;
  for (uint32_t number = 0; number < fresh.count; ++number) {
    memcpy(bytes.data() + fresh.entries_at() + uint64_t{number} * fresh.stride(), &entries[number],
           fresh.stride());
    uint32_t slot = static_cast<uint32_t>(hashes[number]) & mask;
    uint32_t value;
    for (;; slot = (slot + 1) & mask) {
      memcpy(&value, bytes.data() + fresh.slots_at() + uint64_t{slot} * 4, 4);
      if (value == 0) break;
    }
    value = number + 1;
    memcpy(bytes.data() + fresh.slots_at() + uint64_t{slot} * 4, &value, 4);
  }
  bytes += arena;
  TRY(os::make_dirs(directory));
  TRY(os::replace_file(os::join(directory, "manifest"), bytes));
  return open(directory, hash);
}

// Writes the manifest anew with more room and takes the old one's place.
Status Manifest::grow(uint32_t capacity, uint64_t arena) {
  Header old = *header();
  Header fresh = old;
  fresh.capacity = capacity;
  fresh.slots = std::bit_ceil(capacity + capacity / 3 + 1);
  std::string bytes(fresh.arena_at() + arena + 4096, '\0');
  memcpy(bytes.data(), &fresh, sizeof fresh);
  memcpy(bytes.data() + fresh.entries_at(), map_.data() + old.entries_at(),
         uint64_t{old.count} * old.stride());
  memcpy(bytes.data() + fresh.arena_at(), map_.data() + old.arena_at(), old.arena_used);
  // Hashes of whole paths, parents before children.
  uint32_t mask = fresh.slots - 1;
  for (uint32_t number = 0; number < old.count; ++number) {
    uint32_t slot = static_cast<uint32_t>(path_hash(path(number))) & mask;
    char* at;
    uint32_t value;
    for (;; slot = (slot + 1) & mask) {
      at = bytes.data() + fresh.slots_at() + uint64_t{slot} * 4;
      memcpy(&value, at, 4);
      if (value == 0) break;
    }
    value = number + 1;
    memcpy(at, &value, 4);
  }
  TRY(os::replace_file(file_path_, bytes));
  file_ = TRY(os::open_file(file_path_, os::Open::read_write));
  return remap();
}

}  // namespace baton::store
