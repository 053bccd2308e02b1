//! The stored form of events: one form for each, and no bytes that make the reader fall over.

use proptest::prelude::*;
use synesis_domain::account::{Entry, HeldCall};
use synesis_domain::device::{Certificate, CertificateSerial};
use synesis_domain::{
    AccountEvent, BasisPoints, DecodeError, DeviceEvent, DeviceId, DeviceName, Digest, ModelName,
    NanoUsd, RequestId, Scope, Scopes, Tier, Timestamp, TokenUsage, UserId,
};

fn time() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp::from_millis)
}

fn money() -> impl Strategy<Value = NanoUsd> {
    any::<i64>().prop_map(NanoUsd::new)
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
    (any::<[u8; 32]>(), any::<[u8; 16]>(), model, any::<u32>()).prop_map(
        |(content, device, model, price_version)| HeldCall {
            content: Digest::from_bytes(content),
            device: DeviceId::from_bytes(device),
            model: ModelName::new(model).unwrap(),
            price_version,
        },
    )
}

fn entry() -> impl Strategy<Value = Entry> {
    let part = || 0_i64..1 << 40;
    (part(), part(), part(), 0_i64..=1000).prop_map(|(provider, charged, waived, share)| {
        let sum = charged + waived;
        let provider = provider.min(sum) * share / 1000;
        let nano = NanoUsd::new;
        Entry {
            provider: nano(provider),
            fee: nano(sum - provider + share),
            charged: nano(charged),
            waived: nano(waived),
            absorbed: nano(share),
        }
    })
}

fn account_event() -> impl Strategy<Value = AccountEvent> {
    let usage = || {
        any::<(u32, u32, u32)>()
            .prop_map(|(prompt, cached, out)| TokenUsage::new(prompt, cached, out))
    };
    prop_oneof![
        (time(), any::<[u8; 16]>(), tier(), money()).prop_map(|(at, user, tier, ceiling)| {
            AccountEvent::Opened {
                at,
                user: UserId::from_bytes(user),
                tier,
                ceiling,
            }
        }),
        (time(), time()).prop_map(|(at, started)| AccountEvent::PeriodOpened { at, started }),
        (time(), request(), call(), money(), any::<u32>()).prop_map(
            |(at, request, call, amount, ttl_ms)| AccountEvent::Held {
                at,
                request,
                call,
                amount,
                ttl_ms
            }
        ),
        (time(), request(), money(), any::<u32>()).prop_map(|(at, request, added, ttl_ms)| {
            AccountEvent::Extended {
                at,
                request,
                added,
                ttl_ms,
            }
        }),
        (time(), request(), usage(), entry()).prop_map(|(at, request, usage, entry)| {
            AccountEvent::Settled {
                at,
                request,
                usage,
                entry,
            }
        }),
        (time(), request()).prop_map(|(at, request)| AccountEvent::Released { at, request }),
        (time(), request()).prop_map(|(at, request)| AccountEvent::Expired { at, request }),
    ]
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

fn written_as(event: &AccountEvent, expected: &str) {
    let stored: String = event
        .encode()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(stored, expected, "{event:?}");
}

// Histories are kept for ever: these bytes must stay readable, and be written like this.

#[test]
fn the_stored_form_of_holds_does_not_change() {
    let (at, request, ids) = (AT, REQUEST, "aa".repeat(16));
    let call = HeldCall {
        content: Digest::from_bytes([0xbb; 32]),
        device: DeviceId::from_bytes([0xcc; 16]),
        model: ModelName::new("m-1").unwrap(),
        price_version: 7,
    };
    let (amount, ttl_ms) = (NanoUsd::new(64), 900_000);
    written_as(
        &AccountEvent::Held {
            at,
            request,
            call,
            amount,
            ttl_ms,
        },
        &format!(
            "0103d00f{ids}{}{}036d2d31078001a0f736",
            "bb".repeat(32),
            "cc".repeat(16)
        ),
    );
    let added = NanoUsd::new(1);
    written_as(
        &AccountEvent::Extended {
            at,
            request,
            added,
            ttl_ms: 1,
        },
        &format!("0104d00f{ids}0201"),
    );
    written_as(
        &AccountEvent::Released { at, request },
        &format!("0106d00f{ids}"),
    );
    written_as(
        &AccountEvent::Expired { at, request },
        &format!("0107d00f{ids}"),
    );
}

#[test]
fn the_stored_form_of_terms_and_charges_does_not_change() {
    let (at, request, ids) = (AT, REQUEST, "aa".repeat(16));
    let (user, ceiling) = (UserId::from_bytes([0xaa; 16]), NanoUsd::new(64));
    written_as(
        &AccountEvent::Opened {
            at,
            user,
            tier: Tier::MANAGED,
            ceiling,
        },
        &format!("0101d00f{ids}02ac028001"),
    );
    let started = Timestamp::from_millis(-1);
    written_as(&AccountEvent::PeriodOpened { at, started }, "0102d00f01");
    let nano = NanoUsd::new;
    let (provider, fee, charged, absorbed) = (nano(100), nano(3), nano(90), nano(13));
    let entry = Entry {
        provider,
        fee,
        charged,
        waived: NanoUsd::ZERO,
        absorbed,
    };
    let usage = TokenUsage::new(200, 5, 9);
    written_as(
        &AccountEvent::Settled {
            at,
            request,
            usage,
            entry,
        },
        &format!("0105d00f{ids}c8010509c80106b401001a"),
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
