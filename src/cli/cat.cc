#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "index/contents.h"
#include "index/state.h"
#include "os/file.h"
#include "render/changes.h"
#include "render/json.h"
#include "render/text.h"

namespace baton::cli {

Result<int> run_cat(Front& front) {
  const std::string& word = front.asked().words[0];
  index::Index& index = *TRY(front.index());
  // "c7f2.14^:PATH": as it was before.
  size_t caret = word.find("^:");
  bool before = caret != std::string::npos && !word.starts_with("git:");
  index::Address address;
  if (before) {
    auto found = index::resolve(index, word.substr(0, caret), true);
    if (found && found->kind != index::Address::Kind::revision) {
      address = std::move(*found);
      address.path = word.substr(caret + 2);
    } else {
      before = false;  // "HEAD^:PATH" is git's
    }
  }
  if (!before) address = TRY(index::resolve(index, word, true));
  if (address.path.empty()) {
    return fail(ErrorKind::usage, "'" + word + "' names no file",
                "write STEP:PATH, such as c7f2.14:src/main.c");
  }
  // "./x" and "../x" are taken from the current folder, as git does.
  if (address.path.starts_with("./") || address.path.starts_with("../")) {
    std::string full = os::normalize("/" + front.prefix(), address.path);
    address.path = full.substr(1);
  }
  model::StateEntry entry;
  std::string worktree;
  if (address.kind == index::Address::Kind::revision) {
    if (!index.git()) return fail(ErrorKind::not_found, "no git repository here");
    auto found = TRY(index.git()->entries(address.revision, {address.path}));
    if (found.empty() || !found[0]) {
      return fail(ErrorKind::not_found,
                  "'" + address.path + "' is not in '" + address.revision + "'");
    }
    entry = {found[0]->path, found[0]->mode, found[0]->id, false};
  } else {
    std::string path = std::move(address.path);
    address.path.clear();
    if (address.kind == index::Address::Kind::path) address.kind = index::Address::Kind::step;
    index::Span span = TRY(index::span(index, address));
    const model::Position& position = before ? span.before : span.after;
    worktree = position.worktree;
    auto found = TRY(index::entry_at(index, position, path));
    if (!found) {
      std::string when =
          before ? "before '" + word.substr(0, caret) : "after '" + word.substr(0, word.find(':'));
      return fail(ErrorKind::not_found, "'" + path + "' was not there " + when + "'");
    }
    entry = std::move(*found);
  }
  if (entry.withheld) {
    return fail(ErrorKind::not_found,
                "'" + entry.path +
                    "' is withheld: it may hold credentials, so its content was "
                    "not recorded");
  }
  std::string content = TRY(read_version(index, word, worktree, entry));
  bool masks = !front.asked().has(OptionId::unmasked);
  if (masks) {
    std::string shown = render::masked(front.style(), content);
    if (shown != content && !front.json()) {
      print_warning("secrets in it are masked; --unmasked writes them");
    }
    content = std::move(shown);
  }
  if (front.json()) {
    render::JsonAnswer answer("cat");
    json::Writer& json = answer.writer();
    json.member("path", entry.path).member("mode", entry.mode).member("object", entry.id.hex());
    bool text = is_utf8(content);
    json.member("encoding", text ? "utf-8" : "base64");
    json.member("content", text ? content : base64(content));
    render::Style as_is = front.style();
    front.out().write(answer.finish(as_is));
  } else {
    front.out().write(content);
  }
  return kFine;
}

}  // namespace baton::cli
