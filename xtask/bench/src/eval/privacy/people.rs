//! Personal data in twelve locales, in prompts, tickets, logs, forms, JSON and SQL.

use super::dice::{Case, Dice};
use super::numbers;

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
        numbers::structured(dice, &mut cases);
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
    if !eastern {
        let rows = format!("INSERT INTO people (id, full_name) VALUES (7, '{name}');");
        add("person", "table", rows, &name);
        let lines = format!("id;full_name;team\n7;{name};blue\n");
        add("person", "table", lines, &name);
        let header = format!("To: \"{family}, {given}\" <team@example.org>\n");
        add("person", "header", header, family);
    }
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
