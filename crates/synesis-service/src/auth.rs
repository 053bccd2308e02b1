//! Who calls: what a client certificate claims, held against what is known of the device.
//!
//! The TLS layer has checked that the certificate is genuine. It does not check again when a
//! session resumes, and it knows nothing of revocation: this is asked on every connection.

use synesis_domain::device::CertificateSerial;
use synesis_domain::{Device, DeviceId, DeviceRefusal, Timestamp, UserId};
use synesis_wire::{CloseCode, ErrorCode};
use thiserror::Error;

const PREFIX: &str = "spiffe://synesis/account/";
const BETWEEN: &str = "/device/";

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The account.
    pub user: UserId,
    /// The device.
    pub device: DeviceId,
    /// The certificate's serial number.
    pub serial: CertificateSerial,
    /// The beginning of its life.
    pub not_before: Timestamp,
    /// The end of its life.
    pub not_after: Timestamp,
}

/// Who calls, for certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Caller {
    /// Who is billed.
    pub user: UserId,
    /// Which of their devices.
    pub device: DeviceId,
}

/// Why a connection is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AuthRefusal {
    /// The certificate's life is over.
    #[error("the device certificate has expired; renew it with `synesis cloud login`")]
    Expired,
    /// The certificate's life has not begun.
    #[error("the device certificate is not valid yet; check the device's clock")]
    NotYetValid,
    /// The device was revoked.
    #[error("this device was revoked by its owner")]
    Revoked,
    /// The device, or this certificate of it, is not known.
    #[error("this device is not enrolled here; enrol it with `synesis cloud login`")]
    Unknown,
}

impl AuthRefusal {
    /// The code of an answer.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::Expired | Self::NotYetValid => ErrorCode::CertificateExpired,
            Self::Revoked => ErrorCode::DeviceRevoked,
            Self::Unknown => ErrorCode::Unauthenticated,
        }
    }

    /// The code a connection is closed with.
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        match self {
            Self::Revoked => CloseCode::Revoked,
            Self::Expired | Self::NotYetValid | Self::Unknown => CloseCode::Unauthenticated,
        }
    }
}

/// Whether a connection with this certificate is let in.
///
/// # Errors
/// A revoked device hears that first; then the certificate's own dates count, then what is known
/// of it here.
pub fn authenticate(
    claims: &Claims,
    device: &Device,
    now: Timestamp,
) -> Result<Caller, AuthRefusal> {
    let known = if device.id() == claims.device {
        device.may_connect(claims.user, &claims.serial, now)
    } else {
        Err(DeviceRefusal::NotEnrolled)
    };
    if known == Err(DeviceRefusal::Revoked) {
        return Err(AuthRefusal::Revoked);
    }
    if claims.not_after <= now {
        return Err(AuthRefusal::Expired);
    }
    if claims.not_before > now {
        return Err(AuthRefusal::NotYetValid);
    }
    match known {
        Ok(()) => Ok(Caller {
            user: claims.user,
            device: claims.device,
        }),
        Err(DeviceRefusal::Expired { .. }) => Err(AuthRefusal::Expired),
        Err(DeviceRefusal::Revoked) => Err(AuthRefusal::Revoked),
        Err(
            DeviceRefusal::NotEnrolled
            | DeviceRefusal::AlreadyEnrolled
            | DeviceRefusal::OtherUser
            | DeviceRefusal::UnknownCertificate,
        ) => Err(AuthRefusal::Unknown),
    }
}

/// A URI in a certificate that names no device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the certificate's name is not of the form {PREFIX}USER{BETWEEN}DEVICE")]
pub struct SpiffeError;

/// The URI by which a certificate names a device.
#[must_use]
pub fn spiffe(user: UserId, device: DeviceId) -> String {
    format!("{PREFIX}{user}{BETWEEN}{device}")
}

/// The device that a certificate's URI names.
///
/// # Errors
/// When it is not exactly what [`spiffe`] writes.
pub fn parse_spiffe(uri: &str) -> Result<(UserId, DeviceId), SpiffeError> {
    let names = uri
        .strip_prefix(PREFIX)
        .and_then(|names| names.split_once(BETWEEN));
    let (user, device) = names.ok_or(SpiffeError)?;
    let user = user.parse().map_err(|_| SpiffeError)?;
    let device = device.parse().map_err(|_| SpiffeError)?;
    if spiffe(user, device) == uri {
        Ok((user, device))
    } else {
        Err(SpiffeError)
    }
}

