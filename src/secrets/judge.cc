#include "secrets/judge.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/bytes.h"
#include "secrets/shape.h"

namespace baton::secrets {
namespace {

using shape::is_alnum;

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
char lower(char c) {
  return is_upper(c) ? static_cast<char>(c + 32) : c;
}

// The letters that commonly follow a letter in English text and in programs' names: 317 of the 676
// pairs make up 96% of what is found there, and less than half of what chance gives.
constexpr char kFollowers[26][24] = {
    "bcdefgiklmnprstuvwxy",    // a
    "aceijlorsuy",             // b
    "acdehiklmoprstuy",        // c
    "abcdefhiloprstu",         // d
    "abcdefgiklmnopqrstvwxy",  // e
    "aefilnorstuy",            // f
    "aeghilmnorsu",            // g
    "aeiortu",                 // h
    "abcdefglmnoprstvxz",      // i
    "eaou",                    // j
    "aeisn",                   // k
    "acdefgilopstuvy",         // l
    "abdeilmopstuy",           // m
    "acdefgiklnopstuv",        // n
    "abcdefgiklmnoprstuvw",    // o
    "acdehiklnoprstuy",        // p
    "u",                       // q
    "abcdefgiklmnoprstuvy",    // r
    "acefghiklmnoprstuwy",     // s
    "acdefhilmnoprstuxy",      // t
    "abcdefgilmnprst",         // u
    "aeimo",                   // v
    "aehinors",                // w
    "ceipt",                   // x
    "eimnpst",                 // y
    "aeioz",                   // z
};

constexpr auto kFollowerSets = [] {
  std::array<uint32_t, 26> sets{};
  for (size_t i = 0; i < sets.size(); i++) {
    for (char c : kFollowers[i]) {
      if (c != 0) sets[i] |= uint32_t{1} << (c - 'a');
    }
  }
  return sets;
}();

bool is_common_pair(char a, char b) {
  return kFollowerSets[static_cast<size_t>(lower(a) - 'a')] >> (lower(b) - 'a') & 1;
}

// What a value is made of.
struct Traits {
  size_t size = 0, lowers = 0, uppers = 0, digits = 0, joiners = 0, specials = 0, blanks = 0;
  size_t distinct = 0;
  size_t pairs = 0;      // neighbours that are letters or digits
  size_t surprises = 0;  // unusual ones, times two
  size_t foreign = 0;    // bytes from 0x80 on
  bool hex = true;
  bool camel = false;  // a capital behind a small letter

