#include "index/shell_words.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "os/file.h"

namespace baton::index {
namespace {

using Next = ShellCommand::Next;

template <size_t N>
bool one_of(std::string_view word, const std::array<std::string_view, N>& list) {
  return std::ranges::find(list, word) != list.end();
}

// --- tokens ---

struct Token {
  enum class Kind : uint8_t { word, op, redirect, end } kind = Kind::end;
  std::string text;
  bool quoted = false;  // some part of the word was quoted: it is no keyword
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
      at_ = i + literal.size();
      return {Token::Kind::redirect, std::string(literal), false};
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

// --- words that only run another program ---

bool is_assignment(std::string_view word) {
  size_t i = 0;
  while (i < word.size() && (isalnum(static_cast<unsigned char>(word[i])) || word[i] == '_')) ++i;
  if (i == 0 || isdigit(static_cast<unsigned char>(word[0]))) return false;
  std::string_view rest = word.substr(i);
  return rest.starts_with('=') || rest.starts_with("+=");
}

// A program that runs another one: which of its options take a word of their own, and how many
// operands stand before the program.
struct Wrapper {
  std::string_view name;
  std::string_view subcommand;         // "run" of `uv run`; "" if none
  std::string_view options_with_word;  // separated by spaces
  int operands = 0;
};

constexpr Wrapper kWrappers[] = {
    {"env", "", "-u --unset -C --chdir", 0},
    {"sudo", "", "-u -g -h -p -C -T -R -D --user --group --chdir", 0},
    {"doas", "", "-u -C", 0},
    {"timeout", "", "-k --kill-after -s --signal", 1},
    {"gtimeout", "", "-k --kill-after -s --signal", 1},
    {"nice", "", "-n --adjustment", 0},
    {"ionice", "", "-c -n -p --class --classdata", 0},
    {"taskset", "", "", 1},
    {"nohup", "", "", 0},
    {"setsid", "", "", 0},
    {"stdbuf", "", "-i -o -e", 0},
    {"unbuffer", "", "", 0},
    {"time", "", "-f -o --format --output", 0},
    {"command", "", "", 0},
    {"builtin", "", "", 0},
    {"exec", "", "-a", 0},
    {"xvfb-run", "", "-n -s -e -f -p -w --server-num --server-args", 0},
    {"dbus-run-session", "", "", 0},
    {"valgrind", "", "", 0},
    {"strace", "", "-o -e -p -s -S -E -u", 0},
    {"npx", "", "-p --package", 0},
    {"pnpx", "", "-p --package", 0},
    {"bunx", "", "", 0},
    {"uvx", "", "--from --with --python -p", 0},
    {"npm", "exec", "-p --package -w --workspace", 0},
    {"npm", "x", "-p --package -w --workspace", 0},
    {"pnpm", "exec", "-F --filter -C --dir", 0},
    {"pnpm", "dlx", "", 0},
    {"yarn", "exec", "", 0},
    {"yarn", "dlx", "-p", 0},
    {"bun", "x", "", 0},
    {"uv", "run",
     "--with --with-requirements --with-editable --python -p --extra --group --only-group "
     "--package "
     "--directory --project --env-file --index-url --no-group",
     0},
    {"poetry", "run", "-C --directory -P --project", 0},
    {"pipenv", "run", "", 0},
    {"pdm", "run", "-p --project", 0},
    {"hatch", "run", "-e --env", 0},
    {"rye", "run", "", 0},
    {"pixi", "run", "-e --environment --manifest-path", 0},
    {"conda", "run", "-n --name -p --prefix --cwd", 0},
    {"mamba", "run", "-n --name -p --prefix --cwd", 0},
    {"micromamba", "run", "-n --name -p --prefix --cwd", 0},
    {"direnv", "exec", "", 1},
    {"bundle", "exec", "--gemfile", 0},
    {"rbenv", "exec", "", 0},
    {"asdf", "exec", "", 0},
    {"rustup", "run", "", 1},
    {"cross-env", "", "", 0},
    {"dotenv", "", "-e -f", 0},
    {"docker", "exec", "-e --env -u --user -w --workdir --env-file", 1},
    {"podman", "exec", "-e --env -u --user -w --workdir --env-file", 1},
    {"docker", "run",
     "-e --env -u --user -w --workdir -v --volume --name --network -p --publish --env-file "
     "--entrypoint -m --memory --cpus --mount --platform",
     1},
    {"podman", "run",
     "-e --env -u --user -w --workdir -v --volume --name --network -p --publish --env-file "
     "--entrypoint -m --memory --cpus --mount --platform",
     1},
    {"docker-compose", "exec", "-e --env -u --user -w --workdir --index", 1},
    {"docker-compose", "run", "-e --env -u --user -w --workdir -v --volume --name -p", 1},
    {"coverage", "run", "--source --omit --include --rcfile --data-file --context --concurrency",
     0},
    {"kcov", "", "", 1},
};

bool has_word(std::string_view list, std::string_view word) {
  for (std::string_view one : split(list, ' ')) {
    if (!one.empty() && one == word) return true;
  }
  return false;
}

bool is_python(std::string_view name) {
  if (name == "python" || name == "py" || name == "pypy" || name == "pypy3") return true;
  if (!name.starts_with("python")) return false;
  return name.find_first_not_of("0123456789.", 6) == name.npos;
}

std::string without_version(std::string_view word) {
  size_t at = word.find('@', 1);
  return std::string(word.substr(0, at));
}

void drop_front(std::vector<std::string>& words, size_t count) {
  words.erase(words.begin(),
              words.begin() + static_cast<std::ptrdiff_t>(std::min(count, words.size())));
}

// Takes one wrapper off the front. False if there is none.
bool unwrap_once(std::vector<std::string>& words) {
  if (words.empty()) return false;
  std::string name(program_name(words[0]));

  // docker compose exec/run, docker -H ..., kubectl exec POD -- CMD, mise exec -- CMD
  if (name == "docker" && words.size() > 1 && words[1] == "compose") {
    words.erase(words.begin());
    words[0] = "docker-compose";
    name = words[0];
    while (words.size() > 1 && words[1].starts_with('-')) {
      bool takes_word = words[1] == "-f" || words[1] == "--file" || words[1] == "-p";
      words.erase(words.begin() + 1,
                  words.begin() + std::min<std::ptrdiff_t>(std::ssize(words), takes_word ? 3 : 2));
    }
  }
  if (name == "kubectl" || name == "mise" || name == "nix") {
    for (size_t i = 1; i + 1 < words.size(); ++i) {
      bool found =
          words[i] == "--" || (name == "nix" && (words[i] == "-c" || words[i] == "--command"));
      if (!found) continue;
      drop_front(words, i + 1);
      return true;
    }
    return false;
  }
  if (is_python(name)) {
    size_t i = 1;
    while (i < words.size() && words[i].starts_with('-') && words[i] != "-m" && words[i] != "-c") {
      i += (words[i] == "-W" || words[i] == "-X") ? 2 : 1;
    }
    if (i + 1 < words.size() && words[i] == "-m") {
      drop_front(words, i + 1);
      return true;
    }
  }
  if (is_python(name) || name == "php" || name == "node" || name == "ruby") {
    // A tool's own script, run by its interpreter.
    for (size_t i = 1; i < words.size(); ++i) {
      if (words[i].starts_with('-')) continue;
      std::string_view script = words[i];
      if (contains(script, "node_modules/") || contains(script, "vendor/bin/") ||
          script.starts_with("bin/rspec") || script.ends_with(".phar") ||
          contains(script, "venv/bin/")) {
        std::string tool(program_name(script));
        for (std::string_view ending : {".js", ".mjs", ".cjs", ".py", ".phar", ".php", ".rb"}) {
          if (tool.ends_with(ending)) tool.resize(tool.size() - ending.size());
        }
        drop_front(words, i);
        words[0] = tool;
        return true;
      }
      break;
    }
    return false;
  }
  for (const Wrapper& wrapper : kWrappers) {
    if (wrapper.name != name) continue;
    size_t i = 1;
    auto skip_options = [&] {
      while (i < words.size()) {
        const std::string& word = words[i];
        if (word == "--") {
          ++i;
          return;
        }
        if (word == "-m" && name == "coverage") return;
        if (word.size() > 1 && word[0] == '-') {
          i += has_word(wrapper.options_with_word, word) ? 2 : 1;
        } else if ((name == "env" || name == "sudo" || name == "doas" || name == "cross-env" ||
                    name == "dotenv") &&
                   is_assignment(word)) {
          ++i;
        } else {
          return;
        }
      }
    };
    if (!wrapper.subcommand.empty()) {
      skip_options();
      if (i >= words.size() || words[i] != wrapper.subcommand) continue;
      ++i;
    }
    skip_options();
    i += static_cast<size_t>(wrapper.operands);
    if (i < words.size() && words[i] == "--") ++i;
    if (i >= words.size()) return false;
    bool module = name == "coverage" && words[i] == "-m";
    if (module) ++i;
    if (i >= words.size()) return false;
    drop_front(words, i);
    if (name == "npx" || name == "bunx" || name == "uvx" || name == "pnpx") {
      words[0] = without_version(words[0]);
    }
    return true;
  }
  return false;
}

constexpr std::array<std::string_view, 7> kShells = {"sh",  "bash", "zsh",    "dash",
                                                     "ksh", "ash",  "busybox"};

// The script of `sh -c SCRIPT`, or null.
const std::string* script_of(const std::vector<std::string>& words) {
  if (words.empty()) return nullptr;
  if (words[0] == "eval" && words.size() == 2) return &words[1];
  if (!one_of(program_name(words[0]), kShells)) return nullptr;
  for (size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word.starts_with("--")) continue;
    if (word == "-o" || word == "+o") {
      ++i;
      continue;
    }
    if (word.size() < 2 || word[0] != '-') return nullptr;
    if (word.find('c') != word.npos && i + 1 < words.size()) return &words[i + 1];
  }
  return nullptr;
}

// "a/b" and "../c" make "a/c"; what leads out stays as "..".
std::string join_relative(std::string_view directory, std::string_view to) {
  std::vector<std::string_view> parts;
  auto add = [&](std::string_view path) {
    for (std::string_view part : split(path, '/')) {
      if (part.empty() || part == ".") continue;
      if (part == ".." && !parts.empty() && parts.back() != "..") {
        parts.pop_back();
      } else {
        parts.push_back(part);
      }
    }
  };
  add(directory);
  add(to);
  std::string joined;
  for (std::string_view part : parts) {
    if (!joined.empty()) joined += '/';
    joined += part;
  }
  return joined;
}

// --- the grammar ---

struct Scope {
  std::string directory;
  bool directory_known = true;
  bool pipefail = false;
};

class Parser {
 public:
  Parser(std::string_view text, ShellLine& line, Scope scope, int depth, int& pipelines)
      : lexer_(text), line_(line), scope_(std::move(scope)), depth_(depth), pipelines_(pipelines) {}

