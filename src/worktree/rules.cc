#include "worktree/rules.h"

#include "base/hash.h"
#include "git/config.h"

namespace baton::worktree {
namespace {

constexpr size_t kMaxRuleFile = 1 << 20;
const char* const kOwnNames[] = {".gitignore", ".batonignore"};

}  // namespace

Rules Rules::load(const Worktree& worktree) {
  if (worktree.repository) {
    git::Config config = git::Config::load(*worktree.repository);
    Rules rules{git::Ignore::load(*worktree.repository, config), {std::string(kRewindFolder)}, 0};
    std::string all;
    for (const std::string& path : rules.ignore.global_files()) {
      all += path + '\0' + os::read_file(path, kMaxRuleFile).value_or("") + '\0';
    }
    rules.digest = checksum64(all);
    return rules;
  }
  Rules rules{git::Ignore::load_plain(worktree.root, {kOwnNames[0], kOwnNames[1]}),
              {".baton", std::string(kRewindFolder)},
              0};
  rules.digest = 1;
  return rules;
}

}  // namespace baton::worktree
