//! Why a conversation ended, and the MQTT 5 reason code that says so.

use mqtt_protocol_core::mqtt::result_code::{DisconnectReasonCode, MqttError};

/// Why a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// The device said goodbye.
    ByDevice,
    /// The socket broke.
    Broken,
    /// It was silent for too long.
    KeepAlive,
    /// It broke the rules of MQTT.
    Protocol,
    /// It speaks another version of MQTT.
    Version,
    /// It calls itself by another name than its certificate does.
    ClientId,
    /// A packet was too large.
    TooLarge,
    /// More messages at once than was agreed.
    ReceiveMaximum,
    /// A delivery promise we do not give.
    Qos,
    /// A retained message.
    Retain,
    /// Topics that are not its own.
    Topic,
    /// It does not take what is sent to it.
    Slow,
    /// It was revoked.
    Revoked,
    /// It connected again.
    TakenOver,
    /// We shut down.
    ShuttingDown,
    /// We shut down, and other servers of the installation go on.
    GoElsewhere,
    /// We cannot keep what it sends.
    Unkept,
}

impl CloseReason {
    /// The word in logs and metrics.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ByDevice => "by_device",
            Self::Broken => "broken",
            Self::KeepAlive => "keep_alive",
            Self::Protocol => "protocol",
            Self::Version => "version",
            Self::ClientId => "client_id",
            Self::TooLarge => "too_large",
            Self::ReceiveMaximum => "receive_maximum",
            Self::Qos => "qos",
            Self::Retain => "retain",
            Self::Topic => "topic",
            Self::Slow => "slow",
            Self::Revoked => "revoked",
            Self::TakenOver => "taken_over",
            Self::ShuttingDown => "shutting_down",
            Self::GoElsewhere => "go_elsewhere",
            Self::Unkept => "unkept",
        }
    }

    /// Whether the connection broke rather than ended: those are counted against its quality.
    pub const fn is_drop(self) -> bool {
        matches!(self, Self::Broken | Self::KeepAlive)
    }

    pub(super) const fn code(self) -> DisconnectReasonCode {
        match self {
            Self::ByDevice | Self::Broken => DisconnectReasonCode::NormalDisconnection,
            Self::KeepAlive => DisconnectReasonCode::KeepAliveTimeout,
            Self::Protocol | Self::Version | Self::ClientId => DisconnectReasonCode::ProtocolError,
            Self::TooLarge => DisconnectReasonCode::PacketTooLarge,
            Self::ReceiveMaximum => DisconnectReasonCode::ReceiveMaximumExceeded,
            Self::Qos => DisconnectReasonCode::QosNotSupported,
            Self::Retain => DisconnectReasonCode::RetainNotSupported,
            Self::Topic => DisconnectReasonCode::NotAuthorized,
            Self::Slow => DisconnectReasonCode::QuotaExceeded,
            Self::Revoked => DisconnectReasonCode::AdministrativeAction,
            Self::TakenOver => DisconnectReasonCode::SessionTakenOver,
            Self::ShuttingDown => DisconnectReasonCode::ServerShuttingDown,
            Self::GoElsewhere => DisconnectReasonCode::UseAnotherServer,
            Self::Unkept => DisconnectReasonCode::ServerBusy,
        }
    }
}

impl From<MqttError> for CloseReason {
    fn from(error: MqttError) -> Self {
        match error {
            MqttError::PacketTooLarge => Self::TooLarge,
            MqttError::ReceiveMaximumExceeded => Self::ReceiveMaximum,
            MqttError::KeepAliveTimeout => Self::KeepAlive,
            MqttError::UnsupportedProtocolVersion => Self::Version,
            _ => Self::Protocol,
        }
    }
}
