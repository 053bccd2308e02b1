//! A device: enrolled once, renewed while it lives, revoked for good.
//!
//! Answers who may connect with which certificate. Knows nothing of keys and signatures: that a
//! certificate is genuine was checked before, that it is still welcome is checked here.

use alloc::vec::Vec;
use core::fmt;

use thiserror::Error;

use crate::id::{DeviceId, DeviceName, UserId};
use crate::key::Scopes;
use crate::limits::{CERTIFICATES_MAX, SERIAL_BYTES_MAX};
use crate::time::Timestamp;

/// The serial number of a certificate: its bytes without leading zeros.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CertificateSerial(Vec<u8>);

impl CertificateSerial {
    /// Takes a serial number as certificates carry it; leading zeros are dropped. `None` where
    /// nothing but zeros is left or it is longer than [`SERIAL_BYTES_MAX`].
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let start = bytes.iter().position(|byte| *byte != 0)?;
        let bytes = bytes.get(start..)?;
        (bytes.len() <= SERIAL_BYTES_MAX).then(|| Self(bytes.into()))
    }

    /// The bytes, of which the first is not zero.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for CertificateSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CertificateSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What the cloud keeps of a certificate that it signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Its serial number.
    pub serial: CertificateSerial,
    /// The end of its life.
    pub not_after: Timestamp,
}

/// Something a device is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceCommand {
    /// Become a device of this user.
    Enrol {
        /// Whose device it is.
        user: UserId,
        /// What its owner calls it.
        name: DeviceName,
        /// Its first certificate.
        certificate: Certificate,
    },
    /// Take one more certificate; those before live on to their end.
    Renew {
        /// The new certificate.
        certificate: Certificate,
    },
    /// May do this and no more: what let it in may do no more either.
    Confine {
        /// What is left to it.
        rights: Scopes,
    },
    /// Never connect again.
    Revoke,
}

/// What happened to a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceEvent {
    /// It became a user's device.
    Enrolled {
        /// When.
        at: Timestamp,
        /// The device.
        device: DeviceId,
        /// Whose device it is.
        user: UserId,
        /// What its owner calls it.
        name: DeviceName,
        /// Its first certificate.
        certificate: Certificate,
    },
    /// It got a certificate more.
    Renewed {
        /// When.
        at: Timestamp,
        /// The new certificate.
        certificate: Certificate,
    },
    /// It may do this and no more.
    Confined {
        /// When.
        at: Timestamp,
        /// What is left to it.
        rights: Scopes,
    },
    /// It is out.
    Revoked {
        /// When.
        at: Timestamp,
    },
}

impl DeviceEvent {
    /// When it happened, by the server's clock.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Enrolled { at, .. }
            | Self::Renewed { at, .. }
            | Self::Confined { at, .. }
            | Self::Revoked { at } => *at,
        }
    }
}

/// Why a device is not let in, or not changed. Where several apply, the first here is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DeviceRefusal {
    /// It was never enrolled.
    #[error("the device is not enrolled")]
    NotEnrolled,
    /// It was enrolled before.
    #[error("the device is already enrolled")]
    AlreadyEnrolled,
    /// It was revoked.
    #[error("the device was revoked")]
    Revoked,
    /// The certificate was signed for another user.
    #[error("the certificate names another account")]
    OtherUser,
    /// The certificate is none of its own.
    #[error("the certificate is not one of this device")]
    UnknownCertificate,
    /// The certificate's life, in the cloud's books, is over.
    #[error("the certificate has expired")]
    Expired {
        /// When it ended.
        not_after: Timestamp,
    },
}

/// One device, as its history made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    id: DeviceId,
    enrolment: Option<Enrolment>,
    certificates: Vec<Certificate>,
    rights: Scopes,
    revoked_at: Option<Timestamp>,
}

/// Who a device belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// Whose device it is.
    pub user: UserId,
    /// What its owner calls it.
    pub name: DeviceName,
    /// Since when.
    pub at: Timestamp,
}

impl Device {
    /// A device of which nothing is known yet: the state before the first event.
    #[must_use]
    pub const fn new(id: DeviceId) -> Self {
        Self {
            id,
            enrolment: None,
            certificates: Vec::new(),
            rights: Scopes::ALL,
            revoked_at: None,
        }
    }

    /// Which device it is.
    #[must_use]
    pub const fn id(&self) -> DeviceId {
        self.id
    }

