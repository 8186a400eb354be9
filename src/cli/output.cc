#include "cli/output.h"

#include "os/clock.h"
#include "os/env.h"
#include "os/file.h"

namespace baton::cli {
namespace {

constexpr size_t kBuffer = 64u << 10;
constexpr int64_t kProgressAfterUs = 1'000'000;
constexpr int64_t kProgressEveryUs = 100'000;

}  // namespace

void Output::write(std::string_view text) {
  if (closed_) return;
  if (text.size() >= kBuffer) {  // not copied
    flush();
    put(text);
    return;
  }
  buffer_ += text;
  if (buffer_.size() >= kBuffer) flush();
}

void Output::flush() {
  put(buffer_);
  buffer_.clear();
}

void Output::put(std::string_view text) {
  if (closed_ || text.empty()) return;
  if (!pager_command_.empty() && !pager_.running()) {
    auto started = os::Pager::start(pager_command_);
    if (started) pager_ = std::move(*started);
    pager_command_.clear();
  }
  auto written = os::write_fd(1, text);
  if (written) return;
  closed_ = true;
  if (written.error().message.find("broken pipe") == std::string::npos) {
    problem_ = written.error().message;
  }
}

void Output::finish() {
  flush();
  pager_.finish();
}

Progress::Progress(std::string what)
    : what_(std::move(what)),
      began_us_(os::monotonic_us()),
      next_us_(began_us_ + kProgressAfterUs),
      terminal_(os::is_terminal(2)) {}

Progress::~Progress() {
  if (shown_) (void)os::write_fd(2, "\r\033[K");
}

void Progress::operator()(uint64_t done, uint64_t total) {
  if (!terminal_) return;
  int64_t now = os::monotonic_us();
  if (now < next_us_) return;
  next_us_ = now + kProgressEveryUs;
  shown_ = true;
  std::string line = "\rbaton: " + what_;
  if (total > 0) line += ": " + std::to_string(std::min<uint64_t>(100, done * 100 / total)) + "%";
  (void)os::write_fd(2, line + "\033[K");
}

}  // namespace baton::cli
