//! Credentials in URLs: before the host, in the query, and in the paths of webhooks. Host and shape stay.

use super::View;
use super::negative::{is_random, is_stand_in};
use super::words::Hit;
use crate::kind::EntityKind::{self, *};

/// The longest URL that is read, in bytes.
const URL_BYTES_MAX: usize = 4096;

/// Reads the URL around `://`.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    let from = hit.end;
    let length = view.bytes[from..]
        .iter()
        .take(URL_BYTES_MAX)
        .take_while(|&&byte| is_inside(byte))
        .count();
    let end = from + length;
    let authority_end = from
        + view.bytes[from..end]
            .iter()
            .position(|byte| matches!(byte, b'/' | b'?' | b'#'))
            .unwrap_or(length);
    let host = user_info(view, hit.start, from, authority_end);
    query(view, authority_end, end);
    webhook(view, host, authority_end, end);
}

fn is_inside(byte: u8) -> bool {
    byte > b' ' && !matches!(byte, b'"' | b'<' | b'>' | b'`' | b'\\' | b'|') && byte != 0x7f
}

/// `user:password@` before the host; answers where the host begins.
fn user_info(view: &mut View<'_>, scheme_end: usize, from: usize, authority_end: usize) -> usize {
    // A password may hold a slash or a question mark, so the last `@` before a blank counts where a colon is before it.
    let line = &view.bytes[from..(from + 512).min(view.bytes.len())];
    let stop = line
        .iter()
        .position(|&byte| !is_inside(byte))
        .unwrap_or(line.len());
    let within = memchr::memrchr(b'@', &view.bytes[from..authority_end]);
    let beyond = memchr::memchr(b'@', &line[..stop]);
    let Some(place) = within.or(beyond) else {
        return from;
    };
    let sign = from + place;
    let info = &view.text[from..sign];
    let colon = info.find(':');
    if within.is_none() {
        // Only `user:pa/ss@host`: a port before the slash means that the `@` is in the path.
        let Some(colon) = colon else { return from };
        let ported = info[colon + 1..]
            .split(['/', '?', '#'])
            .next()
            .is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
        if ported || info[..colon].contains(['/', '.']) {
            return from;
        }
    }
    let (start, password) = match colon {
        Some(colon) => (from + colon + 1, &info[colon + 1..]),
        None => (from, info),
    };
    let token = colon.is_none() && !(info.len() >= 16 && is_random(info.as_bytes()));
    if token || password.is_empty() || is_stand_in(password) && !is_known_default(password) {
        return sign + 1;
    }
    let scheme = &view.bytes[..scheme_end];
    let web = scheme.ends_with(b"http")
        || scheme.ends_with(b"https")
        || scheme.ends_with(b"ftp")
        || scheme.ends_with(b"ssh");
    view.add(
        start,
        sign,
        if web { UrlCredential } else { ConnectionString },
        "password in a URL",
        95,
    );
    sign + 1
}

/// Weak, but what people really set.
fn is_known_default(password: &str) -> bool {
    matches!(password, "secret" | "password" | "pass" | "test")
}

/// Parameters whose names say that they are secret.
fn query(view: &mut View<'_>, from: usize, end: usize) {
    let Some(mark) = memchr::memchr2(b'?', b'#', &view.bytes[from..end]) else {
        return;
    };
    let mut at = from + mark + 1;
    while at < end {
        let next = at
            + view.bytes[at..end]
                .iter()
                .position(|byte| matches!(byte, b'&' | b';' | b'#'))
                .unwrap_or(end - at);
        if let Some(equal) = memchr::memchr(b'=', &view.bytes[at..next]) {
            let name = view.text[at..at + equal].to_ascii_lowercase();
            let start = at + equal + 1;
            let mut past = next;
            while past > start && matches!(view.bytes[past - 1], b'.' | b',' | b')' | b'\'' | b']')
            {
                past -= 1;
            }
            let value = &view.text[start..past];
            if let Some(kind) = parameter(&name, value)
                && !is_stand_in(value)
            {
                view.add(start, past, kind, "secret in a query", 92);
            }
        }
        at = next + 1;
    }
}

