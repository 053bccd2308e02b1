//! The stored form of events: one form for each, and no bytes that make the reader fall over.

use proptest::prelude::*;
use synesis_domain::account::{CreditPart, Entry, Gap, GrantNumber, Happened, HeldCall};
use synesis_domain::device::{Certificate, CertificateSerial};
use synesis_domain::{
    AccountEvent, BasisPoints, DecodeError, DeviceEvent, DeviceId, DeviceName, Digest, ExternalId,
    InviteId, ModelName, NanoUsd, Payer, RequestId, Scope, Scopes, Tier, Timestamp, TokenUsage,
    UserId,
};

fn time() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp::from_millis)
}

fn amount() -> impl Strategy<Value = NanoUsd> {
    (0..i64::MAX).prop_map(NanoUsd::new)
}

fn request() -> impl Strategy<Value = RequestId> {
    any::<[u8; 16]>().prop_map(RequestId::from_bytes)
}

fn tier() -> impl Strategy<Value = Tier> {
    prop_oneof![
        any::<u32>().prop_map(|monthly_limit_cents| Tier::Free {
            monthly_limit_cents
        }),
        any::<u16>().prop_map(|rate| Tier::Managed {
            markup: BasisPoints::new(rate)
        }),
        any::<u16>().prop_map(|rate| Tier::Byok {
            licensing: BasisPoints::new(rate)
        }),
    ]
}

fn call() -> impl Strategy<Value = HeldCall> {
    let model = "[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}";
    let guest = prop::option::of(any::<[u8; 16]>().prop_map(InviteId::from_bytes));
    let ids = any::<([u8; 32], [u8; 16])>();
    (ids, model, any::<u32>(), payer(), guest).prop_map(
        |((content, device), model, price_version, payer, guest)| HeldCall {
            content: Digest::from_bytes(content),
            device: DeviceId::from_bytes(device),
            model: ModelName::new(model).unwrap(),
            price_version,
            payer,
            guest,
        },
    )
}

fn payer() -> impl Strategy<Value = Payer> {
    prop_oneof![Just(Payer::Operator), Just(Payer::User)]
}

fn entry() -> impl Strategy<Value = Entry> {
    let part = || 0_i64..1 << 40;
    (payer(), part(), [part(), part(), part(), part()]).prop_map(|(payer, provider, parts)| {
        let nano = NanoUsd::new;
        let [credit, charged, waived, absorbed] = parts;
        let due: i64 = parts.iter().sum();
        let (provider, fee) = match payer {
            Payer::Operator => (provider.min(due), due - provider.min(due)),
            Payer::User => (provider, due),
        };
        Entry {
            provider: nano(provider),
            fee: nano(fee),
            payer,
            credit: nano(credit),
            charged: nano(charged),
            waived: nano(waived),
            absorbed: nano(absorbed),
        }
    })
}

fn parts() -> impl Strategy<Value = Vec<CreditPart>> {
    let part = (any::<u32>(), 0..i64::MAX).prop_map(|(grant, amount)| CreditPart {
        grant: GrantNumber::new(grant),
        amount: NanoUsd::new(amount),
    });
    prop::collection::vec(part, 0..4)
}

fn external() -> impl Strategy<Value = ExternalId> {
    "[!-~]{1,255}".prop_map(|text| ExternalId::new(text).unwrap())
}

fn usage() -> impl Strategy<Value = TokenUsage> {
    any::<(u32, u32, u32)>().prop_map(|(prompt, cached, out)| TokenUsage::new(prompt, cached, out))
}

