#include "render/when.h"

#include <gtest/gtest.h>

namespace baton::render {
namespace {

const Micros kNow = *parse_utc("2026-11-24T10:00:00Z");

std::string ago(const char* time) {
  Style style;
  style.date.kind = DateForm::Kind::relative;
  style.now = kNow;
  return when(style, *parse_utc(time));
}

TEST(When, Relative) {
  EXPECT_EQ(ago("2026-11-24T09:59:59Z"), "1 second ago");
  EXPECT_EQ(ago("2026-11-24T09:58:00Z"), "2 minutes ago");
  EXPECT_EQ(ago("2026-11-24T07:10:00Z"), "3 hours ago");
  EXPECT_EQ(ago("2026-11-22T10:00:00Z"), "2 days ago");
  EXPECT_EQ(ago("2026-11-01T10:00:00Z"), "3 weeks ago");
  EXPECT_EQ(ago("2026-06-01T10:00:00Z"), "6 months ago");
  EXPECT_EQ(ago("2024-06-01T10:00:00Z"), "2 years ago");
  EXPECT_EQ(ago("2026-11-24T12:00:00Z"), "in 2 hours");
}

TEST(When, AsGitWritesDates) {
  Style style;
  style.now = kNow;
  Micros time = *parse_utc("2026-11-04T09:05:07.4Z");
  for (auto [form, shown] : {std::pair{"iso", "2026-11-04T09:05:07Z"},
                             {"iso8601", "2026-11-04T09:05:07Z"},
                             {"iso-strict", "2026-11-04T09:05:07+00:00"},
                             {"rfc", "Wed, 4 Nov 2026 09:05:07 +0000"},
                             {"short", "2026-11-04"},
                             {"unix", "1793783107"},
                             {"raw", "1793783107 +0000"},
                             {"default", "Wed Nov 4 09:05:07 2026 +0000"},
                             {"human", "Wed Nov  4 09:05"},
                             {"relative", "3 weeks ago"},
                             {"format:%d.%m.%y", "04.11.26"},
                             {"format:", ""}}) {
    auto parsed = parse_date_form(form);
    ASSERT_TRUE(parsed) << form;
    style.date = *parsed;
    EXPECT_EQ(when(style, time), shown) << form;
  }
  for (auto form : {"", "soon", "short-", "local-local", "format", "iso strict"}) {
    EXPECT_FALSE(parse_date_form(form)) << form;
  }
  EXPECT_TRUE(parse_date_form("short-local")->local);
  EXPECT_TRUE(parse_date_form("local")->local);
}

TEST(When, ShortAsATargetHasIt) {
  Style style;
  style.date.kind = DateForm::Kind::relative;
  style.now = kNow;
  for (auto [time, shown] : {std::pair{"2026-11-24T09:59:15Z", "45s ago"},
                             {"2026-11-24T09:48:00Z", "12min ago"},
                             {"2026-11-24T07:10:00Z", "3h ago"},
                             {"2026-11-20T10:00:00Z", "4d ago"},
                             {"2026-11-01T10:00:00Z", "3w ago"},
                             {"2024-06-01T10:00:00Z", "2y ago"},
                             {"2026-11-24T12:00:00Z", "0s ago"}}) {
    EXPECT_EQ(short_when(style, *parse_utc(time)), shown);
    EXPECT_TRUE(parse_when(shown, kNow)) << shown;
  }
  EXPECT_EQ(short_when({}, kNow), when({}, kNow));
}

TEST(When, Iso) {
  EXPECT_EQ(when({}, kNow), "2026-11-24T10:00:00Z");
  EXPECT_EQ(when({}, 0), "-");
  EXPECT_EQ(full_time(kNow), "2026-11-24 10:00:00 UTC");
}

TEST(When, Durations) {
  EXPECT_EQ(duration(340'000), "340 ms");
  EXPECT_EQ(duration(1'230'000), "1.2 s");
  EXPECT_EQ(duration(185 * kSecond), "3 min 5 s");
  EXPECT_EQ(duration(7800 * kSecond), "2 h 10 min");
}

TEST(When, UnderstandsWhatPeopleWrite) {
  auto parsed = [](const char* text) {
    auto time = parse_when(text, kNow);
    return time ? format_utc(*time).substr(0, 19) : "nothing";
  };
  EXPECT_EQ(parsed("2026-11-20"), "2026-11-20T00:00:00");
  EXPECT_EQ(parsed("2026-11-20 08:30"), "2026-11-20T08:30:00");
  EXPECT_EQ(parsed("2026-11-20T08:30:15+02:00"), "2026-11-20T06:30:15");
  EXPECT_EQ(parsed("2h"), "2026-11-24T08:00:00");
  EXPECT_EQ(parsed("30 min ago"), "2026-11-24T09:30:00");
  EXPECT_EQ(parsed("3 days ago"), "2026-11-21T10:00:00");
  EXPECT_EQ(parsed("1 week"), "2026-11-17T10:00:00");
  EXPECT_EQ(parsed("1.week.ago"), "2026-11-17T10:00:00");
  EXPECT_EQ(parsed("yesterday"), "2026-11-23T00:00:00");
  EXPECT_EQ(parsed("now"), "2026-11-24T10:00:00");
  for (const char* text : {"", "soon", "2", "h", "99999999999 days", "2026-13-01", "2 moons"}) {
    EXPECT_EQ(parsed(text), "nothing") << text;
  }
}

}  // namespace
}  // namespace baton::render
