//! Tables in words: each line is a command and what comes of it, or a figure and its value.
//!
//! A command is followed by `ok` (something happened), `again` (nothing more happened) or the
//! refusal in words; `wait 15` passes so many minutes, `days 31` so many days. `a'` is the request a
//! with other content, `a@g` a call of the guest g, `a*` one that the user's own key serves. A figure
//! such as `charged 40` is followed by what it must be. Amounts are dollars.

use synesis_domain::account::{Book, HeldCall};
use synesis_domain::limits::HOLD_TTL_MS;
use synesis_domain::{
    Account, AccountCommand, BasisPoints, DeviceId, Digest, ExternalId, InviteId, ModelName,
    NanoUsd, Payer, Refusal, RequestId, Tier, Timestamp, TokenUsage, UserId,
};

/// A tier that adds nothing, so that figures are what was typed.
pub(crate) const PLAIN: Tier = Tier::Managed {
    markup: BasisPoints::new(0),
};

/// 2026-01-01T00:00:00Z.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

const MINUTE_MS: i64 = 60_000;

pub(crate) fn check(table: &str) {
    check_on(PLAIN, table);
}

pub(crate) fn check_on(tier: Tier, table: &str) {
    let mut book = TestBook::new(tier);
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let arity = match words[0] {
            "tick" | "close" => 1,
            "hold" | "extend" | "settle" | "record" | "topup" | "promo" | "refund"
            | "reinstate" | "quota" | "left" => 3,
            "withdraw" => 4,
            _ => 2,
        };
        let arity = arity + usize::from(words.get(arity) == Some(&"until")) * 2;
        let arity = arity + usize::from(words.get(arity) == Some(&"from")) * 2;
        let got = book.act(&words[..arity]);
        assert_eq!(got, words[arity..].join(" "), "in the line: {line}");
    }
}

pub(crate) fn request(name: &str) -> RequestId {
    let mut bytes = [0; 16];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    RequestId::from_bytes(bytes)
}

pub(crate) fn call(content: &str) -> HeldCall {
    HeldCall {
        content: Digest::of_parts([content.as_bytes()]),
        device: DeviceId::from_bytes([7; 16]),
        model: ModelName::new("m").unwrap(),
        price_version: 1,
        payer: Payer::Operator,
        guest: None,
    }
}

pub(crate) fn guest(name: &str) -> InviteId {
    InviteId::from_bytes(*request(name).as_bytes())
}

struct TestBook {
    account: Account,
    tier: Tier,
    now: Timestamp,
}

/// The request, and the call, that a word such as `a'@g*` means.
fn parse_call(word: &str) -> (RequestId, HeldCall) {
    let (word, own_key) = match word.strip_suffix('*') {
        Some(rest) => (rest, true),
        None => (word, false),
    };
    let (name, by) = match word.split_once('@') {
        Some((name, by)) => (name, Some(guest(by))),
        None => (word, None),
    };
    let payer = if own_key {
        Payer::User
    } else {
        Payer::Operator
    };
    let call = HeldCall {
        payer,
        guest: by,
        ..call(name)
    };
    (request(name.trim_end_matches('\'')), call)
}

fn parse_tier(word: &str) -> Tier {
    match word.split_once(':').unwrap() {
        ("managed", rate) => Tier::Managed {
            markup: BasisPoints::new(rate.parse().unwrap()),
        },
        ("byok", rate) => Tier::Byok {
            licensing: BasisPoints::new(rate.parse().unwrap()),
        },
        (_, cents) => Tier::Free {
            monthly_limit_cents: cents.parse().unwrap(),
        },
    }
}

impl TestBook {
    fn new(tier: Tier) -> Self {
        Self {
            account: Account::new(UserId::from_bytes([1; 16])),
            tier,
            now: START,
        }
    }

    /// Does what a line says; gives what came of it, nothing for a figure that is right.
    fn act(&mut self, words: &[&str]) -> String {
        match words[0] {
            "wait" | "days" => {
                let unit = if words[0] == "days" { 24 * 60 } else { 1 };
                let minutes = words[1].parse::<i64>().unwrap() * unit;
                self.now = self.now.plus_ms(minutes * MINUTE_MS);
                String::new()
            }
            "left" => {
                let source = self.account.source(&ExternalId::new(words[1]).unwrap());
                let grant = source.map(|source| source.grant);
                let left = self
                    .account
                    .grants()
                    .find(|(number, _)| Some(*number) == grant)
                    .map_or(NanoUsd::ZERO, |(_, grant)| grant.left);
                assert_eq!(left, words[2].parse().unwrap(), "{words:?}");
                String::new()
            }
            word => match self.command(words) {
                Some(command) => self.answer(&command),
                None => {
                    assert_eq!(self.figure(word), words[1].parse().unwrap(), "{word}");
                    String::new()
                }
            },
        }
    }

    fn command(&self, words: &[&str]) -> Option<AccountCommand> {
        self.about_calls(words)
            .or_else(|| about_credit(words))
            .or_else(|| about_terms(words))
    }

