#include "handoff/sentences.h"

#include <cctype>

#include "base/bytes.h"

namespace baton::handoff {

std::vector<Token> tokens_of(std::string_view sentence) {
  std::vector<Token> tokens;
  auto add = [&](std::string_view text, bool code, bool opens) {
    char after = 0;
    while (!code && !text.empty() &&
           one_of(text.substr(text.size() - 1), {".", ",", ":", ";", "!", "?", ")", "*", "_"})) {
      if (text.back() != '*' && text.back() != '_' && text.back() != ')') after = text.back();
      text.remove_suffix(1);
    }
    while (!code && !text.empty() && one_of(text.substr(0, 1), {"*", "_", "("})) {
      text.remove_prefix(1);
    }
    if (text.empty()) {
      if (after && !tokens.empty()) tokens.back().after = after;
      return;
    }
    std::string exact(text);
    for (size_t at; (at = exact.find("\u2019")) != std::string::npos;) exact.replace(at, 3, "'");
    tokens.push_back({lower_ascii(exact), exact, code, opens, after});
  };
  size_t at = 0;
  while (at < sentence.size()) {
    if (std::isspace(static_cast<unsigned char>(sentence[at]))) {
      ++at;
      continue;
    }
    size_t end = at;
    if (sentence[at] == '`' || (one_of(sentence.substr(at, 2), {"(`", "*`"}))) {
      size_t begin = sentence.find('`', at) + 1;
      size_t close = sentence.find('`', begin);
      if (close != std::string_view::npos) {
        add(sentence.substr(begin, close - begin), true, sentence[at] == '(');
        end = close + 1;
        while (end < sentence.size() && !std::isspace(static_cast<unsigned char>(sentence[end]))) {
          if (one_of(sentence.substr(end, 1), {".", ",", ":", ";", "!", "?"}) && !tokens.empty()) {
            tokens.back().after = sentence[end];
          }
          ++end;
        }
        at = end;
        continue;
      }
    }
    while (end < sentence.size() && !std::isspace(static_cast<unsigned char>(sentence[end]))) ++end;
    add(sentence.substr(at, end - at), false, sentence[at] == '(');
    at = end;
  }
  return tokens;
}

std::string_view without_marks(std::string_view line) {
  line = trim(line);
  for (bool again = true; again;) {
    again = false;
    for (std::string_view mark :
         {"- ", "* ", "+ ", "> ", "#", "[x] ", "[ ] ", "✅", "✓", "❌", "⚠️", "•"}) {
      if (!line.starts_with(mark)) continue;
      line = trim(line.substr(mark.size()));
      again = true;
    }
    size_t digits = line.find_first_not_of("0123456789");
    if (digits != std::string_view::npos && digits > 0 && digits < 3 &&
        (line.substr(digits).starts_with(". ") || line.substr(digits).starts_with(") "))) {
      line = trim(line.substr(digits + 2));
      again = true;
    }
  }
  return line;
}

std::vector<std::string> sentences_of(std::string_view message) {
  std::vector<std::string> sentences;
  bool fenced = false;
  for (std::string_view line : split(message, '\n')) {
    std::string_view body = trim(line);
    if (body.starts_with("```") || body.starts_with("~~~")) {
      fenced = !fenced;
      continue;
    }
    if (fenced || body.starts_with("|")) continue;
    body = without_marks(body);
    size_t begin = 0;
    bool code = false;
    for (size_t at = 0; at < body.size(); ++at) {
      if (body[at] == '`') code = !code;
      bool ends =
          !code && (body[at] == '.' || body[at] == '!' || body[at] == '?') &&
          at + 1 < body.size() && body[at + 1] == ' ' &&
          !(at > 2 && (body.substr(at - 3, 4) == "e.g." || body.substr(at - 3, 4) == "i.e."));
      if (!ends && at + 1 < body.size()) continue;
      std::string_view sentence = trim(body.substr(begin, at + 1 - begin));
      if (!sentence.empty()) sentences.emplace_back(sentence);
      begin = at + 1;
    }
  }
  return sentences;
}

bool looks_like_path(std::string_view text) {
  if (text.empty() || text.size() > 300 || text.find_first_of(" \t()<>{}*?$\"'=|&,") != text.npos) {
    return false;
  }
  if (text.starts_with("-") || text.starts_with(".") || contains(text, "://") ||
      contains(text, "..")) {
    return text.starts_with(".") && text.size() > 3 && !contains(text, "..") &&
           text.find('/') != text.npos;
  }
  size_t slash = text.rfind('/');
  std::string_view name = slash == text.npos ? text : text.substr(slash + 1);
  size_t dot = name.rfind('.');
  if (dot == name.npos || dot == 0) {
    return one_of(name, {"Makefile", "Dockerfile", "CMakeLists.txt", "LICENSE"}) &&
           (slash != text.npos || text == name);
  }
  std::string_view ending = name.substr(dot + 1);
  if (ending.empty() || ending.size() > 6) return false;
  if (!std::isalpha(static_cast<unsigned char>(ending[0]))) return false;
  if (!std::ranges::all_of(ending, [](unsigned char c) { return std::isalnum(c); })) return false;
  // "e.g", "i.e", "Node.js": a word with a dot that is no file.
  return slash != text.npos || (name.size() > 3 && text != "Node.js" && dot > 1) || dot >= 1;
}

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c); });
}

}  // namespace baton::handoff