fn of_call() -> impl Strategy<Value = Happened> {
    prop_oneof![
        (request(), call(), amount(), parts(), any::<u32>()).prop_map(
            |(request, call, amount, pins, ttl_ms)| Happened::Held {
                request,
                call,
                amount,
                pins,
                ttl_ms,
            }
        ),
        (request(), amount(), parts(), any::<u32>()).prop_map(|(request, added, pins, ttl_ms)| {
            Happened::Extended {
                request,
                added,
                pins,
                ttl_ms,
            }
        }),
        (request(), usage(), entry(), parts()).prop_map(|(request, usage, entry, spent)| {
            Happened::Settled {
                request,
                usage,
                entry,
                spent,
            }
        }),
        (request(), call(), time(), usage(), entry(), parts()).prop_map(
            |(request, call, occurred_at, usage, entry, spent)| Happened::Recorded {
                request,
                call,
                occurred_at,
                usage,
                entry,
                spent,
            }
        ),
        request().prop_map(|request| Happened::Released { request }),
        request().prop_map(|request| Happened::Expired { request }),
    ]
}

fn of_terms() -> impl Strategy<Value = Happened> {
    let ids = || any::<[u8; 16]>();
    prop_oneof![
        (ids(), tier(), amount()).prop_map(|(user, tier, ceiling)| Happened::Opened {
            user: UserId::from_bytes(user),
            tier,
            ceiling,
        }),
        (time(), any::<u64>())
            .prop_map(|(ended, bill_cents)| Happened::PeriodClosed { ended, bill_cents }),
        (tier(), time()).prop_map(|(tier, from)| Happened::TierScheduled { tier, from }),
        (tier(), time()).prop_map(|(tier, from)| Happened::TierChanged { tier, from }),
        amount().prop_map(|ceiling| Happened::CeilingSet { ceiling }),
        (ids(), amount()).prop_map(|(guest, limit)| Happened::QuotaSet {
            guest: InviteId::from_bytes(guest),
            limit,
        }),
    ]
}

fn of_money() -> impl Strategy<Value = Happened> {
    let maybe = || prop::option::of(time());
    prop_oneof![
        (external(), amount(), amount(), maybe()).prop_map(
            |(payment, amount, debt_paid, expires_at)| Happened::ToppedUp {
                payment,
                amount,
                debt_paid,
                expires_at,
            }
        ),
        (external(), amount(), maybe()).prop_map(|(promo, amount, expires_at)| {
            Happened::PromoGranted {
                promo,
                amount,
                expires_at,
            }
        }),
        parts().prop_map(|parts| Happened::CreditExpired { parts }),
        parts().prop_map(|parts| Happened::DebtPaid { parts }),
        (external(), amount(), parts()).prop_map(|(payment, amount, parts)| Happened::Refunded {
            payment,
            amount,
            parts,
        }),
        (external(), external(), amount(), parts()).prop_map(
            |(payment, dispute, amount, parts)| Happened::FundsWithdrawn {
                payment,
                dispute,
                amount,
                parts,
            }
        ),
        (external(), external(), amount(), amount()).prop_map(
            |(payment, dispute, amount, debt_paid)| Happened::FundsReinstated {
                payment,
                dispute,
                amount,
                debt_paid,
            }
        ),
        any::<(u32, u32, u64)>().prop_map(|(number, period, cents)| Happened::FlushQueued {
            number,
            period,
            cents,
        }),
        any::<u32>().prop_map(|number| Happened::FlushSent { number }),
        any::<u32>().prop_map(|number| Happened::FlushParked { number }),
        (
            prop::sample::select(vec![Gap::Usage, Gap::Payments]),
            any::<(u64, u64)>()
        )
            .prop_map(|(gap, (ours, theirs))| Happened::Compared { gap, ours, theirs }),
    ]
}

fn account_event() -> impl Strategy<Value = AccountEvent> {
    (time(), prop_oneof![of_call(), of_terms(), of_money()])
        .prop_map(|(at, what)| AccountEvent { at, what })
}

