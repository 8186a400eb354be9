#include "store/objects.h"

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <list>
#include <memory>
#include <unordered_map>

#include "base/bytes.h"
#include "os/file.h"

// A segment is a run of records. A record:
//
//   2  magic "BR"
//   1  depth of its delta chain; 0: stored whole, no base
//   1  size of the id in bytes (20, 32)
//   n  varint: size of the content
//   n  varint: size of the data
//   20 or 32  id
//   20 or 32  id of the base, if depth > 0
//   4  checksum: low half of XXH3-64 over all of the record but these four bytes, little endian
//   …  data: a zstd frame without magic, the base's content being its prefix
//
// The lookup table is a hash table with open addressing, in a file: header, then slots.

namespace baton::store {
namespace {

constexpr std::string_view kRecordMagic = "BR";
constexpr size_t kMaxRecordHead = 2 + 1 + 1 + 10 + 10 + 32 + 32 + 4;
constexpr uint64_t kMaxSegment = 256ull << 20;
constexpr int kCompressionLevel = 3;
// Up to this size smaller tables find all but as much: 240 KiB of memory to touch instead of 530,
// which a hook feels (one-line edits: the same bytes; twenty scattered edits: 3% more).
constexpr size_t kSmallTables = 128 * 1024;
constexpr int kSmallHashLog = 14, kSmallChainLog = 13;
constexpr int64_t kLockBudgetUs = 500'000;

constexpr char kLookupMagic[8] = {'B', 'T', 'N', 'L', 'O', 'O', 'K', '1'};
constexpr uint64_t kMinSlots = 1024;

struct LookupHeader {
  char magic[8];
  uint64_t slots;  // a power of two
  uint64_t used;
  uint32_t segment;  // everything before this place is in the table
  uint32_t reserved;
  uint64_t offset;
};

struct Slot {
  uint8_t id[20];    // the first bytes of the id; the record holds all of it
  uint32_t segment;  // 0: empty; segments count from 1
  uint64_t offset;
};
static_assert(sizeof(Slot) == 32);

struct Place {
  uint32_t segment = 0;
  uint64_t offset = 0;
};

struct RecordHead {
  int depth = 0;
  ObjectId id, base;
  uint64_t raw_size = 0;
  uint64_t data_size = 0;
  uint32_t checksum = 0;
  size_t head_size = 0;
};

void put_varint(std::string& out, uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

bool take_varint(std::string_view& bytes, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (bytes.empty()) return false;
    auto byte = static_cast<unsigned char>(bytes[0]);
    bytes.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

uint32_t record_checksum(std::string_view head, std::string_view data) {
  return static_cast<uint32_t>(checksum64(head) * 31 + checksum64(data));
}

std::string encode_record(int depth, const ObjectId& id, const ObjectId& base, uint64_t raw_size,
                          std::string_view data) {
  std::string record(kRecordMagic);
  record += static_cast<char>(depth);
  record += static_cast<char>(id.size);
  put_varint(record, raw_size);
  put_varint(record, data.size());
  record += id.view();
  if (depth > 0) record += base.view();
  uint32_t sum = record_checksum(record, data);
  for (int i = 0; i < 4; ++i) record += static_cast<char>(sum >> (8 * i));
  record += data;
  return record;
}

// Whether these are all of the record's bytes, undamaged.
bool is_record(std::string_view bytes, const RecordHead& head) {
  return bytes.size() == head.head_size + head.data_size &&
         record_checksum(bytes.substr(0, head.head_size - 4), bytes.substr(head.head_size)) ==
             head.checksum;
}

// Nothing if the bytes are no record's head.
std::optional<RecordHead> decode_head(std::string_view bytes) {
  RecordHead head;
  std::string_view rest = bytes;
  if (!rest.starts_with(kRecordMagic) || rest.size() < 4) return std::nullopt;
  head.depth = static_cast<unsigned char>(rest[2]);
  size_t id_size = static_cast<unsigned char>(rest[3]);
  rest.remove_prefix(4);
  if (id_size != 20 && id_size != 32) return std::nullopt;
  if (!take_varint(rest, head.raw_size) || !take_varint(rest, head.data_size)) return std::nullopt;
  if (head.raw_size > kMaxObject || head.data_size > 2 * kMaxObject) return std::nullopt;
  size_t ids = head.depth > 0 ? 2 * id_size : id_size;
  if (rest.size() < ids + 4) return std::nullopt;
  head.id = ObjectId::from_bytes(rest.substr(0, id_size));
  if (head.depth > 0) head.base = ObjectId::from_bytes(rest.substr(id_size, id_size));
  rest.remove_prefix(ids);
  for (int i = 0; i < 4; ++i) {
    head.checksum |= static_cast<uint32_t>(static_cast<unsigned char>(rest[i])) << (8 * i);
  }
  rest.remove_prefix(4);
  head.head_size = bytes.size() - rest.size();
  return head;
}

constexpr size_t kMaxRecent = 4;
constexpr size_t kMaxRecentBytes = size_t{8} << 20;  // of one

std::string compress(std::string_view content, std::string_view prefix) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kCompressionLevel);
  ZSTD_CCtx_setParameter(context, ZSTD_c_format, ZSTD_f_zstd1_magicless);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  if (prefix.size() + content.size() <= kSmallTables) {
    ZSTD_CCtx_setParameter(context, ZSTD_c_hashLog, kSmallHashLog);
    ZSTD_CCtx_setParameter(context, ZSTD_c_chainLog, kSmallChainLog);
  }
  if (!prefix.empty()) {
    int window = std::bit_width(prefix.size() + content.size());
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, std::clamp(window, 10, 30));
    ZSTD_CCtx_refPrefix(context, prefix.data(), prefix.size());
  }
  std::string data(ZSTD_compressBound(content.size()), '\0');
  size_t size = ZSTD_compress2(context, data.data(), data.size(), content.data(), content.size());
  ZSTD_freeCCtx(context);
  data.resize(ZSTD_isError(size) ? 0 : size);
  return data;
}

// A context costs more than a small delta: readers keep theirs.
struct Decompressor {
  ZSTD_DCtx* context = nullptr;
  Decompressor() = default;
  Decompressor(const Decompressor&) = delete;
  ~Decompressor() { ZSTD_freeDCtx(context); }
};

Result<std::string> decompress(Decompressor& kept, std::string_view data, std::string_view prefix,
                               uint64_t raw_size) {
  if (kept.context == nullptr) kept.context = ZSTD_createDCtx();
  ZSTD_DCtx* context = kept.context;
  ZSTD_DCtx_reset(context, ZSTD_reset_session_and_parameters);
  ZSTD_DCtx_setParameter(context, ZSTD_d_format, ZSTD_f_zstd1_magicless);
  ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 30);
  if (!prefix.empty()) ZSTD_DCtx_refPrefix(context, prefix.data(), prefix.size());
  std::string content(raw_size, '\0');
  size_t size =
      ZSTD_decompressDCtx(context, content.data(), content.size(), data.data(), data.size());
  if (ZSTD_isError(size) || size != raw_size) {
    return fail(ErrorKind::damage, "an object does not decompress");
  }
  return content;
}

}  // namespace

