//! What can go wrong on the way to Stripe and back.

/// What becomes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StripeFault {
    /// 500, and nothing was done.
    ServerError,
    /// 500, nothing was done, and the same answer for that idempotency key from then on, as Stripe
    /// does where the fault came after it had begun.
    LastingServerError,
    /// 429, with `Retry-After` or without.
    RateLimited {
        /// After how many seconds it may be tried again.
        retry_after_s: Option<u32>,
    },
    /// The connection closes and nothing was done.
    DroppedRequest,
    /// It was done, and the connection closes without an answer.
    DroppedReply,
}

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedCall {
    /// `GET` or `POST`.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// The parameters, decoded, of the query or the body.
    pub form: Vec<(String, String)>,
    /// The body, as it came.
    pub body: String,
    /// The header `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// The status that it was answered with; none where the connection was closed instead.
    pub status: Option<u16>,
}
