#include "secrets/command.h"

#include <algorithm>

#include "base/bytes.h"
#include "secrets/assignment.h"
#include "secrets/judge.h"
#include "secrets/shape.h"
#include "secrets/signs.h"

namespace baton::secrets {
namespace {

constexpr size_t kMaxArgument = 256;  // a password, or user:password
constexpr size_t kMaxCommand = 512;   // how far around its sign a command is looked at
constexpr size_t kMaxEscapes = 7;     // backslashes before a quote, as in JSON that holds JSON
constexpr size_t kLeastPassword = 4;

// The word of a command at `i`, without its quotes. `next` is behind it.
struct Argument {
  Span span;
  size_t next = 0;
};
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
  // The backslashes before the closing quote are not the argument's.
  while (quote != 0 && end > begin && text[end - 1] == '\\') end--;
  return Argument{{begin, end}, quote != 0 && byte_at(text, i) == quote ? i + 1 : i};
}

bool may_be_password(std::string_view word) {
  return word.size() >= kLeastPassword && word[0] != '-' && word[0] != '$' && word[0] != '<' &&
         !is_reference(word) && !is_password_word(word);
}

std::optional<Span> password_at(std::string_view text, size_t i) {
  auto argument = argument_at(text, i);
  if (!argument) return std::nullopt;
  const auto [begin, end] = argument->span;
  return may_be_password(text.substr(begin, end - begin)) ? std::optional(argument->span)
                                                          : std::nullopt;
}

// What stands before `at` on its line; a line goes on after a backslash at its end.
std::string_view before_on_line(std::string_view text, size_t at) {
  size_t window = at > kMaxCommand ? at - kMaxCommand : 0;
  std::string_view line = text.substr(window, at - window);
  size_t end = line.rfind('\n');
  while (end != line.npos && end > 0 && line[end - 1] == '\\') end = line.rfind('\n', end - 1);
  if (end != line.npos) line.remove_prefix(end + 1);
  return line;
}

// The words of the command that stands at `at`, before it.
std::string_view command_before(std::string_view text, size_t at) {
  std::string_view command = before_on_line(text, at);
  size_t last = command.find_last_of(";|&");
  if (last != command.npos) command.remove_prefix(last + 1);
  return command;
}

// Whether the word `name` is among a command's, at the end of a path perhaps.
bool names(std::string_view command, std::string_view name) {
  for (size_t k = 0; (k = command.find(name, k)) != command.npos; k++) {
    char before = k > 0 ? command[k - 1] : ' ';
    bool begins =
        before == ' ' || before == '/' || before == '(' || before == '\n' || is_quote(before);
    if (begins && (k + name.size() == command.size() || command[k + name.size()] == ' '))
      return true;
  }
  return false;
}

// The last word of the `echo` or `printf` whose output goes into the command that begins at
// `begin`.
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

}  // namespace

std::optional<Span> user_option(std::string_view text, size_t at) {
  if (at > 0 && text[at - 1] == '-') at--;
  if (at > 0 && text[at - 1] != ' ' && text[at - 1] != '\t' && !is_quote(text[at - 1])) {
    return std::nullopt;
  }
  size_t i = at;
  if (text.substr(i).starts_with("--user"))
    i += 6;
  else if (text.substr(i).starts_with("-u"))
    i += 2;
  else
    return std::nullopt;
  if (byte_at(text, i) == '=')
    i++;
  else
    while (byte_at(text, i) == ' ' && i - at < 16) i++;
  size_t slashes = i;
  while (byte_at(text, i) == '\\') i++;
  if (i - slashes > kMaxEscapes) return std::nullopt;
  char quote = is_quote(byte_at(text, i)) ? text[i++] : '\0';
  size_t begin = i, colon = 0;
  size_t limit = std::min(text.size(), begin + kMaxArgument);
  while (i < limit && !is_escape(text, i) && text[i] != '\n' &&
         (quote != 0 ? text[i] != quote
                     : text[i] != ' ' && !is_quote(text[i]) && text[i] != ';' && text[i] != ')' &&
                           text[i] != '|')) {
    if (text[i] == ':' && colon == 0) colon = i;
    i++;
  }
  if (colon == 0 || colon == begin || i == begin + kMaxArgument) return std::nullopt;
  std::string_view password = text.substr(colon + 1, i - colon - 1);
  if (password.size() < 4 || is_reference(password) || password[0] == '$' ||
      is_password_word(password) || std::ranges::all_of(password, is_digit)) {  // uid:gid
    return std::nullopt;
  }
  // The option means this for a few commands only; an address before it may hold a & or ;.
  std::string_view line = before_on_line(text, at);
  for (std::string_view name : {std::string_view("curl"), std::string_view("http "),
                                std::string_view("wget"), std::string_view("https ")}) {
    if (line.find(name) != line.npos) return Span{colon + 1, i};
  }
  return std::nullopt;
}

