#include "git/commands.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/bytes.h"
#include "git/index_file.h"
#include "git/quote.h"
#include "os/file.h"

namespace baton::git {
namespace {

constexpr uint64_t kMaxOutputBytes = 4ull << 30;

// What would make git look at another repository or read paths and revisions in another way.
const char* const kRemovedVariables[] = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ATTR_SOURCE",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIFF_OPTS",
    "GIT_DIR",
    "GIT_EXTERNAL_DIFF",
    "GIT_GLOB_PATHSPECS",
    "GIT_GRAFT_FILE",
    "GIT_ICASE_PATHSPECS",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_LITERAL_PATHSPECS",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_TRACE",
    "GIT_TRACE2",
    "GIT_TRACE2_EVENT",
    "GIT_TRACE2_PERF",
    "GIT_WORK_TREE",
};

os::RunOptions run_options() {
  os::RunOptions options;
  options.max_output = kMaxOutputBytes;
  options.environment = {
      {"GIT_OPTIONAL_LOCKS", "0"},
      {"GIT_NO_REPLACE_OBJECTS", "1"},
      {"GIT_NO_LAZY_FETCH", "1"},
      // git before 2.44 does not know the variable above; with no transport allowed it cannot
      // fetch either.
      {"GIT_ALLOW_PROTOCOL", ""},
      {"GIT_TERMINAL_PROMPT", "0"},
      {"GIT_PAGER", "cat"},
      {"LC_ALL", "C"},
  };
  for (const char* name : kRemovedVariables) options.remove_environment.emplace_back(name);
  return options;
}

std::vector<std::string> command(const Repository& repository, std::string_view name) {
  const std::string& root = repository.worktree_root;
  std::vector<std::string> words = {"git", "-C", repository.bare ? repository.git_dir : root};
  // A working tree that lies apart from its git folder does not lead there.
  if (!repository.bare && !os::exists(root + "/.git")) {
    words.push_back("--git-dir=" + repository.git_dir);
    words.push_back("--work-tree=" + root);
  }
  for (const char* word : {"--no-pager", "--no-optional-locks", "--no-replace-objects", "-c",
                           "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c",
                           "core.quotePath=false", "-c", "log.follow=false"}) {
    words.emplace_back(word);
  }
  words.emplace_back(name);
  return words;
}

template <class... Words>
std::vector<std::string> command(const Repository& repository, std::string_view name,
                                 Words&&... more) {
  std::vector<std::string> words = command(repository, name);
  (words.emplace_back(std::forward<Words>(more)), ...);
  return words;
}

// What git said on stderr as an error of ours.
Error git_error(std::string_view name, const os::RunResult& result) {
  std::string_view text = result.error;
  // Warnings may come before the line that tells.
  for (std::string_view line : split(result.error, '\n')) {
    if (line.starts_with("fatal: ") || line.starts_with("error: ")) {
      text = line.substr(line.find(' ') + 1);
      break;
    }
  }
  text = text.substr(0, text.find('\n'));
  ErrorKind kind = ErrorKind::io;
  for (const char* sign : {"no such path", "unknown revision", "bad revision", "bad object",
                           "not a valid object name", "not a tree object", "no such ref",
                           "cannot find revision", "could not open object name list"}) {
    if (contains(lower_ascii(text), sign)) kind = ErrorKind::not_found;
  }
  std::string message = "git " + std::string(name) + ": ";
  if (text.empty()) {
    message += "exit status " + std::to_string(result.exit_status);
  } else {
    message += to_utf8(text);
  }
  return Error{kind, std::move(message), {}};
}

// Runs git to its end; an exit status other than 0 (or `also`) is an error.
Result<os::RunResult> run(const std::vector<std::string>& words, std::string_view name,
                          std::string input = {}, int also = 0) {
  os::RunOptions options = run_options();
  options.input = std::move(input);
  os::RunResult result = TRY(os::run(words, options));
  if (result.exit_status != 0 && result.exit_status != also) {
    return std::unexpected(git_error(name, result));
  }
  return result;
}

std::unexpected<Error> garbled(std::string_view name) {
  return fail(ErrorKind::io, "git " + std::string(name) + " said something unexpected");
}

// Reads fields that end with a NUL.
class Fields {
 public:
  explicit Fields(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  bool next(std::string_view& field) {
    size_t end = rest_.find('\0');
    if (end == std::string_view::npos) return false;
    field = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return true;
  }

 private:
  std::string_view rest_;
};

std::optional<uint32_t> parse_octal(std::string_view text) {
  uint32_t value = 0;
  if (text.empty() || text.size() > 10) return std::nullopt;
  for (char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    value = value << 3 | static_cast<uint32_t>(c - '0');
  }
  return value;
}

bool is_null(const ObjectId& id) {
  return std::ranges::all_of(id.view(), [](char c) { return c == 0; });
}

// "1767323045 +0130"
void parse_time(std::string_view text, Signature& signature) {
  size_t space = text.find(' ');
  signature.time = parse_int(text.substr(0, space)).value_or(0);
  if (space == std::string_view::npos || text.size() < space + 6) return;
  int64_t zone = parse_int(text.substr(space + 2, 4)).value_or(0);
  signature.offset_minutes = static_cast<int>(zone / 100 * 60 + zone % 100);
  if (text[space + 1] == '-') signature.offset_minutes = -signature.offset_minutes;
}

std::string format_signature(const Signature& signature) {
  auto clean = [](std::string_view text) {
    std::string out;
    for (char c : text) {
      if (c != '<' && c != '>' && c != '\n' && c != '\0') out += c;
    }
    return std::string(trim(out));
  };
  int minutes = std::abs(signature.offset_minutes);
  char zone[8];
  snprintf(zone, sizeof zone, "%c%02d%02d", signature.offset_minutes < 0 ? '-' : '+',
           minutes / 60 % 100, minutes % 60);
  std::string name = clean(signature.name);
  return (name.empty() ? "unknown" : name) + " <" + clean(signature.email) + "> " +
         std::to_string(std::max<int64_t>(signature.time, 0)) + " " + zone;
}

// What follows the first "key " of a line.
bool take_word(std::string_view& line, std::string_view key) {
  if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ' ') return false;
  line.remove_prefix(key.size() + 1);
  return true;
}

Status check_name(std::string_view name) {
  if (name.empty() || name.find_first_of(std::string_view("\n\0", 2)) != std::string_view::npos) {
    return fail(ErrorKind::usage, "'" + to_utf8(name) + "' is not a revision");
  }
  return {};
}

}  // namespace

