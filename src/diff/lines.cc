#include "diff/lines.h"

#include <bit>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/hash.h"

namespace baton::diff {
namespace {

std::string_view without_trailing_space(std::string_view line) {
  while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
  return line;
}

bool same_without_space(std::string_view a, std::string_view b) {
  size_t i = 0, j = 0;
  for (;;) {
    while (i < a.size() && is_space(a[i])) ++i;
    while (j < b.size() && is_space(b[j])) ++j;
    if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
    if (a[i++] != b[j++]) return false;
  }
}

}  // namespace

std::vector<std::string_view> split_lines(std::string_view content) {
  std::vector<std::string_view> lines;
  lines.reserve(count_lines(content));
  const char* at = content.data();
  const char* end = at + content.size();
  while (at < end) {
    auto newline = static_cast<const char*>(memchr(at, '\n', static_cast<size_t>(end - at)));
    const char* next = newline ? newline + 1 : end;
    lines.emplace_back(at, static_cast<size_t>(next - at));
    at = next;
  }
  return lines;
}

// Eight bytes at a time, eight counters in one word: lines are short, and a call of memchr for each
// costs several times as much.
std::vector<std::string> texts_of(std::span<const std::string_view> lines, size_t begin,
                                  size_t end) {
  std::vector<std::string> texts;
  for (size_t i = begin; i < end && i < lines.size(); ++i) {
    std::string_view line = lines[i];
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    texts.emplace_back(line);
  }
  return texts;
}

size_t count_lines(std::string_view content) {
  constexpr uint64_t kOnes = 0x0101010101010101ull;
  constexpr uint64_t kLow = 0x7f7f7f7f7f7f7f7full;
  size_t count = 0;
  const char* at = content.data();
  size_t left = content.size();
#ifdef __SSE2__
  const __m128i newlines = _mm_set1_epi8('\n');
  while (left >= 16) {
    size_t rounds = left / 16 < 255 ? left / 16 : 255;
    left -= rounds * 16;
    __m128i counters = _mm_setzero_si128();
    for (; rounds > 0; --rounds, at += 16) {
      __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
      counters = _mm_sub_epi8(counters, _mm_cmpeq_epi8(bytes, newlines));
    }
    __m128i sums = _mm_sad_epu8(counters, _mm_setzero_si128());
    count += static_cast<size_t>(_mm_cvtsi128_si64(sums)) +
             static_cast<size_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums)));
  }
#endif
  while (left >= 8) {
    size_t rounds = left / 8 < 255 ? left / 8 : 255;
    left -= rounds * 8;
    uint64_t counters = 0;
    for (; rounds > 0; --rounds, at += 8) {
      uint64_t word;
      memcpy(&word, at, 8);
      word ^= kOnes * '\n';  // bytes that are zero now were newlines
      counters += (~(((word & kLow) + kLow) | word | kLow)) >> 7;
    }
    for (; counters; counters >>= 8) count += counters & 0xff;
  }
  for (; left > 0; --left, ++at) count += *at == '\n';
  return count + (!content.empty() && content.back() != '\n');
}

bool is_blank(std::string_view line) {
  return without_trailing_space(line).empty();
}

bool same_line(std::string_view a, std::string_view b, Whitespace whitespace) {
  if (a == b) return true;
  switch (whitespace) {
    case Whitespace::exact:
      return false;
    case Whitespace::ignore_trailing:
      return without_trailing_space(a) == without_trailing_space(b);
    case Whitespace::ignore_all:
      return same_without_space(a, b);
  }
  return false;
}

LineIds::LineIds(Whitespace whitespace, size_t expected_lines) : whitespace_(whitespace) {
  keys_.reserve(expected_lines);
  grow(std::bit_ceil(expected_lines * 2 + 16));
}

void LineIds::grow(size_t slots) {
  slots_.assign(slots, 0);
  for (uint32_t id = 0; id < keys_.size(); ++id) {
    size_t slot = keys_[id].hash & (slots - 1);
    while (slots_[slot]) slot = (slot + 1) & (slots - 1);
    slots_[slot] = id + 1;
  }
}

uint32_t LineIds::intern(std::string_view line) {
  std::string_view text = line;
  if (whitespace_ == Whitespace::ignore_trailing) {
    text = without_trailing_space(line);
  } else if (whitespace_ == Whitespace::ignore_all) {
    scratch_.clear();
    for (char c : line) {
      if (!is_space(c)) scratch_ += c;
    }
    text = scratch_;
  }
  uint64_t hash = checksum64(text);
  size_t mask = slots_.size() - 1;
  size_t slot = hash & mask;
  for (; slots_[slot]; slot = (slot + 1) & mask) {
    const Key& key = keys_[slots_[slot] - 1];
    if (key.hash == hash && key.text == text) return slots_[slot] - 1;
  }
  if (whitespace_ == Whitespace::ignore_all) text = stored_.emplace_back(text);
  uint32_t id = size();
  keys_.push_back({hash, text});
  slots_[slot] = id + 1;
  if (keys_.size() * 2 > slots_.size()) grow(slots_.size() * 2);
  return id;
}

std::vector<uint32_t> LineIds::intern_all(std::span<const std::string_view> lines) {
  std::vector<uint32_t> ids;
  ids.reserve(lines.size());
  for (std::string_view line : lines) ids.push_back(intern(line));
  return ids;
}

}  // namespace baton::diff