struct Objects::Impl {
  std::string directory;
  os::File lock;
  os::File lookup;
  LookupHeader header{};
  std::unordered_map<uint32_t, os::File> segments;
  std::unordered_map<ObjectId, Place, ObjectIdHash> behind;  // the table's end
  bool looked_behind = false;
  Decompressor decompressor;
  // The contents read last: who reads a path's versions in order finds each one's base here.
  std::list<std::pair<ObjectId, std::string>> recent;

  const std::string* find_recent(const ObjectId& id) {
    auto found = std::ranges::find(recent, id, [](const auto& each) { return each.first; });
    if (found == recent.end()) return nullptr;
    recent.splice(recent.begin(), recent, found);
    return &recent.front().second;
  }
  void keep_recent(const ObjectId& id, const std::string& content) {
    if (content.size() > kMaxRecentBytes) return;
    recent.emplace_front(id, content);
    if (recent.size() > kMaxRecent) recent.pop_back();
  }

  std::string segment_path(uint32_t number) const {
    char name[32];
    snprintf(name, sizeof name, "/%06u.seg", number);
    return directory + name;
  }
  std::string lookup_path() const { return directory + "/lookup"; }

  Result<os::File*> segment(uint32_t number) {
    auto found = segments.find(number);
    if (found != segments.end()) return &found->second;
    os::File file = TRY(os::open_file(segment_path(number), os::Open::read));
    return &segments.emplace(number, std::move(file)).first->second;
  }