Result<std::string> version() {
  os::RunResult result = TRY(run({"git", "--version"}, "version"));
  return std::string(trim(result.output));
}

Result<ObjectInfo> ObjectReader::ask(os::Child& child, std::string_view mode,
                                     std::string_view name) {
  TRY(check_name(name));
  if (!child.running()) {
    child = TRY(os::Child::start(command(repository_, "cat-file", mode), run_options()));
  }
  auto answer = [&]() -> Result<std::string> {
    TRY(child.write(std::string(name) + "\n"));
    return child.read_line();
  }();
  if (!answer) {
    // cat-file ends when it cannot fetch what a partial clone left out.
    child = os::Child();
    return fail(ErrorKind::not_found, "git cannot read '" + to_utf8(name) + "'");
  }
  auto words = split(*answer, ' ');
  if (words.size() == 3) {
    auto id = ObjectId::from_hex(words[0]);
    auto size = parse_int(words[2]);
    if (id && size && *size >= 0) {
      return ObjectInfo{*id, std::string(words[1]), static_cast<uint64_t>(*size)};
    }
  }
  if (answer->ends_with(" ambiguous")) {
    return fail(ErrorKind::usage, "'" + to_utf8(name) + "' is ambiguous");
  }
  return fail(ErrorKind::not_found, "git has no '" + to_utf8(name) + "'");
}

Result<ObjectInfo> ObjectReader::info(std::string_view name) {
  return ask(infos_, "--batch-check", name);
}

Result<Object> ObjectReader::read(std::string_view name, uint64_t max_bytes) {
  Object object;
  object.info = TRY(ask(contents_, "--batch", name));
  if (object.info.size > max_bytes) {
    contents_ = os::Child();  // sooner than reading all that comes
    return fail(ErrorKind::limit,
                "'" + to_utf8(name) + "' is larger than " + std::to_string(max_bytes) + " bytes");
  }
  auto content = contents_.read_exact(object.info.size + 1);
  if (!content) {
    contents_ = os::Child();
    return std::unexpected(content.error());
  }
  content->pop_back();
  object.content = std::move(*content);
  return object;
}