  size_t letters() const { return lowers + uppers; }
};

// `-_./:` join words; other signs do not.
bool is_joiner(char c) {
  return c == '-' || c == '_' || c == '.' || c == '/' || c == ':';
}

Traits traits_of(std::string_view value) {
  Traits t;
  t.size = value.size();
  std::array<bool, 256> seen{};
  char before = 0;
  bool in_word = false;  // `before` was a capital that may begin a word
  for (char c : value) {
    auto byte = static_cast<unsigned char>(c);
    if (!seen[byte]) t.distinct++;
    seen[byte] = true;
    if (is_lower(c))
      t.lowers++;
    else if (is_upper(c))
      t.uppers++;
    else if (is_digit(c))
      t.digits++;
    else if (is_joiner(c))
      t.joiners++;
    else if (c == ' ' || c == '\t')
      t.blanks++;
    else if (byte >= 128)
      t.foreign++;
    else
      t.specials++;
    t.hex = t.hex && is_hex(c);
    if (is_alnum(c) && is_alnum(before)) {
      t.pairs++;
      if (is_digit(c) != is_digit(before))
        t.surprises += 2;
      else if (is_digit(c)) {
      } else if (is_lower(before) && is_upper(c)) {
        t.surprises += 1;
        t.camel = true;
      } else if (is_upper(before) && is_lower(c) && !in_word)
        t.surprises += 1;
      else if (!is_common_pair(before, c))
        t.surprises += 2;
    }
    in_word = is_upper(c) && !is_upper(before);
    before = c;
  }
  return t;
}

bool is_random(const Traits& t) {
  // Three in ten neighbours surprise: words have one or less, chance gives five or six.
  if (t.hex && t.size >= 24 && t.distinct >= 8 && t.digits > 0) return true;
  return t.distinct >= 6 && t.surprises >= 8 && t.surprises * 10 >= t.pairs * 6;
}

// Words that people write where a secret is to come.
constexpr std::string_view kPlaceholders =
    "changeme change-me change_me changeit placeholder redacted removed masked hidden secret "
    "secrets "
    "password passwd passphrase passwort pass pwd mypassword my-password my_password yourpassword "
    "newpassword new-password new_password current-password token mytoken my-token my_token apikey "
    "api-key api_key key mykey my-key username user admin root string boolean number integer "
    "object "
    "array null none nil undefined true false yes no on off empty unset unknown default required "
    "optional disabled enabled invalid valid missing foo bar baz foobar example sample dummy fake "
    "test testing localhost anonymous basic bearer digest negotiate oauth2 oauth plain plaintext "
    "cleartext text hash hashed encrypted static const final readonly";

// A value with one of these in it is an example, unless the rest is random.
constexpr std::string_view kExampleParts =
    "example placeholder changeme change-me change_me change_this your- your_ yourpass yoursecret "
    "yourtoken yourkey yourapi redacted dummy xxxx replace insert sample not-a-real my-secret "
    "my_secret mysecret -here _here";

// What begins like one of these names a place, or says what it is.
constexpr std::string_view kReferenceStarts =
    "${ $( $[ $$ {{ #{ @{ [[ %{ %( <% process.env os.environ os.getenv import.meta.env Deno.env "
    "System.getenv ENV[ env. env: secrets. vars. vault: op:// arn: ssm: file: ref+ gcp:secret "
    "!vault !Ref !secret !Sub ENC[ ENC( keyring: data: sha256: sha256- sha384- sha512- sha1- "
    "http:// https://";

bool is_uuid(std::string_view value) {
  if (value.size() != 36) return false;
  for (size_t i = 0; i < 36; i++) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? value[i] != '-' : !is_hex(value[i])) return false;
  }
  return true;
}

bool is_hex_text(std::string_view value) {
  return std::ranges::all_of(value, is_hex);
}

// 2026-11-24, 2026-11-24T10:03:07Z, 10:03:07
bool is_date(std::string_view value) {
  RunEnds runs;
  return match_shape(R"(\d{4}-\d{2}-\d{2})", value, 0, runs) ||
         match_shape(R"(\d{1,2}:\d{2}(:|\b))", value, 0, runs);
}

// a.b.c, a::b, a->b: the way to a value in a program, and no value.
bool is_path_of_names(std::string_view value) {
  bool start = true, joined = false;
  for (size_t i = 0; i < value.size(); i++) {
    char c = value[i];
    if (c == '.' || (c == ':' && i + 1 < value.size() && value[i + 1] == ':') ||
        (c == '-' && i + 1 < value.size() && value[i + 1] == '>') || (c == '?' && !start)) {
      if (start) return false;
      if (c == ':' || c == '-') i++;
      joined = start = true;
    } else if (start ? !is_alpha(c) && c != '_' : !is_alnum(c) && c != '_') {
      return false;
    } else {
      start = false;
    }
  }
  return joined && !start;
}

bool is_identifier(std::string_view value) {
  return !value.empty() && !is_digit(value[0]) &&
         std::ranges::all_of(value, [](char c) { return is_alnum(c) || c == '_'; });
}

// Words, joined by `-_./:` or capitals, a short number here and there: names, paths, versions.
bool is_wordy(const Traits& t) {
  if (t.specials > 0) return false;
  if (t.letters() == 0) return true;  // numbers, versions, addresses
  return t.surprises * 10 < t.pairs * 5 || t.surprises <= 2;
}

// Of messages and help texts about passwords.
constexpr std::string_view kSentenceWords =
    "a an and are at be can cannot characters chars do does enter for from has have if in "
    "incorrect "
    "invalid is it least length long minimum missing must need needs new no not of old on or pass "
    "passphrase password passwords please required reset same set should the this to too use wrong "
    "you "
    "your";

// Users' and passwords' names that documents write.
constexpr std::string_view kPasswordWords =
    "password passwd pass pwd secret token user username name foo bar x xx xxx pw p key apikey "
    "userpass mypassword yourpassword your-password your_password credentials creds auth";

}  // namespace

bool looks_random(std::string_view value) {
  return is_random(traits_of(value.substr(0, kJudgedBytes)));
}

