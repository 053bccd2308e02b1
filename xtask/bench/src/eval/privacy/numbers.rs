//! Personal data with a shape: mail, cards, accounts, machines, identity numbers with right check digits.

use super::dice::{Case, Dice};

fn luhn(mut digits: Vec<u8>) -> String {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| {
            let doubled = if place % 2 == 0 {
                u32::from(digit) * 2
            } else {
                u32::from(digit)
            };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    digits.push(((10 - sum % 10) % 10) as u8);
    digits
        .iter()
        .map(|digit| char::from(b'0' + digit))
        .collect()
}

fn spaced(text: &str, every: usize, mark: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters
        .chunks(every)
        .map(|chunk| chunk.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(mark)
}

fn iban(dice: &mut Dice) -> String {
    let (country, length) = *dice.pick(&[
        &("DE", 18),
        &("FR", 23),
        &("NL", 14),
        &("ES", 20),
        &("PL", 24),
    ]);
    let body: String = if country == "NL" {
        dice.shape("@@@@") + &dice.shape("##########")
    } else {
        (0..length).map(|_| dice.shape("#")).collect()
    };
    let rest = format!("{body}{country}00").chars().fold(0u32, |rest, c| {
        let value = c.to_digit(36).unwrap_or(0);
        if value < 10 {
            (rest * 10 + value) % 97
        } else {
            (rest * 100 + value) % 97
        }
    });
    format!("{country}{:02}{body}", 98 - rest)
}

/// E-mail, cards, accounts, addresses of machines, identity numbers, paths.
#[expect(
    clippy::too_many_lines,
    reason = "a list of cases: its parts share the values made above them"
)]
pub(super) fn structured(dice: &mut Dice, cases: &mut Vec<Case>) {
    let user = dice.shape("$$$$$$$");
    let mail = format!(
        "{user}.{}@{}.{}",
        dice.shape("$$$$"),
        dice.shape("$$$$$$"),
        dice.pick(&["com", "org", "de", "co.uk", "io"])
    );
    let mut prefix = vec![4];
    prefix.extend(dice.digits(14));
    let card = luhn(prefix);
    let mut prefix = vec![5, (dice.range(1, 5)) as u8];
    prefix.extend(dice.digits(13));
    let master = spaced(&luhn(prefix), 4, " ");
    let account = iban(dice);
    let grouped = spaced(&account, 4, " ");
    let v4 = format!(
        "{}.{}.{}.{}",
        dice.range(11, 120),
        dice.range(0, 255),
        dice.range(0, 255),
        dice.range(1, 254)
    );
    let v6 = format!(
        "2001:db8:{:x}:{:x}::{:x}",
        dice.range(16, 65000),
        dice.range(16, 65000),
        dice.range(16, 65000)
    );
    let mac = (0..6)
        .map(|_| format!("{:02x}", dice.range(0, 255)))
        .collect::<Vec<_>>()
        .join(":");
    let ssn = format!(
        "{:03}-{:02}-{:04}",
        dice.range(100, 660),
        dice.range(10, 99),
        dice.range(1000, 9999)
    );
    let mut add = |kind, texts: &[String], value: &str| {
        for text in texts {
            cases.push(Case {
                stratum: "pii",
                kind,
                text: text.clone(),
                values: vec![value.to_owned()],
            });
        }
    };
    add(
        "e-mail",
        &[
            format!("write to {mail} today"),
            format!("user=<{mail}>; ok"),
            format!("{{\"to\":\"{mail}\"}}"),
            format!("2024-03-01 INFO login {mail} from app"),
        ],
        &mail,
    );
    add(
        "card",
        &[
            format!("my card is {card} exp 04/29"),
            format!("card={card}"),
        ],
        &card,
    );
    add(
        "card",
        &[
            format!("charge {master} please"),
            format!("| {master} | 12/27 |"),
        ],
        &master,
    );
    add(
        "iban",
        &[
            format!("IBAN {account}"),
            format!("send it to {account} now"),
        ],
        &account,
    );
    add("iban", &[format!("Konto: {grouped}, danke")], &grouped);
    add(
        "ip",
        &[
            format!("Accepted publickey for x from {v4} port 51022"),
            format!("host={v4}:8443"),
            format!("\"ip\": \"{v4}\""),
        ],
        &v4,
    );
    add(
        "ip",
        &[
            format!("inet6 {v6} scope global"),
            format!("[{v6}]:443 refused"),
        ],
        &v6,
    );
    add(
        "mac",
        &[
            format!("link/ether {mac} brd"),
            format!("mac: {}", mac.to_uppercase().replace(':', "-")),
        ],
        &mac,
    );
    add(
        "national id",
        &[format!("SSN {ssn}"), format!("ssn: {ssn} on file")],
        &ssn,
    );
    for (word, value) in national(dice) {
        add(
            "national id",
            &[
                format!("{word}: {value}"),
                format!("my {word} is {value}, thanks"),
                format!("{{\"{word}\": \"{value}\"}}"),
            ],
            &value,
        );
    }
    add(
        "path",
        &[
            format!("/home/{user}/src/main.rs:4"),
            format!("C:\\Users\\{user}\\AppData\\x.log"),
            format!("/Users/{user}/Library"),
        ],
        &user,
    );
}

