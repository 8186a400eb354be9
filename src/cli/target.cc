#include "cli/target.h"

#include <algorithm>

#include "render/when.h"

namespace baton::cli {
namespace {

Result<Target> known(Target target) {
  if (!target.revision.empty() || target.position.known()) return target;
  return fail(ErrorKind::not_found,
              "the files at '" + target.name + "' are not known: no look at them was recorded");
}

Result<Target> green(index::Index& index, const std::string& worktree) {
  auto run = TRY(last_green(index, worktree));
  if (!run) {
    return fail(ErrorKind::not_found, "no run of the tests is known to have passed here",
                "see: baton log --tests");
  }
  return known(
      {"@green", "of the passing tests in " + run->step.address(), run->tree, "", {run->time, 0}});
}

Result<Target> start(index::Index& index, const std::string& worktree,
                     std::optional<int64_t> session) {
  if (!session) {
    index::SessionFilter filter;
    filter.worktree = worktree;
    filter.limit = 1;
    auto newest = TRY(index::sessions(index, filter));
    if (newest.empty()) return fail(ErrorKind::not_found, "no session was recorded here");
    session = newest[0].key;
  }
  index::Address address;
  address.session_key = *session;
  address.session = TRY(index::session_address(index, *session));
  Micros began = TRY(index::session(index, *session)).began;
  return known({"@start",
                "before session " + address.session,
                TRY(index::span(index, address)).before,
                "",
                {began, 0}});
}

Result<model::Position> position_at(Front& front, index::Index& index, const std::string& word,
                                    Micros time) {
  // Going back to what was first seen would take away what nobody says was not there by then.
  auto first = TRY(index::first_look(index, front.worktree()));
  if (first && time < *first) {
    return fail(
        ErrorKind::not_found,
        "the files at '" + word + "' are not known: they were first looked at " +
            format_utc(*first),
        front.repository() ? "a commit of then: baton restore --source git:REV -- PATH" : "");
  }
  return index::position_at(index, front.worktree(), time);
}

Result<Target> at_time(Front& front, index::Index& index, const std::string& word) {
  std::string text = word.substr(2, word.size() - 3);
  auto time = render::parse_when(text, front.style().now);
  if (!time) {
    return fail(ErrorKind::usage, "'" + text + "' is no time",
                "write @{2026-11-24T10:00} or @{2h}");
  }
  return known({word,
                "at " + format_utc(*time),
                TRY(position_at(front, index, word, *time)),
                "",
                {*time, *time}});
}

std::string kind_of(const index::Address& address) {
  switch (address.kind) {
    case index::Address::Kind::turn:
      return "turn " + address.session + ":" + std::to_string(address.turn);
    case index::Address::Kind::step:
    case index::Address::Kind::path:
      return "step " + address.session + "." + std::to_string(address.step);
    default:
      return "session " + address.session;
  }
}

}  // namespace

Result<std::optional<model::TestRun>> last_green(index::Index& index, const std::string& worktree) {
  index::TestFilter filter;
  filter.worktree = worktree;
  filter.kind = model::TestKind::test;
  for (model::TestRun& run : TRY(index::test_runs(index, filter))) {
    if (run.verdict == model::TestVerdict::passed && !run.partial && run.tree.known()) return run;
  }
  return std::nullopt;
}

Result<std::optional<index::Act>> find_act(index::Index& index, const std::string& worktree,
                                           std::string_view name) {
  for (index::Act& act : TRY(index::acts(index, worktree))) {
    if (act.name == name) return act;
  }
  return std::nullopt;
}

Result<std::optional<Target>> named_target(Front& front, index::Index& index,
                                           const std::string& word,
                                           std::optional<int64_t> session) {
  std::string worktree = front.worktree();
  if (word == "@green") return TRY(green(index, worktree));
  if (word == "@start") return TRY(start(index, worktree, session));
  if (word.starts_with("@{") && word.ends_with("}")) return TRY(at_time(front, index, word));
  std::string name = word.starts_with('@') ? word.substr(1) : word;
  if (name.empty()) return std::nullopt;
  auto act = TRY(find_act(index, worktree, name));
  if (!act) return std::nullopt;
  bool rewind = act->event_name == index::kRewindEvent;
  return TRY(known({word,
                    rewind ? "before " + act->name : "of checkpoint " + act->name,
                    rewind ? act->before : act->after,
                    "",
                    {act->time, 0}}));
}

Result<Target> parse_target(Front& front, index::Index& index, const std::string& word,
                            std::optional<int64_t> session) {
  if (auto named = TRY(named_target(front, index, word, session))) return *named;
  bool before = word.ends_with('^') && !word.starts_with("git:");
  std::string_view rest = std::string_view(word).substr(0, word.size() - (before ? 1 : 0));
  index::Address address = TRY(index::resolve(index, rest, !before));
  if (address.kind == index::Address::Kind::revision) {
    return Target{word, "revision " + address.revision, {}, address.revision};
  }
  if (address.kind == index::Address::Kind::path) {
    return fail(ErrorKind::usage, "'" + word + "' is a file",
                "put the path after '--': " + address.session + "." + std::to_string(address.step) +
                    " -- " + address.path);
  }
  auto span = TRY(index::span(index, address));
  Target target{word,
                (before ? "before " : "after ") + kind_of(address),
                before ? span.before : span.after,
                "",
                {}};
  if (address.step != 0) {
    model::Step step = TRY(index::step(index, address.session_key, address.step));
    target.when.time = before ? step.began : step.ended;
    // A shell command has a look at everything before and behind it.
    if (step.kind != model::StepKind::shell) target.when.late = target.when.time;
  } else if (address.turn != 0) {
    model::Turn turn = TRY(index::turn(index, address.session_key, address.turn));
    target.when.time = before ? turn.began : turn.ended;
  } else {
    model::Session session = TRY(index::session(index, address.session_key));
    target.when.time = before ? session.began : session.last;
  }
  return known(std::move(target));
}

}  // namespace baton::cli