    /// Who it belongs to; `None` before it is enrolled.
    #[must_use]
    pub const fn enrolment(&self) -> Option<&Enrolment> {
        self.enrolment.as_ref()
    }

    /// What it may do on its account: all of it, unless it was confined.
    #[must_use]
    pub const fn rights(&self) -> Scopes {
        self.rights
    }

    /// When it was revoked, if it was.
    #[must_use]
    pub const fn revoked_at(&self) -> Option<Timestamp> {
        self.revoked_at
    }

    /// The end of its newest certificate.
    #[must_use]
    pub fn certificate_end(&self) -> Option<Timestamp> {
        self.certificates
            .iter()
            .map(|certificate| certificate.not_after)
            .max()
    }

    /// Whether a connection with this certificate is welcome now.
    ///
    /// # Errors
    /// The first [`DeviceRefusal`] that applies.
    pub fn may_connect(
        &self,
        user: UserId,
        serial: &CertificateSerial,
        now: Timestamp,
    ) -> Result<(), DeviceRefusal> {
        let enrolment = self.enrolment.as_ref().ok_or(DeviceRefusal::NotEnrolled)?;
        if self.revoked_at.is_some() {
            return Err(DeviceRefusal::Revoked);
        }
        if enrolment.user != user {
            return Err(DeviceRefusal::OtherUser);
        }
        let known = self
            .certificates
            .iter()
            .find(|certificate| certificate.serial == *serial);
        let not_after = known.ok_or(DeviceRefusal::UnknownCertificate)?.not_after;
        if not_after <= now {
            Err(DeviceRefusal::Expired { not_after })
        } else {
            Ok(())
        }
    }

    /// What a command makes happen. A repeated command makes nothing happen.
    ///
    /// # Errors
    /// The first [`DeviceRefusal`] that applies.
    pub fn decide(
        &self,
        now: Timestamp,
        command: &DeviceCommand,
    ) -> Result<Vec<DeviceEvent>, DeviceRefusal> {
        match command {
            DeviceCommand::Enrol {
                user,
                name,
                certificate,
            } => match &self.enrolment {
                None => Ok(Vec::from([DeviceEvent::Enrolled {
                    at: now,
                    device: self.id,
                    user: *user,
                    name: name.clone(),
                    certificate: certificate.clone(),
                }])),
                Some(known) if known.user == *user && self.certificates.contains(certificate) => {
                    Ok(Vec::new())
                }
                Some(_) => Err(DeviceRefusal::AlreadyEnrolled),
            },
            DeviceCommand::Renew { certificate } => {
                self.enrolment.as_ref().ok_or(DeviceRefusal::NotEnrolled)?;
                if self.revoked_at.is_some() {
                    return Err(DeviceRefusal::Revoked);
                }
                if self.certificates.contains(certificate) {
                    return Ok(Vec::new());
                }
                Ok(Vec::from([DeviceEvent::Renewed {
                    at: now,
                    certificate: certificate.clone(),
                }]))
            }
            DeviceCommand::Confine { rights } => {
                self.enrolment.as_ref().ok_or(DeviceRefusal::NotEnrolled)?;
                let fresh = self.rights != *rights;
                Ok(fresh
                    .then_some(DeviceEvent::Confined {
                        at: now,
                        rights: *rights,
                    })
                    .into_iter()
                    .collect())
            }
            DeviceCommand::Revoke => {
                self.enrolment.as_ref().ok_or(DeviceRefusal::NotEnrolled)?;
                let fresh = self.revoked_at.is_none();
                Ok(fresh
                    .then_some(DeviceEvent::Revoked { at: now })
                    .into_iter()
                    .collect())
            }
        }
    }

    /// Takes in what happened.
    pub fn apply(&mut self, event: &DeviceEvent) {
        match event {
            DeviceEvent::Enrolled {
                at,
                user,
                name,
                certificate,
                ..
            } => {
                self.enrolment = Some(Enrolment {
                    user: *user,
                    name: name.clone(),
                    at: *at,
                });
                self.certificates = Vec::from([certificate.clone()]);
            }
            DeviceEvent::Renewed { certificate, .. } => {
                if self.certificates.len() >= CERTIFICATES_MAX {
                    self.certificates.remove(0);
                }
                self.certificates.push(certificate.clone());
            }
            DeviceEvent::Confined { rights, .. } => self.rights = *rights,
            DeviceEvent::Revoked { at } => self.revoked_at = Some(*at),
        }
    }
}
