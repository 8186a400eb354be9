#include "git/head.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "os/file.h"

namespace baton::git {
namespace {

constexpr uint64_t kMaxRefFile = 64u << 10;
constexpr int kMaxSymrefs = 5;  // git's own limit
constexpr std::string_view kHeads = "refs/heads/";

// Refs that each worktree has for itself (gitrepository-layout(5)); all others are shared.
bool is_per_worktree(std::string_view name) {
  return !name.starts_with("refs/") || name.starts_with("refs/bisect/") ||
         name.starts_with("refs/worktree/") || name.starts_with("refs/rewritten/");
}

bool is_id(std::string_view text) {
  return ObjectId::from_hex(text).has_value();
}

// What one ref file says: a further name or an id.
struct RefValue {
  std::string target;
  std::string id;
};

Result<std::optional<RefValue>> read_loose(const std::string& path) {
  auto text = os::read_file(path, kMaxRefFile);
  if (!text) {
    // A directory of that name, or no file: not a loose ref. A link is how old versions of git
    // wrote HEAD, and may lead to a branch without a commit.
    auto target = os::read_link(path);
    if (target && target->starts_with("refs/")) return RefValue{*target, {}};
    if (text.error().kind == ErrorKind::not_found || os::is_directory(path)) return std::nullopt;
    return std::unexpected(text.error());
  }
  std::string_view line = trim(*text);
  if (line.starts_with("ref:")) return RefValue{std::string(trim(line.substr(4))), {}};
  line = line.substr(0, line.find_first_of(" \t\n"));
  if (!is_id(line)) return fail(ErrorKind::damage, "'" + path + "' is not a ref");
  return RefValue{{}, std::string(line)};
}

// A name that stays inside of the folder it is looked up in.
bool is_safe_name(std::string_view name) {
  if (name.empty() || name.starts_with('/')) return false;
  for (std::string_view part : split(name, '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return name.find('\0') == std::string_view::npos;
}

size_t line_start(std::string_view text, size_t at) {
  size_t newline = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

std::string_view line_at(std::string_view text, size_t at) {
  return text.substr(at, text.find('\n', at) - at);
}

// packed-refs: "ID SP NAME" lines; one that starts with '^' says what the tag before it peels to.
// The header tells whether the names are sorted.
std::string find_packed(std::string_view text, std::string_view wanted) {
  bool sorted = false;
  if (text.starts_with('#')) {
    std::string_view header = line_at(text, 0);
    sorted = contains(std::string(header) + " ", " sorted ");
    text.remove_prefix(std::min(text.size(), header.size() + 1));
  }
  auto name_of = [](std::string_view line) {
    size_t space = line.find(' ');
    return space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
  };
  auto id_of = [](std::string_view line) {
    std::string_view id = line.substr(0, line.find(' '));
    return is_id(id) ? std::string(id) : std::string();
  };
  size_t low = 0, high = text.size();
  while (sorted && low < high) {
    size_t at = line_start(text, low + (high - low) / 2);
    while (at > low && text[at] == '^') at = line_start(text, at - 1);
    std::string_view line = line_at(text, at);
    std::string_view name = name_of(line);
    if (name == wanted) return id_of(line);
    if (name < wanted) {
      low = std::min(high, at + line.size() + 1);
      while (low < high && text[low] == '^') low += line_at(text, low).size() + 1;
    } else {
      high = at;
    }
  }
  if (sorted) return {};
  for (size_t at = 0; at < text.size();) {
    std::string_view line = line_at(text, at);
    if (!line.starts_with('^') && name_of(line) == wanted) return id_of(line);
    at += line.size() + 1;
  }
  return {};
}

Result<std::string> find_packed_in(const Repository& repository, const std::string& name) {
  auto file = os::open_file(repository.common_dir + "/packed-refs", os::Open::read);
  if (!file) {
    if (file.error().kind == ErrorKind::not_found) return std::string();
    return std::unexpected(file.error());
  }
  uint64_t size = TRY(os::file_size(*file));
  os::Mapping mapping = TRY(os::Mapping::open(*file, size, false));
  return find_packed(mapping.view(), name);
}

// Follows a name to its id; `name` becomes the last name on the way.
Result<std::string> resolve(const Repository& repository, std::string& name) {
  for (int depth = 0; depth <= kMaxSymrefs; ++depth) {
    if (!is_safe_name(name)) return fail(ErrorKind::damage, "'" + name + "' is not a ref's name");
    const std::string& dir = is_per_worktree(name) ? repository.git_dir : repository.common_dir;
    auto value = TRY(read_loose(dir + "/" + name));
    if (!value) return find_packed_in(repository, name);
    if (value->target.empty()) return value->id;
    name = value->target;
  }
  return fail(ErrorKind::damage, "'" + name + "' is a ref that leads through too many others");
}

std::string operation_of(const std::string& git_dir, std::string& branch) {
  auto has = [&](std::string_view name) { return os::exists(git_dir + "/" + std::string(name)); };
  auto read_branch = [&](std::string_view file) {
    auto text = os::read_file(git_dir + "/" + std::string(file), kMaxRefFile);
    if (!text) return;
    std::string_view name = trim(*text);
    if (name.starts_with(kHeads)) branch = name.substr(kHeads.size());
  };
  if (has("rebase-merge")) {
    read_branch("rebase-merge/head-name");
    return "rebase";
  }
  if (has("rebase-apply")) {
    if (has("rebase-apply/applying")) return "am";
    read_branch("rebase-apply/head-name");
    return "rebase";
  }
  if (has("MERGE_HEAD")) return "merge";
  if (has("CHERRY_PICK_HEAD")) return "cherry-pick";
  if (has("REVERT_HEAD")) return "revert";
  // Between two commits of a series the heads are gone, the list of what is left is not.
  if (auto todo = os::read_file(git_dir + "/sequencer/todo", 1u << 20)) {
    if (todo->starts_with("p")) return "cherry-pick";
    if (todo->starts_with("r")) return "revert";
  }
  if (has("BISECT_LOG")) return "bisect";
  return {};
}

std::optional<ReflogLine> parse_reflog_line(std::string_view line, size_t digits) {
  if (line.size() < 2 * digits + 2 || line[digits] != ' ' || line[2 * digits + 1] != ' ') {
    return std::nullopt;
  }
  ReflogLine entry;
  entry.old_id = line.substr(0, digits);
  entry.new_id = line.substr(digits + 1, digits);
  if (!is_id(entry.old_id) || !is_id(entry.new_id)) return std::nullopt;
  std::string_view rest = line.substr(2 * digits + 2);
  size_t tab = rest.find('\t');
  std::string_view who = rest.substr(0, tab);
  if (tab != std::string_view::npos) entry.message = rest.substr(tab + 1);
  if (size_t mail = who.rfind("> "); mail != std::string_view::npos) {
    std::string_view time = who.substr(mail + 2);
    entry.time = parse_int(time.substr(0, time.find(' '))).value_or(0);
  }
  return entry;
}

}  // namespace

Result<HeadState> read_head(const Repository& repository) {
  HeadState state;
  std::string name = "HEAD";
  auto id = resolve(repository, name);
  if (name == "refs/heads/.invalid") {
    // What git leaves in HEAD for old readers where refs are a reftable.
    state.known = false;
  } else {
    if (!id) return std::unexpected(id.error());
    state.commit = *id;
    if (name != "HEAD") {
      state.branch = name.starts_with(kHeads) ? name.substr(kHeads.size()) : name;
    }
  }
  state.operation = operation_of(repository.git_dir, state.operation_branch);
  return state;
}

Result<std::string> resolve_ref(const Repository& repository, const std::string& name) {
  std::string current = name;
  return resolve(repository, current);
}

Result<ReflogTail> read_reflog_tail(const Repository& repository, const ReflogPosition& since) {
  ReflogTail tail;
  auto stash = os::stat_file(repository.common_dir + "/logs/refs/stash");
  if (stash && stash->type == os::FileType::regular) tail.stash_bytes = stash->size;

  auto file = os::open_file(repository.git_dir + "/logs/HEAD", os::Open::read);
  if (!file) {
    if (file.error().kind != ErrorKind::not_found) return std::unexpected(file.error());
    tail.rewritten = since.offset != 0 && since.offset != kReflogEnd && !since.last.empty();
    return tail;
  }
  const size_t digits = 2 * hash_size(repository.hash);
  uint64_t size = TRY(os::file_size(*file));

  // The line before the new ones is read too: it shows whether the log is still the same one.
  constexpr uint64_t kMaxLine = 8192;
  bool from_end = since.offset == kReflogEnd;
  bool cut = !from_end && since.offset > size;
  uint64_t from = from_end || cut ? size : since.offset;
  uint64_t begin = from > kMaxLine ? from - kMaxLine : 0;
  if (cut) begin = size > kMaxReflogTail ? size - kMaxReflogTail : 0;
  if (size - begin > kMaxReflogTail + kMaxLine) {
    begin = size - kMaxReflogTail;
    tail.skipped = true;
  }
  std::string text = TRY(os::read_at(*file, begin, size - begin));
  size_t end = text.rfind('\n');  // a line that is just being written waits for the next call
  end = end == std::string::npos ? 0 : end + 1;
  std::string_view bytes = std::string_view(text).substr(0, end);
  tail.position.offset = begin + end;

  size_t start = 0;
  if (tail.skipped) {
    start = bytes.find('\n');
    start = start == std::string_view::npos ? bytes.size() : start + 1;
  } else if (!cut) {
    start = std::min<size_t>(from - begin, bytes.size());
    bool same = start == 0 || bytes[start - 1] == '\n';
    if (same && start > 0 && !since.last.empty()) {
      auto before = parse_reflog_line(
          bytes.substr(line_start(bytes, start - 1), start - 1 - line_start(bytes, start - 1)),
          digits);
      same = before && before->new_id == since.last;
    }
    cut = !same && !from_end;
  }
  if (cut) {
    tail.rewritten = true;
    // Not the log we knew. What follows the newest line that made the last known state is new.
    if (begin > 0 && size - begin < kMaxReflogTail) {
      begin = size > kMaxReflogTail ? size - kMaxReflogTail : 0;
      text = TRY(os::read_at(*file, begin, size - begin));
      end = text.rfind('\n');
      end = end == std::string::npos ? 0 : end + 1;
      bytes = std::string_view(text).substr(0, end);
      tail.position.offset = begin + end;
    }
    start = bytes.size();
    for (size_t at = bytes.size(); at > 0 && !since.last.empty();) {
      size_t first = line_start(bytes, at - 1);
      auto entry = parse_reflog_line(bytes.substr(first, at - 1 - first), digits);
      if (entry && entry->new_id == since.last) {
        start = at;
        break;
      }
      at = first;
    }
  }

  while (start < bytes.size()) {
    std::string_view line = line_at(bytes, start);
    if (auto entry = parse_reflog_line(line, digits)) tail.lines.push_back(std::move(*entry));
    start += line.size() + 1;
  }
  if (!bytes.empty()) {
    size_t first = line_start(bytes, bytes.size() - 1);
    auto newest = parse_reflog_line(bytes.substr(first, bytes.size() - 1 - first), digits);
    if (newest) tail.position.last = newest->new_id;
  }
  return tail;
}

}  // namespace baton::git
