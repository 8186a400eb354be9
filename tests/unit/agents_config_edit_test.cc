#include "agents/config_edit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/json.h"
#include "random_seeds.h"

namespace baton::agents {
namespace {

const CommandTest kOurs = [](std::string_view command) { return command.starts_with("ours "); };

std::vector<HookEntry> entries_for(std::initializer_list<std::string> events,
                                   std::string command = "ours x") {
  std::vector<HookEntry> entries;
  for (const std::string& event : events) entries.push_back({event, command, 5});
  return entries;
}

std::string put(std::string_view text, const std::vector<HookEntry>& entries) {
  auto change = put_hooks(text, "s", entries, kOurs);
  return change ? change->text : change.error().message;
}

std::string taken_out(std::string_view text, const CreatedParts* created = nullptr) {
  auto rest = remove_hooks(text, "s", kOurs, created);
  return rest ? *rest : rest.error().message;
}

// ---------------------------------------------------------------- goldens

TEST(PutHooks, MakesANewDocument) {
  std::string expected = R"({
  "hooks": {
    "Stop": [
      {
        "hooks": [
          {
            "type": "command",
            "command": "ours x",
            "timeout": 5
          }
        ]
      }
    ]
  }
}
)";
  EXPECT_EQ(put("", entries_for({"Stop"})), expected);
  EXPECT_EQ(put("{}\n", entries_for({"Stop"})), expected);
  EXPECT_EQ(put("{\n}\n", entries_for({"Stop"})), expected);
}

TEST(PutHooks, FollowsAPersonsFile) {
  std::string before = R"({
	// see http://example.com/hooks
	"model": "opus", // the big one
	"env": {"URL": "http://x//y", "A": "/* no comment */"},
	"hooks": {
		"Stop": [
			{ "matcher": "", "hooks": [{"type": "command", "command": "say done"}] }, // mine
		],
		/* nothing here yet */
		"PreToolUse": [
		]
	}, // end of hooks
	"zz": 1
}
)";
  std::string expected = R"({
	// see http://example.com/hooks
	"model": "opus", // the big one
	"env": {"URL": "http://x//y", "A": "/* no comment */"},
	"hooks": {
		"Stop": [
			{ "matcher": "", "hooks": [{"type": "command", "command": "say done"}] }, // mine
			{
				"hooks": [
					{
						"type": "command",
						"command": "ours x",
						"timeout": 5
					}
				]
			},
		],
		/* nothing here yet */
		"PreToolUse": [
			{
				"hooks": [
					{
						"type": "command",
						"command": "ours x",
						"timeout": 5
					}
				]
			}
		],
		"SessionEnd": [
			{
				"hooks": [
					{
						"type": "command",
						"command": "ours x",
						"timeout": 5
					}
				]
			}
		]
	}, // end of hooks
	"zz": 1
}
)";
  auto entries = entries_for({"Stop", "PreToolUse", "SessionEnd"});
  EXPECT_EQ(put(before, entries), expected);
  EXPECT_EQ(put(expected, entries), expected);
}

TEST(PutHooks, StaysInTheLineOfAOneLineFile) {
  EXPECT_EQ(
      put(R"({"a":1})", entries_for({"Stop", "X"})),
      R"({"a":1,"hooks":{"Stop":[{"hooks":[{"type":"command","command":"ours x","timeout":5}]}],)"
      R"("X":[{"hooks":[{"type":"command","command":"ours x","timeout":5}]}]}})");
  EXPECT_EQ(put(R"({"hooks": {"Stop": [{"hooks": []}]}})", entries_for({"Stop"})),
            R"({"hooks": {"Stop": [{"hooks": []}, {"hooks": [{"type": "command", )"
            R"("command": "ours x", "timeout": 5}]}]}})");
}

TEST(PutHooks, KeepsLineEndsAndByteOrderMark) {
  std::string text = put("\xef\xbb\xbf{\r\n    \"a\": 1\r\n}", entries_for({"Stop"}));
  EXPECT_TRUE(
      text.starts_with("\xef\xbb\xbf{\r\n    \"a\": 1,\r\n    \"hooks\": {\r\n        \"Stop\""));
  size_t bare = 0;
  for (size_t i = 0; i < text.size(); ++i) bare += text[i] == '\n' && text[i - 1] != '\r';
  EXPECT_EQ(bare, 0u);
}

