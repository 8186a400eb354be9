#include "agents/install_record.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/json.h"
#include "os/file.h"

namespace baton::agents {
namespace {

constexpr uint64_t kMaxRecordBytes = 256 << 20;
constexpr int64_t kLockBudgetUs = 5'000'000;

std::string state_folder(const Places& places) {
  return os::join(places.state_folder, "baton");
}
std::string record_path(const Places& places) {
  return os::join(state_folder(places), "install.json");
}

void write_strings(json::Writer& out, std::string_view key, const std::vector<std::string>& list) {
  out.key(key).begin_array();
  for (const std::string& text : list) out.string(text);
  out.end_array();
}

std::vector<std::string> read_strings(json::Value list) {
  std::vector<std::string> strings;
  for (size_t i = 0; i < list.size(); ++i) strings.emplace_back(list.at(i).str());
  return strings;
}

void write_record(json::Writer& out, const InstallRecord& record) {
  out.begin_object()
      .member("agent", record.agent)
      .member("scope", to_string(record.scope))
      .member("path", record.path)
      .member("file_created", record.file_created);
  write_strings(out, "folders", record.folders);
  out.member("original", base64(record.original))
      .member("installed_sha256", record.installed_sha256)
      .key("created")
      .begin_object()
      .member("hooks", record.created.hooks);
  write_strings(out, "events", record.created.events);
  out.end_object().member("binary", record.binary).key("stores").begin_array();
  for (const StoreUse& store : record.stores) {
    out.begin_object().member("id", store.id).member("path", store.path).end_object();
  }
  out.end_array().member("time", record.time).end_object();
}

std::string to_json(const InstallState& state) {
  json::Writer out;
  out.begin_object().member("version", kInstallRecordVersion);
  write_strings(out, "folders", state.folders);
  out.key("records").begin_array();
  for (const InstallRecord& record : state.records) write_record(out, record);
  out.end_array().end_object();
  return out.take() + "\n";
}

std::optional<InstallRecord> read_record(json::Value value) {
  InstallRecord record;
  record.agent = value["agent"].str();
  record.scope = value["scope"].str() == "local" ? Scope::local : Scope::user;
  record.path = value["path"].str();
  record.file_created = value["file_created"].boolean();
  record.folders = read_strings(value["folders"]);
  auto original = from_base64(value["original"].str());
  if (!original || record.path.empty()) return std::nullopt;
  record.original = std::move(*original);
  record.installed_sha256 = value["installed_sha256"].str();
  record.created.hooks = value["created"]["hooks"].boolean();
  record.created.events = read_strings(value["created"]["events"]);
  record.binary = value["binary"].str();
  json::Value stores = value["stores"];
  for (size_t i = 0; i < stores.size(); ++i) {
    record.stores.push_back(
        {std::string(stores.at(i)["id"].str()), std::string(stores.at(i)["path"].str())});
  }
  record.time = value["time"].str();
  return record;
}

std::unexpected<Error> damaged(const std::string& path, std::string_view reason) {
  return fail(ErrorKind::damage, "bad install record '" + path + "': " + std::string(reason),
              "it says what the agents' configuration was before baton; move it away to go on "
              "without it");
}

}  // namespace

InstallRecord* InstallState::find(std::string_view path) {
  for (InstallRecord& record : records) {
    if (record.path == path) return &record;
  }
  return nullptr;
}

const InstallRecord* InstallState::find(std::string_view path) const {
  return const_cast<InstallState*>(this)->find(path);
}

void InstallState::remove(std::string_view path) {
  std::erase_if(records, [&](const InstallRecord& record) { return record.path == path; });
}

Result<InstallState> read_install_state(const Places& places) {
  std::string path = record_path(places);
  auto text = os::read_file(path, kMaxRecordBytes);
  if (!text) {
    if (text.error().kind == ErrorKind::not_found) return InstallState{};
    return std::unexpected(text.error());
  }
  auto document = json::Document::parse(*text);
  if (!document) return damaged(path, document.error().message);
  json::Value root = document->root();
  if (!root.is_object() || !root["version"].is_number()) return damaged(path, "it has no version");
  if (root["version"].integer() > kInstallRecordVersion) {
    return fail(ErrorKind::newer, "'" + path + "' was written by a newer baton");
  }
  InstallState state;
  state.folders = read_strings(root["folders"]);
  json::Value records = root["records"];
  for (size_t i = 0; i < records.size(); ++i) {
    auto record = read_record(records.at(i));
    if (!record) return damaged(path, "record " + std::to_string(i) + " is not complete");
    state.records.push_back(std::move(*record));
  }
  return state;
}

Result<std::vector<std::string>> make_folders(const std::string& path, uint32_t mode) {
  std::vector<std::string> made;
  for (std::string folder = path; !os::is_directory(folder);
       folder = std::string(os::dirname(folder))) {
    made.push_back(folder);
    if (folder == "/" || folder == ".") break;
  }
  std::reverse(made.begin(), made.end());
  if (!made.empty()) TRY(os::make_dirs(path, mode));
  return made;
}

void remove_empty_folders(const std::vector<std::string>& folders) {
  for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) {
    (void)os::remove_dir(*folder);  // not empty: somebody uses it
  }
}

namespace {

Status save(const Places& places, const InstallState& state) {
  std::string path = record_path(places);
  if (!state.records.empty()) {
    return os::replace_file(path, to_json(state), os::kPrivateFile, true);
  }
  TRY(os::remove_file(path));
  (void)os::remove_dir(state_folder(places));  // ours, whoever made it
  remove_empty_folders(state.folders);
  return {};
}

// The folder, locked. The one who held it before may have removed it, as the last record went.
Result<os::File> lock_folder(const std::string& folder, std::vector<std::string>& made) {
  for (int tries = 0; tries < 10; ++tries) {
    for (std::string& name : TRY(make_folders(folder, os::kPrivateDir))) {
      if (std::find(made.begin(), made.end(), name) == made.end()) made.push_back(std::move(name));
    }
    os::FileStat before = TRY(os::stat_file(folder, true));
    auto file = os::open_file(folder, os::Open::read);
    if (!file) continue;
    TRY(os::lock_file(*file, os::LockMode::exclusive, kLockBudgetUs));
    os::FileStat after = TRY(os::stat_file(folder, true));
    if (after.exists() && after.inode == before.inode) return std::move(*file);
  }
  return fail(ErrorKind::io, "cannot lock '" + folder + "'");
}

}  // namespace

Status with_install_state(const Places& places,
                          const std::function<Status(InstallState&, const SaveState&)>& work) {
  std::vector<std::string> made;
  auto lock = lock_folder(state_folder(places), made);
  if (!lock) {
    remove_empty_folders(made);
    return std::unexpected(lock.error());
  }
  auto state = read_install_state(places);
  if (!state) return std::unexpected(state.error());
  for (const std::string& folder : made) {
    if (std::find(state->folders.begin(), state->folders.end(), folder) == state->folders.end()) {
      state->folders.push_back(folder);
    }
  }
  auto done = work(*state, [&] { return save(places, *state); });
  if (!done) {
    (void)os::remove_dir(state_folder(places));  // stays if another process has saved in it
    remove_empty_folders(made);
    return done;
  }
  return save(places, *state);
}

}  // namespace baton::agents
