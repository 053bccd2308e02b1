//! A conversation: which placeholder stands for which value.
//!
//! The same value has the same placeholder for as long as the conversation lives; two values never share one. New
//! values are kept by the store, if there is one, before anything made from them is returned: what cannot be kept is
//! not sent. Nothing here knows how values are found.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::kind::{Class, EntityKind};
use crate::known::{Edge, KnownSet};
use crate::limits::{CONVERSATION_ID_BYTES_MAX, CONVERSATION_VALUES_MAX, VAULT_RETRIES_MAX};
use crate::placeholder::{Placeholder, PlaceholderId};
use crate::random::Random;

/// With more values than this the ids get two characters more.
const SHORT_IDS_MAX: usize = 4096;

/// The name of a conversation: one to 256 bytes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ConversationId(String);

/// A conversation's name was empty or too long.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the name of a conversation has 1 to {CONVERSATION_ID_BYTES_MAX} bytes, not {0}")]
pub struct ConversationIdError(usize);

impl ConversationId {
    /// Checks the length.
    ///
    /// # Errors
    /// When the name is empty or longer than the limit.
    pub fn new(name: impl Into<String>) -> Result<Self, ConversationIdError> {
        let name = name.into();
        if name.is_empty() || name.len() > CONVERSATION_ID_BYTES_MAX {
            return Err(ConversationIdError(name.len()));
        }
        Ok(Self(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why the store of a conversation failed. The cause is its source.
#[derive(Debug, thiserror::Error)]
#[error("the vault did not keep or return the values")]
pub struct StoreError(#[source] pub(crate) Box<dyn std::error::Error + Send + Sync>);

/// Why new values got no placeholders.
#[derive(Debug, thiserror::Error)]
pub enum InternError {
    /// The conversation is full.
    #[error("a conversation holds at most {CONVERSATION_VALUES_MAX} values")]
    TooManyValues,
    /// The store failed.
    #[error("new values could not be kept")]
    Store(#[source] StoreError),
    /// Other processes kept writing to the same conversation.
    #[error("other processes kept writing to this conversation")]
    Contended,
}

/// A value with its placeholder, as a store keeps it.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) placeholder: Placeholder,
    pub(crate) value: Value,
}

/// A private value: shared, compared as text, wiped with its last owner, never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Value(Arc<Zeroizing<String>>);

impl Value {
    pub(crate) fn new(text: &str) -> Self {
        Self(Arc::new(Zeroizing::new(text.to_owned())))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::hash::Hash for Value {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Borrow<str> for Value {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Where a durable conversation keeps its entries.
pub(crate) trait Store: Send {
    /// Entries that others wrote since the last call.
    fn refresh(&mut self) -> Result<Vec<Entry>, StoreError>;
    /// Writes all entries or none. When others wrote in between, nothing is written and theirs are returned.
    fn append(&mut self, entries: &[Entry]) -> Result<Vec<Entry>, StoreError>;
}

/// What the redactor, the re-inflater and the gate share of a conversation.
#[derive(Clone)]
pub(crate) struct Table {
    pub(crate) entries: Vec<Entry>,
    by_value: HashMap<Value, u32>,
    by_id: HashMap<PlaceholderId, u32>,
    /// What is looked for in every later text.
    pub(crate) known: KnownSet<EntityKind>,
}

impl Table {
    pub(crate) fn by_id(&self, id: PlaceholderId) -> Option<&Entry> {
        self.entries.get(*self.by_id.get(&id)? as usize)
    }

    fn insert(&mut self, entry: Entry) {
        if self.by_value.contains_key(entry.value.as_str())
            || self.by_id.contains_key(&entry.placeholder.id())
        {
            return;
        }
        let place = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.by_value.insert(entry.value.clone(), place);
        self.by_id.insert(entry.placeholder.id(), place);
        learn(
            &mut self.known,
            entry.placeholder.kind(),
            entry.value.as_str(),
        );
        self.entries.push(entry);
    }
}

/// Adds what is to be recognised of a value from now on: the value, its digits, the parts of a name.
pub(crate) fn learn(known: &mut KnownSet<EntityKind>, kind: EntityKind, value: &str) {
    if is_distinct(kind, value) {
        known.add(value.as_bytes(), Edge::Word, kind);
    }
    if let Some(digits) = telling_digits(kind, value) {
        known.add(digits.as_bytes(), Edge::Digit, kind);
    }
    if kind == EntityKind::Person {
        for part in crate::detect::name_parts(value) {
            known.add(part.as_bytes(), Edge::Word, kind);
        }
    }
}

/// Whether a value alone, without its context, is still telling enough to be looked for.
pub(crate) fn is_distinct(kind: EntityKind, value: &str) -> bool {
    let letters = value.chars().count();
    match kind {
        EntityKind::Literal => false,
        EntityKind::Person => letters >= 3 || (letters == 2 && !value.is_ascii()),
        EntityKind::Denied => value.len() >= 2,
        EntityKind::CardCode | EntityKind::Pin => false,
        _ => value.len() >= 4 && !is_plain_word(value),
    }
}

/// Words that are values in some places (`password=admin`) and mean nothing in others.
fn is_plain_word(value: &str) -> bool {
    let common = [
        "admin",
        "administrator",
        "root",
        "user",
        "test",
        "guest",
        "default",
        "password",
        "secret",
        "postgres",
        "mysql",
        "redis",
        "mongo",
        "local",
        "localhost",
        "demo",
        "example",
        "backup",
        "service",
        "system",
        "public",
        "private",
        "token",
        "email",
        "phone",
        "pass",
        "passwd",
        "true",
        "false",
        "none",
        "null",
    ];
    value.bytes().all(|byte| byte.is_ascii_digit()) && value.len() < 6
        || common.iter().any(|word| word.eq_ignore_ascii_case(value))
}

/// The digits of a number that is telling in any grouping.
pub(crate) fn telling_digits(kind: EntityKind, value: &str) -> Option<Zeroizing<String>> {
    let numeric =
        matches!(kind.class(), Class::Identity | Class::Financial) || kind == EntityKind::Phone;
    if !numeric {
        return None;
    }
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    (digits.len() >= 8 && letters == 0 && digits.len() != value.len())
        .then(|| Zeroizing::new(digits))
}

/// The values of one conversation and their placeholders.
pub struct Conversation {
    id: ConversationId,
    random: Random,
    pub(crate) table: Arc<Table>,
    store: Option<Box<dyn Store>>,
}

impl Conversation {
    /// A conversation that lives in memory only. The seed is to be random and used once.
    #[must_use]
    pub fn ephemeral(id: ConversationId, seed: [u8; 32]) -> Self {
        Self {
            id,
            random: Random::new(seed),
            table: Arc::new(Table {
                entries: Vec::new(),
                by_value: HashMap::new(),
                by_id: HashMap::new(),
                known: KnownSet::new(),
            }),
            store: None,
        }
    }

    /// A conversation whose entries a store keeps.
    #[cfg(feature = "vault")]
    pub(crate) fn stored(
        id: ConversationId,
        seed: [u8; 32],
        store: Box<dyn Store>,
    ) -> Result<Self, StoreError> {
        let mut conversation = Self::ephemeral(id, seed);
        conversation.store = Some(store);
        conversation.refresh()?;
        Ok(conversation)
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &ConversationId {
        &self.id
    }

    /// How many values it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.entries.len()
    }

    /// Whether it holds no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.table.entries.is_empty()
    }

    /// Its placeholders in the order they were given. The values are not shown.
    pub fn placeholders(&self) -> impl Iterator<Item = Placeholder> + '_ {
        self.table.entries.iter().map(|entry| entry.placeholder)
    }

    /// Reads what other processes added to the vault. `redact` does it by itself; call it before restoring an
    /// answer whose question another process redacted.
    ///
    /// # Errors
    /// When the vault cannot be read.
    pub fn refresh(&mut self) -> Result<(), StoreError> {
        let Some(store) = &mut self.store else {
            return Ok(());
        };
        let entries = store.refresh()?;
        if !entries.is_empty() {
            let table = Arc::make_mut(&mut self.table);
            entries.into_iter().for_each(|entry| table.insert(entry));
        }
        Ok(())
    }

    /// The placeholder of every value, drawn anew for those that have none, and kept before this returns.
    pub(crate) fn intern(
        &mut self,
        wanted: &[(EntityKind, &str)],
        taken: &[PlaceholderId],
    ) -> Result<Vec<Placeholder>, InternError> {
        for _ in 0..VAULT_RETRIES_MAX {
            let drafts = self.draft(wanted, taken)?;
            if !drafts.is_empty() {
                let theirs = match &mut self.store {
                    Some(store) => store.append(&drafts).map_err(InternError::Store)?,
                    None => Vec::new(),
                };
                let table = Arc::make_mut(&mut self.table);
                if !theirs.is_empty() {
                    theirs.into_iter().for_each(|entry| table.insert(entry));
                    continue;
                }
                drafts.into_iter().for_each(|entry| table.insert(entry));
            }
            let place = |value: &str| self.table.by_value.get(value).map(|&place| place as usize);
            return wanted
                .iter()
                .map(|(_, value)| {
                    Ok(self.table.entries[place(value).ok_or(InternError::Contended)?].placeholder)
                })
                .collect();
        }
        Err(InternError::Contended)
    }

    fn draft(
        &mut self,
        wanted: &[(EntityKind, &str)],
        taken: &[PlaceholderId],
    ) -> Result<Vec<Entry>, InternError> {
        let table = &self.table;
        let mut drafts: Vec<Entry> = Vec::new();
        let mut values: HashMap<&str, ()> = HashMap::new();
        let mut ids: HashMap<PlaceholderId, ()> = HashMap::new();
        for &(kind, value) in wanted {
            if table.by_value.contains_key(value) || values.insert(value, ()).is_some() {
                continue;
            }
            let count = table.entries.len() + drafts.len();
            if count >= CONVERSATION_VALUES_MAX {
                return Err(InternError::TooManyValues);
            }
            let id = loop {
                let id = PlaceholderId::draw(&mut self.random, count >= SHORT_IDS_MAX);
                if !table.by_id.contains_key(&id)
                    && !taken.contains(&id)
                    && ids.insert(id, ()).is_none()
                {
                    break id;
                }
            };
            drafts.push(Entry {
                placeholder: Placeholder::new(kind, id),
                value: Value::new(value),
            });
        }
        Ok(drafts)
    }
}

impl fmt::Debug for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Conversation({}, {} values)", self.id, self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversation() -> Conversation {
        Conversation::ephemeral(ConversationId::new("c").unwrap(), [1; 32])
    }

    #[test]
    fn the_same_value_keeps_its_placeholder_whatever_its_kind() {
        let mut conversation = conversation();
        let first = conversation
            .intern(
                &[(EntityKind::Email, "a@b.co"), (EntityKind::Email, "c@d.co")],
                &[],
            )
            .unwrap();
        let again = conversation
            .intern(
                &[(EntityKind::Phone, "c@d.co"), (EntityKind::Email, "a@b.co")],
                &[],
            )
            .unwrap();
        assert_eq!([first[1], first[0]], again[..]);
        assert_eq!(conversation.len(), 2);
    }

    #[test]
    fn thousands_of_values_get_different_ids() {
        let mut conversation = conversation();
        let values: Vec<String> = (0..9000).map(|n| format!("value {n}")).collect();
        let wanted: Vec<_> = values
            .iter()
            .map(|value| (EntityKind::Secret, value.as_str()))
            .collect();
        let placeholders = conversation.intern(&wanted, &[]).unwrap();
        let ids: std::collections::BTreeSet<_> = placeholders.iter().map(Placeholder::id).collect();
        assert_eq!(ids.len(), 9000);
    }

    #[test]
    fn ids_in_the_text_are_not_drawn() {
        let taken = conversation()
            .intern(&[(EntityKind::Email, "a@b.co")], &[])
            .unwrap()[0]
            .id();
        let drawn = conversation()
            .intern(&[(EntityKind::Email, "a@b.co")], &[taken])
            .unwrap()[0]
            .id();
        assert_ne!(taken, drawn);
    }
}
