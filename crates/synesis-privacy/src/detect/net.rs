//! Addresses of machines, private host names, and the user names in paths.

use super::number::Cluster;
use super::words::{Hit, Role, Topic};
use super::{View, command};
use crate::kind::EntityKind;

/// Reads what a hit of the words pass announces.
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    match hit.role {
        Role::Home => home(view, hit),
        _ => host(view, hit),
    }
}

/// Homes that name nobody.
#[rustfmt::skip]
const COMMON_HOMES: &[&str] = &[
    "user", "users", "username", "root", "admin", "administrator", "public", "default", "shared", "guest", "ubuntu", "ec2-user", "runner",
    "node", "app", "vscode", "pi", "docker", "jenkins", "git", "www", "www-data", "you", "me", "all", "name", "yourname", "your-user",
    "user1", "test", "home", "linuxbrew", "deploy", "build", "circleci", "travis", "builder", "jovyan", "nobody", "service", "api", "v1",
    "v2",
];

/// The user's name after the folder of homes.
fn home(view: &mut View<'_>, hit: Hit) {
    let bytes = view.bytes;
    let start = hit.end;
    let tilde = bytes[hit.start] == b'~';
    if tilde
        && (hit.start > 0
            && !matches!(
                bytes[hit.start - 1],
                b' ' | b'"' | b'\'' | b'=' | b':' | b'\n' | b'('
            ))
    {
        return;
    }
    let end = home_end(view, start);
    if tilde && (end == start || !matches!(view.at(end), Some(b'/'))) {
        return;
    }
    let path = tilde
        || !matches!(view.before(hit.start), Some(before) if before.is_ascii_alphanumeric() && bytes[hit.start] == b'/')
        || bytes[hit.start..hit.end].eq_ignore_ascii_case(b"/home/")
            && (bytes[..hit.start].ends_with(b"mnt") || bytes[..hit.start].ends_with(b"/var"))
        || is_drive(&bytes[..hit.start]);
    let name = &view.text[start..end];
    let numeric = name.bytes().all(|byte| byte.is_ascii_digit());
    if path
        && !numeric
        && !COMMON_HOMES
            .iter()
            .any(|common| name.eq_ignore_ascii_case(common))
        && !name.starts_with('$')
        && name.len() >= 2
    {
        view.add(start, end, EntityKind::Username, "user name in a path", 88);
    }
}

/// Whether a path so far is a drive of Windows as WSL, Cygwin and Git's shell write it: `/mnt/c`, `/cygdrive/c`, `/c`.
fn is_drive(before: &[u8]) -> bool {
    let Some((&letter, root)) = before.split_last() else {
        return false;
    };
    let bare = root
        .strip_suffix(b"/mnt/")
        .or_else(|| root.strip_suffix(b"/cygdrive/"))
        .or_else(|| root.strip_suffix(b"/"));
    letter.is_ascii_alphabetic()
        && bare.is_some_and(|rest| {
            rest.last()
                .is_none_or(|byte| !byte.is_ascii_alphanumeric() && !b"/._-".contains(byte))
        })
}

/// The end of the user's name that begins at `start`.
fn home_end(view: &View<'_>, start: usize) -> usize {
    let bytes = view.bytes;
    let inside = |c: &char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '$');
    let mut end = start
        + view.text[start..]
            .chars()
            .take(64)
            .take_while(inside)
            .map(char::len_utf8)
            .sum::<usize>();
    // `C:\Users\Jane Doe\Documents`: a blank inside when the folder goes on.
    if view.before(start) == Some(b'\\') && view.at(end) == Some(b' ') {
        let rest = &view.text[end + 1..];
        let more: usize = rest
            .chars()
            .take(40)
            .take_while(|c| inside(c) || *c == ' ')
            .map(char::len_utf8)
            .sum();
        if more > 0 && view.at(end + 1 + more) == Some(b'\\') {
            end += 1 + more;
        }
    }
    while end > start && matches!(bytes[end - 1], b'.' | b'-') {
        end -= 1;
    }
    end
}

