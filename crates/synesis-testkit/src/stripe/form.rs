//! Parameters as Stripe takes them: bracketed names, text values, each held to its table.

use super::problem::Answer;

/// What a parameter's value must look like.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// So many characters at most.
    Text(usize),
    Email,
    /// An integer from here to there.
    Int(u64, u64),
    /// Text that is a whole number: meters take nothing else from us.
    Whole,
    Url,
    OneOf(&'static [&'static str]),
    /// A note: bounded name and value.
    Note,
}

/// A parameter that a call knows. In its name `#` stands for a list's index and `*` for any name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Param {
    name: &'static str,
    kind: Kind,
    required: bool,
}

pub(super) const fn needed(name: &'static str, kind: Kind) -> Param {
    Param {
        name,
        kind,
        required: true,
    }
}

pub(super) const fn optional(name: &'static str, kind: Kind) -> Param {
    Param {
        name,
        kind,
        required: false,
    }
}

const NOTES_MAX: usize = 50;

/// The parameters of a request.
#[derive(Debug, Clone, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    pub(super) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The number of a parameter that was checked to be one.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    /// What stands under `name[…]`.
    pub(super) fn under(&self, name: &str) -> serde_json::Map<String, serde_json::Value> {
        let inner = |key: &str| {
            let rest = key.strip_prefix(name)?.strip_prefix('[')?;
            rest.strip_suffix(']').map(str::to_owned)
        };
        self.0
            .iter()
            .filter_map(|(key, value)| Some((inner(key)?, value.as_str().into())))
            .collect()
    }

    /// Holds every parameter to the table.
    pub(super) fn check(&self, table: &[Param]) -> Result<(), Answer> {
        for (at, (name, value)) in self.0.iter().enumerate() {
            if self.0.iter().take(at).any(|(before, _)| before == name) {
                return Err(Answer::invalid("parameter_invalid", name, "given twice"));
            }
            let Some(param) = table.iter().find(|param| matches(param.name, name)) else {
                // Text where Stripe takes names in brackets, such as JSON in a form's field.
                let object = table
                    .iter()
                    .any(|param| param.name.starts_with(&format!("{name}[")));
                return Err(if object {
                    Answer::invalid("parameter_invalid_object", name, "Invalid object")
                } else {
                    Answer::unknown_parameter(name)
                });
            };
            param.kind.check(name, value)?;
        }
        for prefix in ["metadata", "payment_intent_data[metadata]"] {
            if self.under(prefix).len() > NOTES_MAX {
                return Err(Answer::invalid(
                    "parameter_invalid",
                    prefix,
                    "You can have at most 50 metadata keys",
                ));
            }
        }
        let missing = table
            .iter()
            .filter(|param| param.required)
            .map(|param| param.name.replace('#', "0"))
            .find(|name| self.get(name).is_none());
        missing.map_or(Ok(()), |name| Err(Answer::missing_parameter(&name)))
    }
}

/// Whether a name is one that the table's name stands for.
fn matches(known: &str, name: &str) -> bool {
    let (known, name): (Vec<_>, Vec<_>) = (known.split('[').collect(), name.split('[').collect());
    known.len() == name.len()
        && known.iter().zip(&name).all(|(known, name)| match *known {
            "#]" => name.strip_suffix(']').is_some_and(|index| {
                !index.is_empty() && index.bytes().all(|c| c.is_ascii_digit())
            }),
            "*]" => name.len() > 1 && name.ends_with(']'),
            known => known == *name,
        })
}

impl Kind {
    fn check(self, name: &str, value: &str) -> Result<(), Answer> {
        if value.is_empty() {
            return Err(Answer::invalid(
                "parameter_invalid_empty",
                name,
                format!("You passed an empty string for '{name}'."),
            ));
        }
        let fits = match self {
            Self::Text(max) => value.chars().count() <= max,
            Self::Email => value
                .split_once('@')
                .is_some_and(|(a, b)| !a.is_empty() && b.contains('.')),
            Self::Int(min, max) => {
                digits(value)
                    && value
                        .parse()
                        .is_ok_and(|number: u64| (min..=max).contains(&number))
            }
            Self::Whole => digits(value) && value.parse::<u64>().is_ok(),
            Self::Url => ["https://", "http://"]
                .iter()
                .any(|scheme| value.starts_with(scheme)),
            Self::OneOf(known) => known.contains(&value),
            Self::Note => {
                let key = name
                    .rsplit('[')
                    .next()
                    .unwrap_or_default()
                    .trim_end_matches(']');
                key.chars().count() <= 40 && value.chars().count() <= 500
            }
        };
        if fits {
            return Ok(());
        }
        let (code, message) = match self {
            Self::Int(..) | Self::Whole => (
                "parameter_invalid_integer",
                format!("Invalid integer: {value}"),
            ),
            Self::Email => ("email_invalid", format!("Invalid email address: {value}")),
            Self::Url => ("url_invalid", "Not a valid URL".to_owned()),
            Self::Text(_) | Self::Note => (
                "parameter_invalid_string",
                "Invalid string: too long".to_owned(),
            ),
            Self::OneOf(known) => (
                "parameter_invalid",
                format!("Invalid {name}: must be one of {}", known.join(", ")),
            ),
        };
        Err(Answer::invalid(code, name, message))
    }
}

fn digits(text: &str) -> bool {
    text.bytes().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[Param] = &[
        needed("mode", Kind::OneOf(&["payment"])),
        needed("items[#][quantity]", Kind::Int(1, 9)),
        optional("payload[value]", Kind::Whole),
        optional("metadata[*]", Kind::Note),
    ];

    #[test]
    fn each_parameter_is_known_complete_and_of_its_kind() {
        let good = "mode=payment&items%5B0%5D%5Bquantity%5D=1";
        for (more, told) in [
            ("", ""),
            ("&metadata[a]=b&payload[value]=12", ""),
            ("&items[1][quantity]=0", "Invalid integer: 0"),
            (
                "&items[x][quantity]=1",
                "Received unknown parameter: items[x][quantity]",
            ),
            ("&items[0][quantity]=1", "given twice"),
            ("&amount=1", "Received unknown parameter: amount"),
            ("&payload[value]=1.5", "Invalid integer: 1.5"),
            ("&payload={\"value\":12}", "Invalid object"),
            ("&metadata[]=b", "Received unknown parameter: metadata[]"),
            (
                "&metadata[a]=",
                "You passed an empty string for 'metadata[a]'.",
            ),
        ] {
            let form = Form::parse(format!("{good}{more}").as_bytes());
            let answer = form.check(TABLE).err();
            let message =
                answer.map(|answer| answer.body["error"]["message"].as_str().unwrap().to_owned());
            assert_eq!(message.unwrap_or_default(), told, "{more}");
        }
        let missing = Form::parse(b"mode=payment").check(TABLE).unwrap_err();
        assert_eq!(missing.body["error"]["param"], "items[0][quantity]");
    }
}
