#pragma once

// Secrets that only the command around them tells: nothing in `sshpass -p x` is named as a setting
// is, and x may be any word. Commands go to the end of their line, or to ; | or &.

#include <cstddef>
#include <optional>
#include <string_view>

#include "secrets/span.h"

namespace baton::secrets {

// The password of `-u user:password` or `--user user:password` of curl and its like, `-U user%x` of
// smbclient, `-u user,x` of lftp. `at` is where the option or the blank before it begins.
std::optional<Span> user_option(std::string_view text, size_t at);

// The password behind an option of one letter, of the commands that take one there: `sshpass -p x`,
// `docker login -p x`, `mysql -px`, `redis-cli -a x`. `at` is where the blank before it stands.
std::optional<Span> password_option(std::string_view text, size_t at);

// The secret behind an option of many letters that holds one for some commands only: `gh secret set
// N
// --body x`, `keytool -storepass x`, `openssl rsa -passin pass:x`. `at` is where its last dash
// stands.
std::optional<Span> secret_option(std::string_view text, size_t at);

// What is written to the standard input of a command that reads a secret there: `echo x | docker
// login
// --password-stdin`, `sudo -S`, `chpasswd`, `gh auth login --with-token <<< x`. `at` is where the
// sign of it stands, of those in anchors.h.
std::optional<Span> piped_secret(std::string_view text, size_t at);

// The password of `htpasswd -b FILE USER x`. `at` is where the command's name begins.
std::optional<Span> htpasswd_argument(std::string_view text, size_t at);

}  // namespace baton::secrets