/// Identity numbers with right check digits: the context word and the number.
#[expect(
    clippy::too_many_lines,
    reason = "a list of cases: its parts share the values made above them"
)]
fn national(dice: &mut Dice) -> Vec<(&'static str, String)> {
    let text = |digits: &[u8]| {
        digits
            .iter()
            .map(|digit| char::from(b'0' + digit))
            .collect::<String>()
    };
    let sum = |digits: &[u8], weights: &[u32]| {
        digits
            .iter()
            .zip(weights)
            .map(|(&digit, weight)| u32::from(digit) * weight)
            .sum::<u32>()
    };
    let mut all = Vec::new();
    let mut date = |short: bool| {
        let (year, month, day) = (dice.range(50, 99), dice.range(1, 12), dice.range(1, 28));
        if short {
            format!("{year:02}{month:02}{day:02}")
        } else {
            format!("19{year:02}{month:02}{day:02}")
        }
    };
    let (pesel_date, cn_date, se_date) = (date(true), date(false), date(true));
    let to_digits = |text: &str| text.bytes().map(|byte| byte - b'0').collect::<Vec<u8>>();
    let mut pesel = to_digits(&pesel_date);
    pesel.extend(dice.digits(4));
    pesel.push(((10 - sum(&pesel, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10) % 10) as u8);
    all.push(("PESEL", text(&pesel)));
    let mut cn = to_digits("110105");
    cn.extend(to_digits(&cn_date));
    cn.extend(dice.digits(3));
    let check = sum(&cn, &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11;
    all.push((
        "身份证号",
        text(&cn) + ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][check as usize],
    ));
    let mut se = to_digits(&se_date);
    se.extend(dice.digits(3));
    let se = luhn(se);
    all.push(("personnummer", format!("{}-{}", &se[..6], &se[6..])));
    let mut bsn = loop {
        let digits = dice.digits(8);
        if digits[0] > 0 && sum(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 < 10 {
            break digits;
        }
    };
    bsn.push((sum(&bsn, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11) as u8);
    all.push(("BSN", text(&bsn)));
    let number = dice.range(10_000_000, 99_999_999);
    all.push((
        "DNI",
        format!(
            "{number}{}",
            char::from(b"TRWAGMYFPDXBNJZSQVHLCKE"[(number % 23) as usize])
        ),
    ));
    let mut cpf = dice.digits(9);
    for top in [10, 11] {
        let weights: Vec<u32> = (2..=top).rev().collect();
        cpf.push((sum(&cpf, &weights) * 10 % 11 % 10) as u8);
    }
    let cpf = text(&cpf);
    all.push((
        "CPF",
        format!("{}.{}.{}-{}", &cpf[..3], &cpf[3..6], &cpf[6..9], &cpf[9..]),
    ));
    let mut nir = to_digits(&format!(
        "2{:02}{:02}75{:03}{:03}",
        dice.range(40, 99),
        dice.range(1, 12),
        dice.range(1, 900),
        dice.range(1, 900)
    ));
    let rest = nir
        .iter()
        .fold(0u64, |rest, &digit| (rest * 10 + u64::from(digit)) % 97);
    nir.extend(to_digits(&format!("{:02}", 97 - rest)));
    all.push(("numéro de sécurité sociale", text(&nir)));
    all.push(("NINO", dice.shape("AB######C")));
    let mut tax = loop {
        let digits = dice.digits(10);
        let mut counts = [0; 10];
        digits
            .iter()
            .for_each(|&digit| counts[usize::from(digit)] += 1);
        if digits[0] != 0 && (2..=3).contains(counts.iter().max().unwrap_or(&0)) {
            break digits;
        }
    };
    let product = tax.iter().fold(10u32, |product, &digit| {
        let sum = (product + u32::from(digit)) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    tax.push(((11 - product) % 10) as u8);
    all.push(("Steuer-ID", text(&tax)));
    all
}
