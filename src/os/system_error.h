#pragma once

// The error of a call that set errno.

#include <expected>
#include <string_view>

#include "base/result.h"

namespace baton::os {

// "cannot ACTION 'PATH': permission denied"; not_found where nothing is at the path.
std::unexpected<Error> system_error(std::string_view action, std::string_view path);

}  // namespace baton::os
