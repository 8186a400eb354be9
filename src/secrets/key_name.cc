#include "secrets/key_name.h"

#include <array>
#include <cstddef>

#include "secrets/shape.h"

namespace baton::secrets {
namespace {

constexpr size_t kMaxName = 64;   // bytes looked at, the last ones
constexpr size_t kMaxWords = 12;  // words looked at, the last ones

// `apikey`, `dbpassword`: names written as one word.
constexpr std::string_view kPasswordEnds =
    "password passwd passphrase passcode passwort requirepass";
constexpr std::string_view kPasswordWords = "pwd psw passw pw";
constexpr std::string_view kKeyEnds =
    "apikey secretkey accesskey privatekey authkey accountkey masterkey encryptionkey signingkey "
    "clientkey sharedkey appkey consumerkey";
constexpr std::string_view kStrongTokenEnds =
    "accesstoken authtoken apitoken refreshtoken bearertoken bottoken oauthtoken secrettoken "
    "personaltoken sessiontoken";

// The word before `pass` that makes it a password: DB_PASS, but not `first_pass`.
constexpr std::string_view kAccounts =
    "db database mysql postgres postgresql pg mongo mongodb redis sql smtp mail email imap user "
    "usr admin root login ftp sftp ssh http https basic auth proxy rabbitmq amqp mqtt ldap bind "
    "account my service svc app api keystore truststore jenkins nexus docker registry test sudo "
    "wifi vpn vnc jira become vault";

// The word before `key` that makes it a secret one.
constexpr std::string_view kStrongKeys =
    "api access secret private auth encryption encrypt decryption decrypt signing sign master "
    "account shared storage client consumer admin deploy jwt crypto cipher aes hmac webhook "
    "subscription ingest ingestion preshared root vault license token symmetric security openai "
    "anthropic";
constexpr std::string_view kMediumKeys =
    "session app application service server function functions "
    "rsa ssh tls ssl signature integration write";
constexpr std::string_view kOtherKeys =
    "public pub primary foreign sort partition cache hash shard routing object idempotency dedup "
    "dedupe row col column index map registry translation i18n group composite unique query event "
    "kv dict lookup json config settings env header param field property attr option gpg pgp apt "
    "known host host_key s3 bucket message trace span project issue commit git lock finger";

// The word before `token` that makes it a secret one, and those that speak of text or pages.
constexpr std::string_view kStrongTokens =
    "access auth refresh bearer api bot oauth secret personal private deploy ci jwt user admin "
    "service registration runner vault security csrf xsrf github gitlab gh gl slack npm pypi hf "
    "telegram discord session client app consumer id login webhook publish write";
constexpr std::string_view kOtherTokens =
    "next page continuation cursor sync start eof separator delimiter lex lexer parse parser "
    "syntax "
    "current cur peek last prev previous first mask pad bos eos unk cls sep special stop begin end "
    "close open design css color cancellation cancel abort max min num total count input output "
    "prompt completion cached word sub string number identifier ident operator left right expected "
    "unexpected trailing leading keyword comment";

// Words after the name that change nothing: PASSWORD_2, secret_value, API_KEY_PROD.
constexpr std::string_view kTails =
    "value val string str text plain plaintext raw prod production dev development test testing "
    "staging stage live sandbox local default base b64 base64 old new current previous primary "
    "secondary backup confirm confirmation again repeat";
// Words after the name that make it another thing: PASSWORD_FILE, token_type, key_id.
constexpr std::string_view kOtherThings =
    "id ids name names file files path paths url uri urls type types kind length len size count "
    "ttl expiry expires expire expiration exp timeout host port user username region dir directory "
    "version algorithm alg algo hash hashes digest mode format prefix suffix min max days hours "
    "seconds minutes enabled disabled required policy arn label field hint class provider store "
    "header param env var index idx list map set table column usage status state date time at "
    "limit error message pattern regex sha checksum fingerprint rotation age scope scopes bits";

struct Words {
  std::array<char, kMaxName> text{};
  std::array<std::string_view, kMaxWords> word;
  size_t count = 0;

