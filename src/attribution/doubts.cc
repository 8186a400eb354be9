#include "attribution/doubts.h"

#include <algorithm>

#include "base/bytes.h"

namespace baton::attribution {
namespace {

using Lines = std::vector<std::string_view>;

constexpr uint32_t kAround = 32;               // lines above and below a change that it could reach
constexpr size_t kMaxCells = size_t{1} << 18;  // old lines times new lines of one window

// Up to `count` lines that end at `at`.
Lines lines_above(std::string_view content, const char* at, uint32_t count) {
  Lines lines;
  auto end = static_cast<size_t>(at - content.data());
  while (end > 0 && lines.size() < count) {
    size_t begin = end - 1;
    while (begin > 0 && content[begin - 1] != '\n') --begin;
    lines.push_back(content.substr(begin, end - begin));
    end = begin;
  }
  std::ranges::reverse(lines);
  return lines;
}

Lines lines_below(std::string_view content, const char* at, uint32_t count) {
  Lines lines;
  auto begin = static_cast<size_t>(at - content.data());
  while (begin < content.size() && lines.size() < count) {
    size_t newline = content.find('\n', begin);
    size_t end = newline == std::string_view::npos ? content.size() : newline + 1;
    lines.push_back(content.substr(begin, end - begin));
    begin = end;
  }
  return lines;
}

// Some changes near each other with what is around them.
class Window {
 public:
  Window(std::string_view old_content, std::string_view new_content)
      : old_content_(old_content), new_content_(new_content) {}

  void begin(const Stretch& stretch) {
    Side from = side(stretch);
    keep(lines_above(from.content, from.begin, kAround));
    old_begin_ = stretch.edit.old_begin - static_cast<uint32_t>(old_.size());
    new_begin_ = stretch.edit.new_begin - static_cast<uint32_t>(new_.size());
    add(stretch);
  }
  void add(const Stretch& stretch) {
    for (std::string_view line : stretch.old_lines) old_.push_back({line, -1});
    for (std::string_view line : stretch.new_lines) new_.push_back({line, -1});
  }
  // Lines that follow the stretch.
  void keep_below(const Stretch& stretch, uint32_t count) {
    Side from = side(stretch);
    keep(lines_below(from.content, from.end, count));
  }
  void find(std::vector<Doubt>& found);

 private:
  struct Line {
    std::string_view text;
    int32_t partner;  // index on the other side; -1: changed
    uint32_t id = 0;
  };
  struct Side {
    std::string_view content;
    const char* begin;
    const char* end;
  };
  Side side(const Stretch& stretch) const {
    const bool is_new = !stretch.new_lines.empty();
    const Lines& lines = is_new ? stretch.new_lines : stretch.old_lines;
    return {is_new ? new_content_ : old_content_, lines.front().data(),
            lines.back().data() + lines.back().size()};
  }
  void keep(const Lines& lines) {
    for (std::string_view line : lines) {
      old_.push_back({line, static_cast<int32_t>(new_.size())});
      new_.push_back({line, static_cast<int32_t>(old_.size()) - 1});
    }
  }
  bool has_equals();

  std::string_view old_content_, new_content_;
  std::vector<Line> old_, new_;
  uint32_t old_begin_ = 0, new_begin_ = 0;
};

// Whether a changed line equals one that stayed. Fills the ids.
bool Window::has_equals() {
  diff::LineIds ids(diff::Whitespace::exact, old_.size() + new_.size());
  for (Line& line : old_) line.id = ids.intern(line.text);
  for (Line& line : new_) line.id = ids.intern(line.text);
  std::vector<uint8_t> kept(ids.size());
  for (const Line& line : new_) kept[line.id] |= line.partner >= 0;
  auto changed_equal = [&](const Line& line) { return line.partner < 0 && kept[line.id]; };
  return std::ranges::any_of(old_, changed_equal) || std::ranges::any_of(new_, changed_equal);
}

void Window::find(std::vector<Doubt>& found) {
  if (!has_equals()) return;
  const size_t rows = old_.size() + 1, columns = new_.size() + 1;
  if (rows * columns > kMaxCells) return;
  // How many lines the beginnings up to a place, and the ends from there, have in common at most.
  std::vector<uint16_t> front(rows * columns), back(rows * columns);
  auto at = [&](size_t i, size_t j) { return i * columns + j; };
  for (size_t i = 1; i < rows; ++i) {
    for (size_t j = 1; j < columns; ++j) {
      front[at(i, j)] = old_[i - 1].id == new_[j - 1].id
                            ? static_cast<uint16_t>(front[at(i - 1, j - 1)] + 1)
                            : std::max(front[at(i - 1, j)], front[at(i, j - 1)]);
    }
  }
  for (size_t i = rows - 1; i-- > 0;) {
    for (size_t j = columns - 1; j-- > 0;) {
      back[at(i, j)] = old_[i].id == new_[j].id ? static_cast<uint16_t>(back[at(i + 1, j + 1)] + 1)
                                                : std::max(back[at(i + 1, j)], back[at(i, j + 1)]);
    }
  }
  const auto kept = std::ranges::count_if(new_, [](const Line& line) { return line.partner >= 0; });
  if (front.back() != kept) return;  // the reading that was chosen is not the shortest
  for (size_t j = 0; j < new_.size(); ++j) {
    Doubt doubt;
    doubt.line = new_begin_ + static_cast<uint32_t>(j);
    doubt.text = new_[j].text;
    if (new_[j].partner >= 0) doubt.chosen = old_begin_ + static_cast<uint32_t>(new_[j].partner);
    for (size_t i = 0; i < rows; ++i) {
      doubt.fresh |= front[at(i, j)] + back[at(i, j + 1)] == kept;
      if (i == old_.size() || old_[i].id != new_[j].id) continue;
      if (front[at(i, j)] + 1 + back[at(i + 1, j + 1)] != kept) continue;
      doubt.old_lines.push_back(old_begin_ + static_cast<uint32_t>(i));
    }
    if (doubt.old_lines.size() + doubt.fresh < 2) continue;
    found.push_back(std::move(doubt));
  }
}

}  // namespace

std::vector<Doubt> doubts(std::string_view old_content, std::string_view new_content,
                          const std::vector<Stretch>& stretches) {
  std::vector<Doubt> found;
  if (looks_binary(old_content) || looks_binary(new_content)) return found;
  for (size_t i = 0; i < stretches.size();) {
    Window window(old_content, new_content);
    window.begin(stretches[i]);
    size_t next = i + 1;
    for (; next < stretches.size(); ++next) {
      uint32_t between = stretches[next].edit.new_begin - stretches[next - 1].edit.new_end;
      if (between > 2 * kAround) break;
      window.keep_below(stretches[next - 1], between);
      window.add(stretches[next]);
    }
    window.keep_below(stretches[next - 1], kAround);
    window.find(found);
    i = next;
  }
  return found;
}

}  // namespace baton::attribution
