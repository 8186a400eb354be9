// Goal: everything that is a secret is masked to its last byte wherever it stands, nothing else is,
// and masking is stable. Secrets are made up at run time (secrets_samples.h); ordinary text is
// what every Debian has, our own sources, and samples of what agents see.

#include "secrets/mask.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "secrets_samples.h"

namespace baton::secrets {
namespace {

using samples::Random;

std::string masked(std::string_view text) {
  return mask(text).value_or(std::string(text));
}

// Whether every byte of `secret` in `text` is masked.
bool is_gone(std::string_view text, std::string_view secret) {
  size_t at = text.find(secret), end = at + secret.size();
  for (const Finding& finding : find(text)) {
    if (finding.offset <= at && at < finding.offset + finding.length) {
      at = finding.offset + finding.length;
    }
  }
  return at >= end;
}

TEST(Mask, CopiesNothingWithoutASecret) {
  EXPECT_FALSE(mask(""));
  EXPECT_FALSE(mask("int main() { return 0; }\n"));
  EXPECT_FALSE(mask("key"));
  EXPECT_FALSE(mask("://"));
  EXPECT_FALSE(mask(std::string(3, '\0')));
}

TEST(Mask, NamesTheRule) {
  Random random(1);
  std::string token = samples::fill(
      "gh"
      "p_{A36}",
      random);
  EXPECT_EQ(masked("a " + token + " b"), "a [masked:github-token] b");
  EXPECT_EQ(mark("github-token"), "[masked:github-token]");
  auto found = find("a " + token + " b");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].offset, 2u);
  EXPECT_EQ(found[0].length, token.size());
  EXPECT_EQ(found[0].rule, "github-token");
  // The vendor's name says more than the setting's.
  EXPECT_EQ(masked("API_KEY=" + token + "\n"), "API_KEY=[masked:github-token]\n");
}

TEST(Mask, FindsVendorsTokensWhereverTheyStand) {
  Random random(20261124);
  size_t asked = 0, missed = 0;
  for (const auto& form : samples::kTokens) {
    for (std::string_view place : samples::kTokenPlaces) {
      for (int n = 0; n < 5; n++) {
        std::string token = samples::fill(form.form, random);
        std::string text = samples::place(place, token);
        asked++;
        if (is_gone(text, token)) continue;
        missed++;
        std::cout << "missed " << form.vendor << ": " << text << "\n";
      }
    }
  }
  EXPECT_LE(missed * 50, asked) << "over 2% of " << asked;
}

TEST(Mask, FindsValuesByTheirNames) {
  Random random(20261125);
  size_t asked = 0, missed = 0;
  auto ask = [&](const auto& names, const auto& places) {
    for (std::string_view name : names) {
      for (std::string_view place : places) {
        for (int n = 0; n < 6; n++) {
          std::string value = samples::value(random, samples::is_password_name(name));
          asked++;
          if (!is_gone(samples::place(place, name, value), value)) missed++;
        }
      }
    }
  };
  ask(samples::kSettingNames, samples::kSettingPlaces);
  ask(samples::kMemberNames, samples::kMemberPlaces);
  EXPECT_LE(missed * 20, asked) << missed << " of " << asked;
}

