#include "attribution/marks.h"

#include <algorithm>
#include <cstring>

namespace baton::attribution {
namespace {

constexpr uint32_t kMaxFrame = 1u << 28;  // lines; more is damage

void put(std::string& bytes, uint64_t value) {
  while (value >= 0x80) {
    bytes += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  bytes += static_cast<char>(value);
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  uint64_t next() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && at_ < bytes_.size(); shift += 7) {
      auto byte = static_cast<uint8_t>(bytes_[at_++]);
      value |= uint64_t{byte & 0x7fu} << shift;
      if (!(byte & 0x80)) return value;
    }
    failed_ = true;
    return 0;
  }
  uint32_t small() {
    uint64_t value = next();
    if (value > kMaxFrame) failed_ = true;
    return failed_ ? 0 : static_cast<uint32_t>(value);
  }
  uint32_t word() {
    uint32_t value = 0;
    if (bytes_.size() - at_ < sizeof value) {
      failed_ = true;
      return 0;
    }
    memcpy(&value, bytes_.data() + at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  bool failed() const { return failed_; }
  bool ended() const { return at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  bool failed_ = false;
};

void put_origin(std::string& bytes, const Origin& origin, const index::TimelineKey& own) {
  bool is_own = origin.key == own;
  put(bytes, static_cast<uint64_t>(origin.q) << 3 | static_cast<uint64_t>(origin.kind) << 1 |
                 (is_own ? 1u : 0u));
  if (is_own) return;
  put(bytes, static_cast<uint64_t>(origin.key.worktree));
  put(bytes, static_cast<uint64_t>(origin.key.path));
}

Origin read_origin(Reader& reader, const index::TimelineKey& own) {
  Origin origin;
  uint64_t head = reader.next();
  origin.q = static_cast<int64_t>(head >> 3);
  origin.kind = static_cast<index::VersionKind>(head >> 1 & 3);
  if (head & 1) {
    origin.key = own;
  } else {
    origin.key.worktree = static_cast<int64_t>(reader.next());
    origin.key.path = static_cast<int64_t>(reader.next());
  }
  return origin;
}

constexpr uint64_t kHasMover = 1, kHasReformatter = 2, kIsLost = 4, kHasRivals = 8;
constexpr int kArrivalShift = 4;

}  // namespace

std::string_view to_string(Arrival arrival) {
  switch (arrival) {
    case Arrival::written:
      break;
    case Arrival::moved:
      return "moved";
    case Arrival::copied:
      return "copied";
    case Arrival::renamed:
      return "renamed";
    case Arrival::restored:
      return "restored";
  }
  return "written";
}

void Mark::add_rival(const Origin& rival) {
  auto place = std::ranges::lower_bound(rivals, rival);
  if (rival == writer || (place != rivals.end() && *place == rival)) return;
  rivals.insert(place, rival);
}

uint32_t Marks::add(const Mark& mark) {
  auto [found, added] = numbers_.try_emplace(mark, size());
  if (added) marks_.push_back(mark);
  return found->second;
}

uint32_t Marks::import(const Marks& from, uint32_t number) {
  if (&from == this) return number;
  // Oldest first, so that none is added before the one that it was made of.
  std::vector<uint32_t> chain;
  for (auto at = static_cast<int32_t>(number); at >= 0; at = from[static_cast<uint32_t>(at)].was) {
    chain.push_back(static_cast<uint32_t>(at));
  }
  int32_t was = -1;
  for (size_t i = chain.size(); i-- > 0;) {
    Mark mark = from[chain[i]];
    mark.was = was;
    was = static_cast<int32_t>(add(mark));
  }
  return static_cast<uint32_t>(was);
}

void splice_in(Frame& frame, const std::vector<Splice>& splices) {
  // From the end, so that places before stay what they are.
  for (size_t i = splices.size(); i-- > 0;) {
    const Splice& splice = splices[i];
    auto begin =
        frame.begin() + static_cast<ptrdiff_t>(std::min<size_t>(splice.old_begin, frame.size()));
    size_t count = std::min<size_t>(splice.old_count, static_cast<size_t>(frame.end() - begin));
    size_t same = std::min(count, splice.marks.size());
    std::copy_n(splice.marks.begin(), same, begin);
    auto rest = begin + static_cast<ptrdiff_t>(same);
    if (count > same) {
      frame.erase(rest, begin + static_cast<ptrdiff_t>(count));
    } else {
      frame.insert(rest, splice.marks.begin() + static_cast<ptrdiff_t>(same), splice.marks.end());
    }
  }
}

std::string encode(const Delta& delta, const Marks& marks, uint32_t first_mark, uint32_t end_mark,
                   const index::TimelineKey& own) {
  std::string bytes;
  put(bytes, static_cast<uint64_t>(delta.base + 1));
  put(bytes, static_cast<uint64_t>(delta.previous + 1));
  put(bytes, (delta.lost ? 1u : 0u) | (delta.crossing ? 2u : 0u));
  put(bytes, first_mark);
  put(bytes, end_mark - first_mark);
  for (uint32_t i = first_mark; i < end_mark; ++i) {
    const Mark& mark = marks[i];
    put_origin(bytes, mark.writer, own);
    put(bytes, static_cast<uint64_t>(mark.was + 1));
    put(bytes, (mark.mover.none() ? 0 : kHasMover) |
                   (mark.reformatter.none() ? 0 : kHasReformatter) | (mark.lost ? kIsLost : 0) |
                   (mark.rivals.empty() ? 0 : kHasRivals) |
                   static_cast<uint64_t>(mark.arrival) << kArrivalShift);
    if (!mark.mover.none()) put_origin(bytes, mark.mover, own);
    if (!mark.reformatter.none()) put_origin(bytes, mark.reformatter, own);
    if (!mark.rivals.empty()) {
      put(bytes, mark.rivals.size());
      for (const Origin& rival : mark.rivals) put_origin(bytes, rival, own);
    }
  }
  put(bytes, delta.splices.size());
  for (const Splice& splice : delta.splices) {
    put(bytes, splice.old_begin);
    put(bytes, splice.old_count);
    std::string runs;
    uint64_t count = 0;
    for (size_t begin = 0; begin < splice.marks.size(); ++count) {
      size_t end = begin + 1;
      while (end < splice.marks.size() && splice.marks[end] == splice.marks[begin]) ++end;
      put(runs, splice.marks[begin]);
      put(runs, end - begin);
      begin = end;
    }
    put(bytes, count);
    bytes += runs;
  }
  for (const std::vector<uint32_t>* hashes : {&delta.removed, &delta.moved}) {
    put(bytes, hashes->size());
    for (uint32_t hash : *hashes) {
      bytes.append(reinterpret_cast<const char*>(&hash), sizeof hash);
    }
  }
  return bytes;
}

std::optional<Delta> decode(std::string_view bytes, Marks& marks, const index::TimelineKey& own) {
  Reader reader(bytes);
  Delta delta;
  delta.base = static_cast<int32_t>(reader.small()) - 1;
  delta.previous = static_cast<int32_t>(reader.small()) - 1;
  uint64_t flags = reader.next();
  delta.lost = (flags & 1) != 0;
  delta.crossing = (flags & 2) != 0;
  if (reader.next() != marks.size()) return std::nullopt;
  for (uint32_t left = reader.small(); left > 0 && !reader.failed(); --left) {
    Mark mark;
    mark.writer = read_origin(reader, own);
    mark.was = static_cast<int32_t>(reader.small()) - 1;
    uint64_t bits = reader.next();
    mark.lost = (bits & kIsLost) != 0;
    mark.arrival = static_cast<Arrival>(bits >> kArrivalShift);
    if (bits & kHasMover) mark.mover = read_origin(reader, own);
    if (bits & kHasReformatter) mark.reformatter = read_origin(reader, own);
    if (bits & kHasRivals) {
      for (uint32_t rivals = reader.small(); rivals > 0 && !reader.failed(); --rivals) {
        mark.rivals.push_back(read_origin(reader, own));
      }
    }
    if (mark.was >= static_cast<int32_t>(marks.size())) return std::nullopt;
    uint32_t expected = marks.size();
    if (marks.add(mark) != expected) return std::nullopt;
  }
  for (uint32_t left = reader.small(); left > 0 && !reader.failed(); --left) {
    Splice& splice = delta.splices.emplace_back();
    splice.old_begin = reader.small();
    splice.old_count = reader.small();
    for (uint32_t runs = reader.small(); runs > 0 && !reader.failed(); --runs) {
      uint32_t mark = reader.small();
      uint32_t count = reader.small();
      if (mark >= marks.size() || splice.marks.size() + count > kMaxFrame) return std::nullopt;
      splice.marks.insert(splice.marks.end(), count, mark);
    }
  }
  for (std::vector<uint32_t>* hashes : {&delta.removed, &delta.moved}) {
    for (uint32_t left = reader.small(); left > 0 && !reader.failed(); --left) {
      hashes->push_back(reader.word());
    }
  }
  if (reader.failed() || !reader.ended()) return std::nullopt;
  return delta;
}

}  // namespace baton::attribution
