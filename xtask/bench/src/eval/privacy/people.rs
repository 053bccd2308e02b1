//! Personal data in twelve locales, in prompts, tickets, logs, forms, JSON and SQL.

use super::dice::{Case, Dice};

struct Locale {
    given: &'static [&'static str],
    family: &'static [&'static str],
    phones: &'static [&'static str],
    phone_words: &'static [&'static str],
    streets: &'static [&'static str],
    address_words: &'static [&'static str],
    birth_words: &'static [&'static str],
    name_words: &'static [&'static str],
    months: &'static [&'static str],
}

const LOCALES: &[Locale] = &[
    Locale {
        given: &["Shanice", "Trevor", "Marjory", "Dwight"],
        family: &["Okafor", "Lindqvist", "Hathaway", "Pruitt"],
        phones: &[
            "(312) 555-####",
            "415-555-####",
            "+1 646 555 ####",
            "206.555.####",
        ],
        phone_words: &["phone: ", "call me at ", ""],
        streets: &[
            "#### Maplewood Drive, Springfield, IL 6####",
            "## Elm Street, Apt #, Portland, OR 9####",
        ],
        address_words: &["I live at ", "Address: ", "Ship to "],
        birth_words: &["DOB: ", "born on ", "date of birth "],
        name_words: &["My name is ", "Name: ", "Dear ", "Regards,\n"],
        months: &["March", "October"],
    },
    Locale {
        given: &["Imogen", "Alasdair", "Nigel"],
        family: &["Featherstone", "MacLeod", "Ainsworth"],
        phones: &["020 7946 0###", "+44 7700 900###", "07700 900###"],
        phone_words: &["tel ", "mobile: ", "ring me on "],
        streets: &[
            "## Kingsway, Leeds LS## #AB",
            "## Abbey Road, London NW8 9AY",
        ],
        address_words: &["Home address: ", "lives at "],
        birth_words: &["born ", "D.O.B. "],
        name_words: &["This is ", "Patient name: ", "Kind regards,\n"],
        months: &["June", "January"],
    },
    Locale {
        given: &["Wiebke", "Detlef", "Anneliese"],
        family: &["Krüger", "Schönfeld", "Baumgartner"],
        phones: &[
            "030 ########",
            "+49 171 #######",
            "0171/#######",
            "089 / 123 ## ##",
        ],
        phone_words: &["Telefon: ", "Handy: ", "erreichbar unter "],
        streets: &[
            "Lindenallee ##, 1#### Berlin",
            "Bahnhofstraße #, 8#### München",
        ],
        address_words: &["Anschrift: ", "Ich wohne in der "],
        birth_words: &["geboren am ", "Geburtsdatum: "],
        name_words: &[
            "Ich heiße ",
            "Sehr geehrte Frau ",
            "Mit freundlichen Grüßen\n",
        ],
        months: &["März", "Dezember"],
    },
    Locale {
        given: &["Océane", "Thibault", "Solène"],
        family: &["Lefèvre", "Charpentier", "Girard"],
        phones: &["06 ## ## ## ##", "+33 1 ## ## ## ##", "01.##.##.##.##"],
        phone_words: &["Téléphone : ", "appelez-moi au ", ""],
        streets: &[
            "## rue des Lilas, 75### Paris",
            "# avenue Victor Hugo, 69### Lyon",
        ],
        address_words: &["Adresse : ", "J'habite au "],
        birth_words: &["né le ", "date de naissance : "],
        name_words: &["Je m'appelle ", "Bonjour Monsieur ", "Cordialement,\n"],
        months: &["février", "août"],
    },
    Locale {
        given: &["Iñaki", "Rocío", "Anselmo"],
        family: &["Villanueva", "Etxeberria", "Quiroga"],
        phones: &["612 34# ###", "+34 91# ### ###", "93# ## ## ##"],
        phone_words: &["teléfono: ", "móvil ", "llámame al "],
        streets: &[
            "Calle Serrano ##, 28### Madrid",
            "Avenida Diagonal, ###, 08### Barcelona",
        ],
        address_words: &["Dirección: ", "vivo en "],
        birth_words: &["nacido el ", "fecha de nacimiento: "],
        name_words: &["Me llamo ", "Nombre: ", "Un saludo,\n"],
        months: &["enero", "septiembre"],
    },
    Locale {
        given: &["Ludovica", "Ermenegildo", "Fiorella"],
        family: &["Bevilacqua", "Santoro", "Zanetti"],
        phones: &["333 #######", "+39 06 ########", "02 ########"],
        phone_words: &["telefono: ", "cellulare ", "chiamami al "],
        streets: &[
            "Via Garibaldi ##, 00### Roma",
            "Corso Venezia #, 20### Milano",
        ],
        address_words: &["Indirizzo: ", "abito in "],
        birth_words: &["nato il ", "data di nascita: "],
        name_words: &["Mi chiamo ", "Gentile Sig.ra ", "Cordiali saluti,\n"],
        months: &["aprile", "luglio"],
    },
    Locale {
        given: &["Thirza", "Sjoerd", "Marloes"],
        family: &["Hoekstra", "Dijkgraaf", "Vermeulen"],
        phones: &["06-########", "+31 20 ### ####", "020-#######"],
        phone_words: &["telefoon: ", "bel mij op "],
        streets: &[
            "Prinsengracht ###, 1017 KP Amsterdam",
            "Kerkstraat ##, 3511 AB Utrecht",
        ],
        address_words: &["Adres: ", "ik woon op "],
        birth_words: &["geboren op ", "geboortedatum: "],
        name_words: &[
            "Mijn naam is ",
            "Geachte heer ",
            "Met vriendelijke groet,\n",
        ],
        months: &["mei", "oktober"],
    },
    Locale {
        given: &["Bożena", "Zdzisław", "Kinga"],
        family: &["Wiśniewska", "Kowalczyk", "Grabowski"],
        phones: &["5## ### ###", "+48 22 ### ## ##", "601-###-###"],
        phone_words: &["telefon: ", "tel. ", "zadzwoń: "],
        streets: &[
            "ul. Długa ##, 00-### Warszawa",
            "ul. Mickiewicza #/##, 31-### Kraków",
        ],
        address_words: &["Adres zamieszkania: ", "mieszkam przy "],
        birth_words: &["urodzony ", "data urodzenia: "],
        name_words: &["Nazywam się ", "Imię i nazwisko: ", "Z poważaniem\n"],
        months: &["maja", "grudnia"],
    },
    Locale {
        given: &["Ivonete", "Cauã", "Rosângela"],
        family: &["Nogueira", "Albuquerque", "Teixeira"],
        phones: &["(11) 9####-####", "+55 21 9####-####", "(31) 3###-####"],
        phone_words: &["telefone: ", "celular ", ""],
        streets: &[
            "Rua das Acácias, ###, São Paulo",
            "Avenida Paulista, ####, São Paulo",
        ],
        address_words: &["Endereço: ", "moro na "],
        birth_words: &["nascido em ", "data de nascimento: "],
        name_words: &["Meu nome é ", "Nome: ", "Atenciosamente,\n"],
        months: &["março", "novembro"],
    },
    Locale {
        given: &["Ylva", "Torbjörn", "Gunilla"],
        family: &["Åkerlund", "Sjöström", "Hedlund"],
        phones: &["070-### ## ##", "+46 8 ### ### ##", "08-### ## ##"],
        phone_words: &["telefon: ", "mobil ", "ring mig på "],
        streets: &[
            "Storgatan ##, 114 ## Stockholm",
            "Drottninggatan #, 411 ## Göteborg",
        ],
        address_words: &["Adress: ", "jag bor på "],
        birth_words: &["född ", "födelsedatum: "],
        name_words: &["Jag heter ", "Namn: ", "Med vänliga hälsningar\n"],
        months: &["maj", "oktober"],
    },
    Locale {
        given: &["健太", "美咲", "翔太"],
        family: &["山田", "佐々木", "高橋"],
        phones: &["090-####-####", "03-####-####", "+81 90 #### ####"],
        phone_words: &["電話 ", "携帯: ", "電話番号："],
        streets: &["東京都渋谷区神南1-##-#", "大阪府大阪市北区梅田2丁目#-##"],
        address_words: &["住所：", "ご住所 "],
        birth_words: &["生年月日：", "誕生日は"],
        name_words: &["私の名前は", "氏名：", "お名前: "],
        months: &["5月", "12月"],
    },
    Locale {
        given: &["伟强", "芳", "建国"],
        family: &["欧阳", "张", "刘"],
        phones: &["138 #### ####", "+86 139 #### ####", "159-####-####"],
        phone_words: &["电话 ", "手机：", "联系电话: "],
        streets: &["北京市朝阳区建国路##号", "上海市浦东新区世纪大道###号"],
        address_words: &["地址：", "住址: "],
        birth_words: &["出生日期：", "生日: "],
        name_words: &["我叫", "姓名：", "联系人: "],
        months: &["5月", "12月"],
    },
];

