//! The MQTT 5 endpoint, enrolment, commands, last known state.
