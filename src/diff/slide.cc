#include "diff/slide.h"

#include <algorithm>
#include <optional>

namespace baton::diff {
namespace {

constexpr int kMaxIndent = 200;

// Columns before the first sign, tabs to multiples of 8; nothing for a blank line.
std::optional<int> indent_of(std::string_view line) {
  int columns = 0;
  for (char c : line) {
    if (c == ' ') {
      ++columns;
    } else if (c == '\t') {
      columns += 8 - columns % 8;
    } else if (!is_space(c)) {
      return columns;
    }
    if (columns >= kMaxIndent) return kMaxIndent;
  }
  return std::nullopt;
}

// How bad it is to have borders at certain places: less is better.
struct Badness {
  int indent = 0;  // sum over the borders
  int penalty = 0;

  bool operator<=(const Badness& other) const {
    constexpr int kIndentWeight = 60;
    int by_indent = (indent > other.indent) - (indent < other.indent);
    return kIndentWeight * by_indent + penalty - other.penalty <= 0;
  }
};

// Judges a border between line `at` - 1 and line `at`.
void add_border(std::span<const std::string_view> lines, uint32_t at, Badness& badness) {
  constexpr int kStartOfFile = 1;
  constexpr int kEndOfFile = 21;
  constexpr int kPerBlank = -30;     // a border beside blank lines is a good one
  constexpr int kPerBlankBelow = 6;  // better if they are above it
  constexpr int kDeeper = -4;        // the line below is deeper than the one above
  constexpr int kDeeperAfterBlank = 10;
  constexpr int kOpens = 24;  // less deep than above, but what follows is deeper
  constexpr int kOpensAfterBlank = 17;
  constexpr int kCloses = 23;  // less deep than above, and so is what follows
  constexpr int kClosesAfterBlank = 17;

  const auto count = static_cast<uint32_t>(lines.size());
  const bool at_end = at >= count;
  std::optional<int> here = at_end ? std::nullopt : indent_of(lines[at]);
  std::optional<int> above, below;  // of the next lines that are not blank
  int blanks_above = 0, blanks_below = 0;
  for (uint32_t i = at; i > 0 && !above; --i) {
    above = indent_of(lines[i - 1]);
    if (!above && ++blanks_above == static_cast<int>(kMaxBlanks)) above = 0;
  }
  for (uint32_t i = at + 1; i < count && !below; ++i) {
    below = indent_of(lines[i]);
    if (!below && ++blanks_below == static_cast<int>(kMaxBlanks)) below = 0;
  }

  if (!above && blanks_above == 0) badness.penalty += kStartOfFile;
  if (at_end) badness.penalty += kEndOfFile;
  const int after = here ? 0 : 1 + blanks_below;
  const int blanks = blanks_above + after;
  badness.penalty += kPerBlank * blanks + kPerBlankBelow * after;
  std::optional<int> indent = here ? here : below;
  badness.indent += indent.value_or(-1);
  if (!indent || !above || *indent == *above) return;
  if (*indent > *above) {
    badness.penalty += blanks ? kDeeperAfterBlank : kDeeper;
  } else if (below && *below > *indent) {
    badness.penalty += blanks ? kOpensAfterBlank : kOpens;
  } else {
    badness.penalty += blanks ? kClosesAfterBlank : kCloses;
  }
}

// One side with a place in it: the lines between two unchanged lines that follow each other. These
// gaps have numbers, the same on both sides since unchanged lines are pairs; most are empty.
class Side {
 public:
  Side(std::span<const std::string_view> lines, std::span<const uint32_t> ids,
       std::vector<uint8_t>& changed, uint32_t slide_end)
      : lines_(lines), ids_(ids), changed_(changed), slide_end_(slide_end) {
    while (end_ < count() && changed_[end_]) ++end_;
  }

  uint32_t begin() const { return begin_; }
  uint32_t end() const { return end_; }
  bool empty() const { return begin_ == end_; }
  std::span<const std::string_view> lines() const { return lines_; }

  bool next() {
    if (end_ == count()) return false;
    begin_ = ++end_;
    while (end_ < count() && changed_[end_]) ++end_;
    return true;
  }
  void previous() {
    end_ = --begin_;
    while (begin_ > 0 && changed_[begin_ - 1]) --begin_;
  }

  // Moves the region one line up (down), and joins it with one that it comes to touch. The gap's
  // number becomes one less (more).
  bool move_up() {
    if (begin_ == 0 || ids_[begin_ - 1] != ids_[end_ - 1]) return false;
    changed_[--begin_] = 1;
    changed_[--end_] = 0;
    while (begin_ > 0 && changed_[begin_ - 1]) --begin_;
    return true;
  }
  bool move_down() {
    if (end_ >= slide_end_ || ids_[begin_] != ids_[end_]) return false;
    changed_[begin_++] = 0;
    changed_[end_++] = 1;
    while (end_ < count() && changed_[end_]) ++end_;
    return true;
  }

 private:
  uint32_t count() const { return static_cast<uint32_t>(changed_.size()); }

  std::span<const std::string_view> lines_;
  std::span<const uint32_t> ids_;
  std::vector<uint8_t>& changed_;
  uint32_t slide_end_;
  uint32_t begin_ = 0, end_ = 0;
};

// The best end for a region whose highest end is `highest` and which lies lowest now.
uint32_t best_end(const Side& side, uint32_t highest) {
  const uint32_t lowest = side.end();
  const uint32_t size = side.end() - side.begin();
  uint32_t from = highest;
  if (lowest - from > size + 1) from = lowest - size - 1;  // higher ones repeat the same texts
  if (lowest - from > kMaxSlide) from = lowest - kMaxSlide;
  uint32_t best = from;
  Badness best_badness;
  for (uint32_t end = from; end <= lowest; ++end) {
    Badness badness;
    add_border(side.lines(), end, badness);
    add_border(side.lines(), end - size, badness);
    if (end == from || badness <= best_badness) {
      best_badness = badness;
      best = end;
    }
  }
  return best;
}

void slide_region(Side& side, Side& other, bool indent_heuristic) {
  uint32_t highest_end;
  bool beside_other;  // somewhere on the way the other side's region was beside it
  uint32_t size;
  do {
    size = side.end() - side.begin();
    while (side.move_up()) other.previous();
    highest_end = side.end();
    beside_other = !other.empty();
    while (side.move_down()) {
      other.next();
      beside_other |= !other.empty();
    }
  } while (side.end() - side.begin() != size);

  if (side.end() == highest_end) return;
  if (beside_other) {
    while (other.empty() && side.move_up()) other.previous();
  } else if (indent_heuristic) {
    uint32_t end = best_end(side, highest_end);
    while (side.end() > end && side.move_up()) other.previous();
  }
}

void slide_side(Side side, Side other, bool indent_heuristic) {
  do {
    if (!side.empty()) slide_region(side, other, indent_heuristic);
    other.next();
  } while (side.next());
}

}  // namespace

void slide(const Window& window, Alignment& alignment, bool indent_heuristic) {
  auto side = [&](bool old_side) {
    auto lines = old_side ? window.old_lines : window.new_lines;
    auto count = static_cast<uint32_t>(lines.size());
    // Below this a border's surroundings would reach over the window's end.
    uint32_t reserve = window.ends_file ? 0 : std::min(count, kMaxBlanks + 1);
    return Side(lines, old_side ? window.old_ids : window.new_ids,
                old_side ? alignment.old_changed : alignment.new_changed, count - reserve);
  };
  slide_side(side(true), side(false), indent_heuristic);
  slide_side(side(false), side(true), indent_heuristic);
}

}  // namespace baton::diff
