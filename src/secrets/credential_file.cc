#include "secrets/credential_file.h"

#include <string>

#include "base/bytes.h"
#include "secrets/judge.h"

namespace baton::secrets {
namespace {

// Whole names.
constexpr std::string_view kNames =
    ".env .netrc _netrc .npmrc .pypirc .pgpass .my.cnf .mylogin.cnf .git-credentials .htpasswd "
    ".dockercfg .s3cfg .boto .vault-token .credentials.json .secrets secrets.yml secrets.yaml "
    "secrets.json secrets.toml credentials.json credentials.toml master.key local.settings.json "
    "application_default_credentials.json access_tokens.db credentials.db kubeconfig "
    "id_rsa id_dsa id_ecdsa id_ecdsa_sk id_ed25519 id_ed25519_sk identity secring.gpg "
    "terraform.tfstate terraform.tfstate.backup settings-security.xml .yarnrc.private";

// Names in a folder of a name.
constexpr std::string_view kPaths =
    ".aws/credentials .docker/config.json .kube/config .cargo/credentials .cargo/credentials.toml "
    ".gem/credentials .config/gh/hosts.yml .config/hub .codex/auth.json .composer/auth.json "
    ".terraform.d/credentials.tfrc.json .config/rclone/rclone.conf sops/age/keys.txt "
    ".local/share/keyrings/login.keyring";

// Ends of names.
constexpr std::string_view kEnds =
    ".pem .p12 .pfx .pkcs12 .key .jks .keystore .bks .ppk .p8 .kdbx .kdb .agekey .ovpn .env "
    ".kubeconfig .tfstate .mobileprovision .keychain .keychain-db";

// Beginnings of names that end in .json.
constexpr std::string_view kJsonStarts =
    "service-account service_account serviceaccount client_secret client-secret";

// A file that shows others what to write.
constexpr std::string_view kTemplates =
    ".example .sample .template .tmpl .tpl .dist .defaults .schema example. sample. template.";

}  // namespace

bool is_credential_file(std::string_view path) {
  std::string low = lower_ascii(path);
  size_t slash = low.rfind('/');
  std::string_view name = std::string_view(low).substr(slash == low.npos ? 0 : slash + 1);
  if (name.empty()) return false;
  if (any_of_words(kTemplates, [&](auto part) {
        return part.back() == '.' ? name.starts_with(part) : contains(name, part);
      })) {
    return false;
  }
  if (is_among(kNames, name)) return name != "identity" || contains(low, ".ssh/");
  if (name.starts_with(".env.")) return true;
  if (any_of_words(kEnds,
                   [&](auto end) { return name.size() > end.size() && name.ends_with(end); })) {
    return true;
  }
  if (any_of_words(kPaths, [&](auto place) {
        return low == place || (low.size() > place.size() && low.ends_with(place) &&
                                low[low.size() - place.size() - 1] == '/');
      })) {
    return true;
  }
  if (name.ends_with(".json") &&
      (any_of_words(kJsonStarts, [&](auto start) { return name.starts_with(start); }) ||
       contains(name, "firebase-adminsdk"))) {
    return true;
  }
  return false;
}

}  // namespace baton::secrets
