//! The tokens that name themselves: prefix, characters, length and check of each vendor's secrets.
//!
//! A row comes from the vendor's documentation or from the shape its tokens show; docs/privacy.md lists them by kind.
//! Nothing here reads text.

use crate::kind::EntityKind::{self, *};

/// Which characters follow a prefix, as bits of `chars::of`.
pub(super) mod chars {
    pub(in crate::detect) const UPPER: u16 = 1;
    pub(in crate::detect) const LOWER: u16 = 2;
    pub(in crate::detect) const DIGIT: u16 = 4;
    pub(in crate::detect) const UNDER: u16 = 8;
    pub(in crate::detect) const DASH: u16 = 16;
    pub(in crate::detect) const DOT: u16 = 32;
    pub(in crate::detect) const PLUS: u16 = 64;
    pub(in crate::detect) const EQUAL: u16 = 128;
    pub(in crate::detect) const COLON: u16 = 256;
    pub(in crate::detect) const HEX: u16 = 512;
    pub(in crate::detect) const DOLLAR: u16 = 1024;
    pub(in crate::detect) const PERCENT: u16 = 2048;
    pub(in crate::detect) const OTHER: u16 = 4096;

    static CLASSES: [u16; 256] = {
        let mut classes = [0; 256];
        let mut byte = 0u8;
        while byte < 128 {
            classes[byte as usize] = match byte {
                b'A'..=b'F' => UPPER | HEX,
                b'G'..=b'Z' => UPPER,
                b'a'..=b'f' => LOWER | HEX,
                b'g'..=b'z' => LOWER,
                b'0'..=b'9' => DIGIT | HEX,
                b'_' => UNDER,
                b'-' => DASH,
                b'.' => DOT,
                b'+' | b'/' => PLUS,
                b'=' => EQUAL,
                b':' => COLON,
                b'$' => DOLLAR,
                b'%' => PERCENT,
                b'*' | b'!' | b',' => OTHER,
                _ => 0,
            };
            byte += 1;
        }
        classes
    };

    /// The classes a byte belongs to.
    pub(in crate::detect) fn of(byte: u8) -> u16 {
        CLASSES[byte as usize]
    }

    /// How many characters of an Azure secret stand from `at` on.
    pub(in crate::detect) fn run_or_tilde(bytes: &[u8], at: usize) -> usize {
        let inside = |byte: &&u8| {
            **byte == b'~' || of(**byte) & (UPPER | LOWER | DIGIT | UNDER | DASH | DOT) != 0
        };
        bytes[at..].iter().take(64).take_while(inside).count()
    }

    /// How many bytes from `at` on belong to one of the classes, at most `max`.
    pub(in crate::detect) fn run(bytes: &[u8], at: usize, classes: u16, max: usize) -> usize {
        bytes[at..]
            .iter()
            .take(max)
            .take_while(|&&byte| of(byte) & classes != 0)
            .count()
    }
}

impl TokenRule {
    /// Whether the token ends with the CRC-32 of what is before, as GitHub's do.
    pub(super) fn is_sealed(&self, token: &[u8]) -> bool {
        let Some((body, seal)) = token.split_at_checked(token.len().saturating_sub(6)) else {
            return false;
        };
        let value = |byte: &u8| match byte {
            b'0'..=b'9' => u64::from(byte - b'0'),
            b'A'..=b'Z' => u64::from(byte - b'A') + 10,
            _ => u64::from(byte.saturating_sub(b'a')) + 36,
        };
        let body = body.get(self.prefix.len()..).unwrap_or_default();
        let read = seal.iter().fold(0u64, |sum, byte| sum * 62 + value(byte));
        matches!(
            self.kind,
            GithubToken | GithubOauth | GithubApp | GithubRefresh | Npm
        ) && read == u64::from(super::checks::crc32(body))
    }
}

use chars::{COLON, DASH, DIGIT, DOLLAR, DOT, EQUAL, LOWER, OTHER, PERCENT, PLUS, UNDER, UPPER};

