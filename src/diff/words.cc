#include "diff/words.h"

#include <algorithm>

#include "diff/align.h"

namespace baton::diff {
namespace {

bool is_word_byte(char c) {
  return is_alnum(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  size_t at = 0;
  while (at < text.size()) {
    size_t end = at + 1;
    if (is_word_byte(text[at])) {
      while (end < text.size() && is_word_byte(text[end])) ++end;
    } else if (is_space(text[at])) {
      while (end < text.size() && is_space(text[end])) ++end;
    }
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

// A line's words without space: ids in ascending order, each with the bytes that it stands for.
struct Bag {
  std::vector<std::pair<uint32_t, uint32_t>> words;
  uint32_t bytes = 0;
};

Bag bag_of(std::string_view line, LineIds& ids) {
  Bag bag;
  for (std::string_view word : split_words(line.substr(0, kMaxWordsText))) {
    if (is_space(word.front())) continue;
    bag.words.emplace_back(ids.intern(word), static_cast<uint32_t>(word.size()));
    bag.bytes += static_cast<uint32_t>(word.size());
  }
  std::ranges::sort(bag.words);
  return bag;
}

// How much two lines have in common, 0 to 1000.
uint32_t likeness(const Bag& a, const Bag& b) {
  uint32_t common = 0;
  for (size_t i = 0, j = 0; i < a.words.size() && j < b.words.size();) {
    if (a.words[i].first == b.words[j].first) {
      common += a.words[i].second;
      ++i, ++j;
    } else if (a.words[i].first < b.words[j].first) {
      ++i;
    } else {
      ++j;
    }
  }
  const uint64_t all = uint64_t{a.bytes} + b.bytes;
  return all ? static_cast<uint32_t>(2000 * uint64_t{common} / all) : 0;
}

constexpr uint32_t kHalf = 500;

}  // namespace

std::vector<Edit> diff_words(std::string_view old_text, std::string_view new_text) {
  if (old_text == new_text) return {};
  if (old_text.size() > kMaxWordsText || new_text.size() > kMaxWordsText) {
    return {{0, static_cast<uint32_t>(std::min<size_t>(old_text.size(), UINT32_MAX)), 0,
             static_cast<uint32_t>(std::min<size_t>(new_text.size(), UINT32_MAX))}};
  }
  const std::vector<std::string_view> old_words = split_words(old_text);
  const std::vector<std::string_view> new_words = split_words(new_text);
  LineIds ids;
  const std::vector<uint32_t> old_ids = ids.intern_all(old_words);
  const std::vector<uint32_t> new_ids = ids.intern_all(new_words);
  std::vector<Edit> edits = edits_of(align(old_ids, new_ids, ids.size()));
  auto offset = [](const std::vector<std::string_view>& words, std::string_view text, uint32_t at) {
    return static_cast<uint32_t>(at == words.size() ? text.size() : words[at].data() - text.data());
  };
  for (Edit& edit : edits) {
    edit = {offset(old_words, old_text, edit.old_begin), offset(old_words, old_text, edit.old_end),
            offset(new_words, new_text, edit.new_begin), offset(new_words, new_text, edit.new_end)};
  }
  return edits;
}

std::vector<std::optional<uint32_t>> pair_lines(std::span<const std::string_view> old_lines,
                                                std::span<const std::string_view> new_lines) {
  std::vector<std::optional<uint32_t>> pairs(new_lines.size());
  LineIds ids;
  auto bags_of = [&](std::span<const std::string_view> lines) {
    std::vector<Bag> bags;
    bags.reserve(lines.size());
    for (std::string_view line : lines) bags.push_back(bag_of(line, ids));
    return bags;
  };
  const std::vector<Bag> old_bags = bags_of(old_lines), new_bags = bags_of(new_lines);
  const size_t rows = old_bags.size(), columns = new_bags.size();
  if (rows == 0 || columns == 0) return pairs;
  if (rows > kMaxPairs / columns) {
    for (size_t i = 0; i < std::min(rows, columns); ++i) {
      if (likeness(old_bags[i], new_bags[i]) >= kHalf) pairs[i] = static_cast<uint32_t>(i);
    }
    return pairs;
  }
  // best[i][j]: the greatest likeness in all of the first i old lines with the first j new ones.
  std::vector<uint32_t> best((rows + 1) * (columns + 1), 0);
  std::vector<uint32_t> alike(rows * columns);
  auto best_at = [&](size_t i, size_t j) -> uint32_t& { return best[i * (columns + 1) + j]; };
  for (size_t i = 1; i <= rows; ++i) {
    for (size_t j = 1; j <= columns; ++j) {
      uint32_t like = likeness(old_bags[i - 1], new_bags[j - 1]);
      if (like < kHalf) like = 0;
      alike[(i - 1) * columns + j - 1] = like;
      best_at(i, j) =
          std::max({best_at(i - 1, j), best_at(i, j - 1), best_at(i - 1, j - 1) + like});
    }
  }
  for (size_t i = rows, j = columns; i > 0 && j > 0;) {
    const uint32_t like = alike[(i - 1) * columns + j - 1];
    if (like > 0 && best_at(i, j) == best_at(i - 1, j - 1) + like) {
      pairs[--j] = static_cast<uint32_t>(--i);
    } else if (best_at(i, j) == best_at(i - 1, j)) {
      --i;
    } else {
      --j;
    }
  }
  return pairs;
}

}  // namespace baton::diff
