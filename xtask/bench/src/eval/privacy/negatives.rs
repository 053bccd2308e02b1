//! What looks private and is not, with fresh numbers each time.

use super::dice::{Case, Dice};

const TEMPLATES: &[(&str, &[&str])] = &[
    (
        "uuid",
        &[
            "request ~8~-~4~-4~3~-a~3~-~12~ done",
            "id: ~8~-~4~-4~3~-b~3~-~12~",
        ],
    ),
    (
        "hash",
        &[
            "commit ~40~",
            "sha256:~64~",
            "Author: bot\nindex ~7~..~7~ 100644",
            "md5 ~32~  file.iso",
            "\"checksum\": \"~64~\"",
        ],
    ),
    (
        "lock file",
        &[
            "\"integrity\": \"sha512-^86^==\"",
            "resolved \"https://registry.example.com/x/-/x-1.2.3.tgz#~40~\"",
            "checksum = \"~64~\"",
            "h1:^43^=",
        ],
    ),
    (
        "version",
        &[
            "upgrade to 12.#.3.#",
            "v10.#.1.2",
            "Chrome/12#.0.6#67.1## Safari",
            "version=\"1.#.0.4\"",
            "rustc 1.8#.0 (~9~ 2024-03-0#)",
        ],
    ),
    (
        "time",
        &[
            "2024-0#-1#T1#:2#:3#.###Z",
            "ts=17########",
            "17########000 ms",
            "[1#/Mar/2024:1#:0#:2# +0000]",
            "Tue Mar 1# 1#:2#:3# 2024",
            "due 03/1#/2024",
        ],
    ),
    (
        "order",
        &[
            "order 2024-#######",
            "Invoice INV-######## is paid",
            "ticket #######",
            "tracking 9400 #### is late",
            "SKU ###-####-##",
            "article 4######",
        ],
    ),
    (
        "isbn",
        &[
            "ISBN 978-3-16-14841#-0",
            "ISBN 0-306-4061#-2",
            "EAN 4006381333931",
        ],
    ),
    (
        "code",
        &[
            "std::mem::swap(&mut a[#], &mut b)",
            "a::b::c::<T>()",
            "x == y && z != 0x~4~",
            "let v = vec![#; 1###];",
            "fn f(x: u3#) -> i64",
            "for i in 0..1#### { }",
            "import { Table } from './Table'",
            "div.container > ul:nth-child(#)",
            "#include <vector>",
            "def main(argv): return #",
        ],
    ),
    (
        "network",
        &[
            "listen 127.0.0.1:80##",
            "bind ::1 and 0.0.0.0:#",
            "mask 255.255.255.0",
            "ping localhost",
            "http://localhost:3###/x",
            "GET /api/v1/items/#### 200 ##ms",
        ],
    ),
    (
        "stand-in",
        &[
            "password=${DB_PASSWORD}",
            "API_KEY=<your-api-key>",
            "token: {{ secrets.TOKEN }}",
            "secret = os.environ['SECRET']",
            "password: ********",
            "api_key = process.env.API_KEY",
            "PASSWORD=changeme",
            "token = \"YOUR_TOKEN_HERE\"",
            "AWS_KEY=$AWS_KEY",
            "client_secret: xxxxxxxxxxxxxxxx",
        ],
    ),
    (
        "words of secrets",
        &[
            "The password must have ## characters.",
            "password: string;",
            "max_tokens = 4###",
            "tokens used: ####",
            "token_count=####",
            "secret santa on Friday",
            "if (password === confirm) {",
            "the token is expired",
            "let token = lexer.next_token();",
            "private static final String PASSWORD_FIELD = \"password\";",
            "forgot password?",
            "key: value",
            "primary key (id)",
            "press any key to continue",
            "def reset_password(user):",
            "passwordInput.value = ''",
        ],
    ),
    (
        "prose",
        &[
            "The United States Congress met on Monday.",
            "Big Ben is in London.",
            "Visit Central Park in New York City.",
            "Please call the function with 3 arguments.",
            "I am Happy to help.",
            "Best Practices for Rust Projects",
            "name: Build Project",
            "\"name\": \"my-package\"",
            "Main Street is closed to traffic.",
            "The Monte Carlo method, a Turing machine, and Big O.",
            "Chapter 12, Section 4",
            "He scored 34 of 50 points in 2023.",
            "Water boils at 100 degrees.",
            "Thanks for the help!",
            "Dear Sir or Madam,",
            "Hello World",
            "born to be wild",
            "the address of the function is 0x7ff~8~",
            "See RFC 7###, page 12.",
            "revenue was 1,234,567.89 in 2023",
            "Room 404 is on floor 4.",
        ],
    ),
    (
        "data",
        &[
            "data:image/png;base64,iVBORw0KGgo^400^==",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI^43^ bot",
            "-----BEGIN CERTIFICATE-----\nMIID^60^\n^64^\n-----END CERTIFICATE-----",
            "#ff##aa",
            "rgb(12, 34, 56)",
            "12.5 MB of 1#.# GB",
            "1e-10, 6.02214076e23",
            "3.14159265358979",
            "[0.1###, -0.##34, 0.55##]",
            "52.5 % of 1###",
            "1##,###,###",
            "10-20 and 30-40",
        ],
    ),
];

/// Every template a few times.
pub(super) fn cases(dice: &mut Dice, rounds: usize) -> Vec<Case> {
    let mut cases = Vec::new();
    for _ in 0..rounds {
        for (kind, templates) in TEMPLATES {
            for template in *templates {
                cases.push(Case {
                    stratum: "over",
                    kind,
                    text: filled(dice, template),
                    values: Vec::new(),
                });
            }
        }
    }
    cases
}

/// `#` is a digit, `~n~` n hex digits, `^n^` n characters of base64.
fn filled(dice: &mut Dice, template: &str) -> String {
    let mut out = String::new();
    for (mark, alphabet) in [
        ('~', "0123456789abcdef"),
        (
            '^',
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        ),
    ] {
        let source = if mark == '~' {
            template.to_owned()
        } else {
            std::mem::take(&mut out)
        };
        for (place, part) in source.split(mark).enumerate() {
            match part.parse::<usize>() {
                Ok(count) if place % 2 == 1 => out.push_str(&dice.text(alphabet, count)),
                _ => out.push_str(part),
            }
        }
    }
    let keep = out.starts_with("#ff") || out.starts_with("#include");
    if keep {
        out
    } else {
        out.chars()
            .map(|c| {
                if c == '#' {
                    char::from(b'0' + (dice.range(1, 9)) as u8)
                } else {
                    c
                }
            })
            .collect()
    }
}