#[cfg(test)]
mod tests {
    use synesis_domain::device::Certificate;
    use synesis_domain::{DeviceCommand, DeviceName};

    use super::*;

    const USER: UserId = UserId::from_bytes([1; 16]);
    const DEVICE: DeviceId = DeviceId::from_bytes([2; 16]);

    fn serial(number: u8) -> CertificateSerial {
        CertificateSerial::new(&[number]).unwrap()
    }

    fn enrolled() -> Device {
        let mut device = Device::new(DEVICE);
        let certificate = Certificate {
            serial: serial(1),
            not_after: Timestamp::from_millis(100),
        };
        let name = DeviceName::new("desk").unwrap();
        act(
            &mut device,
            DeviceCommand::Enrol {
                user: USER,
                name,
                certificate,
            },
        );
        device
    }

    fn act(device: &mut Device, command: DeviceCommand) {
        let now = Timestamp::from_millis(0);
        device
            .decide(now, &command)
            .unwrap()
            .iter()
            .for_each(|event| device.apply(event));
    }

    fn claims() -> Claims {
        Claims {
            user: USER,
            device: DEVICE,
            serial: serial(1),
            not_before: Timestamp::from_millis(10),
            not_after: Timestamp::from_millis(100),
        }
    }

    fn at(device: &Device, claims: &Claims, now: i64) -> Result<(), AuthRefusal> {
        authenticate(claims, device, Timestamp::from_millis(now)).map(|_| ())
    }

    #[test]
    fn only_a_living_certificate_of_a_known_device_is_let_in() {
        let device = enrolled();
        let other_user = Claims {
            user: UserId::from_bytes([9; 16]),
            ..claims()
        };
        let other_serial = Claims {
            serial: serial(7),
            ..claims()
        };
        // A certificate whose own dates go on longer than the cloud has in its books.
        let longer = Claims {
            not_after: Timestamp::from_millis(1000),
            ..claims()
        };
        let cases = [
            ("valid", at(&device, &claims(), 50), Ok(())),
            (
                "too early",
                at(&device, &claims(), 9),
                Err(AuthRefusal::NotYetValid),
            ),
            (
                "too late",
                at(&device, &claims(), 100),
                Err(AuthRefusal::Expired),
            ),
            (
                "past the books",
                at(&device, &longer, 100),
                Err(AuthRefusal::Expired),
            ),
            (
                "another user",
                at(&device, &other_user, 50),
                Err(AuthRefusal::Unknown),
            ),
            (
                "another serial",
                at(&device, &other_serial, 50),
                Err(AuthRefusal::Unknown),
            ),
            (
                "never enrolled",
                at(&Device::new(DEVICE), &claims(), 50),
                Err(AuthRefusal::Unknown),
            ),
        ];
        for (case, got, expected) in cases {
            assert_eq!(got, expected, "{case}");
        }
    }

    #[test]
    fn a_revoked_device_is_out_with_every_certificate_for_good() {
        let mut device = enrolled();
        act(&mut device, DeviceCommand::Revoke);
        assert_eq!(at(&device, &claims(), 50), Err(AuthRefusal::Revoked));
        assert_eq!(at(&device, &claims(), 500), Err(AuthRefusal::Revoked));
        let certificate = Certificate {
            serial: serial(2),
            not_after: Timestamp::from_millis(900),
        };
        let renewed = device.decide(
            Timestamp::from_millis(60),
            &DeviceCommand::Renew { certificate },
        );
        assert_eq!(renewed, Err(DeviceRefusal::Revoked));
    }

    #[test]
    fn a_name_reads_back_and_no_other_form_is_taken() {
        let uri = spiffe(USER, DEVICE);
        assert_eq!(parse_spiffe(&uri), Ok((USER, DEVICE)));
        let upper = uri.replace("0101", "0A01").replace('a', "A");
        for wrong in [
            "",
            "spiffe://synesis/",
            &upper,
            &format!("{uri}/x"),
            &uri[1..],
        ] {
            assert_eq!(parse_spiffe(wrong), Err(SpiffeError), "{wrong}");
        }
    }
}