TEST(Mask, FindsChosenPasswords) {
  EXPECT_EQ(masked("DB_PASSWORD=swordfish\n"), "DB_PASSWORD=[masked:password]\n");
  EXPECT_EQ(masked("password: \"hunter2\""), "password: \"[masked:password]\"");
  EXPECT_EQ(masked("{\"password\":\"hunter2\"}"), "{\"password\":\"[masked:password]\"}");
  EXPECT_EQ(masked(R"({\"password\":\"hunter2\"})"), R"({\"password\":\"[masked:password]\"})");
  EXPECT_EQ(masked(R"({\\\"password\\\":\\\"hunter2\\\"})"),
            R"({\\\"password\\\":\\\"[masked:password]\\\"})");
  EXPECT_EQ(masked("mysql --password=Tr0ub4dor db"), "mysql --password=[masked:password] db");
  EXPECT_EQ(masked("mysql --password Tr0ub4dor db"), "mysql --password [masked:password] db");
  EXPECT_EQ(masked("CREATE USER a IDENTIFIED BY 'Tr0ub4dor';"),
            "CREATE USER a IDENTIFIED BY '[masked:password]';");
  EXPECT_EQ(masked("machine h.test login me password swordfish\n"),
            "machine h.test login me password [masked:password]\n");
  EXPECT_EQ(masked("the password is Tr0ub4dor!\n"), "the password is [masked:password]!\n");
  EXPECT_EQ(masked("\x1b[01;31m\x1b[Kpassword\x1b[m\x1b[K=hunter2x\n"),
            "\x1b[01;31m\x1b[Kpassword\x1b[m\x1b[K=[masked:password]\n");
  EXPECT_EQ(masked("define('DB_PASSWORD', 'hunter2x');"),
            "define('DB_PASSWORD', '[masked:password]');");
  EXPECT_EQ(masked("the api key: 8f7e6d5c4b3a29180f\n"), "the api key: [masked:api-key]\n");
  EXPECT_EQ(masked("ENV API_KEY 9f8e7d6c5b4a39281706f5e4\n"), "ENV API_KEY [masked:api-key]\n");
  EXPECT_EQ(masked("FOO=1\\nDB_PASSWORD=hunter2x\\nBAR=2"),
            "FOO=1\\nDB_PASSWORD=[masked:password]\\nBAR=2");
}

TEST(Mask, LeavesReferencesAndPlaceholders) {
  for (std::string_view text : {
           "password = os.environ[\"DB_PASSWORD\"]",
           "password: process.env.DB_PASSWORD,",
           "PASSWORD=${DB_PASSWORD}",
           "PASSWORD=$DB_PASSWORD",
           "password: \"${DB_PASSWORD}\"",
           "password={{ vault_password }}",
           "password: <your-password>",
           "API_KEY=xxxxxxxxxxxxxxxx",
           "api_key: \"your-api-key-here\"",
           "secret: string;",
           "token = next_token(lexer)",
           "password=password",
           "password: null",
           "token: true",
           "password = getpass.getpass()",
           "let token = tokens[index];",
           "self.password = password",
           "secret: Option<String>,",
           "password: \"********\"",
           "TOKEN=$(cat /run/token)",
           "password = None",
           "password=changeme",
           "SECRET_FILE=/run/secrets/db_password_2",
           "token_type: \"bearer\"",
           "\"max_tokens\": 4096",
           "password_hash = sha256(data)",
           "secretName: db-credentials-v2",
           "key: \"ArrowDown\"",
           "primary_key=True",
           "public_key: \"3f786850e387550fdab8\"",
           "apiKey: config.services.apiKey",
           "if (password == null)",
           "`password` must be 8 chars",
           "ENV GPG_KEY A035C8C19219BA821ECEA86B64E628F8D684696D",
           "const TOKEN_PATTERN = /[A-Za-z0-9]+/",
           "--password=TEXT   the password to use",
           "--token FILE  read it from FILE",
           "tokenizer = Tokenizer(\"cl100k_base\")",
           "https://user:password@example.test/",
           "postgres://$USER:$PASS@host/db",
           "http://localhost:8080/a@b",
           "docker run -u 1000:1000 image",
           "Bearer <token>",
           "Authorization: Bearer ${TOKEN}",
           "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
           "class=\"sk-circle-fade-dot sk-container-id-12-parallel\"",
       }) {
    EXPECT_EQ(masked(text), text);
  }
}