  void parse() {
    pipeline_ = pipelines_++;
    size_t guard = 0;
    while (guard++ < kMaxCommandParsed) {
      Token token = lexer_.next();
      if (token.kind == Token::Kind::end) break;
      if (token.kind == Token::Kind::word) {
        word(std::move(token));
      } else if (token.kind == Token::Kind::redirect) {
        redirect(token.text);
      } else {
        operation(token.text);
      }
    }
    finish(Next::end);
    if (!groups_.empty()) line_.whole = false;
    if (!lexer_.whole()) line_.whole = false;
  }

  const Scope& scope() const { return scope_; }

 private:
  struct Group {
    size_t first;  // command that it begins with
    Scope scope;   // to go back to
    bool subshell;
  };

  void word(Token token) {
    bool first = current_.words.empty() && current_.assignments.empty();
    if (skip_to_do_) {
      if (!token.quoted && token.text == "do") skip_to_do_ = false;
      return;
    }
    if (skip_to_esac_) {
      if (!token.quoted && token.text == "esac") skip_to_esac_ = false;
      return;
    }
    if (!token.quoted && current_.words.empty()) {
      const std::string& text = token.text;
      if (text == "!") {
        current_.negated = !current_.negated;
        return;
      }
      if (first && text == "{") {
        groups_.push_back({line_.commands.size(), scope_, false});
        return;
      }
      if (first && text == "}") {
        close_group();
        return;
      }
      if (first && (text == "if" || text == "while" || text == "until")) {
        ++compound_;
        return;
      }
      if (first && (text == "then" || text == "else" || text == "elif" || text == "do")) return;
      if (first && (text == "fi" || text == "done")) {
        if (compound_ > 0) --compound_;
        after_compound_ = true;
        return;
      }
      if (first && (text == "for" || text == "select")) {
        ++compound_;
        skip_to_do_ = true;
        return;
      }
      if (first && text == "case") {
        line_.whole = false;
        skip_to_esac_ = true;
        return;
      }
      if (first && text == "function") {
        line_.whole = false;
        ++compound_;
        return;
      }
      if (is_assignment(text)) {
        current_.assignments.push_back(std::move(token.text));
        return;
      }
    }
    if (text_test_) {
      if (!token.quoted && token.text == "]]") text_test_ = false;
    } else if (!token.quoted && first && token.text == "[[") {
      text_test_ = true;
    }
    current_.words.push_back(std::move(token.text));
  }

