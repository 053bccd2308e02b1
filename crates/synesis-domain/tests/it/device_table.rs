//! Which device may connect, line by line.

use synesis_domain::device::{Certificate, CertificateSerial};
use synesis_domain::limits::CERTIFICATES_MAX;
use synesis_domain::{
    Device, DeviceCommand, DeviceEvent, DeviceId, DeviceName, DeviceRefusal, Scope, Scopes,
    Timestamp, UserId,
};

const ANN: UserId = UserId::from_bytes([1; 16]);
const BOB: UserId = UserId::from_bytes([2; 16]);

fn serial(number: u8) -> CertificateSerial {
    CertificateSerial::new(&[0, number]).unwrap()
}

fn certificate(number: u8, not_after: i64) -> Certificate {
    Certificate {
        serial: serial(number),
        not_after: Timestamp::from_millis(not_after),
    }
}

fn enrol(user: UserId, number: u8) -> DeviceCommand {
    let name = DeviceName::new("desk").unwrap();
    DeviceCommand::Enrol {
        user,
        name,
        certificate: certificate(number, 100),
    }
}

fn renew(number: u8, not_after: i64) -> DeviceCommand {
    DeviceCommand::Renew {
        certificate: certificate(number, not_after),
    }
}

fn confine(scope: Scope) -> DeviceCommand {
    DeviceCommand::Confine {
        rights: Scopes::new([scope]).unwrap(),
    }
}

/// Runs commands; the last one's answer is the number of events or the refusal.
fn run(commands: &[DeviceCommand]) -> (Device, Result<usize, DeviceRefusal>) {
    let mut device = Device::new(DeviceId::from_bytes([9; 16]));
    let mut answer = Ok(0);
    for command in commands {
        answer = device
            .decide(Timestamp::from_millis(5), command)
            .map(|events| {
                for event in &events {
                    device.apply(&DeviceEvent::decode(&event.encode()).unwrap());
                }
                events.len()
            });
    }
    (device, answer)
}

#[test]
fn each_command_has_its_answer() {
    use DeviceCommand::Revoke;
    let rows: [(&str, &[DeviceCommand], Result<usize, DeviceRefusal>); 14] = [
        ("enrol", &[enrol(ANN, 1)], Ok(1)),
        ("enrol twice", &[enrol(ANN, 1), enrol(ANN, 1)], Ok(0)),
        (
            "enrol for another",
            &[enrol(ANN, 1), enrol(BOB, 1)],
            Err(DeviceRefusal::AlreadyEnrolled),
        ),
        (
            "enrol again",
            &[enrol(ANN, 1), enrol(ANN, 2)],
            Err(DeviceRefusal::AlreadyEnrolled),
        ),
        (
            "renew a stranger",
            &[renew(2, 200)],
            Err(DeviceRefusal::NotEnrolled),
        ),
        ("renew", &[enrol(ANN, 1), renew(2, 200)], Ok(1)),
        (
            "renew twice",
            &[enrol(ANN, 1), renew(2, 200), renew(2, 200)],
            Ok(0),
        ),
        ("confine", &[enrol(ANN, 1), confine(Scope::Read)], Ok(1)),
        (
            "confine twice",
            &[enrol(ANN, 1), confine(Scope::Read), confine(Scope::Read)],
            Ok(0),
        ),
        (
            "confine a stranger",
            &[confine(Scope::Read)],
            Err(DeviceRefusal::NotEnrolled),
        ),
        ("revoke", &[enrol(ANN, 1), Revoke], Ok(1)),
        ("revoke twice", &[enrol(ANN, 1), Revoke, Revoke], Ok(0)),
        (
            "revoke a stranger",
            &[Revoke],
            Err(DeviceRefusal::NotEnrolled),
        ),
        (
            "renew what is out",
            &[enrol(ANN, 1), Revoke, renew(2, 200)],
            Err(DeviceRefusal::Revoked),
        ),
    ];
    for (row, commands, expected) in rows {
        assert_eq!(run(commands).1, expected, "{row}");
    }
}

#[test]
fn a_device_may_do_everything_until_it_is_confined() {
    let free = run(&[enrol(ANN, 1)]).0;
    let confined = run(&[enrol(ANN, 1), confine(Scope::Write), renew(2, 200)]).0;
    for scope in Scope::ALL {
        assert!(free.rights().allow(scope), "{scope}");
        let left = matches!(scope, Scope::Read | Scope::Write);
        assert_eq!(confined.rights().allow(scope), left, "{scope}");
    }
}

#[test]
fn a_device_connects_with_its_own_living_certificates_only() {
    use DeviceCommand::Revoke;
    let not_after = Timestamp::from_millis(100);
    let renewed: &[DeviceCommand] = &[enrol(ANN, 1), renew(2, 200)];
    let revoked: &[DeviceCommand] = &[enrol(ANN, 1), Revoke];
    let rows = [
        (
            "unknown",
            &[] as &[_],
            ANN,
            1,
            50,
            Err(DeviceRefusal::NotEnrolled),
        ),
        ("valid", renewed, ANN, 1, 99, Ok(())),
        (
            "at its end",
            renewed,
            ANN,
            1,
            100,
            Err(DeviceRefusal::Expired { not_after }),
        ),
        ("the renewed one", renewed, ANN, 2, 100, Ok(())),
        (
            "another's",
            renewed,
            BOB,
            2,
            50,
            Err(DeviceRefusal::OtherUser),
        ),
        (
            "a foreign one",
            renewed,
            ANN,
            3,
            50,
            Err(DeviceRefusal::UnknownCertificate),
        ),
        (
            "revoked before all else",
            revoked,
            BOB,
            3,
            500,
            Err(DeviceRefusal::Revoked),
        ),
    ];
    for (row, commands, user, number, now, expected) in rows {
        let (device, _) = run(commands);
        let got = device.may_connect(user, &serial(number), Timestamp::from_millis(now));
        assert_eq!(got, expected, "{row}");
    }
}

#[test]
fn certificates_of_a_device_do_not_grow_in_number() {
    let renewals = (2..20).map(|number| renew(number, 1000));
    let (device, _) = run(&std::iter::once(enrol(ANN, 1))
        .chain(renewals)
        .collect::<Vec<_>>());
    let welcome = |number| {
        device
            .may_connect(ANN, &serial(number), Timestamp::from_millis(50))
            .is_ok()
    };
    let known: Vec<u8> = (1..20).filter(|number| welcome(*number)).collect();
    assert_eq!(known, [16, 17, 18, 19]);
    assert_eq!(known.len(), CERTIFICATES_MAX);
}

#[test]
fn serials_are_compared_without_the_zeros_in_front() {
    assert_eq!(
        CertificateSerial::new(&[0, 0, 5]),
        CertificateSerial::new(&[5])
    );
    assert_eq!(CertificateSerial::new(&[0, 0]), None);
    assert_eq!(CertificateSerial::new(&[1; 21]), None);
}
