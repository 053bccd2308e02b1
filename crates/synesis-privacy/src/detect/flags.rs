//! Credentials in command lines: `-u user:password`, `--token …`, `sshpass -p …`.

use super::View;
use super::negative::{is_code, is_random, is_stand_in};
use super::words::Hit;
use crate::kind::EntityKind::{BasicAuth, Password, Secret};

/// Reads the argument after an option.
#[expect(clippy::too_many_lines, reason = "a table of options")]
pub(super) fn at(view: &mut View<'_>, hit: Hit) {
    let flag = view.text[hit.start..hit.end].trim_matches([' ', '=']);
    let line = view.line_start(hit.start);
    let command = &view.text[line..hit.start];
    let mut start = view.past_space(hit.end);
    let end;
    let quote = view.at(start).filter(|byte| matches!(byte, b'"' | b'\''));
    if let Some(quote) = quote {
        start += 1;
        let Some(length) = memchr::memchr2(quote, b'\n', &view.bytes[start..]) else {
            return;
        };
        end = start + length;
    } else if flag.ends_with('\'') {
        let Some(length) = memchr::memchr2(b'\'', b'\n', &view.bytes[start..]) else {
            return;
        };
        end = start + length;
    } else {
        let inside = |byte: &&u8| {
            **byte > b' ' && !matches!(**byte, b'"' | b'\'' | b'`' | b'|' | b';' | b'<' | b'>')
        };
        end = start
            + view.bytes[start..]
                .iter()
                .take(512)
                .take_while(inside)
                .count();
    }
    let value = &view.text[start..end];
    let password_in_pair = value
        .split_once(':')
        .map(|(user, password)| (start + user.len() + 1, password));
    let mixed = value
        .bytes()
        .any(|byte| byte.is_ascii_digit() || byte.is_ascii_punctuation());
    match flag {
        "-u" | "--user" | "--proxy-user" | "-a" | "--auth" => {
            let Some((from, password)) = password_in_pair else {
                // `curl -u key:` and `redis-cli -a password`.
                if flag == "-a" && command.contains("redis") && !is_stand_in(value) {
                    view.add(start, end, Password, "password in a command", 92);
                }
                return;
            };
            if password.is_empty()
                && value.len() >= 16
                && is_random(value.trim_end_matches(':').as_bytes())
            {
                view.add(start, end - 1, Secret, "credentials in a command", 92);
            } else if password.len() >= 3
                && !is_stand_in(password)
                && !password.starts_with("//")
                && !password
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() && command.contains("docker"))
            {
                view.add(from, end, BasicAuth, "credentials in a command", 93);
            }
        }
        "sshpass -p" | "-p'" | "-pw" => {
            let known = flag != "-p'"
                || ["mysql", "maria", "mongo", "sshpass", "7z", "docker login"]
                    .iter()
                    .any(|tool| command.contains(tool));
            if known && !is_stand_in(value) {
                view.add(start, end, Password, "password in a command", 93);
            }
        }
        "-p" | "-P" | "/p:" => {
            let tools = [
                "mysql",
                "mongo",
                "docker login",
                "sqlcmd",
                "cqlsh",
                "helm",
                "psql",
                "7z",
                "smbclient",
                "sshpass",
                "podman login",
                "az login",
                "bcp",
                "xfreerdp",
                "zip",
                "ftp",
                "ldapsearch",
            ];
            let port = value
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'-' | b'.' | b'/'));
            if tools.iter().any(|tool| command.contains(tool))
                && !port
                && value.len() >= 4
                && !is_stand_in(value)
                && !value.starts_with('-')
            {
                view.add(start, end, Password, "password in a command", 88);
            }
        }
        "-passin pass:" | "-passout pass:" | "-storepass" | "-keypass" | "-password"
        | "--http-password" | "/pass:"
            if value.len() >= 3 && !is_stand_in(value) && !value.starts_with('-') =>
        {
            view.add(start, end, Password, "password in a command", 90);
        }
        "--password" | "--passphrase" | "--pass"
            if value.len() >= 3
                && !is_stand_in(value)
                && !value.starts_with('-')
                && !is_code(value, None) =>
        {
            view.add(start, end, Password, "password in a command", 92);
        }
        "--from-literal" => {
            if let Some((key, secret)) = value.split_once('=')
                && secret.len() >= 4
                && !is_stand_in(secret)
            {
                view.add(
                    start + key.len() + 1,
                    end,
                    Secret,
                    "secret in a command",
                    90,
                );
            }
        }
        _ if flag.starts_with("--")
            && value.len() >= 8
            && mixed
            && !is_stand_in(value)
            && !value.starts_with('-')
            && !is_code(value, None)
            && flag != "--password"
            && flag != "--pass" =>
        {
            view.add(start, end, Secret, "secret in a command", 90);
        }
        _ => {}
    }
}
