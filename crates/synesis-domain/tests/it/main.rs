//! The domain seen from outside, held to its promises.

#[cfg(test)]
mod account_properties;
#[cfg(test)]
mod account_table;
#[cfg(test)]
mod credit_table;
#[cfg(test)]
mod device_table;
#[cfg(test)]
mod key_table;
#[cfg(test)]
mod login_table;
#[cfg(test)]
mod observer;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod statement;
#[cfg(test)]
mod stored_form;
#[cfg(test)]
mod table;