TEST(PutHooks, UpdatesTheCommandInItsPlace) {
  std::string before = put(R"({"a": 1})", entries_for({"Stop"}, "ours old"));
  std::string after = put(before, entries_for({"Stop"}, "ours new"));
  EXPECT_EQ(after, put(R"({"a": 1})", entries_for({"Stop"}, "ours new")));
}

TEST(PutHooks, LeavesTimeoutAndMatcherToTheUser) {
  std::string own = R"({"hooks": {"Stop": [{"matcher": "x", "hooks": [
    {"timeout": 99, "command": "ours x", "type": "command"}]}]}})";
  EXPECT_EQ(put(own, entries_for({"Stop"})), own);
}

TEST(PutHooks, KeepsOneOfRepeatedHooksAndDropsEventsThatWentAway) {
  std::string twice = R"({"hooks": {
  "Stop": [
    {"hooks": [{"type": "command", "command": "ours x"}, {"type": "command", "command": "theirs"}]},
    {"hooks": [{"type": "command", "command": "ours x"}]}
  ],
  "Gone": [
    {"hooks": [{"type": "command", "command": "ours x"}]}
  ]
}})";
  EXPECT_EQ(put(twice, entries_for({"Stop"})), R"({"hooks": {
  "Stop": [
    {"hooks": [{"type": "command", "command": "ours x"}, {"type": "command", "command": "theirs"}]}
  ]
}})");
}

TEST(PutHooks, WritesWhereTheAgentReads) {
  // The last of repeated members counts.
  std::string before = R"({"hooks": {"Stop": [{"hooks": [{"command": "ours x"}]}]}, "hooks": {}})";
  auto config = ConfigText::parse(put(before, entries_for({"Stop"})), "s");
  ASSERT_TRUE(config);
  auto sites = find_hooks(*config, kOurs);
  ASSERT_EQ(sites.size(), 1u);
  EXPECT_TRUE(sites[0].effective);
}

TEST(PutHooks, RefusesOtherShapes) {
  EXPECT_EQ(put("[]", entries_for({"Stop"})), "bad configuration at s:1: expected an object");
  EXPECT_EQ(put("{\n\"hooks\": []}", entries_for({"Stop"})),
            "bad configuration at s:2: \"hooks\" is not an object");
  EXPECT_EQ(put("{\"hooks\": {\n\n\"Stop\": null}}", entries_for({"Stop"})),
            "bad configuration at s:3: \"Stop\" is not a list");
  EXPECT_EQ(put("{\"a\" 1}", entries_for({"Stop"})), "bad configuration at s:1: expected ':'");
}

TEST(RemoveHooks, CutsOnlyOurPartsOutOfAChangedFile) {
  std::string changed = R"({
  "hooks": {
    "Stop": [
      // baton
      {"hooks": [{"type": "command", "command": "ours x"}]}, // ends here
      {"hooks": [{"type": "command", "command": "theirs"}]}
    ],
    "Start": [{"hooks": [
      {"type": "command", "command": "theirs"}, // why
      {"type": "command", "command": "ours x"} // last
    ]}],
    "End": [ {"hooks": [{"command": "ours x"}]}, {"hooks": []} ],
    "Only": [
      {"hooks": [{"command": "ours x"}]}
    ]
  }
}
)";
  EXPECT_EQ(taken_out(changed), R"({
  "hooks": {
    "Stop": [
      // baton
       // ends here
      {"hooks": [{"type": "command", "command": "theirs"}]}
    ],
    "Start": [{"hooks": [
      {"type": "command", "command": "theirs"} // why
       // last
    ]}],
    "End": [ {"hooks": []} ]
  }
}
)");
}

TEST(RemoveHooks, KeepsEmptyContainersThatWereThereBefore) {
  std::string text = put(R"({"hooks": {"Stop": []}})", entries_for({"Stop", "End"}));
  CreatedParts created{false, {"End"}};
  EXPECT_EQ(taken_out(text, &created), R"({"hooks": {"Stop": []}})");
  EXPECT_EQ(taken_out(put("{\"a\": 1}", entries_for({"Stop"}))), "{\"a\": 1}");
}

TEST(RemoveHooks, KeepsCommentsInsideContainers) {
  std::string text =
      "{\n  \"hooks\": {\n    \"Stop\": [ // mine\n      {\"hooks\": [{\"command\": \"ours x\"}]}\n"
      "    ]\n  }\n}";
  EXPECT_EQ(taken_out(text), "{\n  \"hooks\": {\n    \"Stop\": [ // mine\n    ]\n  }\n}");
}

