//! Names that a sentence introduces: `my name is Jane`, `spoke with Jane Doe`, `Mrs. Doe`.

use super::given::thing_follows;
use super::name::{Name, PARTICLES, WORDS_MAX};
use super::script::{begins_with_surname, is_east_asian, is_uncased};
use super::{NOT, is_surname, name, past_titles};
use crate::detect::View;
use crate::detect::words::Hit;
use crate::kind::EntityKind::Person;

/// `my name is Jane`, `spoke with Jane Doe`.
pub(super) fn in_sentence(view: &mut View<'_>, hit: Hit) {
    let word = view.text[hit.start..hit.end].trim_end().to_lowercase();
    let strong = is_strong(&word);
    let loose = is_loose(&word);
    let start = past_titles(view, hit.end, &["Mr. ", "Mrs. ", "Ms. ", "Dr. "]);
    let Some(name) = Name::read(view, start, if strong { 4 } else { 3 }) else {
        let small = name::lower(view, start)
            .or_else(|| name::clause(view, start).filter(|_| is_own(&word)))
            .filter(|&end| {
                let last = view.text[start..end].split(' ').next_back().unwrap_or("");
                is_own(&word)
                    || strong && view.text[start..end] != *last
                    || end - start > last.len() && is_surname(&name::titled(last))
            });
        if let Some(end) = small {
            view.add(start, end, Person, "name after an introduction", 76);
        }
        return;
    };
    let east = view.text[start..].chars().next().is_some_and(is_east_asian);
    let rest = &view.text[name.end..];
    let followed = [" from ", " about ", " to ", ","]
        .iter()
        .any(|next| rest.starts_with(next));
    let told = loose && followed && is_plain_name(&view.text[start..name.end]);
    let sure = is_kin(&word)
        || told
        || strong && (!east || name.end - start <= 15)
        || name.first_known && (!loose || name.words >= 2)
        || name.words >= 2 && (!loose || name.last_known);
    if east && !begins_with_surname(&view.text[start..]) {
        return;
    }
    if thing_follows(&view.text[name.end..]) && !name.first_known && !name.last_known {
        return;
    }
    let company = view.text[name.end..].starts_with(" Inc")
        || view.text[name.end..].starts_with(" GmbH")
        || view.text[name.end..].starts_with(" Ltd");
    if sure && !company && (strong || !east) {
        view.add(start, name.end, Person, "name after an introduction", 80);
    }
}

/// Whether the words name a relative or somebody as near, whose name follows.
fn is_kin(word: &str) -> bool {
    #[rustfmt::skip]
    const KIN: &[&str] = &[
        "wife", "husband", "son", "daughter", "brother", "sister", "mother", "father", "uncle", "aunt", "cousin", "nephew", "niece",
        "girlfriend", "boyfriend", "grandmother", "grandfather", "boss", "frau", "mann", "sohn", "tochter", "bruder", "schwester", "vater",
        "mutter", "femme", "mari", "fils", "fille", "frère", "sœur", "esposa", "marido", "hijo", "hija", "hermano", "hermana", "moglie",
        "marito", "figlio", "figlia", "fratello", "sorella", "filho", "filha", "irmão", "vrouw", "man", "zoon", "dochter", "fru", "dotter",
    ];
    let mut words = word.split(' ');
    let own = words.next().is_some_and(|first| {
        matches!(
            first,
            "my" | "mein"
                | "meine"
                | "mon"
                | "ma"
                | "mi"
                | "mia"
                | "mio"
                | "minha"
                | "meu"
                | "mijn"
                | "min"
        )
    });
    own && words.next().is_some_and(|kin| KIN.contains(&kin))
}

/// Two words with one capital each: `Jane Whoever`.
fn is_plain_name(name: &str) -> bool {
    let plain = |word: &str| {
        word.chars().count() >= 4
            && word.chars().skip(1).all(char::is_lowercase)
            && !NOT.contains(word)
    };
    name.split(' ').count() == 2 && name.split(' ').all(plain)
}

