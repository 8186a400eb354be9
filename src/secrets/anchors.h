#pragma once

// Where in a text a secret may be: the places of three bytes that every secret we know has, of its
// token ("ghp"), its name ("pas" of password) or its frame ("://"). One look at a bit a byte; no
// table is built when the program starts.

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "secrets/command_form.h"
#include "secrets/rules.h"

namespace baton::secrets {

enum class Anchor : uint8_t {
  token,
  name,
  bearer,
  identified_by,
  url,
  key_begin,
  key_end,
  putty,
  encoded_key,
  user,
  option,
  long_option,
  piped,
  htpasswd,
  command_form
};

namespace anchors {

// The beginnings of the words that names of secrets have in them (key_name.cc), as they are
// written: tokEn is not looked for.
inline constexpr FixedText<8> kNames[] = {
    "pas", "Pas", "PAS",  // password, passwd, passphrase, pass
    "pwd", "Pwd", "PWD", "psw", "PSW", "_pw", "_PW", "cre", "Cre", "CRE",  // secret, credential
    "key", "Key", "KEY", "tok", "Tok", "TOK", "uth", "UTH",                // auth, authorization
    "ook", "OOK",                                                          // cookie
    "sig",
};

struct Frame {
  FixedText<3> text;
  Anchor anchor;
};
inline constexpr Frame kFrames[] = {
    {"://", Anchor::url},
    {"-BE", Anchor::key_begin},
    {"- B", Anchor::key_begin},
    {"-EN", Anchor::key_end},
    {"-Li", Anchor::putty},
    {"-u ", Anchor::user},
    {"-us", Anchor::user},
    {"-U ", Anchor::user},
    {" -u", Anchor::user},
    {" -U", Anchor::user},
    {"Y '", Anchor::identified_by},
    {"y '", Anchor::identified_by},
    {"Y \"", Anchor::identified_by},
    {"bea", Anchor::bearer},
    {"Bea", Anchor::bearer},
    {"BEA", Anchor::bearer},
    {"CRU", Anchor::encoded_key},
    {" -p", Anchor::option},
    {" -P", Anchor::option},
    {" -a", Anchor::option},
    {" -w", Anchor::option},
    {" -k", Anchor::option},
    {" -b", Anchor::option},
    {" -N", Anchor::option},
    {"-bo", Anchor::long_option},
    {"-va", Anchor::long_option},
    {"-st", Anchor::long_option},
    {"-ke", Anchor::long_option},
    {"-pa", Anchor::long_option},
    {"-st", Anchor::piped},
    {"h-t", Anchor::piped},
    {" -S", Anchor::piped},
    {"chp", Anchor::piped},
    {"<<<", Anchor::piped},
    {"htp", Anchor::htpasswd},
};

struct Entry {
  uint32_t bytes = 0;  // the three, the first one lowest
  Anchor anchor = Anchor::token;
  uint8_t rule = 0;  // of a token, or of a command's form

