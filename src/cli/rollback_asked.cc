// What the options and paths of a rollback mean.

#include <algorithm>

#include "base/bytes.h"
#include "cli/rollback.h"
#include "index/queries.h"
#include "index/state.h"

namespace baton::cli {
namespace {

constexpr int64_t kMostHunks = 100'000;

}  // namespace

Status check_changed(Front& front, const std::vector<model::Change>& changes,
                     const std::string& who) {
  for (const std::string& word : asked_path_words(front.asked())) {
    if (word.starts_with(':')) continue;  // an exclusion need not hold for anything
    index::Pathspec spec = TRY(index::Pathspec::parse({word}, front.prefix(), front.root()));
    auto named = [&](const model::Change& change) { return spec.matches(change.path); };
    if (std::ranges::any_of(changes, named)) continue;
    return fail(ErrorKind::not_found, who + " did not change '" + word + "'",
                "paths count from the current folder");
  }
  return {};
}

Status check_known(Front& front, const Ground& ground, const Target& target,
                   const rollback::Plan& plan, const std::vector<std::string>& words) {
  const rollback::Here here = ground.here();
  std::optional<std::vector<model::StateEntry>> now, then;
  for (const std::string& word : words) {
    if (word.starts_with(':')) continue;
    index::Pathspec spec = TRY(index::Pathspec::parse({word}, front.prefix(), front.root()));
    auto named = [&](const auto& each) { return spec.matches(each.path); };
    if (std::ranges::any_of(plan.changes, named) || std::ranges::any_of(plan.left, named)) continue;
    if (!now) now = TRY(index::state_at(*here.index, here.now)).entries;
    if (std::ranges::any_of(*now, named)) continue;
    if (target.revision.empty()) {
      if (!then) then = TRY(index::state_at(*here.index, target.position)).entries;
      if (std::ranges::any_of(*then, named)) continue;
    } else if (here.index->git()) {
      if (std::ranges::any_of(TRY(here.index->git()->tree(target.revision)), named)) continue;
    }
    return fail(ErrorKind::not_found, "no file '" + word + "', neither then nor now",
                "paths count from the current folder");
  }
  return {};
}

Result<std::optional<Selection>> asked_selection(Front& front, index::Index& index) {
  const Invocation& asked = front.asked();
  int given = 0;
  for (OptionId id : {OptionId::session, OptionId::turn, OptionId::step}) given += asked.has(id);
  if (given == 0) return std::nullopt;
  if (given > 1) {
    return fail(ErrorKind::usage, "--session, --turn and --step exclude each other");
  }
  OptionId option = asked.has(OptionId::session) ? OptionId::session
                    : asked.has(OptionId::turn)  ? OptionId::turn
                                                 : OptionId::step;
  std::string word(asked.value(option));
  index::Address address = TRY(index::resolve(index, word));
  Selection selection;
  std::string path = address.path;
  switch (option) {
    case OptionId::session:
      if (!word.starts_with('@') && (address.turn != 0 || address.step != 0)) {
        std::string kind = address.step != 0 ? "step" : "turn";
        return fail(ErrorKind::usage, "'" + word + "' is a " + kind + ", no session",
                    "--" + kind + " takes back what it did");
      }
      address.turn = address.step = 0;
      selection.name = "session " + address.session;
      break;
    case OptionId::turn:
      if (address.turn == 0 && address.step != 0) {
        address.turn = TRY(index::step(index, address.session_key, address.step)).ref.turn;
      }
      if (address.turn == 0) {
        return fail(ErrorKind::usage, "'" + word + "' is no turn", "write SESSION:NUMBER");
      }
      address.step = 0;
      selection.name = "turn " + address.session + ":" + std::to_string(address.turn);
      break;
    default:
      if (address.step == 0) {
        return fail(ErrorKind::usage, "'" + word + "' is no step", "write SESSION.NUMBER");
      }
      selection.name = "step " + address.session + "." + std::to_string(address.step);
      break;
  }
  address.path.clear();
  selection.changes = TRY(index::changes_of(index, address));
  if (!path.empty()) {
    std::erase_if(selection.changes, [&](const auto& change) { return change.path != path; });
    if (selection.changes.empty()) {
      return fail(ErrorKind::not_found, selection.name + " did not change '" + path + "'",
                  "see: baton show " + address.session + "." + std::to_string(address.step));
    }
    selection.name += ":" + path;
  }
  return selection;
}

Result<std::set<size_t>> asked_hunks(const Invocation& asked) {
  std::set<size_t> numbers;
  for (const std::string& value : asked.values(OptionId::hunk)) {
    for (std::string_view part : split(value, ',')) {
      auto ends = split(part, '-');
      auto from = parse_int(trim(ends.front())), to = parse_int(trim(ends.back()));
      if (ends.size() > 2 || !from || !to || *from < 1 || *to < *from || *to > kMostHunks) {
        return fail(ErrorKind::usage, "'" + value + "' names no hunks",
                    "write a number, or several: 1,3-4; --dry-run numbers them");
      }
      for (int64_t number = *from; number <= *to; ++number) {
        numbers.insert(static_cast<size_t>(number));
      }
    }
  }
  return numbers;
}

std::vector<std::string> asked_path_words(const Invocation& asked) {
  std::vector<std::string> words = asked.values(OptionId::paths);
  words.insert(words.end(), asked.pathspecs.begin(), asked.pathspecs.end());
  return words;
}

Result<index::Pathspec> asked_rollback_paths(Front& front) {
  return index::Pathspec::parse(asked_path_words(front.asked()), front.prefix(), front.root());
}

}  // namespace baton::cli
