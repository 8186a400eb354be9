// Arbitrary bytes as an agent's configuration: putting hooks in and out must keep every foreign
// byte and always leave something that parses.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agents/config_edit.h"
#include "agents/config_toml.h"

namespace {

void check(bool holds) {
  if (!holds) abort();
}

std::string without_space(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (!baton::agents::is_config_space(c)) out += c;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace baton::agents;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)read_toml(text);
  const CommandTest is_ours = [](std::string_view command) { return command.starts_with("ours "); };
  const std::vector<HookEntry> entries{{"Stop", "ours x", 5}, {"PreToolUse", "ours y", 3}};

  auto change = put_hooks(text, "fuzz", entries, is_ours);
  auto removed = remove_hooks(text, "fuzz", is_ours, nullptr);
  if (!change) {
    if (!ConfigText::parse(text, "fuzz")) check(!removed);
    return 0;
  }
  check(removed && remove_hooks(*removed, "fuzz", is_ours, nullptr) == *removed);
  auto config = ConfigText::parse(change->text, "fuzz");
  check(config.has_value());
  std::vector<HookSite> sites = find_hooks(*config, is_ours);
  check(sites.size() == entries.size());
  for (const HookSite& site : sites) check(site.effective);
  auto again = put_hooks(change->text, "fuzz", entries, is_ours);
  check(again && again->text == change->text);
  for (const ConfigEdit& edit : change->insertions) check(edit.begin == edit.end);

  // With nothing of ours in it before, taking out gives the same but for the space in containers
  // that were empty.
  auto before = ConfigText::parse(text, "fuzz");
  check(before.has_value());
  if (!find_hooks(*before, is_ours).empty()) return 0;
  auto back = remove_hooks(change->text, "fuzz", is_ours, &change->created);
  check(back.has_value());
  if (before->blank())
    check(is_empty_config(*back));
  else
    check(without_space(*back) == without_space(text));
  return 0;
}
