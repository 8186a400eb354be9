#pragma once

// Made-up secrets for tests and benchmarks. They are put together at run time from a form and a
// seed, so that no file of ours holds anything that looks like a token.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace baton::secrets::samples {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 2 + 1) {}
  uint64_t next() {  // splitmix64
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  size_t below(size_t limit) { return next() % limit; }
  size_t between(size_t low, size_t high) { return low + below(high - low + 1); }
  char from(std::string_view set) { return set[below(set.size())]; }
  template <class T, size_t N>
  const T& pick(const T (&list)[N]) {
    return list[below(N)];
  }

 private:
  uint64_t state_;
};

inline constexpr std::string_view kDigits = "0123456789", kHex = "0123456789abcdef",
                                  kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                                  kLower = "abcdefghijklmnopqrstuvwxyz";

// Fills a form: {A36} is 36 letters or digits, {a} lower case and digits, {U} upper case and
// digits, {L} letters, {h} hex digits, {d} digits, {w} letters, digits, `_` and `-`, {b} base64,
// {2} letters and digits of base32, {n} letters that no anchor is made of. {A36-80} is any number
// between.
inline std::string fill(std::string_view form, Random& random) {
  std::string alnum = std::string(kUpper) + std::string(kLower) + std::string(kDigits);
  std::string out;
  for (size_t i = 0; i < form.size(); i++) {
    if (form[i] != '{') {
      out += form[i];
      continue;
    }
    char kind = form[i + 1];
    size_t low = 0, high = 0, k = i + 2;
    while (form[k] >= '0' && form[k] <= '9') low = low * 10 + static_cast<size_t>(form[k++] - '0');
    if (form[k] == '-') {
      k++;
      while (form[k] >= '0' && form[k] <= '9')
        high = high * 10 + static_cast<size_t>(form[k++] - '0');
    }
    i = k;  // at '}'
    std::string set;
    switch (kind) {
      case 'A':
        set = alnum;
        break;
      case 'a':
        set = std::string(kLower) + std::string(kDigits);
        break;
      case 'U':
        set = std::string(kUpper) + std::string(kDigits);
        break;
      case 'L':
        set = std::string(kUpper) + std::string(kLower);
        break;
      case 'h':
        set = kHex;
        break;
      case 'd':
        set = kDigits;
        break;
      case 'w':
        set = alnum + "_-";
        break;
      case 'b':
        set = alnum + "+/";
        break;
      case 'n':
        set = "bdfghijlmnqrvyz";
        break;
      case '2':
        set = std::string(kUpper) + "234567";
        break;
    }
    size_t size = high > low ? random.between(low, high) : low;
    for (size_t n = 0; n < size; n++) out += random.from(set);
  }
  return out;
}

struct Form {
  std::string_view vendor;
  std::string_view form;
};

