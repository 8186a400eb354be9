#include "git/object_writer.h"

#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "git/command_line.h"
#include "git/index_file.h"

namespace baton::git {
namespace {

// A folder on its way to becoming a tree object.
struct Folder {
  std::map<std::string, Folder, std::less<>> folders;
  std::vector<TreeEntry> files;  // their last component only
};

constexpr size_t kMaxTreePath = 4096;  // PATH_MAX: a longer one can be on no disk

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

}  // namespace baton::git
