#pragma once

// How a handoff that was made before is held against the record. For the handoff_verify*.cc files
// only; handoff_verify.h is the door.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "render/handoff_verify.h"

namespace baton::render {

// What a list's items are told apart by, which of their members may change without the item having
// been false, and whether the item as a whole may.
struct ListRule {
  std::string_view name;
  std::vector<std::string_view> keys, growing;
  bool state = false;
};

class HandoffVerifier {
 public:
  HandoffVerifier(const Style& style, index::Index& index, const handoff::Handoff& present)
      : style_(style), index_(index), present_(present) {}

  Result<Verified> json(std::string_view text);
  Result<Verified> markdown(std::string_view text);

 private:
  using Kind = VerifyFinding::Kind;

  // With a bundle and no clone nothing is known of the repository as it is now: what is said of it
  // is neither true nor out of date.
  bool without_repository() const {
    return present_.repository.head.empty() && present_.repository.branch.empty();
  }
  std::string held_dump(json::Value value) const;

  void note(Kind kind, const std::string& where, const std::string& what,
            const std::string& citation);
  void note(Kind kind, size_t line, const std::string& what, const std::string& citation);
  bool exists(const std::string& citation);

  // --- JSON: handoff_verify_json.cc ---

  // Whether the record or the repository went on since.
  bool anything_since(json::Value was, json::Value is) const;
  static bool same_key(const ListRule& rule, json::Value left, json::Value right);
  void compare_list(const ListRule& rule, json::Value was, json::Value is);
  void compare_item(const ListRule& rule, const std::string& where, json::Value was, json::Value is,
                    const std::string& citation);
  void differ(const ListRule& rule, const std::string& where, const std::string& name,
              json::Value was, json::Value is, const std::string& citation);
  // Whether what a statement about a changing thing quotes was ever said.
  bool said(const ListRule& rule, json::Value item);
  // Whether a path changed after the handoff was made.
  bool path_moved(std::string_view path) const;
  void compare_verification(json::Value was, json::Value is);
  void compare_message(json::Value was, json::Value is);
  // The agent's words of a turn, its last ones first, masked.
  std::vector<std::string> messages_of(const handoff::Citation& turn) const;
  void compare_repository(json::Value was, json::Value is);
  // What came since and is not in the handoff.
  void new_since(json::Value was, json::Value is);

  // --- Markdown: handoff_verify_markdown.cc ---

  // All lines of all forms.
  std::set<std::string> lines_of(const handoff::Handoff& handoff) const;
  // Those of the message of a turn, as if it were the last one.
  std::set<std::string> message_lines(const handoff::Citation& turn) const;
  // Whether it is a point to go back to that has moved on: another test run is the last green one.
  bool is_earlier_point(std::string_view body, const std::vector<std::string>& cited) const;
  std::vector<std::string> present_joined() const;
  static bool is_joined(std::string_view line, const std::vector<std::string>& parts);
  // baton's own lines: what was left out, and how to read the rest.
  static bool is_own(std::string_view body);
  // Statements about things that go on; others were so for ever.
  bool may_change(std::string_view section, std::string_view body) const;
  // Whether the sessions went on since, as far as the heading tells of their steps.
  static bool was_worked_on(std::string_view text, const std::set<std::string>& lines);
  // Whether a line under Changed tells what a file was at some time after the cited step.
  bool is_earlier_change(std::string_view line, const std::vector<std::string>& cited) const;

  const Style& style_;
  index::Index& index_;
  const handoff::Handoff& present_;
  bool moved_ = false;
  bool worked_on_ = false;
  std::map<std::string, bool> exists_;
  Verified verified_;
};

}  // namespace baton::render