bool is_password_word(std::string_view value) {
  return is_among(kPasswordWords, value);
}

bool is_reference(std::string_view value) {
  if (value.find("[masked:") != value.npos) return true;
  if (any_of_words(kReferenceStarts, [&](auto start) { return value.starts_with(start); })) {
    return true;
  }
  if (value.size() >= 2 && value[0] == '$' && is_identifier(value.substr(1))) return true;
  if (value.size() >= 3 && (value[0] == '<' || value[0] == '{' || value[0] == '[') &&
      (value.back() == '>' || value.back() == '}' || value.back() == ']')) {
    return true;
  }
  if (value.size() >= 3 && value[0] == '%' && value.back() == '%' &&
      is_identifier(value.substr(1, value.size() - 2))) {
    return true;
  }
  // ****, xxxxxxxx, ........
  return value.find_first_not_of("xX") == value.npos ||
         value.find_first_not_of("*•.-_") == value.npos;
}

namespace {

// A value with what its looks say.
struct Look {
  std::string_view value;
  Claim claim;
  Traits t;
  bool random;    // as chance would have it
  bool mixed;     // letters and digits
  bool password;  // the name is a password's
  bool program;   // signs that program text has
  bool odd;       // signs among letters of both cases: nothing that programs write
  bool chosen;    // words and a number, as people choose passwords: Tiger-Meadow5768

