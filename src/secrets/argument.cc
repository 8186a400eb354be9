#include "secrets/argument.h"

#include <algorithm>

#include "secrets/judge.h"
#include "secrets/signs.h"

namespace baton::secrets {
namespace {

constexpr size_t kLeastPassword = 4;

}  // namespace

std::optional<Argument> argument_at(std::string_view text, size_t i) {
  size_t slashes = i;
  while (byte_at(text, i) == '\\') i++;
  if (i - slashes > kMaxEscapes) return std::nullopt;
  char quote = is_quote(byte_at(text, i)) ? text[i++] : '\0';
  if (quote == 0) i = slashes;
  const size_t begin = i, limit = std::min(text.size(), begin + kMaxArgument);
  auto ends = [&](char c) {
    if (static_cast<unsigned char>(c) < ' ') return true;
    return quote != 0 ? c == quote
                      : c == ' ' || is_quote(c) || c == ';' || c == '|' || c == ')' || c == '&' ||
                            c == '<' || c == '>';
  };
  auto is_line_end = [&](size_t k) {  // in JSON
    return text[k] == '\\' && (byte_at(text, k + 1) == 'n' || byte_at(text, k + 1) == 'r');
  };
  while (i < limit && !ends(text[i]) && !is_line_end(i)) i++;
  if (i == begin + kMaxArgument) return std::nullopt;
  size_t end = i;
  // The backslashes before a quote are not the argument's.
  while (is_quote(byte_at(text, i)) && end > begin && text[end - 1] == '\\') end--;
  return Argument{{begin, end}, quote != 0 && byte_at(text, i) == quote ? i + 1 : i};
}

bool may_be_password(std::string_view word) {
  return word.size() >= kLeastPassword && word[0] != '-' && word[0] != '$' && word[0] != '<' &&
         !is_reference(word) && !is_password_word(word);
}

std::string_view before_on_line(std::string_view text, size_t at) {
  size_t window = at > kMaxCommand ? at - kMaxCommand : 0;
  std::string_view line = text.substr(window, at - window);
  size_t end = line.rfind('\n');
  while (end != line.npos && end > 0 && line[end - 1] == '\\') end = line.rfind('\n', end - 1);
  if (end != line.npos) line.remove_prefix(end + 1);
  return line;
}

std::string_view command_before(std::string_view text, size_t at) {
  std::string_view command = before_on_line(text, at);
  size_t last = command.find_last_of(";|&");
  if (last != command.npos) command.remove_prefix(last + 1);
  return command;
}

std::optional<Span> echoed_into(std::string_view text, size_t begin) {
  if (begin == 0 || text[begin - 1] != '|') return std::nullopt;
  std::string_view writer = command_before(text, begin - 1);
  size_t said = std::min(writer.find("echo "), writer.find("printf "));
  if (said == writer.npos) return std::nullopt;
  std::optional<Span> last;
  size_t i = static_cast<size_t>(writer.data() - text.data()) + said;
  while ((i = skip_blanks(text, i)) < begin - 1) {
    auto word = argument_at(text, i);
    if (!word || word->next <= i) break;
    last = word->span;
    i = word->next;
  }
  return last;
}

}  // namespace baton::secrets
