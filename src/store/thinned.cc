#include "store/thinned.h"

#include "os/file.h"
#include "store/journal.h"

namespace baton::store {

bool is_thinned_line(const json::Value& header) {
  return header["event"].str() == kThinnedEvent && header["agent"].str() == "baton" &&
         header["session"].str() == kThinnedSession;
}

std::string thinned_payload(uint64_t budget, const std::vector<ThinnedContent>& contents) {
  json::Writer json;
  json.begin_object().member("budget", size_t{budget}).key("contents").begin_array();
  for (const ThinnedContent& content : contents) {
    json.begin_array().string(content.id.hex());
    json.integer(static_cast<int64_t>(content.size)).end_array();
  }
  json.end_array().end_object();
  return std::string(json.text());
}

Result<ThinnedContents> read_thinned(const Store& store) {
  ThinnedContents found;
  std::string directory = os::join(os::join(store.sessions_dir(), "baton"), kThinnedSession);
  auto take = [&](std::string_view text, uint64_t) {
    auto line = split_journal_line(text);
    if (!line || line->forgotten) return true;
    auto header = json::Document::parse(line->header);
    auto payload = json::Document::parse(line->payload);
    if (!header || !payload || !is_thinned_line(header->root())) return true;
    Micros time = parse_utc(header->root()["t"].str()).value_or(0);
    json::Value contents = payload->root()["contents"];
    for (size_t i = 0; i < contents.size(); ++i) {
      auto id = ObjectId::from_hex(contents.at(i).at(0).str());
      if (!id) continue;
      found[*id] = {static_cast<uint64_t>(contents.at(i).at(1).integer()), time};
    }
    return true;
  };
  auto read = read_journal(directory, 0, take);
  if (!read && read.error().kind != ErrorKind::not_found) return std::unexpected(read.error());
  return found;
}

}  // namespace baton::store