  Look(std::string_view v, const Claim& c)
      : value(v),
        claim(c),
        t(traits_of(v)),
        random(is_random(t)),
        mixed(t.letters() > 0 && t.digits > 0),
        password(c.family == Family::password),
        program(v.find_first_of("(){}[]<>;") != v.npos),
        odd(t.specials >= 2 && t.uppers > 0 && t.lowers > 0 && !program && v[0] != '^' &&
            v.find('\\') == v.npos),
        chosen(password && t.digits >= 2 && t.size >= 8 && v.find_first_of("/:") == v.npos) {}
};

size_t least_size(const Claim& claim) {
  switch (claim.strength) {
    case Strength::strong:
      if (claim.place == Place::bare || claim.place == Place::prose) return 7;
      return claim.family == Family::password ? 6 : 8;
    case Strength::medium:
      return 8;
    default:
      return 16;
  }
}

// Values in the form of something else.
bool has_other_form(const Look& look) {
  std::string_view value = look.value;
  if (is_date(value)) return true;
  if (is_uuid(value)) {
    // Some vendors' keys are UUIDs; a token that is one names a request as a rule.
    return look.claim.strength != Strength::strong || look.claim.place == Place::prose ||
           look.claim.family == Family::token;
  }
  if (value.starts_with("0x") || value.starts_with("-0x")) {  // a number, or as long as a key
    std::string_view digits = value.substr(value.find('x') + 1);
    if (digits.size() < 32 ? is_hex_text(digits) : !is_hex_text(digits)) return true;
    if (contains(digits, "_")) return true;
  }
  auto escapes = std::ranges::count(value, '\\');  // "\x73\x65..."
  if (escapes >= (value.size() < 20 ? 2 : 3)) return true;
  if (contains(value, "://")) return true;  // its password is found by itself
  return look.t.foreign > 0 && look.t.digits + look.t.specials == 0;  // another language's words
}

// Values that are paths, names, or stand where a secret is to come.
bool is_stand_in(const Look& look) {
  std::string low = lower_ascii(look.value);
  if (!look.random || low.size() < 20) {
    if (any_of_words(kExampleParts, [&](auto part) { return contains(low, part); })) return true;
  }
  if (look.random) return false;
  if (low[0] == '/' || low[0] == '+' || low.starts_with("./") || low.starts_with("../") ||
      low.starts_with("~/") || low.starts_with("\\\\")) {
    return true;
  }
  if (is_among(kPlaceholders, low)) return true;
  const bool unquoted = look.claim.place == Place::bare || look.claim.place == Place::line;
  if (!look.password || unquoted) {  // password2
    while (!low.empty() && (is_digit(low.back()) || low.back() == '!' || low.back() == ':')) {
      low.pop_back();
    }
    if (low.size() + 3 >= look.value.size() && is_among(kPlaceholders, low)) return true;
  }
  // What a help text names: --password=TEXT
  if (look.t.lowers + look.t.digits + look.t.specials == 0) return true;
  return is_path_of_names(look.value) && (!look.chosen || look.claim.place == Place::bare);
}

bool is_strong_value(const Look& look) {
  const Traits& t = look.t;
  switch (look.claim.place) {
    case Place::setting:
    case Place::header:
      if (look.random || (t.specials > 0 && !look.program)) return true;
      if (look.program) return false;
      if (t.letters() == 0) return look.password && t.joiners == 0;
      if (t.joiners == 0) return look.mixed || look.password || t.surprises * 10 >= t.pairs * 4;
      return look.mixed && (look.chosen || !is_wordy(t));
    case Place::line:
    case Place::quoted:
      if (look.program && look.claim.place == Place::line) return false;
      if (look.random) return true;
      if (t.letters() == 0) return look.password && t.joiners == 0;
      if (t.specials > 0)
        return t.digits > 0 || look.odd || (look.password && !look.program && t.size >= 8);
      if (t.joiners == 0 && look.password) return look.mixed;
      return look.mixed && (look.chosen || !is_wordy(t));
    case Place::bare:
      if (look.program) return false;
      if (look.random) return t.digits > 0 || t.specials > 0 || t.size >= 16;
      return look.mixed && (t.specials > 0 || (look.password && t.joiners == 0 && !t.camel));
    case Place::prose:
      if (look.program || !look.mixed || t.size < 8) return false;
      return t.specials > 0 || t.surprises >= 6 || (look.password && t.joiners == 0);
  }
  return false;
}

// Words with blanks between them, where people also write what is wrong with a password.
bool is_passphrase(const Look& look) {
  const Claim& claim = look.claim;
  if (!look.password || claim.strength != Strength::strong || look.program) return false;
  if (claim.place != Place::setting && claim.place != Place::quoted) return false;
  size_t words = 0, telling = 0;
  bool plain = true;
  bool sentence = any_of_words(look.value, [&](std::string_view word) {
    if (word.empty()) return false;
    words++;
    size_t digits = static_cast<size_t>(std::ranges::count_if(word, is_digit));
    size_t letters = static_cast<size_t>(std::ranges::count_if(word, is_alpha));
    if (word.size() >= 6 && digits > 0 && letters > 0 && digits + letters == word.size()) telling++;
    plain &= std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
    return is_among(kSentenceWords, lower_ascii(word)) || !is_alnum(word.back());
  });
  if (sentence) return false;
  return telling > 0 || (plain && words >= 4 && claim.place == Place::setting);
}

bool is_medium_value(const Look& look) {
  const Traits& t = look.t;
  if (look.claim.place == Place::setting || look.claim.place == Place::header) {
    if (look.random && !look.program) return true;
  }
  if (look.odd && look.claim.place != Place::bare && look.claim.place != Place::prose &&
      t.size >= 10) {
    return true;
  }
  switch (look.claim.place) {
    case Place::quoted:
      if (look.random && t.size >= 10 && t.digits > 0) return true;
      [[fallthrough]];
    case Place::line:
    case Place::setting:
    case Place::header:
      if (look.program) return false;
      if (look.random) return t.size >= 10 && t.digits > 0;
      return look.password && look.mixed && t.digits >= 2 && t.joiners == 0;
    default:
      return look.random && !look.program && t.size >= 12 && t.digits > 0;
  }
}

bool is_weak_value(const Look& look) {
  bool hash = look.t.hex && (look.t.size == 40 || look.t.size == 64);
  return look.random && look.t.digits > 0 && !look.program && !hash &&
         look.claim.place != Place::prose;
}

}  // namespace

bool is_secret_value(std::string_view value, const Claim& claim) {
  value = value.substr(0, kJudgedBytes);
  if (claim.strength == Strength::none || value.size() < least_size(claim)) return false;
  const Look look(value, claim);
  if (look.t.distinct <= 3) return false;
  if (look.t.blanks > 0) return is_passphrase(look);
  bool looks_so = claim.strength == Strength::strong   ? is_strong_value(look)
                  : claim.strength == Strength::medium ? is_medium_value(look)
                                                       : is_weak_value(look);
  return looks_so && !is_reference(value) && !has_other_form(look) && !is_stand_in(look);
}

}  // namespace baton::secrets
