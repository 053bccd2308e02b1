//! Statements and histories that are built from stored bytes, and gaps that comparisons find.

use synesis_domain::account::{
    CreditReason, Gap, Happened, HeldCall, History, Receipt, Statement, StatementKind,
};
use synesis_domain::{
    Account, AccountCommand, AccountEvent, BasisPoints, ChainHead, DeviceId, Digest, ExternalId,
    ModelName, NanoUsd, Payer, RequestId, Tier, Timestamp, TokenUsage, UserId,
};

const USER: UserId = UserId::from_bytes([1; 16]);
const DEVICE: DeviceId = DeviceId::from_bytes([3; 16]);
/// 2026-03-10.
const START_MS: i64 = 1_773_100_800_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// An account with its stored history.
struct Book {
    account: Account,
    stored: Vec<Vec<u8>>,
}

impl Book {
    fn new() -> Self {
        let mut book = Self {
            account: Account::new(USER),
            stored: Vec::new(),
        };
        book.put(
            0,
            AccountCommand::Open {
                tier: Tier::Managed {
                    markup: BasisPoints::new(300),
                },
                ceiling: NanoUsd::from_cents(10_000),
            },
        );
        book
    }

    fn put(&mut self, day: i64, command: AccountCommand) -> Vec<AccountEvent> {
        let now = Timestamp::from_millis(START_MS + day * DAY_MS);
        let events = self.account.decide(now, &command).unwrap();
        for event in &events {
            self.account.apply(event);
            self.stored.push(event.encode());
        }
        events
    }

    fn call(&mut self, day: i64, id: u8, cost: i64) {
        let request = RequestId::from_bytes([id; 16]);
        self.put(
            day,
            AccountCommand::Hold {
                request,
                call: held_call(),
                amount: NanoUsd::new(cost * 2),
                ttl_ms: 60_000,
            },
        );
        self.put(
            day,
            AccountCommand::Settle {
                request,
                usage: TokenUsage::new(10, 0, 5),
                cost: NanoUsd::new(cost),
            },
        );
    }

    fn statement(&self, period: u32) -> Statement {
        let mut history = History::new(USER);
        let mut statement = Statement::new(USER, period);
        for stored in &self.stored {
            let step = history.push(stored).unwrap();
            statement.add(&step, history.head());
        }
        assert_eq!(history.account(), &self.account);
        statement
    }
}

fn held_call() -> HeldCall {
    HeldCall {
        content: Digest::of_parts([b"q".as_slice()]),
        device: DEVICE,
        model: ModelName::new("demo").unwrap(),
        price_version: 1,
        payer: Payer::Operator,
        guest: None,
    }
}

fn payment() -> ExternalId {
    ExternalId::new("cs_1").unwrap()
}

fn busy() -> Book {
    let mut book = Book::new();
    book.call(1, 1, 100_000_000);
    book.put(
        2,
        AccountCommand::TopUp {
            payment: payment(),
            amount: NanoUsd::from_cents(100),
            expires_at: None,
        },
    );
    book.call(3, 2, 200_000_000);
    book.put(
        4,
        AccountCommand::Refund {
            payment: payment(),
            total: NanoUsd::from_cents(90),
        },
    );
    // The month ends on the way.
    book.put(40, AccountCommand::Tick);
    book
}

#[test]
fn a_statement_says_what_moved_in_its_period_and_the_bill_is_one_rounding() {
    let book = busy();
    let march = book.statement(1);
    assert_eq!(march.from.as_millis(), START_MS);
    // 2026-04-01.
    assert_eq!(march.ended.unwrap().as_millis(), 1_775_001_600_000);
    let kinds: Vec<_> = march
        .lines
        .iter()
        .map(|line| match &line.kind {
            StatementKind::Call { model, device, .. } => {
                assert_eq!((model.as_str(), device), ("demo", &DEVICE.to_string()));
                "call"
            }
            StatementKind::Credit { reason, .. } => reason.name(),
        })
        .collect();
    assert_eq!(kinds, ["call", "top-up", "call", "refund"]);
    let totals = march.totals;
    assert_eq!(
        (totals.calls, totals.prompt_tokens, totals.completion_tokens),
        (2, 20, 10)
    );
    assert_eq!(totals.provider, NanoUsd::new(300_000_000));
    assert_eq!(totals.fee, NanoUsd::new(9_000_000));
    assert_eq!(totals.charged, NanoUsd::new(103_000_000));
    assert_eq!(totals.credit, NanoUsd::new(206_000_000));
    assert_eq!(march.bill_cents, 11);
    let refund = march.lines.last().unwrap();
    assert_eq!(refund.reference, "cs_1");
    assert_eq!(
        refund.kind,
        StatementKind::Credit {
            reason: CreditReason::Refund,
            amount: NanoUsd::new(-794_000_000),
            debt: NanoUsd::new(106_000_000),
        }
    );
}

#[test]
fn the_next_period_begins_where_the_last_ended_and_is_open() {
    let mut book = Book::new();
    book.call(1, 1, 100_000_000);
    book.call(40, 3, 1);
    let april = book.statement(2);
    assert_eq!(Some(april.from), book.statement(1).ended);
    assert_eq!(
        (april.ended, april.totals.calls, april.bill_cents),
        (None, 1, 1)
    );
    assert!(book.statement(3).lines.is_empty());
}

#[test]
fn a_history_is_checked_by_its_receipts() {
    let mut book = Book::new();
    book.call(1, 1, 100_000_000);
    let mut head = ChainHead::EMPTY;
    for stored in &book.stored {
        head = head.after(stored);
    }
    let receipt = Receipt::of(&book.account, head, Timestamp::from_millis(START_MS));
    let mut history = History::new(USER);
    for stored in &book.stored {
        history.push(stored).unwrap();
    }
    assert!(receipt.matches(history.account(), history.head()));
    // A charge that was made smaller afterwards.
    let mut forged = History::new(USER);
    for stored in &book.stored {
        let mut event = AccountEvent::decode(stored).unwrap();
        if let Happened::Settled { entry, .. } = &mut event.what {
            let kept = NanoUsd::new(1);
            entry.absorbed = entry.charged.saturating_sub(kept);
            entry.charged = kept;
        }
        forged.push(&event.encode()).unwrap();
    }
    assert!(!receipt.matches(forged.account(), forged.head()));
    assert!(forged.push(b"no event").is_err());
}

#[test]
fn a_gap_is_noted_when_it_opens_changes_and_closes() {
    let mut book = Book::new();
    let mut note = |ours, theirs| {
        let gap = Gap::Usage;
        let events = book.put(1, AccountCommand::NoteGap { gap, ours, theirs });
        let open: Vec<_> = book.account.gaps().collect();
        (events.len(), open)
    };
    assert_eq!(note(500, 500), (0, vec![]));
    assert_eq!(note(500, 400), (1, vec![(Gap::Usage, 500, 400)]));
    assert_eq!(note(500, 400), (0, vec![(Gap::Usage, 500, 400)]));
    assert_eq!(note(600, 400), (1, vec![(Gap::Usage, 600, 400)]));
    assert_eq!(note(700, 700), (1, vec![]));
    assert_eq!(note(800, 800), (0, vec![]));
}
