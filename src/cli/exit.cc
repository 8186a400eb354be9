#include "cli/exit.h"

#include "base/bytes.h"
#include "os/file.h"
#include "render/text.h"

namespace baton::cli {

int exit_status(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::negative:
      return kNegative;
    case ErrorKind::usage:
      return kUsage;
    case ErrorKind::not_found:
    case ErrorKind::no_store:
      return kNotFound;
    case ErrorKind::damage:
    case ErrorKind::io:
    case ErrorKind::limit:
    case ErrorKind::newer:
      return kDamage;
  }
  return kDamage;
}

std::string error_text(const Error& error) {
  std::string text = "baton: " + render::clean({}, error.message) + "\n";
  if (error.hint.empty()) return text;
  std::string hint = render::clean({}, error.hint);
  while (hint.ends_with('\n')) hint.pop_back();
  for (std::string_view line : split(hint, '\n')) text += "hint: " + std::string(line) + "\n";
  return text;
}

void print_error(const Error& error) {
  (void)os::write_fd(2, error_text(error));
}

void print_warning(std::string_view message) {
  (void)os::write_fd(2, "baton: warning: " + render::clean({}, message) + "\n");
}

}  // namespace baton::cli
