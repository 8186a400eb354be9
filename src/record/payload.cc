#include "record/payload.h"

#include "base/json.h"
#include "secrets/mask.h"

namespace baton::record {

Result<std::string> PayloadWriter::rewrite(std::string_view json_text) {
  return json::rewrite_strings(
      json_text, [&](const json::StringSite& site) -> std::optional<json::Replacement> {
        if (site.is_key) {
          auto masked = secrets::mask(site.value);
          if (!masked) return std::nullopt;
          return json::Replacement{std::move(*masked), false};
        }
        auto masked = secrets::mask_member(site.key, site.value);
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
