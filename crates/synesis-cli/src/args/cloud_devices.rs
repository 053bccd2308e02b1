//! What is typed after `synesis cloud devices` and `synesis cloud connect`.

use clap::{Args, Subcommand};

const DEVICES_EXAMPLES: &str = "\
Examples:
  synesis cloud devices
  synesis cloud devices --json | jq '.devices[] | select(.online)'
  synesis cloud devices revoke 4f6c0d2e-…";

#[derive(Debug, Args)]
#[command(after_help = DEVICES_EXAMPLES)]
pub(crate) struct CloudDevices {
    #[command(subcommand)]
    pub(crate) command: Option<DevicesCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DevicesCommand {
    /// Each device with its state, its last heartbeat and how it was then. The same as nothing.
    List,
    /// Put a device out for good; its connections are closed at once.
    Revoke {
        /// The device's id, from `synesis cloud devices`.
        #[arg(value_name = "ID")]
        device: synesis_domain::DeviceId,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CloudConnect {
    /// The project at hand: the cloud is told when this machine's GPU is under stress.
    #[arg(long, value_name = "PROJECT")]
    pub(crate) project: Option<synesis_domain::ProjectId>,
    /// The adapter that the cloud is to get ready then.
    #[arg(long, value_name = "NAME", requires = "project")]
    pub(crate) lora: Option<synesis_domain::LoraId>,
}
