#include "handoff/statements.h"

#include <algorithm>

#include "base/bytes.h"
#include "handoff/statement_reader.h"

namespace baton::handoff {

std::vector<Statement> StatementReader::run() {
  if (tokens_.empty()) return {};
  if (is_question()) return {{Stated::question, {}, {}, {}, false, {}}};
  if (not_run()) return {{Stated::tests_not_run, {}, {}, {}, false, {}}};
  if (is_open()) return {{Stated::open, {}, {}, {}, false, {}}};
  if (nothing_changed()) return {{Stated::nothing_changed, {}, {}, {}, false, {}}};
  if (is_guarded()) return {};
  tests();
  build();
  lint();
  files();
  if (found_.empty() && is_complete()) add(Stated::complete);
  return std::move(found_);
}

bool StatementReader::has(Words words) const {
  return std::ranges::any_of(
      tokens_, [&](const Token& token) { return !token.code && one_of(token.text, words); });
}

size_t StatementReader::find(Words words, size_t from) const {
  for (size_t at = from; at + words.size() <= size(); ++at) {
    size_t i = at;
    if (std::ranges::all_of(words, [&](std::string_view each) { return word(i++) == each; })) {
      return at;
    }
  }
  return std::string::npos;
}

bool StatementReader::there(Words words) const {
  return find(words) != std::string::npos;
}

bool StatementReader::starts(Words words) const {
  return find(words) == 0;
}

std::vector<size_t> StatementReader::paths() const {
  std::vector<size_t> places;
  for (size_t at = 0; at < size(); ++at) {
    if (looks_like_path(tokens_[at].exact)) places.push_back(at);
  }
  return places;
}

bool StatementReader::is_question() const {
  if (sentence_.ends_with('?')) return true;
  bool asks = there({"let", "me", "know"}) || there({"tell", "me"});
  return asks && has({"if", "whether", "which"}) &&
         (has({"want", "prefer"}) || there({"would", "like"}) || there({"can", "go"}) ||
          there({"me", "whether"}));
}

bool StatementReader::is_guarded() const {
  if (has({"should",   "would",      "could",     "may",        "might",      "must",
           "will",     "if",         "once",      "when",       "whenever",   "until",
           "unless",   "assuming",   "whether",   "expect",     "expects",    "expected",
           "think",    "believe",    "suppose",   "suspect",    "hope",       "hopefully",
           "probably", "presumably", "likely",    "seem",       "seems",      "appears",
           "please",   "ensure",     "before",    "previously", "originally", "initially",
           "earlier",  "first",      "need",      "needs",      "want",       "wants",
           "asked",    "can",        "cannot",    "try",        "let",        "lets",
           "without",  "suggest",    "recommend", "why",        "how",        "where",
           "made",     "makes",      "saw",       "see"}) &&
      !(has({"without"}) && (there({"without", "errors"}) || there({"without", "warnings"}) ||
                             there({"without", "any"})))) {
    return true;
  }
  return there({"used", "to"}) || there({"make", "sure"}) || starts({"to"}) || starts({"run"}) ||
         there({"make", "the"}) || there({"so", "that", "the", "tests"}) || there({"in", "order"});
}

bool StatementReader::runs_in_part() const {
  return has({"whole", "full", "entire", "complete"}) && has({"run"}) && speaks_of_tests();
}

bool StatementReader::not_run() const {
  if (has({"untested"})) return !has({"if", "no"});
  bool negative = has({"haven't", "didn't", "couldn't", "can't", "cannot", "unable", "wasn't"}) ||
                  there({"have", "not"}) || there({"did", "not"}) || there({"could", "not"}) ||
                  there({"were", "not"}) || there({"was", "not"}) || there({"has", "not"});
  if (has({"if", "would", "should"}) || runs_in_part()) return false;
  if (negative && has({"run"}) && speaks_of_tests() && !has({"again", "pass", "passes"})) {
    return true;
  }
  if (starts({"no", "tests", "were", "run"}) || starts({"not", "tested"})) return true;
  if (starts({"tests", "not", "run"}) || starts({"tests", "were", "not", "run"})) return true;
  return negative && has({"tested"}) && !has({"test", "tests"});
}

bool StatementReader::is_open() const {
  if (has({"if", "would", "should", "could"}) && !there({"could", "not"})) return false;
  if (starts({"not", "done"}) || starts({"todo"}) || starts({"to-do"}) ||
      starts({"still", "to", "do"}) || starts({"remaining"}) || starts({"next", "step"}) ||
      starts({"next", "steps"}) || starts({"what", "remains"}) || starts({"still", "open"}) ||
      starts({"left", "to", "do"}) || starts({"the", "remaining", "work"}) ||
      starts({"the", "next", "step", "is"}) || starts({"open", "items"}) ||
      starts({"not", "yet"})) {
    return true;
  }
  if ((there({"does", "not"}) || has({"doesn't", "isn't"})) && word(size() - 1) == "yet" &&
      !has({"compile", "build", "pass"}) && !speaks_of_tests()) {
    return true;
  }
  if (there({"remains", "to", "be"}) && word(0) != "nothing") return true;
  if (there({"still", "needs", "to"}) || there({"still", "need", "to"}) ||
      there({"still", "has", "to"}) || there({"still", "have", "to"}) ||
      there({"is", "still", "open"}) || there({"are", "still", "open"}) ||
      there({"for", "later"}) || there({"partial", "fix"}) || there({"is", "incomplete"}) ||
      there({"are", "incomplete"})) {
    return !speaks_of_tests() || !has({"pass", "passes"});
  }
  for (std::string_view be : {"is", "are"}) {
    for (std::string_view state :
         {"finished", "done", "complete", "implemented", "ready", "supported", "handled"}) {
      if (there({be, "not", state}) && (has({"yet"}) || one_of(state, {"finished", "done"}))) {
        return !has({"when", "until"});
      }
      if (there({be, "not", "yet", state})) return true;
    }
  }
  bool first_person = word(0) == "i" || word(0) == "we";
  bool negative = one_of(word(1), {"haven't", "didn't", "couldn't"}) ||
                  (one_of(word(1), {"did", "have", "could"}) && word(2) == "not");
  if (first_person && negative && runs_in_part() && !has({"pass", "fail"})) return true;
  return first_person && negative && paths().empty() && !has({"run", "pass", "fail"}) &&
         has({"finish",   "finished",  "implement", "implemented", "update",    "updated",
              "complete", "completed", "get",       "add",         "added",     "write",
              "written",  "handle",    "handled",   "address",     "addressed", "port",
              "ported",   "migrate",   "migrated",  "document",    "documented"});
}

bool StatementReader::nothing_changed() const {
  if (there({"made", "no", "changes"}) && word(0) == "i") return true;
  if (starts({"nothing", "was", "changed"}) || starts({"no", "changes", "were", "made"}))
    return true;
  if (starts({"no", "files"}) || starts({"no", "code"}) || starts({"no", "file"})) {
    return has({"changed", "modified", "touched"});
  }
  bool negative = there({"did", "not"}) || has({"didn't", "haven't"}) || there({"have", "not"});
  bool any = has({"anything"}) || there({"any", "files"}) || there({"any", "file"}) ||
             there({"any", "code"});
  return word(0) == "i" && negative && any &&
         has({"change", "changed", "modify", "modified", "touch", "touched"});
}

bool StatementReader::is_complete() const {
  if (has({"not", "by", "almost", "nearly"})) return false;
  Words done = {"done", "complete", "completed", "finished"};
  size_t last = size() - 1;
  if (starts({"all", "done"}) && size() == 2) return true;
  if (starts({"nothing", "is", "left"}) || starts({"nothing", "remains"})) return true;
  if (there({"completed", "all"}) && one_of(word(0), {"i", "i've"})) {
    return has({"steps", "items", "tasks"});
  }
  if (!one_of(word(last), done)) return false;
  bool be = last && one_of(word(last - 1), {"is", "are"});
  if (!be) return false;
  if (starts({"everything", "is"}) && size() == 3) return true;
  if (word(0) == "all") return has({"items", "steps", "tasks", "todos"});
  size_t subject = one_of(word(0), {"the", "this"}) ? 1 : 0;
  return one_of(word(subject), {"task", "work", "implementation", "plan", "job"}) &&
         subject + 2 == last;
}

std::string_view to_string(Stated stated) {
  switch (stated) {
    case Stated::tests_pass:
      return "tests-pass";
    case Stated::tests_fail:
      return "tests-fail";
    case Stated::tests_not_run:
      return "tests-not-run";
    case Stated::build_pass:
      return "build-pass";
    case Stated::build_fail:
      return "build-fail";
    case Stated::lint_pass:
      return "lint-pass";
    case Stated::lint_fail:
      return "lint-fail";
    case Stated::file_changed:
      return "file-changed";
    case Stated::file_created:
      return "file-created";
    case Stated::file_deleted:
      return "file-deleted";
    case Stated::file_untouched:
      return "file-untouched";
    case Stated::nothing_changed:
      return "nothing-changed";
    case Stated::complete:
      return "complete";
    case Stated::open:
      return "open";
    case Stated::question:
      return "question";
  }
  return "";
}

std::vector<Statement> statements_of(std::string_view sentence) {
  return StatementReader(without_marks(sentence)).run();
}

}  // namespace baton::handoff