  void redirect(const std::string& how) {
    Token target = lexer_.next();
    if (target.kind != Token::Kind::word) {
      if (target.kind == Token::Kind::op) operation(target.text);
      return;
    }
    if (how == "<<" || how == "<<-") {
      lexer_.begin_heredoc(target.text, how == "<<-");
    } else if (how == "<") {
      current_.inputs.push_back(target.text);
    } else if (how.starts_with('>') || how.starts_with("&>")) {
      bool descriptor = how == ">&" && !target.text.empty() &&
                        target.text.find_first_not_of("0123456789-") == std::string::npos;
      if (!descriptor) current_.outputs.push_back(target.text);
    }
  }

  void operation(const std::string& text) {
    if (text_test_ && (text == "&&" || text == "||" || text == "(" || text == ")")) {
      current_.words.push_back(text);
      return;
    }
    if (skip_to_do_ || skip_to_esac_) return;
    if (text == "(") {
      if (!current_.words.empty()) {  // a function's definition
        line_.whole = false;
        current_ = {};
        (void)lexer_.next();
        return;
      }
      groups_.push_back({line_.commands.size(), scope_, true});
      return;
    }
    if (text == ")") {
      finish(Next::end);
      close_group();
      return;
    }
    if (text == "|" || text == "|&") {
      finish(Next::pipe);
    } else if (text == "&&") {
      finish(Next::both);
    } else if (text == "||") {
      finish(Next::either);
    } else if (text == "&") {
      line_.leaves_running = true;
      finish(Next::background);
    } else {  // ";", ";;", newline
      finish(Next::next);
    }
  }