const ALNUM: u16 = UPPER | LOWER | DIGIT;
const HEX: u16 = chars::HEX;
const HEXDASH: u16 = chars::HEX | DASH;
const BASE32: u16 = UPPER | DIGIT;
const UPPERNUM: u16 = UPPER | DIGIT;
const LOWERNUM: u16 = LOWER | DIGIT;
const WORD: u16 = ALNUM | UNDER;
const URL: u16 = ALNUM | UNDER | DASH;
const URLDOT: u16 = URL | DOT;
const URLEQ: u16 = URL | EQUAL;
const ALNUMDASH: u16 = ALNUM | DASH;
const ALNUMDOT: u16 = ALNUM | DOT;
const BASE64: u16 = ALNUM | PLUS | EQUAL | UNDER | DASH;
const FCM: u16 = URL | COLON;
const BTREE: u16 = ALNUM | DOLLAR;
const SNTRY: u16 = ALNUM | PLUS | EQUAL | UNDER | DASH;
const PERCENT_: u16 = ALNUM | PERCENT;
const MSREFRESH: u16 = ALNUM | DOT | UNDER | DASH | OTHER | DOLLAR;
const CRYPT: u16 = ALNUM | DOT | PLUS | DOLLAR;
const ARGON: u16 = ALNUM | PLUS | DOLLAR | EQUAL | OTHER | DOT;
const JWT: u16 = URLDOT | EQUAL;

/// What a token must show beyond its prefix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Check {
    /// Nothing: the prefix is telling enough.
    None,
    /// As mixed as random text.
    Mixed,
    /// At least one digit.
    Digit,
    /// Capitals and small letters as mixed as random text; digits are not needed.
    Cased,
    /// Lower-case hex after an upper-case prefix.
    Lower,
    /// AWS key ids: base32, and not the documentation's example.
    Aws,
    /// Firebase: a colon at the eighth place.
    Fcm,
    /// Airtable: 14 characters, a dot, 64 hex digits.
    Airtable,
    /// Harness: three parts.
    Harness,
    /// Two or three parts of base64url, the first a JSON object.
    Jwt,
}

/// One row.
pub(super) struct TokenRule {
    pub(super) prefix: &'static str,
    pub(super) kind: EntityKind,
    pub(super) chars: u16,
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) check: Check,
}

const fn rule(
    prefix: &'static str,
    kind: EntityKind,
    chars: u16,
    min: usize,
    max: usize,
    check: Check,
) -> TokenRule {
    TokenRule {
        prefix,
        kind,
        chars,
        min,
        max,
        check,
    }
}

/// Prefixes that are parts of common words: looked for only where a run of letters and digits begins.
pub(super) const RUN_PREFIXES: &[&str] = &[
    "SK", "AC", "cio", "pat", "oy2", "CiR", "b_", "fw_", "al-", "pa-", "sl.", "pk_", "re_", "ak_",
];

