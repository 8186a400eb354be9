#pragma once

// A name and its value, as programs, settings, JSON, YAML, XML, command lines and headers write
// them: `DB_PASSWORD=x`, `"apiKey": "x"`, `\"token\":\"x\"` inside a JSON string, `--password x`,
// `<secret>x</secret>`, `config['secret'] = "x"`, `setKey("x")`, `name: DB_PASSWORD` with
// `value: x` below it.

#include <cstddef>
#include <optional>
#include <string_view>

#include "secrets/judge.h"
#include "secrets/key_name.h"

namespace baton::secrets {

// The name that surrounds `at`.
struct Name {
  size_t begin = 0, end = 0;
};
size_t name_begin(std::string_view text, size_t at);
size_t name_end(std::string_view text, size_t at);

// Whether what stands behind a name may lead to a value: a quick look that spares the rest.
bool may_separate(std::string_view text, size_t name_end);

// A value that is a secret by its name and its looks.
struct Value {
  size_t begin = 0, end = 0;
  KeyName key;
};
std::optional<Value> secret_value(std::string_view text, const Name& name);

// `Bearer x` where no header's name says what it is. `at` is where `Bearer` begins.
std::optional<Value> bearer_value(std::string_view text, size_t at);

// The end of what stands between quotes, where `begin` is behind the opening quote and `escapes`
// the number of backslashes before that (0, 1, 3, 7: JSON inside JSON). At a line's end or the end
// of the text the string counts as cut.
size_t string_end(std::string_view text, size_t begin, char quote, size_t escapes);

// Whether at `i` stands an escape that ends a word, of a blank or a quote: \n \t \" \u0022.
bool is_escape(std::string_view text, size_t i);

}  // namespace baton::secrets