TEST(Mask, LeavesIdsHashesAndData) {
  Random random(7);
  for (int n = 0; n < 2000; n++) {
    std::string hex40 = samples::fill("{h40}", random), hex64 = samples::fill("{h64}", random);
    std::string uuid = samples::fill("{h8}-{h4}-4{h3}-a{h3}-{h12}", random);
    std::string base64 = samples::fill("{b86}==", random);
    std::string blob = samples::fill("{b1000}", random);
    for (const std::string& text : {
             "commit " + hex40 + "\nAuthor: A <a@b.test>\n",
             "index 3f78685.." + hex40 + " 100644\n",
             "sha256:" + hex64,
             "\"sha\": \"" + hex40 + "\"",
             "\"integrity\": \"sha512-" + base64 + "\"",
             "\"resolved\": \"https://r.test/a/-/a-1.2.3.tgz#" + hex40 + "\"",
             "checksum = \"" + hex64 + "\"",
             "\"id\": \"" + uuid + "\"",
             "session_id=" + uuid,
             "\"token\": \"" + uuid + "\"",
             "github.com/a/b v1.2.3 h1:" + base64 + "\n",
             "src=\"data:image/png;base64," + blob + "\"",
             "\"cacheKey\": \"" + hex64 + "\"",
             "//# sourceMappingURL=data:application/json;base64," + blob,
             "etag: \"" + hex40 + "\"",
             "key: " + hex40,
             "\"tree\": \"" + hex40 + "\",\"parents\":[\"" + hex40 + "\"]",
             "  " + hex64 + "  dist/a.js\n",
             "fingerprint=" + hex64,
             "trace=" + hex40,
         }) {
      EXPECT_EQ(masked(text), text);
    }
  }
}

TEST(Mask, PrivateKeysWholeAndCut) {
  Random random(3);
  for (std::string_view kind : {"", "RSA", "EC", "OPENSSH", "ENCRYPTED", "DSA"}) {
    for (std::string_view line_end : {"\n", "\r\n", "\\n", "\\\\n", "\\r\\n"}) {
      std::string key = samples::private_key(random, kind, line_end);
      std::string text = "before " + key + "after";
      std::string shown = masked(text);
      EXPECT_EQ(shown, "before [masked:private-key]" + std::string(line_end) + "after");
      // Cut anywhere behind the first line, and behind anything.
      size_t first_line = key.find(line_end) + line_end.size();
      for (size_t cut = first_line + 20; cut < key.size(); cut += 37) {
        std::string shown_cut = masked(key.substr(0, cut));
        EXPECT_TRUE(shown_cut.starts_with("[masked:private-key]")) << kind << cut << shown_cut;
        // Nothing but a piece of the END line may be left.
        size_t rest = shown_cut.find_first_not_of("\r\n\\rn", 20);
        EXPECT_TRUE(rest == shown_cut.npos || shown_cut[rest] == '-') << shown_cut;
      }
    }
  }
}

TEST(Mask, PrivateKeysInNumberedQuotedAndDiffLines) {
  Random random(4);
  std::string key = samples::private_key(random, "RSA", "\n");
  for (auto [before, after] : {std::pair<std::string, std::string>{"     7\u2192", ""},
                               {"+", ""},
                               {"-", ""},
                               {" ", ""},
                               {"> ", ""},
                               {"# ", ""},
                               {"    \"", "\\n\" +"},
                               {"  | ", ""},
                               {"   12\t", ""}}) {
    std::string text = "x\n", line;
    for (char c : key) {
      if (c != '\n') {
        line += c;
        continue;
      }
      text += before + line + after + "\n";
      line.clear();
    }
    text += "y\n";
    std::string shown = masked(text);
    EXPECT_NE(shown.find("[masked:private-key]"), shown.npos) << text;
    EXPECT_LT(shown.size(), 80u) << shown;
    EXPECT_TRUE(shown.ends_with("y\n")) << shown;
  }
}

