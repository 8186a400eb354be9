// Goal: a secret that goes over several strings is masked in each of them, and strings that only
// stand side by side stay as they are.

#include "secrets/joined.h"

#include <gtest/gtest.h>

#include "secrets/mask.h"
#include "secrets_samples.h"

namespace baton::secrets {
namespace {

using samples::Random;

std::vector<std::string> masked(const std::vector<std::string>& parts, Joint joint) {
  std::vector<std::string_view> views(parts.begin(), parts.end());
  auto found = mask_joined(views, joint);
  std::vector<std::string> result;
  for (size_t i = 0; i < parts.size(); ++i) result.push_back(found[i].value_or(parts[i]));
  return result;
}

TEST(MaskJoined, PiecesOfATokenOfAnySize) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    std::string token = samples::fill(random.pick(samples::kTokens).form, random);
    std::string text = "token " + token + " end";
    std::vector<std::string> parts;
    for (size_t at = 0; at < text.size();) {
      size_t size = random.between(1, 12);
      parts.push_back(text.substr(at, size));
      at += size;
    }
    std::string whole = mask(text).value_or(text);
    if (whole == text) continue;  // one of the few that are not found
    std::string shown;
    for (const std::string& part : masked(parts, Joint::pieces)) shown += part;
    // Every byte that is masked in the whole is masked in its piece.
    std::string left;
    for (size_t at = 0; at < shown.size();) {
      size_t mark = shown.find("[masked:", at);
      left += shown.substr(at, mark == shown.npos ? mark : mark - at);
      at = mark == shown.npos ? shown.size() : shown.find(']', mark) + 1;
    }
    EXPECT_EQ(left.find(token.substr(4, token.size() / 2)), left.npos) << seed << ": " << shown;
    EXPECT_LE(left.size(), text.size() - token.size() / 2) << seed << ": " << shown;
  }
}

TEST(MaskJoined, WordsOfACommand) {
  EXPECT_EQ(masked({"mysql", "--password", "Tr0ub4dor", "db"}, Joint::list),
            (std::vector<std::string>{"mysql", "--password", "[masked:password]", "db"}));
  std::vector<std::string> plain = {"password", "Tr0ub4dor"};
  EXPECT_EQ(masked(plain, Joint::list), plain);
}

TEST(MaskJoined, LinesOfAPatch) {
  Random random(4);
  std::string key = samples::private_key(random, "RSA", "\n");
  std::vector<std::string> lines = {"-old"};
  for (size_t at = 0; at < key.size();) {
    size_t end = key.find('\n', at);
    lines.push_back("+" + key.substr(at, end - at));
    at = end + 1;
  }
  lines.push_back(" last");
  auto shown = masked(lines, Joint::list);
  EXPECT_EQ(shown.front(), "-old");
  EXPECT_EQ(shown.back(), " last");
  for (size_t i = 2; i + 2 < lines.size(); ++i) {
    EXPECT_EQ(shown[i].find(lines[i].substr(1)), std::string::npos) << shown[i];
  }
}

TEST(MaskJoined, LeavesListsAlone) {
  Random random(5);
  std::vector<std::string> hashes,
      names = {"test_password", "api_key", "token=", "--password", "src/a.cc"};
  for (int i = 0; i < 50; ++i) hashes.push_back(samples::fill("{h40}", random));
  EXPECT_EQ(masked(hashes, Joint::list), hashes);
  EXPECT_EQ(masked(hashes, Joint::pieces), hashes);
  EXPECT_EQ(masked(names, Joint::list), names);
  EXPECT_EQ(masked({}, Joint::list), std::vector<std::string>{});
  EXPECT_EQ(masked({"a"}, Joint::pieces), std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace baton::secrets
