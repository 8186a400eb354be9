#include "secrets/command_form.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "secrets/argument.h"
#include "secrets/judge.h"
#include "secrets/shape.h"
#include "secrets/signs.h"

namespace baton::secrets {
namespace {

// Options behind which no word of theirs stands.
constexpr std::string_view kFlags =
    "--secret --plaintext --path --global -g --silent --no-interactive --json --raw --stage -i -q "
    "--quiet -y --yes -f --force -N -s -n --passphrase-fd";

std::string_view slice(std::string_view text, const Span& span) {
  return text.substr(span.begin, span.end - span.begin);
}

// `any_word`: a password that is a word counts too.
bool is_told(std::string_view value, bool any_word) {
  return is_secret_value(value, {Strength::strong, Place::setting, Family::password}) &&
         (any_word || !std::ranges::all_of(value, is_alpha));
}

// The words of a command, options and what belongs to them among them.
class Words {
 public:
  Words(std::string_view text, size_t at)
      : text_(text.substr(0, std::min(text.size(), at + kMaxCommand))),
        cut_(text_.size() < text.size()),
        at_(at) {}

  std::optional<Span> next() {
    at_ = skip_blanks(text_, at_);
    if (byte_at(text_, at_) == '\\') {
      if (at_ + 1 < text_.size() && is_line_end(text_[at_ + 1])) {  // the line goes on
        at_ += 2;
        return next();
      }
      if (!quote_at(text_, at_)) return share();
    }
    auto word = argument_at(text_, at_);
    if (!word || word->next <= at_ || (cut_ && word->next == text_.size())) return std::nullopt;
    at_ = word->next;
    return word->span;
  }

  // What stands directly behind the last word: the value of `NAME="x"`.
  std::optional<Span> attached() {
    return is_quote(byte_at(text_, at_)) || byte_at(text_, at_) == '\\' ? next() : std::nullopt;
  }

  // The word behind `<<<`, where the words end.
  std::optional<Span> here_string() {
    at_ = skip_blanks(text_, at_);
    if (!text_.substr(at_).starts_with("<<<")) return std::nullopt;
    at_ += 3;
    return next();
  }

 private:
  // \\host\share: no backslash of it is an escape.
  Span share() {
    size_t begin = at_;
    while (byte_at(text_, at_) > ' ' && !is_quote(text_[at_])) at_++;
    return {begin, at_};
  }

  std::string_view text_;
  bool cut_;  // the text goes on behind
  size_t at_;
};

bool is_word(std::string_view word, std::string_view wanted) {
  if (wanted.ends_with("..")) return word.starts_with(wanted.substr(0, wanted.size() - 2));
  return (word.size() == wanted.size() && lower_ascii(word) == wanted) ||
         (word.size() > wanted.size() && word.starts_with(wanted) && word[wanted.size()] == '=');
}

// Shares, drives and the like, which stand before a password as often as not.
bool is_place(std::string_view word) {
  return word[0] == '\\' || word[0] == '/' || word[0] == '*' || word.back() == ':';
}

class Match {
 public:
  Match(std::string_view text, size_t begin, size_t behind_name, std::string_view form)
      : text_(text), begin_(begin), words_(text, behind_name), form_(form) {
    take();
  }

  std::vector<Span> run() {
    constexpr size_t kMaxOptions = 12;  // and what belongs to them, before a verb
    for (size_t behind_name = 0; auto span = words_.next(); behind_name++) {
      std::string_view word = slice(text_, *span);
      if (word.empty() || wanted_.empty()) continue;
      if (wanted_[0] == '=') {
        setting(*span);
      } else if (wanted_ != "*" && wanted_ != "@" && wanted_ != "|") {
        if (is_word(word, wanted_))
          take();
        else if (behind_name == kMaxOptions && found_.empty())
          return {};
      } else if (word[0] == '-') {
        option(word);
      } else if (wanted_ == "*") {
        if (contains(word, "=")) return {};  // NAME=x where NAME is to come
        take();
      } else if (wanted_ == "@" && !operand(*span)) {
        return {};
      }
    }
    if (wanted_ == "|") {
      auto said = words_.here_string();
      if (!said) said = echoed_into(text_, begin_);
      if (said && may_be_password(slice(text_, *said))) found_.push_back(*said);
    } else if (!wanted_.empty() && wanted_[0] != '=') {
      return {};
    }
    return std::move(found_);
  }

 private:
  void take() {
    size_t blank = std::min(form_.find(' '), form_.size());
    wanted_ = form_.substr(0, blank);
    form_.remove_prefix(std::min(blank + 1, form_.size()));
  }

  void option(std::string_view word) {
    const bool number = word.size() == 2 && is_digit(word[1]);
    if (!number && !contains(word, "=") && !is_among(kFlags, word)) (void)words_.next();
  }

  // False where the word that is to be the secret is none.
  bool operand(const Span& span) {
    std::string_view word = slice(text_, span);
    if (is_place(word)) return true;
    size_t name = 0;
    while (name < word.size() && is_name_byte(word[name])) name++;
    if (byte_at(word, name) == '=' && name > 0 && name + 1 < word.size()) return false;
    if (!is_told(word, false)) return false;
    found_.push_back(span);
    take();
    return true;
  }

  void setting(Span span) {
    constexpr std::string_view kLiteral = "--from-literal=";
    if (slice(text_, span).starts_with(kLiteral)) span.begin += kLiteral.size();
    std::string_view word = slice(text_, span);
    size_t equals = word.find('=');
    if (equals == word.npos || equals == 0 || word[0] == '-') return;
    span.begin += equals + 1;
    if (span.begin == span.end) {
      auto value = words_.attached();
      if (!value) return;
      span = *value;
    }
    if (is_told(slice(text_, span), wanted_ == "=@")) found_.push_back(span);
  }

  std::string_view text_;
  size_t begin_;
  Words words_;
  std::string_view form_, wanted_;  // what is left of the form, and the next of its words
  std::vector<Span> found_;
};

}  // namespace

std::vector<Span> secrets_of_form(std::string_view text, size_t at, std::string_view form) {
  std::string_view name = form.substr(0, form.find(' '));
  const char before = at > 0 ? text[at - 1] : ' ';
  if (is_name_byte(before) || before == '-' || before == '.') return {};
  if (text.substr(at, name.size()) != name || !is_blank(byte_at(text, at + name.size()))) return {};
  // The name may stand behind others: sudo, npx, env.
  size_t begin = at - command_before(text, at).size();
  return Match(text, begin, at + name.size(), form.substr(name.size() + 1)).run();
}

}  // namespace baton::secrets
