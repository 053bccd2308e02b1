//! The service, carried out by a scripted host.
