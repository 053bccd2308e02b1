//! The device's side of the device authorization grant (RFC 8628): ask for codes, show one to the
//! person, and poll until they answered on the cloud's page.
//!
//! [`Poller`] decides when to poll and when to give up; the rest is HTTP around it.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use synesis_domain::DeviceName;
use tokio::time::Instant;
use url::Url;

use crate::enrol::{EnrolError, signing_request};
use crate::error::CloudError;
use crate::https::{Https, HttpsAnswer};
use crate::identity;
use crate::limits::{LOGIN_INTERVAL_MAX, LOGIN_INTERVAL_STEP, LOGIN_LIFE_MAX};
use crate::trust::Trust;

const CLIENT_ID: &str = "synesis-cli";
const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What the cloud said to a poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PollAnswer {
    /// Nobody has answered.
    Pending,
    /// Nobody has answered, and we ask too often.
    SlowDown,
    /// A person let this device in: the grant.
    Granted(String),
    /// A person said no.
    Denied,
    /// The codes are too old.
    Expired,
    /// The cloud does not know the code any more.
    Unknown,
    /// No answer came.
    Unreachable,
}

/// Why a login is over without a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginEnd {
    /// A person said no.
    Denied,
    /// Nobody answered in time.
    Lapsed,
    /// The cloud does not know the code any more.
    Forgotten,
}

impl From<LoginEnd> for EnrolError {
    fn from(end: LoginEnd) -> Self {
        match end {
            LoginEnd::Denied => Self::Denied,
            LoginEnd::Lapsed => Self::Lapsed,
            LoginEnd::Forgotten => Self::LoginForgotten,
        }
    }
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PollStep {
    /// Poll after this much time.
    Wait(Duration),
    /// Enrol with this grant.
    Enrol(String),
    /// It is over.
    GiveUp(LoginEnd),
}

/// When to poll. Times are counted from when the codes came.
#[derive(Debug, Clone)]
pub struct Poller {
    interval: Duration,
    life: Duration,
}

impl Poller {
    /// For codes that live this long, polled no faster than this.
    #[must_use]
    pub fn new(interval: Duration, life: Duration) -> Self {
        Self {
            interval: interval.clamp(Duration::from_secs(1), LOGIN_INTERVAL_MAX),
            life: life.min(LOGIN_LIFE_MAX),
        }
    }

    /// What to do after an answer. `elapsed` is the time since the codes came.
    pub fn handle(&mut self, answer: PollAnswer, elapsed: Duration) -> PollStep {
        match answer {
            PollAnswer::Granted(grant) => return PollStep::Enrol(grant),
            PollAnswer::Denied => return PollStep::GiveUp(LoginEnd::Denied),
            PollAnswer::Expired => return PollStep::GiveUp(LoginEnd::Lapsed),
            PollAnswer::Unknown => return PollStep::GiveUp(LoginEnd::Forgotten),
            PollAnswer::Pending => {}
            PollAnswer::SlowDown => self.interval += LOGIN_INTERVAL_STEP,
            // RFC 8628, section 3.5: back off where the network fails.
            PollAnswer::Unreachable => self.interval *= 2,
        }
        self.interval = self.interval.min(LOGIN_INTERVAL_MAX);
        self.next(elapsed)
    }