Result<std::string> ObjectReader::blob(const ObjectId& id, uint64_t max_bytes) {
  Object object = TRY(read(id.hex(), max_bytes));
  if (object.info.type != "blob") {
    return fail(ErrorKind::not_found, "'" + id.hex() + "' is a " + object.info.type);
  }
  return std::move(object.content);
}

Result<ObjectId> ObjectReader::commit(std::string_view revision) {
  TRY(check_name(revision));
  return TRY(info(std::string(revision) + "^{commit}")).id;
}

Result<ObjectId> ObjectReader::tree(std::string_view revision) {
  TRY(check_name(revision));
  return TRY(info(std::string(revision) + "^{tree}")).id;
}

Result<ObjectId> resolve_commit(const Repository& repository, std::string_view revision) {
  return ObjectReader(repository).commit(revision);
}

Result<std::vector<TreeEntry>> ls_tree(const Repository& repository, const ObjectId& tree,
                                       bool recursive, const std::string& path) {
  auto words = command(repository, "ls-tree", "-z", "--full-tree");
  if (recursive) words.emplace_back("-r");
  words.emplace_back("--");
  words.push_back(tree.hex());
  if (!path.empty()) words.push_back(path);
  os::RunResult result = TRY(run(words, "ls-tree"));
  std::vector<TreeEntry> entries;
  Fields fields(result.output);
  // MODE SP TYPE SP ID TAB PATH
  for (std::string_view field; fields.next(field);) {
    size_t tab = field.find('\t');
    if (tab == std::string_view::npos) return garbled("ls-tree");
    auto parts = split(field.substr(0, tab), ' ');
    if (parts.size() != 3) return garbled("ls-tree");
    auto mode = parse_octal(parts[0]);
    auto id = ObjectId::from_hex(parts[2]);
    if (!mode || !id) return garbled("ls-tree");
    entries.push_back({*mode, *id, std::string(field.substr(tab + 1))});
  }
  return entries;
}

Result<std::vector<TreeChange>> diff_tree(const Repository& repository, const ObjectId& before,
                                          const ObjectId& after, const DiffOptions& options) {
  auto empty_tree = [&] { return tree_id(repository.hash, {})->hex(); };
  auto words = command(repository, "--literal-pathspecs");
  words.insert(words.end(), {"diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-ext-diff",
                             "--no-textconv", options.renames ? "--find-renames" : "--no-renames"});
  words.push_back(before.empty() ? empty_tree() : before.hex());
  words.push_back(after.empty() ? empty_tree() : after.hex());
  words.emplace_back("--");
  words.insert(words.end(), options.paths.begin(), options.paths.end());
  os::RunResult result = TRY(run(words, "diff-tree"));
  std::vector<TreeChange> changes;
  Fields fields(result.output);
  // ":OLDMODE NEWMODE OLDID NEWID STATUS" NUL PATH NUL [NEWPATH NUL]
  for (std::string_view field; fields.next(field);) {
    if (!field.starts_with(':')) return garbled("diff-tree");
    auto parts = split(field.substr(1), ' ');
    if (parts.size() != 5 || parts[4].empty()) return garbled("diff-tree");
    auto old_mode = parse_octal(parts[0]), new_mode = parse_octal(parts[1]);
    auto old_id = ObjectId::from_hex(parts[2]), new_id = ObjectId::from_hex(parts[3]);
    std::string_view path, new_path;
    if (!old_mode || !new_mode || !old_id || !new_id || !fields.next(path)) {
      return garbled("diff-tree");
    }
    TreeChange change;
    change.status = parts[4][0];
    change.old_mode = *old_mode;
    change.new_mode = *new_mode;
    if (!is_null(*old_id)) change.old_id = *old_id;
    if (!is_null(*new_id)) change.new_id = *new_id;
    change.path = path;
    if (change.status == 'R' || change.status == 'C') {
      if (!fields.next(new_path)) return garbled("diff-tree");
      change.old_path = path;
      change.path = new_path;
    }
    changes.push_back(std::move(change));
  }
  return changes;
}