  Result<std::vector<uint32_t>> segment_numbers() const {
    std::vector<uint32_t> numbers;
    for (const auto& entry : TRY(os::list_dir(directory))) {
      std::string_view name = entry.name;
      if (name.size() == 10 && name.ends_with(".seg")) {
        if (auto number = parse_int(name.substr(0, 6))) {
          numbers.push_back(static_cast<uint32_t>(*number));
        }
      }
    }
    std::ranges::sort(numbers);
    return numbers;
  }

  bool header_holds() const {
    return std::equal(kLookupMagic, kLookupMagic + 8, header.magic) &&
           std::has_single_bit(header.slots) && header.used < header.slots;
  }

  // Opens (again) the lookup table, if another process replaced it or it is not open yet.
  Status open_lookup() {
    if (lookup.is_open()) {
      auto on_disk = os::stat_file(lookup_path());
      auto open = os::stat_file("/proc/self/fd/" + std::to_string(lookup.fd()), true);
      if (on_disk && open && on_disk->inode == open->inode) return read_header();
    }
    auto file = os::open_file(lookup_path(), os::Open::read_write);
    if (!file && file.error().kind == ErrorKind::io) {
      file = os::open_file(lookup_path(), os::Open::read);
    }
    if (!file) return std::unexpected(file.error());
    lookup = std::move(*file);
    return read_header();
  }

  Status read_header() {
    std::string bytes = TRY(os::read_at(lookup, 0, sizeof header));
    if (bytes.size() == sizeof header) memcpy(&header, bytes.data(), sizeof header);
    if (bytes.size() != sizeof header || !header_holds()) {
      return fail(ErrorKind::damage, "the lookup table of objects is damaged");
    }
    return {};
  }

  // Calls back for each slot where the id may be, until it returns true or the run ends; gives the
  // number of the first empty slot.
  template <class Visit>
  Result<uint64_t> probe(const ObjectId& id, Visit visit) {
    constexpr size_t kRun = 4;
    uint64_t start;
    memcpy(&start, id.bytes.data(), sizeof start);
    uint64_t index = start & (header.slots - 1);
    for (uint64_t tried = 0; tried < header.slots;) {
      size_t run = std::min<uint64_t>(kRun, header.slots - index);
      std::string bytes =
          TRY(os::read_at(lookup, sizeof header + index * sizeof(Slot), run * sizeof(Slot)));
      bytes.resize(run * sizeof(Slot));  // a table that ends early reads as empty
      for (size_t i = 0; i < run; ++i) {
        Slot slot;
        memcpy(&slot, bytes.data() + i * sizeof slot, sizeof slot);
        if (slot.segment == 0) return index + i;
        if (memcmp(slot.id, id.bytes.data(), sizeof slot.id) == 0 &&
            visit(Place{slot.segment, slot.offset})) {
          return index + i;
        }
      }
      tried += run;
      index = (index + run) & (header.slots - 1);
    }
    return fail(ErrorKind::damage, "the lookup table of objects is full");
  }

