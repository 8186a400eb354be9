#pragma once

// Whether a value that stands beside a name like `password` or `token` is a secret, or a
// placeholder, a reference, a word, a piece of program text.

#include <cstdint>
#include <string_view>

namespace baton::secrets {

// How much the name says: `strong` names hold secrets and little else (password, client_secret,
// api_key), `medium` ones hold other things too (token, auth), `weak` ones mostly do (MAPBOX_KEY).
enum class Strength : uint8_t { none, weak, medium, strong };

// What the place of the value says.
enum class Place : uint8_t {
  quoted,   // a string
  setting,  // KEY=value, in an environment, a settings file, on a command line
  line,     // the unquoted rest of a line, a part of a URL's query, an option's value
  bare,     // an unquoted word that may be program text
  prose,    // "the password is ..."
  header,   // after `Authorization: Bearer`
};

// What kind of secret the name speaks of.
enum class Family : uint8_t {
  password,  // people choose them: they may look like words
  secret,
  key,
  token,
  credential,
  authorization,
  cookie,     // counts as a header only
  signature,  // counts in a URL's query only (Azure's `sig=`)
};

struct Claim {
  Strength strength = Strength::none;
  Place place = Place::bare;
  Family family = Family::token;
};

// Looks at the first kJudgedBytes of the value at most.
inline constexpr size_t kJudgedBytes = 80;
bool is_secret_value(std::string_view value, const Claim& claim);

// Values that stand for a secret or name where it is: ${VAR}, $(command), {{ template }},
// process.env.X, <your key>, ****, xxxx, and our own marks.
bool is_reference(std::string_view value);

// Words that stand in documents where a user's name or a password is to come.
bool is_password_word(std::string_view value);

// Whether letters and digits follow each other as chance would have it, not as in words.
bool looks_random(std::string_view value);

// Whether `word` is in a list of words that blanks separate.
constexpr bool is_among(std::string_view list, std::string_view word) {
  if (word.empty()) return false;
  for (size_t at = 0; (at = list.find(word, at)) != std::string_view::npos; at++) {
    size_t end = at + word.size();
    if ((at == 0 || list[at - 1] == ' ') && (end == list.size() || list[end] == ' ')) return true;
  }
  return false;
}

// Calls `use` with each word of such a list until it returns true; whether it did.
template <class Use>
constexpr bool any_of_words(std::string_view list, Use use) {
  while (!list.empty()) {
    size_t blank = list.find(' ');
    if (blank != 0 && use(list.substr(0, blank))) return true;
    list.remove_prefix(blank == std::string_view::npos ? list.size() : blank + 1);
  }
  return false;
}

}  // namespace baton::secrets