Result<std::vector<std::string>> staged_paths(const Repository& repository,
                                              const ObjectId& commit) {
  auto words = command(repository, "diff-index", "--cached", "--no-renames", "--name-only", "-z",
                       commit.hex(), "--");
  os::RunResult result = TRY(run(words, "diff-index"));
  std::vector<std::string> paths;
  Fields fields(result.output);
  for (std::string_view field; fields.next(field);) paths.emplace_back(field);
  return paths;
}

namespace {

void add_log_form(std::vector<std::string>& words) {
  words.insert(
      words.end(),
      {"-z", "--no-patch", "--no-show-signature", "--no-color", "--encoding=UTF-8", "--date=raw",
       "--format=tformat:%H%x00%T%x00%P%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B"});
}

Result<std::vector<Commit>> parse_log(std::string_view output) {
  std::vector<Commit> commits;
  Fields fields(output);
  while (!fields.done()) {
    std::string_view field[10];
    for (std::string_view& one : field) {
      if (!fields.next(one)) return garbled("log");
    }
    Commit commit;
    auto id = ObjectId::from_hex(field[0]), tree = ObjectId::from_hex(field[1]);
    if (!id || !tree) return garbled("log");
    commit.id = *id;
    commit.tree = *tree;
    for (std::string_view parent : split(field[2], ' ')) {
      if (auto parent_id = ObjectId::from_hex(parent)) commit.parents.push_back(*parent_id);
    }
    commit.author = {std::string(field[3]), std::string(field[4])};
    parse_time(field[5], commit.author);
    commit.committer = {std::string(field[6]), std::string(field[7])};
    parse_time(field[8], commit.committer);
    commit.message = field[9];
    commits.push_back(std::move(commit));
  }
  return commits;
}

}  // namespace

Result<std::vector<Commit>> line_log(const Repository& repository, const std::string& revision,
                                     const std::string& path, uint32_t first, uint32_t last) {
  auto words = command(repository, "log");
  add_log_form(words);
  words.push_back("-L" + std::to_string(first) + "," + std::to_string(last) + ":" + path);
  TRY(check_name(revision));
  words.insert(words.end(), {"--end-of-options", revision, "--"});
  return parse_log(TRY(run(words, "log")).output);
}

Result<ObjectId> commit_with(const Repository& repository, const std::string& path,
                             const ObjectId& blob, const ObjectId& history) {
  // Commits that bring the content or take it away.
  auto words = command(repository, "--literal-pathspecs", "log");
  words.insert(words.end(),
               {"--format=%H", "--no-patch", "--find-object=" + blob.hex(), "--end-of-options",
                history.empty() ? "HEAD" : history.hex(), "--", path});
  os::RunResult result = TRY(run(words, "log"));
  for (std::string_view line : split(result.output, '\n')) {
    auto id = ObjectId::from_hex(line);
    if (!id) continue;
    auto entries = TRY(ls_tree(repository, *id, false, path));
    if (!entries.empty() && entries[0].id == blob) return *id;
  }
  return ObjectId();
}

Result<std::vector<Commit>> log(const Repository& repository, const LogOptions& options) {
  std::vector<std::string> words;
  if (options.pathspecs) {
    words = command(repository, "log");
  } else {
    words = command(repository, "--literal-pathspecs", "log");
  }
  add_log_form(words);
  if (options.first_parent) words.emplace_back("--first-parent");
  if (options.limit != UINT64_MAX) words.push_back("--max-count=" + std::to_string(options.limit));
  words.emplace_back("--end-of-options");
  for (const std::string& revision : options.revisions) {
    TRY(check_name(revision));
    words.push_back(revision);
  }
  if (options.revisions.empty()) words.emplace_back("HEAD");
  words.emplace_back("--");
  words.insert(words.end(), options.paths.begin(), options.paths.end());
  return parse_log(TRY(run(words, "log")).output);
}

Result<ObjectId> merge_base(const Repository& repository, const ObjectId& a, const ObjectId& b) {
  os::RunResult result =
      TRY(run(command(repository, "merge-base", "--", a.hex(), b.hex()), "merge-base", {}, 1));
  if (result.exit_status != 0) return ObjectId();
  auto id = ObjectId::from_hex(trim(result.output));
  if (!id) return garbled("merge-base");
  return *id;
}