  void close_group() {
    finish(Next::end);
    if (groups_.empty()) {
      line_.whole = false;
      return;
    }
    Group group = std::move(groups_.back());
    groups_.pop_back();
    if (group.subshell) scope_ = group.scope;
    closed_first_ = group.first;
    closed_group_ = true;
  }

  // The command is complete; `next` follows it.
  void finish(Next next) {
    if (current_.words.empty() && current_.assignments.empty() && current_.inputs.empty() &&
        current_.outputs.empty()) {
      if ((closed_group_ || after_compound_) && !line_.commands.empty() && next != Next::end) {
        // The operator stands behind a group: it follows the group's last command. In a pipe the
        // status of all of them is lost.
        line_.commands.back().next = next;
        if (closed_group_ && next == Next::pipe) {
          for (size_t i = closed_first_; i < line_.commands.size(); ++i) {
            line_.commands[i].last_of_pipeline = false;
          }
        }
        if (after_compound_ && next == Next::pipe) line_.commands.back().last_of_pipeline = false;
        advance(next);
      }
      current_ = {};
      if (next != Next::end) closed_group_ = after_compound_ = false;
      return;
    }
    closed_group_ = after_compound_ = false;
    current_.next = next;
    current_.directory = scope_.directory;
    current_.directory_known = scope_.directory_known;
    current_.pipefail = scope_.pipefail;
    current_.compound = compound_ > 0;
    current_.pipeline = pipeline_;
    current_.last_of_pipeline = next != Next::pipe;
    current_.program = current_.words;
    for (int i = 0; i < 8 && unwrap_once(current_.program); ++i) note_detached(current_.program);
    note_detached(current_.words);
    note_leaving(current_);
    change_scope(current_);
    const std::string* script = depth_ < kMaxShellDepth ? script_of(current_.program) : nullptr;
    if (script != nullptr) {
      splice(*script, next);
    } else {
      line_.commands.push_back(std::move(current_));
    }
    current_ = {};
    advance(next);
  }

  void advance(Next next) {
    if (next != Next::pipe) pipeline_ = pipelines_++;
  }

