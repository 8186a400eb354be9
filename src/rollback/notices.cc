#include "rollback/notices.h"

#include "base/bytes.h"
#include "os/file.h"

namespace baton::rollback {
namespace {

constexpr std::string_view kNotice = "notice";

std::string notice_path(const std::string& store_path, std::string_view agent,
                        std::string_view session) {
  std::string folder = os::join(os::join(store_path, "sessions"), agent);
  return os::join(os::join(folder, store::session_directory_name(session)), kNotice);
}

}  // namespace

Status leave_notice(const store::Store& store, std::string_view agent, std::string_view session,
                    std::string_view paragraph) {
  std::string path = notice_path(store.path, agent, session);
  if (!os::is_directory(std::string(os::dirname(path)))) return {};  // not a session of this store
  std::string text = read_notice(store.path, agent, session);
  if (!text.empty()) text += '\n';
  text += paragraph;
  // The newest counts most.
  if (text.size() > kMaxNotice) {
    size_t from = text.find('\n', text.size() - kMaxNotice);
    text = from == std::string::npos ? std::string(utf8_prefix(paragraph, kMaxNotice))
                                     : text.substr(from + 1);
  }
  return os::replace_file(path, text);
}

std::string read_notice(const std::string& store_path, std::string_view agent,
                        std::string_view session) {
  return os::read_file(notice_path(store_path, agent, session), 2 * kMaxNotice).value_or("");
}

void drop_notice(const std::string& store_path, std::string_view agent, std::string_view session) {
  (void)os::remove_file(notice_path(store_path, agent, session));
}

}  // namespace baton::rollback
