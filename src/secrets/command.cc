#include "secrets/command.h"

#include <algorithm>

#include "base/bytes.h"
#include "secrets/argument.h"
#include "secrets/assignment.h"
#include "secrets/judge.h"
#include "secrets/shape.h"
#include "secrets/signs.h"

namespace baton::secrets {
namespace {

std::optional<Span> password_at(std::string_view text, size_t i) {
  auto argument = argument_at(text, i);
  if (!argument) return std::nullopt;
  const auto [begin, end] = argument->span;
  return may_be_password(text.substr(begin, end - begin)) ? std::optional(argument->span)
                                                          : std::nullopt;
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

}  // namespace

std::optional<Span> user_option(std::string_view text, size_t at) {
  // What stands between the user's name and the password differs, and the option means this for a
  // few commands only.
  struct Command {
    char name[10];
    char joint;
  };
  static constexpr Command kCommands[] = {
      {"curl", ':'},      {"http ", ':'},     {"https ", ':'}, {"wget", ':'},
      {"smbclient", '%'}, {"rpcclient", '%'}, {"smbget", '%'}, {"lftp", ','},
  };
  size_t i = at;
  while (byte_at(text, i) == ' ' || byte_at(text, i) == '-') i++;
  if (i == at || text[i - 1] != '-') return std::nullopt;
  const bool proxy = text.substr(0, i).ends_with("--proxy-");
  if (proxy) at = i - 8;
  if (at > 0 && text[at - 1] == '-') at--;
  if (at > 0 && text[at] != ' ' && !is_blank(text[at - 1]) && !is_quote(text[at - 1])) {
    return std::nullopt;
  }
  if (text.substr(i).starts_with("user"))
    i += 4;
  else if (!proxy && (byte_at(text, i) == 'u' || byte_at(text, i) == 'U'))
    i += 1;
  else
    return std::nullopt;
  if (byte_at(text, i) == '=')
    i++;
  else
    while (byte_at(text, i) == ' ' && i - at < 20) i++;
  auto said = argument_at(text, i);
  if (!said) return std::nullopt;
  std::string_view both = text.substr(said->span.begin, said->span.end - said->span.begin);
  // An address before the option may hold a & or ;.
  std::string_view line = before_on_line(text, at);
  for (const Command& command : kCommands) {
    size_t joint = both.find(command.joint);
    if (joint == both.npos || joint == 0 || !contains(line, command.name)) continue;
    std::string_view password = both.substr(joint + 1);
    if (!may_be_password(password) || std::ranges::all_of(password, is_digit)) {  // uid:gid
      return std::nullopt;
    }
    return Span{said->span.begin + joint + 1, said->span.end};
  }
  return std::nullopt;
}

std::optional<Span> password_option(std::string_view text, size_t at) {
  // `mysql -p x` asks for the password and opens x: what may stand behind a blank differs.
  enum class Stands : uint8_t { apart, attached, either };
  struct Option {
    char letter;
    Stands stands;
    char command[22];  // within: nothing to relocate
  };
  static constexpr Option kOptions[] = {
      {'p', Stands::either, "sshpass"},
      {'p', Stands::attached, "mysql"},
      {'p', Stands::attached, "mysqldump"},
      {'p', Stands::attached, "mysqladmin"},
      {'p', Stands::attached, "mariadb"},
      {'p', Stands::attached, "7z"},
      {'p', Stands::apart, "login"},
      {'p', Stands::apart, "mongosh"},
      {'p', Stands::apart, "mongodump"},
      {'p', Stands::apart, "mongorestore"},
      {'p', Stands::apart, "twine"},
      {'p', Stands::apart, "useradd"},
      {'p', Stands::apart, "usermod"},
      {'P', Stands::apart, "zip"},
      {'P', Stands::apart, "unzip"},
      {'P', Stands::either, "sqlcmd"},
      {'P', Stands::apart, "mosquitto_pub"},
      {'P', Stands::apart, "mosquitto_sub"},
      {'a', Stands::apart, "redis-cli"},
      {'a', Stands::apart, "valkey-cli"},
      {'w', Stands::either, "ldapsearch"},
      {'w', Stands::either, "ldapadd"},
      {'w', Stands::either, "ldapmodify"},
      {'w', Stands::either, "ldapwhoami"},
      {'k', Stands::apart, "openssl"},
      {'N', Stands::apart, "ssh-keygen"},
      {'b', Stands::either, "secret"},
      {'p', Stands::apart, "mongo"},
      {'p', Stands::apart, "ncftp"},
      {'p', Stands::apart, "ncftpput"},
      {'p', Stands::apart, "cqlsh"},
      {'p', Stands::apart, "poetry"},
      {'p', Stands::apart, "evil-winrm"},
      {'P', Stands::apart, "bcp"},
      {'w', Stands::apart, "add-generic-password"},
      {'w', Stands::apart, "add-internet-password"},
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
  std::optional<Span> word;
  bool users = sign.starts_with("chpasswd");
  if (sign.starts_with("<<<")) {
    users = names(command, "chpasswd");
    bool reads = users || contains(command, "-stdin") || contains(command, "-with-token") ||
                 (names(command, "sudo") && names(command, "-S"));
    if (!reads) return std::nullopt;
    if (auto said = argument_at(text, skip_blanks(text, at + 3))) word = said->span;
  } else if (users || sign.starts_with("h-token") ||
             (sign.starts_with(" -S ") && names(command, "sudo")) ||
             (sign.starts_with("-stdin") &&
              (before.ends_with("-password") || before.ends_with(" -")))) {
    word = echoed_into(text, static_cast<size_t>(command.data() - text.data()));
  }
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
