//! A device asks to be let in, and a person answers: the device authorization grant of RFC 8628.
//!
//! The device holds a long code and shows a short one; the person finds the request by the short
//! one and approves or denies it. The device may poll no faster than it is told, and what it gets
//! in the end is bound to the key that it asked with. Codes are made and stored elsewhere: nothing
//! here knows the long one.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use thiserror::Error;

use crate::chain::Digest;
use crate::id::{DeviceName, Place, UserId};
use crate::limits::{
    LOGIN_INTERVAL_MS, LOGIN_INTERVAL_MS_MAX, LOGIN_INTERVAL_STEP_MS, LOGIN_LIFE_MS,
    LOGIN_POLL_SLACK_MS,
};
use crate::time::Timestamp;

/// Consonants that are not taken for another: no vowels, so that no code is a word.
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const CODE_CHARS: usize = 8;
const CODES: u64 = 20_u64.pow(8);

/// Why a text is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a code has eight letters and looks like BCDF-GHJK")]
pub struct UserCodeError;

/// The short code that a person types or compares.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserCode([u8; CODE_CHARS]);

impl UserCode {
    /// The code that a random number stands for.
    #[must_use]
    pub fn from_number(number: u64) -> Self {
        let mut rest = number % CODES;
        let letters = [(); CODE_CHARS].map(|()| {
            let place = usize::try_from(rest % 20).unwrap_or(0);
            rest /= 20;
            ALPHABET.get(place).copied().unwrap_or(b'B')
        });
        Self(letters)
    }

    /// The eight letters, without the dash.
    #[must_use]
    pub fn letters(&self) -> String {
        self.0.iter().map(|letter| char::from(*letter)).collect()
    }
}

impl FromStr for UserCode {
    type Err = UserCodeError;

    /// Takes a code in any case, with dashes and spaces anywhere.
    fn from_str(text: &str) -> Result<Self, UserCodeError> {
        let mut letters = [0; CODE_CHARS];
        let mut typed = text
            .chars()
            .filter(|c| !matches!(c, '-' | '\u{2010}'..='\u{2015}') && !c.is_whitespace());
        for letter in &mut letters {
            let upper = typed.next().ok_or(UserCodeError)?.to_ascii_uppercase();
            *letter = u8::try_from(upper)
                .ok()
                .filter(|byte| ALPHABET.contains(byte))
                .ok_or(UserCodeError)?;
        }
        match typed.next() {
            None => Ok(Self(letters)),
            Some(_) => Err(UserCodeError),
        }
    }
}

impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, letter) in self.0.iter().enumerate() {
            if at == CODE_CHARS / 2 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(*letter))?;
        }
        Ok(())
    }
}

impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a device asked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginRequest {
    /// The hash of its public key: nobody else can use what is granted.
    pub key: Digest,
    /// What its owner calls it.
    pub name: DeviceName,
    /// Where the request came from.
    pub place: Place,
    /// When it came.
    pub asked_at: Timestamp,
    /// When it lapses.
    pub expires_at: Timestamp,
}

/// How far a login is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginStage {
    /// Nobody has answered.
    Pending,
    /// A person let the device in.
    Approved {
        /// Whose device it becomes.
        user: UserId,
    },
    /// A person refused the device.
    Denied,
    /// The device has its grant.
    Redeemed,
}

/// Something that is asked of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginCommand {
    /// The device asks to be let in.
    Ask {
        /// The hash of its public key.
        key: Digest,
        /// What its owner calls it.
        name: DeviceName,
        /// Where the request came from.
        place: Place,
    },
    /// The person lets it in.
    Approve {
        /// Whose device it becomes.
        user: UserId,
    },
    /// The person refuses it.
    Deny,
    /// The device asks what became of it.
    Poll,
}

/// What happened to a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginEvent {
    /// The device asked.
    Asked(LoginRequest),
    /// It was let in.
    Approved {
        /// Whose device it becomes.
        user: UserId,
    },
    /// It was refused.
    Denied,
    /// The device polled, and nobody had answered.
    Waited {
        /// When.
        at: Timestamp,
    },
    /// The device polled too soon, and has to wait longer from now on.
    SlowedDown {
        /// When.
        at: Timestamp,
        /// The interval that holds now.
        interval_ms: u32,
    },
    /// The device got its grant.
    Redeemed {
        /// Whose device it becomes.
        user: UserId,
    },
}

/// Why a login is not changed. Where several apply, the first here is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LoginRefusal {
    /// Nobody asked.
    #[error("there is no such request")]
    Unknown,
    /// There was a request before.
    #[error("the code is taken")]
    Taken,
    /// The device has its grant.
    #[error("the request was used")]
    Spent,
    /// A person refused the device.
    #[error("the request was denied")]
    Denied,
    /// Nobody answered in time, or the device came too late.
    #[error("the request has lapsed")]
    Expired,
    /// Somebody else answered first.
    #[error("the request was answered already")]
    Answered,
}