  Result<RecordHead> read_head(Place place) {
    os::File* file = TRY(segment(place.segment));
    std::string bytes = TRY(os::read_at(*file, place.offset, kMaxRecordHead));
    auto head = decode_head(bytes);
    if (!head) return fail(ErrorKind::damage, "no object's record where one should be");
    return *head;
  }

  // The place of an object, if the table knows it and a record of that id is really there.
  std::optional<std::pair<Place, RecordHead>> find(const ObjectId& id) {
    std::optional<std::pair<Place, RecordHead>> found;
    auto look = [&] {
      (void)probe(id, [&](Place place) {
        auto head = read_head(place);
        if (head && head->id == id) found.emplace(place, *head);
        return found.has_value();
      });
    };
    if (lookup.is_open()) look();
    // Another writer may have made or grown the table meanwhile.
    if (!found && open_lookup()) look();
    return found;
  }

  // The same for readers, who also find what a writer left behind the table's end: its hook died,
  // or there was no space for the table. The next writer puts it in.
  std::optional<std::pair<Place, RecordHead>> find_for_reader(const ObjectId& id) {
    if (auto found = find(id)) return found;
    if (!looked_behind) {
      looked_behind = true;
      (void)look_behind();
    }
    auto left = behind.find(id);
    if (left == behind.end()) return std::nullopt;
    auto head = read_head(left->second);
    if (!head || head->id != id) return std::nullopt;
    return std::pair{left->second, *head};
  }

  Status look_behind() {
    Place from{1, 0};
    if (lookup.is_open() && header_holds() && header.segment > 0) {
      auto st = os::stat_file(segment_path(header.segment));
      if (st && st->size >= header.offset) from = {header.segment, header.offset};
    }
    for (uint32_t number : TRY(segment_numbers())) {
      if (number < from.segment) continue;
      auto keep = [&](Place place, const RecordHead& head) { behind.emplace(head.id, place); };
      TRY(scan_segment({number, number == from.segment ? from.offset : 0}, keep,
                       [](Place, uint64_t) {}));
    }
    return {};
  }

  // Whether the chain of `base` leads to `id`.
  bool rests_on(ObjectId base, const ObjectId& id) {
    for (int i = 0; i < 256; ++i) {
      if (base == id) return true;
      auto found = find(base);
      if (!found || found->second.depth == 0) return false;
      base = found->second.base;
    }
    return true;
  }

  Status insert(const ObjectId& id, Place place) {
    if ((header.used + 1) * 10 > header.slots * 7) TRY(grow());
    uint64_t index = TRY(probe(id, [](Place) { return false; }));
    Slot slot{};
    memcpy(slot.id, id.bytes.data(), sizeof slot.id);
    slot.segment = place.segment;
    slot.offset = place.offset;
    TRY(os::write_at(lookup, sizeof header + index * sizeof slot,
                     {reinterpret_cast<const char*>(&slot), sizeof slot}));
    ++header.used;
    return {};
  }

  Status write_header() {
    return os::write_at(lookup, 0, {reinterpret_cast<const char*>(&header), sizeof header});
  }

  // Makes a table of `slots` slots in a new file and fills it with `entries`.
  Status write_table(uint64_t slots, const std::vector<Slot>& entries, Place covered) {
    std::vector<Slot> table(slots);
    for (const Slot& entry : entries) {
      uint64_t start;
      memcpy(&start, entry.id, sizeof start);
      uint64_t index = start & (slots - 1);
      while (table[index].segment != 0) index = (index + 1) & (slots - 1);
      table[index] = entry;
    }
    LookupHeader fresh{};
    memcpy(fresh.magic, kLookupMagic, sizeof fresh.magic);
    fresh.slots = slots;
    fresh.used = entries.size();
    fresh.segment = covered.segment;
    fresh.offset = covered.offset;
    std::string bytes(reinterpret_cast<const char*>(&fresh), sizeof fresh);
    bytes.append(reinterpret_cast<const char*>(table.data()), table.size() * sizeof(Slot));
    TRY(os::replace_file(lookup_path(), bytes));
    lookup = os::File();
    return open_lookup();
  }

