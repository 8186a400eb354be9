#pragma once

#include <string_view>

namespace baton::secrets {

// Whether a file of that path holds credentials by its name, so that its content is withheld: keys,
// password stores, environment files (but not their templates). The path is relative, '/'-separated
// bytes; case does not count.
bool is_credential_file(std::string_view path);

}  // namespace baton::secrets
