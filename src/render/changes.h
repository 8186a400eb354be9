#pragma once

// Changes of files, as git shows them. Contents are masked on the way out; a file whose difference
// lies in secrets only is named without it.

#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/json.h"
#include "model/session.h"
#include "render/style.h"

namespace baton::render {

struct FileChange {
  std::string path;
  std::string old_mode, new_mode;  // "" if it was not there
  ObjectId old_id, new_id;
  // Nothing if the content is not at hand; `note` says why.
  std::optional<std::string> old_content, new_content;
  std::string note;
  std::vector<model::Owner> owners;  // who did it, if that is known
};

// Lines of all the files together; binary files have none, and of some the content is not at hand.
struct ChangeSum {
  uint64_t added = 0, removed = 0;
  bool binary = false, unknown = false;
};
ChangeSum change_sum(const std::vector<FileChange>& files);

struct ChangeOptions {
  uint32_t context = 3;
};

// The text with secrets masked and as many lines as before.
std::string masked_lines(const Style& style, std::string content);

// What diff_text() has, line by line and not yet painted.
std::vector<TextLine> diff_lines(const Style& style, const std::vector<FileChange>& files,
                                 const ChangeOptions& options = {});
std::string diff_text(const Style& style, const std::vector<FileChange>& files,
                      const ChangeOptions& options = {});
// "src/retry.sh | 3 ++-" and a sum, as git diff --stat.
std::string stat_text(const Style& style, const std::vector<FileChange>& files,
                      std::string_view indent = " ");
std::string names_text(const Style& style, const std::vector<FileChange>& files);
// "by c7f2.14, exact (tool result)".
std::string owner_text(const Style& style, const model::Owner& owner);

// A list "files" of {path, what, ..., added, removed, patch}.
void write_files(json::Writer& json, const Style& style, const std::vector<FileChange>& files,
                 const ChangeOptions& options = {});

}  // namespace baton::render
