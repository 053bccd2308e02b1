//! The service, carried out by a scripted host over a real account.

#[cfg(test)]
mod admission;
#[cfg(test)]
mod ceiling;
#[cfg(test)]
mod escalation;
#[cfg(test)]
mod model;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod request;
#[cfg(test)]
mod stripe_answers;
#[cfg(test)]
mod stripe_requests;
#[cfg(test)]
mod stripe_webhooks;
#[cfg(test)]
mod world;
