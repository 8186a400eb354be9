#include "store/object_files.h"

#include <algorithm>

namespace baton::store {

std::optional<ObjectFiles::Found> ObjectFiles::find(const ObjectId& id) {
  std::optional<Found> found;
  auto look = [&] {
    (void)lookup.probe(id, [&](Place place) {
      auto head = segments.head(place);
      if (head && head->id == id) found.emplace(place, *head);
      return found.has_value();
    });
  };
  if (lookup.is_open()) look();
  // Another process may have made the table anew meanwhile.
  if (!found && lookup.open()) look();
  return found;
}

std::optional<ObjectFiles::Found> ObjectFiles::find_for_reader(const ObjectId& id) {
  if (auto found = find(id)) return found;
  if (!looked_behind_) {
    looked_behind_ = true;
    (void)look_behind();
  }
  auto left = behind_.find(id);
  if (left == behind_.end()) return std::nullopt;
  auto head = segments.head(left->second);
  if (!head || head->id != id) return std::nullopt;
  return Found{left->second, *head};
}

Status ObjectFiles::look_behind() {
  Place from{1, 0};
  Place covered = lookup.covered();
  if (lookup.is_open() && covered.segment > 0) {
    auto st = os::stat_file(segments.path(covered.segment));
    if (st && st->size >= covered.offset) from = covered;
  }
  for (uint32_t number : TRY(segments.open_all())) {
    if (number < from.segment) continue;
    TRY(segments.scan(
        {number, number == from.segment ? from.offset : 0},
        [&](Place place, const RecordHead& head) { behind_.insert_or_assign(head.id, place); }));
  }
  return {};
}

bool ObjectFiles::rests_on(ObjectId base, const ObjectId& id) {
  for (int i = 0; i < 256; ++i) {
    if (base == id) return true;
    auto found = find(base);
    if (!found || found->second.depth == 0) return false;
    base = found->second.base;
  }
  return true;
}

Status ObjectFiles::rebuild() {
  std::vector<Lookup::Entry> entries;
  Place covered{1, 0};
  for (uint32_t number : TRY(segments.open_all())) {
    uint64_t end = TRY(segments.scan({number, 0}, [&](Place place, const RecordHead& head) {
      entries.push_back({head.id, place});
    }));
    covered = {number, end};
  }
  // Of one content in several records the newest is found first: what an older one is a difference
  // from may have gone with a cleaning that was killed.
  std::ranges::reverse(entries);
  return lookup.replace(entries, covered);
}

Result<Place> ObjectFiles::prepare_append(uint64_t record_size) {
  auto opened = lookup.open();
  Place covered = lookup.covered();
  if (!opened || TRY(os::stat_file(segments.path(covered.segment))).size < covered.offset) {
    // Lost, damaged, or ahead of what a power cut left of the segments.
    TRY(rebuild());
    covered = lookup.covered();
  }
  Place at{std::max<uint32_t>(covered.segment, 1), covered.offset};
  for (;;) {
    std::string path = segments.path(at.segment);
    os::FileStat st = TRY(os::stat_file(path));
    bool is_last = !os::exists(segments.path(at.segment + 1));
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

Status ObjectFiles::append(const ObjectId& id, std::string_view record) {
  Place place = TRY(prepare_append(record.size()));
  os::File file = TRY(os::open_file(segments.path(place.segment), os::Open::append_create));
  auto written = os::append(file, record);
  if (!written) {
    (void)os::truncate(file, place.offset);
    return written;
  }
  // The content is kept. A table that cannot follow now is brought up to date by the next writer.
  if (lookup.insert(id, place)) {
    (void)lookup.cover({place.segment, place.offset + record.size()});
  }
  return {};
}

Status ObjectFiles::flush_segment(uint32_t number) {
  auto file = os::open_file(segments.path(number), os::Open::read);
  if (!file) return {};
  return os::sync(*file);
}

Result<uint64_t> ObjectFiles::catch_up(Place from) {
  Status inserted;
  auto take = [&](Place place, const RecordHead& head) {
    if (inserted && !find(head.id)) inserted = lookup.insert(head.id, place);
  };
  uint64_t end = TRY(segments.scan(from, take));
  TRY(inserted);
  TRY(lookup.cover({from.segment, end}));
  return end;
}

}  // namespace baton::store
