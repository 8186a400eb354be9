#pragma once

// Commands of which a word is a secret by its place: `vault login x`, `fly secrets set N=x`. A form
// is the command's name and the words that must follow in that order, whatever stands between:
//
//   *     a word that is no option          @     one that is a secret
//   =@    all that follow, as NAME=secret   =?    the same, where other settings stand too
//   |     the command reads the secret from its standard input
//   x..   a word that begins so             else  the word itself, or `word=`

#include <cstddef>
#include <string_view>
#include <vector>

#include "secrets/rules.h"
#include "secrets/span.h"

namespace baton::secrets {

inline constexpr FixedText<39> kCommandForms[] = {
    "vault login @",
    "vault put =@",
    "vault write =@",
    "doppler secrets set * @",
    "doppler secrets set =@",
    "dotnet user-secrets set * @",
    "fly secrets set =@",
    "flyctl secrets set =@",
    "supabase secrets set =@",
    "kubectl create secret =@",
    "oc create secret =@",
    "heroku config:set =?",
    "heroku config:add =?",
    "firebase functions:config:set =?",
    "railway variables =?",
    "eb setenv =?",
    "netlify env:set * @",
    "pulumi config set --secret * @",
    "pulumi config set * @ --secret",
    "poetry config pypi-token.. @",
    "poetry config http-basic.. * @",
    "cargo login @",
    "snyk auth @",
    "ngrok authtoken @",
    "ngrok add-authtoken @",
    "bw login * @",
    "bw unlock @",
    "ansible-vault encrypt_string @",
    "openssl passwd @",
    "wpa_passphrase * @",
    "rclone obscure @",
    "rclone config pass @",
    "nmcli password @",
    "mysqladmin password @",
    "rabbitmqctl add_user * @",
    "rabbitmqctl change_password * @",
    "redis-cli auth @",
    "redis-cli auth * @",
    "smbclient * @",
    "net use @",
    "net user * @",
    "wrangler secret put |",
    "gh secret set |",
    "gcloud secrets |",
    "vercel env add |",
    "docker secret create |",
    "podman secret create |",
    "gpg --passphrase-fd |",
    "cryptsetup |",
};

// The secrets of the command that has this form, if its name begins at `at`.
std::vector<Span> secrets_of_form(std::string_view text, size_t at, std::string_view form);

}  // namespace baton::secrets
