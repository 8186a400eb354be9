#pragma once

// What installing has changed, so that it can be put back: STATE/baton/install.json, mode 0600,
// replaced as a whole under a lock (flock on the folder). One record a configuration file:
//
//   {"version":1, "folders":[made for this file], "records":[
//     {"agent":"claude-code","scope":"user","path":"/home/u/.claude/settings.json",
//      "file_created":false, "folders":[made for the file], "original":"BASE64 of its content
//      before", "installed_sha256":"...", "created":{"hooks":true,"events":["Stop",...]},
//      "binary":"/usr/bin/baton", "stores":[{"id":"...","path":"..."}], "time":"..."}]}
//
// Beside the user's state, not in a store: user-level hooks belong to no repository. The original
// content may hold secrets of the user's own; they lie where they lay, under the same user and
// mode. When the last record goes, so do the file and the folders made for it.

#include <functional>
#include <string>
#include <vector>

#include "agents/config_edit.h"
#include "agents/install.h"
#include "base/result.h"

namespace baton::agents {

constexpr int kInstallRecordVersion = 1;

struct InstallRecord {
  std::string agent;
  Scope scope = Scope::user;
  std::string path;
  bool file_created = false;
  std::vector<std::string> folders;  // made for the file, outermost first
  std::string original;
  std::string installed_sha256;
  CreatedParts created;
  std::string binary;
  std::vector<StoreUse> stores;
  std::string time;
};

struct InstallState {
  std::vector<std::string> folders;
  std::vector<InstallRecord> records;

  InstallRecord* find(std::string_view path);
  const InstallRecord* find(std::string_view path) const;
  void remove(std::string_view path);
};

// ErrorKind::damage if it is not what was written, newer if a newer baton wrote it. A missing file
// is an empty state.
Result<InstallState> read_install_state(const Places& places);

// Calls `work` with the state while no other process can change it; saves what `work` leaves, also
// each time it calls the `save` given to it. Fails with what `work` fails with (nothing is saved
// then), or if the lock is not free within five seconds.
using SaveState = std::function<Status()>;
Status with_install_state(const Places& places,
                          const std::function<Status(InstallState&, const SaveState&)>& work);

// Makes the folder and those above it; returns the ones that did not exist, outermost first.
Result<std::vector<std::string>> make_folders(const std::string& path, uint32_t mode);
// Removes those that are empty, innermost first.
void remove_empty_folders(const std::vector<std::string>& folders);

}  // namespace baton::agents
