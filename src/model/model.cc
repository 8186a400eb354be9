// The words in which kinds and states are written, in text and JSON alike.

#include "model/note.h"
#include "model/owner.h"
#include "model/session.h"
#include "model/views.h"

namespace baton::model {

Owner::Owner() = default;
Owner::Owner(const Owner& other) = default;
Owner::Owner(Owner&& other) noexcept = default;
Owner& Owner::operator=(const Owner& other) = default;
Owner& Owner::operator=(Owner&& other) noexcept = default;
Owner::~Owner() = default;

std::string StepRef::address() const {
  return empty() ? "" : session + "." + std::to_string(step);
}

std::string Turn::address() const {
  return session + ":" + std::to_string(number);
}

std::string Hit::address() const {
  if (session.empty()) return "note:" + note;
  if (step != 0) return session + "." + std::to_string(step);
  if (turn != 0) return session + ":" + std::to_string(turn);
  return session;
}

std::string_view to_string(OwnerKind kind) {
  switch (kind) {
    case OwnerKind::unknown:
      return "unknown";
    case OwnerKind::step:
      return "step";
    case OwnerKind::outside:
      return "outside";
    case OwnerKind::git:
      return "git";
    case OwnerKind::before:
      return "before";
  }
  return "";
}

std::string_view to_string(Evidence evidence) {
  switch (evidence) {
    case Evidence::none:
      return "none";
    case Evidence::exact:
      return "exact";
    case Evidence::during:
      return "during";
    case Evidence::contested:
      return "contested";
    case Evidence::identity:
      return "identity";
    case Evidence::foreign:
      return "foreign";
  }
  return "";
}

std::string_view to_string(SessionState state) {
  switch (state) {
    case SessionState::running:
      return "running";
    case SessionState::ended:
      return "ended";
    case SessionState::abnormal:
      return "abnormal";
    case SessionState::open:
      return "open";
  }
  return "";
}

std::string_view to_string(TurnState state) {
  switch (state) {
    case TurnState::running:
      return "running";
    case TurnState::completed:
      return "completed";
    case TurnState::failed:
      return "failed";
    case TurnState::interrupted:
      return "interrupted";
    case TurnState::open:
      return "open";
  }
  return "";
}

std::string_view to_string(StepKind kind) {
  switch (kind) {
    case StepKind::other:
      return "other";
    case StepKind::read:
      return "read";
    case StepKind::edit:
      return "edit";
    case StepKind::shell:
      return "shell";
    case StepKind::search:
      return "search";
    case StepKind::plan:
      return "plan";
    case StepKind::subagent:
      return "subagent";
    case StepKind::web:
      return "web";
    case StepKind::mcp:
      return "mcp";
  }
  return "";
}

std::string_view to_string(StepOutcome outcome) {
  switch (outcome) {
    case StepOutcome::unknown:
      return "unknown";
    case StepOutcome::ok:
      return "ok";
    case StepOutcome::failed:
      return "failed";
    case StepOutcome::refused:
      return "refused";
    case StepOutcome::interrupted:
      return "interrupted";
    case StepOutcome::background:
      return "background";
    case StepOutcome::running:
      return "running";
  }
  return "";
}

std::string_view to_string(Basis basis) {
  return basis == Basis::exact ? "exact" : "inferred";
}

std::string_view to_string(TestKind kind) {
  switch (kind) {
    case TestKind::test:
      return "test";
    case TestKind::build:
      return "build";
    case TestKind::lint:
      return "lint";
  }
  return "";
}

std::string_view to_string(TestVerdict verdict) {
  switch (verdict) {
    case TestVerdict::unknown:
      return "unknown";
    case TestVerdict::passed:
      return "passed";
    case TestVerdict::failed:
      return "failed";
  }
  return "";
}

std::string_view to_string(MessageKind kind) {
  switch (kind) {
    case MessageKind::message:
      return "message";
    case MessageKind::thinking:
      return "thinking";
    case MessageKind::summary:
      return "summary";
    case MessageKind::notice:
      return "notice";
  }
  return "";
}

std::string_view to_string(Hit::Kind kind) {
  switch (kind) {
    case Hit::Kind::prompt:
      return "prompt";
    case Hit::Kind::message:
      return "message";
    case Hit::Kind::command:
      return "command";
    case Hit::Kind::output:
      return "output";
    case Hit::Kind::path:
      return "path";
    case Hit::Kind::note:
      return "note";
  }
  return "";
}

std::string_view to_string(NoteAuthor author) {
  switch (author) {
    case NoteAuthor::unknown:
      return "unknown";
    case NoteAuthor::person:
      return "person";
    case NoteAuthor::agent:
      return "agent";
  }
  return "";
}

std::string Note::address() const {
  return step.empty() ? "note:" + id : step.address();
}

}  // namespace baton::model
