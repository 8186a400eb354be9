#include "index/injections.h"

#include "base/json.h"
#include "index/contents.h"
#include "index/notes.h"
#include "index/queries.h"
#include "store/journal.h"

namespace baton::index {
namespace {

constexpr std::string_view kOwnSession = "injections";

// An agent's own id of a session as an address.
Result<std::string> address_of(Index& index, std::string_view agent, std::string_view id) {
  int64_t key = TRY(session_of(index, agent, id));
  // The work that is told of may be another agent's.
  SessionFilter any;
  if (key == 0) {
    for (const auto& session : TRY(sessions(index, any))) {
      if (session.id == id) return session.address;
    }
    return std::string(id);
  }
  return TRY(index::session(index, key)).address;
}

}  // namespace

Result<std::vector<Injection>> injections(Index& index, const model::Session& session) {
  std::vector<Injection> found;
  std::string directory =
      index.store().sessions_dir() + "/baton/" + store::session_directory_name(kOwnSession);
  Status problem;
  auto take = [&](std::string_view line, uint64_t) {
    auto parts = store::split_journal_line(line);
    if (!parts || parts->forgotten) return true;
    auto payload = json::Document::parse(parts->payload);
    auto header = json::Document::parse(parts->header);
    if (!payload || !header) return true;
    json::Value told = payload->root();
    if (told["agent"].str() != session.agent || told["session"].str() != session.id) return true;
    Injection injection;
    injection.time = parse_utc(header->root()["t"].str()).value_or(0);
    injection.source = told["source"].str();
    for (size_t i = 0; i < told["about"].size(); ++i) {
      auto address = address_of(index, session.agent, told["about"].at(i).str());
      if (!address) {
        problem = std::unexpected(address.error());
        return false;
      }
      injection.about.push_back(std::move(*address));
    }
    if (auto id = ObjectId::from_hex(header->root()["injected"].str())) {
      if (auto text = index.contents().get(*id)) injection.text = std::move(*text);
    }
    found.push_back(std::move(injection));
    return true;
  };
  auto read = store::read_journal(directory, 0, take);
  if (!problem) return std::unexpected(problem.error());
  if (!read && read.error().kind != ErrorKind::not_found) return std::unexpected(read.error());
  return found;
}

}  // namespace baton::index
