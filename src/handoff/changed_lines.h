#pragma once

// The lines that a change took away and put in place, for quoting.

#include <list>
#include <optional>
#include <string>
#include <vector>

#include "index/index.h"

namespace baton::handoff {

constexpr size_t kMaxQuotedLines = 6;
constexpr size_t kMaxQuotedBytes = 200;  // of one line

class ChangedLines {
 public:
  explicit ChangedLines(index::Index& index) : index_(index) {}

  // Each line behind "-" or "+", without its end; at most kMaxQuotedLines, then one line "…". Empty
  // if a content is binary, withheld or not to be had. Contents are masked as a whole first.
  const std::vector<std::string>& between(const ObjectId& before, const ObjectId& after);

 private:
  struct Text {
    ObjectId id;
    std::optional<std::string> masked;  // nothing: it cannot be quoted
  };
  const std::optional<std::string>& text(const ObjectId& id);
  std::vector<std::string> quote(const ObjectId& before, const ObjectId& after);

  struct Quoted {
    ObjectId before, after;
    std::vector<std::string> lines;
  };

  index::Index& index_;
  std::list<Text> newest_;  // what one change made is what the next one begins with
  std::list<Quoted> told_;  // what replaced one attempt may be the next one that failed
};

// How many lines a change added and removed.
struct LineCount {
  int added = 0, removed = 0;
  bool binary = false;
  bool known = false;  // both contents could be had
};
LineCount count_changed_lines(index::Index& index, const ObjectId& before, const ObjectId& after);

}  // namespace baton::handoff