/// All strata of personal data.
pub(super) fn cases(dice: &mut Dice, rounds: usize) -> Vec<Case> {
    let mut cases = Vec::new();
    for _ in 0..rounds {
        for (number, locale) in LOCALES.iter().enumerate() {
            one(dice, locale, number >= 10, &mut cases);
        }
        structured(dice, &mut cases);
    }
    cases
}

#[expect(
    clippy::too_many_lines,
    reason = "a list of cases: its parts share the values made above them"
)]
fn one(dice: &mut Dice, locale: &Locale, eastern: bool, cases: &mut Vec<Case>) {
    let phone = dice.pick(locale.phones);
    let phone = dice.shape(phone);
    let (given, family) = (dice.pick(locale.given), dice.pick(locale.family));
    let name = if eastern {
        format!("{family}{given}")
    } else {
        format!("{given} {family}")
    };
    let street = dice.pick(locale.streets);
    let first = dice.range(1, 9).to_string();
    let street = dice.shape(&street.replacen('#', &first, 1));
    let (year, month, day) = (dice.range(1940, 2006), dice.range(1, 12), dice.range(1, 28));
    let birth = match dice.range(0, 3) {
        _ if eastern => format!("{year}年{month}月{day}日"),
        0 => format!("{year}-{month:02}-{day:02}"),
        1 => format!("{day:02}.{month:02}.{year}"),
        2 => format!("{day} {} {year}", dice.pick(locale.months)),
        _ => format!("{day:02}/{month:02}/{year}"),
    };
    let word = dice.pick(locale.phone_words);
    let mut add = |stratum, kind, text: String, value: &str| {
        cases.push(Case {
            stratum,
            kind,
            text,
            values: vec![value.to_owned()],
        })
    };
    add("pii", "phone", format!("{word}{phone}, 9-17"), &phone);
    add(
        "pii",
        "phone",
        format!("{{\"id\": 71, \"phone_number\": \"{phone}\"}}"),
        &phone,
    );
    add(
        "birth",
        "birth date",
        format!("{}{birth}.", dice.pick(locale.birth_words)),
        &birth,
    );
    add(
        "birth",
        "birth date",
        format!("{{\"date_of_birth\": \"{birth}\", \"ok\": true}}"),
        &birth,
    );
    let street_part = street
        .split([',', '，'])
        .next()
        .unwrap_or(&street)
        .to_owned();
    add(
        "address",
        "address",
        format!("{}{street}.", dice.pick(locale.address_words)),
        &street_part,
    );
    add(
        "address",
        "address",
        format!("Parcel for {street} was late"),
        &street_part,
    );
    let introduced = dice.pick(locale.name_words);
    let shown = if introduced.ends_with("Frau ")
        || introduced.ends_with("Monsieur ")
        || introduced.ends_with("heer ")
        || introduced.ends_with("Sig.ra ")
    {
        family
    } else {
        name.as_str()
    };
    add(
        "person",
        "person",
        format!(
            "{introduced}{shown}{}",
            if introduced.ends_with('\n') {
                ""
            } else {
                ", hm"
            }
        ),
        shown,
    );
    add(
        "person",
        "person",
        format!("INSERT INTO people (full_name, n) VALUES ('{name}', 4); -- full_name: {name}"),
        &name,
    );
    add(
        "person",
        "person",
        format!("Yesterday {name} came to the office with {given}."),
        &name,
    );
}

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
fn structured(dice: &mut Dice, cases: &mut Vec<Case>) {
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
