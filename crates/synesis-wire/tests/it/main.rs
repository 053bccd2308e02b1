//! The contract seen from outside: the same bytes in Rust and in TypeScript, now and later.

#[cfg(test)]
mod account_examples;
#[cfg(test)]
mod call_examples;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod money_examples;
mod newer;
#[cfg(test)]
mod size;
#[cfg(test)]
mod tunnel_examples;
