//! The words that give numbers and values their meaning, in the languages we know.
//!
//! Each list is one meaning; a word may be part of a key (`db_password`), a label (`Passwort:`) or a sentence.
//! Nothing here reads text.

use super::words::Role::{self, *};
use super::words::Topic as T;
use super::words::Topic::Id;
use crate::kind::EntityKind::*;

/// Words with what they announce. Letter case does not matter.
#[rustfmt::skip]
pub(super) static WORDS: &[(Role, &[&str])] = &[
    (PasswordKey, &[
            "password", "passwd", "passphrase", "passcode", "pass_phrase", "pass-phrase", "pwd", "passwort",
            "kennwort", "mot de passe", "motdepasse", "mdp", "contraseña", "contrasena", "clave de acceso",
            "parola d'ordine", "parola", "senha", "palavra-passe", "wachtwoord", "hasło", "haslo", "lösenord",
            "losenord", "adgangskode", "passord", "salasana", "heslo", "пароль", "пароля", "şifre", "sifre",
            "jelszó", "lozinka", "κωδικός πρόσβασης", "mật khẩu", "kata sandi", "รหัสผ่าน", "パスワード", "密码",
            "密碼", "口令", "비밀번호", "पासवर्ड", "كلمة المرور", "كلمة السر", "סיסמה", "passwordd", "pass", "pw",
            "requirepass", "masterauth", "ansible_become_pass", "ansible_become_password", "wpa key", "wpa2 key",
            "wpa3 key", "wifi key", "wi-fi key", "wlan key", "psk", "preshared key", "pre-shared key", "ldap_bind", "keystorepass", "storepass",
            "keypass",
    ]),
    (SecretKey, &[
            "secret", "secret_key", "secretkey", "secret key", "client_secret", "clientsecret",
            "client secret", "api_key", "apikey", "api-key", "api key", "access_key", "accesskey",
            "access key", "access-key", "access_token", "accesstoken", "access-token", "access token",
            "auth_token", "authtoken", "auth-token", "auth token", "refresh_token", "refreshtoken",
            "refresh token", "id_token", "session_token", "sessiontoken", "bearer_token", "bearer token",
            "api_token", "apitoken", "api-token", "api token", "token", "private_key", "privatekey",
            "private-key", "private key", "signing_key", "signingkey", "signing key", "encryption_key",
            "encryptionkey", "encryption key", "encrypt_key", "master_key", "masterkey", "master key",
            "master-key", "hmac_key", "hmac", "webhook_secret", "webhook secret", "app_key", "appkey",
            "app_secret", "appsecret", "consumer_key", "consumer_secret", "account_key", "accountkey",
            "shared_key", "sharedaccesskey", "shared_secret", "storage_key", "service_key", "service_role",
            "deploy_key", "deploy key", "license_key", "licence_key", "license key", "licence key",
            "activation key", "product key", "credential", "credentials", "secret_access_key", "aws_secret",
            "x-api-key", "x-auth-token", "x-vault-token", "private-token", "job-token", "api-schlüssel",
            "api schlüssel", "geheimer schlüssel", "schlüssel", "geheimnis", "zugangstoken", "clé api",
            "clé d'api", "clé secrète", "jeton", "clave api", "clave secreta", "clave privada", "secreto",
            "chiave api", "chiave segreta", "chave api", "chave de api", "chave secreta", "chave privada",
            "segredo", "geheime sleutel", "api-sleutel", "klucz api", "klucz tajny", "api-nyckel",
            "hemlig nyckel", "hemlighet", "api-nøgle", "api-nøkkel", "ключ api", "api-ключ", "секретный ключ",
            "секрет", "токен", "gizli anahtar", "api anahtarı", "シークレット", "トークン", "apiキー", "秘密鍵", "api密钥",
            "密钥", "密鑰", "令牌", "api 키", "비밀키", "토큰", "गुप्त कुंजी", "مفتاح api", "رمز الوصول",
            "datadog_api_key", "dd_api_key", "auth_key", "authkey", "authorization_key", "jwt_secret",
            "cookie_secret", "session_secret", "secret_key_base", "secret_token", "encryption_salt", "salt",
            "pepper", "_authtoken", "_auth", "_password", "nextauth_secret", "rails_master_key", "fernet_key",
            "pgpassword", "mysql_pwd", "sonar_token", "github_pat", "pat_token", "ssh_key", "vault_token",
            "unseal key", "recovery key", "backup code", "recovery code", "app password", "app-passwort",
            "security key", "security_key", "securitykey", "publishable_secret", "connection_secret",
            "subscription-key", "subscription_key", "subscriptionkey", "ocp-apim-subscription-key",
            "functions-key", "x-functions-key", "sig", "accesskeyid",
    ]),
    (PinKey, &[
            "pin code", "pin-code", "pincode", "pin number", "pin is", "pin:", "pin=", "pin_code", "\"pin\"",
            "geheimzahl", "one-time code", "one time code", "verification code", "security code is", "otp",
            "2fa code", "sms code", "tan:", "passcode is", "код подтверждения", "验证码", "確認コード", "인증번호",
            "code pin", "código pin", "codice pin", "pin kodu", "mfa code", "login code", "auth code",
            "code de vérification", "código de verificación", "bestätigungscode", "codice di verifica",
    ]),
    (MnemonicKey, &[
            "mnemonic", "seed phrase", "seed_phrase", "seedphrase", "recovery phrase", "secret phrase",
            "backup phrase", "wallet phrase", "wallet words", "wallet recovery", "secret recovery phrase", "bip39", "bip-39", "wallet seed",
            "seed words", "recovery words", "seed:", "wiederherstellungsphrase", "phrase de récupération",
            "frase semilla", "frase seed", "助记词", "シードフレーズ", "сид-фраза", "니모닉",
    ]),
    (Authorization, &["authorization", "bearer ", "basic "]),
    (CookieKey, &[
            "cookie:", "set-cookie:", "sessionid=", "phpsessid=", "jsessionid=", "connect.sid=", "session_id=",
            "sessid=", "asp.net_sessionid=", "laravel_session=", "session=", "sid=", "remember_token=",
            "csrftoken=", "xsrf-token=", "auth=", "__secure-", "__host-", "_session=",
    ]),
    (Scheme, &["://"]),
    (Pem, &["-----BEGIN ", "PuTTY-User-Key-File-"]),
    (Flag, &[
            " -u ", " --user ", " -p ", "--user=", "sshpass -p", "--password ", "--password=", "--pass ",
            "--token ", "--token=", "--api-key ", "--api-key=", "--secret ", "--secret=", " -a ", "--auth ",
            "-p'", " -P ", " -pw ", "/p:", "--from-literal=", "--access-key ", "--secret-key ",
    ]),
    (Command, &[
            "mysql ", "mysqldump ", "mysqladmin ", "mariadb ", "openssl ", "htpasswd ", "net use ", "--password-stdin",
            "identified by ", "convertto-securestring ", "jdbc:oracle:thin:", "auth=(", "auth = (", "httpbasicauth(",
            "creds: ", "creds ", "login with ", "log in with ", "logins: ", "user/pass: ", "username/password: ",
            "user/password: ", "connect as ", "login as ",
    ]),
    (Netrc, &["login ", "machine "]),
    (Kube, &["data:\n", "kind: secret"]),
    (Home, &[
            "/home/", "/users/", ":\\users\\", ":\\\\users\\\\", "/var/lib/mail/", "\\home\\", "\\\\home\\\\", "/documents and settings/",
            "\\documents and settings\\", "/export/home/", "/usr/home/", ":/users/", "~", "file:///home/",
    ]),
    (HostEnd, &[
            ".local", ".internal", ".corp", ".lan", ".intranet", ".intra", ".home.arpa", ".localdomain",
            ".private", ".consul", ".svc.cluster", ".priv", ".ad.",
    ]),
    (Topic(T::Phone), &[
            "phone", "telephone", "mobile", "cell", "cellphone", "tel.", "tel:", "tel ", "tel=", "call me",
            "call us", "call him", "call her", "reach me", "reach us", "text me", "fax", "whatsapp", "sms to",
            "dial", "hotline", "contact number", "ring me", "phone_number", "phonenumber", "msisdn", "telefon",
            "telefonnummer", "handy", "mobil", "rufnummer", "rückruf", "anrufen", "erreichbar unter",
            "festnetz", "téléphone", "portable", "appelez", "appeler", "joindre au", "numéro", "teléfono",
            "telefono", "móvil", "movil", "celular", "llámame", "llamar", "cellulare", "chiamami", "chiamare",
            "recapito", "telefone", "telemóvel", "celular", "ligue", "telefoon", "mobiel", "gsm", "bel mij",
            "bel me", "telefonu", "komórka", "komórkowy", "zadzwoń", "kontaktowy", "mobilnummer", "ring mig",
            "telefonnr", "puhelin", "puhelinnumero", "mobilní", "volejte", "телефон", "тел.", "моб.",
            "звоните", "позвоните", "номер телефона", "cep telefonu", "cep:", "ara:", "電話", "携帯", "电话", "手机",
            "手機", "電話番号", "联系方式", "联系电话", "전화", "휴대폰", "연락처", "핸드폰", "फ़ोन", "मोबाइल", "फोन", "هاتف", "جوال",
            "טלפון", "τηλέφωνο", "điện thoại", "telepon", "โทร", "mobiltelefon", "mob.", "mob:", "ph:", "ph.",
            "cell:", "home:", "work:", "office:", "direct:", "direct line", "desk:", "extension", "voicemail",
            "viber", "telegram:", "signal:", "kontaktnummer", "numer telefonu", "numero di telefono",
            "número de teléfono", "numéro de téléphone",
    ]),
    (Topic(T::Birth), &[
            "born", "birth", "birthday", "birthdate", "dob", "d.o.b", "date_of_birth", "dateofbirth",
            "birth_date", "geburtsdatum", "geburtstag", "geboren", "geb.", "geb:", "né le", "née le",
            "né(e) le", "naissance", "date de naissance", "ddn", "nacimiento", "nacido", "nacida", "nació",
            "nascita", "nato il", "nata il", "nato a", "nata a", "nascimento", "nascido", "nascida", "nasceu",
            "geboortedatum", "geboorte", "geb.datum", "data urodzenia", "urodzony", "urodzona", "ur.",
            "urodzin", "födelsedatum", "född", "fødselsdato", "født", "fødselsdag", "syntymäaika", "syntynyt",
            "datum narození", "narozen", "narodený", "дата рождения", "родился", "родилась", "д.р.", "г.р.",
            "дата народження", "народився", "doğum", "doğum tarihi", "doğdu", "生年月日", "誕生日", "生まれ", "出生日期",
            "生日", "出生", "생년월일", "생일", "출생", "태어", "जन्म", "जन्मतिथि", "تاريخ الميلاد", "ولد", "מיועד",
            "תאריך לידה", "γεννήθηκε", "ημερομηνία γέννησης", "születési", "született", "născut",
            "data nașterii", "rođen", "ngày sinh", "tanggal lahir", "lahir", "วันเกิด", "y/o", "anniversaire",
            "cumpleaños", "compleanno", "aniversário", "verjaardag", "urodziny", "födelsedag",
    ]),
    (Topic(T::Account), &[
            "account number", "account no", "account_number", "accountnumber", "acct", "bank account",
            "bank_account", "kontonummer", "konto-nr", "kontonr", "konto nr", "kto", "numéro de compte",
            "n° de compte", "compte bancaire", "número de cuenta", "cuenta bancaria", "numero di conto",
            "conto corrente", "número da conta", "conta corrente", "conta bancária", "rekeningnummer",
            "numer konta", "numer rachunku", "konto bankowe", "bankkonto", "tilinumero", "číslo účtu",
            "номер счета", "расчетный счет", "р/с", "hesap no", "hesap numarası", "口座番号", "银行账号", "银行账户", "账号",
            "계좌번호", "계좌", "खाता संख्या", "رقم الحساب", "a/c no", "account #", "acc no", "clabe", "bankgiro",
            "plusgiro",
    ]),
    (Topic(T::Routing), &[
            "routing", "aba", "sort code", "sort-code", "sortcode", "sort_code", "bsb", "ifsc",
            "transit number", "blz", "bankleitzahl", "bank code", "bik", "бик", "routing_number",
            "code banque", "agência", "institution number", "支店番号",
    ]),
    (Topic(T::Bic), &["bic", "swift", "swift_code", "swiftcode"]),
    (Topic(T::Card), &[
            "card number", "card no", "card_number", "cardnumber", "credit card", "creditcard", "debit card",
            "visa", "mastercard", "amex", "kreditkarte", "kartennummer", "carte bancaire", "carte de crédit",
            "numéro de carte", "tarjeta", "carta di credito", "numero carta", "cartão", "creditcardnummer",
            "karty", "kortnummer", "номер карты", "карта", "kart no", "カード番号", "卡号", "信用卡", "카드번호", "pan:",
            "pan=", "card:", "card ending", "कार्ड",
    ]),
    (Topic(T::CardCode), &[
            "cvv", "cvc", "cvv2", "cvc2", "cid:", "card security code", "security code", "prüfziffer",
            "kartenprüfnummer", "cryptogramme", "código de seguridad", "codice di sicurezza",
            "código de segurança", "セキュリティコード", "安全码",
    ]),
    (Topic(T::Passport), &[
            "passport", "passport_number", "reisepass", "reisepassnummer", "passeport", "pasaporte",
            "passaporto", "passaporte", "paspoort", "paszport", "paszportu", "passnummer", "passi",
            "cestovní pas", "паспорт", "pasaport", "パスポート", "旅券", "护照", "護照", "여권", "पासपोर्ट", "جواز سفر",
            "דרכון", "διαβατήριο", "personalausweis", "ausweisnummer", "ausweis", "carte d'identité",
            "identity card", "carta d'identità", "documento de identidad", "identiteitskaart",
            "dowód osobisty", "dowodu osobistego", "seria i numer", "id card number", "id-kort",
            "občanský průkaz", "удостоверение личности",
    ]),
    (Topic(T::Licence), &[
            "driver's license", "drivers license", "driver license", "driving licence", "driving license",
            "driver's licence", "drivers licence", "license number", "licence number", "drivers_license",
            "driver_license", "driver_licence", "dl number", "dl#", "dl no", "führerschein",
            "führerscheinnummer", "permis de conduire", "licencia de conducir", "permiso de conducir",
            "patente di guida", "patente n", "carteira de motorista", "carta de condução", "cnh", "rijbewijs",
            "prawo jazdy", "körkort", "kørekort", "førerkort", "ajokortti", "řidičský průkaz",
            "водительское удостоверение", "ehliyet", "運転免許", "驾驶证", "驾照", "운전면허", "ड्राइविंग लाइसेंस",
            "رخصة القيادة",
    ]),
    (Topic(T::Medical), &[
            "medical record", "mrn", "patient id", "patient number", "patient no", "patient_id",
            "health insurance", "insurance number", "insurance id", "member id", "policy number", "policy no",
            "versichertennummer", "krankenversicherung", "krankenkasse", "versicherungsnummer", "carte vitale",
            "tarjeta sanitaria", "tessera sanitaria", "cartão sus", "zorgpolis", "medicare", "medicaid", "npi",
            "dea number", "patient #", "chart number", "health card", "nhs",
    ]),
    (Topic(T::Plate), &[
            "license plate", "licence plate", "number plate", "plate number", "plate no", "registration plate",
            "plate:", "kennzeichen", "plaque d'immatriculation", "immatriculation", "matrícula", "matricula",
            "targa", "placa", "kenteken", "numer rejestracyjny", "tablica rejestracyjna",
            "registreringsnummer", "nummerplade", "rekisterinumero", "spz", "госномер", "plaka", "ナンバープレート",
            "车牌", "차량번호", "vehicle registration",
    ]),
    (Topic(T::Vin), &[
            "vin", "vehicle identification", "chassis number", "fahrgestellnummer", "fin:",
            "numéro de châssis", "bastidor", "telaio", "chassi", "車台番号", "车架号",
    ]),
    (Topic(T::Device), &[
            "imei", "meid", "iccid", "serial number", "serial no", "s/n", "device id", "device serial", "udid",
            "imsi", "seriennummer", "numéro de série", "número de serie", "numero di serie",
    ]),
    (Topic(T::Place), &[
            "latitude", "longitude", "lat", "lng", "lon", "coordinates", "gps", "geo:", "location:",
            "koordinaten", "coordonnées", "coordenadas", "coordinate", "coords", "координаты", "坐标", "緯度",
            "经度",
    ]),
    (Topic(T::Ignore), &[
            "order", "invoice", "bestellung", "rechnung", "commande", "facture", "pedido", "factura", "ordine",
            "fattura", "isbn", "issn", "ean", "upc", "sku", "tracking", "ticket", "revision", "commit",
            "timestamp", "epoch", "port", "size", "bytes", "offset", "count", "total", "amount", "price",
            "sequence", "request_id", "trace", "span_id", "checksum", "crc", "serial:", "item", "article",
            "doi", "pmid", "rfc", "issue", "bug", "pid", "uid", "gid", "elapsed", "duration", "line ",
    ]),
    (Topic(T::Version), &[
            "upgrade to", "upgraded to", "update to", "updated to", "downgrade to", "downgraded to", "bump",
            "bumped to", "requires", "compatible with", "version", "release", "firmware", "v.", "ver.",
            "build", "file version", "oid", "assembly", "driver",
    ]),
    (Topic(Id(UsSsn)), &[
            "ssn", "social security", "social_security", "socialsecurity", "soc sec", "ss#",
            "social insurance",
    ]),
    (Topic(Id(UsItin)), &["itin", "taxpayer identification"]),
    (Topic(Id(UsEin)), &[
            "ein", "employer identification", "fein", "tax id", "tax_id", "taxid",
    ]),
    (
        Topic(Id(GbNino)),
        &["nino", "ni number", "national insurance", "nat ins"],
    ),
    (
        Topic(Id(GbNhs)),
        &["nhs number", "nhs no", "nhs_number", "nhs #"],
    ),
    (Topic(Id(DeSteuerId)), &[
            "steuer-id", "steuerid", "steuer id", "steueridentifikationsnummer",
            "steuer-identifikationsnummer", "identifikationsnummer", "idnr", "steuernummer", "steuerliche",
    ]),
    (Topic(Id(DeSvnr)), &[
            "sozialversicherungsnummer", "rentenversicherungsnummer", "sv-nummer", "svnr",
            "sozialversicherung",
    ]),
    (Topic(Id(FrNir)), &[
            "nir", "sécurité sociale", "securite sociale", "numéro de sécu", "insee", "n° sécu",
            "numéro fiscal", "spi", "siret", "siren",
    ]),
    (
        Topic(Id(EsDni)),
        &["dni", "nie", "nif", "documento nacional"],
    ),
    (Topic(Id(ItCodiceFiscale)), &[
            "codice fiscale", "codice_fiscale", "cod. fisc", "c.f.", "partita iva", "p.iva", "p. iva",
    ]),
    (
        Topic(Id(PtNif)),
        &["contribuinte", "número de identificação fiscal"],
    ),
    (
        Topic(Id(NlBsn)),
        &["bsn", "burgerservicenummer", "sofinummer", "sofi-nummer"],
    ),
    (Topic(Id(BeNational)), &[
            "rijksregisternummer", "rijksregister", "numéro national", "registre national",
            "numéro de registre", "nationaal nummer", "insz", "niss",
    ]),
    (Topic(Id(PlPesel)), &["pesel"]),
    (Topic(Id(PlNip)), &["nip", "regon"]),
    (Topic(Id(SePersonnummer)), &[
            "personnummer", "pnr", "samordningsnummer", "personnr", "fødselsnummer", "fodselsnummer",
            "födelsenummer", "fnr",
    ]),
    (
        Topic(Id(DkCpr)),
        &["cpr", "cpr-nummer", "cpr-nr", "personnumre"],
    ),
    (Topic(Id(FiHetu)), &[
            "hetu", "henkilötunnus", "henkilotunnus", "sosiaaliturvatunnus",
    ]),
    (Topic(Id(CzRodne)), &[
            "rodné číslo", "rodne cislo", "rodného čísla", "r.č.", "rč", "rodné čislo",
    ]),
    (Topic(Id(RoCnp)), &["cnp", "cod numeric personal"]),
    (Topic(Id(BgEgn)), &["egn", "егн"]),
    (Topic(Id(HrOib)), &["oib"]),
    (Topic(Id(BalticId)), &[
            "isikukood", "asmens kodas", "personas kods", "personal code",
    ]),
    (
        Topic(Id(IePps)),
        &["pps", "ppsn", "personal public service"],
    ),
    (Topic(Id(ChAhv)), &[
            "ahv", "avs", "ahv-nummer", "numéro avs", "sozialversicherungsnr",
    ]),
    (Topic(Id(GrAmka)), &["amka", "αμκα", "αφμ", "afm"]),
    (Topic(Id(HuTaj)), &["taj", "taj-szám", "adóazonosító"]),
    (Topic(Id(SiEmso)), &["emšo", "emso", "jmbg", "matični broj"]),
    (Topic(Id(TrTckn)), &[
            "tckn", "tc kimlik", "t.c. kimlik", "kimlik no", "kimlik numarası", "tc no", "vergi no",
    ]),
    (
        Topic(Id(IlId)),
        &["teudat zehut", "תעודת זהות", "ת.ז", "ת\"ז", "israeli id"],
    ),
    (Topic(Id(RuInn)), &["инн", "inn"]),
    (Topic(Id(RuSnils)), &["снилс", "snils"]),
    (
        Topic(Id(UaRnokpp)),
        &["рнокпп", "іпн", "rnokpp", "ідентифікаційний код"],
    ),
    (Topic(Id(KzIin)), &["иин", "iin", "жсн"]),
    (
        Topic(Id(InAadhaar)),
        &["aadhaar", "aadhar", "uidai", "आधार"],
    ),
    (Topic(Id(InPan)), &[
            "pan card", "pan number", "permanent account number", "pan no",
    ]),
    (Topic(Id(CnId)), &[
            "身份证", "身份證", "身份证号", "公民身份号码", "shenfenzheng", "resident id",
    ]),
    (Topic(Id(TwId)), &["統一編號", "國民身分證", "身分證字號"]),
    (Topic(Id(HkId)), &["hkid", "香港身份證"]),
    (
        Topic(Id(KrRrn)),
        &["주민등록번호", "주민번호", "rrn", "resident registration"],
    ),
    (
        Topic(Id(JpMyNumber)),
        &["マイナンバー", "個人番号", "my number", "mynumber"],
    ),
    (Topic(Id(SgNric)), &["nric", "fin number", "fin no"]),
    (Topic(Id(ThId)), &[
            "เลขประจำตัวประชาชน", "บัตรประชาชน", "thai id", "thai national",
    ]),
    (
        Topic(Id(MyKad)),
        &["mykad", "no. kp", "kad pengenalan", "ic number", "ic no"],
    ),
    (Topic(Id(IdNik)), &["nik", "ktp", "npwp", "nomor induk"]),
    (
        Topic(Id(AuTfn)),
        &["tfn", "tax file number", "abn", "australian business"],
    ),
    (
        Topic(Id(AuMedicare)),
        &["medicare number", "medicare card", "medicare no"],
    ),
    (Topic(Id(NzIrd)), &["ird number", "ird no", "ird:"]),
    (Topic(Id(CaSin)), &[
            "sin number", "sin:", "social insurance number", "numéro d'assurance sociale", "nas:", "sin ",
    ]),
    (
        Topic(Id(BrCpf)),
        &["cpf", "cadastro de pessoa", "rg:", "registro geral"],
    ),
    (Topic(Id(BrCnpj)), &["cnpj"]),
    (Topic(Id(MxCurp)), &["curp"]),
    (Topic(Id(MxRfc)), &["rfc:", "registro federal"]),
    (Topic(Id(ArCuil)), &["cuil", "cuit"]),
    (Topic(Id(ClRut)), &["rut", "r.u.t", "rol único"]),
    (
        Topic(Id(CoNit)),
        &["nit:", "nit ", "cédula", "cedula", "cédula de ciudadanía"],
    ),
    (
        Topic(Id(ZaId)),
        &["sa id", "rsa id", "south african id", "said number"],
    ),
    (Topic(Id(VatId)), &[
            "vat", "vat number", "vat id", "ust-id", "ustid", "ust-idnr", "umsatzsteuer", "tva", "iva", "btw",
            "vat no", "btw-nummer", "moms", "numéro de tva",
    ]),
    (Topic(Id(NationalId)), &[
            "national id", "national_id", "nationalid", "identity number", "id number", "id_number",
            "idnumber", "identification number", "personal number", "personal id", "citizen id",
            "government id", "id no", "id-nummer", "ausweis-nr", "numéro d'identité",
            "número de identificación", "número de identidad", "numero de documento", "número de documento",
            "documento n", "identificatienummer", "numer identyfikacyjny", "идентификационный", "kimlik",
            "identifikační", "ssid:", "tax number", "taxpayer", "tin:", "tin number", "sozialversicherungs",
            "신분증", "id#", "id card", "nin:", "nin number", "identiteitsnummer", "รหัสประจำตัว",
    ]),
];
