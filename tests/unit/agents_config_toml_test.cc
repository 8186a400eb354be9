#include "agents/config_toml.h"

#include <gtest/gtest.h>

namespace baton::agents {
namespace {

TEST(Toml, ReadsWhatCodexWrites) {
  auto values = read_toml(R"(model = "gpt" # comment
notify = ["a", "[hooks]", 1,
  "b"]   # more

[features]
hooks = false
"odd key" = 'a\b'

[projects."/home/u/my \"proj\""]
trust_level = "trusted"

[hooks.state."/home/u/.codex/hooks.json:pre_tool_use:0:0"]
trusted_hash = "sha256:abc"
enabled = true

[[hooks.Stop]]
[[hooks.Stop.hooks]]
command = """
two \
   lines"""
)");
  EXPECT_EQ(find_toml(values, {"model"})->text, "gpt");
  const TomlValue* hooks = find_toml(values, {"features", "hooks"});
  ASSERT_TRUE(hooks);
  EXPECT_TRUE(hooks->is_false());
  EXPECT_EQ(hooks->line, 6);
  EXPECT_EQ(find_toml(values, {"features", "odd key"})->text, "a\\b");
  EXPECT_EQ(find_toml(values, {"projects", "/home/u/my \"proj\"", "trust_level"})->text, "trusted");
  std::string_view key = "/home/u/.codex/hooks.json:pre_tool_use:0:0";
  EXPECT_EQ(find_toml(values, {"hooks", "state", key, "trusted_hash"})->text, "sha256:abc");
  EXPECT_TRUE(find_toml(values, {"hooks", "state", key, "enabled"})->is_true());
  EXPECT_EQ(find_toml(values, {"hooks", "Stop", "hooks", "command"})->text, "two lines");
  EXPECT_EQ(find_toml(values, {"notify"})->type, TomlValue::Type::array);
  EXPECT_FALSE(find_toml(values, {"features", "nothing"}));
}

TEST(Toml, ReadsDottedKeysAndInlineTables) {
  auto values = read_toml(
      "features.hooks = false\n"
      "hooks.state = { \"a:b\" = { trusted_hash = 'x', enabled = false }, c.d = 1 }\n"
      "last = '''\nraw\\n'''\n");
  EXPECT_TRUE(find_toml(values, {"features", "hooks"})->is_false());
  EXPECT_EQ(find_toml(values, {"hooks", "state", "a:b", "trusted_hash"})->text, "x");
  EXPECT_TRUE(find_toml(values, {"hooks", "state", "a:b", "enabled"})->is_false());
  EXPECT_EQ(find_toml(values, {"hooks", "state", "c", "d"})->text, "1");
  EXPECT_EQ(find_toml(values, {"last"})->text, "raw\\n");
}

TEST(Toml, LosesOneLineOverWhatItDoesNotUnderstand) {
  auto values =
      read_toml("= 1\n[broken\na = 1\nb = \"open\nc = 2\r\n[t] junk\nd = @\ne=\n f = true");
  EXPECT_EQ(find_toml(values, {"a"})->text, "1");
  EXPECT_EQ(find_toml(values, {"c"})->text, "2");
  EXPECT_TRUE(find_toml(values, {"t", "f"})->is_true());
  EXPECT_FALSE(find_toml(values, {"b"}));
  EXPECT_TRUE(read_toml(std::string(1000, '[')).empty());
  EXPECT_TRUE(read_toml("a = " + std::string(1000, '[')).empty());
}

TEST(Toml, UnescapesStrings) {
  auto values = read_toml(R"(a = "\t\u00e9\U0001f600\\\"\ud800" )");
  EXPECT_EQ(find_toml(values, {"a"})->text, "\t\u00e9\U0001f600\\\"\ufffd");
}

}  // namespace
}  // namespace baton::agents