  Status grow() {
    std::string bytes = TRY(os::read_at(lookup, sizeof header, header.slots * sizeof(Slot)));
    std::vector<Slot> entries;
    for (size_t at = 0; at + sizeof(Slot) <= bytes.size(); at += sizeof(Slot)) {
      Slot slot;
      memcpy(&slot, bytes.data() + at, sizeof slot);
      if (slot.segment != 0) entries.push_back(slot);
    }
    return write_table(header.slots * 2, entries, {header.segment, header.offset});
  }

  // Whether the record's bytes are those that were written.
  Result<bool> holds(Place place, const RecordHead& head) {
    os::File* file = TRY(segment(place.segment));
    std::string bytes = TRY(os::read_at(*file, place.offset, head.head_size + head.data_size));
    return is_record(bytes, head);
  }

  // The next place at or behind `from` where a whole and undamaged record begins; the segment's
  // size if there is none.
  Result<uint64_t> next_record(Place from, uint64_t size) {
    os::File* file = TRY(segment(from.segment));
    constexpr size_t kChunk = 1 << 20;
    for (uint64_t at = from.offset; at < size;) {
      std::string bytes = TRY(os::read_at(*file, at, kChunk));
      if (bytes.size() < kRecordMagic.size()) break;
      for (size_t found = bytes.find(kRecordMagic); found != std::string::npos;
           found = bytes.find(kRecordMagic, found + 1)) {
        Place place{from.segment, at + found};
        auto head = read_head(place);
        if (head && place.offset + head->head_size + head->data_size <= size &&
            TRY(holds(place, *head))) {
          return place.offset;
        }
      }
      at += bytes.size() - kRecordMagic.size() + 1;
    }
    return size;
  }

  // Reads records from `from` to the end of its segment, past stretches of damage. Gives the offset
  // behind the last whole one.
  template <class Each, class Damage>
  Result<uint64_t> scan_segment(Place from, Each each, Damage damage) {
    os::File* file = TRY(segment(from.segment));
    uint64_t size = TRY(os::file_size(*file));
    uint64_t offset = from.offset;
    uint64_t search = offset + 1;  // where to look on if there is no record at `offset`
    while (offset < size) {
      std::string bytes = TRY(os::read_at(*file, offset, kMaxRecordHead));
      auto head = decode_head(bytes);
      if (!head || offset + head->head_size + head->data_size > size) {
        uint64_t next = TRY(next_record({from.segment, search}, size));
        if (next > offset) damage(Place{from.segment, offset}, next - offset);
        if (next == size) return offset;
        offset = next;
        search = offset + 1;
        continue;
      }
      each(Place{from.segment, offset}, *head);
      // The record's own length may be what is damaged: then what follows it begins before its end.
      search = offset + 1;
      offset += head->head_size + head->data_size;
    }
    return offset;
  }

  Status rebuild() {
    std::vector<Slot> entries;
    Place covered{1, 0};
    for (uint32_t number : TRY(segment_numbers())) {
      uint64_t end = TRY(scan_segment(
          {number, 0},
          [&](Place place, const RecordHead& head) {
            Slot slot{};
            memcpy(slot.id, head.id.bytes.data(), sizeof slot.id);
            slot.segment = place.segment;
            slot.offset = place.offset;
            entries.push_back(slot);
          },
          [](Place, uint64_t) {}));
      covered = {number, end};
    }
    uint64_t slots = std::max(kMinSlots, std::bit_ceil(entries.size() * 2));
    return write_table(slots, entries, covered);
  }

