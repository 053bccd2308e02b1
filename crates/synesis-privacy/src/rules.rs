//! What the user adds: words that always go, words that always stay, expressions, and a few switches.
//!
//! Everything is bounded: how many rules, how long each, and the memory of a compiled expression.

use regex_automata::meta::Regex;

use crate::detect::Found;
use crate::kind::EntityKind;
use crate::known::{Edge, KnownSet};
use crate::limits::{USER_REGEX_BYTES_MAX, USER_RULE_BYTES_MAX, USER_RULES_MAX};

/// What a redactor is to do beyond the built-in kinds.
#[derive(Clone, Default, Debug)]
pub struct RedactorConfig {
    /// Values that are never redacted (letter case does not matter).
    pub allow: Vec<String>,
    /// Words that are always redacted, such as the code name of a project (letter case does not matter).
    pub deny: Vec<String>,
    /// Regular expressions whose matches are redacted; with a group named `value`, only that group.
    pub patterns: Vec<String>,
    /// Kinds that are not redacted.
    pub keep: Vec<EntityKind>,
    /// Whether UUIDs are redacted too.
    pub uuids: bool,
}

/// A rule of the user that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// The expression is not valid or too large when compiled.
    #[error("rule {number} is not a usable regular expression")]
    Pattern {
        /// Which pattern, from one.
        number: usize,
        /// What the compiler says.
        #[source]
        cause: Box<regex_automata::meta::BuildError>,
    },
    /// The rule is empty or too long.
    #[error("a rule has 1 to {USER_RULE_BYTES_MAX} bytes, not {0}")]
    Length(usize),
    /// The expression matches the empty text, so it would match everywhere.
    #[error("rule {0} matches the empty text")]
    Empty(usize),
    /// There are too many rules of one sort.
    #[error("there are more than {USER_RULES_MAX} rules")]
    TooMany,
}

/// The user's rules, compiled.
pub(crate) struct UserRules {
    allow: Vec<String>,
    deny: KnownSet<()>,
    patterns: Vec<Regex>,
    keep: Vec<EntityKind>,
    pub(crate) uuids: bool,
}

impl UserRules {
    pub(crate) fn compile(config: &RedactorConfig) -> Result<Self, RuleError> {
        for rules in [&config.allow, &config.deny, &config.patterns] {
            if rules.len() > USER_RULES_MAX {
                return Err(RuleError::TooMany);
            }
            if let Some(bad) = rules
                .iter()
                .find(|rule| rule.is_empty() || rule.len() > USER_RULE_BYTES_MAX)
            {
                return Err(RuleError::Length(bad.len()));
            }
        }
        let mut deny = KnownSet::new();
        for word in &config.deny {
            deny.add(word.to_lowercase().as_bytes(), Edge::Word, ());
        }
        let mut patterns = Vec::new();
        for (place, pattern) in config.patterns.iter().enumerate() {
            let limits = Regex::config()
                .nfa_size_limit(Some(USER_REGEX_BYTES_MAX))
                .hybrid_cache_capacity(USER_REGEX_BYTES_MAX);
            let regex = Regex::builder()
                .configure(limits)
                .build(pattern)
                .map_err(|cause| RuleError::Pattern {
                    number: place + 1,
                    cause: Box::new(cause),
                })?;
            if regex.is_match("") {
                return Err(RuleError::Empty(place + 1));
            }
            patterns.push(regex);
        }
        let mut allow: Vec<String> = config
            .allow
            .iter()
            .map(|word| word.to_lowercase())
            .collect();
        allow.sort_unstable();
        Ok(Self {
            allow,
            deny,
            patterns,
            keep: config.keep.clone(),
            uuids: config.uuids,
        })
    }

    /// Whether a built-in finding stays in the text.
    pub(crate) fn keeps(&self, kind: EntityKind, value: &str) -> bool {
        if kind == EntityKind::Uuid && !self.uuids {
            return true;
        }
        self.keep.contains(&kind)
            || (!self.allow.is_empty() && self.allow.binary_search(&value.to_lowercase()).is_ok())
    }

