#include "diff/align.h"

#include <algorithm>
#include <limits>

#include "diff/diff.h"

namespace baton::diff {
namespace {

// A stretch of both sequences, half-open.
struct Box {
  int32_t a_begin, a_end;
  int32_t b_begin, b_end;
};

int32_t length(const Box& box) {
  return (box.a_end - box.a_begin) + (box.b_end - box.b_begin);
}

// A power of two near the root.
uint32_t rough_root(size_t n) {
  uint32_t root = 1;
  for (; n > 0; n /= 4) root *= 2;
  return root;
}

// The elements to put aside: those that the other side lacks, and frequent ones (blank lines,
// braces) that lie among them. A frequent line that survives a rewritten stretch would be paired by
// chance, and would cut the change into pieces; git does the same, by the same measure.
std::vector<uint8_t> without_partner(std::span<const uint32_t> all,
                                     const std::vector<uint32_t>& on_other_side) {
  constexpr uint32_t kMaxFrequent = 1024;
  constexpr size_t kReach = 100;  // elements to each side
  const uint32_t frequent = std::min(rough_root(all.size()), kMaxFrequent);
  const size_t count = all.size();
  std::vector<uint8_t> aside(count);
  std::vector<uint32_t> missing_before(count + 1, 0);  // prefix sum
  for (size_t i = 0; i < count; ++i) {
    aside[i] = on_other_side[all[i]] == 0;
    missing_before[i + 1] = missing_before[i] + aside[i];
  }
  // [run_begin, run_end): a stretch of missing and frequent elements only.
  for (size_t run_begin = 0, run_end = 0; run_begin < count; run_begin = run_end + 1) {
    auto ordinary = [&](size_t i) {
      return on_other_side[all[i]] > 0 && on_other_side[all[i]] < frequent;
    };
    for (run_end = run_begin; run_end < count && !ordinary(run_end);) ++run_end;
    for (size_t i = run_begin; i < run_end; ++i) {
      if (on_other_side[all[i]] == 0) continue;
      const size_t from = std::max(run_begin, i - std::min(i, kReach));
      const size_t to = std::min(run_end, i + kReach + 1);
      const uint32_t above = missing_before[i] - missing_before[from];
      const uint32_t below = missing_before[to] - missing_before[i];
      if (above == 0 || below == 0) continue;
      const size_t frequent_ones = to - from - above - below + 1;
      aside[i] = frequent_ones * 4 < frequent_ones + above + below;
    }
  }
  return aside;
}

class Aligner {
 public:
  Aligner(std::span<const uint32_t> a, std::span<const uint32_t> b, uint32_t id_count,
          Alignment& out);
  void run() { solve({0, size(a_), 0, size(b_)}); }

 private:
  struct Cut {
    int32_t a, b;  // the box falls into what is before this point and what is after it
    bool minimal;  // false: the search was given up here
  };
  struct Band {
    int32_t low, high;  // diagonals, every other one
  };
  struct Place {
    int32_t position = 0;
    int32_t count = 0;  // 2: or more
  };

  static int32_t size(const std::vector<uint32_t>& ids) { return static_cast<int32_t>(ids.size()); }

  void solve(Box box);
  Cut search(const Box& box);
  Cut farthest_cut(const Box& box, Band forward_band, Band backward_band) const;
  bool solve_between_anchors(const Box& box);

