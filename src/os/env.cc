#include "os/env.h"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/bytes.h"
#include "os/file.h"

namespace baton::os {

std::optional<std::string> env(const char* name) {
  const char* value = ::getenv(name);
  if (!value || !*value) return std::nullopt;
  return value;
}

std::string home_directory() {
  return env("HOME").value_or("/");
}

int process_id() {
  return ::getpid();
}

int parent_process_id() {
  return ::getppid();
}

uint32_t user_id() {
  return ::geteuid();
}

bool is_terminal(int fd) {
  return ::isatty(fd) != 0;
}

std::string program_path() {
  auto path = read_link("/proc/self/exe");
  return path ? *path : std::string();
}

std::string random_bytes(size_t count) {
  std::string bytes(count, '\0');
  size_t have = 0;
  while (have < count) {
    ssize_t got = ::getrandom(bytes.data() + have, count - have, 0);
    if (got > 0) have += static_cast<size_t>(got);
  }
  return bytes;
}

std::optional<ProcessInfo> process_info(int pid) {
  auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
  if (!text) return std::nullopt;
  // The name stands in parentheses and may itself hold any character: the last ')' ends it.
  size_t open = text->find('(');
  size_t close = text->rfind(')');
  if (open == std::string::npos || close == std::string::npos) return std::nullopt;
  ProcessInfo info;
  info.name = text->substr(open + 1, close - open - 1);
  auto fields = split(std::string_view(*text).substr(close + 2), ' ');
  // Counted from the state, which is field 3 of proc(5): parent is field 4, start time field 22.
  if (fields.size() < 20) return std::nullopt;
  info.parent = static_cast<int>(parse_int(fields[1]).value_or(0));
  info.start_ticks = static_cast<uint64_t>(parse_int(fields[19]).value_or(0));
  return info;
}

std::vector<RunningProcess> running_processes(const std::vector<std::string>& names) {
  std::vector<RunningProcess> found;
  int64_t boot_s = 0;
  if (auto stat = read_file("/proc/stat")) {
    size_t at = stat->find("btime ");
    if (at != std::string::npos) {
      std::string_view rest = std::string_view(*stat).substr(at + 6);
      boot_s = parse_int(rest.substr(0, rest.find('\n'))).value_or(0);
    }
  }
  int64_t ticks = ::sysconf(_SC_CLK_TCK);
  auto entries = list_dir("/proc");
  if (!entries || boot_s == 0 || ticks <= 0) return found;
  for (const DirEntry& entry : *entries) {
    auto pid = parse_int(entry.name);
    if (!pid || *pid <= 0) continue;
    auto info = process_info(static_cast<int>(*pid));
    if (!info || std::find(names.begin(), names.end(), info->name) == names.end()) continue;
    auto directory = read_link("/proc/" + entry.name + "/cwd");
    if (!directory) continue;
    found.push_back({static_cast<int>(*pid), info->name, *directory,
                     boot_s + static_cast<int64_t>(info->start_ticks) / ticks});
  }
  return found;
}

}  // namespace baton::os
