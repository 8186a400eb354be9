#pragma once

// What is known of a line, told by the versions that had a part in it; owners are looked up when
// they are asked for, so a better rule for owners needs nothing of this to be made again. And how
// a version's lines are made from those of an earlier one, as bytes that the index keeps.

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/lines.h"

namespace baton::attribution {

// How a line came to where it is, if not by being written there.
enum class Arrival : uint8_t {
  written,   // no mover
  moved,     // taken away elsewhere, in this file or another
  copied,    // still stands there
  renamed,   // the whole file
  restored,  // had been taken away from this file, and was put back
};
std::string_view to_string(Arrival arrival);

// A version of a path.
struct Origin {
  index::TimelineKey key;
  int64_t q = 0;
  index::VersionKind kind = index::VersionKind::change;
  bool none() const { return key.worktree == 0; }
  auto operator<=>(const Origin&) const = default;
};

struct Mark {
  Origin writer;     // the version that brought the line; none: nothing recorded did
  int32_t was = -1;  // mark of the line that it was made of
  Origin mover;      // none: `arrival` is written
  Arrival arrival = Arrival::written;
  Origin reformatter;
  bool lost = false;  // a version between the writer and the one before it could not be read
  // Versions that may as well have brought it: those of lines that equal it, where nothing tells
  // which of them it is. Sorted.
  std::vector<Origin> rivals;
  void add_rival(const Origin& rival);
  auto operator<=>(const Mark&) const = default;
};

// The marks of a timeline's lines: equal ones have equal numbers.
class Marks {
 public:
  uint32_t add(const Mark& mark);
  const Mark& operator[](uint32_t number) const { return marks_[number]; }
  uint32_t size() const { return static_cast<uint32_t>(marks_.size()); }
  // The mark and those that it was made of, as marks of this list.
  uint32_t import(const Marks& from, uint32_t number);

 private:
  std::vector<Mark> marks_;
  std::map<Mark, uint32_t> numbers_;
};

using Frame = std::vector<uint32_t>;  // a mark for each line

// [old_begin, old_begin + old_count) of the earlier version's lines are replaced by lines with
// these marks.
struct Splice {
  uint32_t old_begin = 0, old_count = 0;
  Frame marks;
};

// How a version's lines are made.
struct Delta {
  int32_t base = -1;      // number of an earlier version, -1: from nothing
  int32_t previous = -1;  // the version that was there before, as far as its content is known
  bool lost = false;      // its content cannot be had: the lines are those of `base`
  bool crossing = false;  // other timelines were looked at
  bool open = false;      // ... and what is to be seen next may say more (not kept)
  std::vector<Splice> splices;
  std::vector<uint32_t> removed;  // hashes of lines that `previous` had and that ended here
  std::vector<uint32_t> moved;    // ... and that stand at another place of the file since
};

void splice_in(Frame& frame, const std::vector<Splice>& splices);

// A delta as bytes, with the marks [first_mark, end_mark), which are new in it.
std::string encode(const Delta& delta, const Marks& marks, uint32_t first_mark, uint32_t end_mark,
                   const index::TimelineKey& own);
// Adds the delta's new marks. Nothing if the bytes are none of ours.
std::optional<Delta> decode(std::string_view bytes, Marks& marks, const index::TimelineKey& own);

}  // namespace baton::attribution
