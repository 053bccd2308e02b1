//! The device's side of the cloud over real sockets, against a scripted cloud.

#[cfg(test)]
mod enrolment;
#[cfg(test)]
mod escalations;
#[cfg(test)]
mod identities;
#[cfg(test)]
mod ledgers;
#[cfg(test)]
mod money;
#[cfg(test)]
mod portals;
#[cfg(test)]
mod privacy;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod tunnels;
#[cfg(test)]
mod world;
