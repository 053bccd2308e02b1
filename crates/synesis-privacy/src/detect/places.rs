//! Words of postal addresses.

use super::words::Role::{self, *};

/// Words with what they announce. Letter case does not matter.
#[rustfmt::skip]
pub(super) static WORDS: &[(Role, &[&str])] = &[
    (AddressKey, &[
        "address", "street_address", "street address", "address_line1", "address_line_1", "address1", "address line 1", "addr", "street",
        "street1", "home address", "billing address", "shipping address", "mailing address", "billing_address", "shipping_address", "ship to", "ship-to", "deliver to", "bill to", "sold to", "lieferanschrift", "rechnungsanschrift", "adresse de livraison", "adresse de facturation", "dirección de envío", "indirizzo di spedizione", "teslimat adresi",
        "postal address", "residence", "delivery address", "place of residence", "adresse", "anschrift", "wohnort", "wohnhaft", "straße",
        "strasse", "lieferadresse", "rechnungsadresse", "adresse postale", "domicile", "dirección", "direccion", "domicilio", "indirizzo",
        "residenza", "endereço", "endereco", "morada", "logradouro", "adres", "woonadres", "adres zamieszkania", "ulica", "adress",
        "gatuadress", "gateadresse", "osoite", "katuosoite", "adresa", "bydliště", "адрес", "адреса", "проживает", "adresi", "住所", "地址",
        "住址", "ご住所", "주소", "पता", "العنوان", "כתובת", "διεύθυνση", "địa chỉ", "alamat", "ที่อยู่",
    ]),
    (AddressBefore, &[
        "i live at ", "lives at ", "living at ", "live at ", "located at ", "residing at ", "resides at ", "resident of ", "deliver to ",
        "ship to ", "ship it to ", "send it to ", "moved to ", "delivered to ", "pick up at ", "ich wohne in der ", "ich wohne ",
        "wohnt in der ", "wohnhaft in ", "j'habite au ", "j'habite ", "habite au ", "demeurant ", "vivo en ", "vive en ", "abito in ",
        "abita in ", "residente in ", "moro na ", "moro em ", "mora na ", "reside na ", "ik woon op ", "woont op ", "mieszkam przy ",
        "zamieszkały ", "jag bor på ", "bor på ", "jeg bor på ", "проживаю по адресу ", "живу по адресу ", "住在", "居住在",
    ]),
    (StreetAfter, &[
        " street", " st.", " st,", " road", " rd.", " rd,", " rd ", " avenue", " ave.", " ave,", " ave ", " lane", " ln.", " ln,",
        " drive", " dr.,", " dr,", " boulevard", " blvd", " court", " ct,", " ct.", " place", " pl,", " square", " terrace", " crescent",
        " close", " way", " parkway", " pkwy", " highway", " hwy", " circle", " trail", " mews", " gardens", " grove", " row", " walk",
        " st\n", " st w", " st e", " st n", " st s", " ave w", " ave e", "straße ", "strasse ", "str. ", "weg ", "gasse ", "platz ", "allee ", "ring ", "ufer ", "damm ", "chaussee ", "steig ",
        "stieg ", "markt ", "straat ", "laan ", "plein ", "gracht ", "kade ", "dijk ", "singel ", "gatan ", "vägen ", "gata ", "gade ",
        "vej ", "vei ", "veien ", "allé ", "katu ", "tie ", "torget ", "utca ", " caddesi", " sokak", " sokağı", " cad.", " sok.",
        " bulvarı", " mah.", " marg", " nagar", "丁目", "区", "區", "市", "町", "村", "番地", "号室", "路", "街", "大道", "로 ", "길 ", "대로 ", "-ro ",
        "-gil ", "kuja ", "katu", "polku ",
    ]),
    (StreetBefore, &[
        "rue ", "avenue ", "boulevard ", "bd ", "impasse ", "allée ", "place ", "chemin ", "quai ", "route de ", "cours ", "calle ",
        "c/ ", "avenida ", "avda. ", "av. ", "paseo ", "plaza ", "carrer ", "camino ", "ronda ", "travesía ", "via ", "viale ", "piazza ",
        "corso ", "largo ", "vicolo ", "strada ", "rua ", "r. ", "travessa ", "praça ", "alameda ", "estrada ", "rodovia ", "ulica ",
        "ul. ", "al. ", "aleja ", "pl. ", "os. ", "ulice ", "nám. ", "náměstí ", "třída ", "улица ", "ул. ", "проспект ", "пр. ", "пр-т ",
        "переулок ", "пер. ", "площадь ", "бульвар ", "вул. ", "вулиця ", "strada ", "str. ", "bulevardul ", "jalan ", "jl. ", "đường ",
        "ถนน", "οδός ", "улица ", "am ", "an der ", "auf der ", "im ", "zum ", "unter den ", "p.o. box ", "po box ", "postfach ",
        "apartado ", "caixa postal ", "bp ", "skr. poczt. ", "apt ", "apt. ", "suite ", "unit ", "flat ",
    ]),
];