/// One login, as what happened to it made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceLogin {
    request: Option<LoginRequest>,
    stage: LoginStage,
    polled_at: Option<Timestamp>,
    interval_ms: u32,
}

impl Default for DeviceLogin {
    fn default() -> Self {
        Self {
            request: None,
            stage: LoginStage::Pending,
            polled_at: None,
            interval_ms: LOGIN_INTERVAL_MS,
        }
    }
}

impl DeviceLogin {
    /// A login as a store kept it: they live for minutes, and their history is not kept.
    #[must_use]
    pub const fn restore(
        request: LoginRequest,
        stage: LoginStage,
        polled_at: Option<Timestamp>,
        interval_ms: u32,
    ) -> Self {
        Self {
            request: Some(request),
            stage,
            polled_at,
            interval_ms,
        }
    }

    /// What the device asked with; `None` before it asked.
    #[must_use]
    pub const fn request(&self) -> Option<&LoginRequest> {
        self.request.as_ref()
    }

    /// How far it is.
    #[must_use]
    pub const fn stage(&self) -> LoginStage {
        self.stage
    }

    /// When the device last polled in vain.
    #[must_use]
    pub const fn polled_at(&self) -> Option<Timestamp> {
        self.polled_at
    }

    /// How long the device has to wait between two polls.
    #[must_use]
    pub const fn interval_ms(&self) -> u32 {
        self.interval_ms
    }

    /// What a command makes happen.
    ///
    /// # Errors
    /// The first [`LoginRefusal`] that applies.
    pub fn decide(
        &self,
        now: Timestamp,
        command: &LoginCommand,
    ) -> Result<Vec<LoginEvent>, LoginRefusal> {
        let event = match (command, &self.request) {
            (LoginCommand::Ask { .. }, Some(_)) => return Err(LoginRefusal::Taken),
            (LoginCommand::Ask { key, name, place }, None) => LoginEvent::Asked(LoginRequest {
                key: *key,
                name: name.clone(),
                place: place.clone(),
                asked_at: now,
                expires_at: now.plus_ms(LOGIN_LIFE_MS),
            }),
            (_, None) => return Err(LoginRefusal::Unknown),
            (LoginCommand::Poll, Some(request)) => self.poll(now, request)?,
            (LoginCommand::Approve { user }, Some(request)) => match self.stage {
                LoginStage::Approved { user: known } if known == *user => return Ok(Vec::new()),
                _ => {
                    self.open_to_answers(now, request)?;
                    LoginEvent::Approved { user: *user }
                }
            },
            (LoginCommand::Deny, Some(request)) => match self.stage {
                LoginStage::Denied => return Ok(Vec::new()),
                _ => {
                    self.open_to_answers(now, request)?;
                    LoginEvent::Denied
                }
            },
        };
        Ok(Vec::from([event]))
    }

    fn poll(&self, now: Timestamp, request: &LoginRequest) -> Result<LoginEvent, LoginRefusal> {
        match self.stage {
            LoginStage::Redeemed => Err(LoginRefusal::Spent),
            LoginStage::Denied => Err(LoginRefusal::Denied),
            _ if request.expires_at <= now => Err(LoginRefusal::Expired),
            LoginStage::Approved { user } => Ok(LoginEvent::Redeemed { user }),
            LoginStage::Pending => {
                let least = i64::from(self.interval_ms) - LOGIN_POLL_SLACK_MS;
                let too_soon = self.polled_at.is_some_and(|last| now.since(last) < least);
                Ok(if too_soon {
                    let longer = self.interval_ms.saturating_add(LOGIN_INTERVAL_STEP_MS);
                    LoginEvent::SlowedDown {
                        at: now,
                        interval_ms: longer.min(LOGIN_INTERVAL_MS_MAX),
                    }
                } else {
                    LoginEvent::Waited { at: now }
                })
            }
        }
    }

    fn open_to_answers(&self, now: Timestamp, request: &LoginRequest) -> Result<(), LoginRefusal> {
        match self.stage {
            LoginStage::Redeemed => Err(LoginRefusal::Spent),
            LoginStage::Denied => Err(LoginRefusal::Denied),
            _ if request.expires_at <= now => Err(LoginRefusal::Expired),
            LoginStage::Approved { .. } => Err(LoginRefusal::Answered),
            LoginStage::Pending => Ok(()),
        }
    }

    /// Takes in what happened.
    pub fn apply(&mut self, event: &LoginEvent) {
        match event {
            LoginEvent::Asked(request) => self.request = Some(request.clone()),
            LoginEvent::Approved { user } => self.stage = LoginStage::Approved { user: *user },
            LoginEvent::Denied => self.stage = LoginStage::Denied,
            LoginEvent::Waited { at } => self.polled_at = Some(*at),
            LoginEvent::SlowedDown { at, interval_ms } => {
                self.polled_at = Some(*at);
                self.interval_ms = *interval_ms;
            }
            LoginEvent::Redeemed { .. } => self.stage = LoginStage::Redeemed,
        }
    }
}
