#include "secrets/masker.h"

#include <gtest/gtest.h>

namespace baton::secrets {
namespace {

TEST(Masker, PatternsOfTheUser) {
  Masker masker;
  ASSERT_TRUE(masker.add_pattern("ticket", R"(ACME-(\d{4}))"));
  ASSERT_TRUE(masker.add_pattern("host", R"([a-z]+\.corp\.test)"));
  EXPECT_EQ(masker.mask("see ACME-1234 on db.corp.test, password: \"hunter2\""),
            "see ACME-[masked:ticket] on [masked:host], password: \"[masked:password]\"");
  EXPECT_FALSE(masker.mask("nothing"));
  EXPECT_EQ(masker.mask_member("note", "ACME-9999"), "ACME-[masked:ticket]");
  EXPECT_EQ(masker.mask_member("password", "ACME-9999"), "[masked:password]");
}

TEST(Masker, RefusesWhatIsWrong) {
  Masker masker;
  auto bad = masker.add_pattern("x", "a(b");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind, ErrorKind::usage);
  EXPECT_NE(bad.error().message.find("at byte 3"), std::string::npos) << bad.error().message;
  EXPECT_FALSE(masker.add_pattern("x y", "a"));
  EXPECT_FALSE(masker.add_pattern("x", std::string(5000, 'a')));
}

TEST(Masker, ARunawayPatternDoesNotHang) {
  Masker masker;
  ASSERT_TRUE(masker.add_pattern("slow", "(a+)+$"));
  EXPECT_FALSE(masker.mask(std::string(5000, 'a') + "b"));
}

TEST(Masker, MarksAreLeftAlone) {
  Masker masker;
  ASSERT_TRUE(masker.add_pattern("all", "[a-z]+"));
  std::string once = masker.mask("abc 123 def").value();
  EXPECT_EQ(once, "[masked:all] 123 [masked:all]");
  EXPECT_FALSE(masker.mask(once));
}

}  // namespace
}  // namespace baton::secrets