Result<bool> is_ancestor(const Repository& repository, const ObjectId& ancestor,
                         const ObjectId& descendant) {
  os::RunResult result = TRY(run(
      command(repository, "merge-base", "--is-ancestor", "--", ancestor.hex(), descendant.hex()),
      "merge-base", {}, 1));
  return result.exit_status == 0;
}

Result<std::vector<Branch>> branches(const Repository& repository) {
  os::RunResult result =
      TRY(run(command(repository, "for-each-ref",
                      "--format=%(refname)%00%(objectname)%00%(upstream)%00", "refs/heads/"),
              "for-each-ref"));
  std::vector<Branch> found;
  constexpr std::string_view kHeads = "refs/heads/";
  for (std::string_view line : split(result.output, '\n')) {
    if (line.empty()) continue;
    auto parts = split(line, '\0');
    auto id = parts.size() == 4 ? ObjectId::from_hex(parts[1]) : std::nullopt;
    if (!id || !parts[0].starts_with(kHeads)) return garbled("for-each-ref");
    found.push_back({std::string(parts[0].substr(kHeads.size())), std::string(parts[2]), *id});
  }
  return found;
}

Result<std::optional<BaseBranch>> base_branch(const Repository& repository) {
  os::RunResult result = TRY(
      run(command(repository, "for-each-ref", "--format=%(refname)%00%(objectname)%00%(symref)%00",
                  "refs/remotes/origin/HEAD", "refs/heads/main", "refs/heads/master"),
          "for-each-ref"));
  constexpr std::string_view kOrigin = "refs/remotes/origin/";
  constexpr std::string_view kHeads = "refs/heads/";
  std::optional<BaseBranch> best;
  int best_rank = 3;
  for (std::string_view line : split(result.output, '\n')) {
    if (line.empty()) continue;
    auto parts = split(line, '\0');
    auto id = parts.size() == 4 ? ObjectId::from_hex(parts[1]) : std::nullopt;
    if (!id) return garbled("for-each-ref");
    int rank;
    BaseBranch branch;
    branch.id = *id;
    if (parts[0] == "refs/remotes/origin/HEAD") {
      // One that names no branch tells nothing about which it is.
      if (!parts[2].starts_with(kOrigin)) continue;
      rank = 0;
      branch.ref = parts[2];
      branch.name = parts[2].substr(kOrigin.size());
    } else {
      rank = parts[0] == "refs/heads/main" ? 1 : 2;
      branch.ref = parts[0];
      branch.name = parts[0].substr(kHeads.size());
    }
    if (rank < best_rank) {
      best = std::move(branch);
      best_rank = rank;
    }
  }
  return best;
}

