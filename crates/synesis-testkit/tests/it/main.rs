//! Device and cloud together: the real tunnel against the real server, with a line between them
//! that does what networks do.

#[cfg(test)]
mod fallback;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod heartbeats;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod namespaces;
#[cfg(test)]
mod renewals;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod stripe;
#[cfg(test)]
mod world;
