//! The server from outside: a client of quinn and rcgen alone, so that no mistake is shared with
//! the device's own crate.

#[cfg(test)]
mod backend;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod client;
#[cfg(test)]
mod controls;
#[cfg(test)]
mod device_login;
#[cfg(test)]
mod double;
#[cfg(test)]
mod enrolment;
#[cfg(test)]
mod escalation;
#[cfg(test)]
mod flood;
#[cfg(test)]
mod framing;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod key_calls;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod kill_ledger;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod money_calls;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod own_keys;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod shared;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod stripe_client;
#[cfg(test)]
mod stripe_cloud;
#[cfg(test)]
mod stripe_late;
#[cfg(test)]
mod stripe_payment;
#[cfg(test)]
mod stripe_usage;
#[cfg(test)]
mod stripe_world;
#[cfg(test)]
mod web_settings;
