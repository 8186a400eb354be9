#include "git/blame.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/bytes.h"
#include "base/hash.h"
#include "git/command_line.h"
#include "git/config.h"
#include "git/quote.h"
#include "os/file.h"

namespace baton::git {
namespace {

// What follows the first "key " of a line.
bool take_word(std::string_view& line, std::string_view key) {
  if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ' ') return false;
  line.remove_prefix(key.size() + 1);
  return true;
}

void add_blame_words(std::vector<std::string>& words, const std::string& path,
                     const BlameOptions& options) {
  if (options.ignore_whitespace) words.emplace_back("-w");
  if (options.moves) words.emplace_back("-M");
  for (int i = 0; i < std::min(options.copies, 3); ++i) words.emplace_back("-C");
  words.insert(words.end(), options.flags.begin(), options.flags.end());
  for (const std::string& range : options.ranges) words.push_back("-L" + range);
  if (options.contents) words.insert(words.end(), {"--contents", "-"});
  if (!options.revision.empty()) words.push_back(options.revision.hex());
  words.emplace_back("--");
  words.push_back(path);
}

}  // namespace

Result<std::string> blame_porcelain(const Repository& repository, const std::string& path,
                                    const BlameOptions& options) {
  auto words = command(repository, "blame", "--porcelain");
  // How names are quoted is the user's to decide here.
  auto ours = std::ranges::find(words, "core.quotePath=false");
  if (ours != words.end()) words.erase(ours - 1, ours + 1);
  add_blame_words(words, path, options);
  return TRY(run(words, "blame", options.contents.value_or(""))).output;
}

Result<Blame> blame(const Repository& repository, const std::string& path,
                    const BlameOptions& options) {
  auto words = command(repository, "blame", "--porcelain", "--encoding=UTF-8");
  add_blame_words(words, path, options);
  os::RunResult result = TRY(run(words, "blame", options.contents.value_or("")));

  // For each line: "ID ORIGINAL FINAL [COUNT]", what is new about the commit, a TAB and the text.
  // A file name stands at a group's start if it is not what it was for that commit.
  Blame blame;
  std::unordered_map<ObjectId, uint32_t, ObjectIdHash> commit_numbers;
  std::map<std::string, uint32_t, std::less<>> file_numbers;
  std::vector<uint32_t> file_of_commit;
  std::string_view rest = result.output;
  auto next_line = [&](std::string_view& line) {
    size_t end = rest.find('\n');
    if (end == std::string_view::npos) return false;
    line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return true;
  };
  for (std::string_view line; next_line(line);) {
    auto parts = split(line, ' ');
    auto id = parts.size() >= 3 ? ObjectId::from_hex(parts[0]) : std::nullopt;
    auto original = id ? parse_int(parts[1]) : std::nullopt;
    auto final_line = id ? parse_int(parts[2]) : std::nullopt;
    if (!original || !final_line) return garbled("blame");
    auto [slot, is_new] =
        commit_numbers.try_emplace(*id, static_cast<uint32_t>(blame.commits.size()));
    if (is_new) {
      blame.commits.emplace_back().id = *id;
      file_of_commit.push_back(0);
    }
    BlameCommit& commit = blame.commits[slot->second];
    BlameLine entry;
    entry.commit = slot->second;
    entry.original_line = static_cast<uint32_t>(*original);
    entry.final_line = static_cast<uint32_t>(*final_line);
    for (;;) {
      if (!next_line(line)) return garbled("blame");
      if (line.starts_with('\t')) break;
      if (line == "boundary") {
        commit.boundary = true;
      } else if (take_word(line, "author")) {
        commit.author.name = line;
      } else if (take_word(line, "author-mail")) {
        commit.author.email = line.size() > 2 ? line.substr(1, line.size() - 2) : "";
      } else if (take_word(line, "author-time")) {
        commit.author.time = parse_int(line).value_or(0);
      } else if (take_word(line, "author-tz")) {
        parse_time(std::to_string(commit.author.time) + " " + std::string(line), commit.author);
      } else if (take_word(line, "committer")) {
        commit.committer.name = line;
      } else if (take_word(line, "committer-mail")) {
        commit.committer.email = line.size() > 2 ? line.substr(1, line.size() - 2) : "";
      } else if (take_word(line, "committer-time")) {
        commit.committer.time = parse_int(line).value_or(0);
      } else if (take_word(line, "committer-tz")) {
        parse_time(std::to_string(commit.committer.time) + " " + std::string(line),
                   commit.committer);
      } else if (take_word(line, "summary")) {
        commit.summary = line;
      } else if (take_word(line, "filename")) {
        std::string name(line);
        std::string_view behind;
        if (line.starts_with('"')) {
          if (auto plain = unquote(line, behind)) name = std::move(*plain);
        }
        auto [file, first] =
            file_numbers.try_emplace(name, static_cast<uint32_t>(blame.files.size()));
        if (first) blame.files.push_back(std::move(name));
        file_of_commit[entry.commit] = file->second;
      }
    }
    entry.file = file_of_commit[entry.commit];
    entry.text = line.substr(1);
    blame.lines.push_back(std::move(entry));
  }
  return blame;
}

std::string blame_settings(const Repository& repository) {
  constexpr uint64_t kMaxFile = 16u << 20;
  std::string all;
  auto add_file = [&](const std::string& path) {
    if (auto content = os::read_file(path, kMaxFile)) all += path + "\n" + *content;
  };
  if (!repository.worktree_root.empty()) add_file(os::join(repository.worktree_root, ".mailmap"));
  Config config = Config::load(repository);
  if (auto blob = config.get("mailmap.blob")) all += "blob " + *blob + "\n";
  for (const char* key : {"mailmap.file", "blame.ignorerevsfile"}) {
    for (const std::string& value : config.get_all(key)) all += value + "\n";
    if (auto path = config.get_path(key)) add_file(*path);
  }
  if (all.empty()) return {};
  uint64_t sum = checksum64(all);
  return hex({reinterpret_cast<const char*>(&sum), sizeof sum});
}

}  // namespace baton::git
