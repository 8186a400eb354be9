#include "shell/words.h"

#include "base/bytes.h"
#include "os/file.h"
#include "shell/tokens.h"
#include "shell/wrappers.h"

namespace baton::shell {
namespace {

using Next = ShellCommand::Next;

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
        redirect(token);
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
    }
    if (current_.words.empty() && is_assignment(token.text)) {  // its value may be quoted
      current_.assignments.push_back(std::move(token.text));
      return;
    }
    if (text_test_) {
      if (!token.quoted && token.text == "]]") text_test_ = false;
    } else if (!token.quoted && first && token.text == "[[") {
      text_test_ = true;
    }
    current_.words.push_back(std::move(token.text));
  }

  void redirect(const Token& how) {
    Token target = lexer_.next();
    if (target.kind != Token::Kind::word) {
      if (target.kind == Token::Kind::op) operation(target.text);
      return;
    }
    if (how.text == "<<" || how.text == "<<-") {
      lexer_.begin_heredoc(target.text, how.text == "<<-");
    } else if (how.text == "<") {
      current_.inputs.push_back(target.text);
    } else if (how.text.starts_with('>') || how.text.starts_with("&>")) {
      bool descriptor = how.text == ">&" && !target.text.empty() &&
                        target.text.find_first_not_of("0123456789-") == std::string::npos;
      bool both = !descriptor && (how.text.starts_with('&') || how.text == ">&");
      if (descriptor) {  // "2>&1" behind ">file"
        if (how.descriptor == '2' && target.text == "1")
          current_.errors_away |= current_.output_away;
        return;
      }
      current_.outputs.push_back(target.text);
      if (both || how.descriptor == '2') current_.errors_away = true;
      if (both || how.descriptor == 0 || how.descriptor == '1') current_.output_away = true;
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
      command.outputs.insert(command.outputs.end(), outer.outputs.begin(), outer.outputs.end());
      command.output_away |= outer.output_away;
      command.errors_away |= outer.errors_away;
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

}  // namespace baton::shell