TEST(RemoveHooks, NeverPutsCodeIntoALineComment) {
  std::string text =
      "{\"hooks\": {\"Stop\": [ // mine\n {\"hooks\": [{\"command\": \"ours x\"}]} ]}}";
  std::string rest = taken_out(text);
  EXPECT_TRUE(ConfigText::parse(rest, "s")) << rest;
  EXPECT_EQ(rest, "{\"hooks\": {\"Stop\": [ // mine\n  ]}}");
}

TEST(IsEmptyConfig, KnowsNothingFromSomething) {
  EXPECT_TRUE(is_empty_config(""));
  EXPECT_TRUE(is_empty_config("\xef\xbb\xbf { \n}\n"));
  EXPECT_FALSE(is_empty_config("{ // note\n}"));
  EXPECT_FALSE(is_empty_config("{\"a\": 1}"));
  EXPECT_FALSE(is_empty_config("[]"));
  EXPECT_FALSE(is_empty_config("{"));
}

TEST(FindHooks, TellsPositionAndForm) {
  auto config = ConfigText::parse(R"({"hooks": {"Stop": [
    {"hooks": [{"type": "command", "command": "theirs"}]},
    {"hooks": [{"type": "http", "command": "ours x"}, {"type": "command", "command": "ours x", "timeout": 7}]},
    {"matcher": "a", "hooks": [{"type": "command", "command": "ours x"}]},
    7, {"hooks": 8}, {"hooks": [9]}
  ], "Odd": {}}})",
                                  "s");
  ASSERT_TRUE(config);
  auto sites = find_hooks(*config, kOurs);
  ASSERT_EQ(sites.size(), 2u);
  EXPECT_EQ(sites[0].event, "Stop");
  EXPECT_EQ(sites[0].group, 1);
  EXPECT_EQ(sites[0].handler, 1);
  EXPECT_EQ(sites[0].timeout_s, 7);
  EXPECT_TRUE(sites[0].plain);
  EXPECT_EQ(sites[0].line, 3);
  EXPECT_FALSE(sites[1].plain);
}

TEST(PutHooks, HasALimit) {
  std::string text = "{\"hooks\": {\"Stop\": [";
  for (size_t i = 0; i <= kMaxOwnHooks; ++i) {
    text += i ? "," : "";
    text += R"({"hooks": [{"command": "ours x"}]})";
  }
  auto change = put_hooks(text + "]}}", "s", entries_for({"Stop"}), kOurs);
  ASSERT_FALSE(change);
  EXPECT_EQ(change.error().kind, ErrorKind::limit);
}

// ---------------------------------------------------------------- generated documents

