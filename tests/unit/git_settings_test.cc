#include "git/settings.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace baton::git {
namespace {

// Configuration by the environment alone: git's own variables for it, and ours.
class SettingsTest : public testing::Test {
 protected:
  void SetUp() override {
    set("GIT_CONFIG_NOSYSTEM", "1");
    set("GIT_CONFIG_GLOBAL", "/dev/null");
  }
  void TearDown() override {
    for (const std::string& name : set_) ::unsetenv(name.c_str());
  }
  void set(const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
    set_.push_back(name);
  }
  void configure(const std::string& key, const std::string& value) {
    std::string number = std::to_string(count_++);
    set("GIT_CONFIG_KEY_" + number, key);
    set("GIT_CONFIG_VALUE_" + number, value);
    set("GIT_CONFIG_COUNT", std::to_string(count_));
  }
  std::vector<std::string> set_;
  int count_ = 0;
};

TEST_F(SettingsTest, DefaultsStand) {
  Config config = Config::load_user();
  Settings settings(config);
  EXPECT_FALSE(settings.flag(Setting::off));
  EXPECT_EQ(settings.text(Setting::color), "auto");
  EXPECT_EQ(settings.number(Setting::untracked_file), 10 << 20);
  EXPECT_EQ(settings.number(Setting::untracked_folder), 5000);
  EXPECT_TRUE(settings.patterns().empty());
  EXPECT_TRUE(settings.problems().empty());
}

TEST_F(SettingsTest, ConfigurationAndEnvironment) {
  configure("baton.date", "iso");
  configure("baton.untrackedFile", "3k");
  configure("baton.off", "yes");
  Config config = Config::load_user();
  Settings settings(config);
  EXPECT_EQ(settings.text(Setting::date), "iso");
  EXPECT_EQ(settings.number(Setting::untracked_file), 3072);
  EXPECT_TRUE(settings.flag(Setting::off));
  set("BATON_DATE", "relative");
  EXPECT_EQ(settings.text(Setting::date), "relative");
  set("BATON_OFF", "0");
  EXPECT_FALSE(settings.flag(Setting::off));
}

TEST_F(SettingsTest, NonsenseIsNamedAndCountsAsUnset) {
  configure("baton.color", "mauve");
  configure("baton.trackedFile", "much");
  Config config = Config::load_user();
  Settings settings(config);
  EXPECT_EQ(settings.text(Setting::color), "auto");
  EXPECT_EQ(settings.number(Setting::tracked_file), 256 << 20);
  ASSERT_EQ(settings.problems().size(), 2u);
  EXPECT_EQ(settings.problems()[0], "setting baton.color: 'mauve' is none of auto|always|never");
}

TEST_F(SettingsTest, PatternsHaveNamesAndTheLastOneStands) {
  configure("baton.mask.ticket", "TCK-[0-9]+");
  configure("baton.mask.other", "x");
  configure("baton.mask.ticket", "TICKET-[0-9]+");
  Config config = Config::load_user();
  auto patterns = Settings(config).patterns();
  ASSERT_EQ(patterns.size(), 2u);
  EXPECT_EQ(patterns[0].first, "ticket");
  EXPECT_EQ(patterns[0].second, "TICKET-[0-9]+");
}

}  // namespace
}  // namespace baton::git
