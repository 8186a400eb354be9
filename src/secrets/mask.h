#pragma once

// Finding secrets in text and putting marks in their place. Bytes in, bytes out: no file, no state.
//
// What is looked for: the forms of vendors' tokens (rules.h), values of names like `password` or
// `api_key` (key_name.h says which names, judge.h which values), private keys, passwords in URLs,
// authorization headers. The text may be anything: a program, its output, JSON, JSON inside a JSON
// string, a diff, numbered lines. What is known not to be found is said in
// docs/decisions/masking.md.
//
// The work is linear in the text, whatever the text; a text without any name or prefix of a secret
// costs one table look-up a byte. Nothing is set up before the first call, nothing is kept after.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "secrets/credential_file.h"

namespace baton::secrets {

struct Finding {
  size_t offset = 0, length = 0;
  std::string_view rule;  // lives as long as the program, or the Masker that was asked
};

// The places of secrets in a text, in order, none overlapping another.
std::vector<Finding> find(std::string_view text);

// The text with each secret replaced by a mark that names its rule, "[masked:github-token]";
// nothing if there is none, so that the common case copies nothing. Masking what is masked changes
// nothing.
std::optional<std::string> mask(std::string_view text);

// The same for a JSON string that is the value of the member `key`: if the name says that it is a
// password, a secret, a key or an authorization, the whole value is masked, whatever it looks like,
// unless it is a reference (${VAR}, <your key>) or empty.
std::optional<std::string> mask_member(std::string_view key, std::string_view value);

// The mark of a rule.
std::string mark(std::string_view rule);

}  // namespace baton::secrets