fn device_event() -> impl Strategy<Value = DeviceEvent> {
    let certificate = || {
        (1_u8.., prop::collection::vec(any::<u8>(), 0..20), time()).prop_map(
            |(first, rest, not_after)| {
                let bytes: Vec<u8> = std::iter::once(first).chain(rest).collect();
                Certificate {
                    serial: CertificateSerial::new(&bytes).unwrap(),
                    not_after,
                }
            },
        )
    };
    prop_oneof![
        (
            time(),
            any::<[[u8; 16]; 2]>(),
            "[^\\p{C}\\s][^\\p{C}]{0,63}",
            certificate()
        )
            .prop_map(
                |(at, [device, user], name, certificate)| DeviceEvent::Enrolled {
                    at,
                    device: DeviceId::from_bytes(device),
                    user: UserId::from_bytes(user),
                    name: DeviceName::new(name).unwrap(),
                    certificate,
                }
            ),
        (time(), certificate())
            .prop_map(|(at, certificate)| DeviceEvent::Renewed { at, certificate }),
        (time(), 1..16_u8).prop_map(|(at, bits)| DeviceEvent::Confined {
            at,
            rights: Scopes::from_bits(bits).unwrap(),
        }),
        time().prop_map(|at| DeviceEvent::Revoked { at }),
    ]
}