// Tokens by vendor, in the lengths that the vendors' documents give.
inline constexpr Form kTokens[] = {
    {"aws", "AKIA{216}"},
    {"aws", "ASIA{216}"},
    {"github", "ghp_{A36}"},
    {"github", "gho_{A36}"},
    {"github", "ghu_{A36}"},
    {"github", "ghs_{A36}"},
    {"github", "ghr_{A76}"},
    {"github", "github_pat_{A22}_{A59}"},
    {"gitlab", "glpat-{w20}"},
    {"gitlab", "glpat-{w27}.01.{a9}"},
    {"gitlab", "gldt-{w20}"},
    {"gitlab", "glrt-{w20}"},
    {"gitlab", "glptt-{h40}"},
    {"gitlab", "glcbt-{h2}_{w20}"},
    {"gitlab", "glft-{w20}"},
    {"gitlab", "glsoat-{w20}"},
    {"slack", "xoxb-{d12}-{d13}-{A24}"},
    {"slack", "xoxp-{d12}-{d12}-{d13}-{h32}"},
    {"slack", "xoxa-2-{d12}-{d12}-{h32}"},
    {"slack", "xoxs-{d12}-{d12}-{d12}-{h32}"},
    {"slack", "xapp-1-A{U10}-{d13}-{h64}"},
    {"slack", "hooks.slack.com/services/T{U8}/B{U8}/{A24}"},
    {"stripe", "sk_live_{A24}"},
    {"stripe", "sk_live_{A99}"},
    {"stripe", "rk_live_{A24}"},
    {"stripe", "sk_test_{A24}"},
    {"stripe", "whsec_{A32}"},
    {"google", "AIza{w35}"},
    {"google", "ya29.{w120}"},
    {"google", "GOCSPX-{w28}"},
    {"google", "1//0{w60}"},
    {"npm", "npm_{A36}"},
    {"pypi", "pypi-AgEIcHlwaS5vcmc{w120}"},
    {"openai", "sk-{A20}T3BlbkFJ{A20}"},
    {"openai", "sk-proj-{w74}T3BlbkFJ{w74}"},
    {"openai", "sk-svcacct-{w58}T3BlbkFJ{w58}"},
    {"openai", "sk-{A48}"},
    {"anthropic", "sk-ant-api03-{w93}AA"},
    {"anthropic", "sk-ant-oat01-{w93}AA"},
    {"anthropic", "sk-ant-admin01-{w93}AA"},
    {"openrouter", "sk-or-v1-{h64}"},
    {"huggingface", "hf_{L34}"},
    {"digitalocean", "dop_v1_{h64}"},
    {"digitalocean", "doo_v1_{h64}"},
    {"digitalocean", "dor_v1_{h64}"},
    {"sendgrid", "SG.{w22}.{w43}"},
    {"twilio", "SK{h32}"},
    {"mailgun", "key-{h32}"},
    {"mailchimp", "{h32}-us{d2}"},
    {"telegram", "{d9}:AA{w33}"},
    {"telegram", "{d10}:AA{w33}"},
    {"discord", "MTA{A21}.{w6}.{w38}"},
    {"discord", "ODk{A21}.{w6}.{w27}"},
    {"discord", "api/webhooks/{d18}/{w68}"},
    {"shopify", "shpat_{h32}"},
    {"shopify", "shpss_{h32}"},
    {"square", "sq0atp-{w22}"},
    {"square", "sq0csp-{w43}"},
    {"square", "EAAA{A60}"},
    {"databricks", "dapi{h32}"},
    {"doppler", "dp.pt.{A43}"},
    {"vault", "hvs.{w95}"},
    {"terraform", "{A14}.atlasv1.{w67}"},
    {"linear", "lin_api_{A40}"},
    {"notion", "secret_{A43}"},
    {"notion", "ntn_{d11}{A35}"},
    {"postman", "PMAK-{h24}-{h34}"},
    {"newrelic", "NRAK-{U27}"},
    {"grafana", "glsa_{A32}_{h8}"},
    {"grafana", "glc_{b100}"},
    {"sentry", "sntrys_eyJpYXQiO{A100}_{b43}"},
    {"sentry", "sntryu_{h64}"},
    {"fly", "fo1_{w43}"},
    {"netlify", "nfp_{A36}"},
    {"supabase", "sbp_{h40}"},
    {"planetscale", "pscale_tkn_{w43}"},
    {"planetscale", "pscale_pw_{w43}"},
    {"age", "AGE-SECRET-KEY-1{U58}"},
    {"crates", "cio{A32}"},
    {"rubygems", "rubygems_{h48}"},
    {"docker", "dckr_pat_{w27}"},
    {"atlassian", "ATATT3xFfGF0{w180}"},
    {"bitbucket", "ATBB{A32}"},
    {"azure", "{A3}8Q~{w34}"},
    {"heroku", "HRKU-AA{w58}"},
    {"facebook", "EAAC{A120}"},
    {"dropbox", "sl.{w136}"},
    {"figma", "figd_{w40}"},
    {"airtable", "pat{A14}.{h64}"},
    {"pulumi", "pul-{h40}"},
    {"buildkite", "bkua_{h40}"},
    {"tailscale", "tskey-auth-{A12}CNTRL-{A32}"},
    {"groq", "gsk_{A52}"},
    {"xai", "xai-{A80}"},
    {"perplexity", "pplx-{A48}"},
    {"replicate", "r8_{A37}"},
    {"nvidia", "nvapi-{w64}"},
    {"brevo", "xkeysib-{h64}-{A16}"},
    {"resend", "re_{A8}_{A24}"},
    {"dynatrace", "dt0c01.{U24}.{U64}"},
    {"launchdarkly", "sdk-{h8}-{h4}-{h4}-{h4}-{h12}"},
    {"jwt", "eyJhbGciOiJIUzI1NiJ9.eyJ{A60}.{w43}"},
    {"jwt", "eyJ{w40}.eyJ{w200}.{w342}"},
};

