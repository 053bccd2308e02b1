//! The tokens of vendors without a kind of their own, each under the name of its vendor.

use super::*;

#[rustfmt::skip]
pub(super) static ROWS: &[TokenRule] = &[
    rule("mergify_application_key_", VendorToken, ALNUM, 40, 80, Check::Mixed),
    // Adyen
    rule("AQE", VendorToken, BASE64, 60, 300, Check::Random),
    // Onfido
    rule("1000.", VendorToken, HEXDOT, 65, 65, Check::Digit),
    rule("api_live.", VendorToken, URLDOT, 40, 70, Check::Mixed),
    rule("api_sandbox.", VendorToken, URLDOT, 40, 70, Check::Mixed),
    rule("api_live_us.", VendorToken, URLDOT, 40, 70, Check::Mixed),
    rule("api_live_ca.", VendorToken, URLDOT, 40, 70, Check::Mixed),
    rule("api_sandbox_us.", VendorToken, URLDOT, 40, 70, Check::Mixed),
    rule("api_sandbox_ca.", VendorToken, URLDOT, 40, 70, Check::Mixed),
    // NetBird
    rule("nbp_", VendorToken, ALNUM, 30, 44, Check::Mixed),
    // Checkout.com
    rule("sk_sbox_", VendorToken, LOWERNUM | EQUAL, 26, 27, Check::Mixed),
    rule("sk_", VendorToken, LOWERNUM | EQUAL, 26, 27, Check::Mixed),
    rule("sk_", VendorToken, HEXDASH, 36, 36, Check::Digit),
    rule("sk_test_", VendorToken, HEXDASH, 36, 36, Check::Digit),
    // Svix
    rule("sk_", VendorToken, URLDOT, 30, 48, Check::Random),
    // Liveblocks
    rule("sk_dev_", VendorToken, URL, 40, 90, Check::Mixed),
    rule("sk_prod_", VendorToken, URL, 40, 90, Check::Mixed),
    // Zuplo
    rule("zpka_", VendorToken, WORD, 32, 70, Check::Digit),
    // Polar
    rule("polar_oat_", VendorToken, ALNUM, 36, 60, Check::Mixed),
    rule("polar_pat_", VendorToken, ALNUM, 36, 60, Check::Mixed),
    // Ubidots
    rule("BBFF-", VendorToken, ALNUM, 30, 34, Check::Mixed),
    // Thunderstore
    rule("tss_", VendorToken, ALNUM, 30, 40, Check::Mixed),
    // Endor Labs
    rule("endr+", VendorToken, ALNUM, 16, 16, Check::None),
    // Aiven
    rule("aivenv1", VendorToken, BASE64, 40, 400, Check::Mixed),
    rule("AVNS_", VendorToken, URL, 16, 30, Check::Cased),
    // RFC 8959
    rule("secret-token:", VendorToken, URL | PERCENT, 20, 300, Check::Mixed),
    // Sidekiq
    rule("CONTRIBSYS__COM=", VendorToken, HEX | COLON, 17, 17, Check::Digit),
    // Cal.com
    rule("cal_live_", VendorToken, HEX, 32, 32, Check::None),
    // ClickUp
    rule("pk_", VendorToken, UPPERNUM | UNDER, 38, 46, Check::Digit),
    // Courier
    rule("pk_prod_", VendorToken, UPPERNUM, 28, 28, Check::Mixed),
    // Depot
    rule("depot_org_", VendorToken, HEX, 64, 64, Check::None),
    rule("depot_project_", VendorToken, HEX, 64, 64, Check::None),
    // Mollie, GoCardless, Chargebee, MessageBird, Scale
    rule("live_", VendorToken, ALNUM, 25, 25, Check::Random),
    rule("live_", VendorToken, ALNUM, 30, 36, Check::Random),
    rule("live_", VendorToken, URL, 40, 44, Check::Random),
    rule("live_", VendorToken, HEX, 32, 32, Check::None),
    rule("test_", VendorToken, ALNUM, 30, 36, Check::Random),
    rule("test_", VendorToken, URL, 40, 44, Check::Random),
    rule("sandbox_", VendorToken, URL, 40, 44, Check::Random),
    // iyzico
    rule("sandbox-", VendorToken, ALNUM, 32, 32, Check::Random),
    // Xendit
    rule("xnd_production_", VendorToken, ALNUM, 30, 80, Check::Mixed),
    rule("xnd_development_", VendorToken, ALNUM, 30, 80, Check::Mixed),
    // Midtrans
    rule("Mid-server-", VendorToken, URL, 20, 40, Check::None),
    // Omise
    rule("skey_test_", VendorToken, LOWERNUM, 19, 19, Check::Mixed),
    rule("skey_live_", VendorToken, LOWERNUM, 19, 19, Check::Mixed),
    // Mercado Pago
    rule("APP_USR-", VendorToken, HEXDASH, 50, 90, Check::Digit),
    rule("TEST-", VendorToken, HEXDASH, 60, 90, Check::Digit),
    // Monzo
    rule("mnzconf.", VendorToken, URLPLUS, 30, 120, Check::Mixed),
    rule("mnzpub.", VendorToken, URLPLUS, 30, 120, Check::Mixed),
    // Sanity
    rule("sk", VendorToken, ALNUM, 150, 200, Check::Random),
    // Prismic
    rule("MC5", VendorToken, URLDOT, 60, 140, Check::Random),
    // Tally
    rule("tly-", VendorToken, ALNUM, 28, 44, Check::Random),
    // Close
    rule("api_", VendorToken, ALNUMDOT, 45, 45, Check::Random),
    // Neptune
    rule("eyJhcGlfYWRkcmVzcyI6", VendorToken, BASE64, 40, 400, Check::None),
    // Kaggle
    rule("KGAT_", VendorToken, HEX, 32, 32, Check::None),
    // Anyscale
    rule("esecret_", VendorToken, ALNUM, 20, 40, Check::Mixed),
    // Brave Search
    rule("BSA", VendorToken, URL, 27, 28, Check::Random),
    // Browserbase
    rule("bb_live_", VendorToken, WORD, 20, 40, Check::Mixed),
    // Scrapfly
    rule("scp-live-", VendorToken, HEX, 32, 32, Check::None),
    rule("scp-test-", VendorToken, HEX, 32, 32, Check::None),
    // Mem0
    rule("m0-", VendorToken, ALNUM, 40, 40, Check::Random),
    // Letta
    rule("sk-let-", VendorToken, BASE64, 40, 140, Check::Mixed),
    // JumpCloud
    rule("jca_", VendorToken, ALNUM, 36, 40, Check::Mixed),
    // Socket
    rule("sktsec_", VendorToken, URL, 40, 60, Check::Mixed),
    // Infisical
    rule("st.", VendorToken, ALNUMDOT, 90, 90, Check::Infisical),
    // Twitch
    rule("oauth:", VendorToken, LOWERNUM, 30, 30, Check::Digit),
    // LinkedIn
    rule("WPL_AP0.", VendorToken, BASE64 | DOT, 20, 44, Check::None),
    rule("WPL_AP1.", VendorToken, BASE64 | DOT, 20, 44, Check::None),
    // Pinterest
    rule("pina_", VendorToken, UPPERNUM, 50, 90, Check::Mixed),
    // Pushbullet
    rule("o.", VendorToken, ALNUM, 32, 32, Check::Random),
    // ntfy
    rule("tk_", VendorToken, LOWERNUM, 29, 29, Check::Mixed),
    // PASETO
    rule("v1.local.", VendorToken, URLDOT, 60, 4000, Check::Random),
    rule("v2.local.", VendorToken, URLDOT, 60, 4000, Check::Random),
    rule("v3.local.", VendorToken, URLDOT, 60, 4000, Check::Random),
    rule("v4.local.", VendorToken, URLDOT, 60, 4000, Check::Random),
    // Fauna
    rule("fnA", VendorToken, URL, 37, 40, Check::Random),
    // Inngest
    rule("signkey-prod-", VendorToken, HEX, 32, 64, Check::None),
    rule("signkey-test-", VendorToken, HEX, 32, 64, Check::None),
    // Chromatic
    rule("chpt_", VendorToken, HEX, 12, 12, Check::Digit),
    // Percy
    rule("web_", VendorToken, HEX, 64, 64, Check::None),
    // Honeycomb
    rule("hcaik_", VendorToken, LOWERNUM, 58, 58, Check::Mixed),
    rule("hcxik_", VendorToken, LOWERNUM, 58, 58, Check::Mixed),
    rule("hcxlk_", VendorToken, LOWERNUM, 58, 58, Check::Mixed),
    // Axiom
    rule("xaat-", VendorToken, HEXDASH, 36, 36, Check::None),
    rule("xapt-", VendorToken, HEXDASH, 36, 36, Check::None),
    // StackHawk
    rule("hawk.", VendorToken, URLDOT, 41, 41, Check::Random),
    // Scaleway
    rule("SCW", VendorToken, UPPERNUM, 17, 17, Check::Digit),
    // Salesforce
    rule("5Aep", VendorToken, ALNUMDOT, 70, 120, Check::Random),
    // TikTok
    rule("act.", VendorToken, ALNUM | OTHER | DOT, 40, 140, Check::Random),
    // Telnyx
    rule("KEY", VendorToken, UPPERNUM | LOWER | UNDER, 55, 55, Check::Random),
    // Xata
    rule("xau_", VendorToken, ALNUM, 30, 50, Check::Mixed),
    // WakaTime
    rule("waka_", VendorToken, HEXDASH, 36, 36, Check::None),
    // Open VSX
    rule("ovsxp_", VendorToken, HEXDASH, 36, 36, Check::None),
    // Luma
    rule("luma-", VendorToken, HEXDASH, 73, 73, Check::None),
    // Pipedream
    rule("pd_", VendorToken, HEX, 32, 32, Check::Digit),
    // Intercom
    rule("dG9rO", VendorToken, BASE64, 50, 64, Check::Random),
    // Nebius, OpenPipe, Tigris
    rule("tsec_", VendorToken, URLPLUS, 40, 80, Check::Mixed),
    // Ionic
    rule("ion_", VendorToken, ALNUM, 40, 48, Check::Mixed),
    // Retool
    rule("retool_", VendorToken, ALNUM | UNDER, 26, 60, Check::Mixed),
    // n8n
    rule("n8n_api_", VendorToken, ALNUM, 40, 160, Check::Mixed),
    // Cursor
    rule("key_", VendorToken, HEX, 64, 64, Check::None),
    rule("crsr_", VendorToken, HEX, 64, 64, Check::None),
    // Devin
    rule("apk_user_", VendorToken, BASE64, 40, 160, Check::Mixed),
    // Cartesia
    rule("sk_car_", VendorToken, URL, 20, 40, Check::Mixed),
    // Runway
    rule("key_", VendorToken, HEX, 128, 128, Check::None),
    // Friendli
    rule("flp_", VendorToken, ALNUM, 40, 60, Check::Mixed),
];
