// What the words of a user name: sessions, turns, steps, files in steps, git revisions.

#include <algorithm>

#include "base/bytes.h"
#include "index/queries.h"
#include "index/query_rows.h"

namespace baton::index {
namespace {

constexpr size_t kShortestPrefix = 4;
constexpr size_t kMaxListed = 20;

bool is_hex(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

struct Found {
  int64_t key;
  std::string agent, id, hash;
};

// Sessions that the word may mean: by its full id, else by the beginning of its hash.
Result<std::vector<Found>> find_sessions(Index& index, std::string_view word) {
  std::vector<Found> found;
  Statement* by_id =
      TRY(db(index).cached("SELECT key, agent, id, hash FROM sessions WHERE id = ? ORDER BY hash"));
  by_id->bind(word);
  while (TRY(by_id->step())) {
    found.push_back({by_id->integer(0), by_id->str(1), by_id->str(2), by_id->str(3)});
  }
  if (!found.empty()) return found;
  std::string lower = lower_ascii(word);
  if (lower.size() < kShortestPrefix || lower.size() > 64 || !is_hex(lower)) return found;
  std::string end = lower;
  end.back() = static_cast<char>(end.back() + 1);
  Statement* by_hash =
      TRY(db(index).cached("SELECT key, agent, id, hash FROM sessions WHERE hash >= ? AND hash < ? "
                           "ORDER BY hash LIMIT 21"));
  by_hash->bind(lower, end);
  while (TRY(by_hash->step())) {
    found.push_back({by_hash->integer(0), by_hash->str(1), by_hash->str(2), by_hash->str(3)});
  }
  return found;
}

Result<Found> one_session(Index& index, std::string_view word) {
  auto found = TRY(find_sessions(index, word));
  if (found.empty()) {
    return fail(ErrorKind::not_found, "no session '" + std::string(word) + "'",
                "see: baton sessions");
  }
  if (found.size() == 1) return found.front();
  std::string hint = "it may be:";
  for (size_t i = 0; i < std::min(found.size(), kMaxListed); ++i) {
    hint += "\n  " + TRY(shortest_address(db(index), found[i].hash)) + "  " + found[i].agent + " " +
            found[i].id;
  }
  return fail(ErrorKind::negative, "'" + std::string(word) + "' is ambiguous", hint);
}

// The newest steps of people's agents, `back` before the last.
Result<std::pair<int64_t, int>> newest_step(Index& index, int back) {
  Statement* row = TRY(db(index).cached(
      "SELECT s.session, s.number FROM steps s JOIN sessions z ON z.key = s.session"
      " ORDER BY s.first DESC, z.hash DESC, s.number DESC LIMIT 1 OFFSET ?"));
  row->bind(back);
  if (!TRY(row->step())) return fail(ErrorKind::not_found, "no such step: nothing is recorded");
  std::pair<int64_t, int> found{row->integer(0), row->small(1)};
  row->reset();
  return found;
}

Status check_exists(Index& index, const Address& address) {
  if (address.step != 0) {
    Statement* row = TRY(db(index).cached("SELECT 1 FROM steps WHERE session = ? AND number = ?"));
    row->bind(address.session_key, address.step);
    bool there = TRY(row->step());
    row->reset();
    if (!there) {
      return fail(ErrorKind::not_found,
                  "no step '" + address.session + "." + std::to_string(address.step) + "'");
    }
  } else if (address.turn != 0) {
    Statement* row = TRY(db(index).cached("SELECT 1 FROM turns WHERE session = ? AND number = ?"));
    row->bind(address.session_key, address.turn);
    bool there = TRY(row->step());
    row->reset();
    if (!there) {
      return fail(ErrorKind::not_found,
                  "no turn '" + address.session + ":" + std::to_string(address.turn) + "'");
    }
  }
  return {};
}

// "14" or "14:src/a.c" behind "c7f2."
bool read_step_part(std::string_view text, int& step, std::string& path) {
  size_t colon = text.find(':');
  auto number = parse_int(text.substr(0, colon));
  if (!number || *number < 1 || *number > INT32_MAX) return false;
  step = static_cast<int>(*number);
  if (colon != text.npos) path = text.substr(colon + 1);
  return colon == text.npos || !path.empty();
}

Result<Address> resolve_ours(Index& index, std::string_view words) {
  Address address;
  auto name_session = [&](int64_t key, const std::string& hash) -> Status {
    address.session_key = key;
    address.session = TRY(shortest_address(db(index), hash));
    return {};
  };
  if (words.starts_with('@') && !words.starts_with("@{")) {
    std::string_view rest = words.substr(1);
    int back = 0;
    while (rest.starts_with('-')) {
      ++back;
      rest.remove_prefix(1);
    }
    if (!rest.empty() && (rest[0] != ':' || rest.size() == 1)) {
      return fail(ErrorKind::usage, "'" + std::string(words) + "' is no address");
    }
    auto [key, number] = TRY(newest_step(index, back));
    Names names(index);
    const SessionName* name = TRY(names.session(key));
    address.session_key = key;
    address.session = name->address;
    address.step = number;
    address.kind = Address::Kind::step;
    if (!rest.empty()) {
      address.kind = Address::Kind::path;
      address.path = rest.substr(1);
    }
    return address;
  }
  // A whole id may hold any of our signs: it is tried first, and the longest part before one of
  // them next.
  auto whole = TRY(find_sessions(index, words));
  if (!whole.empty()) {
    Found found = TRY(one_session(index, words));
    TRY(name_session(found.key, found.hash));
    return address;
  }
  for (size_t at = words.size(); at-- > 0;) {
    if (words[at] != ':' && words[at] != '.') continue;
    std::string_view session = words.substr(0, at), rest = words.substr(at + 1);
    auto sessions = TRY(find_sessions(index, session));
    if (sessions.empty()) continue;
    if (words[at] == ':') {
      auto number = parse_int(rest);
      if (!number || *number < 1 || *number > INT32_MAX) continue;
      address.kind = Address::Kind::turn;
      address.turn = static_cast<int>(*number);
    } else {
      if (!read_step_part(rest, address.step, address.path)) continue;
      address.kind = address.path.empty() ? Address::Kind::step : Address::Kind::path;
    }
    Found found = TRY(one_session(index, session));
    TRY(name_session(found.key, found.hash));
    TRY(check_exists(index, address));
    return address;
  }
  return fail(ErrorKind::not_found, "no session, turn or step '" + std::string(words) + "'",
              "see: baton sessions, baton log");
}

}  // namespace

Result<Address> resolve(Index& index, std::string_view words, bool revisions) {
  return answer(index, [&]() -> Result<Address> {
    if (words.empty()) return fail(ErrorKind::usage, "an empty address");
    Address revision;
    revision.kind = Address::Kind::revision;
    if (words.starts_with("git:")) {
      std::string_view rest = words.substr(4);
      size_t colon = rest.find(':');
      revision.revision = rest.substr(0, colon);
      if (colon != rest.npos) revision.path = rest.substr(colon + 1);
      if (revision.revision.empty()) return fail(ErrorKind::usage, "'git:' names no revision");
      if (!revisions) {
        return fail(ErrorKind::usage, "'" + std::string(words) + "' is a revision, not a step");
      }
      return revision;
    }
    auto ours = resolve_ours(index, words);
    if (!revisions || index.git() == nullptr) return ours;
    if (!ours && ours.error().kind == ErrorKind::negative) return ours;
    size_t colon = words.find(':');
    std::string_view name = words.substr(0, colon);
    // "@" alone is ours by definition; a path can follow a revision, too.
    bool ours_only = words.starts_with('@');
    auto commit = ours_only ? Result<std::string>(fail(ErrorKind::not_found, ""))
                            : index.git()->resolve(name);
    if (!commit) return ours;
    if (ours && colon != words.npos) {
      // "c7f2:3" is a file's name behind a revision only where there is such a file.
      auto held = index.git()->entries(name, {std::string(words.substr(colon + 1))});
      if (held && !held->front()) return ours;
    }
    if (ours) {
      return fail(ErrorKind::negative, "'" + std::string(words) + "' is ambiguous",
                  "it may be:\n  session " + ours->session + "\n  git:" + std::string(words) +
                      "  " + *commit);
    }
    revision.revision = name;
    if (colon != words.npos) revision.path = words.substr(colon + 1);
    return revision;
  });
}

Result<Address> resolve_session(Index& index, std::string_view words) {
  Address address = TRY(resolve(index, words));
  return address;
}

Result<Address> resolve_step(Index& index, std::string_view words) {
  Address address = TRY(resolve(index, words));
  if (address.step != 0) return address;
  return answer(index, [&]() -> Result<Address> {
    Statement* row = TRY(db(index).cached(
        "SELECT max(number) FROM steps WHERE session = ?1 AND (?2 = 0 OR turn = ?2)"));
    row->bind(address.session_key, address.turn);
    int newest = TRY(row->step()) ? row->small(0) : 0;
    row->reset();
    if (newest == 0) return fail(ErrorKind::not_found, "'" + std::string(words) + "' has no step");
    Address step = address;
    step.kind = Address::Kind::step;
    step.step = newest;
    return step;
  });
}

Result<std::string> session_address(Index& index, int64_t session_key) {
  return answer(index, [&]() -> Result<std::string> {
    Names names(index);
    const SessionName* name = TRY(names.session(session_key));
    return name->address;
  });
}

}  // namespace baton::index
