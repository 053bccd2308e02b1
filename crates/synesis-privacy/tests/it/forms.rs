//! Values in forms, tables, chats and disguises, each beside what only looks like one.

use crate::{altered, missed};

/// Text before, the value, text after. Values are put together here so that none stands in the repository.
#[rustfmt::skip]
const FOUND: &[(&str, &[&str], &str)] = &[
    // Wallets: each chain's own check, or a word beside.
    ("to ", &["abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx"], " please"),
    ("to ", &["rHb9CJAWyB4rj91", "VRWn96DkukG4bwdtyTh"], " please"),
    ("my wallet: ", &["So111111111111111", "11111111111111111111111112"], ""),
    // Plates.
    ("<licensePlate>", &["京A·82940"], "</licensePlate>"),
    ("{\"plate_number\": \"", &["品川 300 あ 58-75"], "\"}"),
    ("id,license_plate\n7,", &["YY 263 AI"], "\n"),
    ("a: your registration?\nb: sure, it's ", &["LK84 XTP"], "\n"),
    // Numbers of authorities, in columns and under keys.
    ("paspoortnummer ", &["NRJPMBN55"], ""),
    ("id,teudat_zehut\n1,", &["583225834"], "\n"),
    ("{\"sin\": \"", &["744-748-229"], "\"}"),
    ("| Cep | ", &["(0212) 936 14 25"], " |"),
    // Dates of birth.
    ("name;dob\n-;", &["24 sierpnia 2012"], "\n"),
    ("| Name | Date of birth |\n|---|---|\n| - | ", &["Sep 19 1991"], " |\n"),
    ("Nací el ", &["1948-10-15"], "."),
    ("", &["2007-02-26"], " tarihinde doğdum."),
    ("the applicant, b. ", &["21.06.1952"], ", lives"),
    ("* ", &["10. September 1952"], " in Köln"),
    // Names.
    ("Scrivi una lettera a ", &["Xuva Zxqvist"], "."),
    ("", &["加藤さくら"], "様\nお世話になっております。"),
    ("昨日、", &["佐藤 大輔"], "さんと話しました。"),
    ("氏名：", &["綾小路小百合"], "\n"),
    ("请给", &["吴建国"], "写一封信。"),
    ("客户", &["欧阳若曦"], "还没有付款。"),
    ("昨天我和", &["Xuva Zxqvist"], "女士讨论了合同。"),
    ("", &["Xuva Zxqvist"], " Bey dün aradı."),
    ("<", &["Xuva Zxqvist"], "> hello, anyone here?"),
    ("[12:30] ", &["Xuva Zxqvist"], ": is it down?"),
    ("a: your full name?\nb: sure, it's ", &["Xuva Zxqvist"], "\n"),
    ("<input name=\"full_name\" value=\"", &["Xuva Zxqvist"], "\">"),
    ("thanks\n\n--\n", &["Xuva Zxqvist"], "\nTel: -"),
    ("", &["〒606-8343 京都府京都市左京区岡崎148"], "です"),
    // Passwords in sentences and tables.
    ("La password è ", &["anchor-willow-candle-tunnel"], "."),
    ("Le code wifi est ", &["XobGDUeoEThN"], ", bonne soirée"),
    ("mon mot de passe, c'est ", &["tzLY*!HJeP-B"], ""),
    ("A senha do wifi é ", &["Orbit-449"], ""),
    ("Parola ", &["anchor-willow-candle-tunnel"], " olarak ayarlandı."),
    ("мой пароль ", &["RUUw#v!Iqz"], " не работает"),
    ("creds are admin/", &["falcon42x!"], ""),
    ("login('admin', '", &["falcon42x"], "')"),
    ("パスワードは", &["falcon42x"], "です。"),
    ("<tr><th>User</th><th>Password</th></tr><tr><td>joe</td><td>", &["falcon42x"], "</td></tr>"),
    ("{\"auths\": {\"r.example\": {\"auth\": \"", &["Y2k6", "SGFtbWVyODUh"], "\"}}}"),
    // Addresses in words.
    ("mail ", &["jane arobase roe point fr"], ""),
    ("mail=", &["jane_dot_roe_at_mail_dot_com"], ""),
    ("mail ", &["janeアットマークroeドットme"], ""),
    ("mail ", &["jane(a)roe.example"], ""),
    // Sign by sign, pair by pair, escaped.
    ("card number ", &["4-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1"], ", please"),
    ("IBAN ", &["D/E/8/9/3/7/0/4/0/0/4/4/0/5/3/2/0/1/3/0/0/0"], ""),
    ("hex ", &["6a 61 6e 65 40 72 6f 65 2e 6f 72 67"], ""),
    ("", &["\\152\\141\\156\\145\\100\\162\\157\\145\\056\\157\\162\\147"], ""),
    ("config: postgres%3A%2F%2Fapp%3A", &["falcon42x"], "%40db%2Fshop"),
    // In two parts.
    ("mail: ", &["jane<b>@roe.example"], "</b>"),
    ("card: ", &["41111111**11111111"], "**"),
    ("card: ", &["4111 1111\n    1111 1111"], "\n"),
    ("mail: ", &["jane@\nroe.example"], "\n"),
    ("key = \"", &["AKIAQWERT\" + \"", "YUIOPASDFG2"], "\""),
];

#[test]
fn values_in_forms_and_disguises_are_found_whole() {
    let wrong = missed(FOUND);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[rustfmt::skip]
const KEPT: &[&str] = &[
    "to abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryq please",
    "plate_number: the plate number is printed below",
    "passport strategy OAUTH2, passport.js",
    "sin(0.5) and cos(0.5)",
    "* 2024-01-02 in Progress\n* 3 apples",
    "b. 2024-01-02 release",
    "the password is end-to-end encrypted",
    "password MinLengthValidator",
    "login(user, password)",
    "パスワードは8文字以上で入力してください。",
    "<tr><th>Password</th></tr><tr><td>********</td></tr>",
    "{\"password\": \"Mot de passe\", \"name\": \"Nome completo\"}",
    "{\"password\": \"密码\", \"name\": \"姓名\", \"phone\": \"手机号\"}",
    "auth.password=Hasło",
    "password: {type: string, format: password}",
    "server: 192.0.2.10, 198.51.100.7 and 2001:db8::1",
    "\"phone\": \"Telefone\"}\n2022-04-02T22:00:48.347Z WARN",
    "Louis Vuitton opened a shop; Jack Daniel's is made in Tennessee.",
    "The San Francisco Bay Area is foggy. The Green Bay Packers won.",
    "a point of order, look_at_the_dot_product",
    "f(a)b and (a) first, (b) second",
    "1-2-3-4-5-6, 1/2/3/4, a b c d e f g h",
    "ff d8 ff e0 00 10 4a 46 49 46 00 01",
    "x**2 + y**2, a<b>c, \\d{3}\\1",
    "ff02::1 ip6-allnodes",
    "ls -la\ngit@github.com:owner/repo.git",
    "total 4111\n1111 2222",
    "客户高度认可我们的服务。客户服务，通知方面",
    "多様な仕様と模様、皆様と同様です",
    "<Your Name> is required",
    "<Company Name> goes here",
    "see <Visual Studio> and [x] Fix Login: done",
    "full_name: value",
    "大阪市の人口は2020年に275万",
    "\"first\" + \"second\", 'a' . 'b'",
];

#[test]
fn what_resembles_them_stays() {
    let wrong = altered(KEPT);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
