//! What is found and what is kept, one line a case.

use crate::{altered, conversation, missed, redact};

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
    ("mail ", &["jane at mail dot roe dot org"], " today"),
    ("mail ", &["jane(at)roe.example"], ""),
    ("mac ", &["9f3f.067a.fb15"], ""),
    ("in /mnt/c/Users/", &["jroe"], "/dev"),
    ("NIE ", &["X-1234567-L"], ""),
    ("born ", &["090299-755A"], ""),
    ("\"tel\": \"", &["0303049384"], "\""),
    ("", &["17.05.1990"], " года рождения"),
    (
        "INSERT INTO p (id, last_name) VALUES (1, '",
        &["Zxqvist"],
        "');",
    ),
    ("id,full_name,city\n1,\"", &["Xuvo Zxqvist"], "\",Rome\n"),
    ("To: \"", &["Ashworth, Xuvo"], "\" <x@y.example>\n"),
    (
        "INSERT INTO u (login, password) VALUES ('joe', '",
        &["falcon42x"],
        "');",
    ),
    (
        "variable \"db_password\" {\n  default = \"",
        &["falcon42x"],
        "\"\n}",
    ),
    ("kind: Secret\nstringData:\n  a: ", &["falcon42x"], "\n"),
    ("client.login(\"joe\", \"", &["falcon42x"], "\")"),
    ("joe:", &["falcon42x"], "@tcp(db.example.com:3306)/shop"),
    ("curl -uadmin:", &["falcon42x"], " https://x.example"),
    ("smbclient //h/s -U joe%", &["falcon42x"], ""),
    ("echo ", &["falcon42x"], " | sudo -S true"),
    ("my PIN is ", &["9874"], ""),
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
    ("snmp-server community ", &["falcon42x"], " RO"),
    ("username joe password 0 ", &["falcon42x"], "\n"),
    ("lftp -u joe,", &["falcon42x"], " ftp.example.com"),
    ("rabbitmqctl add_user joe ", &["falcon42x"], ""),
    ("wpa_passphrase HomeNet ", &["falcon42x"], ""),
    ("WIFI:T:WPA;S:HomeNet;P:", &["falcon42x"], ";;"),
    ("server.login(\"joe\", \"", &["falcon42x"], "\")"),
    ("rootpw --plaintext ", &["falcon42x"], ""),
    ("echo ", &["falcon42x"], " | passwd --stdin joe"),
    ("openssl rsa -passin pass:", &["falcon42x"], " -in k"),
    ("keytool -storepass ", &["falcon42x"], " -list"),
    ("curl --proxy-user joe:", &["falcon42x"], " http://x"),
    ("cqlsh -u joe -p ", &["falcon42x"], ""),
    ("net user joe ", &["falcon42x"], " /add"),
    ("use ", &["falcon42x"], " as the password"),
    ("mi clave es ", &["falcon42x"], ""),
    ("le mot de passe du wifi est ", &["falcon42x"], ""),
    ("- name: DB_PASSWORD\n  value: ", &["falcon42x"], "\n"),
    (
        "{\"name\": \"DB_PASSWORD\", \"value\": \"",
        &["falcon42x"],
        "\"}",
    ),
    ("employee,salary\n", &["Xuvo Zxqvist"], ",5000\n"),
    (
        "| Name | Email |\n|---|---|\n| ",
        &["Xuvo Zxqvist"],
        " | - |\n",
    ),
    ("| Name | Phone |\n|---|---|\n| - | ", &["555 0132"], " |\n"),
    ("username,role\n", &["jroe42"], ",admin\n"),
    ("name;dob\n-;", &["1990-05-17"], "\n"),
    ("call from ", &["555-0132"], ""),
    ("\u{260e} ", &["030 12345678"], ""),
    ("ruf mich an: ", &["0171 1234567"], ""),
    ("DL: ", &["D1234567"], ""),
    ("nasci em ", &["17/05/1990"], ""),
    ("am ", &["17.05.1990"], " geboren"),
    ("ssh to ", &["nas.home"], ""),
    ("mail ", &["jane @ roe.com"], ""),
    ("mail ", &["roe @ mail . com"], ""),
    ("mail ", &["jane AT roe DOT com"], ""),
    ("mail ", &["jane {at} roe {dot} com"], ""),
    ("mail ", &["jane<at>roe<dot>com"], ""),
    ("mail ", &["jane arroba roe punto es"], ""),
    ("card ", &["4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"], ""),
    ("我是", &["王伟"], "，你好"),
    ("我是", &["欧阳伟强"], "，你好"),
    ("我叫", &["欧阳伟强"], "，你好"),
];

#[test]
fn values_are_found_whole() {
    let wrong = missed(FOUND);
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
    "Ms. Right met Dr. Pepper",
    "a Mercedes Benz near the Victoria Line, and the Carolina Panthers",
    "ask the Backend Team",
    "我是学生",
    "the snmp-server community is public",
    "WIFI: connect to the network",
    "rabbitmqctl list_users, wpa_passphrase is a tool",
    "server.login(user, password)",
    "Cisco knows password 0 and password 7 types",
    "enter your password 3 times",
    "use it as the password",
    "- name: password\n  label: Password",
    "name,size,type\nfoo,12,file",
    "| name | price |\n|---|---|\n| Widget | 12 |",
    "phone,screen\nnone,6.1",
    "call from main.rs line 12345678",
    "index.home and app.home()",
    "look at dot plots, meet at (dot) the corner",
    "a @ b and x @ y.z",
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14",
];

#[test]
fn what_is_not_private_stays() {
    let wrong = altered(KEPT);
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
