#include "git/import.h"

#include "base/bytes.h"
#include "git/command_line.h"
#include "git/object_writer.h"
#include "git/quote.h"

namespace baton::git {

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
