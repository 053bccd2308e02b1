//! The council as its host sees it: scripted agents in, events out.

mod agreement;
mod disorder;
mod events;
mod routes;
mod script;