proptest! {
    #[test]
    fn account_events_read_back(event in account_event()) {
        let stored = event.encode();
        prop_assert_eq!(AccountEvent::decode(&stored), Ok(event));
        prop_assert!(matches!(DeviceEvent::decode(&stored), Err(DecodeError::Kind(_))));
    }

    #[test]
    fn device_events_read_back(event in device_event()) {
        let stored = event.encode();
        prop_assert_eq!(DeviceEvent::decode(&stored), Ok(event));
        prop_assert!(matches!(AccountEvent::decode(&stored), Err(DecodeError::Kind(_))));
    }

    #[test]
    fn a_damaged_event_is_refused_or_another_event_in_its_only_form(
        event in account_event(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut stored = event.encode();
        let at = at.index(stored.len());
        prop_assert!(AccountEvent::decode(&stored[..at]).is_err(), "cut off");
        let longer: Vec<u8> = stored.iter().copied().chain([byte]).collect();
        prop_assert!(AccountEvent::decode(&longer).is_err(), "too long");
        stored[at] = byte;
        if let Ok(other) = AccountEvent::decode(&stored) {
            prop_assert_eq!(other.encode(), stored);
        }
    }

    #[test]
    fn any_bytes_are_read_without_falling_over(
        kind in any::<u8>(), rest in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let stored: Vec<u8> = [1, kind].into_iter().chain(rest).collect();
        if let Ok(event) = AccountEvent::decode(&stored) {
            prop_assert_eq!(event.encode(), stored.clone());
        }
        if let Ok(event) = DeviceEvent::decode(&stored) {
            prop_assert_eq!(event.encode(), stored);
        }
    }
}

const AT: Timestamp = Timestamp::from_millis(1000);
const REQUEST: RequestId = RequestId::from_bytes([0xaa; 16]);

fn written_as(what: Happened, expected: &str) {
    let stored: String = AccountEvent { at: AT, what }
        .encode()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(stored, expected);
}

// Histories are kept for ever: these bytes must stay readable, and be written like this.

#[test]
fn the_stored_form_of_holds_does_not_change() {
    let (request, ids) = (REQUEST, "aa".repeat(16));
    let call = |payer, guest| HeldCall {
        content: Digest::from_bytes([0xbb; 32]),
        device: DeviceId::from_bytes([0xcc; 16]),
        model: ModelName::new("m-1").unwrap(),
        price_version: 7,
        payer,
        guest,
    };
    let (amount, ttl_ms) = (NanoUsd::new(64), 900_000);
    let pins = vec![CreditPart {
        grant: GrantNumber::new(3),
        amount: NanoUsd::new(2),
    }];
    let content = format!("{}{}036d2d3107", "bb".repeat(32), "cc".repeat(16));
    written_as(
        Happened::Held {
            request,
            call: call(Payer::Operator, None),
            amount,
            pins: pins.clone(),
            ttl_ms,
        },
        &format!("0103d00f{ids}{content}00008001010304a0f736"),
    );
    written_as(
        Happened::Held {
            request,
            call: call(Payer::User, Some(InviteId::from_bytes([0xdd; 16]))),
            amount,
            pins: Vec::new(),
            ttl_ms,
        },
        &format!("0103d00f{ids}{content}0101{}800100a0f736", "dd".repeat(16)),
    );
    let added = NanoUsd::new(1);
    written_as(
        Happened::Extended {
            request,
            added,
            pins,
            ttl_ms: 1,
        },
        &format!("0104d00f{ids}0201030401"),
    );
    written_as(Happened::Released { request }, &format!("0106d00f{ids}"));
    written_as(Happened::Expired { request }, &format!("0107d00f{ids}"));
}

#[test]
fn the_stored_form_of_terms_and_charges_does_not_change() {
    let (request, ids) = (REQUEST, "aa".repeat(16));
    let (user, ceiling) = (UserId::from_bytes([0xaa; 16]), NanoUsd::new(64));
    written_as(
        Happened::Opened {
            user,
            tier: Tier::MANAGED,
            ceiling,
        },
        &format!("0101d00f{ids}02ac028001"),
    );
    let ended = Timestamp::from_millis(-1);
    let bill_cents = 300;
    written_as(
        Happened::PeriodClosed { ended, bill_cents },
        "0102d00f01ac02",
    );
    let nano = NanoUsd::new;
    let entry = Entry {
        provider: nano(100),
        fee: nano(3),
        payer: Payer::Operator,
        credit: nano(7),
        charged: nano(83),
        waived: NanoUsd::ZERO,
        absorbed: nano(13),
    };
    let usage = TokenUsage::new(200, 5, 9);
    written_as(
        Happened::Settled {
            request,
            usage,
            entry,
            spent: Vec::new(),
        },
        &format!("0105d00f{ids}c801050900c801060ea601001a00"),
    );
}

#[test]
fn the_stored_form_of_credit_and_bills_does_not_change() {
    let (payment, dispute) = (
        ExternalId::new("cs").unwrap(),
        ExternalId::new("dp").unwrap(),
    );
    let amount = NanoUsd::new(64);
    written_as(
        Happened::ToppedUp {
            payment: payment.clone(),
            amount,
            debt_paid: NanoUsd::new(1),
            expires_at: Some(AT),
        },
        "010dd00f02637380010201d00f",
    );
    written_as(
        Happened::FundsWithdrawn {
            payment,
            dispute,
            amount,
            parts: Vec::new(),
        },
        "0112d00f026373026470800100",
    );
    written_as(
        Happened::FlushQueued {
            number: 1,
            period: 2,
            cents: 300,
        },
        "0114d00f0102ac02",
    );
}

#[test]
fn the_stored_form_of_device_events_does_not_change() {
    let at = Timestamp::from_millis(1000);
    let serial = CertificateSerial::new(&[0, 1, 2]).unwrap();
    let certificate = Certificate {
        serial,
        not_after: Timestamp::from_millis(2000),
    };
    let (device, user) = (
        DeviceId::from_bytes([0xaa; 16]),
        UserId::from_bytes([0xbb; 16]),
    );
    let name = DeviceName::new("desk").unwrap();
    let enrolled = DeviceEvent::Enrolled {
        at,
        device,
        user,
        name,
        certificate: certificate.clone(),
    };
    let mut expected = vec![1, 65, 0xd0, 0x0f];
    expected.extend([[0xaa; 16], [0xbb; 16]].concat());
    expected.extend(b"\x04desk\x02\x01\x02\xa0\x1f");
    assert_eq!(enrolled.encode(), expected);
    let renewed = DeviceEvent::Renewed { at, certificate };
    assert_eq!(renewed.encode(), [1, 66, 0xd0, 0x0f, 2, 1, 2, 0xa0, 0x1f]);
    assert_eq!(DeviceEvent::Revoked { at }.encode(), [1, 67, 0xd0, 0x0f]);
    let rights = Scopes::new([Scope::Read, Scope::Escalate]).unwrap();
    let confined = DeviceEvent::Confined { at, rights };
    assert_eq!(confined.encode(), [1, 68, 0xd0, 0x0f, 5]);
}