/// Whether somebody says their own name, so that also an uncommon one in small letters is one.
fn is_own(word: &str) -> bool {
    is_strong(word) && !matches!(word, "name is" | "name's" | "call me") && word.is_ascii()
}

/// Whether nothing but a name follows the words.
fn is_strong(word: &str) -> bool {
    word.ends_with("name is")
        || word.ends_with("name's")
        || word == "call me"
        || !word.is_ascii() && !matches!(word, "это" | "je suis")
        || matches!(
            word,
            "ich heisse"
                | "mein name ist"
                | "je m'appelle"
                | "mon nom est"
                | "me llamo"
                | "mi nombre es"
                | "mi chiamo"
                | "me chamo"
                | "chamo-me"
                | "myself"
                | "mijn naam is"
                | "ik heet"
                | "jag heter"
                | "jeg hedder"
                | "jeg heter"
                | "mit navn er"
                | "nimeni on"
                | "jmenuji se"
                | "jmenuju se"
                | "nama saya"
        )
}

/// Whether other things than a name follow the words as often.
fn is_loose(word: &str) -> bool {
    matches!(
        word,
        "by" | "with"
            | "and"
            | "for"
            | "to"
            | "from"
            | "it's"
            | "called"
            | "told"
            | "tell"
            | "ask"
            | "asked"
            | "doctor,"
            | "user"
            | "ben"
            | "this is"
            | "refund"
            | "named"
            | "sono"
            | "soy"
    )
}

/// Titles that are written small in a sentence.
#[rustfmt::skip]
const SMALL_TITLES: &[&str] = &[
    "mr.", "mrs.", "ms.", "dr.", "prof.", "señor", "señora", "signor", "signora", "sig.", "sig.ra", "dott.", "dott.ssa", "ing.", "avv.",
    "senhor", "senhora", "sr.", "sra.", "srta.", "dhr.", "dhr", "mevr.", "mevrouw", "meneer", "heer", "monsieur", "madame", "mme", "mlle",
    "pan", "pani", "pana", "fru", "г-н", "г-жа", "господин", "госпожа", "доктор", "sayın", "shri", "smt.", "don", "doña",
];

/// `van der` at the start of a surname.
pub(super) fn past_particles(view: &View<'_>, start: usize) -> usize {
    let mut at = start;
    for _ in 0..2 {
        let Some((word, _)) = view.text[at..].split_once(' ') else {
            break;
        };
        if !PARTICLES.contains(&word)
            || matches!(word, "der" | "das" | "la" | "le" | "el" | "y" | "e" | "do")
        {
            break;
        }
        at += word.len() + 1;
    }
    at
}

/// `Mrs. Doe`: the title stays.
pub(super) fn by_title(view: &mut View<'_>, hit: Hit) {
    let title = view.text[hit.start..hit.end].trim_end();
    let capital = title
        .chars()
        .next()
        .is_some_and(|c| c.is_uppercase() || is_uncased(c));
    if !capital && !SMALL_TITLES.contains(&title) {
        return;
    }
    let short = matches!(
        title,
        "M." | "Don"
            | "Pan"
            | "Sir"
            | "Bay"
            | "Ing."
            | "Lady"
            | "Fr."
            | "Judge"
            | "Officer"
            | "Doctor"
            | "Professor"
            | "Ms"
            | "Dr"
            | "Ben"
    );
    let start = past_titles(
        view,
        hit.end,
        &["Dr. ", "Prof. ", "Prof. Dr. ", "Dipl.-Ing. "],
    );
    let start_of_name = past_particles(view, start);
    // A letter in capitals: `DEAR MR ROE,`.
    let shouted = title.len() > 1 && title.chars().all(|c| !c.is_lowercase());
    if let Some(name) = Name::read(view, start_of_name, if shouted { WORDS_MAX } else { 4 })
        && (name.first_known || !thing_follows(&view.text[name.end..]))
        && (!short || name.words >= 1 && !NOT.contains(&view.text[start..name.end]))
        && name.end - start >= 3
    {
        view.add(start, name.end, Person, "name after a title", 84);
    }
}
