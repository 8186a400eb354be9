#pragma once

// What secrets look like: the forms of the tokens that vendors give out. A row is a name, an anchor
// and a shape. The anchor is three places of the token that every such token has (`[0-9]` is a
// place that takes several bytes, case counts); a text is searched for anchors only, and the shape
// is tried `back` bytes before one.
//
// The forms come from the vendors' documents, the lengths are a little looser than those (vendors
// lengthen tokens without notice), the borders as strict as "no false mask in base64" asks for.
// Rows are tried in order, the first that fits names the finding.
//
// Tables hold their texts inside and no pointers: nothing to relocate when the program starts.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "secrets/shape.h"

namespace baton::secrets {

template <size_t N>
struct FixedText {
  char bytes[N] = {};
  uint8_t size = 0;

  template <size_t M>
  constexpr FixedText(const char (&text)[M]) : size(M - 1) {  // NOLINT: as a string_view
    static_assert(M <= N + 1);
    for (size_t i = 0; i + 1 < M; i++) bytes[i] = text[i];
  }
  constexpr std::string_view view() const { return {bytes, size}; }
};

enum class Body : uint8_t {
  any,     // the shape says enough
  random,  // the token must look random and not be a part of base64: names and data have the shape
};

struct TokenRule {
  FixedText<24> name;
  FixedText<23> anchor;
  uint8_t back;
  FixedText<96> shape;
  Body body = Body::any;
};

inline constexpr TokenRule kTokenRules[] = {
    // Clouds
    {"aws-credentials", "A[KSB]I", 0,
     R"(\b(AKIA|ASIA|ABIA)[A-Z0-9]{16}["']?[,:;\t ]["' ]{0,2}[A-Za-z0-9/+]{40}\b)"},
    {"aws-access-key", "A[KSB]I", 0, R"(\b(AKIA|ASIA|ABIA)[A-Z0-9]{16}\b)"},
    {"aws-bedrock-key", "BSK", 1, R"(\bABSK[A-Za-z0-9+\/]{100,}={0,2})"},
    {"alibaba-access-key", "LTA", 0, R"(\bLTAI[A-Za-z0-9]{12,26}\b)"},
    {"tencent-secret-id", "KID", 1, R"(\bAKID[A-Za-z0-9]{32,}\b)"},
    {"azure-client-secret", "[0-9]Q~", 3, R"([\w~.-]{3}\dQ~[\w~.-]{31,34})"},
    {"azure-devops-token", "AZD", 76, R"(\b[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}\b)"},
    {"google-api-key", "AIz", 0, R"(\bAIza[\w-]{35})"},
    {"google-oauth-token", "a29", 1, R"(\bya29\.[\w.-]{20,})"},
    {"google-oauth-secret", "CSP", 2, R"(GOCSPX-[\w-]{24,})"},
    {"google-refresh-token", "1//", 0, R"(\b1\/\/0[\w-]{30,})"},
    {"firebase-server-key", "A91", 14, R"(\bAAAA[\w-]{7}:APA91b[\w-]{100,})"},
    {"digitalocean-token", "_v1", 3, R"(\bdo[oprt]_v1_[a-f0-9]{64})"},
    {"heroku-api-key", "HRK", 0, R"(\bHRKU-[\w-]{30,})"},
    {"cloudflare-origin-key", ".0-", 2, R"(\bv1\.0-[a-f0-9]{24}-[a-f0-9]{100,})"},
    {"flyio-token", "fo1", 0, R"(\bfo1_[\w-]{40,})"},
    {"flyio-token", "fm[12]", 0, R"(\bfm[12][ar]?_[A-Za-z0-9+\/]{80,}={0,3})"},
    {"vercel-token", "vc[pckair]", 0, R"(\bvc[pckair]_[A-Za-z0-9]{24,})"},
    {"vercel-token", "_rw", 11, R"(\bvercel_blob_rw_[A-Za-z0-9]{12,}_[A-Za-z0-9]{24,})"},
    {"netlify-token", "nf[pocub]", 0, R"(\bnf[pocub]_[A-Za-z0-9]{36,})"},
    {"supabase-token", "sbp", 0, R"(\bsbp_(v0_)?[a-f0-9]{40})"},
    {"supabase-token", "sb_", 0, R"(\bsb_secret_[\w-]{20,})"},
    {"planetscale-token", "psc", 0, R"(\bpscale_(tkn|pw|oauth|svc)_[\w=.-]{30,})"},
    {"render-token", "rnd", 0, R"(\brnd_[A-Za-z0-9]{28,}\b)"},
    {"scalingo-token", "tk-", 0, R"(\btk-us-[\w-]{48})"},
    {"terraform-cloud-token", "sv1", 19, R"(\b[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,})"},
    {"pulumi-token", "ul-", 1, R"(\bpul-[a-f0-9]{40}\b)"},
    {"vault-token", "hv[sbr]", 0, R"(\bhv[sbr]\.[\w-]{24,})"},
    {"doppler-token", "dp.", 0, R"(\bdp\.(pt|ct|sa|scim|audit)\.[A-Za-z0-9]{40,})"},
    {"doppler-token", "dp.", 0, R"(\bdp\.st\.([a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,})"},
    {"databricks-token", "dap", 0, R"(\bdapi[a-f0-9]{32}(-\d)?)"},
    {"openshift-token", "56~", 4, R"(\bsha256~[\w-]{43})"},
    {"tailscale-key", "tsk", 0, R"(\btskey-[a-z]{3,12}-[A-Za-z0-9]{6,}-[A-Za-z0-9]{16,})"},
    {"dynatrace-token", "0c0", 2, R"(\bdt0c0\d\.[A-Z0-9]{24}\.[A-Z0-9]{64})"},

