#include "git/command_line.h"

#include "base/bytes.h"
#include "os/file.h"

namespace baton::git {
namespace {

constexpr uint64_t kMaxOutputBytes = 4ull << 30;

// What would make git look at another repository or read paths and revisions in another way.
const char* const kRemovedVariables[] = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ATTR_SOURCE",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIFF_OPTS",
    "GIT_DIR",
    "GIT_EXTERNAL_DIFF",
    "GIT_GLOB_PATHSPECS",
    "GIT_GRAFT_FILE",
    "GIT_ICASE_PATHSPECS",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_LITERAL_PATHSPECS",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_TRACE",
    "GIT_TRACE2",
    "GIT_TRACE2_EVENT",
    "GIT_TRACE2_PERF",
    "GIT_WORK_TREE",
};

// What git said on stderr as an error of ours.
Error git_error(std::string_view name, const os::RunResult& result) {
  std::string_view text = result.error;
  // Warnings may come before the line that tells.
  for (std::string_view line : split(result.error, '\n')) {
    if (line.starts_with("fatal: ") || line.starts_with("error: ")) {
      text = line.substr(line.find(' ') + 1);
      break;
    }
  }
  text = text.substr(0, text.find('\n'));
  ErrorKind kind = ErrorKind::io;
  for (const char* sign : {"no such path", "unknown revision", "bad revision", "bad object",
                           "not a valid object name", "not a tree object", "no such ref",
                           "cannot find revision", "could not open object name list"}) {
    if (contains(lower_ascii(text), sign)) kind = ErrorKind::not_found;
  }
  std::string message = "git " + std::string(name) + ": ";
  if (text.empty()) {
    message += "exit status " + std::to_string(result.exit_status);
  } else {
    message += to_utf8(text);
  }
  return Error{kind, std::move(message), {}};
}

}  // namespace

os::RunOptions run_options() {
  os::RunOptions options;
  options.max_output = kMaxOutputBytes;
  options.environment = {
      {"GIT_OPTIONAL_LOCKS", "0"},
      {"GIT_NO_REPLACE_OBJECTS", "1"},
      {"GIT_NO_LAZY_FETCH", "1"},
      // git before 2.44 does not know the variable above; with no transport allowed it cannot
      // fetch either.
      {"GIT_ALLOW_PROTOCOL", ""},
      {"GIT_TERMINAL_PROMPT", "0"},
      {"GIT_PAGER", "cat"},
      {"LC_ALL", "C"},
  };
  for (const char* name : kRemovedVariables) options.remove_environment.emplace_back(name);
  return options;
}

std::vector<std::string> command(const Repository& repository, std::string_view name) {
  const std::string& root = repository.worktree_root;
  std::vector<std::string> words = {"git", "-C", repository.bare ? repository.git_dir : root};
  // A working tree that lies apart from its git folder does not lead there.
  if (!repository.bare && !os::exists(root + "/.git")) {
    words.push_back("--git-dir=" + repository.git_dir);
    words.push_back("--work-tree=" + root);
  }
  for (const char* word : {"--no-pager", "--no-optional-locks", "--no-replace-objects", "-c",
                           "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c",
                           "core.quotePath=false", "-c", "log.follow=false"}) {
    words.emplace_back(word);
  }
  words.emplace_back(name);
  return words;
}

Result<os::RunResult> run(const std::vector<std::string>& words, std::string_view name,
                          std::string input, int also) {
  os::RunOptions options = run_options();
  options.input = std::move(input);
  os::RunResult result = TRY(os::run(words, options));
  if (result.exit_status != 0 && result.exit_status != also) {
    return std::unexpected(git_error(name, result));
  }
  return result;
}

Result<std::string> version() {
  os::RunResult result = TRY(run({"git", "--version"}, "version"));
  return std::string(trim(result.output));
}

Status check_name(std::string_view name) {
  if (name.empty() || name.find_first_of(std::string_view("\n\0", 2)) != std::string_view::npos) {
    return fail(ErrorKind::usage, "'" + to_utf8(name) + "' is not a revision");
  }
  return {};
}

std::unexpected<Error> garbled(std::string_view name) {
  return fail(ErrorKind::io, "git " + std::string(name) + " said something unexpected");
}

std::optional<uint32_t> parse_octal(std::string_view text) {
  uint32_t value = 0;
  if (text.empty() || text.size() > 10) return std::nullopt;
  for (char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    value = value << 3 | static_cast<uint32_t>(c - '0');
  }
  return value;
}

}  // namespace baton::git
