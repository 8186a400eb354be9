#pragma once

// How git is run: for readers, `init` and rare passes over a whole tree, never for a file tool's
// hook (starting git costs about a millisecond). git runs in the repository that was found,
// whatever GIT_DIR says; without optional locks, pager, hooks, file system monitor, external diffs,
// replaced objects and fetching from a promisor; its language is C. Names go to it in forms that
// cannot be taken for options, paths are literal.
//
// Errors of every question to git: not_found for a revision, object or path that does not exist,
// usage for a name that cannot be one, io with git's own words for the rest.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "git/repository.h"
#include "os/process.h"

namespace baton::git {

os::RunOptions run_options();

// The words of `git NAME MORE...` in the repository.
std::vector<std::string> command(const Repository& repository, std::string_view name);
template <class... Words>
std::vector<std::string> command(const Repository& repository, std::string_view name,
                                 Words&&... more) {
  std::vector<std::string> words = command(repository, name);
  (words.emplace_back(std::forward<Words>(more)), ...);
  return words;
}

// Runs git to its end; an exit status other than 0 (or `also`) is an error.
Result<os::RunResult> run(const std::vector<std::string>& words, std::string_view name,
                          std::string input = {}, int also = 0);

// "git version 2.39.5"
Result<std::string> version();

// ErrorKind::usage for what can be no revision.
Status check_name(std::string_view name);

std::unexpected<Error> garbled(std::string_view name);

// Reads fields that end with a NUL.
class Fields {
 public:
  explicit Fields(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  bool next(std::string_view& field) {
    size_t end = rest_.find('\0');
    if (end == std::string_view::npos) return false;
    field = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return true;
  }

 private:
  std::string_view rest_;
};

std::optional<uint32_t> parse_octal(std::string_view text);

}  // namespace baton::git
