#pragma once

// Who made a change, and what that rests on. Decided by index/owners.h, shown by every reader.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace baton::model {

// Names a step to people and to other queries. Addresses are those of this moment: an address grows
// by a digit when another session begins with the same ones.
struct StepRef {
  std::string session;      // the session's address, "c7f2"
  int64_t session_key = 0;  // the session in this index; never shown
  int step = 0;
  int turn = 0;
  std::string agent;

  bool empty() const { return step == 0; }
  std::string address() const;  // "c7f2.14", "" if empty
  bool operator==(const StepRef& other) const {
    return session_key == other.session_key && step == other.step;
  }
};

enum class OwnerKind : uint8_t {
  unknown,
  step,
  outside,  // nobody's tool call: a person, an IDE, a formatter
  git,      // came with checkout, merge, rebase, stash, reset
  before,   // was there when recording began
};
std::string_view to_string(OwnerKind kind);

enum class Evidence : uint8_t {
  none,       // for owners that are no step
  exact,      // the tool names the path and its result equals the content
  during,     // changed while that one command ran
  contested,  // several candidates, all named
  identity,   // only a commit's author says so
  foreign,    // another tool's notes
};
std::string_view to_string(Evidence evidence);

// Copied and ended in many places: that is written out once, in model.cc.
struct Owner {
  Owner();
  Owner(const Owner& other);
  Owner(Owner&& other) noexcept;
  Owner& operator=(const Owner& other);
  Owner& operator=(Owner&& other) noexcept;
  ~Owner();

  OwnerKind kind = OwnerKind::unknown;
  Evidence evidence = Evidence::none;
  // The rule that decided, a word or two ("tool result", "after a gap", ...): the list is in
  // docs/decisions/index.md.
  std::string rule;
  StepRef step;  // kind == step, unless contested
  // contested: all that may have done it. unknown: the suspects. outside: the step that it followed
  // at once, if any (a formatter's hook).
  std::vector<StepRef> candidates;
  std::vector<OwnerKind> others;  // contested: who else may have, of those that are no step
  std::string commit;  // git: the commit that holds the content, hex; may be unknown ("")
};

}  // namespace baton::model
