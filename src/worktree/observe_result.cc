#include "worktree/observe.h"

#include <algorithm>

#include "base/bytes.h"
#include "worktree/observe_look.h"

namespace baton::worktree {
namespace {

using os::FileType;
using store::ManifestEntry;
using store::SkipReason;

std::vector<std::string_view> sorted_lines(std::string_view text) {
  std::vector<std::string_view> lines = split(text, '\n');
  std::ranges::sort(lines);
  return lines;
}

// Whether the told texts are what a tool read and wrote, byte for byte, and every line that it
// brought stands in the content on disk.
bool stands_in(const ToolResult& told, std::string_view on_disk) {
  if (!told.before || !told.after || on_disk.size() > kMaxDeltaContent) return false;
  // Of such a content no decoding makes another text.
  if (!is_utf8(on_disk) || contains(on_disk, "\r") || on_disk.starts_with("\xef\xbb\xbf")) {
    return false;
  }
  std::vector<std::string_view> brought;
  std::ranges::set_difference(sorted_lines(*told.after), sorted_lines(*told.before),
                              std::back_inserter(brought));
  return !brought.empty() && std::ranges::includes(sorted_lines(on_disk), brought);
}

}  // namespace

// A file tool told what it did. Its result becomes a version of its own, so that what a person
// saved before it and what a formatter made of it after are not the tool's.
Status Observer::settle_result(ToolResult& told, Observation& observation) {
  auto before = known(told.path);
  ObjectId after_id;
  std::optional<Expected> expected;
  if (told.after) {
    after_id = blob_id(store_.hash, *told.after);
    expected = Expected{&*told.after, after_id};
  }
  Look now = TRY(look(told.path, is_tracked(told.path, before), expected));
  bool plain = now.skip == SkipReason::none && !now.withheld && !base_pending_ &&
               (now.stat.type == FileType::regular || now.stat.type == FileType::none) &&
               (!before || before->skipped == SkipReason::none);
  Version was;
  if (before) was = {before->id, std::string(before->mode())};
  ObjectId before_id;
  if (plain && told.before) {
    before_id = blob_id(store_.hash, *told.before);
    if (was.exists() && before_id != was.id && now.version.id != after_id &&
        contains(now.content, "\r\n")) {
      // Some tools speak of a text with LF and keep the file's own line ends.
      std::string crlf = with_crlf(*told.before);
      ObjectId crlf_id = blob_id(store_.hash, crlf);
      if (crlf_id == was.id) {
        told.before = std::move(crlf);
        before_id = crlf_id;
        if (told.after) {
          told.after = with_crlf(*told.after);
          after_id = blob_id(store_.hash, *told.after);
        }
      }
    }
  }
  bool on_disk = told.after ? now.version.id == after_id : !now.version.exists();
  bool from_known = told.before ? (was.exists() && before_id == was.id) : !was.exists();
  // Without one end that we saw ourselves, the payload's text is hearsay (an editor's buffer, a
  // lossy decoding) and only the disk counts; unless somebody saved on both sides of the tool.
  auto saved_twice = [&] {
    return now.version != was && was.exists() && now.version.exists() &&
           stands_in(told, now.content);
  };
  bool believed = plain && (on_disk || from_known || saved_twice());
  if (!believed) {
    return settle_path(told.path, observation, told.call);
  }

  std::string mode = now.version.exists() ? now.version.mode : was.exists() ? was.mode : "100644";
  auto add = [&](Sight sight, const Version& from, const Version& to) {
    Transition change;
    change.path = told.path;
    change.before = from;
    change.after = to;
    change.sight = sight;
    change.call = told.call;
    change.ctime_ns = now.stat.ctime_ns;
    add_transition(observation, std::move(change));
  };
  Version after = told.after ? Version{after_id, mode} : Version{};
  if (on_disk && was == after) {
    // Another event's pass saw this content first: no change, but whose it is.
    add(Sight::tool, after, after);
    ManifestEntry entry = before.value_or(ManifestEntry{});
    if (now.version.exists()) {
      entry.set_stat(now.stat);
      entry.unsettled = now.unsettled;
      update(told.path, entry);
    }
    return {};
  }
  Version found = was;
  if (told.before && before_id != was.id) {
    found = {before_id, was.exists() ? was.mode : mode};
    TRY(store_content(before_id, *told.before, was.id, {}));
    add(Sight::pre, was, found);
  }
  std::string_view base = told.before ? std::string_view(*told.before) : std::string_view();
  std::string_view made = told.after ? std::string_view(*told.after) : std::string_view();
  if (told.after && after != found) {
    TRY(store_content(after_id, made, found.id, base));
    add(Sight::tool, found, after);
  } else if (!told.after) {
    add(Sight::tool, found, after);
  }
  if (now.version.exists() && !on_disk) {
    TRY(store_content(now.version.id, now.content, after_id, made));
    add(Sight::post, after, now.version);
    observation.transitions.back().unsettled = now.unsettled;
  } else if (!now.version.exists() && told.after) {
    add(Sight::post, after, Version{});
  }
  ManifestEntry entry;
  if (now.version.exists()) {
    entry.set_stat(now.stat);
    entry.id = now.version.id;
    entry.unsettled = now.unsettled;
    entry.tracked = is_tracked(told.path, before);
  }
  update(told.path, entry);
  return {};
}

}  // namespace baton::worktree
