#pragma once

// Texts that look like code, and what people and agents do to them, by seed.

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace baton::diff {

class RandomText {
 public:
  explicit RandomText(uint64_t seed) : random_(seed) {}

  uint32_t below(uint32_t limit) { return static_cast<uint32_t>(random_() % limit); }
  bool one_in(uint32_t n) { return below(n) == 0; }

  using Lines = std::vector<std::string>;

  // Functions with bodies: many blank lines, braces and `return 0;`, and some lines that are alike.
  Lines program(uint32_t lines) {
    Lines text;
    while (text.size() < lines) append(text, function());
    return text;
  }

  Lines function() {
    Lines text;
    if (one_in(3)) text.push_back("// Comment " + std::to_string(below(20)));
    text.push_back("int function_" + std::to_string(below(100'000)) + "() {");
    uint32_t depth = 1;
    for (uint32_t i = 2 + below(8); i > 0; --i) {
      std::string indent(depth * 2, ' ');
      switch (below(6)) {
        case 0:
          text.push_back(indent + "if (x) {");
          text.push_back(indent + "  call_" + std::to_string(below(30)) + "();");
          text.push_back(indent + "}");
          break;
        case 1:
          text.push_back("");
          break;
        default:
          text.push_back(indent + "value_" + std::to_string(below(3000)) + " = " +
                         std::to_string(below(1000)) + ";");
      }
    }
    if (one_in(2)) text.push_back("  return 0;");
    text.push_back("}");
    text.push_back("");
    return text;
  }

  // `count` changes at random places.
  Lines edited(Lines text, uint32_t count) {
    for (; count > 0; --count) edit(text);
    return text;
  }

  // Lines of a small alphabet: everything is ambiguous.
  Lines noise(uint32_t lines, uint32_t letters) {
    Lines text(lines);
    for (std::string& line : text) line = std::string(1, static_cast<char>('a' + below(letters)));
    return text;
  }

  static std::string join(const Lines& lines, bool last_ends = true) {
    std::string text;
    for (const std::string& line : lines) text += line + '\n';
    if (!last_ends && !text.empty()) text.pop_back();
    return text;
  }
  // The same with a random end: some have no newline there.
  std::string joined(const Lines& lines) { return join(lines, !one_in(6)); }

 private:
  static void append(Lines& text, const Lines& more) {
    text.insert(text.end(), more.begin(), more.end());
  }

  void edit(Lines& text) {
    const auto size = static_cast<uint32_t>(text.size());
    const uint32_t at = below(size + 1);
    const uint32_t length = std::min(1 + below(3), size - at);
    auto place = text.begin() + at;
    switch (below(7)) {
      case 0: {
        Lines added = function();
        text.insert(place, added.begin(), added.end());
        break;
      }
      case 1:
        text.erase(place, place + length);
        break;
      case 2:
        for (uint32_t i = at; i < at + length; ++i) text[i] += " // " + std::to_string(below(100));
        break;
      case 3:
        text.insert(place, "  inserted_" + std::to_string(below(1000)) + "();");
        break;
      case 4: {  // the same again
        Lines copy(place, place + length);
        text.insert(place, copy.begin(), copy.end());
        break;
      }
      case 5: {  // moved elsewhere
        Lines block(place, place + length);
        text.erase(place, place + length);
        text.insert(text.begin() + below(static_cast<uint32_t>(text.size()) + 1), block.begin(),
                    block.end());
        break;
      }
      case 6:  // deeper
        for (uint32_t i = at; i < at + length; ++i) {
          if (!text[i].empty()) text[i] = "  " + text[i];
        }
    }
  }

  std::mt19937_64 random_;
};

}  // namespace baton::diff