    // Where code lives
    {"github-token", "gh[pousr]", 0, R"(gh[pousr]_[A-Za-z0-9]{36,})"},
    {"github-token", "_pa", 6, R"(github_pat_\w{36,})"},
    {"github-token", "2h[vwyz1]", 1, R"(\bZ2h[vwyz1]X[A-Za-z0-9+\/]{40,}={0,2})"},  // as base64
    {"gitlab-token", "lpa", 1, R"(glpat-[\w.-]{20,})"},
    {"gitlab-token", "ldt", 1, R"(gldt-[\w-]{20,})"},
    {"gitlab-token", "lrt", 1, R"(\bglrtr?-[\w.-]{20,})"},
    {"gitlab-token", "cbt", 2, R"(glcbt-[\w.-]{20,})"},
    {"gitlab-token", "ptt", 2, R"(glptt-[\w-]{20,})"},
    {"gitlab-token", "lft", 1, R"(\bglft-[\w-]{20,})"},
    {"gitlab-token", "soa", 2, R"(glsoat-[\w-]{20,})"},
    {"gitlab-token", "ffc", 2, R"(glffct-[\w-]{20,})"},
    {"gitlab-token", "imt", 2, R"(glimt-[\w-]{20,})"},
    {"gitlab-token", "gla", 0, R"(glagent-[\w-]{40,})"},
    {"gitlab-token", "oas", 2, R"(gloas-[\w-]{40,})"},
    {"gitlab-token", "GR1", 0, R"(GR1348941[\w-]{20,})"},
    {"bitbucket-token", "TBB", 1, R"(\bATBB[A-Za-z0-9]{24,})"},
    {"bitbucket-token", "BBD", 0, R"(\bBBDC-[A-Za-z0-9+\/@_-]{40,})"},
    {"atlassian-token", "TT3", 3, R"(\bAT[AC]TT3[\w=-]{50,})"},
    {"buildkite-token", "bku", 0, R"(\bbkua_[a-f0-9]{40})"},
    {"circleci-token", "CCI", 0, R"(\bCCI(PAT|PRJ)_[A-Za-z0-9]{20,}_[a-f0-9]{40})"},
    {"sonar-token", "sq[pua]", 0, R"(\bsq[pua]_[a-f0-9]{40})"},
    {"sourcegraph-token", "sgp", 0, R"(\bsgp_([a-f0-9]{16}_|local_)?[a-f0-9]{40})"},
    {"sourcegraph-token", "sgp", 0, R"(\bsgp_\w{4,16}_[a-f0-9]{40})"},
    {"octopus-key", "PI-", 1, R"(\bAPI-[A-Z0-9]{26,32}\b)", Body::random},
    {"harness-token", "[ps]at", 0, R"(\b[ps]at\.[\w-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20})"},
    {"artifactory-key", "KCp", 1, R"(\bAKCp[A-Za-z0-9]{69,})"},
    {"artifactory-token", "dGt", 5, R"(\bcmVmdGtu[A-Za-z0-9]{56}\b)"},

    // Package registries
    {"npm-token", "pm_", 1, R"(\bnpm_[A-Za-z0-9]{36})"},
    {"pypi-token", "ypi", 1, R"(\bpypi-[\w-]{50,})", Body::random},
    {"rubygems-key", "byg", 2, R"(\brubygems_[a-f0-9]{48})"},
    {"crates-io-token", "cio", 0, R"(\bcio[A-Za-z0-9]{32}\b)", Body::random},
    {"docker-token", "dck", 0, R"(\bdckr_(pat|oat)_[\w-]{20,})"},
    {"nuget-key", "oy2", 0, R"(\boy2[a-z0-9]{43}\b)"},
    {"clojars-token", "JAR", 3, R"(\bCLOJARS_[a-z0-9]{60})"},