TEST(Mask, PrivateKeysAsGrepTellsThem) {
  Random random(14);
  for (std::string_view kind : {"RSA", ""}) {
    for (bool numbered : {true, false}) {
      std::string key = samples::private_key(random, kind, "\n"), text = "x\n", line;
      size_t number = 0;
      for (char c : key) {
        if (c != '\n') {
          line += c;
          continue;
        }
        const char* sign = number++ % 3 == 0 ? ":" : "-";  // what matched, and what is around it
        if (number == 1) sign = ":";
        text += std::string("deploy/keys/prod-1.pem") + sign;
        if (numbered) text += std::to_string(number) + sign;
        text += line + "\n";
        line.clear();
      }
      std::string shown = masked(text + "deploy/other.txt:1:y\n");
      EXPECT_TRUE(shown.ends_with("[masked:private-key]\ndeploy/other.txt:1:y\n")) << shown;
      EXPECT_LT(shown.size(), 100u) << shown;
    }
  }
}

TEST(Mask, PrivateKeysThatWereEncodedOnceMore) {
  auto encoded = [](std::string_view bytes, size_t width) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    size_t column = 0;
    for (size_t i = 0; i < bytes.size(); i += 3) {
      uint32_t bits = 0;
      for (size_t k = 0; k < 3; k++) {
        bits = bits << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0);
      }
      for (size_t k = 0; k < 4; k++) {
        text += i + k > bytes.size() ? '=' : kDigits[bits >> (18 - 6 * k) & 63];
        if (width != 0 && ++column % width == 0) text += '\n';
      }
    }
    return text;
  };
  Random random(15);
  for (std::string_view kind : {"", "RSA", "EC", "OPENSSH", "ENCRYPTED", "DSA"}) {
    std::string key = samples::private_key(random, kind, "\n");
    std::string text = "client-key-data: " + encoded(key, 0) + "\nclient: x\n";
    EXPECT_EQ(masked(text), "client-key-data: [masked:private-key]\nclient: x\n");
    EXPECT_EQ(masked("{\"k\": \"" + encoded(key, 0) + "\"}"), "{\"k\": \"[masked:private-key]\"}");
    std::string wrapped = masked("$ base64 key\n" + encoded(key, 76) + "\n$ ls -l\n");
    EXPECT_TRUE(wrapped.starts_with("$ base64 key\n[masked:private-key]\n")) << wrapped;
    EXPECT_TRUE(wrapped.ends_with("\n$ ls -l\n")) << wrapped;
    EXPECT_LT(wrapped.size(), 60u) << wrapped;
  }
  std::string body;
  for (int n = 0; n < 12; n++) body += samples::fill("{b64}\n", random);
  EXPECT_FALSE(mask("ca: " + encoded("-----BEGIN CERTIFICATE-----\n" + body, 0) + "\n"));
}

TEST(Mask, TheEndOfAPrivateKey) {
  Random random(5);
  std::string key = samples::private_key(random, "RSA", "\n");
  std::string tail = key.substr(key.find('\n', 100) + 1);
  EXPECT_EQ(masked("$ tail key\n" + tail), "$ tail key\n[masked:private-key]\n");
}

TEST(Mask, LeavesPublicKeysAndCertificates) {
  Random random(6);
  std::string body;
  for (int n = 0; n < 12; n++) body += samples::fill("{b64}\n", random);
  for (std::string_view label : {"CERTIFICATE", "PUBLIC KEY", "PGP SIGNATURE"}) {
    std::string text = "-----BEGIN " + std::string(label) + "-----\n" + body + "-----END " +
                       std::string(label) + "-----\n";
    EXPECT_EQ(masked(text), text);
  }
  EXPECT_FALSE(
      mask("if (line == \"-----BEGIN RSA PRIVATE"
           " KEY-----\") return parse(line);\n"));
  EXPECT_FALSE(
      mask("-----BEGIN PRIVATE"
           " KEY-----\n...\n-----END PRIVATE"
           " KEY-----\n"));
}

