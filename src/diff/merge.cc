#include "diff/merge.h"

#include <algorithm>
#include <optional>

#include "diff/diff.h"

namespace baton::diff {
namespace {

using Lines = std::span<const std::string_view>;

uint32_t length(const LineRange& range) {
  return range.end - range.begin;
}

Lines part(Lines lines, const LineRange& range) {
  return lines.subspan(range.begin, length(range));
}

// A stretch of the three contents. What lies between two of them is the same in all.
struct Region {
  LineRange base, ours, theirs;
  enum class From : uint8_t { ours, theirs, both_differ } from = From::ours;
};

// Walks both lists of edits and joins those that touch.
class RegionFinder {
 public:
  RegionFinder(std::span<const Edit> ours, std::span<const Edit> theirs)
      : ours_(ours), theirs_(theirs) {}

  std::vector<Region> find() {
    std::vector<Region> regions;
    while (!ours_.empty() || !theirs_.empty()) regions.push_back(next());
    return regions;
  }

 private:
  Region next() {
    // Lines that neither touched have moved by what was added and removed above.
    const int64_t ours_shift = ours_shift_, theirs_shift = theirs_shift_;
    const uint32_t begin = std::min(begin_of(ours_), begin_of(theirs_));
    uint32_t end = begin;
    bool ours_changed = false, theirs_changed = false;
    for (bool grown = true; grown;) {
      grown = take(ours_, end, ours_shift_, ours_changed);
      grown |= take(theirs_, end, theirs_shift_, theirs_changed);
    }
    auto shifted = [&](int64_t shift_at_begin, int64_t shift_at_end) {
      return LineRange{static_cast<uint32_t>(begin + shift_at_begin),
                       static_cast<uint32_t>(end + shift_at_end)};
    };
    Region region;
    region.base = {begin, end};
    region.ours = shifted(ours_shift, ours_shift_);
    region.theirs = shifted(theirs_shift, theirs_shift_);
    region.from = ours_changed && theirs_changed ? Region::From::both_differ
                  : ours_changed                 ? Region::From::ours
                                                 : Region::From::theirs;
    return region;
  }

  static uint32_t begin_of(std::span<const Edit> edits) {
    return edits.empty() ? UINT32_MAX : edits.front().old_begin;
  }

  static bool take(std::span<const Edit>& edits, uint32_t& end, int64_t& shift, bool& changed) {
    if (edits.empty() || edits.front().old_begin > end) return false;
    const Edit& edit = edits.front();
    end = std::max(end, edit.old_end);
    shift += int64_t{edit.added()} - edit.removed();
    changed = true;
    edits = edits.subspan(1);
    return true;
  }

  std::span<const Edit> ours_, theirs_;
  int64_t ours_shift_ = 0, theirs_shift_ = 0;
};

// Whether lines end in CRLF around `at`; nothing if there is no line end to tell by.
std::optional<bool> ends_crlf(Lines lines, uint32_t at) {
  if (lines.empty()) return std::nullopt;
  std::string_view line = lines[at];
  if (!line.ends_with('\n')) {  // the last one
    if (at == 0) return std::nullopt;
    line = lines[at - 1];
  }
  return line.ends_with("\r\n");
}

class Merger {
 public:
  Merger(Lines base, Lines ours, Lines theirs, const MergeOptions& options)
      : base_(base), ours_(ours), theirs_(theirs), options_(options) {}

  Merge run() {
    const DiffOptions lowest{.indent_heuristic = false};  // as git merges
    std::vector<Region> found =
        RegionFinder(diff_lines(base_, ours_, lowest), diff_lines(base_, theirs_, lowest)).find();
    for (size_t i = 0; i < found.size();) {
      i = join_agreed(found, i);
      if (found[i].from == Region::From::both_differ) {
        add_conflict(found[i]);
      } else {
        regions_.push_back(found[i]);
      }
      ++i;
    }
    if (!options_.show_base) join_near_conflicts();
    return write();
  }

 private:
  // The same change may be found in pieces, and at other lines on each side: a line of the base
  // within it that occurs twice. Joins what follows `i` into one region if both sides have the same
  // text there; answers where that region is.
  size_t join_agreed(std::vector<Region>& found, size_t i) const {
    constexpr size_t kPieces = 8;
    for (size_t last = i; last < found.size() && last < i + kPieces; ++last) {
      if (found[last].from != Region::From::both_differ) break;
      const LineRange ours{found[i].ours.begin, found[last].ours.end};
      const LineRange theirs{found[i].theirs.begin, found[last].theirs.end};
      if (!std::ranges::equal(part(ours_, ours), part(theirs_, theirs))) continue;
      found[last] = {{found[i].base.begin, found[last].base.end}, ours, theirs, Region::From::ours};
      return last;
    }
    return i;
  }