  std::string_view back(size_t n) const { return n < count ? word[count - 1 - n] : ""; }
};

// The words of a name in lower case, without digits at their ends.
void split_name(std::string_view name, Words& words) {
  if (name.size() > kMaxName) name.remove_prefix(name.size() - kMaxName);
  auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  size_t begin = 0;
  auto flush = [&](size_t end) {
    std::string_view word{words.text.data() + begin, end - begin};
    while (!word.empty() && is_digit(word.back())) word.remove_suffix(1);
    if (word.empty()) return;
    if (words.count == kMaxWords) {
      for (size_t i = 1; i < kMaxWords; i++) words.word[i - 1] = words.word[i];
      words.count--;
    }
    words.word[words.count++] = word;
  };
  for (size_t i = 0; i < name.size(); i++) {
    char c = name[i];
    words.text[i] = is_upper(c) ? static_cast<char>(c + 32) : c;
    if (!shape::is_alnum(c)) {
      flush(i);
      begin = i + 1;
    } else if (i > begin && is_upper(c) &&
               (!is_upper(name[i - 1]) ||
                (i + 1 < name.size() && name[i + 1] >= 'a' && name[i + 1] <= 'z'))) {
      flush(i);
      begin = i;
    }
  }
  if (begin < name.size()) flush(name.size());
}

bool ends_with_any(std::string_view list, std::string_view word) {
  return any_of_words(list, [&](auto end) { return word.ends_with(end); });
}

// Judges the name whose last word is `words.back(skip)`.
KeyName judge(const Words& words, size_t skip, bool setting) {
  std::string_view last = words.back(skip), before = words.back(skip + 1);
  auto strong = [](Family family) { return KeyName{Strength::strong, family}; };
  auto medium = [](Family family) { return KeyName{Strength::medium, family}; };
  if (ends_with_any(kPasswordEnds, last) || is_among(kPasswordWords, last) ||
      (last.ends_with("pwd") && last != "cwd") || last == "phrase") {
    if (last == "phrase" && before != "pass") return {};
    return strong(Family::password);
  }
  if (last == "word" && before == "pass") return strong(Family::password);
  if (last == "pass" || last == "dbpass" || last == "userpass") {
    if (last != "pass" || is_among(kAccounts, before)) return strong(Family::password);
    return medium(Family::password);
  }
  if (last.ends_with("secret")) return strong(Family::secret);
  if (last == "key") {
    if (is_among(kStrongKeys, before)) {
      if (is_among("public pub", words.back(skip + 2))) return {};
      return strong(Family::key);
    }
    if (is_among(kMediumKeys, before)) return medium(Family::key);
    if (setting && !before.empty() && !is_among(kOtherKeys, before)) {
      return {Strength::weak, Family::key};
    }
    return {};
  }
  if (ends_with_any(kKeyEnds, last)) return strong(Family::key);
  if (last.ends_with("token")) {
    if (last == "token") {
      if (is_among(kOtherTokens, before)) return {};
      if (is_among(kStrongTokens, before)) return strong(Family::token);
    } else if (ends_with_any(kStrongTokenEnds, last)) {
      return strong(Family::token);
    }
    return medium(Family::token);
  }
  if (last == "authorization") return strong(Family::authorization);
  if (last == "auth") return medium(Family::authorization);
  if (last == "bearer") return medium(Family::token);
  if (is_among("credential credentials creds cred", last)) return medium(Family::credential);
  if (last == "cookie") return medium(Family::cookie);
  if (last == "sig" && skip == 0) return {Strength::weak, Family::signature};
  return {};
}

}  // namespace

KeyName key_name(std::string_view name, bool setting) {
  Words words;
  split_name(name, words);
  KeyName found;
  size_t skip = 0;
  while (skip + 1 < words.count && is_among(kTails, words.back(skip))) skip++;
  found = judge(words, skip, setting);
  if (found.strength == Strength::none && setting && !is_among(kOtherThings, words.back(0))) {
    // A tail of its own: the rest must look like a secret all by itself.
    for (skip = 1; skip < words.count && found.strength == Strength::none; skip++) {
      if (is_among(kOtherThings, words.back(skip))) break;
      found = judge(words, skip, false);
    }
    if (found.strength != Strength::none) found.strength = Strength::weak;
  }
  if (found.strength == Strength::strong && found.family != Family::password) {
    for (size_t i = 0; i < words.count; i++) {
      if (words.word[i] == "aws" || words.word[i] == "amazon") {
        found.aws = words.back(skip) == "secret" || is_among("secret", words.back(skip + 1)) ||
                    is_among("secret", words.back(skip + 2));
      }
    }
  }
  return found;
}

std::string_view rule_name(const KeyName& name) {
  if (name.aws) return "aws-secret-key";
  switch (name.family) {
    case Family::password:
      return "password";
    case Family::secret:
      return "secret";
    case Family::key:
      return "api-key";
    case Family::token:
      return "token";
    case Family::credential:
      return "credential";
    case Family::authorization:
      return "authorization";
    case Family::cookie:
      return "cookie";
    case Family::signature:
      return "url-signature";
  }
  return "secret";
}

}  // namespace baton::secrets