  // Under the lock: brings the table to the segments' end, cuts off a torn tail, and gives the
  // place where the next record goes.
  Result<Place> prepare_append(uint64_t record_size) {
    auto opened = open_lookup();
    if (!opened || TRY(os::stat_file(segment_path(header.segment))).size < header.offset) {
      // Lost, damaged, or ahead of what a power cut left of the segments.
      TRY(rebuild());
    }
    Place at{std::max<uint32_t>(header.segment, 1), header.offset};
    for (;;) {
      std::string path = segment_path(at.segment);
      os::FileStat st = TRY(os::stat_file(path));
      bool is_last = !os::exists(segment_path(at.segment + 1));
      if (st.size > at.offset) {
        at.offset = TRY(catch_up(at));
        // Damage in a finished segment stays for fsck; only the last one's tail is torn.
        if (at.offset < st.size && is_last) {
          os::File file = TRY(os::open_file(path, os::Open::read_write));
          TRY(os::truncate(file, at.offset));
        }
      }
      if (is_last) break;
      ++at.segment;
      at.offset = 0;
    }
    if (at.offset > 0 && at.offset + record_size > kMaxSegment) {
      TRY(flush_segment(at.segment));
      ++at.segment;
      at.offset = 0;
    }
    return at;
  }

  Status flush_segment(uint32_t number) {
    auto file = os::open_file(segment_path(number), os::Open::read);
    if (!file) return {};
    return os::sync(*file);
  }

  Result<uint64_t> catch_up(Place from) {
    Status inserted;
    auto take = [&](Place place, const RecordHead& head) {
      if (inserted && !find(head.id)) inserted = insert(head.id, place);
    };
    uint64_t end = TRY(scan_segment(from, take, [](Place, uint64_t) {}));
    TRY(inserted);
    header.segment = from.segment;
    header.offset = end;
    TRY(write_header());
    return end;
  }
};