  // What both sides did to one stretch: in conflict are only the lines on which they differ.
  void add_conflict(const Region& region) {
    Lines ours = part(ours_, region.ours), theirs = part(theirs_, region.theirs);
    if (options_.show_base) {
      regions_.push_back(region);
      return;
    }
    // The base's lines are given to the first piece; the later ones have none to tell apart.
    uint32_t base_begin = region.base.begin;
    uint32_t ours_at = region.ours.begin, theirs_at = region.theirs.begin;
    auto add_agreed = [&](uint32_t ours_end) {
      if (ours_end == ours_at) return;
      const uint32_t count = ours_end - ours_at;
      regions_.push_back({{base_begin, base_begin},
                          {ours_at, ours_end},
                          {theirs_at, theirs_at + count},
                          Region::From::ours});
      ours_at += count;
      theirs_at += count;
    };
    for (const Edit& edit : diff_lines(ours, theirs, {.indent_heuristic = false})) {
      add_agreed(region.ours.begin + edit.old_begin);
      Region piece;
      piece.base = {base_begin, region.base.end};
      piece.ours = {ours_at, region.ours.begin + edit.old_end};
      piece.theirs = {theirs_at, region.theirs.begin + edit.new_end};
      piece.from = Region::From::both_differ;
      regions_.push_back(piece);
      base_begin = region.base.end;
      ours_at = piece.ours.end;
      theirs_at = piece.theirs.end;
    }
    add_agreed(region.ours.end);
  }

  // Conflicts with little between them are read more easily as one.
  void join_near_conflicts() {
    constexpr uint32_t kFew = 3;  // lines
    auto is_conflict = [](const Region& region) {
      return region.from == Region::From::both_differ;
    };
    std::vector<Region> joined;
    size_t last_conflict = SIZE_MAX;  // in `joined`
    for (const Region& region : regions_) {
      if (!is_conflict(region)) {
        joined.push_back(region);
        continue;
      }
      if (last_conflict != SIZE_MAX && agree_between(joined, last_conflict)) {
        Region& before = joined[last_conflict];
        Lines between = part(ours_, {before.ours.end, region.ours.begin});
        bool worth_showing = std::ranges::any_of(
            between, [](std::string_view line) { return std::ranges::any_of(line, is_alnum); });
        if (between.size() <= kFew || !worth_showing) {
          before.base.end = region.base.end;
          before.ours.end = region.ours.end;
          before.theirs.end = region.theirs.end;
          joined.resize(last_conflict + 1);
          continue;
        }
      }
      last_conflict = joined.size();
      joined.push_back(region);
    }
    regions_ = std::move(joined);
  }

  // Whether all that follows that region is the same on both sides.
  bool agree_between(const std::vector<Region>& regions, size_t after) const {
    return std::all_of(regions.begin() + static_cast<ptrdiff_t>(after) + 1, regions.end(),
                       [&](const Region& region) {
                         return std::ranges::equal(part(ours_, region.ours),
                                                   part(theirs_, region.theirs));
                       });
  }

  Merge write() {
    uint32_t at = 0;  // in ours
    for (const Region& region : regions_) {
      add_lines(part(ours_, {at, region.ours.begin}));
      at = region.ours.end;
      switch (region.from) {
        case Region::From::ours:
          add_lines(part(ours_, region.ours));
          break;
        case Region::From::theirs:
          add_lines(part(theirs_, region.theirs));
          break;
        case Region::From::both_differ:
          write_conflict(region);
      }
    }
    add_lines(ours_.subspan(at));
    return std::move(merge_);
  }

  void write_conflict(const Region& region) {
    Conflict conflict{region.base, region.ours, region.theirs, {line_, line_}};
    const std::string_view line_end = marker_end(region);
    auto add_side = [&](Lines lines) {
      add_lines(lines);
      // A marker begins a line, also after a last line without an end.
      if (!lines.empty() && !lines.back().ends_with('\n')) merge_.text += line_end;
    };
    add_marker('<', options_.ours_label, line_end);
    add_side(part(ours_, region.ours));
    if (options_.show_base) {
      add_marker('|', options_.base_label, line_end);
      add_side(part(base_, region.base));
    }
    add_marker('=', {}, line_end);
    add_side(part(theirs_, region.theirs));
    add_marker('>', options_.theirs_label, line_end);
    conflict.merged.end = line_;
    merge_.conflicts.push_back(conflict);
  }

  void add_marker(char sign, std::string_view label, std::string_view line_end) {
    merge_.text.append(options_.marker_size, sign);
    if (!label.empty()) (merge_.text += ' ') += label;
    merge_.text += line_end;
    ++line_;
  }

  // Markers end like the lines around them, if all agree on CRLF.
  std::string_view marker_end(const Region& region) const {
    std::optional<bool> crlf;
    auto ask = [&](Lines lines, uint32_t at) {
      if (crlf == false) return;
      crlf = ends_crlf(lines, at);
    };
    ask(ours_, region.ours.begin ? region.ours.begin - 1 : 0);
    ask(theirs_, region.theirs.begin ? region.theirs.begin - 1 : 0);
    ask(base_, 0);
    return crlf.value_or(false) ? "\r\n" : "\n";
  }

  void add_lines(Lines lines) {
    for (std::string_view line : lines) merge_.text += line;
    line_ += static_cast<uint32_t>(lines.size());
  }

  Lines base_, ours_, theirs_;
  const MergeOptions& options_;
  std::vector<Region> regions_;
  Merge merge_;
  uint32_t line_ = 0;  // of the merged text
};

}  // namespace

Merge merge(std::string_view base, std::string_view ours, std::string_view theirs,
            const MergeOptions& options) {
  if (ours == theirs || theirs == base) return {std::string(ours), {}};
  if (ours == base) return {std::string(theirs), {}};
  return Merger(split_lines(base), split_lines(ours), split_lines(theirs), options).run();
}

}  // namespace baton::diff
