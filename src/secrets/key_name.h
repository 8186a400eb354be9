#pragma once

// What the name of a setting, a member or an option says about its value.

#include <cstdint>
#include <string_view>

#include "secrets/judge.h"

namespace baton::secrets {

struct KeyName {
  Strength strength = Strength::none;
  Family family = Family::password;
  bool aws = false;  // an AWS secret key by name
};

// `name` is as written: aws_secret_access_key, apiKey, DB_PASSWORD, X-Api-Key, --db-password.
// `setting` says that it stands as an environment variable does; then names with a tail of their
// own count too (GITHUB_TOKEN_READONLY), and keys of an unknown kind (MAPBOX_KEY).
KeyName key_name(std::string_view name, bool setting);

// The name of the finding.
std::string_view rule_name(const KeyName& name);

}  // namespace baton::secrets
