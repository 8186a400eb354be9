#pragma once

// Errors are values. `Result<T>` carries either a value or an `Error`; `TRY` unwraps or returns the
// error to the caller. A crash is for what cannot happen, never for what may come from outside.

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace baton {

// The kind decides the exit status and the tone of the message (cli/exit.h).
enum class ErrorKind {
  negative,   // a well-formed question with the answer "no"
  usage,      // the caller's words are wrong
  not_found,  // no such session, step, path, file
  no_store,   // no store here
  damage,     // bytes that should be ours are not what they should be
  io,         // the system refused: permission, space, a broken pipe
  limit,      // over a named limit or a time budget
  newer,      // written by a newer baton
};

struct Error {
  ErrorKind kind = ErrorKind::io;
  std::string message;  // as git writes them: lower case, no full stop
  std::string hint;     // what to do about it; empty when there is nothing to say
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string message, std::string hint = {}) {
  return std::unexpected<Error>(Error{kind, std::move(message), std::move(hint)});
}

}  // namespace baton

// `auto x = TRY(f());` or `TRY(g());`: the value, or return the error from the enclosing function.
#define TRY(expression)                                                       \
  ({                                                                          \
    auto try_result_ = (expression);                                          \
    if (!try_result_) return std::unexpected(std::move(try_result_).error()); \
    std::move(try_result_).value();                                           \
  })
