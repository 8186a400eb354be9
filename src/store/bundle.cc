#include "store/bundle.h"

#include <zstd.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "os/env.h"
#include "os/file.h"
#include "store/journal.h"
#include "store/objects.h"

namespace baton::store {
namespace {

constexpr std::string_view kMagic = "baton bundle ";
constexpr std::string_view kVersion = "1";
constexpr size_t kDigestDigits = 64;
constexpr size_t kHeadSize = kMagic.size() + kVersion.size() + 1 + kDigestDigits + 1;
constexpr int kLevel = 9;
constexpr std::string_view kDerivedMark = "-";  // stands alone between the two lists
constexpr size_t kMaxPath = 4096;

Error damaged(const std::string& path, std::string_view what) {
  return {ErrorKind::damage, "'" + path + "' is no whole bundle: " + std::string(what),
          "ask for it again"};
}

// "PATH\nSIZE\nCONTENT\n" for each.
void add_files(std::string& text, std::vector<BundleFile>& files) {
  std::ranges::sort(files, {}, &BundleFile::path);
  for (const BundleFile& file : files) {
    text += file.path + "\n" + std::to_string(file.content.size()) + "\n";
    text += file.content;
    text += '\n';
  }
}

bool is_safe(std::string_view path) {
  if (path.empty() || path.size() > kMaxPath || path.starts_with('/')) return false;
  for (std::string_view part : split(path, '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return path.find('\0') == std::string_view::npos;
}

std::string cache_folder() {
  auto cache = os::env("XDG_CACHE_HOME");
  if (cache && cache->starts_with('/')) return os::join(*cache, "baton/bundles");
  std::string home = os::home_directory();
  return home.empty() ? "" : os::join(home, ".cache/baton/bundles");
}

// The store's format file goes last: a folder without it is not unpacked yet.
Status unpack(const Bundle& bundle, const std::string& folder) {
  const BundleFile* format = nullptr;
  for (const BundleFile& file : bundle.files) {
    if (file.path == "format") {
      format = &file;
      continue;
    }
    std::string path = os::join(folder, file.path);
    TRY(os::make_dirs(std::string(os::dirname(path))));
    TRY(os::replace_file(path, file.content));
  }
  if (format == nullptr) return fail(ErrorKind::damage, "the bundle holds no store");
  for (const char* name : {"sessions", "worktrees", "objects", "log"}) {
    TRY(os::make_dirs(os::join(folder, name)));
  }
  TRY(os::replace_file(os::join(folder, "format"), format->content));
  auto objects = TRY(Objects::open(TRY(open_store(folder))));
  return objects.rebuild_lookup();
}

// The digest of the file's bytes when it was last found whole, beside what was unpacked: a head
// alone makes no file the same.
constexpr std::string_view kSeenName = "seen";

std::string seen_path(const std::string& folder, const std::string& digest) {
  return os::join(os::join(folder, digest), kSeenName);
}

// One that was unpacked already, of this very file.
std::optional<OpenedBundle> find_unpacked(const std::string& path, const std::string& folder) {
  auto file = os::open_file(path, os::Open::read);
  if (!file || folder.empty()) return std::nullopt;
  auto head = os::read_at(*file, 0, kHeadSize);
  std::string begin = std::string(kMagic) + std::string(kVersion) + " ";
  if (!head || head->size() != kHeadSize || !head->starts_with(begin)) return std::nullopt;
  OpenedBundle opened;
  opened.digest = head->substr(begin.size(), kDigestDigits);
  if (!from_hex(opened.digest)) return std::nullopt;
  auto store = open_store(os::join(folder, opened.digest));
  if (!store) return std::nullopt;
  auto seen = os::read_file(seen_path(folder, opened.digest), kMaxPath);
  auto bytes = os::read_file(path, kMaxBundle);
  if (!seen || !bytes || *seen != hex(sha256(*bytes))) return std::nullopt;
  opened.store = std::move(*store);
  return opened;
}

}  // namespace

Result<std::string> write_bundle(const std::string& path, std::vector<BundleFile> files,
                                 std::vector<BundleFile> derived) {
  std::string text;
  add_files(text, files);
  std::string digest = hex(sha256(text));
  text += std::string(kDerivedMark) + "\n";
  add_files(text, derived);
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_enableLongDistanceMatching, 1);
  size_t size =
      ZSTD_compress2(context.get(), packed.data(), packed.size(), text.data(), text.size());
  if (ZSTD_isError(size)) {
    return fail(ErrorKind::io,
                "cannot compress the bundle: " + std::string(ZSTD_getErrorName(size)));
  }
  packed.resize(size);
  std::string head = std::string(kMagic) + std::string(kVersion) + " " + digest + "\n";
  TRY(os::replace_file(path, head + packed, 0644));
  return digest;
}

Result<Bundle> read_bundle(const std::string& path) {
  auto bytes = os::read_file(path, kMaxBundle);
  if (!bytes) return std::unexpected(bytes.error());
  std::string_view rest = *bytes;
  if (!rest.starts_with(kMagic)) {
    return fail(ErrorKind::damage, "'" + path + "' is no bundle of baton's");
  }
  std::string_view version = rest.substr(kMagic.size());
  version = version.substr(0, version.find_first_of(" \n"));
  if (version != kVersion) {
    return fail(ErrorKind::newer, "'" + path + "' is a bundle of a newer baton");
  }
  if (rest.size() < kHeadSize) return std::unexpected(damaged(path, "it is cut off"));
  if (rest[kHeadSize - 1] != '\n') return std::unexpected(damaged(path, "its head is damaged"));
  Bundle bundle;
  bundle.file_digest = hex(sha256(rest));
  bundle.digest = rest.substr(kHeadSize - 1 - kDigestDigits, kDigestDigits);
  rest.remove_prefix(kHeadSize);
  unsigned long long size = ZSTD_getFrameContentSize(rest.data(), rest.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kMaxBundle) {
    return std::unexpected(damaged(path, "its size is unknown"));
  }
  std::string text(size, '\0');
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  size_t got =
      ZSTD_decompressDCtx(context.get(), text.data(), text.size(), rest.data(), rest.size());
  if (ZSTD_isError(got) || got != size) return std::unexpected(damaged(path, "it is cut off"));

  std::string_view left = text;
  bool derived = false;
  while (!left.empty()) {
    size_t end = left.find('\n');
    if (end == left.npos) return std::unexpected(damaged(path, "a name is cut off"));
    std::string_view name = left.substr(0, end);
    if (name == kDerivedMark && !derived) {
      std::string_view counted = std::string_view(text).substr(0, text.size() - left.size());
      if (hex(sha256(counted)) != bundle.digest) {
        return std::unexpected(damaged(path, "its digest does not hold"));
      }
      derived = true;
      left.remove_prefix(end + 1);
      continue;
    }
    left.remove_prefix(end + 1);
    end = left.find('\n');
    auto length = parse_int(left.substr(0, end));
    if (!is_safe(name) || !length || *length < 0 || end == left.npos ||
        left.size() - end - 1 < static_cast<uint64_t>(*length) + 1) {
      return std::unexpected(damaged(path, "a file of it is cut off"));
    }
    left.remove_prefix(end + 1);
    bundle.files.push_back(
        {std::string(name), std::string(left.substr(0, static_cast<size_t>(*length)))});
    left.remove_prefix(static_cast<size_t>(*length) + 1);
  }
  if (!derived) return std::unexpected(damaged(path, "its digest does not hold"));
  return bundle;
}

Result<OpenedBundle> open_bundle(const std::string& path) {
  std::string folder = cache_folder();
  if (auto known = find_unpacked(path, folder)) return std::move(*known);
  Bundle bundle = TRY(read_bundle(path));
  OpenedBundle opened;
  opened.digest = bundle.digest;
  if (!folder.empty()) {
    std::string there = os::join(folder, bundle.digest);
    // Unpacked beside it and renamed: two readers at once do not meet half a store.
    std::string fresh = there + "." + hex(os::random_bytes(4));
    if (os::make_dirs(fresh) && unpack(bundle, fresh)) {
      if (!os::rename_path(fresh, there)) (void)os::remove_tree(fresh);
      if (auto store = open_store(there)) {
        (void)os::replace_file(seen_path(folder, bundle.digest), bundle.file_digest);
        opened.store = std::move(*store);
        return opened;
      }
    }
    (void)os::remove_tree(fresh);
  }
  std::string temporary = os::env("TMPDIR").value_or("/tmp");
  folder = os::join(temporary, "baton-" + hex(os::random_bytes(8)));
  TRY(os::make_dirs(folder));
  TRY(unpack(bundle, folder));
  opened.store = TRY(open_store(folder));
  opened.temporary = true;
  return opened;
}

Status JournalCopy::add(std::string_view line, std::string_view payload) {
  JournalLine parts = TRY(split_journal_line(line));
  std::string digest(parts.digest);
  if (!payload.empty()) digest = journal_digest(parts.salt, payload);
  std::string chain = journal_chain(chain_, parts.header, digest);
  text_ += "{\"h\":\"" + chain + "\",\"d\":\"" + digest + "\",\"e\":";
  text_ += parts.header;
  if (!payload.empty()) {
    text_ += ",\"s\":\"" + std::string(parts.salt) + "\",\"p\":";
    text_ += payload;
  }
  text_ += "}\n";
  chain_ = chain;
  return {};
}

}  // namespace baton::store
