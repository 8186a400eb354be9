#include "os/keys.h"

#include <algorithm>

#include "base/bytes.h"

namespace baton::os {
namespace {

using Kind = Key::Kind;

constexpr char kEscape = '\033';
constexpr char kInterrupt = 'C' & 0x1f;
constexpr size_t kLongestSequence = 64;
constexpr std::string_view kPasteBegins = "\033[200~", kPasteEnds = "\033[201~";

unsigned char byte_at(std::string_view bytes, size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

Kind control_key(char byte) {
  switch (byte) {
    case '\r':
    case '\n':
      return Kind::enter;
    case 0x7f:
    case '\b':
      return Kind::backspace;
    case kInterrupt:
      return Kind::interrupt;
    case 'N' & 0x1f:
      return Kind::down;
    case 'P' & 0x1f:
      return Kind::up;
    case 'R' & 0x1f:
      return Kind::reload;
    case 'U' & 0x1f:
      return Kind::clear;
    default:
      return Kind::other;
  }
}

// What ends an arrow's sequence, `ESC [ A` or `ESC O A`.
Kind arrow_key(char last) {
  switch (last) {
    case 'A':
      return Kind::up;
    case 'B':
      return Kind::down;
    case 'C':
      return Kind::right;
    case 'D':
      return Kind::left;
    case 'H':
      return Kind::home;
    case 'F':
      return Kind::end;
    case 'M':
      return Kind::enter;  // of the number pad
    default:
      return Kind::other;
  }
}

// The number in `ESC [ 5 ~`.
Kind numbered_key(std::string_view parameters) {
  switch (parse_int(parameters.substr(0, parameters.find(';'))).value_or(0)) {
    case 1:
    case 7:
      return Kind::home;
    case 4:
    case 8:
      return Kind::end;
    case 5:
      return Kind::page_up;
    case 6:
      return Kind::page_down;
    case 15:
      return Kind::reload;
    default:
      return Kind::other;
  }
}

size_t character_size(unsigned char lead) {
  return lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

// Without the beginning of a character at the end.
size_t whole_characters(std::string_view text) {
  size_t lead = text.size();
  while (lead > 0 && (byte_at(text, lead - 1) & 0xC0) == 0x80) --lead;
  if (lead == 0) return text.size();
  bool cut = lead - 1 + character_size(byte_at(text, lead - 1)) > text.size();
  return cut ? lead - 1 : text.size();
}

bool is_control(std::string_view character) {
  unsigned char lead = byte_at(character, 0);
  bool c1 = lead == 0xC2 && character.size() > 1 && byte_at(character, 1) < 0xA0;
  return lead < 0x20 || lead == 0x7F || c1;
}

}  // namespace

Key KeyReader::take(size_t size, Kind kind) {
  Key key{kind, {}};
  if (kind == Kind::text) key.text = bytes_.substr(0, size);
  bytes_.erase(0, size);
  return key;
}

std::optional<Key> KeyReader::next(bool quiet) {
  if (bytes_.empty()) return std::nullopt;
  if (pasting_) return pasted(quiet);
  if (bytes_[0] == kEscape) return sequence(quiet);
  return character(quiet);
}

std::optional<Key> KeyReader::character(bool quiet) {
  unsigned char lead = byte_at(bytes_, 0);
  if (lead < 0x20 || lead == 0x7F) return take(1, control_key(bytes_[0]));
  size_t size = character_size(lead);
  if (bytes_.size() < size && !quiet) return std::nullopt;
  size = std::min(size, bytes_.size());
  std::string_view text = std::string_view(bytes_).substr(0, size);
  if (!is_utf8(text)) return take(1, Kind::other);
  return take(size, is_control(text) ? Kind::other : Kind::text);
}

std::optional<Key> KeyReader::sequence(bool quiet) {
  if (bytes_.size() == 1) {
    if (!quiet) return std::nullopt;
    return take(1, Kind::escape);
  }
  char second = bytes_[1];
  if (second == kEscape || second == kInterrupt) return take(1, Kind::escape);
  if (second == 'O') {
    if (bytes_.size() < 3) return quiet ? std::optional(take(2, Kind::other)) : std::nullopt;
    return take(3, arrow_key(bytes_[2]));
  }
  if (second != '[') {  // with the Alt key
    size_t size = 1 + character_size(byte_at(bytes_, 1));
    if (bytes_.size() < size && !quiet) return std::nullopt;
    return take(std::min(size, bytes_.size()), Kind::other);
  }
  // The Linux console's function keys have one [ more.
  size_t first = bytes_.size() > 2 && bytes_[2] == '[' ? 3 : 2;
  size_t at = first;
  while (at < bytes_.size() && bytes_[at] >= 0x20 && bytes_[at] < 0x40) ++at;
  if (at == bytes_.size()) {
    if (!quiet && at < kLongestSequence) return std::nullopt;
    return take(at, Kind::other);
  }
  if (bytes_.starts_with(kPasteBegins)) {
    bytes_.erase(0, kPasteBegins.size());
    pasting_ = true;
    return next(quiet);
  }
  char last = bytes_[at];
  // A control character inside breaks the sequence off and stands for itself.
  if (last < 0x40 || last == 0x7F) return take(at, Kind::other);
  if (first == 3) return take(at + 1, Kind::other);
  if (last == '~') return take(at + 1, numbered_key(bytes_.substr(first, at - first)));
  return take(at + 1, arrow_key(last));
}

// Pasted lines are text like any other: no line end of them is the enter key.
std::optional<Key> KeyReader::pasted(bool quiet) {
  // The way out stays open where a terminal never says that the paste ended.
  if (size_t way_out = bytes_.find(kInterrupt); way_out != std::string::npos) {
    pasting_ = false;
    return take(way_out + 1, Kind::interrupt);
  }
  size_t end = bytes_.find(kPasteEnds);
  size_t size = end;
  if (end == std::string::npos) {
    // Its end may be cut, and so may the last character.
    size = bytes_.size();
    if (!quiet) {
      for (size_t tail = 1; tail < kPasteEnds.size() && tail <= bytes_.size(); ++tail) {
        if (bytes_.ends_with(kPasteEnds.substr(0, tail))) size = bytes_.size() - tail;
      }
      size = whole_characters(std::string_view(bytes_).substr(0, size));
      if (size == 0) return std::nullopt;
    }
  }
  Key key{Kind::text, {}};
  std::string text = to_utf8(std::string_view(bytes_).substr(0, size));
  for (size_t at = 0; at < text.size();) {
    size_t length = std::min(character_size(byte_at(text, at)), text.size() - at);
    std::string character = text.substr(at, length);
    at += length;
    if (!is_control(character)) {
      key.text += character;
    } else if (!key.text.empty() && !key.text.ends_with(' ')) {
      key.text += ' ';
    }
  }
  bytes_.erase(0, size);
  if (end != std::string::npos) {
    bytes_.erase(0, kPasteEnds.size());
    pasting_ = false;
  }
  if (key.text.empty()) key.kind = Kind::other;
  return key;
}

}  // namespace baton::os
