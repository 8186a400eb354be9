#include "store/references.h"

#include <optional>
#include <unordered_map>

#include "base/json.h"
#include "os/file.h"
#include "store/journal.h"
#include "store/thinned.h"
#include "store/transcript.h"

namespace baton::store {
namespace {

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

class Reader {
 public:
  Reader(HashKind hash, Objects& objects, const BorrowedReader& borrowed, const EachReference& each)
      : digits_(2 * hash_size(hash)), objects_(objects), borrowed_(borrowed), each_(each) {}

  void read_line(std::string_view text) {
    auto line = split_journal_line(text);
    auto header = line ? json::Document::parse(line->header)
                       : Result<json::Document>(std::unexpected(line.error()));
    if (!header) {
      note(header.error());
      return mentions(text, Use::other);
    }
    if (is_thinned_line(header->root())) return;
    time_ = header->root()["t"].str();
    json::Value seen = header->root()["obs"];
    for (size_t i = 0; i < seen.size(); i++) read_observation(seen.at(i));
    found(header->root()["injected"].str(), Use::text);
    long_strings(line->payload, Use::text);
    mentions(text, Use::other);
    time_ = {};
    versions_.clear();
  }

  void read_session_file_line(std::string_view text) {
    long_strings(text, Use::session_text);
    mentions(text, Use::other);
  }

  void note(const Error& error) {
    if (problem_) problem_ = std::unexpected(error);
  }
  Status problem() const { return problem_; }

 private:
  void found(std::string_view hex, Use use, std::string_view path = {}) {
    if (hex.size() != digits_) return;
    auto id = ObjectId::from_hex(hex);
    if (!id) return;
    bool again = false;
    if (use == Use::version) {
      versions_[*id]++;
    } else if (auto told = versions_.find(*id); told != versions_.end() && told->second > 0) {
      told->second--;
      again = use == Use::other;
    }
    each_({*id, use, path, time_, again});
  }

  // Every run of digits that is as long as an id.
  void mentions(std::string_view text, Use use) {
    for (size_t at = 0; at < text.size();) {
      if (!is_hex_digit(text[at])) {
        ++at;
        continue;
      }
      size_t end = at + 1;
      while (end < text.size() && is_hex_digit(text[end])) ++end;
      if (end - at == digits_) found(text.substr(at, digits_), use);
      at = end;
    }
  }

  void long_strings(std::string_view text, Use use) {
    constexpr std::string_view kMark = "{\"$obj\":\"";
    for (size_t at = text.find(kMark); at != std::string_view::npos; at = text.find(kMark, at)) {
      at += kMark.size();
      found(text.substr(at, text.find('"', at) - at), use);
    }
  }

  // The list itself, or the one in the object that stands for it.
  template <class Each>
  void read_list(const json::Value& list, Each each) {
    if (!list.is_object()) {
      for (size_t i = 0; i < list.size(); i++) each(list.at(i));
      return;
    }
    found(list["$obj"].str(), Use::list);
    auto id = ObjectId::from_hex(list["$obj"].str());
    auto text = id ? objects_.get(*id, borrowed_)
                   : Result<std::string>(fail(ErrorKind::damage, "not an object's id"));
    if (!text) return note(text.error());
    auto document = json::Document::parse(*text);
    if (!document) {
      note(document.error());
    } else {
      for (size_t i = 0; i < document->root().size(); i++) each(document->root().at(i));
    }
    mentions(*text, Use::other);
  }

  void read_observation(const json::Value& seen) {
    read_list(seen["tr"], [&](const json::Value& change) {
      std::string_view path = change["p"].str();
      found(change["a"].str(), Use::version, path);
      found(change["b"].str(), Use::version, path);
    });
    auto entry = [&](const json::Value& row) {
      for (size_t i = 1; i < row.size(); i++) {
        found(row.at(i).str(), Use::version, row.at(0).str());
      }
    };
    read_list(seen["base"]["except"], entry);
    read_list(seen["move"]["diff"], entry);
  }

  size_t digits_;
  Objects& objects_;
  const BorrowedReader& borrowed_;
  const EachReference& each_;
  std::string_view time_;  // of the line
  // How often the line told of each as a version and its digits were not met yet.
  std::unordered_map<ObjectId, int, ObjectIdHash> versions_;
  Status problem_;
};

}  // namespace

Status each_reference(const SessionPlace& session, HashKind hash, Objects& objects,
                      const BorrowedReader& borrowed, SessionPosition& position,
                      const EachReference& each) {
  Reader reader(hash, objects, borrowed, each);
  auto end =
      read_journal(session.directory, position.journal, [&](std::string_view line, uint64_t) {
        reader.read_line(line);
        return true;
      });
  if (end) {
    position.journal = *end;
  } else if (end.error().kind != ErrorKind::not_found) {
    reader.note(end.error());
  }
  end = read_transcript(
      session.directory, position.transcript,
      [&](std::string_view line, uint64_t) { reader.read_session_file_line(line); });
  if (end) {
    position.transcript = *end;
  } else {
    reader.note(end.error());
  }
  return reader.problem();
}

}  // namespace baton::store