  void splice(const std::string& script, Next next) {
    size_t first = line_.commands.size();
    ShellCommand outer = std::move(current_);
    Scope inner{outer.directory, outer.directory_known, false};
    Parser parser(std::string_view(script).substr(0, kMaxCommandParsed), line_, std::move(inner),
                  depth_ + 1, pipelines_);
    parser.parse();
    if (line_.commands.size() == first) return;
    for (size_t i = first; i < line_.commands.size(); ++i) {
      ShellCommand& command = line_.commands[i];
      command.compound |= outer.compound;
      command.negated |= outer.negated;
      if (next == Next::pipe) command.last_of_pipeline = false;
      command.assignments.insert(command.assignments.begin(), outer.assignments.begin(),
                                 outer.assignments.end());
      if (!outer.outputs.empty()) {
        command.outputs.insert(command.outputs.end(), outer.outputs.begin(), outer.outputs.end());
      }
    }
    line_.commands.back().next = next;
  }

  void change_scope(const ShellCommand& command) {
    if (command.words.empty()) return;
    const std::string& name = command.words[0];
    if ((name == "cd" || name == "pushd") && command.last_of_pipeline) {
      size_t at = 1;
      while (at < command.words.size() && (command.words[at] == "--" || command.words[at] == "-P" ||
                                           command.words[at] == "-L")) {
        ++at;
      }
      std::string_view to = at < command.words.size() ? command.words[at] : std::string_view("~");
      if (to.empty() || to == "-" || to.starts_with('~') || to.find_first_of("$`*?") != to.npos) {
        scope_.directory_known = false;
        line_.leaves_directory = true;
      } else if (to.starts_with('/')) {
        scope_.directory = to;
        scope_.directory_known = true;
      } else if (scope_.directory.starts_with('/')) {
        scope_.directory = os::normalize(scope_.directory, to);
      } else {
        scope_.directory = join_relative(scope_.directory, to);
      }
    } else if (name == "popd") {
      scope_.directory_known = false;
    } else if (name == "set") {
      for (size_t i = 1; i + 1 < command.words.size(); ++i) {
        const std::string& word = command.words[i];
        if (word.size() > 1 && word[0] == '-' && word.back() == 'o' &&
            command.words[i + 1] == "pipefail") {
          scope_.pipefail = true;
        }
      }
    }
  }

  void note_detached(const std::vector<std::string>& words) {
    if (words.empty()) return;
    std::string_view name = program_name(words[0]);
    if (name == "nohup" || name == "setsid" || name == "disown" || name == "daemonize") {
      line_.leaves_running = true;
    }
    if (name == "docker" || name == "podman" || name == "docker-compose") {
      for (size_t i = 1; i < words.size(); ++i) {
        if (words[i] == "-d" || words[i] == "--detach") line_.leaves_running = true;
      }
    }
    if (name == "tmux" || name == "screen") line_.leaves_running = true;
  }

  void note_leaving(const ShellCommand& command) {
    auto leads_out = [](std::string_view word) {
      if (word == ".." || word.starts_with("../") || contains(word, "/../") ||
          word.ends_with("/..")) {
        return true;
      }
      if (!word.starts_with('/')) return false;
      for (std::string_view system : {"/dev/", "/bin/", "/usr/", "/etc/", "/proc/", "/sys/"}) {
        if (word.starts_with(system)) return false;
      }
      return word.size() > 1;
    };
    for (size_t i = 0; i < command.words.size(); ++i) {
      std::string_view word = command.words[i];
      if (word.starts_with('-')) {  // --dir=../x, -C../x
        size_t at = word.find_first_of("./");
        if (at == word.npos) continue;
        word.remove_prefix(at);
      }
      if (leads_out(word)) line_.leaves_directory = true;
    }
    for (const std::string& output : command.outputs) {
      if (leads_out(output)) line_.leaves_directory = true;
    }
  }

