//! Tokens by the shapes that vendors publish. Bodies are drawn at run time, so that no token stands in the repository.

use crate::{conversation, redact};

/// A linear congruential generator: the same bodies in every run.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap()
    }

    /// A shape: `{a:20}` are 20 characters of the alphabet `a`, all else is itself.
    fn shape(&mut self, shape: &str) -> String {
        let mut text = String::new();
        let mut rest = shape;
        while let Some((before, after)) = rest.split_once('{') {
            let (class, tail) = after.split_once('}').unwrap();
            let (class, count) = class.split_once(':').unwrap();
            let letters = alphabet(class).as_bytes();
            let body = (0..count.parse().unwrap())
                .map(|place| match place {
                    // One of each class, so that no body is a word by chance.
                    0 => letters[0],
                    1 => letters[letters.len() / 2],
                    2 => letters[letters.len() - 2],
                    3 => letters[1],
                    _ => letters[self.next() % letters.len()],
                })
                .map(char::from);
            text.push_str(before);
            text.extend(body);
            rest = tail;
        }
        text + rest
    }
}

fn alphabet(class: &str) -> &'static str {
    match class {
        "a" => "0Aa1BCDEFGHIJKLMNOPQRSTUVWXYZbcdefghijklmnopqrstuvwxyz23456789",
        "u" => "0Aa1BCDEFGHIJKLMNOPQRSTUVWXYZbcdefghijklmnopqrstuvwxyz23456789_-",
        "h" => "0a1b23456789cdef",
        "l" => "0a1bcdefghijklmnopqrstuvwxyz23456789",
        "U" => "0A1BCDEFGHIJKLMNOPQRSTUVWXYZ23456789",
        "d" => "7012345698",
        other => unreachable!("{other}"),
    }
}

/// Text before the token, and its shape.
#[rustfmt::skip]
const SHAPES: &[(&str, &str)] = &[
    ("key ", "AGPA{U:16}"), ("key ", "ANPA{U:16}"), ("key ", "A3T{U:17}"),
    ("key ", "ATTA{h:72}"), ("key ", "cfut_{a:40}"), ("key ", "dkea{h:32}"), ("key ", "pubkey-{h:32}"),
    ("key ", "xoxd-{u:80}"), ("key ", "shprt_{h:32}"), ("key ", "atkn_{h:64}"), ("key ", "snyk_uat.{h:8}.{a:40}"),
    ("key ", "sk_org_{a:40}"), ("key ", "YC{u:38}"), ("key ", "ghs_{d:7}_eyJ{u:60}.{u:200}.{u:80}"),
    ("key ", "bkpt_{h:40}"), ("key ", "s.{a:24}"), ("key ", "at_{a:10}_{a:120}"), ("key ", "npg_{a:12}"),
    ("key ", "pscale_api_{u:43}"), ("key ", "vck_{a:56}"), ("key ", "EAA{a:180}"), ("key ", "as-{a:22}"),
    ("key ", "pat.{u:22}.{h:24}.{a:20}"), ("key ", "glpat-{a:19}-"),
    ("key ", "mergify_application_key_{a:52}"), ("key ", "AQE{a:110}"), ("key ", "api_live.{u:11}.{u:32}"),
    ("key ", "nbp_{a:36}"), ("key ", "sk_sbox_{l:26}="), ("key ", "sk_{l:26}="),
    ("key ", "sk_test_{h:8}-{h:4}-{h:4}-{h:4}-{h:12}"), ("key ", "sk_prod_{u:64}"), ("key ", "zpka_{h:32}_{h:8}"),
    ("key ", "polar_oat_{a:43}"), ("key ", "BBFF-{a:30}"), ("key ", "tss_{a:35}"), ("key ", "endr+{a:16}"),
    ("key ", "aivenv1{a:100}"), ("key ", "AVNS_{u:19}"), ("key ", "secret-token:{u:40}"), ("key ", "cal_live_{h:32}"),
    ("key ", "pk_{d:8}_{U:32}"), ("key ", "depot_org_{h:64}"), ("key ", "live_{a:30}"), ("key ", "sandbox_{u:40}"),
    ("key ", "xnd_production_{a:55}"), ("key ", "Mid-server-{a:24}"), ("key ", "skey_test_{l:19}"),
    ("key ", "APP_USR-{d:16}-{d:6}-{h:32}-{d:9}"), ("key ", "mnzconf.{u:40}"), ("key ", "sk{a:176}"),
    ("key ", "api_{a:22}.{a:22}"), ("key ", "KGAT_{h:32}"), ("key ", "BSA{u:27}"), ("key ", "bb_live_{a:27}"),
    ("key ", "scp-live-{h:32}"), ("key ", "m0-{a:40}"), ("key ", "sk-let-{a:60}=="), ("key ", "jca_{a:36}"),
    ("key ", "sktsec_{u:43}_api"), ("key ", "st.{h:24}.{h:32}.{h:32}"), ("login ", "oauth:{l:30}"),
    ("key ", "WPL_AP1.{a:16}.{a:8}=="), ("key ", "pina_{U:60}"), ("key ", "o.{a:32}"), ("key ", "tk_{l:29}"),
    ("key ", "v2.local.{u:120}"), ("key ", "signkey-prod-{h:64}"), ("key ", "web_{h:64}"), ("key ", "hcaik_{l:58}"),
    ("key ", "xaat-{h:8}-{h:4}-{h:4}-{h:4}-{h:12}"), ("key ", "hawk.{a:20}.{a:20}"), ("key ", "SCW{U:17}"),
    ("key ", "5Aep{a:80}"), ("key ", "KEY{U:32}_{a:22}"), ("key ", "waka_{h:8}-{h:4}-{h:4}-{h:4}-{h:12}"),
    ("key ", "{h:32}-{h:8}-{h:8}"), ("key ", "{a:42}+ACR{a:6}"), ("key ", "{a:76}+ASt{a:6}=="), ("key ", "{a:42}AzSe{a:6}"),
    ("key ", "prod:quick-otter-123|{h:130}"), ("key ", "{d:15}|{a:27}"), ("key ", "1/{d:16}:{h:32}"),
    ("key ", "2/{d:16}/{d:16}:{h:32}"), ("key ", "{h:24}:{h:64}"), ("key ", "00D{a:12}!AQ{a:90}"),
    ("key ", "{a:6}.{a:6}:{a:43}"), ("key ", "{h:10}msh{h:15}p1{h:5}jsn{h:12}"), ("key ", "2{a:26}_{a:21}"),
    ("key ", "{h:8}-{h:4}-{h:4}-{h:4}-{h:12}:{h:32}"), ("key ", "0.{h:8}-{h:4}-{h:4}-{h:4}-{h:12}.{a:30}:{a:22}=="),
    ("key ", "tlk_{a:40}"), ("key ", "depotx_live_{a:26}"), ("key ", "permit_key_{h:40}"),
    ("SERPAPI_KEY=", "{h:64}"), ("FAL_KEY: ", "{a:30}"), ("DUO_SKEY=", "{a:40}"), ("private_key_id: ", "{h:40}"),
    ("wandb login ", "{h:40}"),
    ("https://open.feishu.cn/open-apis/bot/v2/hook/", "{h:8}-{h:4}-{h:4}-{h:4}-{h:12}"),
    ("https://hook.eu1.make.com/", "{l:32}"), ("https://mainnet.infura.io/v3/", "{h:32}"),
    ("https://hc-ping.com/", "{h:8}-{h:4}-{h:4}-{h:4}-{h:12}"),
    ("https://events.pagerduty.com/integration/", "{h:32}"),
];