    // Models
    {"anthropic-api-key", "sk-", 0, R"(sk-ant-[\w-]{20,})"},
    {"openrouter-api-key", "sk-", 0, R"(\bsk-or-(v1-)?[a-f0-9]{40,})"},
    {"openai-api-key", "sk-", 0, R"(\bsk-(proj|svcacct|admin|None|service)-[\w-]{20,})"},
    {"openai-api-key", "sk-", 0, R"(\bsk-[A-Za-z0-9]{32,})"},
    {"openai-api-key", "sk-", 0, R"(\bsk-[\w-]{20,})", Body::random},
    {"huggingface-token", "hf_", 0, R"(\bhf_[A-Za-z0-9]{30,})"},
    {"huggingface-token", "i_o", 2, R"(\bapi_org_[A-Za-z0-9]{30,})"},
    {"groq-api-key", "gsk", 0, R"(\bgsk_[A-Za-z0-9]{40,})"},
    {"xai-api-key", "xai", 0, R"(\bxai-[A-Za-z0-9]{60,})"},
    {"perplexity-api-key", "plx", 1, R"(\bpplx-[A-Za-z0-9]{40,})"},
    {"replicate-token", "r8_", 0, R"(\br8_[A-Za-z0-9]{37})"},
    {"nvidia-api-key", "nva", 0, R"(\bnvapi-[\w-]{50,})"},
    {"langsmith-api-key", "sv2", 1, R"(\blsv2_(pt|sk)_[a-f0-9]{32}_[a-f0-9]{10})"},
    {"pinecone-api-key", "pcs", 0, R"(\bpcsk_\w{40,})"},
    {"tavily-api-key", "vly", 1, R"(\btvly-[A-Za-z0-9-]{20,})", Body::random},
    {"together-api-key", "tgp", 0, R"(\btgp_v1_[\w-]{40,})"},
    {"e2b-api-key", "e2b", 0, R"(\be2b_[a-f0-9]{40})"},
    {"fireworks-api-key", "fw_", 0, R"(\bfw_[A-Za-z0-9]{22,}\b)", Body::random},

    // Messages and mail
    {"slack-webhook", ".sl", 5,
     R"(\bhooks\.slack\.com\/(services|workflows|triggers)\/[\w+\/-]{20,})"},
    {"slack-token", "xox", 0, R"(xoxe[.-]xox[bp]-[\w-]{20,})"},
    {"slack-token", "xox", 0, R"(xox[abcdeoprs]-\d[\w-]{9,})"},
    {"slack-token", "xox", 0, R"(xox[abcdeoprs]-[\w-]{10,})", Body::random},
    {"slack-token", "xap", 0, R"(\bxapp-\d-\w{6,}-\d{6,}-\w{16,})"},
    {"discord-webhook", "bho", 6, R"(api\/webhooks\/\d{15,20}\/[\w-]{60,})"},
    {"discord-token", "[MNO][DTjz][AEIMQUYcgk]", 0,
     R"(\b[MNO][DTjz][AEIMQUYcgk][\w-]{20,25}\.[\w-]{6}\.[\w-]{27,})"},
    {"teams-webhook", "kb2", 6, R"(webhookb2\/[a-f0-9-]{36}@[a-f0-9-]{36}\/[\w\/-]{32,})"},
    {"telegram-token", "[0-9]:A", 9, R"(\d{10}:A[\w-]{34}\b)"},  // in URLs after "bot"
    {"telegram-token", "[0-9]:A", 8, R"(\d{9}:A[\w-]{34}\b)"},
    {"telegram-token", "[0-9]:A", 7, R"(\d{8}:A[\w-]{34}\b)"},
    {"sendgrid-api-key", "SG.", 0, R"(\bSG\.[\w-]{16,32}\.[\w-]{16,64})"},
    {"mailgun-api-key", "key", 0, R"(\bkey-[a-f0-9]{32}\b)"},
    {"mailchimp-api-key", "-us", 32, R"(\b[a-f0-9]{32}-us\d{1,2}\b)"},
    {"brevo-api-key", "xke", 0, R"(\bxkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16})"},
    {"resend-api-key", "re_", 0, R"(\bre_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}\b)"},
    {"twilio-api-key", "SK[0-9a-f]", 0, R"(\bSK[0-9a-f]{32}\b)"},