// Writes random configurations in random hands.
class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {
    newline_ = chance(3) ? "\r\n" : "\n";
    unit_ = std::vector<std::string>{"  ", "    ", "\t", " ", ""}[below(5)];
    comments_ = chance(2);
    trailing_commas_ = comments_ && chance(2);
    one_line_ = chance(5);
  }

  std::string document() {
    std::string out = chance(8) ? "\xef\xbb\xbf" : "";
    if (chance(6)) out += newline_;
    object(out, 0, {"model", "hooks", "env", "permissions", "a//b"}, 0);
    if (!chance(4)) out += newline_;
    return out;
  }
  bool has_empty() const { return has_empty_; }

 private:
  size_t below(size_t limit) { return random_() % limit; }
  bool chance(size_t one_in) { return below(one_in) == 0; }

  void space(std::string& out, int depth, bool may_break) {
    if (comments_ && chance(6)) out += chance(2) ? " /* c, \"}\" */" : "/**/";
    if (may_break && !one_line_) {
      if (comments_ && chance(6)) out += " // it's \"x\", {";
      out += newline_;
      if (chance(9)) out += newline_;
      for (int i = 0; i < depth; ++i) out += unit_;
    } else if (chance(3)) {
      out += ' ';
    }
  }

  void string(std::string& out) {
    static const char* const kTexts[] = {"x",       "http://a//b",  "say \\\"hi\\\"", "\\u00e9",
                                         "a\\\\",   "/* no */",     "\xc3\xa9",       "",
                                         "{\\n} ,", "bad \xff byte"};
    out += '"';
    out += kTexts[below(std::size(kTexts))];
    out += '"';
  }

  void value(std::string& out, int depth) {
    size_t kind = below(depth > 4 ? 4 : 7);
    if (kind == 0)
      out += "true";
    else if (kind == 1)
      out += "-12.5e3";
    else if (kind == 2)
      out += "null";
    else if (kind == 3)
      string(out);
    else if (kind == 4)
      object(out, depth, {"p", "q", "hooks"}, 9);
    else
      list(out, depth, [&](int inner) { value(out, inner); });
  }

  void handler(std::string& out, int depth) {
    bool saved = one_line_;
    one_line_ |= chance(2);
    out += R"({"type": "command",)";
    space(out, depth + 1, false);
    out += R"("command": )";
    string(out);
    out += '}';
    one_line_ = saved;
  }

  template <class Each>
  void list(std::string& out, int depth, Each each) {
    bool saved = one_line_;
    one_line_ |= chance(4);
    size_t count = below(4);
    if (!count) has_empty_ = true;
    out += '[';
    for (size_t i = 0; i < count; ++i) {
      space(out, depth + 1, true);
      each(depth + 1);
      if (i + 1 < count || (trailing_commas_ && chance(2))) out += ',';
    }
    if (count || chance(3)) space(out, depth, true);
    out += ']';
    one_line_ = saved;
  }

  // level 0: the document; 1: "hooks"; 2 and 9: others.
  void object(std::string& out, int depth, std::vector<std::string> names, int level) {
    bool saved = one_line_;
    if (level) one_line_ |= chance(4);
    std::shuffle(names.begin(), names.end(), random_);
    names.resize(below(names.size() + 1));
    if (names.empty()) has_empty_ = true;
    out += '{';
    for (size_t i = 0; i < names.size(); ++i) {
      space(out, depth + 1, true);
      out += '"' + names[i] + '"';
      out += chance(9) ? " : " : ": ";
      if (level == 0 && names[i] == "hooks") {
        object(out, depth + 1, {"Stop", "Start", "Theirs"}, 1);
      } else if (level == 1) {
        list(out, depth + 1, [&](int inner) {
          out += R"({"matcher": "a|b", "hooks":)";
          list(out, inner + 1, [&](int innermost) { handler(out, innermost); });
          out += '}';
        });
      } else {
        value(out, depth + 1);
      }
      if (i + 1 < names.size() || (trailing_commas_ && chance(2))) out += ',';
    }
    if (!names.empty() || chance(3)) space(out, depth, true);
    out += '}';
    one_line_ = saved;
  }

  std::mt19937_64 random_;
  std::string newline_, unit_;
  bool comments_ = false, trailing_commas_ = false, one_line_ = false, has_empty_ = false;
};

// The document without comments, trailing commas and byte order mark, by rules of its own.
std::string plain_json(std::string_view text) {
  std::string out;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      size_t end = i + 1;
      while (text[end] != '"') end += text[end] == '\\' ? 2 : 1;
      out += text.substr(i, end + 1 - i);
      i = end + 1;
    } else if (text.substr(i, 2) == "//") {
      while (i < text.size() && text[i] != '\n' && text[i] != '\r') ++i;
    } else if (text.substr(i, 2) == "/*") {
      i = text.find("*/", i) + 2;
    } else {
      bool closes = text[i] == '}' || text[i] == ']';
      if (closes && out.ends_with(',')) out.pop_back();
      if (!is_config_space(text[i])) out += text[i];
      ++i;
    }
  }
  json::tidy(out);
  return out;
}

// Canonical JSON of a value, our handlers (and what only held them) left out.
std::string foreign_parts(json::Value value, bool& is_ours) {
  is_ours = false;
  if (value.is_object()) {
    if (value["command"].str().starts_with("ours ")) is_ours = true;
    std::string out = "{";
    size_t dropped = 0;
    for (size_t i = 0; i < value.size(); ++i) {
      bool child_ours = false;
      std::string child = foreign_parts(value.member_at(i), child_ours);
      if (child_ours && value.member_at(i).size()) {
        ++dropped;
        continue;
      }
      json::quote(out, value.key_at(i));
      out += ':' + child + ',';
    }
    if (dropped && dropped == value.size()) is_ours = true;
    return out + '}';
  }
  if (value.is_array()) {
    std::string out = "[";
    size_t dropped = 0;
    for (size_t i = 0; i < value.size(); ++i) {
      bool child_ours = false;
      std::string child = foreign_parts(value.at(i), child_ours);
      if (child_ours)
        ++dropped;
      else
        out += child + ',';
    }
    if (dropped && dropped == value.size()) is_ours = true;
    return out + ']';
  }
  return value.dump();
}

