#include "store/lookup.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace baton::store {
namespace {

constexpr char kMagic[8] = {'B', 'T', 'N', 'L', 'O', 'O', 'K', '1'};
constexpr uint64_t kMinSlots = 1024;

struct Header {
  char magic[8];
  uint64_t slots;
  uint64_t used;
  uint32_t segment;  // everything before this place is in the table
  uint32_t reserved;
  uint64_t offset;
};

template <class Part>
std::string_view bytes_of(const Part& part) {
  return {reinterpret_cast<const char*>(&part), sizeof part};
}

uint64_t first_bytes(const uint8_t* id) {
  uint64_t start;
  memcpy(&start, id, sizeof start);
  return start;
}

}  // namespace

Status Lookup::open() {
  if (file_.is_open()) {
    auto on_disk = os::stat_file(path_);
    auto open = os::stat_open_file(file_);
    if (on_disk && open && on_disk->inode == open->inode) return read_header();
  }
  auto file = os::open_file(path_, os::Open::read_write);
  if (!file && file.error().kind == ErrorKind::io) file = os::open_file(path_, os::Open::read);
  if (!file) return std::unexpected(file.error());
  file_ = std::move(*file);
  return read_header();
}

Status Lookup::read_header() {
  std::string bytes = TRY(os::read_at(file_, 0, sizeof(Header)));
  Header header{};
  if (bytes.size() == sizeof header) memcpy(&header, bytes.data(), sizeof header);
  if (!std::equal(kMagic, kMagic + sizeof kMagic, header.magic) ||
      !std::has_single_bit(header.slots) || header.used >= header.slots) {
    covered_ = {};
    return fail(ErrorKind::damage, "the lookup table of objects is damaged");
  }
  slots_ = header.slots;
  used_ = header.used;
  covered_ = {header.segment, header.offset};
  return {};
}

Status Lookup::write_header() {
  Header header{};
  memcpy(header.magic, kMagic, sizeof kMagic);
  header.slots = slots_;
  header.used = used_;
  header.segment = covered_.segment;
  header.offset = covered_.offset;
  return os::write_at(file_, 0, bytes_of(header));
}

// Gives the number of the slot where `visit` returned true, else of the first empty one.
Result<uint64_t> Lookup::find_slot(const ObjectId& id, const std::function<bool(Place)>& visit) {
  constexpr size_t kRun = 4;
  if (slots_ == 0) return fail(ErrorKind::damage, "there is no lookup table of objects");
  uint64_t index = first_bytes(id.bytes.data()) & (slots_ - 1);
  for (uint64_t tried = 0; tried < slots_;) {
    size_t run = std::min<uint64_t>(kRun, slots_ - index);
    std::string bytes =
        TRY(os::read_at(file_, sizeof(Header) + index * sizeof(Slot), run * sizeof(Slot)));
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
    index = (index + run) & (slots_ - 1);
  }
  return fail(ErrorKind::damage, "the lookup table of objects is full");
}

Status Lookup::probe(const ObjectId& id, const std::function<bool(Place)>& visit) {
  TRY(find_slot(id, visit));
  return {};
}

Status Lookup::insert(const ObjectId& id, Place place) {
  if ((used_ + 1) * 10 > slots_ * 7) TRY(grow());
  uint64_t index = TRY(find_slot(id, [](Place) { return false; }));
  Slot slot{};
  memcpy(slot.id, id.bytes.data(), sizeof slot.id);
  slot.segment = place.segment;
  slot.offset = place.offset;
  TRY(os::write_at(file_, sizeof(Header) + index * sizeof slot, bytes_of(slot)));
  ++used_;
  return {};
}

Status Lookup::cover(Place covered) {
  covered_ = covered;
  return write_header();
}

// Makes a table of `slots` slots in a new file and fills it with `entries`.
Status Lookup::write_table(uint64_t slots, const std::vector<Slot>& entries, Place covered) {
  std::vector<Slot> table(slots);
  for (const Slot& entry : entries) {
    uint64_t index = first_bytes(entry.id) & (slots - 1);
    while (table[index].segment != 0) index = (index + 1) & (slots - 1);
    table[index] = entry;
  }
  Header fresh{};
  memcpy(fresh.magic, kMagic, sizeof kMagic);
  fresh.slots = slots;
  fresh.used = entries.size();
  fresh.segment = covered.segment;
  fresh.offset = covered.offset;
  std::string bytes(bytes_of(fresh));
  bytes.append(reinterpret_cast<const char*>(table.data()), table.size() * sizeof(Slot));
  TRY(os::replace_file(path_, bytes));
  file_ = os::File();
  return open();
}

Status Lookup::grow() {
  std::string bytes = TRY(os::read_at(file_, sizeof(Header), slots_ * sizeof(Slot)));
  std::vector<Slot> entries;
  for (size_t at = 0; at + sizeof(Slot) <= bytes.size(); at += sizeof(Slot)) {
    Slot slot;
    memcpy(&slot, bytes.data() + at, sizeof slot);
    if (slot.segment != 0) entries.push_back(slot);
  }
  return write_table(slots_ * 2, entries, covered_);
}

Status Lookup::replace(const std::vector<Entry>& entries, Place covered) {
  std::vector<Slot> slots;
  slots.reserve(entries.size());
  for (const Entry& entry : entries) {
    Slot slot{};
    memcpy(slot.id, entry.id.bytes.data(), sizeof slot.id);
    slot.segment = entry.place.segment;
    slot.offset = entry.place.offset;
    slots.push_back(slot);
  }
  return write_table(std::max(kMinSlots, std::bit_ceil(slots.size() * 2)), slots, covered);
}

}  // namespace baton::store
