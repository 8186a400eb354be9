#include "os/system_error.h"

#include <cerrno>
#include <cstring>
#include <string>

#include "base/bytes.h"

namespace baton::os {

std::unexpected<Error> system_error(std::string_view action, std::string_view path) {
  int number = errno;
  ErrorKind kind = number == ENOENT || number == ENOTDIR ? ErrorKind::not_found : ErrorKind::io;
  std::string message = "cannot ";
  message += action;
  if (!path.empty()) {
    message += " '";
    message += path;
    message += '\'';
  }
  message += ": ";
  message += lower_ascii(strerror(number));
  return fail(kind, std::move(message));
}

}  // namespace baton::os
