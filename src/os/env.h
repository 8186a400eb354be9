#pragma once

// The process's surroundings: environment variables, ids, randomness.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton::os {

// Nothing if unset or empty.
std::optional<std::string> env(const char* name);
// $HOME; static glibc must not ask the user database.
std::string home_directory();
int process_id();
int parent_process_id();
uint32_t user_id();
bool is_terminal(int fd);
// The path of the running program, links resolved.
std::string program_path();
// Bytes from the kernel's generator.
std::string random_bytes(size_t count);
// "<process name>" of a process and when it started (clock ticks since boot), from /proc; empty if
// there is no such process. Pid and start together name a process for ever.
struct ProcessInfo {
  std::string name;
  uint64_t start_ticks = 0;
  int parent = 0;
};
std::optional<ProcessInfo> process_info(int pid);

// Processes of this user by name, with where they are and since when; those that cannot be looked
// into are left out.
struct RunningProcess {
  int pid = 0;
  std::string name, directory;
  int64_t began_s = 0;  // seconds since the epoch
};
std::vector<RunningProcess> running_processes(const std::vector<std::string>& names);

}  // namespace baton::os