    // Money
    {"stripe-api-key", "k_l", 1, R"(\b[sr]k_live_[A-Za-z0-9]{10,})"},
    {"stripe-api-key", "k_t", 1, R"(\b[sr]k_test_[A-Za-z0-9]{10,})"},
    {"stripe-webhook-secret", "whs", 0, R"(\bwhsec_[A-Za-z0-9+\/=]{24,})"},
    {"square-token", "sq0", 0, R"(\bsq0[a-z]{3}-[\w-]{20,})"},
    {"square-token", "AAA", 1, R"(\bEAAA[\w-]{60}\b)", Body::random},
    {"facebook-token", "AA[A-Z]", 1, R"(\bEAA[A-Z][A-Za-z0-9]{90,}\b)", Body::random},
    {"shopify-token", "shp", 0, R"(\bshp(at|ca|pa|ss|tka|ua)_[a-fA-F0-9]{32,})"},
    {"easypost-api-key", "EZ[AT]", 0, R"(\bEZ[AT]K[A-Za-z0-9]{54})"},
    {"shippo-token", "ppo", 3, R"(\bshippo_(live|test)_[a-f0-9]{40})"},
    {"flutterwave-key", "FLW", 0, R"(\bFLWSECK(_TEST)?-[a-z0-9]{12,}(-X)?)"},
    {"plaid-token", "ess", 3, R"(\baccess-(sandbox|development|production)-[a-f0-9-]{36})"},
    {"duffel-token", "ffe", 2, R"(\bduffel_(live|test)_[\w=-]{43})"},
    {"razorpay-key", "rzp", 0, R"(\brzp_(live|test)_[A-Za-z0-9]{14,})"},

    // Tools
    {"linear-token", "n_[ao]", 2, R"(\blin_(api|oauth)_[A-Za-z0-9]{32,})"},
    {"notion-token", "ntn", 0, R"(\bntn_[A-Za-z0-9]{40,})"},
    {"notion-token", "sec", 0, R"(\bsecret_[A-Za-z0-9]{43}\b)"},
    {"postman-api-key", "PMA", 0, R"(\bPMA[KT]-[A-Za-z0-9]{24,}(-[a-f0-9]{34})?)"},
    {"figma-token", "gd_", 2, R"(\bfig[dour]_[\w-]{36,})"},
    {"airtable-token", "pat", 0, R"(\bpat[A-Za-z0-9]{14}\.[a-f0-9]{64})"},
    {"contentful-token", "CFP", 0, R"(\bCFPAT-[\w-]{40,})"},
    {"typeform-token", "tfp", 0, R"(\btfp_[\w=.-]{40,})"},
    {"launchdarkly-key", "[dp][ki]-", 1,
     R"(\b(sdk|api)-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}\b)"},
    {"adafruit-key", "aio", 0, R"(\baio_[A-Za-z0-9]{28}\b)"},
    {"frameio-token", "fio", 0, R"(\bfio-u-[\w=-]{60,})"},
    {"prefect-token", "pn[ub]", 0, R"(\bpn[ub]_[A-Za-z0-9]{36})"},
    {"readme-api-key", "rdm", 0, R"(\brdme_[a-z0-9]{60,})"},
    {"mapbox-token", "k.e", 1, R"(\b[ps]k\.eyJ[\w-]{20,}\.[\w-]{16,})"},
    {"infracost-key", "ico", 0, R"(\bico-[A-Za-z0-9]{32}\b)"},
    {"dropbox-token", "sl.", 0, R"(\bsl\.[\w=-]{100,})"},
    {"1password-token", "ops", 0, R"(\bops_eyJ[\w+\/=-]{100,})"},
    {"1password-secret-key", "A3-", 0,
     R"(\bA3-[A-Z0-9]{6}-([A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}\b)"},
    {"age-secret-key", "GE-", 1, R"(AGE-SECRET-KEY-1[A-Z0-9]{50,})"},
    {"mongodb-atlas-secret", "mdb", 0, R"(\bmdb_sa_sk_[\w-]{40})"},
    {"maxmind-license-key", "mmk", 37, R"(\b[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk\b)"},

    // Watching
    {"grafana-token", "lsa", 1, R"(\bglsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8})"},
    {"grafana-token", "lc_", 1, R"(\bglc_[A-Za-z0-9+\/]{32,}={0,3})"},
    {"grafana-token", "eyJ", 0, R"(\beyJrIjoi[A-Za-z0-9]{60,}={0,3})"},
    {"sentry-token", "snt", 0, R"(\bsntr(ys|yu)_[\w+\/=-]{40,})"},
    {"new-relic-key", "NR[AIJ]", 0, R"(\bNR(AK|AA|JS|II|IQ)-[A-Za-z0-9-]{19,})"},
    {"new-relic-key", "NRA", 36, R"(\b[a-f0-9]{36}NRAL\b)"},

    // Signed tokens
    {"jwt", "eyJ", 0, R"(\beyJ[\w-]{8,}\.eyJ[\w-]{8,}(\.[\w-]{8,})?)"},
    {"jwt", "eyJ", 0, R"(\beyJ[\w-]{16,}\.[\w-]{0,800}\.[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,})"},
};

static_assert([] {
  for (const TokenRule& rule : kTokenRules) {
    if (!is_shape(rule.shape.view())) return false;
  }
  return true;
}());

}  // namespace baton::secrets