TEST(Mask, PasswordsInUrls) {
  EXPECT_EQ(masked("postgres://app:s3cret@db.test:5432/app"),
            "postgres://app:[masked:url-password]@db.test:5432/app");
  EXPECT_EQ(masked("redis://:p%40ss1234@cache.test"), "redis://:[masked:url-password]@cache.test");
  EXPECT_EQ(masked("https://me:pa@ss@host.test/x"), "https://me:[masked:url-password]@host.test/x");
  EXPECT_EQ(masked("amqp://u:ab/cd9x@h.test"), "amqp://u:[masked:url-password]@h.test");
  EXPECT_EQ(masked(R"({\"url\":\"mongodb+srv://u:s3cret@h.test\"})"),
            R"({\"url\":\"mongodb+srv://u:[masked:url-password]@h.test\"})");
  Random random(8);
  std::string token = samples::fill("{h40}", random);
  EXPECT_EQ(masked("https://" + token + "@host.test/a.git"),
            "https://[masked:url-password]@host.test/a.git");
}

TEST(Mask, HeadersAndCommands) {
  Random random(9);
  std::string token = samples::fill("{A40}", random);
  EXPECT_EQ(masked("Authorization: Basic dXNlcjpwYXNz\r\n"),
            "Authorization: Basic [masked:authorization]\r\n");
  EXPECT_EQ(masked("\"Authorization\": \"Bearer " + token + "\""),
            "\"Authorization\": \"Bearer [masked:authorization]\"");
  EXPECT_EQ(masked("-H 'authorization: token " + token + "'"),
            "-H 'authorization: token [masked:authorization]'");
  EXPECT_EQ(masked("sent Bearer " + token + "."), "sent Bearer [masked:authorization]");
  EXPECT_EQ(masked("curl -u bob:hunter22 https://x.test"),
            "curl -u bob:[masked:user-password] https://x.test");
  EXPECT_EQ(masked("curl -s --user \"bob:hunt er\" https://x.test"),
            "curl -s --user \"bob:[masked:user-password]\" https://x.test");
  EXPECT_EQ(masked("curl \\\n  -u bob:hunter22 \\\n  https://x.test"),
            "curl \\\n  -u bob:[masked:user-password] \\\n  https://x.test");
  std::string cookie = "Cookie: sid=" + token + "; theme=dark";
  EXPECT_EQ(masked(cookie + "\r\n"), "Cookie: [masked:cookie]\r\n");
}

// What only the command says of a word.
TEST(Mask, SecretsOfCommands) {
  for (std::string_view form : {"htpasswd -bc .htpasswd bob @",
                                "htpasswd -nbBC 10 bob '@' | tr -d ':'",
                                "gh secret set API --body @",
                                "gh secret set API -b \"@\"",
                                "echo @ | docker login -u bob --password-stdin",
                                "printf '%s' '@' | helm registry login --password-stdin ghcr.test",
                                "docker login -u bob --password-stdin <<< \"@\"",
                                "docker login --password-stdin <<<@",
                                "echo -n \"@\" | gh auth login --with-token",
                                "cd x && echo @ | sudo -S apt-get update",
                                "echo '@' | passwd --stdin bob",
                                "echo \"bob:@\" | sudo chpasswd",
                                "aws ssm put-parameter --name /x/y --type SecureString --value @",
                                "az keyvault secret set --name n --value @",
                                "wrangler secret put X <<< @",
                                "ssh-keygen -t ed25519 -N '@' -f k",
                                "openssl pkcs12 -export -passout pass:@ -out x",
                                "openssl rsa -passin pass:@ -in x",
                                "keytool -list -storepass @ -keypass @",
                                "mosquitto_pub -u bob -P @ -t x",
                                "mongosh -u bob -p @ --quiet",
                                "twine upload -u bob -p @ dist/*",
                                "useradd -m -p '@' bob"}) {
    std::string given, expected;
    for (char c : form) {
      given += c == '@' ? "hunter7Zq" : std::string(1, c);
      expected += c == '@' ? "[masked:password]" : std::string(1, c);
    }
    std::string told = masked(given);
    for (size_t at; (at = told.find("[masked:secret]")) != told.npos;)
      told.replace(at, 15, "[masked:password]");
    EXPECT_EQ(told, expected);
  }
  EXPECT_EQ(masked(R"({"command":"echo \"hunter7Zq\" | docker login --password-stdin"})"),
            R"({"command":"echo \"[masked:password]\" | docker login --password-stdin"})");
  for (std::string_view text :
       {"htpasswd -c .htpasswd bob", "htpasswd -b", "gh issue create --body hunter7Zq",
        "git branch -b feature-x1", "echo $TOKEN | docker login --password-stdin",
        "cat file | docker login --password-stdin", "echo hello | grep -stdin",
        "cmake -S source -B build", "echo done | tee log | sudo -S true",
        "gh secret set API < token.txt", "grep hunter7Zq <<< \"hunter7Zq\"",
        "openssl rsa -passin env:KEY_PASS", "kubectl get secret x --value-only",
        "ssh-keygen -N '' -f k", "g++ -std=c++23 -static x.cc"}) {
    EXPECT_EQ(masked(text), text);
  }
}

