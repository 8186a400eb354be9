#pragma once

// `baton blame`: for each line of a file the step and prompt that wrote it, or who else did, and
// what that rests on. docs/attribution.md has the rules.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "attribution/marks.h"
#include "git/repository.h"
#include "index/index.h"
#include "index/queries.h"

namespace baton::attribution {

struct BlameOptions {
  std::string path;                             // from the worktree's root
  std::string worktree;                         // id; its own versions come before those of others
  std::string_view content;                     // what is blamed; must outlive the answer
  ObjectId content_id;                          // of it
  const git::Repository* repository = nullptr;  // null outside git
  ObjectId revision;               // the commit that `content` is of; empty: working tree
  bool ignore_whitespace = false;  // -w, for what git is asked; owners never follow whitespace
  bool deleted = false;            // fill Blame::deleted
};

// Someone who had a part in a line: a change, and who made it.
// Its members are many: what copies and ends it is made once, and so is that of `Authorship`.
struct Hand {
  Hand();
  Hand(const Hand& other);
  Hand(Hand&& other) noexcept;
  Hand& operator=(const Hand& other);
  Hand& operator=(Hand&& other) noexcept;
  ~Hand();

  model::Owner owner;
  model::Position at;  // the change on its worktree's timeline
  std::string path;    // that it changed
  Micros seen = 0;
};

// Whose a line is. Lines that came the same way share one: a file has many lines and few of these.
struct Authorship {
  Authorship();
  Authorship(const Authorship& other);
  Authorship(Authorship&& other) noexcept;
  Authorship& operator=(Authorship&& other) noexcept;
  ~Authorship();

  model::Owner owner;
  int turn = 0;        // of turn_step()
  model::Position at;  // the change that wrote it; unknown for lines that no change brought
  std::string path;    // that this change wrote it in: another one, if it was moved here
  Micros seen = 0;     // when that was seen
  // Who had written the line before the owner reworked it; nobody if the owner did himself.
  std::shared_ptr<const Hand> was;
  // Who moved, copied or renamed it here, the last of them.
  std::shared_ptr<const Hand> mover;
  Arrival arrival = Arrival::written;
  // Who changed nothing but its whitespace, the last of them.
  std::shared_ptr<const Hand> reformatter;
  // What git says of the line; for owners `git` and `before` it is the answer. Where evidence is
  // `identity`, owner.step.agent is the agent that the commit names, and there is no step.
  std::string commit;  // hex; "" if git does not know the line
  std::string author;
  int64_t author_time = 0;  // seconds
  int author_zone = 0;      // minutes east of UTC
  std::string summary;

  // The step; of steps for one prompt that cannot be told apart the first one.
  const model::StepRef& turn_step() const {
    return owner.step.empty() && !owner.candidates.empty() ? owner.candidates.front() : owner.step;
  }
};

struct BlamedLine {
  std::string_view text;       // of BlameOptions::content, without its newline
  uint32_t authorship = 0;     // in Blame::authorships
  uint32_t original_line = 0;  // in the commit that git names for it; 0: none
};

// A line that stands no more.
struct DeletedLine {
  std::string text;
  Hand remover;
  Hand writer;          // who had written it
  uint32_t before = 0;  // it stood before this line (from 1), at the end behind the last one
};

struct Blame {
  bool recorded = false;  // the store knows versions of this path
  bool binary = false;    // one line stands for the whole file, without its text

  Blame();
  Blame(Blame&& other) noexcept;
  Blame& operator=(Blame&& other) noexcept;
  ~Blame();
  std::vector<BlamedLine> lines;
  std::deque<Authorship> authorships;
  std::vector<DeletedLine> deleted;  // by place, then by time

  const Authorship& of(const BlamedLine& line) const { return authorships[line.authorship]; }
};

Result<Blame> blame(index::Index& index, const BlameOptions& options);

}  // namespace baton::attribution
