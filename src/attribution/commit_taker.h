#pragma once

// Puts what git answered, asked with flags of its own, in the place of what was known of lines.

#include <cstdint>
#include <map>
#include <utility>

#include "attribution/blame.h"
#include "git/blame.h"

namespace baton::attribution {

class CommitTaker {
 public:
  // Both must outlive it.
  CommitTaker(Blame& blame, const git::Blame& known) : blame_(blame), known_(known) {}

  // `from` is what git says of the line.
  void take(BlamedLine& line, const git::BlameLine& from);

 private:
  Blame& blame_;
  const git::Blame& known_;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> made_;  // by authorship and commit
};

}  // namespace baton::attribution
