#include "handoff/forbidden_paths.h"

#include "handoff/path_kinds.h"
#include "handoff/sentences.h"

namespace baton::handoff {
namespace {

class PathReader {
 public:
  explicit PathReader(std::string_view sentence) : tokens_(tokens_of(sentence)) {}

  NamedPaths run() {
    for (size_t at = 0; at < tokens_.size();) at = read(at);
    return std::move(found_);
  }

 private:
  std::string_view word(size_t at) const {
    return at < tokens_.size() && !tokens_[at].code ? std::string_view(tokens_[at].text)
                                                    : std::string_view();
  }
  std::vector<std::string> paths_at(size_t at) const {
    return at < tokens_.size() ? named_paths(tokens_[at].exact) : std::vector<std::string>();
  }
  bool is_path(size_t at) const { return !paths_at(at).empty(); }

  static bool touches(std::string_view verb) {
    return one_of(verb, {"touch",     "change",   "edit",     "modify",    "alter",    "rewrite",
                         "delete",    "remove",   "rename",   "move",      "update",   "overwrite",
                         "reformat",  "format",   "touching", "changing",  "editing",  "modifying",
                         "altering",  "deleting", "removing", "rewriting", "renaming", "moving",
                         "updating",  "touched",  "changed",  "edited",    "modified", "altered",
                         "rewritten", "deleted",  "removed",  "renamed",   "moved",    "updated"});
  }

  // Reads what stands there; where to go on.
  size_t read(size_t at) {
    if (one_of(word(at), {"not", "don't", "never", "mustn't", "shouldn't", "cannot", "can't",
                          "avoid", "without", "except"})) {
      return negated(at);
    }
    if (one_of(word(at), {"leave", "keep"})) {
      size_t first = at + 1;
      while (one_of(word(first), {"the", "file", "files"})) ++first;
      if (is_path(first) && is_left_alone(at, first)) return forbid(first);
    }
    for (auto& path : paths_at(at)) {
      (is_protected(at) ? found_.forbidden : found_.asked).push_back(std::move(path));
    }
    return at + 1;
  }

  // "leave a.c and b.c alone", "keep a.c as it is"; to leave a file means that by itself.
  bool is_left_alone(size_t at, size_t first) const {
    if (word(at) == "leave") return true;
    size_t end = first;
    while (is_path(end) || one_of(word(end), {"and", "or", "the"})) ++end;
    return one_of(word(end), {"unchanged", "untouched", "alone", "as", "intact"});
  }

  // "a.c and b.c must not be touched"
  bool is_protected(size_t at) const {
    size_t next = at + 1;
    while (is_path(next) || (one_of(word(next), {"and", "or"}) && is_path(next + 1))) ++next;
    if (!one_of(word(next), {"must", "should", "may", "shall", "is", "mustn't", "shouldn't"})) {
      return false;
    }
    bool negative = word(next).ends_with("n't");
    if (!negative && word(++next) != "not") return false;
    ++next;
    while (one_of(word(next), {"be", "to"})) ++next;
    return touches(word(next));
  }

  size_t negated(size_t at) {
    bool excepts = word(at) == "except";
    ++at;
    while (one_of(word(at), {"ever", "please", "even", "also", "to", "be", "for", "in"})) ++at;
    if (is_path(at)) return forbid(at);  // "all but not a.c", "except in b/"
    if (excepts) return at;
    if (!touches(word(at))) return at;  // a bound on what is done there
    ++at;
    while (one_of(word(at), {"the", "any", "file", "files", "anything", "in", "under", "inside",
                             "of", "either", "both", "folder", "directory", "these", "those",
                             "following", "contents", "content", "to"})) {
      ++at;
    }
    if (is_path(at)) return forbid(at);
    // Something else is forbidden, of whatever file.
    while (at < tokens_.size() && !one_of(word(at), {"but", "instead"})) {
      if (tokens_[at++].after != 0) break;
    }
    return at;
  }

  // The path there, and those of one list with it.
  size_t forbid(size_t at) {
    for (; at < tokens_.size(); ++at) {
      if (!is_path(at)) {
        bool joins = one_of(word(at), {"and", "or", "nor", "the"}) && is_path(at + 1);
        if (!joins) return at;
        continue;
      }
      for (auto& path : paths_at(at)) found_.forbidden.push_back(std::move(path));
    }
    return at;
  }

  std::vector<Token> tokens_;
  NamedPaths found_;
};

}  // namespace

NamedPaths paths_of_sentence(std::string_view sentence) {
  return PathReader(sentence).run();
}

}  // namespace baton::handoff