namespace {

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

// --- Writing

namespace {

// A folder on its way to becoming a tree object.
struct Folder {
  std::map<std::string, Folder, std::less<>> folders;
  std::vector<TreeEntry> files;  // their last component only
};

constexpr size_t kMaxTreePath = 4096;  // PATH_MAX: a longer one can be on no disk

Status check_path(std::string_view path) {
  if (path.size() > kMaxTreePath) {
    return fail(ErrorKind::limit,
                "a path is longer than " + std::to_string(kMaxTreePath) + " bytes");
  }
  for (std::string_view part : split(path, '/')) {
    if (part.empty() || part == "." || part == ".." || lower_ascii(part) == ".git" ||
        part.find('\0') != std::string_view::npos) {
      return fail(ErrorKind::usage, "git forbids the path '" + to_utf8(path) + "'");
    }
  }
  return {};
}

// The ids of the folders below, then that of the folder itself; `take` sees each tree's entries in
// git's order, children before parents.
template <class Take>
Result<ObjectId> fold(HashKind hash, Folder& folder, Take& take) {
  std::vector<TreeEntry> entries = std::move(folder.files);
  for (auto& [name, below] : folder.folders) {
    ObjectId id = TRY(fold(hash, below, take));
    entries.push_back({kModeTree, id, name});
  }
  // A folder sorts as if its name ended with a slash.
  auto key = [](const TreeEntry& entry) {
    return entry.mode == kModeTree ? entry.path + "/" : entry.path;
  };
  std::ranges::sort(entries, [&](const auto& a, const auto& b) { return key(a) < key(b); });
  std::vector<std::string_view> names;
  for (const TreeEntry& entry : entries) names.push_back(entry.path);
  std::ranges::sort(names);
  if (auto twice = std::ranges::adjacent_find(names); twice != names.end()) {
    return fail(ErrorKind::usage, "two entries of a tree are named '" + to_utf8(*twice) + "'");
  }
  std::string content;
  for (const TreeEntry& entry : entries) {
    char mode[16];
    snprintf(mode, sizeof mode, "%o ", entry.mode);
    content += mode;
    content += entry.path;
    content += '\0';
    content += entry.id.view();
  }
  take(entries);
  std::string header = "tree " + std::to_string(content.size()) + '\0';
  header += content;
  return ObjectId::from_bytes(hash == HashKind::sha1 ? sha1(header) : sha256(header));
}

Result<Folder> make_folder(std::vector<TreeEntry> files) {
  Folder root;
  for (TreeEntry& file : files) {
    TRY(check_path(file.path));
    Folder* folder = &root;
    std::string_view rest = file.path;
    for (size_t slash; (slash = rest.find('/')) != std::string_view::npos;) {
      folder = &folder->folders[std::string(rest.substr(0, slash))];
      rest.remove_prefix(slash + 1);
    }
    folder->files.push_back({file.mode, file.id, std::string(rest)});
  }
  return root;
}

Result<ObjectId> id_of_line(const os::RunResult& result, std::string_view name) {
  auto id = ObjectId::from_hex(trim(result.output));
  if (!id) return garbled(name);
  return *id;
}

}  // namespace

Result<ObjectId> tree_id(HashKind hash, std::vector<TreeEntry> files) {
  Folder root = TRY(make_folder(std::move(files)));
  auto ignore = [](const std::vector<TreeEntry>&) {};
  return fold(hash, root, ignore);
}

Result<ObjectId> create_tree(const Repository& repository, std::vector<TreeEntry> files) {
  Folder root = TRY(make_folder(std::move(files)));
  std::string input;
  size_t trees = 0;
  auto write = [&](const std::vector<TreeEntry>& entries) {
    for (const TreeEntry& entry : entries) {
      char mode[32];
      const char* type = entry.mode == kModeTree      ? "tree"
                         : entry.mode == kModeGitlink ? "commit"
                                                      : "blob";
      snprintf(mode, sizeof mode, "%06o %s ", entry.mode, type);
      input += mode;
      input += entry.id.hex();
      input += '\t';
      input += entry.path;
      input += '\0';
    }
    input += '\0';  // ends this tree
    ++trees;
  };
  ObjectId id = TRY(fold(repository.hash, root, write));
  os::RunResult result = TRY(
      run(command(repository, "mktree", "-z", "--missing", "--batch"), "mktree", std::move(input)));
  auto lines = split(trim(result.output), '\n');
  if (lines.size() != trees || lines.back() != id.hex()) return garbled("mktree");
  return id;
}

Result<ObjectId> write_blob(const Repository& repository, std::string_view content) {
  os::RunResult result = TRY(run(command(repository, "hash-object", "-w", "--stdin"), "hash-object",
                                 std::string(content)));
  return id_of_line(result, "hash-object");
}

Result<ObjectId> create_commit(const Repository& repository, const CommitDraft& draft) {
  std::string text = "tree " + draft.tree.hex() + "\n";
  for (const ObjectId& parent : draft.parents) text += "parent " + parent.hex() + "\n";
  text += "author " + format_signature(draft.author) + "\n";
  text += "committer " + format_signature(draft.committer) + "\n\n";
  text += draft.message;
  os::RunResult result =
      TRY(run(command(repository, "hash-object", "-t", "commit", "-w", "--stdin"), "hash-object",
              std::move(text)));
  return id_of_line(result, "hash-object");
}

Status update_ref(const Repository& repository, const std::string& ref, const ObjectId& id,
                  const std::optional<ObjectId>& expected) {
  if (!ref.starts_with("refs/") || ref.find('\0') != std::string::npos) {
    return fail(ErrorKind::usage, "'" + to_utf8(ref) + "' is not the full name of a ref");
  }
  const std::string null(2 * hash_size(repository.hash), '0');
  std::string input = id.empty() ? "delete " : "update ";
  input += ref;
  input += '\0';
  if (!id.empty()) {
    input += id.hex();
    input += '\0';
  }
  if (expected) input += expected->empty() ? null : expected->hex();
  input += '\0';
  TRY(run(command(repository, "update-ref", "--no-deref", "-z", "--stdin"), "update-ref",
          std::move(input)));
  return {};
}

Status add_worktree(const Repository& repository, const std::string& directory,
                    const std::string& branch, const std::string& commit) {
  TRY(run(command(repository, "worktree", "add", "-q", "-b", branch, "--", directory, commit),
          "worktree add"));
  return {};
}

Result<std::string> index_entries(const Repository& repository,
                                  const std::vector<std::string>& paths) {
  std::vector<std::string> words = command(repository, "ls-files", "-s", "-z", "--");
  words.insert(words.begin() + 1, "--literal-pathspecs");
  std::string entries;
  constexpr size_t kAtOnce = 500;
  for (size_t at = 0; at < paths.size(); at += kAtOnce) {
    std::vector<std::string> some = words;
    size_t end = std::min(paths.size(), at + kAtOnce);
    for (size_t i = at; i < end; ++i) some.push_back(paths[i]);
    entries += TRY(run(some, "ls-files")).output;
  }
  return entries;
}

Status set_index_entries(const Repository& repository, const std::vector<std::string>& paths,
                         const std::string& entries) {
  const std::string null(2 * hash_size(repository.hash), '0');
  std::string input;
  for (const std::string& path : paths) {
    input += "0 " + null + "\t" + path;
    input += '\0';
  }
  input += entries;
  TRY(run(command(repository, "update-index", "-z", "--index-info"), "update-index",
          std::move(input)));
  return {};
}

Status stage_paths(const Repository& repository, const std::vector<std::string>& paths) {
  std::string input;
  for (const std::string& path : paths) {
    input += path;
    input += '\0';
  }
  TRY(run(command(repository, "update-index", "--add", "--remove", "-z", "--stdin"), "update-index",
          std::move(input)));
  return {};
}

Result<Import> Import::start(const Repository& repository) {
  Import import;
  import.hash_ = repository.hash;
  import.child_ = TRY(os::Child::start(
      command(repository, "fast-import", "--quiet", "--done", "--date-format=raw"), run_options()));
  return import;
}

Result<ObjectId> Import::blob(std::string_view content) {
  TRY(child_.write("blob\ndata " + std::to_string(content.size()) + "\n"));
  TRY(child_.write(content));
  TRY(child_.write("\n"));
  return blob_id(hash_, content);
}

Result<ObjectId> Import::commit(const Draft& draft) {
  if (!draft.ref.starts_with("refs/") ||
      draft.ref.find_first_of(std::string_view(" \n\0", 3)) != std::string::npos) {
    return fail(ErrorKind::usage, "'" + to_utf8(draft.ref) + "' is not the full name of a ref");
  }
  std::string mark = ":" + std::to_string(++last_mark_);
  std::string text = "commit " + draft.ref + "\nmark " + mark + "\n";
  text += "author " + format_signature(draft.author) + "\n";
  text += "committer " + format_signature(draft.committer) + "\n";
  text += "data " + std::to_string(draft.message.size()) + "\n" + draft.message + "\n";
  if (!draft.parent.empty()) {
    // What was made just now is known by its mark only, until its pack is finished.
    std::string made = ":" + std::to_string(last_mark_ - 1);
    text += "from " + (draft.parent == last_ ? made : draft.parent.hex()) + "\n";
  }
  if (draft.from_nothing) text += "deleteall\n";
  for (const Change& change : draft.changes) {
    TRY(check_path(change.path));
    if (change.mode == 0) {
      text += "D " + quote(change.path) + "\n";
    } else {
      char mode[16];
      snprintf(mode, sizeof mode, "M %06o ", change.mode);
      text += mode + change.id.hex() + " " + quote(change.path) + "\n";
    }
  }
  text += "\nget-mark " + mark + "\n";
  TRY(child_.write(text));
  auto answer = child_.read_line();
  auto id = answer ? ObjectId::from_hex(*answer) : std::nullopt;
  if (!id) return fail(ErrorKind::io, "git fast-import refused a commit");
  last_ = *id;
  return *id;
}

Status Import::finish() {
  auto written = child_.write("done\n");
  int status = child_.finish();
  if (!written) return written;
  if (status != 0) {
    return fail(ErrorKind::io, "git fast-import: exit status " + std::to_string(status));
  }
  return {};
}

}  // namespace baton::git