    /// Finds what the user asked for.
    pub(crate) fn find(&self, text: &str, found: &mut Vec<Found>) {
        if !self.deny.is_empty() {
            let mut add = |start, end| {
                found.push(Found::new(start, end, EntityKind::Denied, "deny list", 100))
            };
            if text
                .bytes()
                .any(|byte| byte.is_ascii_uppercase() || byte >= 0x80)
            {
                find_folded(text, &self.deny, &mut add);
            } else {
                self.deny
                    .each(text.as_bytes(), |start, end, ()| add(start, end));
            }
        }
        for regex in &self.patterns {
            let group = regex
                .group_info()
                .to_index(regex_automata::PatternID::ZERO, "value");
            let Some(group) = group else {
                found.extend(
                    regex
                        .find_iter(text)
                        .filter(|hit| !hit.is_empty())
                        .map(|hit| {
                            Found::new(
                                hit.start(),
                                hit.end(),
                                EntityKind::Custom,
                                "user pattern",
                                100,
                            )
                        }),
                );
                continue;
            };
            for captures in regex.captures_iter(text) {
                if let Some(span) = captures
                    .get_group(group)
                    .filter(|span| span.start < span.end)
                {
                    found.push(Found::new(
                        span.start,
                        span.end,
                        EntityKind::Custom,
                        "user pattern",
                        100,
                    ));
                }
            }
        }
    }
}

/// Looks in the lower-cased text and answers with places of the text itself.
fn find_folded(text: &str, words: &KnownSet<()>, add: &mut impl FnMut(usize, usize)) {
    let mut folded = String::with_capacity(text.len());
    let mut places: Vec<u32> = Vec::with_capacity(text.len() + 1);
    for (place, c) in text.char_indices() {
        for lower in c.to_lowercase() {
            folded.push(lower);
            places.resize(folded.len(), u32::try_from(place).unwrap_or(u32::MAX));
        }
    }
    places.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
    words.each(folded.as_bytes(), |start, end, ()| {
        // The end of the last character, should lower-casing have made several of one.
        let last = places[end - 1];
        let past = places[end..]
            .iter()
            .find(|&&place| place > last)
            .copied()
            .unwrap_or(last);
        add(places[start] as usize, past as usize);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(config: &RedactorConfig, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        UserRules::compile(config).unwrap().find(text, &mut found);
        found
            .iter()
            .map(|hit| text[hit.start..hit.end].to_owned())
            .collect()
    }

    #[test]
    fn denied_words_are_found_in_any_case() {
        let config = RedactorConfig {
            deny: vec!["Bluebird".into(), "Ökostrom".into()],
            ..Default::default()
        };
        assert_eq!(
            found(&config, "the bluebird and BLUEBIRD, ÖKOSTROM, bluebirds"),
            ["bluebird", "BLUEBIRD", "ÖKOSTROM"]
        );
    }

    #[test]
    fn a_named_group_is_the_value() {
        let config = RedactorConfig {
            patterns: vec![r"case (?P<value>\d+)".into()],
            ..Default::default()
        };
        assert_eq!(found(&config, "case 123 and case 4"), ["123", "4"]);
    }

    #[test]
    fn rules_that_cannot_work_are_refused() {
        let compile = |pattern: &str| {
            UserRules::compile(&RedactorConfig {
                patterns: vec![pattern.into()],
                ..Default::default()
            })
            .map(drop)
        };
        assert!(matches!(
            compile("("),
            Err(RuleError::Pattern { number: 1, .. })
        ));
        assert!(matches!(compile("x*"), Err(RuleError::Empty(1))));
        assert!(matches!(compile(""), Err(RuleError::Length(0))));
        assert!(matches!(
            compile(r"(\w{100}){100}"),
            Err(RuleError::Pattern { .. })
        ));
    }
}
