#include "secrets/credential_file.h"

#include <gtest/gtest.h>

namespace baton::secrets {
namespace {

TEST(CredentialFile, Withheld) {
  for (std::string_view path : {
           ".env",
           "app/.env",
           ".env.local",
           ".env.production",
           "docker/prod.env",
           ".ENV",
           "id_rsa",
           ".ssh/id_ed25519",
           "keys/id_ecdsa_sk",
           "deploy/server.pem",
           "a.p12",
           "a.pfx",
           "tls/server.key",
           "release.jks",
           "my.keystore",
           ".netrc",
           ".npmrc",
           ".pypirc",
           ".pgpass",
           ".git-credentials",
           "home/.aws/credentials",
           ".aws/credentials",
           ".docker/config.json",
           ".kube/config",
           "application_default_credentials.json",
           "service-account-prod.json",
           "service_account.json",
           "client_secret_123.apps.json",
           "x-firebase-adminsdk-ab1.json",
           "passwords.kdbx",
           ".htpasswd",
           "secrets.yml",
           "config/master.key",
           "terraform.tfstate",
           "putty.ppk",
           "credentials.json",
           ".cargo/credentials.toml",
           ".codex/auth.json",
       }) {
    EXPECT_TRUE(is_credential_file(path)) << path;
  }
}

TEST(CredentialFile, NotWithheld) {
  for (std::string_view path : {
           "",
           ".env.example",
           ".env.sample",
           ".env.template",
           ".env.dist",
           "example.env",
           "id_rsa.pub",
           "src/env.cc",
           "environment.ts",
           "keyboard.c",
           "docs/secrets.md",
           "src/secrets/mask.cc",
           "config.json",
           "kube/config.yaml",
           ".docker/config.json.example",
           "monkey.jpg",
           "aws/credentials.go",
           "service.json",
           "locales/en/auth.json",
           "credentials_test.py",
           "src/identity",
           "token.rs",
           "package.json",
           "a.key.ts",
           ".envrc",
           "server.pem.sample",
       }) {
    EXPECT_FALSE(is_credential_file(path)) << path;
  }
}

}  // namespace
}  // namespace baton::secrets