  constexpr auto operator<=>(const Entry&) const = default;
};

// Calls `use` with each trigram that an anchor like "gh[pousr]" stands for.
template <class Use>
constexpr void each_trigram(std::string_view anchor, Use use) {
  std::array<std::string_view, 3> places;
  for (auto& place : places) {
    size_t size = 1;
    if (anchor[0] == '[') size = anchor.find(']') + 1;
    place = size == 1 ? anchor.substr(0, 1) : anchor.substr(1, size - 2);
    anchor.remove_prefix(size);
  }
  auto each = [](std::string_view place, auto call) {
    for (size_t i = 0; i < place.size(); i++) {
      if (i + 2 < place.size() && place[i + 1] == '-') {
        for (char c = place[i]; c <= place[i + 2]; c++) call(c);
        i += 2;
      } else {
        call(place[i]);
      }
    }
  };
  each(places[0], [&](char a) {
    each(places[1], [&](char b) {
      each(places[2], [&](char c) {
        use(static_cast<uint32_t>(static_cast<unsigned char>(a)) |
            static_cast<uint32_t>(static_cast<unsigned char>(b)) << 8 |
            static_cast<uint32_t>(static_cast<unsigned char>(c)) << 16);
      });
    });
  });
}

template <class Use>
constexpr void each_entry(Use use) {
  uint8_t rule = 0;
  for (const TokenRule& token : kTokenRules) {
    each_trigram(token.anchor.view(), [&](uint32_t t) { use(Entry{t, Anchor::token, rule}); });
    rule++;
  }
  for (const auto& name : kNames) {
    each_trigram(name.view(), [&](uint32_t t) { use(Entry{t, Anchor::name, 0}); });
  }
  for (const Frame& frame : kFrames) {
    each_trigram(frame.text.view(), [&](uint32_t t) { use(Entry{t, frame.anchor, 0}); });
  }
  rule = 0;
  for (const auto& form : kCommandForms) {
    each_trigram(form.view().substr(0, 3),
                 [&](uint32_t t) { use(Entry{t, Anchor::command_form, rule}); });
    rule++;
  }
}

constexpr size_t count_entries() {
  size_t count = 0;
  each_entry([&](const Entry&) { count++; });
  return count;
}
static_assert(std::size(kTokenRules) <= 255 && std::size(kCommandForms) <= 255);

// Entries of the same trigram lie side by side.
inline constexpr auto kEntries = [] {
  std::array<Entry, count_entries()> entries{};
  size_t count = 0;
  each_entry([&](const Entry& entry) { entries[count++] = entry; });
  std::sort(entries.begin(), entries.end());
  return entries;
}();

// Of the low three bytes of a word; the fourth falls out at the top.
constexpr uint32_t hash(uint32_t word) {
  return word * (0x9E3779B1u << 8) >> 16;
}

// A bit for each hash that an anchor has.
inline constexpr auto kFilter = [] {
  std::array<uint64_t, 1024> bits{};
  for (const Entry& entry : kEntries) {
    bits[hash(entry.bytes) >> 6] |= uint64_t{1} << (hash(entry.bytes) & 63);
  }
  return bits;
}();

// From a hash's low bits to the first entry of the trigram; open addressing, 0xffff is empty.
constexpr size_t kIndexSize = 1024;
static_assert(kEntries.size() < kIndexSize * 3 / 4);
inline constexpr auto kIndex = [] {
  std::array<uint16_t, kIndexSize> index{};
  index.fill(0xffff);
  for (size_t i = 0; i < kEntries.size(); i++) {
    if (i > 0 && kEntries[i - 1].bytes == kEntries[i].bytes) continue;
    size_t slot = hash(kEntries[i].bytes) % kIndexSize;
    while (index[slot] != 0xffff) slot = (slot + 1) % kIndexSize;
    index[slot] = static_cast<uint16_t>(i);
  }
  return index;
}();

inline uint32_t load(const char* at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap32(value);
  return value;
}

inline uint32_t load3(const char* at) {
  auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(at[i])); };
  return byte(0) | byte(1) << 8 | byte(2) << 16;
}

}  // namespace anchors

// Calls `visit(entry, at)` for each anchor of the text in order; `visit` returns the place to go on
// from (`at + 1`, or behind a secret that it found).
template <class Visit>
void visit_anchors(std::string_view text, Visit visit) {
  using namespace anchors;
  const char* const data = text.data();
  auto is_anchor = [](uint32_t word) {
    uint32_t h = hash(word);
    return (kFilter[h >> 6] >> (h & 63) & 1) != 0;
  };
  auto look = [&](uint32_t trigram, size_t at) {
    size_t slot = hash(trigram) % kIndexSize;
    while (kIndex[slot] != 0xffff && kEntries[kIndex[slot]].bytes != trigram) {
      slot = (slot + 1) % kIndexSize;
    }
    size_t next = at + 1;
    for (size_t i = kIndex[slot]; i < kEntries.size() && kEntries[i].bytes == trigram; i++) {
      next = std::max(next, visit(kEntries[i], at));
    }
    return next;
  };
  size_t at = 0;
  if (text.size() >= 4) {
    const size_t last = text.size() - 4;
    while (at <= last) {
      // Nearly all the time is spent in this line.
      while (at <= last && !is_anchor(load(data + at))) at++;
      if (at <= last) at = look(load(data + at) & 0xffffff, at);
    }
  }
  if (at + 3 == text.size()) look(load3(data + at), at);
}

}  // namespace baton::secrets
