//! What a call asks for, as it is counted.

use synesis_wire::proto::call;

/// Defines the kinds with their names.
macro_rules! kinds {
    ($($variant:ident = $name:literal,)+) => {
        /// What a call asks for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum CallKind {
            $($variant,)+
        }

        impl CallKind {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

kinds! {
    Ping = "ping",
    Status = "status",
    Balance = "balance",
    Usage = "usage",
    Renew = "renew",
    KeyCreate = "key_create",
    KeyList = "key_list",
    KeyRevoke = "key_revoke",
    Devices = "devices",
    RevokeDevice = "revoke_device",
    History = "history",
    Record = "record",
    TopUp = "top_up",
    TopUpState = "top_up_state",
    Tier = "tier",
    ProviderKey = "provider_key",
    Escalation = "escalation",
    // Of a newer device.
    Unknown = "unknown",
    // No call could be read.
    Unreadable = "unreadable",
}

impl CallKind {
    pub(crate) const fn of(body: Option<&call::Body>) -> Self {
        match body {
            None => Self::Unknown,
            Some(call::Body::Ping(_)) => Self::Ping,
            Some(call::Body::Status(_)) => Self::Status,
            Some(call::Body::Balance(_)) => Self::Balance,
            Some(call::Body::Usage(_)) => Self::Usage,
            Some(call::Body::Renew(_)) => Self::Renew,
            Some(call::Body::KeyCreate(_)) => Self::KeyCreate,
            Some(call::Body::KeyList(_)) => Self::KeyList,
            Some(call::Body::KeyRevoke(_)) => Self::KeyRevoke,
            Some(call::Body::Devices(_)) => Self::Devices,
            Some(call::Body::RevokeDevice(_)) => Self::RevokeDevice,
            Some(call::Body::History(_)) => Self::History,
            Some(call::Body::Record(_)) => Self::Record,
            Some(call::Body::TopUp(_)) => Self::TopUp,
            Some(call::Body::TopUpState(_)) => Self::TopUpState,
            Some(call::Body::Tier(_)) => Self::Tier,
            Some(call::Body::ProviderKey(_)) => Self::ProviderKey,
            Some(call::Body::Escalation(_)) => Self::Escalation,
        }
    }
}
