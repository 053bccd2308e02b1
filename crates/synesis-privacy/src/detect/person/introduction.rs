//! Names that a sentence introduces: `my name is Jane`, `spoke with Jane Doe`, `Mrs. Doe`.

use super::name::Name;
use super::script::{begins_with_surname, chinese, is_east_asian, is_uncased};
use super::{NOT, past_titles};
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
        return;
    };
    let east = view.text[start..].chars().next().is_some_and(is_east_asian);
    // `我是学生`: what somebody is may be no name; what somebody is called is one.
    let is_doubtful = matches!(word.as_str(), "我是" | "私は" | "저는");
    if east && is_doubtful && !begins_with_surname(&view.text[start..]) {
        return;
    }
    // `客户吴建国还没有…`: any word may follow these, so the name needs a surname and an end.
    let is_open = matches!(
        word.as_str(),
        "请给" | "客户" | "顾客" | "病人" | "同事" | "通知"
    );
    if is_open {
        if let Some(length) = chinese(&view.text[start..]) {
            let end = start + length;
            view.add(start, end, Person, "name after an introduction", 78);
        }
        return;
    }
    let sure = strong && (!east || name.end - start <= 12)
        || name.first_known && (!loose || name.words >= 2)
        || name.first_known && word.ends_with('(') && view.at(name.end) == Some(b')')
        || name.words >= 2 && !loose;
    let company = view.text[name.end..].starts_with(" Inc")
        || view.text[name.end..].starts_with(" GmbH")
        || view.text[name.end..].starts_with(" Ltd");
    if sure && !company && (strong || !east) {
        view.add(start, name.end, Person, "name after an introduction", 80);
    }
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
                | "nazwisko"
                | "chamo-me"
                | "il signor"
                | "la signora"
                | "de heer"
                | "o senhor"
                | "a senhora"
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
            | "asked"
            | "user"
            | "ben"
            | "this is"
            | "refund"
            | "named"
            | "sono"
            | "soy"
            | "todo("
            | "fixme("
    )
}

/// Words behind a title that are the name of a thing or of nobody.
const NOBODY: &[&str] = &["Right", "Wrong", "Pepper", "Clean", "Big", "Müşterimiz"];

/// `Mrs. Doe`: the title stays.
pub(super) fn by_title(view: &mut View<'_>, hit: Hit) {
    let title = view.text[hit.start..hit.end].trim_end();
    let opens = |c: char| c.is_uppercase() || is_uncased(c);
    if !title.chars().next().is_some_and(opens) && !title.starts_with("г-") {
        return;
    }
    // `San Francisco Bay Area`: the title goes on with a name of several words.
    let part_of_name = matches!(title, "Bay" | "Don" | "Pan")
        && view.text[view.line_start(hit.start)..hit.start]
            .trim_end_matches(' ')
            .rsplit(' ')
            .next()
            .is_some_and(|word| {
                word.len() > 2
                    && word.starts_with(char::is_uppercase)
                    && word.chars().all(char::is_alphabetic)
                    && !matches!(word, "Sayın" | "Szanowny" | "Señor" | "Estimado")
            });
    if part_of_name {
        return;
    }
    // `MS Crypto API`
    let is_shouted = matches!(title, "MS" | "DR" | "MR" | "MRS");
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
    if let Some(name) = Name::read(view, start, 4)
        && (!short || name.words >= 1 && !NOT.contains(&view.text[start..name.end]))
        && name.end - start >= 3
        && !NOBODY.contains(&&view.text[start..name.end])
        && (!is_shouted || name.first_known)
    {
        view.add(start, name.end, Person, "name after a title", 84);
    }
}