/// Whether a name that ends in `.home` is a host, as `nas.home`, and no page, as `index.home`.
fn is_at_home(view: &View<'_>, start: usize, name_end: usize, end: usize) -> bool {
    let after = view.at(end);
    let before = view.before(start);
    matches!(after, None | Some(b' ' | b'\n' | b':' | b'/' | b',' | b'"'))
        && matches!(before, None | Some(b' ' | b'\n' | b'@' | b'/' | b'"'))
        && !PAGES.contains(&&view.bytes[start..name_end])
}

/// What stands before `.home` in code and in the names of pages.
const PAGES: &[&[u8]] = &[
    b"index", b"page", b"pages", b"route", b"routes", b"nav", b"menu", b"user", b"java", b"xdg",
    b"path", b"paths", b"os", b"views", b"tabs", b"screen", b"screens", b"theme", b"locale",
    b"dirs", b"props", b"styles", b"module",
];

/// A host name that ends in a private domain.
fn host(view: &mut View<'_>, hit: Hit) {
    let bytes = view.bytes;
    if !view.is_word(hit.start + 1, hit.end) || view.at(hit.end) == Some(b'_') {
        return;
    }
    let mut end = hit.end;
    if bytes[hit.start..hit.end].eq_ignore_ascii_case(b".ad.") {
        end += bytes[end..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
            .count();
    } else if bytes.get(end) == Some(&b'.')
        && bytes
            .get(end + 1)
            .is_some_and(|byte| byte.is_ascii_lowercase())
    {
        // `db.internal.example.com`: the public end stays part of the name.
        let more = bytes[end + 1..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
            .count();
        end += 1 + more;
    }
    while end > hit.end && matches!(bytes[end - 1], b'.' | b'-') {
        end -= 1;
    }
    let mut start = hit.start;
    while start > 0
        && (bytes[start - 1].is_ascii_alphanumeric()
            || matches!(bytes[start - 1], b'-' | b'.' | b'_'))
        && hit.start - start < 100
    {
        start -= 1;
    }
    while start < hit.start && matches!(bytes[start], b'.' | b'-') {
        start += 1;
    }
    let called = matches!(view.at(end), Some(b'(' | b'=' | b'['))
        || matches!(view.before(start), Some(b'@' | b'$' | b'~'));
    let path = view.before(start) == Some(b'/') && !bytes[..start].ends_with(b"//")
        || view.before(start) == Some(b'\\');
    let name = &bytes[start..hit.start];
    if bytes[hit.start..hit.end].eq_ignore_ascii_case(b".home")
        && !is_at_home(view, start, hit.start, end)
    {
        return;
    }
    let code = matches!(
        name,
        b"this"
            | b"self"
            | b"env"
            | b"std"
            | b"config"
            | b"app"
            | b"docker"
            | b""
            | b"package"
            | b"settings"
            | b"node"
            | b"host"
            | b"Schema"
            | b"com"
            | b"storage"
    );
    if !called && !path && !code && name.len() >= 2 && !name.iter().any(u8::is_ascii_uppercase) {
        view.add(start, end, EntityKind::Hostname, "private host name", 80);
    }
}

/// Four groups of at most 255 with full stops.
pub(super) fn ipv4(view: &View<'_>, cluster: &Cluster, first: usize) -> Option<usize> {
    let last = first + 3;
    if last >= cluster.count || (first > 0 && cluster.mark(view, first) == b'.') {
        return None;
    }
    let dotted = (first + 1..=last).all(|group| cluster.mark(view, group) == b'.');
    let small = (first..=last).all(|group| {
        let text = &view.text[cluster.start(group)..cluster.end(group)];
        text.len() <= 3 && text.parse::<u16>().is_ok_and(|value| value <= 255)
    });
    let more = last + 1 < cluster.count && cluster.mark(view, last + 1) == b'.';
    (dotted && small && !more).then_some(last)
}

/// Whether an address says where something is: not loopback, not a mask, not a version.
pub(super) fn is_telling_ipv4(
    view: &View<'_>,
    cluster: &Cluster,
    first: usize,
    last: usize,
) -> bool {
    let start = cluster.start(first);
    let mut parts = [0u16; 4];
    for (part, group) in parts.iter_mut().zip(first..=last) {
        *part = view.text[cluster.start(group)..cluster.end(group)]
            .parse()
            .unwrap_or(0);
    }
    let leading_zero = (first..=last).any(|group| {
        cluster.end(group) - cluster.start(group) > 1 && view.bytes[cluster.start(group)] == b'0'
    });
    let version = matches!(view.before(start), Some(b'v' | b'V'))
        || start >= 2
            && view.bytes[start - 1] == b'/'
            && view.bytes[start - 2].is_ascii_alphabetic()
        || view
            .near(start, 16, |topic| topic == Topic::Version)
            .is_some()
        || parts.iter().all(|&part| part < 10)
            && view.at(cluster.end(last)) != Some(b':')
            && view.at(cluster.end(last)) != Some(b'/')
            && parts[0] < 8
            && parts != [1, 1, 1, 1]
            && parts != [8, 8, 8, 8];
    !(leading_zero
        || version
        || matches!(
            parts,
            [0 | 127, ..]
                | [255, 255, ..]
                | [1, 1, 1, 1]
                | [8, 8, 8 | 4, 8 | 4]
                | [9, 9, 9, 9]
                | [1, 0, 0, 1]
                // The blocks for documentation (RFC 5737).
                | [192, 0, 2, _]
                | [198, 51, 100, _]
                | [203, 0, 113, _]
        )
        || parts == [169, 254, 169, 254])
}

/// A number that begins a hardware or IPv6 address; answers where it ends.
pub(super) fn number_start(view: &mut View<'_>, at: usize) -> Option<usize> {
    let digits = view.bytes[at..]
        .iter()
        .take(5)
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    let hex = match view.at(at + digits) {
        Some(b':') if digits <= 4 => true,
        Some(b'-') if digits == 2 => true,
        Some(b'.') if digits == 4 => true,
        _ => false,
    };
    if !hex {
        return None;
    }
    let (end, kind) = mac(view, at)
        .map(|end| (end, EntityKind::Mac))
        .or_else(|| Some((ipv6(view, at)?, EntityKind::Ipv6)))?;
    view.add(
        at,
        end,
        kind,
        if kind == EntityKind::Mac {
            "hardware address"
        } else {
            "IPv6 address"
        },
        90,
    );
    Some(end)
}

/// A hardware address with dashes around a pair that begins at `at`, wherever in it that is. Answers where it ends.
pub(super) fn dashed_mac(view: &mut View<'_>, at: usize) -> Option<usize> {
    let bytes = view.bytes;
    if bytes.get(at + 2) != Some(&b'-')
        && at.checked_sub(1).map(|before| bytes[before]) != Some(b'-')
    {
        return None;
    }
    let mut start = at;
    for _ in 0..5 {
        let pair = start.checked_sub(3).map(|from| &bytes[from..start]);
        let is_pair = |pair: &[u8]| {
            pair[0].is_ascii_hexdigit() && pair[1].is_ascii_hexdigit() && pair[2] == b'-'
        };
        if !pair.is_some_and(is_pair) {
            break;
        }
        start -= 3;
    }
    let end = mac(view, start).filter(|end| bytes[start + 2] == b'-' && *end > at)?;
    view.add(start, end, EntityKind::Mac, "hardware address", 90);
    Some(end)
}

/// Cisco's way to write a hardware address, around a group that begins at `at`. Answers where it ends.
pub(super) fn dotted_mac(view: &mut View<'_>, at: usize) -> Option<usize> {
    let start = [0, 5, 10].into_iter().find_map(|back| {
        let start = at.checked_sub(back)?;
        (view.at(start + 4) == Some(b'.') && mac(view, start).is_some()).then_some(start)
    })?;
    view.add(start, start + 14, EntityKind::Mac, "hardware address", 90);
    Some(start + 14)
}

/// What a colon stands in; answers where to go on.
pub(super) fn colon(view: &mut View<'_>, at: usize) -> usize {
    let bytes = view.bytes;
    if matches!(view.at(at + 1), Some(b'0'..=b'9' | b'*')) {
        command::pgpass(view, at);
    }
    if !view
        .at(at + 1)
        .is_some_and(|byte| byte.is_ascii_hexdigit() || byte == b':')
    {
        return at + 1;
    }
    let mut start = at;
    while start > 0 && at - start < 5 && bytes[start - 1].is_ascii_hexdigit() {
        start -= 1;
    }
    if start > 0
        && (bytes[start - 1].is_ascii_alphanumeric() || matches!(bytes[start - 1], b':' | b'_'))
    {
        return at + 1;
    }
    if let Some(end) = mac(view, start) {
        view.add(start, end, EntityKind::Mac, "hardware address", 92);
        return end;
    }
    if let Some(end) = ipv6(view, start) {
        view.add(start, end, EntityKind::Ipv6, "IPv6 address", 88);
        return end;
    }
    at + 1
}

/// Six pairs of hex digits with one kind of mark, or Cisco's three fours.
fn mac(view: &View<'_>, start: usize) -> Option<usize> {
    let bytes = view.bytes;
    let hex = |from: usize, count: usize| {
        bytes
            .get(from..from + count)
            .is_some_and(|part| part.iter().all(u8::is_ascii_hexdigit))
    };
    let free = !view
        .before(start)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-' | b'.'));
    let bounded = |end: usize| {
        let longer = matches!(view.at(end), Some(b':' | b'-'))
            && view
                .at(end + 1)
                .is_some_and(|byte| byte.is_ascii_hexdigit());
        let glued = view
            .at(end)
            .is_some_and(|byte| byte.is_ascii_alphanumeric());
        !longer && !glued
    };
    let mark = view.at(start + 2)?;
    let pairs = matches!(mark, b':' | b'-')
        && (0..6).all(|pair| {
            hex(start + pair * 3, 2) && (pair == 5 || view.at(start + pair * 3 + 2) == Some(mark))
        });
    let telling = |end: usize| {
        !matches!(
            &bytes[start..end],
            b"00:00:00:00:00:00"
                | b"ff:ff:ff:ff:ff:ff"
                | b"FF:FF:FF:FF:FF:FF"
                | b"00-00-00-00-00-00"
                | b"FF-FF-FF-FF-FF-FF"
        )
    };
    if free && pairs && bounded(start + 17) && telling(start + 17) {
        return Some(start + 17);
    }
    let fours = view.at(start + 4) == Some(b'.')
        && hex(start, 4)
        && hex(start + 5, 4)
        && view.at(start + 9) == Some(b'.')
        && hex(start + 10, 4);
    let letters = bytes
        .get(start..start + 14)
        .is_some_and(|part| part.iter().any(u8::is_ascii_alphabetic));
    (free && fours && letters && bounded(start + 14)).then_some(start + 14)
}

/// An IPv6 address that is not loopback, unspecified, or a scope of C++.
fn ipv6(view: &View<'_>, start: usize) -> Option<usize> {
    let bytes = view.bytes;
    if view
        .before(start)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_'))
    {
        return None;
    }
    let length = bytes[start..]
        .iter()
        .take(46)
        .take_while(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'))
        .count();
    let mut end = start + length;
    while end > start
        && (bytes[end - 1] == b'.' || bytes[end - 1] == b':' && !bytes[..end].ends_with(b"::"))
    {
        end -= 1;
    }
    if view
        .at(end)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        return None;
    }
    let text = &view.text[start..end];
    let address: std::net::Ipv6Addr = text.parse().ok()?;
    let colons = text.bytes().filter(|&byte| byte == b':').count();
    let digits = text.bytes().filter(|byte| byte.is_ascii_digit()).count();
    // `2001:db8::1` of manuals (RFC 3849): nothing but the prefix and a small number.
    let manual = matches!(address.segments(), [0x2001, 0xdb8, 0, 0, 0, 0, 0, 0..=0xff]);
    let telling = !address.is_loopback()
        && !address.is_multicast()
        && !manual
        && !address.is_unspecified()
        && colons >= 2
        && (digits >= 2 || colons >= 4)
        && text.len() >= 6;
    let documentation_scope = text.ends_with("::") && text.len() < 7;
    (telling && !documentation_scope).then(|| {
        // The zone of a link-local address.
        if view.at(end) == Some(b'%') {
            end + 1
                + bytes[end + 1..]
                    .iter()
                    .take(16)
                    .take_while(|byte| byte.is_ascii_alphanumeric())
                    .count()
        } else {
            end
        }
    })
}