    /// The next poll, where there is time for one.
    #[must_use]
    pub fn next(&self, elapsed: Duration) -> PollStep {
        let left = self.life.saturating_sub(elapsed);
        if left.is_zero() {
            return PollStep::GiveUp(LoginEnd::Lapsed);
        }
        PollStep::Wait(self.interval.min(left))
    }
}

/// What the person has to know.
#[derive(Debug, Clone, Deserialize)]
pub struct LoginOffer {
    /// The code to compare, or to type.
    pub user_code: String,
    /// Where to type it.
    pub verification_uri: String,
    /// The same page with the code filled in.
    #[serde(default)]
    pub verification_uri_complete: Option<String>,
    /// For how many seconds it is good.
    pub expires_in: u64,
}

/// A login that waits for a person.
pub struct PendingLogin {
    https: Https,
    device_code: String,
    poller: Poller,
    offer: LoginOffer,
    since: Instant,
}

impl std::fmt::Debug for PendingLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PendingLogin")
            .field("offer", &self.offer)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Begun {
    device_code: String,
    #[serde(default)]
    interval: Option<u64>,
    #[serde(flatten)]
    offer: LoginOffer,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

impl PendingLogin {
    /// Asks a cloud to let this device in. Its key is made where there is none.
    ///
    /// # Errors
    /// When the cloud is out of reach or does not want to.
    pub async fn begin(
        folder: &Path,
        url: &Url,
        trust: &Trust,
        device_name: &DeviceName,
    ) -> Result<Self, CloudError> {
        identity::cloud_url(url.as_str())?;
        let csr_pem = signing_request(&identity::device_key(folder)?)?;
        let https = Https::with(url, trust)?;
        let fields = [
            ("client_id", CLIENT_ID),
            ("csr_pem", &csr_pem),
            ("device_name", device_name.as_str()),
        ];
        let answer = https.post_form("/v1/device_authorization", &fields).await?;
        if !answer.status.is_success() {
            return Err(answer.refusal().into());
        }
        let begun: Begun = answer.json()?;
        // RFC 8628, section 3.2: five seconds where nothing is said.
        let interval = Duration::from_secs(begun.interval.unwrap_or(5));
        let life = Duration::from_secs(begun.offer.expires_in);
        Ok(Self {
            https,
            device_code: begun.device_code,
            poller: Poller::new(interval, life),
            offer: begun.offer,
            since: Instant::now(),
        })
    }

    /// What to show the person.
    #[must_use]
    pub const fn offer(&self) -> &LoginOffer {
        &self.offer
    }

    /// For how long the person can still answer.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        self.poller.life.saturating_sub(self.since.elapsed())
    }

    /// Polls until the person answered, and gives the grant.
    ///
    /// # Errors
    /// [`EnrolError::Denied`], [`EnrolError::Lapsed`], or what the cloud did not like.
    pub async fn granted(&mut self) -> Result<String, CloudError> {
        let mut step = self.poller.next(self.since.elapsed());
        loop {
            match step {
                PollStep::Enrol(grant) => return Ok(grant),
                PollStep::GiveUp(end) => return Err(EnrolError::from(end).into()),
                PollStep::Wait(pause) => tokio::time::sleep(pause).await,
            }
            let answer = self.poll().await?;
            step = self.poller.handle(answer, self.since.elapsed());
        }
    }

    async fn poll(&self) -> Result<PollAnswer, CloudError> {
        let fields = [
            ("grant_type", GRANT_TYPE),
            ("device_code", self.device_code.as_str()),
            ("client_id", CLIENT_ID),
        ];
        match self.https.post_form("/v1/token", &fields).await {
            Ok(answer) => Ok(read(&answer)?),
            Err(CloudError::ConnectionFailed { .. }) => Ok(PollAnswer::Unreachable),
            Err(other) => Err(other),
        }
    }
}

fn read(answer: &HttpsAnswer) -> Result<PollAnswer, EnrolError> {
    if answer.status.is_success() {
        return Ok(PollAnswer::Granted(answer.json::<Granted>()?.access_token));
    }
    if answer.status.is_server_error() {
        return Ok(PollAnswer::Unreachable);
    }
    let known = answer.json::<Refused>().map(|refused| refused.error);
    match known.as_deref() {
        Ok("authorization_pending") => Ok(PollAnswer::Pending),
        Ok("slow_down" | "rate_limited") => Ok(PollAnswer::SlowDown),
        Ok("access_denied") => Ok(PollAnswer::Denied),
        Ok("expired_token") => Ok(PollAnswer::Expired),
        Ok("invalid_grant") => Ok(PollAnswer::Unknown),
        _ => Err(answer.refusal()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn each_answer_has_its_step() {
        let wait = |count| PollStep::Wait(seconds(count));
        let mut poller = Poller::new(seconds(5), seconds(600));
        let rows = [
            (PollAnswer::Pending, 5, wait(5)),
            (PollAnswer::SlowDown, 10, wait(10)),
            (PollAnswer::Pending, 20, wait(10)),
            (PollAnswer::Unreachable, 30, wait(20)),
            (PollAnswer::Unreachable, 50, wait(40)),
            (PollAnswer::Unreachable, 90, wait(60)),
            (PollAnswer::SlowDown, 150, wait(60)),
            (PollAnswer::Pending, 590, wait(10)),
        ];
        for (answer, elapsed, expected) in rows {
            let told = format!("{answer:?} after {elapsed} s");
            assert_eq!(poller.handle(answer, seconds(elapsed)), expected, "{told}");
        }
        let grant = poller.handle(PollAnswer::Granted("g".into()), seconds(600));
        assert_eq!(grant, PollStep::Enrol("g".into()));
    }

    #[test]
    fn it_gives_up_when_the_person_or_the_clock_says_so() {
        let mut poller = Poller::new(seconds(5), seconds(600));
        let over = [
            (PollAnswer::Pending, 600, LoginEnd::Lapsed),
            (PollAnswer::Unreachable, 601, LoginEnd::Lapsed),
            (PollAnswer::Expired, 5, LoginEnd::Lapsed),
            (PollAnswer::Denied, 5, LoginEnd::Denied),
            (PollAnswer::Unknown, 5, LoginEnd::Forgotten),
        ];
        for (answer, elapsed, error) in over {
            let step = poller.handle(answer, seconds(elapsed));
            assert_eq!(step, PollStep::GiveUp(error));
        }
    }

    #[test]
    fn what_a_cloud_asks_for_is_bounded() {
        let hasty = Poller::new(Duration::ZERO, seconds(u64::MAX));
        assert_eq!(hasty.next(Duration::ZERO), PollStep::Wait(seconds(1)));
        assert_eq!(
            hasty.next(LOGIN_LIFE_MAX),
            PollStep::GiveUp(LoginEnd::Lapsed)
        );
    }
}
