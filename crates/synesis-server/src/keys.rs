//! The keys that must survive a restart, so that devices notice it at once and can resume.
//!
//! One secret of 32 bytes lies in the data folder; the keys for stateless resets, connection ids,
//! address tokens and session tickets are derived from it. Tickets change their key each day and
//! live two days at most.

use std::io;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use aws_lc_rs::hmac;
use rustls::server::ProducesTickets;

use crate::{clock, files};

const SECRET_BYTES: usize = 32;
const DAY_SECONDS: u32 = 24 * 60 * 60;
const DAY_PREFIX_BYTES: usize = 4;

/// The secret from which every lasting key of the transport comes.
pub(crate) struct TransportKeys {
    root: Arc<Prk>,
}

impl TransportKeys {
    /// Reads the secret, or makes it on first use.
    pub(crate) fn open_or_create(path: &Path) -> io::Result<Self> {
        let secret = match files::read_if_there(path)? {
            Some(secret) if secret.len() == SECRET_BYTES => secret,
            Some(_) => {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "the transport key has the wrong length",
                ));
            }
            None => {
                let mut secret = [0_u8; SECRET_BYTES];
                getrandom::fill(&mut secret).map_err(io::Error::other)?;
                files::write_private(path, &secret)?;
                secret.to_vec()
            }
        };
        let root = Salt::new(HKDF_SHA256, b"synesis transport").extract(&secret);
        Ok(Self {
            root: Arc::new(root),
        })
    }

    /// Signs stateless resets.
    pub(crate) fn reset_key(&self) -> io::Result<hmac::Key> {
        let key = derive::<32>(&self.root, &[b"reset"])?;
        Ok(hmac::Key::new(hmac::HMAC_SHA256, &key))
    }

    /// Marks connection ids as ours.
    pub(crate) fn connection_id_key(&self) -> io::Result<u64> {
        Ok(u64::from_be_bytes(derive::<8>(
            &self.root,
            &[b"connection id"],
        )?))
    }

    /// Seals the tokens of address validation.
    pub(crate) fn address_token_key(&self) -> io::Result<Prk> {
        let key = derive::<32>(&self.root, &[b"address token"])?;
        Ok(Salt::new(HKDF_SHA256, b"").extract(&key))
    }

    /// Seals session tickets.
    pub(crate) fn tickets(&self) -> Arc<dyn ProducesTickets> {
        Arc::new(Tickets {
            root: Arc::clone(&self.root),
        })
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive<const N: usize>(root: &Prk, info: &[&[u8]]) -> io::Result<[u8; N]> {
    let mut key = [0_u8; N];
    root.expand(info, Length(N))
        .and_then(|okm| okm.fill(&mut key))
        .map_err(|_| io::Error::other("a transport key cannot be derived"))?;
    Ok(key)
}

/// Session tickets: the day, a nonce, and the sealed session.
struct Tickets {
    root: Arc<Prk>,
}

impl core::fmt::Debug for Tickets {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Tickets")
    }
}

impl Tickets {
    fn key(&self, day: u32) -> Option<LessSafeKey> {
        let key = derive::<32>(&self.root, &[b"ticket", &day.to_be_bytes()]).ok()?;
        UnboundKey::new(&AES_256_GCM, &key)
            .ok()
            .map(LessSafeKey::new)
    }

    fn seal(&self, day: u32, plain: &[u8]) -> Option<Vec<u8>> {
        let mut nonce = [0_u8; NONCE_LEN];
        getrandom::fill(&mut nonce).ok()?;
        let mut sealed = plain.to_vec();
        self.key(day)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::empty(),
                &mut sealed,
            )
            .ok()?;
        let mut ticket = day.to_be_bytes().to_vec();
        ticket.extend_from_slice(&nonce);
        ticket.append(&mut sealed);
        Some(ticket)
    }

    fn open(&self, today: u32, ticket: &[u8]) -> Option<Vec<u8>> {
        let (day, rest) = ticket.split_first_chunk::<DAY_PREFIX_BYTES>()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>()?;
        let day = u32::from_be_bytes(*day);
        if day != today && day.checked_add(1) != Some(today) {
            return None;
        }
        let mut sealed = sealed.to_vec();
        let plain = self
            .key(day)?
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::empty(),
                &mut sealed,
            )
            .ok()?;
        Some(plain.to_vec())
    }
}

fn today() -> u32 {
    let seconds = clock::now().as_millis().max(0) / 1000;
    u32::try_from(seconds / i64::from(DAY_SECONDS)).unwrap_or(u32::MAX)
}

impl ProducesTickets for Tickets {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        DAY_SECONDS
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.seal(today(), plain)
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        self.open(today(), cipher)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_open_after_a_restart_and_end_after_the_next_day() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("transport.key");
        let tickets = |path: &Path| Tickets {
            root: TransportKeys::open_or_create(path).unwrap().root,
        };
        let ticket = tickets(&path).seal(100, b"session").unwrap();
        let again = tickets(&path);
        assert_eq!(again.open(100, &ticket).unwrap(), b"session");
        assert_eq!(again.open(101, &ticket).unwrap(), b"session");
        assert_eq!(again.open(102, &ticket), None);
        assert_eq!(again.open(99, &ticket), None);
        let mut broken = ticket.clone();
        broken[20] ^= 1;
        assert_eq!(again.open(100, &broken), None);
        assert_eq!(again.open(100, &ticket[..10]), None);
        let other = tickets(&dir.path().join("other.key"));
        assert_eq!(other.open(100, &ticket), None);
    }
}
