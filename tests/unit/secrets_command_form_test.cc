// Words of commands that are secrets by their place.
#include "secrets/command_form.h"

#include <gtest/gtest.h>

#include <string>

#include "secrets/mask.h"

namespace baton::secrets {
namespace {

std::string masked(std::string_view text) {
  return mask(text).value_or(std::string(text));
}

// The form with the secret in the place of each @, and what it becomes: whatever rule found it.
void expect_masked(std::string_view form) {
  std::string given, expected;
  for (char c : form) {
    given += c == '@' ? "Tr0ub4dor" : std::string(1, c);
    expected += c == '@' ? "[masked]" : std::string(1, c);
  }
  std::string told = masked(given);
  for (size_t at; (at = told.find("[masked:")) != told.npos;) {
    told.replace(at, told.find(']', at) + 1 - at, "[masked]");
  }
  EXPECT_EQ(told, expected);
}

TEST(CommandForm, SecretsByTheirPlace) {
  for (std::string_view form : {
           "vault login @",
           "vault kv put secret/x value=@",
           "doppler secrets set STRIPE @",
           "doppler secrets set STRIPE=@ OTHER='@'",
           "doppler secrets set STRIPE \"@\" --project x",
           "dotnet user-secrets --project src/Api set Db:Url @",
           "dotnet user-secrets set \"Db:Url\" \"@\"",
           "cd x && fly -a app secrets set A=@ B=\"@\" && ls",
           "flyctl secrets set A=@",
           "supabase secrets set A=@",
           "kubectl -n x create secret generic n --from-literal=k=@ --from-literal b='@'",
           "heroku config:set NODE_ENV=production STRIPE=@ -a app",
           "netlify env:set STRIPE @",
           "pulumi config set --secret a:b @",
           "pulumi config set a:b @ --secret",
           "poetry config pypi-token.pypi @",
           "poetry config http-basic.x me @",
           "cargo login @",
           "cargo login --registry mine @",
           "snyk auth @",
           "ngrok config add-authtoken @",
           "ansible-vault encrypt_string '@' --name 'x'",
           "ansible-vault encrypt_string --name x @",
           "openssl passwd -6 @",
           "wpa_passphrase home @",
           "mysqladmin -u root password '@'",
           "rabbitmqctl add_user me @",
           "redis-cli -h h.test AUTH @",
           "redis-cli auth me @",
           "smbclient //h/s @ -U me",
           "net use \\\\h\\s @ /user:me",
           "net use Z: \\\\nas\\s /user:D\\me @",
           "net user me @ /add",
           "echo @ | wrangler secret put X",
           "echo \"@\" | npx wrangler secret put X --env production",
           "printf @ | gh secret set X",
           "gh secret set X <<< \"@\"",
           "echo -n @ | gcloud secrets versions add x --data-file=-",
           "echo @ | docker secret create x -",
           "echo @ | gpg --batch --passphrase-fd 0 -d x",
           "cryptsetup open d n <<< @",
       }) {
    expect_masked(form);
  }
  EXPECT_EQ(masked("bw login me@x.test Tr0ub4dor"), "bw login me@x.test [masked:secret]");
}

TEST(CommandForm, InAStringOfJson) {
  EXPECT_EQ(masked(R"({"command":"vault login \"Tr0ub4dor\"\nls"})"),
            R"({"command":"vault login \"[masked:secret]\"\nls"})");
  EXPECT_EQ(masked(R"({"command":"net use \\\\nas\\share Tr0ub4dor /user:me"})"),
            R"({"command":"net use \\\\nas\\share [masked:secret] /user:me"})");
  EXPECT_EQ(masked(R"({"command":"fly secrets set \\\n  A=\"Tr0ub4dor\" B=Tr0ub4dor2\nls"})"),
            R"({"command":"fly secrets set \\\n  A=\"[masked:secret]\" B=[masked:secret]\nls"})");
}