#[rustfmt::skip]
pub(super) static RULES: &[TokenRule] = &[
    rule("AKIA", AwsAccessKey, BASE32, 16, 16, Check::Aws),
    rule("ASIA", AwsAccessKey, BASE32, 16, 16, Check::Aws),
    rule("ABIA", AwsAccessKey, BASE32, 16, 16, Check::Aws),
    rule("ACCA", AwsAccessKey, BASE32, 16, 16, Check::Aws),
    rule("AROA", AwsAccessKey, BASE32, 16, 17, Check::Aws),
    rule("AIDA", AwsAccessKey, BASE32, 16, 17, Check::Aws),
    rule("IQoJb3JpZ2lu", AwsSessionToken, BASE64, 60, 4000, Check::None),
    rule("FwoGZXIvYXdz", AwsSessionToken, BASE64, 60, 4000, Check::None),
    rule("amzn.mws.", AwsMws, HEXDASH, 32, 36, Check::None),
    rule("ABSK", AwsBedrock, BASE64, 60, 260, Check::Mixed),
    rule("bedrock-api-key-", AwsBedrock, BASE64, 20, 4000, Check::None),
    rule("AIza", GoogleApiKey, URL, 35, 35, Check::None),
    rule("GOCSPX-", GoogleOauthSecret, URL, 24, 32, Check::None),
    rule("ya29.", GoogleOauthToken, URLDOT, 20, 2000, Check::None),
    rule("1//0", GoogleRefreshToken, URL, 30, 200, Check::None),
    rule("AAAA", FirebaseKey, FCM, 148, 200, Check::Fcm),
    rule("ghp_", GithubToken, ALNUM, 36, 255, Check::None),
    rule("gho_", GithubOauth, ALNUM, 36, 255, Check::None),
    rule("ghu_", GithubApp, ALNUM, 36, 255, Check::None),
    rule("ghs_", GithubApp, ALNUM, 36, 255, Check::None),
    rule("ghr_", GithubRefresh, ALNUM, 36, 255, Check::None),
    rule("github_pat_", GithubFineGrained, WORD, 22, 255, Check::None),
    rule("glpat-", GitlabToken, URLDOT, 20, 300, Check::None),
    rule("gldt-", GitlabDeploy, URLDOT, 20, 300, Check::None),
    rule("glrt-", GitlabRunner, URLDOT, 20, 300, Check::None),
    rule("glrtr-", GitlabRunner, URLDOT, 20, 300, Check::None),
    rule("GR1348941", GitlabRunner, URL, 20, 50, Check::None),
    rule("glptt-", GitlabTrigger, URLDOT, 20, 300, Check::None),
    rule("glcbt-", GitlabTrigger, URLDOT, 20, 300, Check::None),
    rule("glft-", GitlabFeed, URLDOT, 20, 300, Check::None),
    rule("glimt-", GitlabFeed, URLDOT, 20, 300, Check::None),
    rule("glagent-", GitlabFeed, URLDOT, 20, 300, Check::None),
    rule("gloas-", GitlabFeed, URLDOT, 20, 300, Check::None),
    rule("glsoat-", GitlabFeed, URLDOT, 20, 300, Check::None),
    rule("glffct-", GitlabFeed, URLDOT, 20, 300, Check::None),
    rule("glwt-", GitlabFeed, URLDOT, 20, 300, Check::None),
    rule("xoxb-", SlackBot, ALNUMDASH, 20, 300, Check::Digit),
    rule("xoxp-", SlackUser, ALNUMDASH, 20, 300, Check::Digit),
    rule("xoxa-", SlackUser, ALNUMDASH, 20, 300, Check::Digit),
    rule("xoxr-", SlackUser, ALNUMDASH, 20, 300, Check::Digit),
    rule("xoxs-", SlackUser, ALNUMDASH, 20, 300, Check::Digit),
    rule("xoxo-", SlackUser, ALNUMDASH, 20, 300, Check::Digit),
    rule("xoxc-", SlackUser, ALNUMDASH, 20, 300, Check::Digit),
    rule("xoxd-", SlackUser, ALNUMDASH, 20, 300, Check::Digit),
    rule("xoxe.", SlackConfig, URLDOT, 20, 400, Check::Digit),
    rule("xoxe-", SlackConfig, URLDOT, 20, 400, Check::Digit),
    rule("xapp-", SlackApp, ALNUMDASH, 20, 300, Check::Digit),
    rule("xwfp-", SlackConfig, ALNUMDASH, 20, 300, Check::Digit),
    rule("sk_live_", StripeSecret, ALNUM, 10, 250, Check::None),
    rule("sk_test_", StripeSecret, ALNUM, 10, 250, Check::None),
    rule("sk_prod_", StripeSecret, ALNUM, 10, 250, Check::None),
    rule("rk_live_", StripeRestricted, ALNUM, 10, 250, Check::None),
    rule("rk_test_", StripeRestricted, ALNUM, 10, 250, Check::None),
    rule("rk_prod_", StripeRestricted, ALNUM, 10, 250, Check::None),
    rule("whsec_", StripeWebhook, BASE64, 20, 250, Check::None),
    rule("sk-proj-", OpenAiProject, URL, 20, 250, Check::Mixed),
    rule("sk-svcacct-", OpenAiProject, URL, 20, 250, Check::Mixed),
    rule("sk-admin-", OpenAiProject, URL, 20, 250, Check::Mixed),
    rule("sk-None-", OpenAiProject, URL, 20, 250, Check::Mixed),
    rule("sk-", OpenAi, URL, 20, 250, Check::Mixed),
    rule("sess-", OpenAi, ALNUM, 38, 60, Check::Mixed),
    rule("sk-ant-", Anthropic, URL, 20, 250, Check::Mixed),
    rule("sk-or-v1-", OpenRouter, HEX, 40, 80, Check::None),
    rule("sk-lf-", Langfuse, HEXDASH, 32, 40, Check::None),
    rule("hf_", HuggingFace, ALNUM, 30, 60, Check::Cased),
    rule("api_org_", HuggingFace, ALNUM, 30, 60, Check::Cased),
    rule("r8_", Replicate, ALNUM, 36, 44, Check::Mixed),
    rule("gsk_", Groq, ALNUM, 40, 80, Check::Mixed),
    rule("pplx-", Perplexity, ALNUM, 32, 80, Check::Mixed),
    rule("xai-", Xai, ALNUM, 60, 120, Check::Mixed),
    rule("tgp_v1_", Together, URL, 30, 80, Check::None),
    rule("fw_", Fireworks, ALNUM, 22, 60, Check::Mixed),
    rule("nvapi-", Nvidia, URL, 40, 120, Check::None),
    rule("csk-", Cerebras, ALNUM, 40, 80, Check::Mixed),
    rule("sk_", ElevenLabs, HEX, 40, 64, Check::Mixed),
    rule("lsv2_pt_", LangSmith, WORD, 32, 80, Check::None),
    rule("lsv2_sk_", LangSmith, WORD, 32, 80, Check::None),
    rule("ls__", LangSmith, HEX, 32, 40, Check::None),
    rule("pcsk_", Pinecone, WORD, 40, 120, Check::None),
    rule("pa-", Voyage, URL, 40, 60, Check::Mixed),
    rule("al-", Voyage, URL, 40, 60, Check::Mixed),
    rule("jina_", Jina, URL, 40, 120, Check::Mixed),
    rule("tvly-", Tavily, URL, 20, 80, Check::Mixed),
    rule("fc-", Firecrawl, HEX, 32, 32, Check::None),
    rule("wandb_v1_", WeightsBiases, URL, 40, 160, Check::None),
    rule("SG.", SendGrid, URLDOT, 50, 80, Check::Mixed),
    rule("key-", Mailgun, HEX, 32, 32, Check::None),
    rule("xkeysib-", Brevo, ALNUMDASH, 60, 100, Check::None),
    rule("xsmtpsib-", Brevo, ALNUMDASH, 60, 100, Check::None),
    rule("re_", Resend, WORD, 24, 48, Check::Mixed),
    rule("SK", Twilio, HEX, 32, 32, Check::Lower),
    rule("AC", Twilio, HEX, 32, 32, Check::Lower),
    rule("npm_", Npm, ALNUM, 36, 80, Check::Mixed),
    rule("pypi-AgE", PyPi, URL, 50, 1000, Check::None),
    rule("rubygems_", RubyGems, HEX, 40, 64, Check::None),
    rule("cio", CratesIo, ALNUM, 32, 32, Check::Mixed),
    rule("oy2", NuGet, LOWERNUM, 43, 43, Check::Mixed),
    rule("packagist_", Packagist, WORD, 40, 120, Check::Digit),
    rule("CLOJARS_", Clojars, ALNUM, 50, 80, Check::None),
    rule("dckr_pat_", DockerHub, URL, 20, 60, Check::None),
    rule("dckr_oat_", DockerHub, URL, 20, 60, Check::None),
    rule("dop_v1_", DigitalOcean, HEX, 40, 80, Check::None),
    rule("doo_v1_", DigitalOcean, HEX, 40, 80, Check::None),
    rule("dor_v1_", DigitalOcean, HEX, 40, 80, Check::None),
    rule("HRKU-", Heroku, URL, 36, 80, Check::None),
    rule("fo1_", FlyIo, URL, 40, 60, Check::Mixed),
    rule("fm1r_", FlyIo, BASE64, 60, 2000, Check::None),
    rule("fm1a_", FlyIo, BASE64, 60, 2000, Check::None),
    rule("fm2_", FlyIo, BASE64, 60, 2000, Check::None),
    rule("nfp_", Netlify, ALNUM, 30, 60, Check::Mixed),
    rule("nfc_", Netlify, ALNUM, 30, 60, Check::Mixed),
    rule("vcp_", Vercel, ALNUM, 24, 120, Check::Mixed),
    rule("vci_", Vercel, ALNUM, 24, 120, Check::Mixed),
    rule("vca_", Vercel, ALNUM, 24, 120, Check::Mixed),
    rule("vercel_blob_rw_", Vercel, WORD, 24, 120, Check::None),
    rule("rnd_", Render, ALNUM, 24, 60, Check::Mixed),
    rule("sbp_", Supabase, WORD, 36, 60, Check::Mixed),
    rule("sb_secret_", Supabase, URL, 20, 80, Check::None),
    rule("pscale_tkn_", PlanetScale, URLDOT, 30, 90, Check::None),
    rule("pscale_pw_", PlanetScale, URLDOT, 30, 90, Check::None),
    rule("pscale_oauth_", PlanetScale, URLDOT, 30, 90, Check::None),
    rule("napi_", Neon, ALNUM, 40, 80, Check::Mixed),
    rule("dapi", Databricks, HEXDASH, 32, 36, Check::None),
    rule("dose", Databricks, HEXDASH, 32, 36, Check::Mixed),
    rule("hvs.", HashicorpVault, URL, 20, 300, Check::Mixed),
    rule("hvb.", HashicorpVault, URL, 20, 400, Check::Mixed),
    rule("hvr.", HashicorpVault, URL, 20, 400, Check::Mixed),
    rule("pul-", Pulumi, HEX, 40, 40, Check::None),
    rule("dp.pt.", Doppler, ALNUM, 38, 60, Check::None),
    rule("dp.st.", Doppler, URLDOT, 38, 80, Check::None),
    rule("dp.ct.", Doppler, ALNUM, 38, 60, Check::None),
    rule("dp.sa.", Doppler, ALNUM, 38, 60, Check::None),
    rule("dp.scim.", Doppler, ALNUM, 38, 60, Check::None),
    rule("dp.audit.", Doppler, ALNUM, 38, 60, Check::None),
    rule("ops_eyJ", OnePassword, BASE64, 100, 2000, Check::None),
    rule("AGE-SECRET-KEY-1", AgeKey, ALNUM, 50, 70, Check::None),
    rule("AGE-PLUGIN-", AgeKey, ALNUMDASH, 30, 200, Check::None),
    rule("v1.0-", CloudflareOriginCa, HEXDASH, 150, 200, Check::None),
    rule("AccountKey=", AzureStorage, BASE64, 40, 120, Check::None),
    rule("SharedAccessKey=", AzureStorage, BASE64, 40, 120, Check::None),
    rule("shpat_", Shopify, HEX, 32, 40, Check::None),
    rule("shpca_", Shopify, HEX, 32, 40, Check::None),
    rule("shppa_", Shopify, HEX, 32, 40, Check::None),
    rule("shpss_", Shopify, HEX, 32, 40, Check::None),
    rule("shpua_", Shopify, HEX, 32, 40, Check::None),
    rule("shpit_", Shopify, HEX, 32, 40, Check::None),
    rule("sq0atp-", Square, URL, 22, 60, Check::None),
    rule("sq0csp-", Square, URL, 22, 60, Check::None),
    rule("sq0idp-", Square, URL, 22, 60, Check::None),
    rule("EAAA", Square, URL, 56, 64, Check::Mixed),
    rule("access_token$production$", Braintree, BTREE, 40, 60, Check::None),
    rule("access_token$sandbox$", Braintree, BTREE, 40, 60, Check::None),
    rule("rzp_live_", Razorpay, ALNUM, 14, 40, Check::None),
    rule("rzp_test_", Razorpay, ALNUM, 14, 40, Check::None),
    rule("access-sandbox-", Plaid, HEXDASH, 36, 36, Check::None),
    rule("access-development-", Plaid, HEXDASH, 36, 36, Check::None),
    rule("access-production-", Plaid, HEXDASH, 36, 36, Check::None),
    rule("FLWSECK-", Flutterwave, ALNUMDASH, 20, 60, Check::None),
    rule("FLWSECK_TEST-", Flutterwave, ALNUMDASH, 12, 60, Check::None),
    rule("FLWPUBK_TEST-", Flutterwave, ALNUMDASH, 20, 60, Check::None),
    rule("EZAK", EasyPost, ALNUM, 54, 60, Check::Mixed),
    rule("EZTK", EasyPost, ALNUM, 54, 60, Check::Mixed),
    rule("shippo_live_", Shippo, HEX, 40, 40, Check::None),
    rule("shippo_test_", Shippo, HEX, 40, 40, Check::None),
    rule("ATATT3", Atlassian, URLEQ, 60, 250, Check::None),
    rule("ATCTT3", Atlassian, URLEQ, 60, 250, Check::None),
    rule("ATSTT3", Atlassian, URLEQ, 60, 250, Check::None),
    rule("ATBB", Bitbucket, ALNUM, 28, 40, Check::Mixed),
    rule("BBDC-", Bitbucket, ALNUM, 40, 60, Check::Mixed),
    rule("lin_api_", Linear, ALNUM, 30, 60, Check::None),
    rule("lin_oauth_", Linear, ALNUM, 30, 80, Check::None),
    rule("lin_wh_", Linear, ALNUM, 30, 80, Check::None),
    rule("ntn_", Notion, ALNUM, 40, 60, Check::Mixed),
    rule("secret_", Notion, ALNUM, 43, 43, Check::Mixed),
    rule("pat", Airtable, ALNUMDOT, 79, 79, Check::Airtable),
    rule("figd_", Figma, URL, 36, 60, Check::None),
    rule("figo_", Figma, URL, 36, 60, Check::None),
    rule("figdr_", Figma, URL, 36, 60, Check::None),
    rule("PMAK-", Postman, HEXDASH, 50, 62, Check::None),
    rule("NRAK-", NewRelic, ALNUM, 27, 27, Check::None),
    rule("NRII-", NewRelic, URL, 32, 32, Check::None),
    rule("NRJS-", NewRelic, HEX, 19, 19, Check::None),
    rule("NRAA-", NewRelic, HEX, 27, 27, Check::None),
    rule("NRRA-", NewRelic, HEX, 42, 42, Check::None),
    rule("NRSP-", NewRelic, ALNUM, 20, 60, Check::None),
    rule("glsa_", Grafana, WORD, 36, 60, Check::None),
    rule("glc_", Grafana, BASE64, 30, 400, Check::None),
    rule("eyJrIjoi", Grafana, BASE64, 40, 400, Check::None),
    rule("sntrys_", Sentry, SNTRY, 60, 400, Check::None),
    rule("sntryu_", Sentry, HEX, 60, 70, Check::None),
    rule("dt0c01.", Dynatrace, ALNUMDOT, 80, 100, Check::None),
    rule("dt0s01.", Dynatrace, ALNUMDOT, 80, 100, Check::None),
    rule("dt0s16.", Dynatrace, ALNUMDOT, 60, 100, Check::None),
    rule("sqp_", SonarQube, HEX, 40, 40, Check::None),
    rule("squ_", SonarQube, HEX, 40, 40, Check::None),
    rule("sqa_", SonarQube, HEX, 40, 40, Check::None),
    rule("AKCp", Jfrog, ALNUM, 60, 90, Check::Mixed),
    rule("cmVmdGtu", Artifactory, BASE64, 56, 64, Check::Mixed),
    rule("bkua_", Buildkite, HEX, 40, 40, Check::None),
    rule("bkaj_", Buildkite, WORD, 20, 400, Check::None),
    rule("bkct_", Buildkite, WORD, 20, 400, Check::None),
    rule("CCIPAT_", CircleCi, WORD, 40, 90, Check::None),
    rule("CCIPRJ_", CircleCi, WORD, 40, 90, Check::None),
    rule("ico-", Infracost, ALNUM, 32, 32, Check::Mixed),
    rule("pnu_", Prefect, ALNUM, 36, 36, Check::Mixed),
    rule("pnb_", Prefect, ALNUM, 36, 36, Check::Mixed),
    rule("sgp_", Sourcegraph, WORD, 40, 90, Check::Mixed),
    rule("slk_", Sourcegraph, HEX, 64, 64, Check::None),
    rule("tskey-", Tailscale, ALNUMDASH, 20, 90, Check::Digit),
    rule("pat-na1-", HubSpot, HEXDASH, 36, 36, Check::None),
    rule("pat-eu1-", HubSpot, HEXDASH, 36, 36, Check::None),
    rule("CiR", HubSpot, URL, 90, 400, Check::Mixed),
    rule("sdk-", LaunchDarkly, HEXDASH, 36, 36, Check::None),
    rule("mob-", LaunchDarkly, HEXDASH, 36, 36, Check::None),
    rule("api-", LaunchDarkly, HEXDASH, 36, 36, Check::None),
    rule("sk.eyJ", Mapbox, URLDOT, 60, 200, Check::None),
    rule("EAAC", Facebook, ALNUM, 80, 400, Check::Mixed),
    rule("EAAG", Facebook, ALNUM, 80, 400, Check::Mixed),
    rule("EAAB", Facebook, ALNUM, 80, 400, Check::Mixed),
    rule("EAAM", Facebook, ALNUM, 80, 400, Check::Mixed),
    rule("EAAE", Facebook, ALNUM, 80, 400, Check::Mixed),
    rule("EAAI", Facebook, ALNUM, 80, 400, Check::Mixed),
    rule("EAAJ", Facebook, ALNUM, 80, 400, Check::Mixed),
    rule("EAAD", Facebook, ALNUM, 80, 400, Check::Mixed),
    rule("IGQV", Instagram, URL, 80, 300, Check::Mixed),
    rule("IGAA", Instagram, URL, 80, 300, Check::Mixed),
    rule("AAAAAAAAAAAAAAAAAAAAA", Twitter, PERCENT_, 60, 150, Check::None),
    rule("p8e-", Adobe, ALNUM, 32, 32, Check::Mixed),
    rule("p8-", Adobe, URL, 32, 40, Check::Mixed),
    rule("aio_", Adafruit, ALNUM, 28, 28, Check::Mixed),
    rule("LTAI", Alibaba, ALNUM, 12, 26, Check::Mixed),
    rule("AKID", Tencent, ALNUM, 32, 40, Check::Mixed),
    rule("AQVN", Yandex, URL, 35, 60, Check::Mixed),
    rule("YCAJE", Yandex, URL, 20, 30, Check::Mixed),
    rule("YCP", Yandex, URL, 35, 40, Check::Mixed),
    rule("t1.", Yandex, URLDOT, 80, 400, Check::Mixed),
    rule("y0_", Yandex, URL, 50, 80, Check::Mixed),
    rule("y0__", Yandex, URL, 50, 80, Check::Mixed),
    rule("tfp_", Typeform, URLDOT, 55, 64, Check::Mixed),
    rule("CFPAT-", Contentful, URL, 40, 60, Check::None),
    rule("rdme_", Readme, ALNUM, 60, 90, Check::Mixed),
    rule("duffel_live_", Duffel, URL, 40, 50, Check::None),
    rule("duffel_test_", Duffel, URL, 40, 50, Check::None),
    rule("fio-u-", FrameIo, URL, 60, 70, Check::None),
    rule("s-s4t2ud-", Intra42, HEX, 60, 70, Check::None),
    rule("s-s4t2af-", Intra42, HEX, 60, 70, Check::None),
    rule("pat.", Harness, ALNUMDOT, 60, 80, Check::Harness),
    rule("sat.", Harness, ALNUMDOT, 60, 80, Check::Harness),
    rule("API-", Octopus, UPPERNUM, 25, 36, Check::Mixed),
    rule("sha256~", OpenShift, URL, 40, 50, Check::None),
    rule("dnkey-", DefinedNetworking, URLEQ, 60, 100, Check::None),
    rule("tk-us-", Scalingo, URL, 40, 60, Check::None),
    rule("pk_", Klaviyo, HEX, 32, 36, Check::Mixed),
    rule("sl.", Dropbox, URL, 100, 2000, Check::Mixed),
    rule("b_", Beamer, URLEQ, 43, 45, Check::Mixed),
    rule("live_", Lob, HEX, 35, 35, Check::None),
    rule("test_", Lob, HEX, 35, 35, Check::None),
    rule("sm_aat_", Settlemint, ALNUM, 16, 40, Check::None),
    rule("sm_pat_", Settlemint, ALNUM, 16, 40, Check::None),
    rule("sm_sat_", Settlemint, ALNUM, 16, 40, Check::None),
    rule("0.AX", Microsoft365, URLDOT, 150, 2000, Check::Mixed),
    rule("M.C", Microsoft365, MSREFRESH, 100, 1500, Check::Mixed),
    rule("AK-", MaxMind, ALNUM, 60, 60, Check::Mixed),
    rule("secret-live-", Stytch, URL, 40, 60, Check::None),
    rule("secret-test-", Stytch, URL, 40, 60, Check::None),
    rule("unkey_", Unkey, WORD, 20, 60, Check::Mixed),
    rule("ak_", WorkOs, WORD, 24, 60, Check::Mixed),
    rule("cr_", Upstash, ALNUM, 40, 60, Check::Mixed),
    rule("xprv", ExtendedPrivateKey, ALNUM, 100, 112, Check::Mixed),
    rule("yprv", ExtendedPrivateKey, ALNUM, 100, 112, Check::Mixed),
    rule("zprv", ExtendedPrivateKey, ALNUM, 100, 112, Check::Mixed),
    rule("tprv", ExtendedPrivateKey, ALNUM, 100, 112, Check::Mixed),
    rule("$2a$", PasswordHash, CRYPT, 50, 60, Check::None),
    rule("$2b$", PasswordHash, CRYPT, 50, 60, Check::None),
    rule("$2y$", PasswordHash, CRYPT, 50, 60, Check::None),
    rule("$1$", PasswordHash, CRYPT, 24, 40, Check::None),
    rule("$5$", PasswordHash, CRYPT, 40, 90, Check::None),
    rule("$6$", PasswordHash, CRYPT, 80, 130, Check::None),
    rule("$y$", PasswordHash, CRYPT, 40, 120, Check::None),
    rule("$apr1$", PasswordHash, CRYPT, 24, 40, Check::None),
    rule("$argon2", PasswordHash, ARGON, 40, 250, Check::None),
    rule("pbkdf2_sha256$", PasswordHash, ARGON, 40, 250, Check::None),
    rule("{SSHA}", PasswordHash, BASE64, 24, 100, Check::None),
    rule("eyJ", Jwt, JWT, 30, 8000, Check::Jwt),
    rule("_gitlab_session=", GitlabFeed, HEX, 32, 32, Check::None),
    rule("{SHA}", PasswordHash, BASE64, 24, 100, Check::None),
    rule("phx_", Secret, ALNUM, 40, 50, Check::Mixed),
    rule("phs_", Secret, ALNUM, 40, 50, Check::Mixed),
    rule("e2b_", Secret, HEX, 40, 40, Check::Mixed),
    rule("rootly_", Secret, HEX, 64, 64, Check::Mixed),
    rule("zpka_", Secret, WORD, 32, 60, Check::Mixed),
    rule("rpa_", Secret, ALNUM, 40, 50, Check::Mixed),
    rule("sk_sbox_", Secret, LOWERNUM, 26, 40, Check::Mixed),
    rule("BBFF-", Secret, ALNUM, 30, 30, Check::Mixed),
    rule("tss_", Secret, ALNUM, 30, 40, Check::Mixed),
    rule("nbp_", Secret, ALNUM, 36, 40, Check::Mixed),
    rule("endr+", Secret, ALNUM, 16, 16, Check::Mixed),
    rule("aivenv1", Secret, BASE64, 40, 400, Check::Mixed),
    rule("api_live.", Secret, URLDOT, 40, 60, Check::Mixed),
    rule("apify_api_", Secret, ALNUM, 30, 50, Check::Mixed),
    rule("polar_oat_", Secret, ALNUM, 40, 50, Check::Mixed),
    rule("secret-token:", Secret, URL, 30, 200, Check::Mixed),
    rule("secret-", Secret, ALNUM, 36, 64, Check::Mixed),
    rule("pscale_api_", PlanetScale, WORD, 30, 90, Check::Mixed),
    rule("mergify_application_key_", Secret, ALNUM, 40, 80, Check::Mixed),
    rule("ATTA", Atlassian, ALNUM, 60, 76, Check::Mixed),
    rule("AQE", Secret, BASE64, 60, 160, Check::Mixed),
    rule("APKA", AwsAccessKey, BASE32, 16, 17, Check::Aws),
];
