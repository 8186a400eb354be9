#include "git/object_reader.h"

#include "base/bytes.h"
#include "git/command_line.h"

namespace baton::git {

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
  // What is asked of a revision ("^{tree}") is our own word.
  return fail(ErrorKind::not_found,
              "git has no '" + to_utf8(name.substr(0, name.find("^{"))) + "'");
}

Result<ObjectInfo> ObjectReader::info(std::string_view name) {
  return ask(infos_, "--batch-check", name);
}

bool ObjectReader::answers() {
  if (!infos_.running()) {
    auto child = os::Child::start(command(repository_, "cat-file", "--batch-check"), run_options());
    if (!child) return false;
    infos_ = std::move(*child);
  }
  // Of an object that nobody has it says so, in a line.
  const std::string nobody_has(40, '0');
  if (infos_.write(nobody_has + "\n") && infos_.read_line()) return true;
  infos_ = os::Child();
  return false;
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
  // Whoever asks for a tree reads it, or a blob of it: no second process only for its name.
  return TRY(read(std::string(revision) + "^{tree}")).info.id;
}

Result<ObjectId> resolve_commit(const Repository& repository, std::string_view revision) {
  return ObjectReader(repository).commit(revision);
}

}  // namespace baton::git