// What stands between a command's name and its secret is looked at too.
TEST(CommandForm, OtherSecretsOfTheCommand) {
  EXPECT_EQ(masked("fly secrets set A=Tr0ub4dor DB=postgres://u:Tr0ub4dor@h/d C=Tr0ub4dor3"),
            "fly secrets set A=[masked:secret] DB=postgres://u:[masked:url-password]@h/d "
            "C=[masked:secret]");
  EXPECT_EQ(masked("echo Tr0ub4dor | DB_PASSWORD=Tr0ub4dor npx wrangler secret put X"),
            "echo [masked:secret] | DB_PASSWORD=[masked:password] npx wrangler secret put X");
}

TEST(CommandForm, UsersOfOtherPrograms) {
  for (std::string_view form :
       {"smbclient //h/s -U me%@", "smbclient -U 'D/me%@' //h/s", "smbclient //h/s --user=me%@",
        "rpcclient -Ume%@ h", "lftp -u me,@ ftp.test", "lftp -e 'open -u \"me,@\" ftp.test'",
        "curl -ume:@ https://x.test", "curl -U me:@ https://x.test",
        "curl --proxy-user me:@ https://x.test", "chpasswd <<< me:@",
        "sudo chpasswd <<< \"me:@\""}) {
    expect_masked(form);
  }
  EXPECT_EQ(masked(R"({"command":"curl \"-u\" me:Tr0ub4dor\""})"),
            R"({"command":"curl \"-u\" me:Tr0ub4dor\""})");
  EXPECT_EQ(masked(R"({"command":"sh -c \"curl -u me:Tr0ub4dor\""})"),
            R"({"command":"sh -c \"curl -u me:[masked:user-password]\""})");
}

TEST(CommandForm, WhatProgramsKeep) {
  for (std::string_view form :
       {"npm config set //r.test/:_authToken @", "npm config set '//r.test/:_password' '@'",
        "npm config set --location=user //r.test/:_authToken @",
        "git config --global github.token @", "git config user.password \"@\"",
        "git config \"github.token\" \"@\"", "aws configure set aws_session_token @",
        "stripe config --set test_mode_api_key @", "redis-cli CONFIG SET requirepass @"}) {
    expect_masked(form);
  }
}

TEST(CommandForm, WordsThatAreNone) {
  for (std::string_view text : {
           "run vault login before you deploy the application",
           "vault login -method=oidc role=developer",
           "vault kv put secret/x @file.json",
           "doppler secrets set NAME VALUE",
           "dotnet user-secrets init --project src/Api2",
           "npm config set registry https://r.test/",
           "npm config set //r.test/:_authToken ${NPM_TOKEN}",
           "git config user.name \"Me 2nd\"",
           "git config --global user.signingkey 0123ABCD4567EF89",
           "the config password is checked by the server",
           "config token validation",
           "smbclient -U me //h/s",
           "ls -U net1%net2",
           "net use Z: \\\\h\\share2 /user:me",
           "net user me /active:yes",
           "the net use of 2 things",
           "lftp -u me, sftp://h.test",
           "heroku config:set NODE_ENV=production PORT=8080 REGION=us-east-1",
           "fly secrets set NAME=VALUE",
           "fly secrets set NAME=$VALUE",
           "flyctl deploy --image-label v1.2.3",
           "kubectl create secret tls n --cert=path/cert1.pem --dry-run=client",
           "redis-cli auth $X",
           "curl -U me https://x.test",
           "docker run -u 1000:1000 x",
           "docker secret create x ./file1.txt",
           "echo hello2 | wrangler tail",
           "cat file2 | gh secret set X",
           "cargo login --registry my-registry2",
           "cargo add serde1 tokio2",
           "openssl passwd -6 -salt abcdef12",
           "pulumi config set aws:region us-west-2",
           "netlify env:set NODE_VERSION 18.20.4",
           "gcloud secrets versions access latest --secret=mine2",
       }) {
    EXPECT_EQ(masked(text), text);
  }
}

}  // namespace
}  // namespace baton::secrets
