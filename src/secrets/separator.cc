#include "secrets/separator.h"

#include <algorithm>

#include "base/bytes.h"
#include "secrets/signs.h"

namespace baton::secrets {
namespace {

constexpr size_t kMaxType = 40;         // `password: Option<String> = "x"`
constexpr size_t kMaxShown = 32;        // `Secret Access Key [****1234]: `
constexpr size_t kMaxNameToValue = 48;  // from `"name": "TOKEN"` to `"value":`

// `: &'static str = "`, `: Option<String> = "`: the place behind the type and the `=`, if a string
// follows.
std::optional<size_t> skip_type(std::string_view text, size_t i) {
  size_t limit = std::min(text.size(), i + kMaxType);
  size_t start = i;
  while (i < limit && (is_name_byte(text[i]) || is_blank(text[i]) ||
                       std::string_view("&'<>[].|?:").find(text[i]) != std::string_view::npos)) {
    i++;
  }
  if (i == start || !is_blank(text[i - 1]) || byte_at(text, i) != '=') return std::nullopt;
  size_t value = skip_blanks(text, i + 1);
  if (is_alpha(byte_at(text, value))) value++;  // b"..."
  if (!quote_at(text, value)) return std::nullopt;
  return i + 1;
}

// After `"name": "TOKEN",` the value's name: `"value":`. Behind it, or nothing.
std::optional<size_t> skip_to_value_member(std::string_view text, size_t i) {
  size_t limit = std::min(text.size(), i + kMaxNameToValue);
  while (i < limit && !is_alpha(text[i])) {
    if (text[i] == '\\' && i + 1 < limit && is_alpha(text[i + 1]))
      i++;  // \n
    else if (std::string_view(" \t\r\n,\"'\\-").find(text[i]) == std::string_view::npos)
      return std::nullopt;
    i++;
  }
  if (text.substr(i, 5) != "value" && text.substr(i, 5) != "Value") return std::nullopt;
  i += 5;
  if (auto quote = quote_at(text, i)) i = quote->end;
  i = skip_blanks(text, i);
  if (byte_at(text, i) != ':' && byte_at(text, i) != '=') return std::nullopt;
  return skip_blanks(text, i + 1);
}

// `machine m login l password x`, as in .netrc.
bool follows_login(std::string_view text, const Name& name) {
  constexpr size_t kReach = 96;
  if (text.substr(name.begin, name.end - name.begin) != "password") return false;
  size_t window = name.begin > kReach ? name.begin - kReach : 0;
  std::string_view before = text.substr(window, name.begin - window);
  size_t login = before.rfind("login ");
  if (login == before.npos) return false;
  size_t words = 0;
  bool in_word = false;
  for (char c : before.substr(login + 6)) {
    if (c == ',' || c == '(' || c == ')' || c == '#' || c == ';') return false;
    bool is_space = is_blank(c) || is_line_end(c);
    if (!is_space && !in_word) words++;
    in_word = !is_space;
  }
  return words == 1 || words == 3;  // the login, and perhaps a port
}

// `setenv NAME x`, fish's `set -gx NAME x`, and those that set what a program keeps: `git config
// --global NAME x`, `npm config set //host/:NAME x`, `aws configure set NAME x`.
bool follows_set(std::string_view text, const Name& name) {
  constexpr size_t kReach = 96;
  std::string_view before = text.substr(0, name.begin);
  if (text.substr(name.begin, name.end - name.begin) == "user.signingkey") return false;  // public
  if (before.size() > kReach) before.remove_prefix(before.size() - kReach);
  if (before.ends_with("setenv ")) return true;
  size_t set = before.rfind("set -");
  if (set != before.npos && before.ends_with(' ') && before.size() - set <= 16) {
    std::string_view options = before.substr(set + 5, before.size() - set - 6);
    if (options.find('x') != options.npos && options.find_first_not_of("gxUlf-") == options.npos)
      return true;
  }
  // Back to the verb: options, and what the name is a part of.
  bool told = false;  // "the config password" sets none
  for (bool first = true;; first = false) {
    size_t blank = before.rfind(' ');
    if (blank == before.npos) return false;
    std::string_view word = before.substr(blank + 1);
    before.remove_suffix(before.size() - blank);
    if (is_among("config configure CONFIG", word)) return told || before.ends_with("git");
    const bool passes =
        first ? word.empty() || contains(word, "/:") || is_quote(word[0]) || word[0] == '\\'
              : is_among("set SET", word) || word.starts_with("--");
    if (!passes) return false;
    told |= !first;
  }
}

}  // namespace

std::optional<Separator> separator_after(std::string_view text, const Name& name) {
  using Kind = Separator::Kind;
  size_t i = skip_colours(text, name.end);
  bool quoted = false;
  if (auto quote = quote_at(text, i)) {
    i = quote->end;
    quoted = true;
  }
  if (byte_at(text, i) == ']') i++;
  size_t before_blanks = i;
  i = skip_blanks(text, i);
  const bool blanks = i > before_blanks;
  auto separator = [&](Kind kind, size_t at, bool must_quote = false) {
    size_t end = skip_blanks(text, at);
    return Separator{kind, end, !blanks && end == at, must_quote};
  };
  switch (byte_at(text, i)) {
    case '=': {
      char next = byte_at(text, i + 1);
      if (next == '~') return std::nullopt;
      if (next == '>') return separator(Kind::assignment, i + 2);
      if (next == '=') {
        // A comparison: `if password == "x"`.
        return separator(Kind::argument, i + (byte_at(text, i + 2) == '=' ? 3 : 2), true);
      }
      return separator(Kind::assignment, i + 1);
    }
    case '!':
      if (byte_at(text, i + 1) != '=') return std::nullopt;
      return separator(Kind::argument, i + (byte_at(text, i + 2) == '=' ? 3 : 2), true);
    case '?':
    case '+':
    case '|':
      while (byte_at(text, i) == '|' || byte_at(text, i) == '?') i++;
      if (byte_at(text, i) == '+') i++;
      if (byte_at(text, i) != '=') return std::nullopt;
      return separator(Kind::assignment, i + 1);
    case ':': {
      char next = byte_at(text, i + 1);
      if (next == ':') return std::nullopt;
      if (next == '=') return separator(Kind::assignment, i + 2);
      if (!quoted) {
        if (auto end = skip_type(text, i + 1)) return separator(Kind::assignment, *end, true);
      }
      return separator(Kind::colon, i + 1);
    }
    case '%':  // an address inside of an address: redirect=https%3A%2F%2Fx%3Ftoken%3Dx
      if (blanks || quoted || text.substr(i + 1, 1) != "3") return std::nullopt;
      if (byte_at(text, i + 2) != 'D' && byte_at(text, i + 2) != 'd') return std::nullopt;
      return Separator{Kind::encoded, i + 3, true, false};
    case '[':  // a question with what is set: `AWS Secret Access Key [None]: x`
      if (!blanks || quoted) return std::nullopt;
      if (size_t close = text.substr(0, i + kMaxShown).find("]: ", i); close != text.npos) {
        return Separator{Kind::colon, skip_blanks(text, close + 2)};
      }
      return std::nullopt;
    case '>':
      if (blanks || quoted || name.begin == 0) return std::nullopt;
      if (text[name.begin - 1] != '<' && text[name.begin - 1] != ':') return std::nullopt;
      return Separator{Kind::element, i + 1, true, false};
    case '(':
      if (blanks || quoted) return std::nullopt;
      return separator(Kind::argument, i + 1, true);
    case ',':
      if (auto end = skip_to_value_member(text, i)) return Separator{Kind::colon, *end};
      if (!quoted) return std::nullopt;
      return separator(Kind::list, i + 1, true);
    case '\n':
    case '\\':
      if (auto end = skip_to_value_member(text, i)) return Separator{Kind::colon, *end};
      if (byte_at(text, i) == '\\' && quote_at(text, i) && blanks) {
        return Separator{Kind::argument, i, false, true};
      }
      return std::nullopt;
    default:
      break;
  }
  if (!blanks) return std::nullopt;
  if (quoted) {
    if (auto end = skip_to_value_member(text, i)) return Separator{Kind::colon, *end};
    if (follows_set(text, name)) return Separator{Kind::login, i};
    return std::nullopt;
  }
  // --password x, -Password x; more blanks stand before what help texts say of the option
  if (name.begin > 0 && text[name.begin - 1] == '-' && i == before_blanks + 1) {
    size_t dash = name.begin - 1;
    while (dash > 0 && text[dash - 1] == '-') dash--;
    if (dash == 0 || is_blank(text[dash - 1]) || is_quote(text[dash - 1]) ||
        is_line_end(text[dash - 1])) {
      return Separator{Kind::flag, i};
    }
  }
  if (i == before_blanks + 1 && follows_set(text, name)) return Separator{Kind::login, i};
  // PASSWORD 'x'
  if (is_quote(byte_at(text, i))) return Separator{Kind::argument, i, false, true};
  if (follows_login(text, name)) return Separator{Kind::login, i};
  // The password is x
  size_t verb = i;
  while (verb < i + 4 && is_alpha(byte_at(text, verb))) verb++;
  if (is_among("is was to", text.substr(i, verb - i))) {
    if (byte_at(text, verb) == ':') verb++;
    if (is_blank(byte_at(text, verb))) return separator(Kind::prose, verb);
  }
  // ENV API_KEY x, aws configure set aws_secret_access_key x
  return Separator{Kind::beside, i};
}

}  // namespace baton::secrets
