#include "attribution/carry.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "diff/moves.h"
#include "diff/words.h"

namespace baton::attribution {
namespace {

using Kind = LineSource::Kind;
using Lines = std::vector<std::string_view>;

// Goes through a content's lines in one direction.
class LineReader {
 public:
  LineReader(std::string_view content, diff::CommonStart start)
      : content_(content), at_(start.bytes), line_(start.lines) {}

  // Lines [begin, end); begin is not before the last end.
  Lines read(uint32_t begin, uint32_t end) {
    skip_to(begin);
    Lines lines;
    lines.reserve(end - begin);
    while (line_ < end) lines.push_back(next());
    return lines;
  }

 private:
  // Counting line ends is cheaper than finding each.
  void skip_to(uint32_t begin) {
    constexpr size_t kBlock = 2048;
    while (line_ < begin) {
      std::string_view block = content_.substr(at_, kBlock);
      size_t end = block.rfind('\n');
      if (end == std::string_view::npos) {
        next();
        continue;
      }
      size_t lines = diff::count_lines(block.substr(0, end + 1));
      if (line_ + lines > begin) break;
      line_ += static_cast<uint32_t>(lines);
      at_ += end + 1;
    }
    while (line_ < begin) next();
  }

  std::string_view next() {
    const char* from = content_.data() + at_;
    size_t left = content_.size() - at_;
    auto newline = static_cast<const char*>(memchr(from, '\n', left));
    size_t length = newline ? static_cast<size_t>(newline - from) + 1 : left;
    at_ += length;
    ++line_;
    return {from, length};
  }