std::string without_space(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (!is_config_space(c)) out += c;
  }
  return out;
}

TEST(PutHooks, LeavesForeignBytesAloneInGeneratedFiles) {
  std::vector<HookEntry> entries = entries_for({"Start", "Stop", "End"}, "ours \"a\\b'");
  int exact = 0;
  for (uint64_t seed : baton::testing::seeds(4000)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Generator generator(seed);
    std::string before = generator.document();
    auto change = put_hooks(before, "s", entries, kOurs);
    ASSERT_TRUE(change) << change.error().message << '\n' << before;
    // Only insertions: cutting them out again gives the file.
    std::string rest = change->text;
    std::vector<ConfigEdit> insertions = change->insertions;
    std::stable_sort(insertions.begin(), insertions.end(),
                     [](const ConfigEdit& a, const ConfigEdit& b) { return a.begin < b.begin; });
    for (const ConfigEdit& edit : insertions) {
      ASSERT_EQ(edit.begin, edit.end);
      ASSERT_EQ(rest.substr(edit.begin, edit.text.size()), edit.text);
      rest.erase(edit.begin, edit.text.size());
    }
    ASSERT_EQ(rest, before);
    // It still is a configuration, each hook once where the agent reads it, at the end of its list.
    auto config = ConfigText::parse(change->text, "s");
    ASSERT_TRUE(config) << config.error().message << '\n' << change->text;
    auto sites = find_hooks(*config, kOurs);
    ASSERT_EQ(sites.size(), entries.size()) << change->text;
    for (const HookSite& site : sites) {
      EXPECT_TRUE(site.effective && site.plain);
      EXPECT_EQ(site.command, entries[0].command);
      ConfigIndex group = config->node(config->node(site.node).parent).parent;
      EXPECT_EQ(config->node(group).next, kNoNode);
    }
    EXPECT_FALSE(ConfigText::parse(before, "s")->first_extension() == std::nullopt &&
                 config->first_extension());
    // To other eyes the rest of it says what it said.
    auto then = json::Document::parse(plain_json(before));
    auto now = json::Document::parse(plain_json(change->text));
    ASSERT_TRUE(then && now) << before << "\n----\n" << change->text;
    bool ignored = false;
    if (!generator.has_empty()) {
      std::string left = foreign_parts(now->root(), ignored);
      if (ignored) left = "{}";
      EXPECT_EQ(left, foreign_parts(then->root(), ignored));
    }
    // Again changes nothing.
    auto again = put_hooks(change->text, "s", entries, kOurs);
    ASSERT_TRUE(again);
    ASSERT_EQ(again->text, change->text);
    EXPECT_TRUE(again->insertions.empty());
    // And out again.
    auto removed = remove_hooks(change->text, "s", kOurs, &change->created);
    ASSERT_TRUE(removed);
    ASSERT_EQ(without_space(*removed), without_space(before)) << change->text;
    if (!generator.has_empty()) {
      ASSERT_EQ(*removed, before);
      ++exact;
    }
  }
  EXPECT_GT(exact, 500);
}

TEST(RemoveHooks, LeavesOthersWhoCameLater) {
  const CommandTest theirs = [](std::string_view c) { return c.starts_with("theirs "); };
  for (uint64_t seed : baton::testing::seeds(1000)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::string before = Generator(seed).document();
    auto ours = put_hooks(before, "s", entries_for({"Start", "Stop"}), kOurs);
    ASSERT_TRUE(ours);
    auto both = put_hooks(ours->text, "s", entries_for({"Stop", "End"}, "theirs x"), theirs);
    ASSERT_TRUE(both);
    auto rest = remove_hooks(both->text, "s", kOurs, &ours->created);
    ASSERT_TRUE(rest);
    auto config = ConfigText::parse(*rest, "s");
    ASSERT_TRUE(config) << *rest;
    EXPECT_TRUE(find_hooks(*config, kOurs).empty());
    EXPECT_EQ(find_hooks(*config, theirs).size(), 2u);
    auto alone = remove_hooks(*rest, "s", theirs, &both->created);
    ASSERT_TRUE(alone);
  }
}

}  // namespace
}  // namespace baton::agents
