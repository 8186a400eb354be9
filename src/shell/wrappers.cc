#include "shell/wrappers.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "shell/word_list.h"
#include "shell/words.h"

namespace baton::shell {
namespace {

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
    {"xargs", "", "-n -P -I -L -l -d -a -s -E --max-args --max-procs --delimiter --arg-file", 0},
    {"flock", "", "-w --timeout -E --conflict-exit-code", 1},
    {"pipx", "run", "--spec --python", 0},
    {"chronic", "", "", 0},
    {"caffeinate", "", "-t -w", 0},
};

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

}  // namespace

bool is_assignment(std::string_view word) {
  size_t i = 0;
  while (i < word.size() && (isalnum(static_cast<unsigned char>(word[i])) || word[i] == '_')) ++i;
  if (i == 0 || isdigit(static_cast<unsigned char>(word[0]))) return false;
  std::string_view rest = word.substr(i);
  return rest.starts_with('=') || rest.starts_with("+=");
}

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
  if (name == "uv" && words.size() > 2 && words[1] == "tool" && words[2] == "run") {
    drop_front(words, 2);
    words[0] = name = "uvx";
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
    // A script of the project's, not the shell's own word.
    if (wrapper.subcommand == "run" && has_word("test tests check", words[i])) return false;
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

}  // namespace baton::shell