// Where tokens stand. {} is the token.
inline constexpr std::string_view kTokenPlaces[] = {
    "{}",
    "token: {}\n",
    "export TOKEN={}\n",
    "the key is {}, keep it\n",
    "\"value\": \"{}\"",
    "{\\\"api\\\":\\\"{}\\\"}",
    "line one\\n{}\\nline three",
    "curl -H 'Authorization: Bearer {}' https://api.test/\n",
    "https://api.test/v1?key={}&page=2",
    "Error: bad credentials ({})\n",
    "\x1b[31m{}\x1b[0m\n",
    "+const k = `{}`;\n",
    "    12\u2192  client = new Client('{}')\n",
    "https://x-access-token:{}@host.test/a/b.git\n",
    "\\u0022{}\\u0022",
    "<add key=\"k\" value=\"{}\"/>",
    "{}\r\n",
    "id={};",
};

inline std::string place(std::string_view form, std::string_view value) {
  size_t hole = form.find("{}");
  return std::string(form.substr(0, hole)) + std::string(value) +
         std::string(form.substr(hole + 2));
}

// Names of settings that hold secrets.
inline constexpr std::string_view kSettingNames[] = {
    "DB_PASSWORD",
    "POSTGRES_PASSWORD",
    "MYSQL_ROOT_PASSWORD",
    "REDIS_PASSWORD",
    "SMTP_PASS",
    "API_KEY",
    "SECRET_KEY",
    "SECRET_KEY_BASE",
    "AWS_SECRET_ACCESS_KEY",
    "CLIENT_SECRET",
    "JWT_SECRET",
    "AUTH_TOKEN",
    "ACCESS_TOKEN",
    "REFRESH_TOKEN",
    "GITHUB_TOKEN",
    "NPM_TOKEN",
    "ENCRYPTION_KEY",
    "PRIVATE_KEY",
    "SLACK_BOT_TOKEN",
    "CLOUDFLARE_API_TOKEN",
    "DATADOG_API_KEY",
    "ALGOLIA_ADMIN_KEY",
    "STRIPE_SECRET",
    "SESSION_SECRET",
    "SIGNING_KEY",
    "WEBHOOK_SECRET",
    "SENTRY_AUTH_TOKEN",
    "TWILIO_AUTH_TOKEN",
    "FIREBASE_TOKEN",
    "VAULT_TOKEN",
    "DEPLOY_KEY",
    "APP_SECRET",
    "MAIL_PASSWORD",
    "SONAR_TOKEN",
    "DOCKER_PASSWORD",
    "PGPASSWORD",
    "MYSQL_PWD",
};
inline constexpr std::string_view kMemberNames[] = {
    "password",        "passwd",
    "db_password",     "userPassword",
    "secret",          "client_secret",
    "clientSecret",    "apiKey",
    "api_key",         "api-key",
    "apikey",          "accessToken",
    "access_token",    "auth_token",
    "authToken",       "refresh_token",
    "secretKey",       "secret_key",
    "private_key",     "token",
    "passphrase",      "aws_secret_access_key",
    "encryptionKey",   "signing_key",
    "bot_token",       "x-api-key",
    "dbPassword",      "admin_password",
    "webhook_secret",  "master_key",
    "sharedAccessKey", "credentials",
};

