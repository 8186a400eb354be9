#include "base/json.h"

#include <gtest/gtest.h>

namespace baton::json {
namespace {

std::string tidied(std::string text) {
  tidy(text);
  return text;
}

TEST(Json, ReadsNestedValues) {
  auto document = Document::parse(R"({"a":{"b":[1,"two",true,null]},"n":-7.5})");
  ASSERT_TRUE(document);
  Value root = document->root();
  EXPECT_EQ(root["a"]["b"].size(), 4u);
  EXPECT_EQ(root["a"]["b"].at(1).str(), "two");
  EXPECT_TRUE(root["a"]["b"].at(2).boolean());
  EXPECT_EQ(root["n"].number(), -7.5);
  EXPECT_FALSE(root["x"]["y"].exists());
  EXPECT_EQ(root["x"]["y"].str("none"), "none");
}

TEST(Json, RefusesWhatIsCut) {
  auto document = Document::parse(R"({"a":{"b")");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().kind, ErrorKind::damage);
}

TEST(Json, StringsOfEveryLengthAtEveryPlace) {
  for (size_t size = 0; size < 70; ++size) {
    std::string before(size % 17, 'b'), content(size, 'x');
    std::string text = R"({"k)" + before + R"(":")" + content + R"(\n\u00e9é\"\\)" + content +
                       R"(","n":[1.50,-0,1e3,12345678901234567890]})";
    SCOPED_TRACE(text);
    auto document = Document::parse(text);
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root()["k" + before].str(), content + "\néé\"\\" + content);
    std::vector<std::string> seen;
    auto same = rewrite_strings(text, [&](const StringSite& site) -> std::optional<Replacement> {
      if (!site.is_key) seen.emplace_back(site.value);
      return std::nullopt;
    });
    ASSERT_TRUE(same);
    EXPECT_EQ(seen, std::vector<std::string>{content + "\néé\"\\" + content});
    EXPECT_TRUE(same->ends_with(R"("n":[1.50,-0,1e3,12345678901234567890]})")) << *same;
  }
}

TEST(Json, ControlCharactersInStringsAreRefusedWhereverTheyStand) {
  auto keep = [](const StringSite&) -> std::optional<Replacement> { return std::nullopt; };
  for (int code = 0; code < 0x20; ++code) {
    for (size_t size = 0; size < 40; ++size) {
      std::string text = "[\"" + std::string(size, 'x') + static_cast<char>(code) + "\"]";
      EXPECT_FALSE(Document::parse(text)) << code << " behind " << size;
      EXPECT_FALSE(rewrite_strings(text, keep)) << code << " behind " << size;
    }
  }
  EXPECT_TRUE(Document::parse("\xef\xbb\xbf{}"));
  EXPECT_TRUE(Document::parse("{\n\t\"a\": 1\r\n}\n"));
}

TEST(Json, DeepNestingDoesNotOverflow) {
  std::string deep(2'000'000, '[');
  EXPECT_FALSE(Document::parse(deep));
}

TEST(Json, MendsLoneSurrogates) {
  EXPECT_EQ(tidied(R"({"a":"x\ud83d"})"), R"({"a":"x\ufffd"})");
  EXPECT_EQ(tidied(R"({"a":"\ude00x"})"), R"({"a":"\ufffdx"})");
  EXPECT_EQ(tidied(R"({"a":"\ud83d\ude00"})"), R"({"a":"\ud83d\ude00"})");
  EXPECT_EQ(tidied(R"({"a":"\\ud83d"})"), R"({"a":"\\ud83d"})");
}

TEST(Json, MendsControlCharactersAndEncodings) {
  EXPECT_EQ(tidied("{\"a\":\"x\ty\"}"), R"({"a":"x\u0009y"})");
  EXPECT_EQ(tidied("\xef\xbb\xbf{}"), "{}");
  EXPECT_EQ(tidied(std::string("\xff\xfe{\0}\0", 6)), "{}");
  EXPECT_EQ(tidied(std::string("{\0}\0", 4)), "{}");
  EXPECT_EQ(tidied("{\"a\":\"\xff\"}"), "{\"a\":\"\xef\xbf\xbd\"}");
}

TEST(Json, WriterQuotes) {
  Writer writer;
  writer.begin_object().member("k\"", "a\n\x01\\").key("l").begin_array().integer(1).null();
  writer.end_array().end_object();
  EXPECT_EQ(writer.text(), R"({"k\"":"a\n\u0001\\","l":[1,null]})");
}

TEST(Json, RewriteKeepsNumbersAndTellsPlaces) {
  std::vector<std::string> seen;
  auto out = rewrite_strings(R"({"a":[1.50,{"b":"x"},"y"],"big":123456789012345678901234567890})",
                             [&](const StringSite& site) -> std::optional<Replacement> {
                               if (site.is_key) return std::nullopt;
                               seen.push_back(std::string(site.path) + "=" + std::string(site.key));
                               if (site.value == "x") return Replacement{R"({"$":1})", true};
                               return std::nullopt;
                             });
  ASSERT_TRUE(out);
  EXPECT_EQ(*out, R"({"a":[1.50,{"b":{"$":1}},"y"],"big":123456789012345678901234567890})");
  EXPECT_EQ(seen, (std::vector<std::string>{"a/1/b=b", "a/2=a"}));
}

TEST(JsonValue, DumpEscapesEveryControlCharacter) {
  std::string all;
  for (int c = 0; c < 0x20; c++) all += static_cast<char>(c);
  std::string text = "{";
  quote(text, all);
  text += ":";
  quote(text, all + " longer than sixteen bytes, so that it is looked at in blocks \x1b");
  text += "}";
  auto document = Document::parse(text);
  ASSERT_TRUE(document);
  std::string dumped = document->root().dump();
  for (char c : dumped) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
  EXPECT_EQ(dumped, text);
}

}  // namespace
}  // namespace baton::json
