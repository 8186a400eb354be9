#include "os/keys.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace baton::os {
namespace {

using Kind = Key::Kind;

// All keys of the pieces, as they come one after the other; then nothing follows.
std::vector<Key> keys_of(const std::vector<std::string>& pieces) {
  KeyReader reader;
  std::vector<Key> keys;
  for (const std::string& piece : pieces) {
    reader.feed(piece);
    while (auto key = reader.next(false)) keys.push_back(*key);
  }
  while (reader.waits()) {
    auto key = reader.next(true);
    if (!key) break;
    keys.push_back(*key);
  }
  return keys;
}

std::vector<Key> kinds(std::initializer_list<Kind> list) {
  std::vector<Key> keys;
  for (Kind kind : list) keys.push_back({kind, {}});
  return keys;
}

Key text(std::string characters) {
  return {Kind::text, std::move(characters)};
}

TEST(Keys, ArrowsOfEveryForm) {
  EXPECT_EQ(keys_of({"\033[A\033[B\033[C\033[D"}),
            kinds({Kind::up, Kind::down, Kind::right, Kind::left}));
  EXPECT_EQ(keys_of({"\033OA\033OB\033OH\033OF"}),
            kinds({Kind::up, Kind::down, Kind::home, Kind::end}));
  EXPECT_EQ(keys_of({"\033[1;5A\033[1;2B"}), kinds({Kind::up, Kind::down}));
}

TEST(Keys, NumberedKeys) {
  EXPECT_EQ(keys_of({"\033[5~\033[6~\033[1~\033[4~\033[7~\033[8~\033[3~\033[5;3~\033[15~"}),
            kinds({Kind::page_up, Kind::page_down, Kind::home, Kind::end, Kind::home, Kind::end,
                   Kind::other, Kind::page_up, Kind::reload}));
}

TEST(Keys, ControlKeys) {
  EXPECT_EQ(keys_of({"\r\n\x7f\b\x03\x15\x12\t"}),
            kinds({Kind::enter, Kind::enter, Kind::backspace, Kind::backspace, Kind::interrupt,
                   Kind::clear, Kind::reload, Kind::other}));
}

TEST(Keys, CharactersAreTakenWhole) {
  EXPECT_EQ(keys_of({"aé世🎉"}), (std::vector<Key>{text("a"), text("é"), text("世"), text("🎉")}));
  EXPECT_EQ(keys_of({"\xF0\x9F", "\x8E", "\x89x"}), (std::vector<Key>{text("🎉"), text("x")}));
}

TEST(Keys, BytesThatAreNoTextAreNone) {
  EXPECT_EQ(keys_of({"\xFF"}), kinds({Kind::other}));
  EXPECT_EQ(keys_of({"\xC2\x9B"}), kinds({Kind::other}));  // C1
  EXPECT_EQ(keys_of({"\xE4\xB8"}), kinds({Kind::other, Kind::other}));
}

TEST(Keys, AloneItIsTheEscapeKey) {
  EXPECT_EQ(keys_of({"\033"}), kinds({Kind::escape}));
  EXPECT_EQ(keys_of({"\033\033"}), kinds({Kind::escape, Kind::escape}));
  EXPECT_EQ(keys_of({"\033\033[A"}), kinds({Kind::escape, Kind::up}));
  EXPECT_EQ(keys_of({"\033\x03"}), kinds({Kind::escape, Kind::interrupt})) << "the way out";
  KeyReader reader;
  reader.feed("\033");
  EXPECT_FALSE(reader.next(false)) << "more may follow";
  EXPECT_TRUE(reader.waits());
}

TEST(Keys, SequencesComeInPieces) {
  for (const char* sequence : {"\033[A", "\033OA", "\033[1;5A"}) {
    std::vector<std::string> bytes;
    for (const char* at = sequence; *at; ++at) bytes.emplace_back(1, *at);
    EXPECT_EQ(keys_of(bytes), kinds({Kind::up})) << sequence;
  }
}

TEST(Keys, NoRestOfASequenceIsText) {
  EXPECT_EQ(keys_of({"\033[38;5;1mx"}), (std::vector<Key>{{Kind::other, {}}, text("x")}));
  EXPECT_EQ(keys_of({"\033[[Ax"}), (std::vector<Key>{{Kind::other, {}}, text("x")}));
  EXPECT_EQ(keys_of({"\033xy"}), (std::vector<Key>{{Kind::other, {}}, text("y")}));  // Alt-x
  EXPECT_EQ(keys_of({"\033[12"}), kinds({Kind::other}));
  EXPECT_EQ(keys_of({"\033[12\033[A"}), kinds({Kind::other, Kind::up}));
}

TEST(Keys, PastedLinesPressNoEnter) {
  EXPECT_EQ(keys_of({"\033[200~one\ntwo\033[A\033[201~\r"}),
            (std::vector<Key>{text("one two [A"), {Kind::enter, {}}}));
  EXPECT_EQ(keys_of({"\033[200~\r\n\033[201~x"}), (std::vector<Key>{{Kind::other, {}}, text("x")}));
}

TEST(Keys, PastesComeInPieces) {
  std::string pasted = "\033[200~wörld 世界\033[201~\r";
  for (size_t cut = 1; cut < pasted.size(); ++cut) {
    auto keys = keys_of({pasted.substr(0, cut), pasted.substr(cut)});
    std::string together;
    for (const Key& key : keys) together += key.text;
    EXPECT_EQ(together, "wörld 世界") << cut;
    ASSERT_FALSE(keys.empty());
    EXPECT_EQ(keys.back().kind, Kind::enter) << cut;
  }
}

TEST(Keys, APasteWithoutEndCanBeLeft) {
  EXPECT_EQ(keys_of({"\033[200~abc", "\x03"}),
            (std::vector<Key>{text("abc"), {Kind::interrupt, {}}}));
}

TEST(Keys, AnyBytesComeToAnEnd) {
  std::mt19937 random(7);
  const std::string alphabet = "\033[O~;0126ABM\r\x03 a\xC3\xA9\xFF\x9F";
  for (int round = 0; round < 2000; ++round) {
    KeyReader reader;
    std::string bytes;
    for (size_t i = random() % 24; i > 0; --i) bytes += alphabet[random() % alphabet.size()];
    for (char byte : bytes) {
      reader.feed(std::string_view(&byte, 1));
      while (auto key = reader.next(false)) {
        EXPECT_EQ(key->kind == Kind::text, !key->text.empty());
        EXPECT_EQ(key->text.find('\033'), std::string::npos);
      }
    }
    for (int tries = 0; reader.waits(); ++tries) {
      ASSERT_LT(tries, 64) << "round " << round;
      (void)reader.next(true);
    }
  }
}

}  // namespace
}  // namespace baton::os
