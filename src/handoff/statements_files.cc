// What a sentence states of files.

#include "handoff/statement_reader.h"

namespace baton::handoff {

bool StatementReader::changing(std::string_view verb) {
  return one_of(verb, {"changed", "updated", "fixed", "modified", "edited", "refactored", "rewrote",
                       "corrected", "adjusted", "extended", "simplified", "patched", "reworked",
                       "rewritten"});
}

void StatementReader::files() {
  auto places = paths();
  if (places.empty()) return;
  size_t first = places[0];
  const std::string& path = tokens_[first].exact;
  if (untouched(first)) return add(Stated::file_untouched, path);
  if (there({"did", "not"}) || has({"didn't", "haven't", "not", "never"})) return;
  // "`a.c` was updated", "`a.c` has been created", but not "by" somebody else.
  std::string_view next = word(first + 1);
  if (one_of(next, {"was", "has"}) && !tokens_[first].after) {
    size_t verb = next == "was" ? first + 2 : word(first + 2) == "been" ? first + 3 : size();
    if (verb < size() && !has({"by"}) && first <= 2) {
      if (changing(word(verb))) return add(Stated::file_changed, path);
      if (word(verb) == "created") return add(Stated::file_created, path);
      if (one_of(word(verb), {"deleted", "removed"})) return add(Stated::file_deleted, path);
    }
    return;
  }
  // "`a.c`: corrected the loop"
  if (first == 0 && tokens_[0].after == ':') {
    std::string_view verb = word(1);
    if (changing(verb) || verb == "added" || verb == "removed") add(Stated::file_changed, path);
    return;
  }
  if (starts({"the", "fix", "is", "in"}) && first == 4) return add(Stated::file_changed, path);
  active(places);
}

bool StatementReader::untouched(size_t at) const {
  // Of a part of the time the trace is not asked.
  if (has({"after", "since", "before", "until", "again", "anymore", "meanwhile"})) return false;
  bool negative = there({"did", "not"}) || there({"have", "not"}) || has({"didn't", "haven't"});
  if (negative &&
      has({"change", "changed", "touch", "touched", "modify", "modified", "edit", "edited"})) {
    return word(0) == "i";
  }
  if (has({"left", "leave"}) && has({"unchanged", "untouched"})) return true;
  if (one_of(word(at + 1), {"is", "was"})) {
    return one_of(word(at + 2), {"unchanged", "untouched"}) ||
           (word(at + 2) == "not" &&
            one_of(word(at + 3), {"modified", "changed", "touched", "edited"}));
  }
  return false;
}

void StatementReader::active(std::span<const size_t> places) {
  size_t verb = 0;
  while (!places.empty()) {
    size_t most = verb + 4;
    while (verb < size() && verb < most &&
           one_of(word(verb), {"i", "i've", "have", "also", "we", "we've", "then", "and"})) {
      ++verb;
    }
    size_t told = done_with(verb, places);
    if (told == 0) return;
    size_t last = places[told - 1];
    if (word(last + 1) != "and") return;
    verb = last + 2;
    places = places.subspan(told);
  }
}

size_t StatementReader::done_with(size_t verb, std::span<const size_t> places) {
  std::string_view what = word(verb);
  if (what.empty() || verb > places[0]) return 0;
  bool to = false, from = false, by_name = false;
  for (size_t at = verb; at < places[0]; ++at) {
    to |= one_of(word(at), {"to", "in", "into"});
    from |= one_of(word(at), {"from", "in"});
    by_name |= one_of(word(at), {"file", "files", "module"});
  }
  Stated kind = Stated::file_changed;
  if (what == "created") {
    if (to) return 0;
    kind = Stated::file_created;
  } else if (what == "wrote" || what == "added") {
    kind = to ? Stated::file_changed : Stated::file_created;
    if (!to && !by_name && places[0] != verb + 1) return 0;
  } else if (what == "deleted" || what == "removed") {
    kind = from ? Stated::file_changed : Stated::file_deleted;
  } else if (!changing(what)) {
    return 0;
  }
  // Only paths of one list: "`a.c` and `b.c`".
  size_t last = places[0], told = 0;
  for (size_t place : places) {
    bool joined =
        place == last || place == last + 1 || (place == last + 2 && word(last + 1) == "and");
    if (!joined) break;
    add(kind, tokens_[place].exact);
    last = place;
    ++told;
  }
  return told;
}

}  // namespace baton::handoff
