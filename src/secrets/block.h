#pragma once

// Secrets with a frame of their own: private keys in PEM and PuTTY form, passwords in URLs.

#include <cstddef>
#include <optional>
#include <string_view>

#include "secrets/span.h"

namespace baton::secrets {

// A private key from its BEGIN line to its END line, or as far as it goes if it is cut. Lines may
// carry what tools put before them (numbers, `+`, `>`), or be joined by `\n` as in JSON. `at` is
// where "-BE" stands in "-----BEGIN". Nothing if it is a certificate or no key follows.
std::optional<Span> private_key_from(std::string_view text, size_t at);
// The rest of a private key whose beginning was cut off, up to its END line. `at` is where "-EN"
// stands in "-----END"; nothing before `floor` is looked at.
std::optional<Span> private_key_before(std::string_view text, size_t at, size_t floor);
// A private key in PEM that was encoded as base64 once more, as kubeconfig's `client-key-data` is,
// on one line or wrapped. `at` is where "CRU" stands in "LS0tLS1CRUdJTi", which is "-----BEGIN".
std::optional<Span> encoded_private_key(std::string_view text, size_t at);
// The private lines of a PuTTY key. `at` is where "-Lines" of "Private-Lines" stands.
std::optional<Span> putty_key(std::string_view text, size_t at);
// Whether a line may be one of a private key's body (what comes before it included).
bool is_key_line(std::string_view line);

// The password of `scheme://user:password@host`, or the user where only that is a secret. `at` is
// where "://" begins.
std::optional<Span> url_password(std::string_view text, size_t at);

}  // namespace baton::secrets
