#include "diff/moves.h"

#include <algorithm>

namespace baton::diff {
namespace {

uint32_t alnum_count(std::string_view line) {
  return static_cast<uint32_t>(std::count_if(line.begin(), line.end(), is_alnum));
}

// All blocks in a row, each followed by an id that equals nothing.
struct Row {
  struct Line {
    std::string_view text;
    uint32_t block;
  };
  std::vector<uint32_t> ids;
  std::vector<Line> lines;
  std::vector<uint32_t> block_begin;

  static constexpr uint32_t kBorder = UINT32_MAX;

  Row(std::span<const Block> blocks, LineIds& line_ids) {
    for (uint32_t block = 0; block < blocks.size(); ++block) {
      block_begin.push_back(size());
      for (std::string_view line : blocks[block].lines) {
        ids.push_back(line_ids.intern(line));
        lines.push_back({line, block});
      }
      ids.push_back(kBorder);
      lines.push_back({{}, block});
    }
  }
  uint32_t size() const { return static_cast<uint32_t>(ids.size()); }
};

class MoveFinder {
 public:
  MoveFinder(std::span<const Block> sources, std::span<const Block> targets,
             const MoveOptions& options)
      : source_blocks_(sources),
        target_blocks_(targets),
        options_(options),
        ids_(options.whitespace),
        source_(sources, ids_),
        source_ids_(ids_.size()),
        target_(targets, ids_),
        used_(source_.size(), 0) {
    index_sources();
    alnum_.reserve(target_.size());
    for (const Row::Line& line : target_.lines) alnum_.push_back(alnum_count(line.text));
  }

  std::vector<Move> find() {
    uint32_t floor = 0;  // target lines below it are taken
    for (uint32_t at = 0; at < target_.size() && work_left_ > 0;) {
      Run best = best_run(at, floor);
      if (!believed(best)) {
        ++at;
        continue;
      }
      add(best);
      at = floor = best.target + best.lines;
    }
    return std::move(moves_);
  }

 private:
  struct Run {
    uint32_t source = 0, target = 0;  // in the rows
    uint32_t lines = 0;
    uint32_t alnum = 0;
    uint32_t telling = 0;
    bool stands = false, other_file = false;
  };

  // Positions of each id, side by side.
  void index_sources() {
    first_.assign(source_ids_ + 1, 0);
    for (uint32_t id : source_.ids) {
      if (id != Row::kBorder) ++first_[id + 1];
    }
    for (uint32_t id = 0; id < source_ids_; ++id) first_[id + 1] += first_[id];
    positions_.resize(first_[source_ids_]);
    std::vector<uint32_t> next(first_.begin(), first_.end());
    for (uint32_t at = 0; at < source_.size(); ++at) {
      if (source_.ids[at] != Row::kBorder) positions_[next[source_.ids[at]]++] = at;
    }
  }

  // The best run of lines through target line `at`, not before `floor`.
  Run best_run(uint32_t at, uint32_t floor) {
    Run best;
    const uint32_t id = target_.ids[at];
    if (id >= source_ids_) return best;
    const uint32_t begin = first_[id], end = first_[id + 1];
    if (end - begin > kMaxMoveCandidates) return best;
    for (uint32_t i = begin; i < end; ++i) {
      if (used_[positions_[i]]) continue;
      Run run = run_through(positions_[i], at, floor);
      if (better(run, best)) best = run;
    }
    return best;
  }

  Run run_through(uint32_t source, uint32_t target, uint32_t floor) {
    auto same = [&](uint32_t s, uint32_t t) {
      return source_.ids[s] == target_.ids[t] && source_.ids[s] != Row::kBorder && !used_[s];
    };
    Run run{source, target};
    while (run.source > 0 && run.target > floor && same(run.source - 1, run.target - 1)) {
      --run.source;
      --run.target;
    }
    while (run.source + run.lines < source_.size() && run.target + run.lines < target_.size() &&
           same(run.source + run.lines, run.target + run.lines)) {
      const uint32_t alnum = alnum_[run.target + run.lines];
      run.alnum += alnum;
      run.telling += alnum >= kTellingAlnum;
      ++run.lines;
    }
    work_left_ -= 2 + int64_t{run.lines};
    const Block& block = source_blocks_[source_.lines[source].block];
    run.stands = block.stands;
    run.other_file = block.file != target_blocks_[target_.lines[target].block].file;
    return run;
  }

  static bool better(const Run& a, const Run& b) {
    if (a.alnum != b.alnum) return a.alnum > b.alnum;
    if (a.lines != b.lines) return a.lines > b.lines;
    if (a.stands != b.stands) return b.stands;
    return b.other_file && !a.other_file;
  }

  bool believed(const Run& run) const {
    const uint32_t min_alnum =
        run.other_file ? options_.min_alnum_other_file : options_.min_alnum_same_file;
    return run.lines > 0 && (run.alnum >= min_alnum || run.telling >= options_.min_telling_lines);
  }

  void add(const Run& run) {
    Move move;
    move.source = source_.lines[run.source].block;
    move.source_line = run.source - source_.block_begin[move.source];
    move.target = target_.lines[run.target].block;
    move.target_line = run.target - target_.block_begin[move.target];
    move.lines = run.lines;
    for (uint32_t i = 0; i < run.lines; ++i) {
      move.exact &= source_.lines[run.source + i].text == target_.lines[run.target + i].text;
      used_[run.source + i] = !run.stands;
    }
    moves_.push_back(move);
  }

  std::span<const Block> source_blocks_, target_blocks_;
  const MoveOptions& options_;
  LineIds ids_;
  Row source_;
  uint32_t source_ids_;  // ids from here on do not occur among the sources
  Row target_;
  std::vector<uint8_t> used_;                // by source line: taken away and found again
  std::vector<uint32_t> first_, positions_;  // positions_[first_[id]..first_[id + 1]]
  std::vector<uint32_t> alnum_;              // by target line
  std::vector<Move> moves_;
  int64_t work_left_ = kMaxMoveWork;
};

}  // namespace

std::vector<Move> find_moves(std::span<const Block> sources, std::span<const Block> targets,
                             const MoveOptions& options) {
  return MoveFinder(sources, targets, options).find();
}

}  // namespace baton::diff
