//! A request as a value.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use form_urlencoded::Serializer;
use serde::de::DeserializeOwned;

use super::id::{IdempotencyKey, MeterEventIdentifier};

/// How a request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The form goes into the query.
    Get,
    /// The form is the body.
    Post,
}

/// What a request is answered with. Closed: the replies are in this module.
pub trait Reply: DeserializeOwned + sealed::Sealed {}

pub(super) mod sealed {
    /// Keeps [`Reply`](super::Reply) to the types of this module.
    pub trait Sealed {}
}

/// What is sent to Stripe, the same in every try.
pub struct StripeRequest<T> {
    method: Method,
    path: String,
    form: Vec<(Cow<'static, str>, String)>,
    idempotency_key: Option<IdempotencyKey>,
    /// Which usage it reports: the answer may be that Stripe has it already.
    usage: Option<MeterEventIdentifier>,
    reply: PhantomData<fn() -> T>,
}

impl<T: Reply> StripeRequest<T> {
    pub(super) fn get(path: String) -> Self {
        Self::new(Method::Get, path, None)
    }

    pub(super) fn post(path: &str, key: IdempotencyKey) -> Self {
        Self::new(Method::Post, path.to_owned(), Some(key))
    }

    fn new(method: Method, path: String, idempotency_key: Option<IdempotencyKey>) -> Self {
        Self {
            method,
            path,
            form: Vec::new(),
            idempotency_key,
            usage: None,
            reply: PhantomData,
        }
    }

    pub(super) fn with(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        self.form.push((name.into(), value.into()));
        self
    }

    pub(super) fn reporting(mut self, identifier: MeterEventIdentifier) -> Self {
        self.usage = Some(identifier);
        self
    }

    pub(super) const fn usage(&self) -> Option<&MeterEventIdentifier> {
        self.usage.as_ref()
    }

    /// How it is sent.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.method
    }

    /// Where it goes, from the root of the API on, with the query of a [`Method::Get`].
    #[must_use]
    pub fn path_and_query(&self) -> String {
        match self.method {
            Method::Get if !self.form.is_empty() => format!("{}?{}", self.path, self.encoded()),
            Method::Get | Method::Post => self.path.clone(),
        }
    }

    /// What it carries as `application/x-www-form-urlencoded`; nothing for a [`Method::Get`].
    #[must_use]
    pub fn body(&self) -> Option<String> {
        (self.method == Method::Post).then(|| self.encoded())
    }

    /// The pairs of its form, not encoded.
    pub fn form(&self) -> impl Iterator<Item = (&str, &str)> {
        self.form.iter().map(|(name, value)| (&**name, &**value))
    }

    /// By which name Stripe carries it out only once. Every [`Method::Post`] has one.
    #[must_use]
    pub const fn idempotency_key(&self) -> Option<&IdempotencyKey> {
        self.idempotency_key.as_ref()
    }

    fn encoded(&self) -> String {
        Serializer::new(String::new())
            .extend_pairs(self.form())
            .finish()
    }
}

impl<T> Clone for StripeRequest<T> {
    fn clone(&self) -> Self {
        Self {
            method: self.method,
            path: self.path.clone(),
            form: self.form.clone(),
            idempotency_key: self.idempotency_key.clone(),
            usage: self.usage.clone(),
            reply: PhantomData,
        }
    }
}

/// Without the form, which may hold an address or a name.
impl<T> fmt::Debug for StripeRequest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("idempotency_key", &self.idempotency_key)
            .finish_non_exhaustive()
    }
}