TEST(Mask, PasswordsOfSeveralWords) {
  EXPECT_EQ(masked("PGPASSWORD='my hunter7Zq stays' psql"), "PGPASSWORD='[masked:password]' psql");
  EXPECT_EQ(masked("export DB_PASSWORD=\"correct horse battery staple\""),
            "export DB_PASSWORD=\"[masked:password]\"");
  EXPECT_EQ(masked("password = \"tell hunter7Zq nobody\""), "password = \"[masked:password]\"");
  for (std::string_view text :
       {"password = \"Please enter your password\"",
        "BAD_PASSWORD='the password must have 8chars1'", "password: \"wrong user or host\"",
        "NO_PASSWORD=\"neither given nor found here.\"", "password = \"one two three four\""}) {
    EXPECT_EQ(masked(text), text);
  }
}

TEST(Mask, PasswordsBehindOptionsOfOneLetter) {
  for (std::string_view before :
       {"sshpass -p ", "sshpass -p", "sshpass -p '", "$ sudo docker login -u me -p ",
        "docker login registry.test --username me -p \"", "helm registry login -u me -p ",
        "mysql -uroot -p", "/usr/bin/mysqldump -h db.test -p", "cd x && mysql -u me -p'",
        "zip -r -P ", "redis-cli -h cache.test -a ", "ldapsearch -x -D cn=me -w ",
        "openssl enc -aes-256-cbc -k "}) {
    std::string text(before),
        after = std::ispunct(before.back()) ? std::string(1, before.back()) : "";
    if (after != "'" && after != "\"") after.clear();
    EXPECT_EQ(masked(text + "Tr0ub4dor" + after + " more"),
              text + "[masked:password]" + after + " more");
  }
  EXPECT_EQ(masked(R"({"command":"sshpass -p \"Tr0ub4dor\" ssh h"})"),
            R"({"command":"sshpass -p \"[masked:password]\" ssh h"})");
  for (std::string_view text :
       {"mkdir -p build/release", "docker run -p 8080:80 nginx", "mysql -u root -p production",
        "git commit -a message", "ssh -p 2222 host.test", "cp -a source target",
        "sshpass -p $SSH_PASS ssh h", "docker login -u me -p ${TOKEN}", "python -m x -p name",
        "redis-cli ping; ls -a folder", "zip -r -9 a.zip folder", "openssl x509 -keyform PEM",
        "docker login\ndocker run -p 8080:8080 x", "mysql -p", "redis-cli -a <password>"}) {
    EXPECT_EQ(masked(text), text);
  }
}

