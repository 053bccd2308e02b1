//! Secrets made from their shapes at run time: none is stored. Shapes are the vendors' own, the texts around them ours.

use super::dice::{Case, Dice};

const HEX: &str = "0123456789abcdef";
const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const URL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Head (in two parts, so that no token's prefix stands here whole), alphabet, length.
const SHAPES: &[(&str, &str, &str, usize)] = &[
    ("AK", "IA", BASE32, 16),
    ("gh", "p_", ALNUM, 36),
    ("gh", "o_", ALNUM, 36),
    ("gh", "s_", ALNUM, 36),
    ("github", "_pat_", ALNUM, 82),
    ("gl", "pat-", URL, 20),
    ("gl", "dt-", URL, 20),
    ("xo", "xb-123456789012-", ALNUM, 24),
    ("xa", "pp-1-A0B1C2D3-", ALNUM, 40),
    ("sk", "_live_", ALNUM, 24),
    ("rk", "_live_", ALNUM, 24),
    ("wh", "sec_", ALNUM, 32),
    ("sk", "-proj-", URL, 120),
    ("sk", "-ant-api03-", URL, 95),
    ("hf", "_", ALNUM, 34),
    ("r8", "_", ALNUM, 37),
    ("gs", "k_", ALNUM, 52),
    ("pp", "lx-", ALNUM, 48),
    ("xa", "i-", ALNUM, 80),
    ("AI", "za", URL, 35),
    ("GO", "CSPX-", URL, 28),
    ("ya", "29.", URL, 120),
    ("SG", ".", URL, 66),
    ("np", "m_", ALNUM, 36),
    ("py", "pi-AgEIcHlwaS5vcmc", URL, 80),
    ("ruby", "gems_", HEX, 48),
    ("dck", "r_pat_", URL, 27),
    ("do", "p_v1_", HEX, 64),
    ("hv", "s.", URL, 92),
    ("da", "pi", HEX, 32),
    ("shp", "at_", HEX, 32),
    ("sq", "0atp-", URL, 22),
    ("AT", "ATT3xFfGF0", URL, 180),
    ("lin", "_api_", ALNUM, 40),
    ("nt", "n_", ALNUM, 46),
    ("fi", "gd_", URL, 40),
    ("NR", "AK-", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 27),
    ("gl", "sa_", ALNUM, 41),
    ("sn", "trys_", ALNUM, 90),
    ("dp", ".pt.", ALNUM, 43),
    ("pul", "-", HEX, 40),
    ("ts", "key-auth-kAbCd1CNTRL-", ALNUM, 32),
    ("nf", "p_", ALNUM, 36),
    ("sb", "p_", HEX, 40),
    ("psc", "ale_tkn_", URL, 43),
    ("PM", "AK-", HEX, 59),
    ("xkey", "sib-", HEX, 64),
    ("key", "-", HEX, 32),
    (
        "AGE-SEC",
        "RET-KEY-1",
        "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
        58,
    ),
    ("glrt", "-", URL, 20),
    ("CC", "IPAT_", ALNUM, 64),
    ("sq", "p_", HEX, 40),
    ("tv", "ly-", ALNUM, 32),
    ("pc", "sk_", ALNUM, 70),
    ("nv", "api-", URL, 64),
    ("sk", "-or-v1-", HEX, 64),
    ("ls", "v2_pt_", HEX, 43),
    ("sk", "-", ALNUM, 48),
    ("SK", "", HEX, 32),
    ("LT", "AI5t", ALNUM, 20),
    ("EZ", "AK", ALNUM, 54),
    ("rd", "me_", "abcdefghijklmnopqrstuvwxyz0123456789", 70),
    ("du", "ffel_live_", URL, 43),
];

/// Tokens that name themselves, in the places tokens are found in.
pub(super) fn self_identifying(dice: &mut Dice, rounds: usize) -> Vec<Case> {
    let mut cases = Vec::new();
    for _ in 0..rounds {
        for (head, tail, alphabet, length) in SHAPES {
            let token = format!("{head}{tail}{}", dice.text(alphabet, *length));
            let text = match dice.range(0, 5) {
                0 => format!("why does {token} fail?"),
                1 => format!("export X={token}\n"),
                2 => format!("{{\"a\": \"{token}\"}}"),
                3 => format!("curl -H 'X-Thing: {token}' https://api.example.com/v1"),
                4 => format!("const t = '{token}';"),
                _ => format!("see `{token}`, ok."),
            };
            cases.push(Case {
                stratum: "secrets.self",
                kind: "token",
                text,
                values: vec![token],
            });
        }
        let jwt = jwt(dice);
        cases.push(Case {
            stratum: "secrets.self",
            kind: "jwt",
            text: format!("jwt {jwt} expired"),
            values: vec![jwt],
        });
        let body = dice.text(BASE64, 320);
        let pem = format!(
            "-----BEGIN {} {}-----\n{}\n-----END {} {}-----",
            "PRIVATE",
            "KEY",
            wrapped(&body),
            "PRIVATE",
            "KEY"
        );
        cases.push(Case {
            stratum: "secrets.self",
            kind: "pem",
            text: format!("key:\n{pem}\nthanks"),
            values: vec![body[..60].to_owned()],
        });
    }
    cases
}

fn wrapped(body: &str) -> String {
    body.as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

fn jwt(dice: &mut Dice) -> String {
    // {"alg":"HS256","typ":"JWT"} in base64url, put together here.
    let head = ["eyJhbGciOiJIUzI1", "NiIsInR5cCI6IkpXVCJ9"].concat();
    format!(
        "{head}.eyJzdWIiOi{}.{}",
        dice.text(URL, 40),
        dice.text(URL, 43)
    )
}

fn password(dice: &mut Dice) -> String {
    match dice.range(0, 3) {
        0 => format!(
            "{}{}!{}",
            dice.shape("@$$$$"),
            dice.range(10, 99),
            dice.shape("$$")
        ),
        1 => dice.text(
            "ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789#%*",
            14,
        ),
        2 => format!(
            "{}-{}-{}{}",
            dice.shape("$$$$$"),
            dice.shape("$$$$"),
            dice.shape("$$$$$$"),
            dice.range(1, 9)
        ),
        _ => format!("{}{}", dice.shape("$$$$$$$$"), dice.range(1, 99)),
    }
}

/// Secrets that only their surroundings tell.
#[expect(
    clippy::too_many_lines,
    reason = "a list of cases: its parts share the values made above them"
)]
pub(super) fn by_context(dice: &mut Dice, rounds: usize) -> Vec<Case> {
    let mut cases = Vec::new();
    for _ in 0..rounds {
        let secret = dice.text(HEX, 32);
        let mixed = dice.text(ALNUM, 40);
        let base64 = dice.text(BASE64, 40);
        let mut push = |text: String, value: &str| {
            cases.push(Case {
                stratum: "secrets.context",
                kind: "context",
                text,
                values: vec![value.to_owned()],
            })
        };
        for template in [
            "DB_PASSWORD={}\nDEBUG=1\n",
            "password: {}\n",
            "\"password\": \"{}\",",
            "the password is {} for now",
            "mysql -u root -p'{}' shop",
            "Passwort: {}\n",
            "mot de passe : {}\n",
            "contraseña: {}\n",
            "пароль: {}\n",
            "パスワード：{}\n",
            "postgres://app:{}@db.example.com:5432/shop",
            "https://bob:{}@example.com/x.git",
            "redis://:{}@10.1.2.3:6379/0",
            "Server=db;Database=x;User Id=sa;Password={};",
            "jdbc:mysql://h/db?user=a&password={}",
            "machine example.com login bob password {}\n",
            "curl -u bob:{} https://example.com",
            "sshpass -p {} ssh h",
            "spring.datasource.password={}\n",
            "<password>{}</password>",
            "$config['db_password'] = '{}';",
            "define('DB_PASSWORD', '{}');",
            "wifi password \"{}\"",
            "INSERT INTO users (login, password) VALUES ('joe', '{}');",
            "variable \"db_password\" {\n  default = \"{}\"\n}",
            "kind: Secret\nstringData:\n  a: {}\n",
            "client.login(\"joe\", \"{}\")",
            "joe:{}@tcp(db.example.com:3306)/shop",
            "curl -uadmin:{} https://example.com",
            "ldapsearch -D cn=admin -w {} -b dc=x",
            "echo '{}' | sudo -S true",
            "sqlplus scott/{}@orcl",
            "clave: {}\n",
        ] {
            let value = password(dice);
            push(template.replace("{}", &value), &value);
        }
        for template in [
            "api_key = \"{}\"",
            "API_KEY={}\n",
            "client_secret: {}\n",
            "\"secretKey\": \"{}\"",
            "DATADOG_API_KEY={}\n",
            "X-Api-Key: {}\n",
            "auth_token='{}'",
            "HEROKU_TOKEN={}\n",
            "const secret = \"{}\";",
            "clé API : {}\n",
        ] {
            push(template.replace("{}", &secret), &secret);
        }
        for template in [
            "aws_secret_access_key = {}\n",
            "AWS_SECRET_ACCESS_KEY={}\n",
            "Authorization: Bearer {}\n",
            "Cookie: theme=dark; sessionid={}\n",
            "https://x.example/cb?access_token={}&n=1",
            "signing_key: {}\n",
            "//registry.example.com/:_authToken={}\n",
        ] {
            push(template.replace("{}", &mixed), &mixed);
        }
        push(
            format!("AccountName=x;AccountKey={base64}{base64}==;EndpointSuffix=y"),
            &format!("{base64}{base64}=="),
        );
        let words: Vec<&str> = (0..12)
            .map(|_| {
                dice.pick(&[
                    "ability", "banner", "cactus", "dinosaur", "elbow", "fabric", "galaxy",
                    "hazard", "island", "jungle", "kitchen", "lemon", "magnet", "nephew",
                    "orchard", "panther",
                ])
            })
            .collect();
        let phrase = words.join(" ");
        push(format!("my seed phrase: {phrase}\n"), &phrase);
        push(format!("MNEMONIC=\"{phrase}\"\n"), &phrase);
        let pair = base64_of(format!("bob:{}", password(dice)).as_bytes());
        push(format!("Authorization: Basic {pair}\n"), &pair);
        push(
            format!(
                "https://hooks.slack.com/services/T{}/B{}/{}",
                dice.shape("#@#@#@#@"),
                dice.shape("@#@#@#@#"),
                mixed
            ),
            &mixed,
        );
    }
    cases
}

/// Base64, written out so that the generator does not share code with what it judges.
pub(super) fn base64_of(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .fold(0u32, |word, &byte| word << 8 | u32::from(byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = BASE64.as_bytes()[(word >> (18 - 6 * place) & 63) as usize];
            out.push(if place > chunk.len() {
                '='
            } else {
                char::from(letter)
            });
        }
    }
    out
}