fn parameter(name: &str, value: &str) -> Option<EntityKind> {
    let name = name.trim_start_matches("amp;");
    let azure =
        name == "sig" && (value.ends_with("%3D") || value.ends_with("%3d") || value.ends_with('='));
    let kind = match name {
        _ if azure => AzureSas,
        "sig" | "signature" | "x-amz-signature" | "x-goog-signature" | "x-oss-signature"
        | "hmac" | "hash" | "sign" => SignedUrl,
        "x-amz-security-token" => AwsSessionToken,
        "x-amz-credential" | "awsaccesskeyid" | "googleaccessid" => AwsAccessKey,
        "access_token" | "id_token" | "refresh_token" | "token" | "auth" | "auth_token"
        | "authtoken" | "jwt" | "bearer" | "code" | "state" | "session" | "sessionid"
        | "session_id" | "sid" | "ticket" | "otp" | "invite" | "reset_token"
        | "confirmation_token" | "oauth_token" | "private_token" | "pat" => BearerToken,
        "key" | "api_key" | "apikey" | "api-key" | "appid" | "app_key" | "secret"
        | "client_secret" | "subscription-key" | "access_key" | "accesskey" | "license_key"
        | "apitoken" | "api_token" => Secret,
        "password" | "passwd" | "pwd" | "pass" => Password,
        _ if name.ends_with("token")
            || name.ends_with("secret")
            || name.ends_with("_key")
            || name.ends_with("apikey") =>
        {
            Secret
        }
        _ if name.ends_with("password") => Password,
        _ => return None,
    };
    let least = match name {
        "code" | "state" | "key" | "auth" | "hash" | "sign" | "session" | "ticket" | "invite"
        | "appid" => 16,
        "sig" | "signature" | "sid" | "token" => 10,
        _ if kind == Password => 3,
        _ => 8,
    };
    (value.len() >= least
        && (kind == Password
            || value.bytes().any(|byte| byte.is_ascii_digit())
            || value.len() >= 20))
        .then_some(kind)
}

/// Webhooks: whoever has the path may post.
fn webhook(view: &mut View<'_>, host: usize, authority_end: usize, end: usize) {
    if host > authority_end {
        return;
    }
    let name = view.text[host..authority_end].to_ascii_lowercase();
    let path = &view.text[authority_end..end];
    let (kind, after) = match name.as_str() {
        "hooks.slack.com" => (
            SlackWebhook,
            ["/services/", "/workflows/", "/triggers/"]
                .iter()
                .find(|head| path.starts_with(*head))
                .map(|head| head.len()),
        ),
        "discord.com" | "discordapp.com" | "ptb.discord.com" | "canary.discord.com" => (
            DiscordWebhook,
            path.find("/webhooks/").map(|place| place + 10),
        ),
        "hooks.zapier.com" => (ZapierWebhook, path.find("/catch/").map(|place| place + 7)),
        "api.telegram.org" => (TelegramBot, path.find("/bot").map(|place| place + 4)),
        "maker.ifttt.com" => (Secret, path.find("/key/").map(|place| place + 5)),
        "chat.googleapis.com" => (Secret, None),
        "open.feishu.cn" | "open.larksuite.com" => {
            (VendorToken, path.find("/hook/").map(|place| place + 6))
        }
        "hooks.airtable.com" => (Secret, path.rfind('/').map(|place| place + 1)),
        "events.pagerduty.com" => (
            VendorToken,
            path.find("/integration/").map(|place| place + 13),
        ),
        "hc-ping.com" => (VendorToken, Some(1)),
        "calendar.google.com" => (Secret, path.find("/private-").map(|place| place + 9)),
        name if name.starts_with("hook.") && name.ends_with(".make.com") => (VendorToken, Some(1)),
        name if name.ends_with(".infura.io") || name.ends_with(".alchemy.com") => {
            (VendorToken, path.find("/v").map(|place| place + 4))
        }
        name if name.ends_with(".quiknode.pro") => (VendorToken, Some(1)),
        name if name.ends_with(".webhook.office.com")
            || name == "outlook.office.com"
            || name.ends_with(".logic.azure.com") =>
        {
            (TeamsWebhook, path.find("/webhook").map(|place| place + 9))
        }
        name if name.ends_with(".sentry.io") || name == "sentry.io" => return,
        _ => (Secret, path.starts_with("/hooks/").then_some(7)),
    };
    let Some(after) = after else { return };
    let start = authority_end + after.min(path.len());
    let past = start
        + view.bytes[start..end]
            .iter()
            .position(|byte| matches!(byte, b'?' | b'#' | b')' | b'\'' | b',' | b';' | b']'))
            .unwrap_or(end - start);
    let start = if kind == TeamsWebhook && name.ends_with(".webhook.office.com") {
        // The first label is the customer's own.
        host
    } else {
        start
    };
    let value = view.text[start..past].trim_end_matches(['.', '/']);
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    // Zapier's are two short parts.
    let least = if kind == ZapierWebhook { 12 } else { 16 };
    if value.len() >= least
        && (digits >= 2 || is_random(value.as_bytes()))
        && !value.contains("XXXX")
        && !value.contains("...")
    {
        let stop = start + value.len();
        view.add(start, stop, kind, "webhook", 96);
    }
}
