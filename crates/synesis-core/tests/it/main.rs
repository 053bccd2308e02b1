//! The council as its host sees it: scripted agents in, events out.

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod disorder;
#[cfg(test)]
mod events;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod script;
