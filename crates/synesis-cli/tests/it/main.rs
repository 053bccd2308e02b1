//! The program as its users meet it: real processes, real sockets, real files.

#[cfg(test)]
mod ask_cloud;
#[cfg(test)]
mod ask_local;
#[cfg(test)]
mod broken_stream;
#[cfg(test)]
mod cloud_devices;
#[cfg(test)]
mod cloud_login;
#[cfg(test)]
mod cloud_money;
#[cfg(test)]
mod egress;
#[cfg(test)]
mod filters;
#[cfg(test)]
mod model_server;
#[cfg(test)]
mod world;
#[cfg(test)]
mod wrong_input;
