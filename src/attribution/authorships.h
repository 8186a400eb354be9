#pragma once

// Whose a content's lines are, from their marks and what git says of them: made once for all lines
// that came the same way.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "attribution/blame.h"
#include "attribution/git_lines.h"
#include "attribution/hands.h"
#include "attribution/history.h"

namespace baton::attribution {

class Authorships {
 public:
  struct Facts {
    bool recorded = false;  // versions of the path are known
    bool lost = false;      // ... and the content of one is missing
  };
  // All but `facts` must outlive it. What git is asked anew is added to `news`.
  Authorships(index::Index& index, const BlameOptions& options, const Lines& lines,
              const GitLines& git, Facts facts, std::vector<index::KeepGit>& news)
      : index_(index),
        options_(options),
        lines_(lines),
        git_(git),
        facts_(facts),
        news_(news),
        hands_(index) {}

  // Looks up who made the versions that the marks name.
  Status prepare();
  // Fills all but the text of the content's line `at`.
  Status take(size_t at, BlamedLine& line);
  Hands& hands() { return hands_; }
  std::deque<Authorship>& made() { return made_; }

 private:
  struct Key {
    uint32_t mark = 0;
    int32_t commit = -1;       // that has the line
    int32_t reformatted = -1;  // ... but for white space, asked only where no commit has it
    int32_t brought = -1;      // in brought_: that had it before it was moved or reformatted
    bool settled = false;      // its rivals' lines stand beside it, equal: each may have either
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const {
      uint64_t value = uint64_t{key.mark} << 32 | static_cast<uint32_t>(key.commit);
      value ^= static_cast<uint64_t>(key.settled) << 48;
      value ^= static_cast<uint64_t>(key.reformatted) << 16 ^ static_cast<uint64_t>(key.brought)
                                                                  << 8;
      return value * 0x9e3779b97f4a7c15ull >> 20;
    }
  };
  Result<uint32_t> number_of(const Key& key);
  Result<Authorship> make(const Key& key);
  Status fill(const Mark& mark, bool settled, Authorship& made);
  Status contest(const Mark& mark, Authorship& made);
  // Whether of the equal lines around the line `at` one is each rival's.
  bool rivals_beside(size_t at);
  // A line that was only reformatted since is git's under another indentation.
  bool asks_for_reformatted(const Authorship& made) const;
  const GitLines& reformatted();
  // Whether git's line was moved, reformatted or put back since: a later commit may hold it for
  // that alone.
  Result<bool> was_handled(const Key& key, const Authorship& made);
  struct Brought {
    int32_t commit = -1;  // in brought_; -1: none, or equal lines differ in it
    uint32_t line = 0;
  };
  // The commit of such a line in the file, and at the commit, where it was first seen.
  Result<Brought> brought_from(const Mark& mark, const Authorship& made, std::string_view text);

  index::Index& index_;
  const BlameOptions& options_;
  const Lines& lines_;
  const GitLines& git_;
  Facts facts_;
  std::vector<index::KeepGit>& news_;
  Hands hands_;
  std::vector<std::string_view> texts_;  // of the content's lines, if they are needed
  std::optional<GitLines> reformatted_;
  std::vector<GitCommit> brought_;
  using LinesByText = std::unordered_map<std::string, Brought>;
  std::map<std::pair<std::string, std::string>, LinesByText> first_seen_;  // by commit and path
  std::map<int64_t, std::string> first_commits_;                           // of worktrees
  std::map<std::pair<int64_t, int>, Micros> begins_;                       // of steps
  std::deque<Authorship> made_;
  std::unordered_map<Key, uint32_t, KeyHash> numbers_;
  std::optional<Key> last_;  // lines beside each other mostly came the same way
  uint32_t last_number_ = 0;
};

}  // namespace baton::attribution
