#pragma once

// A shell command cut into words, operators and redirections; quotes and here documents are read,
// nothing is expanded. For shell_words.cc.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace baton::shell {

struct Token {
  enum class Kind : uint8_t { word, op, redirect, end } kind = Kind::end;
  std::string text;
  bool quoted = false;  // some part of the word was quoted: it is no keyword
  char descriptor = 0;  // the digit in front of a redirection: '2' of "2>"
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  bool whole() const { return whole_; }

  Token next() {
    skip_blank();
    if (at_ >= text_.size()) return {};
    char c = text_[at_];
    if (c == '\n') {
      ++at_;
      skip_heredocs();
      return op("\n");
    }
    for (std::string_view literal : {"&>>", "&>"}) {
      if (rest().starts_with(literal)) {
        at_ += literal.size();
        return {Token::Kind::redirect, std::string(literal), false};
      }
    }
    for (std::string_view literal : {"&&", "||", ";;", "|&", "|", "&", ";", "(", ")"}) {
      if (rest().starts_with(literal)) {
        at_ += literal.size();
        return op(literal);
      }
    }
    if (Token token = redirect(); token.kind == Token::Kind::redirect) return token;
    return word();
  }

  // The next word names the end of a here document.
  void begin_heredoc(std::string delimiter, bool strip_tabs) {
    heredocs_.push_back({std::move(delimiter), strip_tabs});
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }
  static Token op(std::string_view text) { return {Token::Kind::op, std::string(text), false}; }

  void skip_blank() {
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\r') {
        ++at_;
      } else if (c == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') {
        at_ += 2;
      } else if (c == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else {
        break;
      }
    }
  }

  void skip_heredocs() {
    for (const auto& [delimiter, strip_tabs] : heredocs_) {
      for (;;) {
        if (at_ >= text_.size()) {
          whole_ = false;
          break;
        }
        size_t end = text_.find('\n', at_);
        std::string_view line = text_.substr(at_, end == text_.npos ? text_.npos : end - at_);
        at_ = end == text_.npos ? text_.size() : end + 1;
        while (strip_tabs && line.starts_with('\t')) line.remove_prefix(1);
        if (line == delimiter) break;
        if (end == text_.npos) break;
      }
    }
    heredocs_.clear();
  }

  Token redirect() {
    size_t i = at_;
    while (i < text_.size() && text_[i] >= '0' && text_[i] <= '9') ++i;
    std::string_view after = text_.substr(i);
    for (std::string_view literal : {"<<<", "<<-", "<<", "<>", "<&", "<", ">>", ">&", ">|", ">"}) {
      if (!after.starts_with(literal)) continue;
      // `<(` and `>(` are words.
      if ((literal == "<" || literal == ">") && after.size() > 1 && after[1] == '(') return {};
      char descriptor = i == at_ ? '\0' : text_[at_];
      at_ = i + literal.size();
      return {Token::Kind::redirect, std::string(literal), false, descriptor};
    }
    return {};
  }

  // Copies a `$(...)`, `${...}`, `<(...)` or backquoted part as it is written.
  void copy_nested(std::string& out, char open, char close) {
    int depth = 0;
    char quote = 0;
    while (at_ < text_.size()) {
      char c = text_[at_++];
      out += c;
      if (c == '\\' && quote != '\'' && at_ < text_.size()) {
        out += text_[at_++];
      } else if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == open && open != close) {
        ++depth;
      } else if (c == close && (open == close ? depth++ > 0 : --depth == 0)) {
        return;
      }
    }
    whole_ = false;
  }

  void dollar(std::string& out) {
    if (rest().starts_with("$(")) {
      out += '$';
      ++at_;
      copy_nested(out, '(', ')');
    } else if (rest().starts_with("${")) {
      out += '$';
      ++at_;
      copy_nested(out, '{', '}');
    } else {
      out += text_[at_++];
    }
  }

  void double_quoted(std::string& out) {
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == '"') {
        ++at_;
        return;
      }
      if (c == '\\' && at_ + 1 < text_.size()) {
        char escaped = text_[at_ + 1];
        at_ += 2;
        if (escaped == '\n') continue;
        if (escaped != '"' && escaped != '\\' && escaped != '$' && escaped != '`') out += '\\';
        out += escaped;
      } else if (c == '$') {
        dollar(out);
      } else if (c == '`') {
        copy_nested(out, '`', '`');
      } else {
        out += c;
        ++at_;
      }
    }
    whole_ = false;
  }

  void ansi_quoted(std::string& out) {
    while (at_ < text_.size()) {
      char c = text_[at_++];
      if (c == '\'') return;
      if (c != '\\' || at_ >= text_.size()) {
        out += c;
        continue;
      }
      char escaped = text_[at_++];
      switch (escaped) {
        case 'n':
          out += '\n';
          break;
        case 't':
          out += '\t';
          break;
        default:
          out += escaped;
      }
    }
    whole_ = false;
  }

  Token word() {
    Token token{Token::Kind::word, "", false};
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == '&' || c == '|' ||
          c == ')') {
        break;
      }
      if (c == '(') {
        // Part of a word only after `=`, `@`, `?`, `*`, `+`, `!` (arrays, extended patterns).
        if (token.text.empty() || !contains("=@?*+!", token.text.substr(token.text.size() - 1))) {
          break;
        }
        copy_nested(token.text, '(', ')');
        continue;
      }
      if (c == '<' || c == '>') {
        if (token.text.empty() && at_ + 1 < text_.size() && text_[at_ + 1] == '(') {
          token.text += c;
          ++at_;
          copy_nested(token.text, '(', ')');
          continue;
        }
        break;
      }
      if (c == '\'') {
        token.quoted = true;
        size_t end = text_.find('\'', at_ + 1);
        if (end == text_.npos) {
          whole_ = false;
          end = text_.size();
        }
        token.text += text_.substr(at_ + 1, end - at_ - 1);
        at_ = std::min(end + 1, text_.size());
      } else if (c == '"') {
        token.quoted = true;
        ++at_;
        double_quoted(token.text);
      } else if (rest().starts_with("$'")) {
        token.quoted = true;
        at_ += 2;
        ansi_quoted(token.text);
      } else if (c == '$') {
        dollar(token.text);
      } else if (c == '`') {
        copy_nested(token.text, '`', '`');
      } else if (c == '\\') {
        if (at_ + 1 < text_.size() && text_[at_ + 1] == '\n') {
          at_ += 2;
          continue;
        }
        token.quoted = true;
        if (at_ + 1 < text_.size()) token.text += text_[at_ + 1];
        at_ = std::min(at_ + 2, text_.size());
      } else {
        token.text += c;
        ++at_;
      }
    }
    return token;
  }

  struct Heredoc {
    std::string delimiter;
    bool strip_tabs;
  };
  std::string_view text_;
  size_t at_ = 0;
  bool whole_ = true;
  std::vector<Heredoc> heredocs_;
};

}  // namespace baton::shell
