#include "record/payload.h"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "agents/withhold.h"
#include "secrets/credential_file.h"
#include "secrets/joined.h"
#include "secrets/mask.h"

namespace baton::record {
namespace {

// Members by which agents hand out a text in pieces: each holds one of them, or a list of them.
constexpr std::string_view kPieces[] = {"text",   "content", "output", "data",   "chunk", "delta",
                                        "chunks", "stdout",  "stderr", "deltas", "value", "line"};
// A setting told as two members: {"name": "DB_PASSWORD", "value": "..."}.
constexpr std::string_view kNames[] = {"name", "key", "variable", "var", "env", "setting"};

// Finds what no string shows by itself: secrets that go over several strings of a list or of its
// members, and values whose name stands in a member beside them. Strings go by their number in the
// order of the text.
class Neighbours {
 public:
  using Masked = std::map<size_t, std::string>;

  static Masked find(const json::Value& root) {
    Neighbours neighbours;
    neighbours.walk(root, {}, 0);
    return std::move(neighbours.masked_);
  }

 private:
  struct Part {
    size_t number;
    std::string_view text;
  };
  static constexpr int kDeepest = 512;

  // `key`: of the nearest member around it.
  void walk(const json::Value& value, std::string_view key, int depth) {
    if (depth > kDeepest) return;
    if (value.is_string()) {
      ++count_;
    } else if (value.is_object()) {
      walk_members(value, depth, [](std::string_view, const Part&) {});
    } else if (value.is_array()) {
      walk_list(value, key, depth);
    }
  }

  template <class Each>
  void walk_members(const json::Value& object, int depth, Each each_string) {
    for (size_t i = 0; i < object.size(); ++i) {
      json::Value member = object.member_at(i);
      if (member.is_string()) {
        if (object.key_at(i) == "value") named_value(object, member);
        each_string(object.key_at(i), Part{count_, member.str()});
      }
      walk(member, object.key_at(i), depth + 1);
    }
  }

  void walk_list(const json::Value& list, std::string_view key, int depth) {
    std::vector<Part> own, members[std::size(kPieces)];
    for (size_t i = 0; i < list.size(); ++i) {
      json::Value item = list.at(i);
      if (item.is_string()) own.push_back({count_, item.str()});
      if (!item.is_object()) {
        walk(item, key, depth + 1);
        continue;
      }
      walk_members(item, depth + 1, [&](std::string_view name, const Part& part) {
        auto piece = std::ranges::find(kPieces, name);
        if (piece != std::end(kPieces)) members[piece - kPieces].push_back(part);
      });
    }
    bool pieces = std::ranges::find(kPieces, key) != std::end(kPieces);
    join(own, pieces ? secrets::Joint::pieces : secrets::Joint::list);
    for (const auto& parts : members) join(parts, secrets::Joint::pieces);
  }

  void join(const std::vector<Part>& parts, secrets::Joint joint) {
    if (parts.size() < 2) return;
    std::vector<std::string_view> texts;
    for (const Part& part : parts) texts.push_back(part.text);
    auto masked = secrets::mask_joined(texts, joint);
    for (size_t i = 0; i < parts.size(); ++i) {
      if (masked[i]) masked_.insert_or_assign(parts[i].number, std::move(*masked[i]));
    }
  }

  void named_value(const json::Value& object, const json::Value& value) {
    for (std::string_view name : kNames) {
      json::Value named = object[name];
      if (!named.is_string()) continue;
      if (auto masked = secrets::mask_member(named.str(), value.str())) {
        masked_.try_emplace(count_, std::move(*masked));
      }
    }
  }

  size_t count_ = 0;
  Masked masked_;
};

}  // namespace

Result<std::string> PayloadWriter::rewrite(std::string_view json_text) {
  auto document = TRY(json::Document::parse(json_text));
  return rewrite(json_text, document.root());
}

Result<std::string> PayloadWriter::rewrite(std::string_view json_text, const json::Value& parsed) {
  if (auto kept = agents::withhold_contents(json_text, parsed, secrets::is_credential_file)) {
    auto document = TRY(json::Document::parse(*kept));
    return mask(*kept, document.root());
  }
  return mask(json_text, parsed);
}

Result<std::string> PayloadWriter::mask(std::string_view json_text, const json::Value& parsed) {
  Neighbours::Masked neighbours = Neighbours::find(parsed);
  size_t number = 0;
  return json::rewrite_strings(
      json_text, [&](const json::StringSite& site) -> std::optional<json::Replacement> {
        if (site.is_key) {
          auto masked = secrets::mask(site.value);
          if (!masked) return std::nullopt;
          return json::Replacement{std::move(*masked), false};
        }
        auto joined = neighbours.empty() ? neighbours.end() : neighbours.find(number);
        ++number;
        bool in_parts = joined != neighbours.end();
        auto masked = secrets::mask_member(site.key, in_parts ? joined->second : site.value);
        if (!masked && in_parts) masked = std::move(joined->second);
        std::string_view text = masked ? std::string_view(*masked) : site.value;
        if (text.size() <= kLargeString) {
          if (!masked) return std::nullopt;
          return json::Replacement{std::move(*masked), false};
        }
        ObjectId id = blob_id(hash_, text);
        large_.try_emplace(id, text);
        json::Writer reference;
        reference.begin_object().member("$obj", id.hex()).member("len", text.size()).end_object();
        return json::Replacement{reference.take(), true};
      });
}

std::string PayloadWriter::wrap_text(std::string_view text) {
  json::Writer writer;
  writer.begin_object().member("$text", text).end_object();
  return rewrite(writer.text()).value_or("null");
}

}  // namespace baton::record