TEST(Mask, SettingsOfOtherShellsAndPlaces) {
  Random random(16);
  std::string value = samples::fill("{A28}", random), key = samples::fill("{A40}", random);
  for (std::string_view before :
       {"set -gx MY_TOKEN ", "set -x API_KEY ", "set --x MY_TOKEN ", "setenv MY_TOKEN ",
        "set -Ux DB_PASSWORD ", "https://x.test/?to=https%3A%2F%2Fy.test%2F%3Ftoken%3D",
        "redirect=%2Fcb%3Fa%3D1%26access_token%3D"}) {
    EXPECT_TRUE(is_gone(std::string(before) + value + "\n", value)) << before;
    EXPECT_TRUE(is_gone(std::string(200, '\n') + std::string(before) + value + "\n", value))
        << before;
  }
  EXPECT_EQ(masked("AWS Secret Access Key [None]: " + key + "\nDefault region name [None]: eu-1\n"),
            "AWS Secret Access Key [None]: [masked:api-key]\n"
            "Default region name [None]: eu-1\n");
  EXPECT_TRUE(is_gone("Secret Access Key [****1234]: " + key + "\n", key));
  for (std::string_view text :
       {"set -x PASSWORD_FILE /run/x", "set -e TOKEN", "setenv TERM xterm-256color",
        "the set - token ring", "keys [0]: first", "token%3Dabc", "token [optional]: its name"}) {
    EXPECT_EQ(masked(text), text);
  }
}

TEST(Mask, MemberWithASecretsNameIsMaskedWhole) {
  EXPECT_EQ(mask_member("password", "correct horse"), "[masked:password]");
  EXPECT_EQ(mask_member("aws_secret_access_key", "x y"), "[masked:aws-secret-key]");
  EXPECT_EQ(mask_member("apiKey", "abc"), "[masked:api-key]");
  EXPECT_EQ(mask_member("X-Api-Key", "abc"), "[masked:api-key]");
  EXPECT_EQ(mask_member("authorization", "Bearer abc"), "[masked:authorization]");
  EXPECT_EQ(mask_member("clientSecret", "changeme"), "[masked:secret]");
  EXPECT_EQ(mask_member("db.password", "a"), "[masked:password]");
  EXPECT_FALSE(mask_member("password", ""));
  EXPECT_FALSE(mask_member("password", "${DB_PASSWORD}"));
  EXPECT_FALSE(mask_member("password", "[masked:password]"));
  EXPECT_FALSE(mask_member("key", "Enter"));
  EXPECT_FALSE(mask_member("token", "identifier"));
  EXPECT_FALSE(mask_member("session_id", "3f786850-e387-4550-adab-836ed7e6dc88"));
  EXPECT_FALSE(mask_member("tool_name", "Bash"));
  EXPECT_FALSE(mask_member("password_file", "/run/x"));
  // A name that ends in `id` hides nothing from the rules.
  Random random(10);
  std::string id = samples::fill(
      "AK"
      "IA{216}",
      random);
  EXPECT_EQ(mask_member("access_key_id", id), "[masked:aws-access-key]");
  EXPECT_EQ(mask_member("session_id", "x=" + id), "x=[masked:aws-access-key]");
}

// The files of a folder in a fixed order, up to so many bytes.
std::string read_folder(const std::string& folder, size_t max_bytes) {
  namespace fs = std::filesystem;
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (it->is_regular_file(error)) paths.push_back(it->path());
  }
  std::sort(paths.begin(), paths.end());
  std::string text;
  for (const fs::path& path : paths) {
    if (text.size() >= max_bytes) break;
    std::ifstream file(path, std::ios::binary);
    text.append(std::istreambuf_iterator<char>(file), {});
  }
  return text;
}

TEST(Mask, OrdinaryFilesAreLeftAlone) {
  // What a Debian with a compiler and git always has: headers, C++, Perl, licences.
  std::string text;
  for (const char* folder : {"/usr/include/c++", "/usr/include/linux", "/usr/include/openssl",
                             "/usr/share/common-licenses", "/usr/share/perl", "/usr/lib/python3"}) {
    text += read_folder(folder, 12'000'000);
  }
  ASSERT_GT(text.size(), 10'000'000u);
  auto found = find(text);
  std::string list;
  for (const Finding& finding : found) {
    size_t begin = finding.offset - std::min<size_t>(finding.offset, 40);
    list += std::string(finding.rule) + ": " + text.substr(begin, 100) + "\n----\n";
  }
  EXPECT_LT(static_cast<double>(found.size()), static_cast<double>(text.size()) / 1e6) << list;
}