  Lexer lexer_;
  ShellLine& line_;
  Scope scope_;
  int depth_;
  int& pipelines_;
  int pipeline_ = 0;
  ShellCommand current_;
  std::vector<Group> groups_;
  int compound_ = 0;
  bool skip_to_do_ = false;
  bool skip_to_esac_ = false;
  bool text_test_ = false;       // inside [[ ]]
  bool closed_group_ = false;    // the last thing was `)` or `}`
  bool after_compound_ = false;  // the last thing was `fi` or `done`
  size_t closed_first_ = 0;
};

// --- git's commands ---

enum class GitEffect : uint8_t { none, content, other };

GitEffect git_effect(const std::vector<std::string>& words) {
  size_t i = 1;
  while (i < words.size() && words[i].starts_with('-')) {
    bool takes_word = words[i] == "-C" || words[i] == "-c" || words[i] == "--git-dir" ||
                      words[i] == "--work-tree" || words[i] == "--namespace";
    i += takes_word ? 2 : 1;
  }
  if (i >= words.size()) return GitEffect::none;
  static constexpr std::array<std::string_view, 14> kContent = {
      "checkout", "switch", "merge", "pull",   "rebase",      "stash",           "reset",
      "restore",  "revert", "am",    "bisect", "cherry-pick", "sparse-checkout", "read-tree"};
  static constexpr std::array<std::string_view, 26> kQuiet = {
      "status",   "log",      "diff",   "show",       "fetch",    "branch",    "add",
      "commit",   "push",     "config", "remote",     "tag",      "rev-parse", "ls-files",
      "blame",    "describe", "reflog", "grep",       "rev-list", "cat-file",  "ls-tree",
      "shortlog", "notes",    "gc",     "merge-base", "version"};
  if (one_of(words[i], kContent)) return GitEffect::content;
  if (one_of(words[i], kQuiet)) return GitEffect::none;
  return GitEffect::other;
}

constexpr std::array<std::string_view, 24> kQuietPrograms = {
    "cd",  "echo",  "printf", "true", "false",  ":",     "ls",   "pwd",
    "cat", "head",  "tail",   "wc",   "grep",   "rg",    "test", "[",
    "[[",  "sleep", "exit",   "set",  "export", "which", "sort", "uniq"};

// Commands that do not fail in practice, so that they may stand in a chain of `&&` beside the one
// that matters.
constexpr std::array<std::string_view, 26> kTrivialPrograms = {
    "cd",    "echo",  "printf", "true",  ":",     "set",   "export", "source", ".",
    "mkdir", "pwd",   "ls",     "sleep", "date",  "clear", "touch",  "ulimit", "umask",
    "unset", "alias", "rm",     "cat",   "which", "pushd", "popd",   "chmod"};
constexpr std::array<std::string_view, 10> kTrivialFilters = {
    "tail", "head", "tee", "cat", "sed", "awk", "sort", "less", "cut", "column"};

bool is_trivial(const ShellCommand& command) {
  return command.program.empty() || one_of(program_name(command.program[0]), kTrivialPrograms);
}

}  // namespace

std::string_view program_name(std::string_view word) {
  size_t slash = word.rfind('/');
  return slash == word.npos ? word : word.substr(slash + 1);
}

ShellLine parse_shell(std::string_view command) {
  ShellLine line;
  if (command.size() > kMaxCommandParsed) {
    command = command.substr(0, kMaxCommandParsed);
    line.whole = false;
  }
  int pipelines = 0;
  Parser parser(command, line, {}, 0, pipelines);
  parser.parse();
  // A separator at the very end separates nothing.
  if (!line.commands.empty() && line.commands.back().next == Next::next) {
    line.commands.back().next = Next::end;
  }
  return line;
}

StatusMeaning status_meaning(const ShellLine& line, size_t at) {
  StatusMeaning meaning;
  if (!line.whole || at >= line.commands.size()) return meaning;
  const ShellCommand& command = line.commands[at];
  if (command.negated || command.compound) return meaning;
  if (!command.last_of_pipeline && !command.pipefail) return meaning;
  // The other members of its pipeline.
  bool others_trivial = true;
  size_t last = at;
  while (line.commands[last].next == Next::pipe && last + 1 < line.commands.size()) {
    ++last;
    const ShellCommand& member = line.commands[last];
    if (member.program.empty() || !one_of(program_name(member.program[0]), kTrivialFilters)) {
      others_trivial = false;
    }
  }
  if (!command.last_of_pipeline && last == at) return meaning;  // piped behind a group
  // What follows.
  for (size_t i = last; i < line.commands.size(); ++i) {
    Next next = line.commands[i].next;
    if (next == Next::either || next == Next::next || next == Next::background) return meaning;
    if (i > last && !is_trivial(line.commands[i])) others_trivial = false;
  }
  // What stands before it in the same chain.
  bool may_not_have_run = false;
  size_t first = at;
  while (first > 0 && line.commands[first - 1].pipeline == command.pipeline &&
         line.commands[first - 1].next == Next::pipe) {
    --first;
  }
  for (size_t i = first; i > 0; --i) {
    Next next = line.commands[i - 1].next;
    if (next == Next::next || next == Next::background || next == Next::end) break;
    if (next == Next::either) may_not_have_run = true;
    if (next == Next::both && !is_trivial(line.commands[i - 1])) others_trivial = false;
  }
  meaning.zero = !may_not_have_run;
  meaning.failure = others_trivial;
  return meaning;
}

std::vector<ShellRead> files_read(const ShellLine& line) {
  std::vector<ShellRead> reads;
  for (size_t at = 0; at < line.commands.size(); ++at) {
    const ShellCommand& command = line.commands[at];
    if (command.program.empty() || !command.outputs.empty()) continue;
    std::string_view name = program_name(command.program[0]);
    std::string_view with_word;
    bool is_sed = false;
    if (name == "cat" || name == "more") {
      with_word = "";
    } else if (name == "head" || name == "tail") {
      with_word = "-n -c --lines --bytes";
    } else if (name == "less") {
      with_word = "-p -P -j -b -x -y -z";
    } else if (name == "nl") {
      with_word = "-b -d -f -h -i -l -n -s -v -w";
    } else if (name == "bat" || name == "batcat") {
      with_word =
          "-l -r -H --language --line-range --style --theme --highlight-line --color --paging";
    } else if (name == "sed") {
      is_sed = true;
      with_word = "-e -f -l --expression --file --line-length";
    } else {
      continue;
    }
    std::vector<std::string_view> operands;
    bool quiet = false, in_place = false, has_script = false, only_operands = false;
    for (size_t i = 1; i < command.program.size(); ++i) {
      std::string_view word = command.program[i];
      if (only_operands || word.size() < 2 || word[0] != '-') {
        if (word != "-") operands.push_back(word);
        continue;
      }
      if (word == "--") {
        only_operands = true;
        continue;
      }
      if (is_sed && word[1] != '-') {
        quiet |= word.find('n') != word.npos;
        in_place |= word.find('i') != word.npos;
      }
      if (is_sed && (word == "--quiet" || word == "--silent")) quiet = true;
      if (is_sed && word.starts_with("--in-place")) in_place = true;
      if (is_sed && (word.starts_with("-e") || word.starts_with("-f") ||
                     word.starts_with("--expression") || word.starts_with("--file"))) {
        has_script = true;
      }
      if (has_word(with_word, word)) {
        ++i;
      } else if (is_sed && word[1] != '-' && word.size() > 2 &&
                 (word.back() == 'e' || word.back() == 'f')) {  // -ne SCRIPT
        has_script = true;
        ++i;
      }
    }
    if (is_sed) {
      if (!quiet || in_place) continue;
      if (!has_script && !operands.empty()) operands.erase(operands.begin());
    }
    for (const std::string& input : command.inputs) operands.push_back(input);
    for (std::string_view operand : operands) {
      if (operand.empty() || operand.find_first_of("$*?[{`<>\n") != operand.npos) continue;
      if (operand.starts_with("/dev/") || operand.starts_with('~')) continue;
      if (!operand.starts_with('/') && !command.directory_known) continue;
      ShellRead read;
      read.path = operand.starts_with('/') || command.directory.empty()
                      ? std::string(operand)
                      : os::join(command.directory, operand);
      read.last = command.pipeline == line.commands.back().pipeline ||
                  std::ranges::all_of(line.commands.begin() + static_cast<std::ptrdiff_t>(at),
                                      line.commands.end(), [](const ShellCommand& one) {
                                        return one.next == Next::both || one.next == Next::end ||
                                               one.next == Next::pipe;
                                      });
      if (std::ranges::none_of(reads, [&](const ShellRead& r) { return r.path == read.path; })) {
        reads.push_back(std::move(read));
      }
    }
  }
  return reads;
}

bool some_git_content(const ShellLine& line) {
  return std::ranges::any_of(line.commands, [](const ShellCommand& command) {
    return !command.program.empty() && program_name(command.program[0]) == "git" &&
           git_effect(command.program) == GitEffect::content;
  });
}

bool only_git_content(const ShellLine& line) {
  if (!line.whole || !some_git_content(line)) return false;
  return std::ranges::all_of(line.commands, [](const ShellCommand& command) {
    if (std::ranges::any_of(command.outputs, [](std::string_view o) { return o != "/dev/null"; })) {
      return false;
    }
    if (command.program.empty()) return true;
    std::string_view name = program_name(command.program[0]);
    if (name == "git") return git_effect(command.program) != GitEffect::other;
    return one_of(name, kQuietPrograms);
  });
}

}  // namespace baton::index
