#include <set>

#include "base/bytes.h"
#include "render/blame.h"

namespace baton::render {
namespace {

// A line of the file: its head's parts, and what is said of it.
struct Entry {
  std::string_view id;
  int64_t original = 0, line = 0;
  std::string commit;  // headers that are told once of each commit
  std::string own;     // the others
};

}  // namespace

std::string blame_incremental(std::string_view line_porcelain) {
  std::string out;
  Entry run;  // the first line of the run that is not written yet
  int64_t count = 0;
  std::set<std::string_view> told;  // commits
  auto write = [&] {
    if (count == 0) return;
    out += std::string(run.id) + " " + std::to_string(run.original) + " " +
           std::to_string(run.line) + " " + std::to_string(count) + "\n";
    if (told.insert(run.id).second) out += run.commit;
    out += run.own;
    count = 0;
  };
  Entry entry;
  std::string filename;  // ends a run's headers
  bool heading = true;
  while (!line_porcelain.empty()) {
    size_t end = line_porcelain.find('\n');
    std::string_view line = line_porcelain.substr(0, end);
    line_porcelain.remove_prefix(end == std::string_view::npos ? line_porcelain.size() : end + 1);
    if (heading) {
      auto parts = split(line, ' ');
      if (parts.size() < 3) return out;
      entry = {parts[0], parse_int(parts[1]).value_or(0), parse_int(parts[2]).value_or(0), {}, {}};
      filename.clear();
      heading = false;
    } else if (line.starts_with("filename ")) {
      filename = std::string(line) + "\n";
    } else if (!line.starts_with('\t')) {
      bool own = line.starts_with("previous ") || line.starts_with("baton-");
      (own ? entry.own : entry.commit) += std::string(line) + "\n";
    } else {
      entry.own += filename;
      bool goes_on = count > 0 && entry.id == run.id && entry.own == run.own &&
                     entry.original == run.original + count && entry.line == run.line + count;
      if (!goes_on) {
        write();
        run = entry;
      }
      count++;
      heading = true;
    }
  }
  write();
  return out;
}

}  // namespace baton::render