// How settings and members are written. {k} is the name, {} the value.
inline constexpr std::string_view kSettingPlaces[] = {
    "{k}={}\n",
    "export {k}={}\n",
    "{k}=\"{}\"\n",
    "{k}='{}'\n",
    "export {k}=\"{}\"\n",
    "  {k}: {}\n",
    "  {k}: \"{}\"\n",
    "- {k}={}\n",
    "docker run -e {k}={} image\n",
    "{k}={} ./run.sh\n",
    "FOO=bar\\n{k}={}\\nBAZ=1",
    "env {k}='{}' make\n",
    "{k} = {}\n",
    "+{k}={}\n",
    "set {k}={}\n",
    "ENV {k}={}\n",
    "- name: {k}\n  value: \"{}\"\n",
    "{\"name\": \"{k}\", \"value\": \"{}\"}",
};
inline constexpr std::string_view kMemberPlaces[] = {
    "{k} = \"{}\"\n",
    "{k} = '{}'\n",
    "\"{k}\": \"{}\",\n",
    "{ \"{k}\": \"{}\" }",
    "{k}: \"{}\"\n",
    "'{k}': '{}',\n",
    "{k}: '{}',\n",
    "{\\\"{k}\\\":\\\"{}\\\"}",
    "{\\\\\\\"{k}\\\\\\\": \\\\\\\"{}\\\\\\\"}",
    "const {k} = \"{}\";\n",
    "let {k}: String = \"{}\";\n",
    "{k}=\"{}\"",
    "{k} := \"{}\"\n",
    "config['{k}'] = '{}'\n",
    "config[\"{k}\"] = \"{}\";\n",
    "'{k}' => '{}',\n",
    "tool --{k} {} run\n",
    "tool --{k}={} run\n",
    "<{k}>{}</{k}>\n",
    "<add name=\"{k}\" value=\"{}\" />\n",
    "connect({k}=\"{}\")\n",
    "{k}: {}\n",
    "{k}={}\n",
    "headers.set(\"{k}\", \"{}\")\n",
    "https://api.test/?{k}={}&x=1\n",
    "-    \"{k}\": \"{}\"\n",
    "{k} = b\"{}\"\n",
    "self.{k} = \"{}\"\n",
    "Server=db;{k}={};Port=5\n",
    "if ({k} == \"{}\") {\n",
};

inline std::string place(std::string_view form, std::string_view name, std::string_view value) {
  std::string out;
  for (size_t i = 0; i < form.size();) {
    if (form.substr(i).starts_with("{k}")) {
      out += name;
      i += 3;
    } else if (form.substr(i).starts_with("{}")) {
      out += value;
      i += 2;
    } else {
      out += form[i++];
    }
  }
  return out;
}

inline bool is_password_name(std::string_view name) {
  std::string low;
  for (char c : name) low += static_cast<char>(c | 0x20);
  return low.find("pass") != low.npos || low.find("pwd") != low.npos;
}

// A value as people and generators make them. Passwords may be words with a number and a sign.
inline std::string value(Random& random, bool password) {
  static constexpr std::string_view kWords[] = {"summer", "Tiger",  "orange", "Falcon", "river",
                                                "Winter", "copper", "Meadow", "rocket", "Violet"};
  static constexpr std::string_view kSigns = "!@#$%^*?+=~";
  if (password && random.below(3) == 0) {
    std::string out(random.pick(kWords));
    if (random.below(2) == 0) out += random.from("-_.") + std::string(random.pick(kWords));
    out += std::to_string(random.between(10, 9999));
    if (random.below(2) == 0) out += random.from("!#$?*");
    return out;
  }
  switch (random.below(7)) {
    case 0:
      return fill("{A12-24}", random);
    case 1:
      return fill("{A24-64}", random);
    case 2:
      return fill("{h32}", random);
    case 3:
      return fill("{h64}", random);
    case 4:
      return fill("{b43}=", random);
    case 5:
      return fill("{a16-32}", random);
    default: {
      std::string out = fill("{A4}", random);
      for (size_t n = random.between(6, 14); n > 0; n--) {
        out += random.below(4) == 0 ? random.from(kSigns)
                                    : random.from("abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNP23456789");
      }
      return out;
    }
  }
}

// A private key in PEM form, lines joined by `line_end`.
inline std::string private_key(Random& random, std::string_view kind, std::string_view line_end) {
  std::string label = std::string(kind) + (kind.empty() ? "" : " ") + "PRIVATE" + " KEY-----";
  std::string out = "-----BEGIN " + label + std::string(line_end);
  for (size_t n = random.between(3, 25); n > 0; n--)
    out += fill("{b64}", random) + std::string(line_end);
  out += fill("{b20-62}", random) + "==" + std::string(line_end);
  return out + "-----END " + label + std::string(line_end);
}

}  // namespace baton::secrets::samples