Objects::Objects(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Objects::~Objects() = default;
Objects::Objects(Objects&&) noexcept = default;
Objects& Objects::operator=(Objects&&) noexcept = default;

Result<Objects> Objects::open(const Store& store) {
  auto impl = std::make_unique<Impl>();
  impl->directory = store.objects_dir();
  (void)impl->open_lookup();  // none yet, or damaged: made anew by the next writer
  return Objects(std::move(impl));
}

bool Objects::contains(const ObjectId& id) {
  return impl_->find(id).has_value();
}

Status Objects::put(const ObjectId& id, std::string_view content,
                    const std::optional<DeltaBase>& base) {
  if (content.size() > kMaxObject) return fail(ErrorKind::limit, "an object is too large to store");
  if (impl_->find(id)) return {};

  int depth = 0;
  ObjectId base_id;
  std::string data;
  if (base && base->id != id && !base->content.empty() && !content.empty()) {
    auto stored = impl_->find(base->id);
    depth = stored ? stored->second.depth + 1 : 1;
    base_id = base->id;
    if (depth <= kMaxDeltaDepth) {
      data = compress(content, base->content);
    } else {
      // The chain is as long as readers should have to follow: go back to its root if it is ours.
      RecordHead root = stored->second;
      while (root.depth > 0) {
        auto before = impl_->find(root.base);
        if (!before) break;
        root = before->second;
      }
      depth = 0;
      if (root.depth == 0) {
        if (auto root_content = get(root.id)) {
          depth = 1;
          base_id = root.id;
          data = compress(content, *root_content);
        }
      }
    }
  }
  // A delta that saves little is not worth a reader's second look-up.
  if (depth == 0 || data.empty() || data.size() * 2 > content.size()) {
    std::string whole = compress(content, {});
    if (depth == 0 || data.empty() || whole.size() <= data.size() * 5 / 4) {
      depth = 0;
      base_id = {};
      data = std::move(whole);
    }
  }
  std::string record = encode_record(depth, id, base_id, content.size(), data);

  if (!impl_->lock.is_open()) {
    impl_->lock = TRY(os::open_file(impl_->directory + "/lock", os::Open::read_write_create));
  }
  TRY(os::lock_file(impl_->lock, os::LockMode::exclusive, kLockBudgetUs));
  // Content that was git's when others were stored as deltas against it comes back as a version of
  // its own when an edit is undone: as a delta against one of those it would close a circle.
  if (depth > 0 && impl_->rests_on(base_id, id)) {
    record = encode_record(0, id, {}, content.size(), compress(content, {}));
  }
  auto append = [&]() -> Status {
    Place place = TRY(impl_->prepare_append(record.size()));
    os::File file = TRY(os::open_file(impl_->segment_path(place.segment), os::Open::append_create));
    auto written = os::append(file, record);
    if (!written) {
      (void)os::truncate(file, place.offset);
      return written;
    }
    // The content is kept. A table that cannot follow now is brought up to date by the next writer.
    if (impl_->insert(id, place)) {
      impl_->header.segment = place.segment;
      impl_->header.offset = place.offset + record.size();
      (void)impl_->write_header();
    }
    return {};
  };
  auto done = append();
  os::unlock_file(impl_->lock);
  return done;
}

Result<std::string> Objects::get(const ObjectId& id, const BorrowedReader& borrowed) {
  // Follow the chain down to what is whole, then decompress upwards.
  std::vector<std::pair<RecordHead, std::string>> chain;
  std::string content;
  ObjectId wanted = id;
  if (const std::string* known = impl_->find_recent(id)) return *known;
  for (;;) {
    if (const std::string* known = impl_->find_recent(wanted)) {
      content = *known;
      break;
    }
    auto found = impl_->find_for_reader(wanted);
    if (!found) {
      if (chain.empty()) return fail(ErrorKind::not_found, "no object " + id.hex());
      if (!borrowed) {
        return fail(ErrorKind::not_found, "object " + id.hex() + " needs " + wanted.hex());
      }
      content = TRY(borrowed(wanted));
      break;
    }
    auto& [place, head] = *found;
    os::File* file = TRY(impl_->segment(place.segment));
    std::string bytes = TRY(os::read_at(*file, place.offset, head.head_size + head.data_size));
    std::string_view view(bytes);
    if (!is_record(view, head)) {
      return fail(ErrorKind::damage, "object " + wanted.hex() + " is damaged in '" +
                                         impl_->segment_path(place.segment) + "' at byte " +
                                         std::to_string(place.offset));
    }
    if (head.depth == 0) {
      content =
          TRY(decompress(impl_->decompressor, view.substr(head.head_size), {}, head.raw_size));
      impl_->keep_recent(wanted, content);
      break;
    }
    if (chain.size() > 255) return fail(ErrorKind::damage, "a delta chain never ends");
    wanted = head.base;
    chain.emplace_back(head, bytes.substr(head.head_size));
  }
  while (!chain.empty()) {
    auto& [head, data] = chain.back();
    content = TRY(decompress(impl_->decompressor, data, content, head.raw_size));
    chain.pop_back();
  }
  impl_->keep_recent(id, content);
  return content;
}

Status Objects::each_record(const std::function<bool(const Record&, const Error*)>& each) {
  for (uint32_t number : TRY(impl_->segment_numbers())) {
    bool go_on = true;
    auto whole = [&](Place place, const RecordHead& head) {
      if (!go_on) return;
      Record record{head.id,       head.base,   head.raw_size, head.head_size + head.data_size,
                    place.segment, place.offset};
      go_on = each(record, nullptr);
    };
    auto damaged = [&](Place place, uint64_t length) {
      if (!go_on) return;
      Error problem{ErrorKind::damage,
                    "'" + impl_->segment_path(number) + "' has " + std::to_string(length) +
                        " bytes that are no record, from byte " + std::to_string(place.offset),
                    {}};
      Record record;
      record.segment = number;
      record.offset = place.offset;
      record.stored_size = length;
      go_on = each(record, &problem);
    };
    TRY(impl_->scan_segment({number, 0}, whole, damaged));
    if (!go_on) return {};
  }
  return {};
}

Status Objects::rebuild_lookup() {
  return impl_->rebuild();
}

Status Objects::sync() {
  if (impl_->header.segment == 0) return {};
  return impl_->flush_segment(impl_->header.segment);
}

}  // namespace baton::store
