//! What is found and what is kept, one line a case.

use crate::{conversation, redact};

/// Text before, the value, text after. Values are put together here so that none stands in the repository.
const FOUND: &[(&str, &[&str], &str)] = &[
    ("write to ", &["jane.roe+x@mail.example.co.uk"], " soon"),
    ("call ", &["+1 (415) 555-0132"], ""),
    ("tel: ", &["030 1234567"], " (office)"),
    ("reach me at ", &["06 12 34 56 78"], ""),
    ("", &["(415) 555-0132"], " is the number"),
    ("携帯 ", &["090-1234-5678"], ""),
    ("card ", &["4111 1111 1111 1111"], ", thanks"),
    ("pay to ", &["DE89 3704 0044 0532 0130 00"], " please"),
    ("my SSN is ", &["536-22-8726"], "."),
    ("from ", &["192.168.17.20"], " port 22"),
    ("mac ", &["3c:22:fb:9a:01:7e"], ""),
    ("at ", &["2001:db8:85a3::8a2e:370:7334"], " up"),
    ("PESEL: ", &["44051401359"], ""),
    ("CPF ", &["529.982.247-25"], ""),
    ("NIF ", &["12345678", "Z"], ""),
    ("codice fiscale ", &["RSSMRA85T10A562S"], ""),
    ("hetu ", &["131052-308T"], ""),
    ("born on ", &["17 May 1990"], " in Leeds"),
    ("Geburtsdatum: ", &["17.05.1990"], ""),
    ("My name is ", &["Jane Roe"], " and"),
    ("Sehr geehrte Frau ", &["Müller"], ",\n"),
    ("Dear ", &["Jane"], ",\n\nthanks"),
    ("Best regards,\n", &["Jane Roe"], "\n"),
    ("From: ", &["Jane Roe"], " <x@y.example>\n"),
    ("{\"first_name\": \"", &["Xiomara"], "\"}"),
    ("我叫", &["王伟"], "，你好"),
    ("I live at ", &["221B Baker Street, London"], "."),
    ("wohnt in der ", &["Hauptstraße 5, 10115 Berlin"], "."),
    ("12 bis, ", &[], ""),
    ("address: ", &["12 rue de la Paix, 75002 Paris"], "\n"),
    ("in /home/", &["jroe"], "/src"),
    ("C:\\Users\\", &["jroe"], "\\x"),
    ("password: ", &["Tr0ub4dor&3"], "\n"),
    ("DB_PASSWORD=", &["sunshine42"], "\n"),
    ("the password is ", &["hunter2"], "."),
    ("postgres://app:", &["s3cr3t!pw"], "@db.example.com/x"),
    ("Server=x;User Id=sa;Password=", &["Zx9!qqLm"], ";Timeout=3"),
    ("curl -u admin:", &["hunter2xyz"], " https://x.example"),
    ("key ", &["AKIA", "QWERTYUIOPASDFG2"], ""),
    (
        "token ",
        &["ghp_", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"],
        "",
    ),
    ("Authorization: Bearer ", &["mF_9.B5f-4.1JqM7kQ2vX"], "\n"),
    ("api_key = \"", &["a8f5f167f44f4964e6c998dee827110c"], "\""),
    (
        "",
        &[
            "-----BEGIN RSA PRIVATE ",
            "KEY-----\nMIIEpAIBAAKCAQEA1c7+9z5Pad7OejecsQ0bu3aumn\n-----END RSA PRIVATE ",
            "KEY-----",
        ],
        "\n",
    ),
    (
        "seed phrase: ",
        &["witch collapse practice feed shame open despair creek road again ice least"],
        "",
    ),
    ("mail ", &["jane [at] roe [dot] example"], ""),
    ("mail ", &["jane%40roe.example"], ""),
    ("mail ", &["ja\u{200b}ne@roe.example"], ""),
    ("mail ", &["ｊａｎｅ＠ｒｏｅ．ｅｘａｍｐｌｅ"], ""),
    ("Parcel for ", &["36 Kingsway, Leeds LS2 6AB"], " was late"),
    (
        "Parcel for ",
        &["4410 Maplewood, Springfield, IL 62704"],
        " was late",
    ),
    ("お届け先 ", &["東京都渋谷区神南1-54-9"], " です"),
    ("my secret, by the way, ", &["q8Zr2LpV0xTn5KdW9sYb"], " ok"),
    ("blob ", &["cGFzc3dvcmQ9aHVudGVyMjM0Iwo="], ""),
    ("id,name,email\n1,", &["Jane Roe"], ",x@y.example\n"),
    ("user,password\nbob,", &["k7Wq2mZp"], "\n"),
    (
        "INSERT INTO staff (id, full_name) VALUES (3, '",
        &["Jane Roe"],
        "');",
    ),
    ("sqlplus scott/", &["k7Wq2mZp"], "@orcl"),
    ("CREATE USER bob IDENTIFIED BY '", &["k7Wq2mZp"], "';"),
    ("echo '", &["k7Wq2mZp"], "' | sudo -S apt update"),
    ("requests.get(u, auth=(\"bob\", \"", &["k7Wq2mZp"], "\"))"),
    ("*:*:*:postgres:", &["k7Wq2mZp"], ""),
    ("WIFI:S:Home;T:WPA;P:", &["k7Wq2mZp"], ";;"),
    ("  - name: DB_PASSWORD\n    value: ", &["k7Wq2mZp"], "\n"),
    (
        "variable \"db_password\" {\n  default = \"",
        &["k7Wq2mZp"],
        "\"\n}",
    ),
    ("use ", &["k7Wq2mZp"], " as the password"),
    ("set password ", &["k7Wq2mZp"], ""),
    ("Ich bin am ", &["17.05.1990"], " geboren."),
    ("", &["1990年5月17日"], "生まれ"),
    ("DHCPACK to ", &["A4-7A-1E-B8-48-03"], ""),
    ("mail ", &["jane at roe dot example dot com"], ""),
    ("card ", &["4 5 3 9 1 4 8 8 0 3 4 3 6 4 6 7"], ""),
    ("my name is ", &["jane roe"], "\n"),
    ("", &["Jane Roe"], " wrote:\n> hi"),
    ("[10:42] ", &["Jane"], ": can you look?"),
    ("NAME: ", &["JANE ROE"], "\n"),
    ("cd /mnt/c/Users/", &["jroe"], "/src"),
];

#[test]
fn values_are_found_whole() {
    let mut wrong = Vec::new();
    for (before, value, after) in FOUND {
        let value = value.concat();
        let text = format!("{before}{value}{after}");
        let redaction = redact(&text, &mut conversation(1));
        let span = before.len()..before.len() + value.len();
        let hit = value.is_empty()
            || redaction
                .findings
                .iter()
                .any(|f| f.span.start <= span.start && f.span.end >= span.end);
        let wide = redaction
            .findings
            .iter()
            .any(|f| f.span.end > span.end + 2 && f.span.start < span.end);
        if !hit || wide {
            wrong.push(format!("{text:?} -> {}", redaction.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const KEPT: &[&str] = &[
    "id 550e8400-e29b-41d4-a716-446655440000 seen",
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    "version 10.4.2.1 is out",
    "listen on 127.0.0.1:8080 and ::1 and 0.0.0.0",
    "std::vec::Vec and a::b::c",
    "ISBN 978-3-16-148410-0",
    "at 2024-01-31T12:34:56Z, epoch 1706704496000",
    "password = ${DB_PASSWORD}",
    "api_key: <your-key>",
    "token = os.environ[\"TOKEN\"]",
    "if password == other { return }",
    "password: string;",
    "let password = get_password(user);",
    "the password is required",
    "max_tokens = 4096",
    "\"integrity\": \"sha512-9jpBNgkXSu6mDyWDW4rWdGhNxSlZIbJ4WHmWAdpAjuKL8sJPNKRkTXAkRmFFFZzQYmXOMbWvWUMcbBaTdzkQ2Q==\"",
    "order 4111111111111112 shipped",
    "invoice no. 20240131-17, total 1,234.56",
    "git@github.com:owner/repo.git",
    "npm@10.2.0",
    "The United States Congress met in New York on Monday.",
    "name: Build Project",
    "\"name\": \"lodash\"",
    "pk_live_ is public, ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0xq example",
    "see /usr/local/bin and /home/user/x",
    "#3f5a7c and 0xdeadbeef, 12:34:56",
    "1.5 GB of 16 GB, 300-400 ms, 5-10 %",
    "fn set_password(&mut self, password: &str) {}",
    "postgres://user:password@localhost/db",
    "com.acme.platform.internal.service",
    "user_id=4791086396",
    "next_cursor: \"b2Zmc2V0OjEyMDA=\"",
    "Assigned to: Backend Team",
    "Mit freundlichen Grüßen\nIhr Serviceteam",
    "我是学生",
    "my name is not important",
    "0.0.8 (2020-01-31)",
    "starting at the last dot in the name",
    "the file name is unclear, and the user name is required",
    "id,name,size\n1,readme,20\n",
];

#[test]
fn what_is_not_private_stays() {
    let wrong: Vec<String> = KEPT
        .iter()
        .filter_map(|text| {
            let redacted = redact(text, &mut conversation(2)).text.into_string();
            (redacted != *text).then(|| format!("{text:?} -> {redacted}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_name_found_once_is_found_everywhere() {
    let mut conversation = conversation(3);
    let first = redact("My name is Xiomara Quill.", &mut conversation);
    assert_eq!(first.findings.len(), 1);
    let second = redact(
        "Quill wrote; Xiomara Quill agreed. Xiomara's idea, tranquillity.",
        &mut conversation,
    );
    assert_eq!(second.findings.len(), 3, "{}", second.text);
}

#[test]
fn the_same_value_has_the_same_placeholder() {
    let mut conversation = conversation(4);
    let one = redact(
        "a@roe.example and b@roe.example and a@roe.example",
        &mut conversation,
    );
    assert_eq!(one.findings[0].placeholder, one.findings[2].placeholder);
    assert_ne!(one.findings[0].placeholder, one.findings[1].placeholder);
}

#[test]
fn every_kind_is_documented() {
    let documentation = include_str!("../../../../docs/privacy.md");
    for kind in synesis_privacy::EntityKind::ALL {
        assert!(documentation.contains(&format!("| `{kind}` |")), "{kind}");
    }
}
