#include "store/segments.h"

#include <algorithm>

#include "base/bytes.h"

namespace baton::store {

std::string Segments::path(uint32_t number) const {
  char name[32];
  snprintf(name, sizeof name, "/%06u.seg", number);
  return directory_ + name;
}

Result<os::File*> Segments::file(uint32_t number) {
  auto found = open_.find(number);
  if (found != open_.end()) return &found->second;
  os::File file = TRY(os::open_file(path(number), os::Open::read));
  return &open_.emplace(number, std::move(file)).first->second;
}

Result<std::vector<uint32_t>> Segments::numbers() const {
  std::vector<uint32_t> numbers;
  for (const auto& entry : TRY(os::list_dir(directory_))) {
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

Result<std::vector<uint32_t>> Segments::open_all() {
  constexpr int kAttempts = 8;
  for (int attempt = 1;; ++attempt) {
    auto found = TRY(numbers());
    Status opened;
    for (uint32_t number : found) {
      auto file = this->file(number);
      if (!file) opened = std::unexpected(file.error());
    }
    if (opened) return found;
    // What it held stands in a segment that came meanwhile.
    if (opened.error().kind != ErrorKind::not_found || attempt == kAttempts) {
      return std::unexpected(opened.error());
    }
  }
}

Result<RecordHead> Segments::head(Place place) {
  os::File* from = TRY(file(place.segment));
  auto head = decode_head(TRY(os::read_at(*from, place.offset, kMaxRecordHead)));
  if (!head) return fail(ErrorKind::damage, "no object's record where one should be");
  return *head;
}

Result<std::string> Segments::record(Place place, const RecordHead& head) {
  os::File* from = TRY(file(place.segment));
  return os::read_at(*from, place.offset, head.size());
}

// The next place at or behind `from` where a whole and undamaged record begins; the segment's
// size if there is none.
Result<uint64_t> Segments::next_record(Place from, uint64_t size) {
  os::File* in = TRY(file(from.segment));
  constexpr size_t kChunk = 1 << 20;
  for (uint64_t at = from.offset; at < size;) {
    std::string bytes = TRY(os::read_at(*in, at, kChunk));
    if (bytes.size() < kRecordMagic.size()) break;
    for (size_t found = bytes.find(kRecordMagic); found != std::string::npos;
         found = bytes.find(kRecordMagic, found + 1)) {
      Place place{from.segment, at + found};
      auto head = this->head(place);
      if (head && place.offset + head->size() <= size &&
          is_record(TRY(record(place, *head)), *head)) {
        return place.offset;
      }
    }
    at += bytes.size() - kRecordMagic.size() + 1;
  }
  return size;
}

Result<uint64_t> Segments::scan(Place from, const Each& each, const Damage& damage) {
  os::File* in = TRY(file(from.segment));
  uint64_t size = TRY(os::file_size(*in));
  uint64_t offset = from.offset;
  uint64_t search = offset + 1;  // where to look on if there is no record at `offset`
  while (offset < size) {
    std::string bytes = TRY(os::read_at(*in, offset, kMaxRecordHead));
    auto head = decode_head(bytes);
    if (!head || offset + head->size() > size) {
      uint64_t next = TRY(next_record({from.segment, search}, size));
      if (damage) damage(Place{from.segment, offset}, next - offset);
      if (next == size) return offset;
      offset = next;
      search = offset + 1;
      continue;
    }
    each(Place{from.segment, offset}, *head);
    // The record's own length may be what is damaged: then what follows it begins before its end.
    search = offset + 1;
    offset += head->size();
  }
  return offset;
}

}  // namespace baton::store
