#include "cli/blame_flags.h"

#include <algorithm>

#include "os/file.h"

namespace baton::cli {
namespace {

struct Flag {
  OptionId id;
  const char* word;  // with its value behind it
};
constexpr Flag kFlags[] = {
    {OptionId::moves, "-M"},
    {OptionId::copies, "-C"},
    {OptionId::first_parent, "--first-parent"},
    {OptionId::minimal, "--minimal"},
    {OptionId::indent_heuristic, "--indent-heuristic"},
    {OptionId::ignore_rev, "--ignore-rev="},
};
constexpr Flag kFileFlags[] = {
    {OptionId::ignore_revs, "--ignore-revs-file="},
    {OptionId::revs_file, "-S"},
};

}  // namespace

std::vector<std::string> git_blame_flags(const Front& front, const FileTarget& target,
                                         Micros since) {
  std::vector<std::string> flags;
  for (const Flag& flag : kFlags) {
    for (const std::string& value : front.asked().values(flag.id)) {
      flags.push_back(flag.word + value);
    }
  }
  for (const Flag& flag : kFileFlags) {
    for (const std::string& file : front.asked().values(flag.id)) {
      flags.push_back(flag.word + (file.empty() ? "" : os::normalize(front.cwd(), file)));
    }
  }
  if (since) flags.push_back("--since=@" + std::to_string(since / kSecond));
  if (!target.since_revision.empty()) flags.push_back("^" + target.since_revision);
  return flags;
}

bool asks_git(const Invocation& asked) {
  auto given = [&](const Flag& flag) { return asked.has(flag.id); };
  return std::ranges::any_of(kFlags, given) || std::ranges::any_of(kFileFlags, given) ||
         asked.has(OptionId::ignore_space);
}

bool names_something_to_git(const Invocation& asked) {
  return asked.has(OptionId::ignore_rev) || asked.has(OptionId::ignore_revs) ||
         asked.has(OptionId::revs_file);
}

Status check_blame_flags(const Invocation& asked, const FileTarget& target) {
  if (asked.has(OptionId::reverse)) {
    return fail(ErrorKind::usage, "'--reverse' is git's alone: git blame --reverse",
                "what became of lines: baton blame --deleted, baton log --lines PATH:A,B");
  }
  if (asked.has(OptionId::git_workings)) {
    return fail(ErrorKind::usage, "'--show-stats' and '--score-debug' are git's alone: git blame");
  }
  if (asked.has(OptionId::contents) && !target.of_working_tree()) {
    return fail(ErrorKind::usage,
                "'--contents' stands for the file in the working tree, not for a "
                "state of it");
  }
  return {};
}

}  // namespace baton::cli