    fn about_calls(&self, words: &[&str]) -> Option<AccountCommand> {
        let money = |at: usize| words[at].parse::<NanoUsd>().unwrap();
        let called = |at: usize| parse_call(words[at]).0;
        let ttl_ms = HOLD_TTL_MS;
        let usage = TokenUsage::new(1, 0, 1);
        Some(match words[0] {
            "open" => AccountCommand::Open {
                tier: self.tier,
                ceiling: money(1),
            },
            "hold" => AccountCommand::Hold {
                request: called(1),
                call: parse_call(words[1]).1,
                amount: money(2),
                ttl_ms,
            },
            "extend" => AccountCommand::Extend {
                request: called(1),
                total: money(2),
                ttl_ms,
            },
            "settle" => AccountCommand::Settle {
                request: called(1),
                usage,
                cost: money(2),
            },
            "record" => AccountCommand::Record {
                request: called(1),
                call: parse_call(words[1]).1,
                occurred_at: START,
                usage,
                cost: money(2),
            },
            "release" => AccountCommand::Release { request: called(1) },
            "tick" => AccountCommand::Tick,
            _ => return None,
        })
    }

    fn answer(&mut self, command: &AccountCommand) -> String {
        let due = match self.account.decide(self.now, &AccountCommand::Tick) {
            Ok(events) if *command != AccountCommand::Tick => events.len(),
            _ => 0,
        };
        match self.account.decide(self.now, command) {
            Ok(events) => {
                events.iter().for_each(|event| self.account.apply(event));
                if events.len() > due {
                    "ok".into()
                } else {
                    "again".into()
                }
            }
            Err(refusal) => in_words(refusal),
        }
    }

    fn figure(&self, name: &str) -> NanoUsd {
        let balance = |book| self.account.books().balance(book);
        let less = |amount| NanoUsd::ZERO.saturating_sub(amount);
        match name {
            "charged" => self.account.period().charged,
            "given" => self.account.period().waived,
            "held" => self.account.held(),
            "room" => self.account.room(),
            "credit" => self.account.credit(),
            "pinned" => self.account.pinned_credit(),
            "debt" => self.account.debt(),
            "unbilled" => self.account.unbilled(),
            "queued" => NanoUsd::from_whole_cents(self.account.queued_cents()),
            "sent" => NanoUsd::from_whole_cents(self.account.sent_cents()),
            "owed" => balance(Book::Receivable),
            "absorbed" => balance(Book::Absorbed),
            "cash" => balance(Book::Cash),
            "earned" => less(balance(Book::Revenue)),
            "lost" => less(balance(Book::Breakage)),
            "promoted" => balance(Book::Promo),
            other => panic!("no such word: {other}"),
        }
    }
}

/// So many minutes from the start, after a word such as `until`.
fn in_minutes(words: &[&str], word: &str) -> Option<Timestamp> {
    let at = words.iter().position(|known| *known == word)?;
    let minutes: i64 = words[at + 1].parse().unwrap();
    Some(START.plus_ms(minutes * MINUTE_MS))
}

fn about_credit(words: &[&str]) -> Option<AccountCommand> {
    let money = |at: usize| words[at].parse::<NanoUsd>().unwrap();
    let external = |at: usize| ExternalId::new(words[at]).unwrap();
    let expires_at = in_minutes(words, "until");
    Some(match words[0] {
        "topup" => AccountCommand::TopUp {
            payment: external(1),
            amount: money(2),
            expires_at,
        },
        "promo" => AccountCommand::GrantPromo {
            promo: external(1),
            amount: money(2),
            expires_at,
        },
        "refund" => AccountCommand::Refund {
            payment: external(1),
            total: money(2),
        },
        "withdraw" => AccountCommand::WithdrawFunds {
            payment: external(1),
            dispute: external(2),
            amount: money(3),
        },
        "reinstate" => AccountCommand::ReinstateFunds {
            payment: external(1),
            dispute: external(2),
        },
        _ => return None,
    })
}

fn about_terms(words: &[&str]) -> Option<AccountCommand> {
    let money = |at: usize| words[at].parse::<NanoUsd>().unwrap();
    let number = || words[1].parse().unwrap();
    Some(match words[0] {
        "tier" => AccountCommand::SetTier {
            tier: parse_tier(words[1]),
            from: in_minutes(words, "from").unwrap_or(START),
        },
        "ceiling" => AccountCommand::SetCeiling { ceiling: money(1) },
        "quota" => AccountCommand::SetQuota {
            guest: guest(words[1]),
            limit: money(2),
        },
        "close" => AccountCommand::ClosePeriod,
        "flush" => AccountCommand::Flush {
            threshold: money(1),
        },
        "confirm" => AccountCommand::ConfirmFlush { number: number() },
        "park" => AccountCommand::ParkFlush { number: number() },
        _ => return None,
    })
}

pub(crate) fn in_words(refusal: Refusal) -> String {
    let dollars = |amount: NanoUsd| amount.to_string().replace('$', "").replace(".00", "");
    let passed = |what: &str, excess, room| {
        let (excess, room) = (dollars(excess), dollars(room));
        format!("{what} passed by {excess} with {room} left")
    };
    match refusal {
        Refusal::Amount(_) => "bad amount".into(),
        Refusal::Ttl(_) => "bad life".into(),
        Refusal::NotOpen => "not open".into(),
        Refusal::AlreadyOpen => "already open".into(),
        Refusal::OtherContent => "other content".into(),
        Refusal::AlreadySettled => "already settled".into(),
        Refusal::NothingHeld => "nothing held".into(),
        Refusal::UnknownPayment => "unknown payment".into(),
        Refusal::UnknownFlush => "unknown flush".into(),
        Refusal::UnknownGuest => "unknown guest".into(),
        Refusal::TooManyHolds { max } => format!("more than {max} holds"),
        Refusal::TooMany { max } => format!("more than {max}"),
        Refusal::Debt { owed } => format!("owes {}", dollars(owed)),
        Refusal::Quota { excess, room } => passed("quota", excess, room),
        Refusal::Ceiling { excess, room } => passed("ceiling", excess, room),
    }
}
