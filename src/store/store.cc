#include "store/store.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/json.h"
#include "os/env.h"
#include "os/file.h"
#include "os/guard.h"
#include "store/object_files.h"

namespace baton::store {
namespace {

constexpr size_t kMaxFormatFile = 4096;
constexpr size_t kMaxPlainName = 80;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

Result<Store> open_store(const std::string& path) {
  auto text = os::read_file(path + "/format", kMaxFormatFile);
  if (!text) {
    if (text.error().kind == ErrorKind::not_found) {
      return fail(ErrorKind::no_store, "no baton store at '" + path + "'", "run: baton init");
    }
    return std::unexpected(text.error());
  }
  auto document = json::Document::parse(*text);
  if (!document || !document->root()["version"].is_number()) {
    return fail(ErrorKind::damage, "cannot read '" + path + "/format': not a store's format file");
  }
  json::Value root = document->root();
  Store store;
  store.path = path;
  store.id = root["id"].str();
  store.version = static_cast<int>(root["version"].integer());
  store.hash = root["hash"].str() == "sha256" ? HashKind::sha256 : HashKind::sha1;
  if (store.version > kFormatVersion) {
    std::string needed(root["needs"].str("a newer version"));
    return fail(ErrorKind::newer,
                "the store at '" + path + "' has format " + std::to_string(store.version) +
                    ", this baton knows " + std::to_string(kFormatVersion),
                "install baton " + needed);
  }
  return store;
}

Result<Store> create_store(const std::string& path, HashKind hash) {
  auto existing = open_store(path);
  if (existing || existing.error().kind != ErrorKind::no_store) return existing;
  TRY(os::make_dirs(path));
  TRY(os::set_permissions(path, os::kPrivateDir));
  for (const char* name : {"sessions", "worktrees", "objects", "log"}) {
    TRY(os::make_dirs(os::join(path, name)));
  }
  Store store;
  store.path = path;
  store.id = hex(os::random_bytes(8));
  store.hash = hash;
  json::Writer writer;
  writer.begin_object()
      .member("version", kFormatVersion)
      .member("id", store.id)
      .member("hash", hash == HashKind::sha1 ? "sha1" : "sha256")
      .member("needs", BATON_VERSION)
      .end_object();
  TRY(os::open_file(os::join(store.objects_dir(), kObjectsUsersName), os::Open::read_write_create));
  // Its space is taken now, so that it can be written when there is none.
  std::string none = std::string(19, '0') + std::string(os::kCountFileSize - 20, ' ') + '\n';
  TRY(os::replace_file(store.missed_path(), none));
  // Written last: a directory without it is no store yet.
  TRY(os::replace_file(path + "/format", writer.text() + "\n", os::kPrivateFile, true));
  return store;
}

std::string Missed::text() const {
  return std::to_string(count) + (count == 1 ? " event was" : " events were") +
         " not recorded: " + why;
}

Missed read_missed(const Store& store) {
  Missed missed;
  auto text = os::read_file(store.missed_path(), os::kCountFileSize);
  if (!text) return missed;
  size_t space = text->find(' ');
  int64_t count = parse_int(std::string_view(*text).substr(0, space)).value_or(0);
  if (count <= 0 || space == std::string::npos) return missed;
  missed.count = static_cast<uint64_t>(count);
  missed.why = trim(std::string_view(*text).substr(space));
  return missed;
}

void forget_missed(const Store& store, const Missed& missed) {
  Missed now = read_missed(store);
  auto file = os::open_file(store.missed_path(), os::Open::read_write);
  if (!file) return;
  char digits[24];
  int length =
      snprintf(digits, sizeof digits, "%019llu ",
               static_cast<unsigned long long>(now.count - std::min(now.count, missed.count)));
  (void)os::write_at(*file, 0, {digits, static_cast<size_t>(length)});
}

std::string session_directory_name(std::string_view session_id) {
  bool plain = !session_id.empty() && session_id.size() <= kMaxPlainName && session_id[0] != '.' &&
               std::ranges::all_of(session_id, is_plain);
  return plain ? std::string(session_id) : "x-" + hex(sha256(session_id));
}

bool is_directory_of(std::string_view directory, std::string_view agent,
                     std::string_view session_id) {
  return directory.starts_with(agent) && directory.substr(agent.size()).starts_with('/') &&
         directory.substr(agent.size() + 1) == session_directory_name(session_id);
}

Result<std::vector<SessionPlace>> list_sessions(const Store& store) {
  std::vector<SessionPlace> places;
  auto agents = os::list_dir(store.sessions_dir());
  if (!agents) {
    if (agents.error().kind == ErrorKind::not_found) return places;
    return std::unexpected(agents.error());
  }
  for (const auto& agent : *agents) {
    std::string agent_dir = os::join(store.sessions_dir(), agent.name);
    auto sessions = os::list_dir(agent_dir);
    if (!sessions) continue;
    for (const auto& session : *sessions) {
      places.push_back({agent.name, os::join(agent_dir, session.name)});
    }
  }
  std::ranges::sort(places, [](const SessionPlace& left, const SessionPlace& right) {
    return left.directory < right.directory;
  });
  return places;
}

}  // namespace baton::store