  std::vector<uint32_t> a_, b_;              // without what the other side lacks
  std::vector<uint32_t> a_index_, b_index_;  // where an element is in the whole sequence
  Alignment& out_;
  // How far a path came on a diagonal (a - b), from the box's begin and from its end, as a position
  // in `a`. Diagonal d is at d + diagonal_zero_.
  std::vector<int32_t> forward_, backward_;
  int32_t diagonal_zero_;
  std::vector<Place> a_places_, b_places_;  // by id; all zero between two uses
  int64_t work_left_ = kMaxWork;
};

Aligner::Aligner(std::span<const uint32_t> a, std::span<const uint32_t> b, uint32_t id_count,
                 Alignment& out)
    : out_(out) {
  std::vector<uint32_t> in_a(id_count, 0), in_b(id_count, 0);
  for (uint32_t id : a) ++in_a[id];
  for (uint32_t id : b) ++in_b[id];
  auto keep = [](std::span<const uint32_t> all, const std::vector<uint32_t>& on_other_side,
                 std::vector<uint8_t>& changed, std::vector<uint32_t>& kept,
                 std::vector<uint32_t>& index) {
    changed = without_partner(all, on_other_side);
    for (uint32_t i = 0; i < all.size(); ++i) {
      if (changed[i]) continue;
      kept.push_back(all[i]);
      index.push_back(i);
    }
  };
  keep(a, in_b, out.old_changed, a_, a_index_);
  keep(b, in_a, out.new_changed, b_, b_index_);
  diagonal_zero_ = size(b_) + 1;
  forward_.resize(a_.size() + b_.size() + 3);
  backward_.resize(a_.size() + b_.size() + 3);
  a_places_.resize(id_count);
  b_places_.resize(id_count);
}

// Of two parts the smaller is solved by recursion, so the stack's depth is a logarithm. Between
// anchors a part may be nearly the whole, but each round of them takes a hundredth away.
void Aligner::solve(Box box) {
  for (;;) {
    while (box.a_begin < box.a_end && box.b_begin < box.b_end &&
           a_[box.a_begin] == b_[box.b_begin]) {
      ++box.a_begin;
      ++box.b_begin;
    }
    while (box.a_begin < box.a_end && box.b_begin < box.b_end &&
           a_[box.a_end - 1] == b_[box.b_end - 1]) {
      --box.a_end;
      --box.b_end;
    }
    if (box.a_begin == box.a_end || box.b_begin == box.b_end) {
      for (int32_t i = box.a_begin; i < box.a_end; ++i) out_.old_changed[a_index_[i]] = 1;
      for (int32_t i = box.b_begin; i < box.b_end; ++i) out_.new_changed[b_index_[i]] = 1;
      return;
    }
    Cut cut = search(box);
    if (!cut.minimal && solve_between_anchors(box)) return;
    Box before{box.a_begin, cut.a, box.b_begin, cut.b};
    Box after{cut.a, box.a_end, cut.b, box.b_end};
    bool before_is_smaller = length(before) < length(after);
    solve(before_is_smaller ? before : after);
    box = before_is_smaller ? after : before;
  }
}

// Paths from both ends take one change more in each round, until two of them meet.
Aligner::Cut Aligner::search(const Box& box) {
  int32_t* forward = forward_.data() + diagonal_zero_;
  int32_t* backward = backward_.data() + diagonal_zero_;
  const int32_t lowest = box.a_begin - box.b_end;
  const int32_t highest = box.a_end - box.b_begin;
  const int32_t first = box.a_begin - box.b_begin;
  const int32_t last = box.a_end - box.b_end;
  const bool meets_going_forward = (first - last) % 2 != 0;
  int32_t forward_low = first, forward_high = first;
  int32_t backward_low = last, backward_high = last;
  forward[first] = box.a_begin;
  backward[last] = box.a_end;

  for (int32_t cost = 1;; ++cost) {
    // The band of diagonals grows by one on each side, and shrinks where it would leave the box.
    if (forward_low > lowest) {
      forward[--forward_low - 1] = -1;
    } else {
      ++forward_low;
    }
    if (forward_high < highest) {
      forward[++forward_high + 1] = -1;
    } else {
      --forward_high;
    }
    for (int32_t d = forward_high; d >= forward_low; d -= 2) {
      int32_t a = std::max(forward[d - 1] + 1, forward[d + 1]);
      int32_t b = a - d;
      const int32_t start = a;
      while (a < box.a_end && b < box.b_end && a_[a] == b_[b]) ++a, ++b;
      work_left_ -= 1 + a - start;
      forward[d] = a;
      if (meets_going_forward && backward_low <= d && d <= backward_high && backward[d] <= a) {
        return {a, b, true};
      }
    }

    constexpr int32_t kNowhere = std::numeric_limits<int32_t>::max();
    if (backward_low > lowest) {
      backward[--backward_low - 1] = kNowhere;
    } else {
      ++backward_low;
    }
    if (backward_high < highest) {
      backward[++backward_high + 1] = kNowhere;
    } else {
      --backward_high;
    }
    for (int32_t d = backward_high; d >= backward_low; d -= 2) {
      int32_t a = std::min(backward[d - 1], backward[d + 1] - 1);
      int32_t b = a - d;
      const int32_t start = a;
      while (a > box.a_begin && b > box.b_begin && a_[a - 1] == b_[b - 1]) --a, --b;
      work_left_ -= 1 + start - a;
      backward[d] = a;
      if (!meets_going_forward && forward_low <= d && d <= forward_high && a <= forward[d]) {
        return {a, b, true};
      }
    }
    if (cost < (work_left_ > 0 ? kMaxCost : kMaxCostTired)) continue;

    return farthest_cut(box, {forward_low, forward_high}, {backward_low, backward_high});
  }
}

// The point that is farthest from the end it was reached from.
Aligner::Cut Aligner::farthest_cut(const Box& box, Band forward_band, Band backward_band) const {
  const int32_t* forward = forward_.data() + diagonal_zero_;
  const int32_t* backward = backward_.data() + diagonal_zero_;
  int64_t best = -1;
  Cut cut{};
  auto consider = [&](int32_t a, int32_t b, int64_t distance) {
    if (distance > best) {
      best = distance;
      cut = {a, b, false};
    }
  };
  // Paths may have left the box by one step.
  for (int32_t d = forward_band.high; d >= forward_band.low; d -= 2) {
    const int32_t a = std::min({forward[d], box.a_end, box.b_end + d});
    consider(a, a - d, int64_t{a} - box.a_begin + (a - d) - box.b_begin);
  }
  for (int32_t d = backward_band.high; d >= backward_band.low; d -= 2) {
    const int32_t a = std::max({backward[d], box.a_begin, box.b_begin + d});
    consider(a, a - d, int64_t{box.a_end} - a + box.b_end - (a - d));
  }
  return cut;
}

// Takes the longest chain of ids that occur once on both sides as paired. Answers false, with
// nothing done, where there are too few to trust.
bool Aligner::solve_between_anchors(const Box& box) {
  if (work_left_ <= 0) return false;
  constexpr int64_t kWorkPerElement = 16;  // several looks, each a cache miss where ids are many
  work_left_ -= kWorkPerElement * length(box);
  for (int32_t i = box.a_begin; i < box.a_end; ++i) {
    Place& place = a_places_[a_[i]];
    place.position = i;
    if (place.count < 2) ++place.count;
  }
  for (int32_t i = box.b_begin; i < box.b_end; ++i) {
    Place& place = b_places_[b_[i]];
    place.position = i;
    if (place.count < 2) ++place.count;
  }
  // Patience sorting: tails[k] is the pair that ends a chain of k + 1 with the smallest `b`.
  struct Pair {
    int32_t a, b, previous;
  };
  std::vector<Pair> pairs;
  std::vector<int32_t> tails;
  for (int32_t i = box.a_begin; i < box.a_end; ++i) {
    const Place& other = b_places_[a_[i]];
    if (a_places_[a_[i]].count != 1 || other.count != 1) continue;
    auto tail =
        std::lower_bound(tails.begin(), tails.end(), other.position,
                         [&](int32_t pair, int32_t position) { return pairs[pair].b < position; });
    pairs.push_back({i, other.position, tail == tails.begin() ? -1 : *(tail - 1)});
    auto index = static_cast<int32_t>(pairs.size()) - 1;
    if (tail == tails.end()) {
      tails.push_back(index);
    } else {
      *tail = index;
    }
  }
  for (int32_t i = box.a_begin; i < box.a_end; ++i) a_places_[a_[i]] = {};
  for (int32_t i = box.b_begin; i < box.b_end; ++i) b_places_[b_[i]] = {};

  constexpr int32_t kLinesPerAnchor = 100;
  if (static_cast<int64_t>(tails.size()) * kLinesPerAnchor < length(box)) return false;
  std::vector<std::pair<int32_t, int32_t>> anchors(tails.size());
  for (int32_t at = tails.back(), i = static_cast<int32_t>(tails.size()); at >= 0;
       at = pairs[at].previous) {
    anchors[--i] = {pairs[at].a, pairs[at].b};
  }
  pairs = {};
  tails = {};
  Box gap = box;
  for (auto [a, b] : anchors) {
    gap.a_end = a;
    gap.b_end = b;
    solve(gap);
    gap.a_begin = a + 1;
    gap.b_begin = b + 1;
  }
  gap.a_end = box.a_end;
  gap.b_end = box.b_end;
  solve(gap);
  return true;
}

}  // namespace

Alignment align(std::span<const uint32_t> old_ids, std::span<const uint32_t> new_ids,
                uint32_t id_count) {
  Alignment alignment;
  Aligner(old_ids, new_ids, id_count, alignment).run();
  return alignment;
}

std::vector<Edit> edits_of(const Alignment& alignment) {
  std::vector<Edit> edits;
  const auto& old_changed = alignment.old_changed;
  const auto& new_changed = alignment.new_changed;
  uint32_t i = 0, j = 0;
  while (i < old_changed.size() || j < new_changed.size()) {
    Edit edit{i, i, j, j};
    while (edit.old_end < old_changed.size() && old_changed[edit.old_end]) ++edit.old_end;
    while (edit.new_end < new_changed.size() && new_changed[edit.new_end]) ++edit.new_end;
    i = edit.old_end + 1;
    j = edit.new_end + 1;
    if (edit.removed() || edit.added()) edits.push_back(edit);
  }
  return edits;
}

}  // namespace baton::diff
