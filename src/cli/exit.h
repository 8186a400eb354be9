#pragma once

// How a command ends: its exit status and what it says of an error.

#include <string>

#include "base/result.h"

namespace baton::cli {

enum ExitStatus : int {
  kFine = 0,
  kNegative = 1,  // the answer is no, or there is nothing
  kUsage = 2,
  kNotFound = 3,  // no such thing, or no store
  kDamage = 4,    // damage or input and output
};

int exit_status(ErrorKind kind);

// "baton: message" and "hint: ..." a line, for a terminal; what was recorded is neutral in it.
std::string error_text(const Error& error);
// Writes it to the standard error.
void print_error(const Error& error);
void print_warning(std::string_view message);

}  // namespace baton::cli
