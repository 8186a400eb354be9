#include "agents/config_jsonc.h"

#include <gtest/gtest.h>

namespace baton::agents {
namespace {

std::string message_of(std::string_view text) {
  auto config = ConfigText::parse(text, "settings.json");
  return config ? "accepted" : config.error().message;
}

TEST(ConfigText, FindsEveryValueWithItsPlace) {
  std::string text =
      "{ // url\n  \"a\": \"http://x/*y*/\", /* two\nlines */ \"b\" : [1, -2.5e+3,], }";
  auto config = ConfigText::parse(text, "s");
  ASSERT_TRUE(config) << config.error().message;
  auto piece = [&](ConfigIndex index) {
    const ConfigNode& node = config->node(index);
    return text.substr(node.begin, node.end - node.begin);
  };
  ConfigIndex a = config->member(ConfigText::root(), "a");
  ConfigIndex b = config->member(ConfigText::root(), "b");
  EXPECT_EQ(config->string_at(a), "http://x/*y*/");
  EXPECT_EQ(piece(a), "\"http://x/*y*/\"");
  EXPECT_EQ(piece(b), "[1, -2.5e+3,]");
  EXPECT_EQ(text.substr(config->node(b).start(), 3), "\"b\"");
  ConfigIndex first = config->node(b).first;
  EXPECT_EQ(piece(first), "1");
  EXPECT_EQ(piece(config->node(first).next), "-2.5e+3");
  EXPECT_EQ(text[config->node(first).comma], ',');
  EXPECT_EQ(config->integer_at(first), 1);
  EXPECT_EQ(config->line_of(config->node(b).begin), 3);
  ASSERT_TRUE(config->first_extension());
  EXPECT_EQ(*config->first_extension(), 2u);
}

TEST(ConfigText, TakesTheLastOfRepeatedNames) {
  auto config = ConfigText::parse(R"({"a": 1, "\u0061": 2})", "s");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->integer_at(config->member(ConfigText::root(), "a")), 2);
}

TEST(ConfigText, UnescapesStrings) {
  auto config = ConfigText::parse(R"(["\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83dx\udc00"])", "s");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->string_at(config->node(0).first),
            "\"\\/\b\f\n\r\t\u00e9\U0001f600\ufffdx\ufffd");
}

TEST(ConfigText, KnowsPlainJsonFromWhatPeopleWrite) {
  EXPECT_FALSE(ConfigText::parse("\xef\xbb\xbf{\"a\": [true, null]}\r\n", "s")->first_extension());
  EXPECT_TRUE(ConfigText::parse("{\"a\": 1,}", "s")->first_extension());
  EXPECT_TRUE(ConfigText::parse("{} // end", "s")->first_extension());
  EXPECT_TRUE(ConfigText::parse(" \r\n\t", "s")->blank());
  EXPECT_TRUE(ConfigText::parse("", "s")->blank());
}

TEST(ConfigText, RefusesWithFileAndLine) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"{\n  \"a\": 1\n  \"b\": 2\n}", "bad configuration at settings.json:3: expected ',' or '}'"},
      {"{\n\n\"a", "bad configuration at settings.json:3: a string without its end"},
      {"{\"a\": \"x\ny\"}", "bad configuration at settings.json:1: a string without its end"},
      {"{\"a\": \"x\ty\"}",
       "bad configuration at settings.json:1: a control character in a string"},
      {"{\"a\": 1", "bad configuration at settings.json:1: the file ends too early"},
      {"{\n/* no end", "bad configuration at settings.json:2: a comment without its end"},
      {"{a: 1}", "bad configuration at settings.json:1: expected a name in quotes"},
      {"{'a': 1}", "bad configuration at settings.json:1: expected a name in quotes"},
      {"{\"a\" 1}", "bad configuration at settings.json:1: expected ':'"},
      {"{}\n{}", "bad configuration at settings.json:2: something follows the value"},
      {"[1,,2]", "bad configuration at settings.json:1: expected a value"},
      {"[,]", "bad configuration at settings.json:1: expected a value"},
      {"[01]", "bad configuration at settings.json:1: expected ',' or ']'"},
      {"[1.]", "bad configuration at settings.json:1: a bad number"},
      {"[-]", "bad configuration at settings.json:1: a bad number"},
      {"[\"\\x\"]", "bad configuration at settings.json:1: a bad escape in a string"},
      {"[\"\\u12g4\"]", "bad configuration at settings.json:1: a bad \\u escape"},
      {"// only words\n", "bad configuration at settings.json:2: a comment but no value"},
      {"nul", "bad configuration at settings.json:1: expected a value"},
      {"\xff\xfe{\0}\0", "bad configuration at settings.json:1: expected a value"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(message_of(text), message) << text;
}

TEST(ConfigText, HasLimits) {
  std::string deep(kMaxConfigDepth + 1, '[');
  EXPECT_EQ(message_of(deep), "bad configuration at settings.json:1: nested too deep");
  std::string fits = std::string(kMaxConfigDepth, '[') + std::string(kMaxConfigDepth, ']');
  EXPECT_EQ(message_of(fits), "accepted");
  auto large = ConfigText::parse(std::string(kMaxConfigBytes + 1, ' '), "s");
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().kind, ErrorKind::limit);
}

TEST(ConfigText, TellsWhereAValueHasTheWrongShape) {
  auto config = ConfigText::parse("{\n\n  \"hooks\": []\n}", "s.json");
  auto error = config->wrong(config->member(ConfigText::root(), "hooks"), "not an object");
  EXPECT_EQ(error.error().message, "bad configuration at s.json:3: not an object");
}

}  // namespace
}  // namespace baton::agents