  std::string_view content_;
  size_t at_;
  uint32_t line_;
};

// Lines of a stretch that differ in whitespace only.
void match_reformatted(Stretch& stretch) {
  diff::DiffOptions options;
  options.whitespace = diff::Whitespace::ignore_all;
  auto edits = diff::diff_lines(std::span<const std::string_view>(stretch.old_lines),
                                std::span<const std::string_view>(stretch.new_lines), options);
  uint32_t old_line = 0, new_line = 0;
  auto match_until = [&](uint32_t old_end) {
    // A brace that stands alone says nothing of where it was before.
    bool tells = false;
    for (uint32_t i = old_line; i < old_end; ++i) tells |= is_telling(stretch.old_lines[i]);
    for (; old_line < old_end; ++old_line, ++new_line) {
      if (!tells) continue;
      stretch.sources[new_line] = {Kind::reformatted, stretch.edit.old_begin + old_line};
      stretch.lives[old_line] = 1;
    }
  };
  for (const diff::Edit& edit : edits) {
    match_until(edit.old_begin);
    old_line = edit.old_end;
    new_line = edit.new_end;
  }
  match_until(static_cast<uint32_t>(stretch.old_lines.size()));
}

// Line breaks moved and nothing else (a formatter broke or joined lines): a new line is the old
// one that its first letter stood in.
void match_broken(Stretch& stretch) {
  auto squeeze = [](const Lines& lines, std::vector<uint32_t>& line_of) {
    std::string text;
    for (uint32_t i = 0; i < lines.size(); ++i) {
      for (char c : lines[i]) {
        if (diff::is_space(c)) continue;
        text += c;
        line_of.push_back(i);
      }
    }
    return text;
  };
  std::vector<uint32_t> old_line_of, new_line_of;
  std::string was = squeeze(stretch.old_lines, old_line_of);
  if (was.empty() || was != squeeze(stretch.new_lines, new_line_of)) return;
  for (size_t at = was.size(); at-- > 0;) {
    stretch.sources[new_line_of[at]] = {Kind::reformatted,
                                        stretch.edit.old_begin + old_line_of[at]};
    stretch.lives[old_line_of[at]] = 1;
  }
}

// Letters and digits of a line that is known by itself.
constexpr uint32_t kMinSingle = 8;
constexpr int kMaxSingles = 64;  // of one change

bool stands_once(std::string_view content, std::string_view line) {
  auto text = trim(line);
  size_t first = content.find(text);
  return first != std::string_view::npos && content.find(text, first + 1) == std::string_view::npos;
}

// Runs of lines that left one stretch and came to another.
void match_moves(std::string_view old_content, std::string_view new_content,
                 std::vector<Stretch>& stretches) {
  struct Place {
    uint32_t stretch, line;
  };
  auto blocks_of = [&](bool old_side, std::vector<Place>& places) {
    std::vector<diff::Block> blocks;
    for (uint32_t s = 0; s < stretches.size(); ++s) {
      const Stretch& stretch = stretches[s];
      const Lines& lines = old_side ? stretch.old_lines : stretch.new_lines;
      auto taken = [&](uint32_t i) {
        return old_side ? stretch.lives[i] != 0 : stretch.sources[i].kind != Kind::fresh;
      };
      for (uint32_t begin = 0; begin < lines.size();) {
        if (taken(begin)) {
          ++begin;
          continue;
        }
        uint32_t end = begin + 1;
        while (end < lines.size() && !taken(end)) ++end;
        blocks.push_back({std::span(lines).subspan(begin, end - begin)});
        places.push_back({s, begin});
        begin = end;
      }
    }
    return blocks;
  };
  std::vector<Place> source_places, target_places;
  auto sources = blocks_of(true, source_places);
  auto targets = blocks_of(false, target_places);
  if (sources.empty() || targets.empty()) return;
  diff::MoveOptions options;
  const uint32_t sure = options.min_alnum_same_file;
  options.min_alnum_same_file = kMinSingle;
  int checks_left = kMaxSingles;
  for (const diff::Move& move : diff::find_moves(sources, targets, options)) {
    const Place& from = source_places[move.source];
    const Place& to = target_places[move.target];
    // A short line is believed to have moved if there is no other of its kind.
    uint32_t letters = 0, telling = 0;
    bool single = false;
    for (uint32_t i = 0; i < move.lines; ++i) {
      std::string_view line = stretches[to.stretch].new_lines[to.line + move.target_line + i];
      letters += letters_of(line);
      telling += is_telling(line);
    }
    if (letters < sure && telling < options.min_telling_lines) {
      for (uint32_t i = 0; i < move.lines && !single && checks_left > 0; ++i) {
        std::string_view line = stretches[to.stretch].new_lines[to.line + move.target_line + i];
        if (letters_of(line) < kMinSingle) continue;
        --checks_left;
        single = stands_once(old_content, line) && stands_once(new_content, line);
      }
      if (!single) continue;
    }
    for (uint32_t i = 0; i < move.lines; ++i) {
      uint32_t old_line = from.line + move.source_line + i;
      uint32_t new_line = to.line + move.target_line + i;
      bool exact =
          stretches[from.stretch].old_lines[old_line] == stretches[to.stretch].new_lines[new_line];
      stretches[from.stretch].lives[old_line] = 1;
      stretches[to.stretch].sources[new_line] = {exact ? Kind::moved : Kind::reflowed,
                                                 stretches[from.stretch].edit.old_begin + old_line,
                                                 single};
    }
  }
}

// Which of the rest was one line changed into another.
void match_reworked(Stretch& stretch) {
  uint32_t old_begin = 0, new_begin = 0;
  auto pair_until = [&](uint32_t old_end, uint32_t new_end) {
    Lines old_lines, new_lines;
    std::vector<uint32_t> old_numbers, new_numbers;
    for (uint32_t i = old_begin; i < old_end; ++i) {
      if (stretch.lives[i]) continue;
      old_lines.push_back(stretch.old_lines[i]);
      old_numbers.push_back(i);
    }
    for (uint32_t i = new_begin; i < new_end; ++i) {
      if (stretch.sources[i].kind != Kind::fresh) continue;
      new_lines.push_back(stretch.new_lines[i]);
      new_numbers.push_back(i);
    }
    if (old_lines.empty() || new_lines.empty()) return;
    auto pairs = diff::pair_lines(old_lines, new_lines);
    for (size_t i = 0; i < pairs.size(); ++i) {
      if (!pairs[i]) continue;
      stretch.sources[new_numbers[i]] = {Kind::reworked,
                                         stretch.edit.old_begin + old_numbers[*pairs[i]]};
    }
  };
  // Lines that only changed their whitespace stand where they stood: pairs do not cross them.
  for (uint32_t i = 0; i < stretch.new_lines.size(); ++i) {
    if (stretch.sources[i].kind != Kind::reformatted) continue;
    uint32_t old_line = stretch.sources[i].line - stretch.edit.old_begin;
    if (old_line < old_begin) continue;
    pair_until(old_line, i);
    old_begin = old_line + 1;
    new_begin = i + 1;
  }
  pair_until(static_cast<uint32_t>(stretch.old_lines.size()),
             static_cast<uint32_t>(stretch.new_lines.size()));
}

std::vector<Stretch> carry_by(std::string_view old_content, std::string_view new_content,
                              std::span<const diff::Edit> edits, diff::CommonStart start) {
  std::vector<Stretch> stretches;
  LineReader old_reader(old_content, start), new_reader(new_content, start);
  bool takes = false, gives = false;
  for (const diff::Edit& edit : edits) {
    Stretch& stretch = stretches.emplace_back();
    stretch.edit = edit;
    stretch.old_lines = old_reader.read(edit.old_begin, edit.old_end);
    stretch.new_lines = new_reader.read(edit.new_begin, edit.new_end);
    stretch.sources.resize(stretch.new_lines.size());
    stretch.lives.resize(stretch.old_lines.size());
    if (edit.removed() && edit.added()) {
      match_reformatted(stretch);
      match_broken(stretch);
    }
    takes |= edit.removed() > 0;
    gives |= edit.added() > 0;
  }
  if (takes && gives && stretches.size() > 1) match_moves(old_content, new_content, stretches);
  for (Stretch& stretch : stretches) {
    if (stretch.edit.removed() && stretch.edit.added()) match_reworked(stretch);
  }
  return stretches;
}

}  // namespace

uint32_t letters_of(std::string_view line) {
  return static_cast<uint32_t>(std::ranges::count_if(line, diff::is_alnum));
}

std::string seen_of_binary(const ObjectId& id) {
  // Twice, so that it says enough to be believed as a copy.
  return std::string(1, '\0') + id.hex() + id.hex();
}

Lines lines_of(std::string_view content) {
  if (looks_binary(content)) return {content};
  return diff::split_lines(content);
}

std::vector<Stretch> carry(std::string_view old_content, std::string_view new_content) {
  std::vector<Stretch> stretches;
  if (old_content == new_content) return stretches;
  if (looks_binary(old_content) || looks_binary(new_content)) {
    Stretch whole;
    whole.old_lines = lines_of(old_content);
    whole.new_lines = lines_of(new_content);
    whole.edit = {0, static_cast<uint32_t>(whole.old_lines.size()), 0,
                  static_cast<uint32_t>(whole.new_lines.size())};
    whole.sources.resize(whole.new_lines.size());
    whole.lives.resize(whole.old_lines.size());
    if (looks_binary(old_content) && looks_binary(new_content)) {
      whole.sources[0] = {Kind::reworked, 0};
    }
    stretches.push_back(std::move(whole));
    return stretches;
  }
  diff::CommonStart start;
  auto edits = diff::diff_lines(old_content, new_content, {}, start);
  return carry_by(old_content, new_content, edits, start);
}

std::vector<Stretch> carry(std::string_view old_content, std::string_view new_content,
                           std::span<const diff::Edit> edits) {
  return carry_by(old_content, new_content, edits, {});
}

}  // namespace baton::attribution
