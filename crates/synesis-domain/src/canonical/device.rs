//! Device events as bytes.

use alloc::vec::Vec;

use super::{DecodeError, Reader, Writer};
use crate::device::{Certificate, CertificateSerial, DeviceEvent};
use crate::id::{DeviceId, UserId};
use crate::key::Scopes;
use crate::limits::SERIAL_BYTES_MAX;

const ENROLLED: u8 = 65;
const RENEWED: u8 = 66;
const REVOKED: u8 = 67;
const CONFINED: u8 = 68;

impl DeviceEvent {
    /// The event's stored form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::event(match self {
            Self::Enrolled { .. } => ENROLLED,
            Self::Renewed { .. } => RENEWED,
            Self::Revoked { .. } => REVOKED,
            Self::Confined { .. } => CONFINED,
        });
        out.time(self.at());
        match self {
            Self::Enrolled {
                device,
                user,
                name,
                certificate,
                ..
            } => {
                out.bare(device.as_bytes());
                out.bare(user.as_bytes());
                out.text(name.as_str());
                write_certificate(&mut out, certificate);
            }
            Self::Renewed { certificate, .. } => write_certificate(&mut out, certificate),
            Self::Revoked { .. } => {}
            Self::Confined { rights, .. } => out.unsigned(rights.bits().into()),
        }
        out.0
    }

    /// Reads a stored form.
    ///
    /// # Errors
    /// When the bytes are not exactly one event of a device.
    pub fn decode(stored: &[u8]) -> Result<Self, DecodeError> {
        let (kind, mut from) = Reader::event(stored)?;
        if !(ENROLLED..=CONFINED).contains(&kind) {
            return Err(DecodeError::Kind(kind));
        }
        let at = from.time("at")?;
        let event = match kind {
            ENROLLED => Self::Enrolled {
                at,
                device: DeviceId::from_bytes(from.bare()?),
                user: UserId::from_bytes(from.bare()?),
                name: from.name("name")?,
                certificate: read_certificate(&mut from)?,
            },
            RENEWED => Self::Renewed {
                at,
                certificate: read_certificate(&mut from)?,
            },
            CONFINED => Self::Confined {
                at,
                rights: Scopes::from_bits(from.small("rights")?)
                    .ok_or(DecodeError::Field("rights"))?,
            },
            _ => Self::Revoked { at },
        };
        from.end(event)
    }
}

fn write_certificate(out: &mut Writer, certificate: &Certificate) {
    let serial = certificate.serial.as_bytes();
    out.unsigned(serial.len() as u64);
    out.bare(serial);
    out.time(certificate.not_after);
}

fn read_certificate(from: &mut Reader<'_>) -> Result<Certificate, DecodeError> {
    let bytes = from.counted(SERIAL_BYTES_MAX, "serial")?;
    let serial = CertificateSerial::new(bytes).ok_or(DecodeError::Field("serial"))?;
    if serial.as_bytes() != bytes {
        return Err(DecodeError::Field("serial"));
    }
    Ok(Certificate {
        serial,
        not_after: from.time("not_after")?,
    })
}