#[test]
fn tokens_of_published_shapes_are_found_whole() {
    let mut draw = Draw(7);
    let mut wrong = Vec::new();
    for (before, shape) in SHAPES {
        for _ in 0..8 {
            let token = draw.shape(shape);
            let text = format!("{before}{token} here");
            let redaction = redact(&text, &mut conversation(1));
            let span = before.len()..before.len() + token.len();
            let hit = redaction
                .findings
                .iter()
                .any(|found| found.span.start <= span.start && found.span.end >= span.end);
            if !hit {
                wrong.push(format!("{shape}: {text:?} -> {}", redaction.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What resembles a token and is none.
#[rustfmt::skip]
const KEPT: &[&str] = &[
    "cus_{a:14}", "thread_{a:24}", "chatcmpl-{a:29}", "msg_{a:32}", "cache_key_{h:32}", "etag_{h:32}", "hash_{h:40}",
    "PUBLIC_KEY={a:44}", "PRIMARY_KEY=user_id_2024", "sort_key = created_at_2", "sha256:{h:64}", "main.{h:20}.js",
    "fn test_thatTheParserHandlesUtf8StringsWell12()", "123|456", "{d:14}|abc", "1/2:3", "prod:12-34|x", "a.b:c",
    "{h:8}-{h:4}-{h:4}-{h:4}-{h:12}: done", "first.2 last.3 o.prototype2", "{h:24}: {h:12}", "oauth: see RFC 6749",
    "https://docs.alchemy.com/reference/api-overview-2024-guide",
];

#[test]
fn what_resembles_a_token_stays() {
    let mut draw = Draw(9);
    let mut wrong = Vec::new();
    for shape in KEPT {
        for _ in 0..8 {
            let text = format!("see {} here", draw.shape(shape));
            let redacted = redact(&text, &mut conversation(2)).text.into_string();
            if redacted != text {
                wrong.push(format!("{text:?} -> {redacted}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