std::optional<Span> password_option(std::string_view text, size_t at) {
  // `mysql -p x` asks for the password and opens x: what may stand behind a blank differs.
  enum class Stands : uint8_t { apart, attached, either };
  struct Option {
    char letter;
    Stands stands;
    char command[14];  // within: nothing to relocate
  };
  static constexpr Option kOptions[] = {
      {'p', Stands::either, "sshpass"},      {'p', Stands::attached, "mysql"},
      {'p', Stands::attached, "mysqldump"},  {'p', Stands::attached, "mysqladmin"},
      {'p', Stands::attached, "mariadb"},    {'p', Stands::attached, "7z"},
      {'p', Stands::apart, "login"},         {'p', Stands::apart, "mongosh"},
      {'p', Stands::apart, "mongodump"},     {'p', Stands::apart, "mongorestore"},
      {'p', Stands::apart, "twine"},         {'p', Stands::apart, "useradd"},
      {'p', Stands::apart, "usermod"},       {'P', Stands::apart, "zip"},
      {'P', Stands::apart, "unzip"},         {'P', Stands::apart, "sqlcmd"},
      {'P', Stands::apart, "mosquitto_pub"}, {'P', Stands::apart, "mosquitto_sub"},
      {'a', Stands::apart, "redis-cli"},     {'a', Stands::apart, "valkey-cli"},
      {'w', Stands::apart, "ldapsearch"},    {'w', Stands::apart, "ldapadd"},
      {'w', Stands::apart, "ldapmodify"},    {'w', Stands::apart, "ldapwhoami"},
      {'k', Stands::apart, "openssl"},       {'N', Stands::apart, "ssh-keygen"},
      {'b', Stands::either, "secret"},
  };
  const char letter = text[at + 2];
  size_t i = at + 3;
  const bool apart = byte_at(text, i) == ' ' || byte_at(text, i) == '=';
  if (apart) i++;
  auto password = password_at(text, i);
  if (!password) return std::nullopt;
  std::string_view command = command_before(text, at);
  for (const Option& option : kOptions) {
    if (option.letter != letter) continue;
    if (option.stands != Stands::either && apart != (option.stands == Stands::apart)) continue;
    if (names(command, option.command)) return password;
  }
  return std::nullopt;
}

std::optional<Span> secret_option(std::string_view text, size_t at) {
  struct Option {
    char name[11];
    char command[15];
  };
  static constexpr Option kOptions[] = {
      {"body", "secret"},       {"value", "secret"},        {"value", "put-parameter"},
      {"storepass", "keytool"}, {"storepass", "jarsigner"}, {"keypass", "keytool"},
      {"keypass", "jarsigner"}, {"passin", "openssl"},      {"passout", "openssl"},
      {"passphrase", "gpg"},
  };
  for (const Option& option : kOptions) {
    std::string_view name = option.name;
    size_t end = at + 1 + name.size();
    if (text.substr(at + 1, name.size()) != name) continue;
    if (byte_at(text, end) != ' ' && byte_at(text, end) != '=') continue;
    if (!names(command_before(text, at), option.command)) continue;
    size_t value = end + 1;
    if (text.substr(value).starts_with("pass:")) {
      value += 5;
    } else if (name == "passin" || name == "passout") {
      continue;  // env:VAR, file:PATH, stdin
    }
    if (auto secret = password_at(text, value)) return secret;
  }
  return std::nullopt;
}

std::optional<Span> piped_secret(std::string_view text, size_t at) {
  std::string_view before = text.substr(0, at), sign = text.substr(at);
  std::string_view command = command_before(text, at);
  if (sign.starts_with("<<<")) {
    bool reads = contains(command, "-stdin") || contains(command, "-with-token") ||
                 (names(command, "secret") && names(command, "put")) ||
                 (names(command, "sudo") && names(command, "-S"));
    return reads ? password_at(text, skip_blanks(text, at + 3)) : std::nullopt;
  }
  bool users = sign.starts_with("chpasswd");
  bool reads =
      users || sign.starts_with("h-token") ||
      (sign.starts_with(" -S ") && names(command, "sudo")) ||
      (sign.starts_with("-stdin") && (before.ends_with("-password") || before.ends_with(" -")));
  if (!reads) return std::nullopt;
  auto word = echoed_into(text, static_cast<size_t>(command.data() - text.data()));
  if (word && users) {  // "user:password"
    size_t colon = text.substr(word->begin, word->end - word->begin).find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    word->begin += colon + 1;
  }
  if (!word || !may_be_password(text.substr(word->begin, word->end - word->begin))) {
    return std::nullopt;
  }
  return word;
}

std::optional<Span> htpasswd_argument(std::string_view text, size_t at) {
  if (!text.substr(at).starts_with("htpasswd ")) return std::nullopt;
  bool given = false;  // -b, perhaps among other letters
  size_t words = 0;
  std::optional<Span> last;
  size_t i = at + 8;
  while (byte_at(text, i = skip_blanks(text, i)) >= ' ') {
    auto word = argument_at(text, i);
    if (!word || word->next <= i) break;
    std::string_view said = text.substr(word->span.begin, word->span.end - word->span.begin);
    i = word->next;
    if (said.starts_with('-')) {
      given |= said.find('b') != said.npos;
    } else {
      words++;
      last = word->span;
    }
  }
  if (!given || words < 2) return std::nullopt;
  return may_be_password(text.substr(last->begin, last->end - last->begin)) ? last : std::nullopt;
}

}  // namespace baton::secrets