TEST(Mask, AGitLogIsLeftAlone) {
  Random random(12);
  std::string log;
  constexpr std::string_view kSubjects[] = {
      "Rotate the token for the nightly job", "password: require 12 characters",
      "Fix key: the cache was shared",        "auth: drop basic auth",
      "Merge branch 'secret-scanning'",       "tokens: parse `a=b` as one",
      "Revert \"credentials: use keyring\""};
  while (log.size() < 3'000'000) {
    log +=
        "commit " + samples::fill("{h40}", random) +
        "\nMerge: " + samples::fill("{h10} {h10}", random) +
        "\nAuthor: A. Person <a.person@mail.test>\nDate:   Tue Nov 24 10:03:07 2026 +0100\n\n    " +
        std::string(random.pick(kSubjects)) +
        "\n\n    Reviewed-by: B <b@mail.test>\n    Change-Id: I" + samples::fill("{h40}", random) +
        "\n\ndiff --git a/src/token.cc b/src/token.cc\nindex " +
        samples::fill("{h10}..{h10} 100644\n", random) +
        "--- a/src/token.cc\n+++ b/src/token.cc\n@@ -1,3 +1,4 @@ Token next_token()\n" +
        "+  Token token = lexer.next();\n-  return token.kind == Kind::kKey;\n";
  }
  EXPECT_FALSE(mask(log));
}

TEST(Mask, IsStable) {
  Random random(11);
  for (int n = 0; n < 3000; n++) {
    std::string text;
    for (size_t parts = random.between(1, 6); parts > 0; parts--) {
      switch (random.below(6)) {
        case 0:
          text += samples::fill(random.pick(samples::kTokens).form, random);
          break;
        case 1:
          text += samples::place(random.pick(samples::kMemberPlaces),
                                 random.pick(samples::kMemberNames),
                                 samples::value(random, random.below(2) == 0));
          break;
        case 2:
          text += samples::private_key(random, "EC", random.below(2) == 0 ? "\n" : "\\n");
          break;
        case 3:
          text += "[masked:password]";
          break;
        case 4:
          text += random.from("=:\"'[]{} \n\\/@");
          break;
        default:
          text += "password=https://u:p@";
          break;
      }
    }
    std::string once = masked(text);
    EXPECT_EQ(masked(once), once) << text;
  }
}

TEST(Mask, WorkIsLinear) {
  // Texts that make a careless scanner walk the same bytes again and again. No clock: with work
  // that grows with the square, one of these megabytes would take hours.
  for (std::string_view piece : {"token=",
                                 "eyJ",
                                 "eyJ-",
                                 "-eyJ.",
                                 "password=\"",
                                 "password='\\",
                                 "://a:",
                                 "://a:b@",
                                 "-----BEGIN PRIVATE"
                                 " KEY-----\n",
                                 "-----END PRIVATE"
                                 " KEY-----\n",
                                 "-----BEGIN PRIVATE"
                                 " KEY-----\nProc-Type: a\n",
                                 "sk-a",
                                 "key:",
                                 " -u a:",
                                 "curl -u ",
                                 "Cookie: a=",
                                 "xoxb-",
                                 "secret \\\"",
                                 "secret\\\\",
                                 "secret=\\",
                                 "bearer ",
                                 "name: token\nvalue",
                                 "password is ",
                                 "\"token\",\"",
                                 "AKIA",
                                 "glpat-",
                                 "MTA",
                                 "pypi-a",
                                 "login password ",
                                 "vault login ",
                                 "fly secrets set A=hunter22 ",
                                 "echo a | gh secret set ",
                                 "net use \\\\h ",
                                 "git config --a ",
                                 "\x1b[1m",
                                 "token\x1b[1m",
                                 "\\u0022key",
                                 "----",
                                 "        key",
                                 "cmVmdGtu"}) {
    std::string text;
    while (text.size() < 1'000'000) text += piece;
    (void)mask(text);
    (void)mask(text + "=\"" + text);
  }
}

}  // namespace
}  // namespace baton::secrets
