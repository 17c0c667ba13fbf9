//! A device's conversation: whatever it says and in whatever pieces, the limits hold and the end is the end.

use std::time::Duration;

use sekisho_devices::session::{Effect, Input, Kept, RECEIVE_MAXIMUM, Refusal, Session};
use sekisho_kernel::DeviceId;
use sekisho_wire::MAX_PACKET;
use uuid::Uuid;

/// What a device may be told to hold: answers to a handful of packets, never a flood of its own making.
const MOST_OUTPUT: usize = 4 * MAX_PACKET;

/// The first byte of each piece says what happens: bytes of the device, time, a receipt settled. The device has said who
/// it is before, unless the very first byte is odd.
pub(crate) fn conversation(bytes: &[u8]) {
    let [first, rest @ ..] = bytes else { return };
    let device = DeviceId(Uuid::nil());
    let mut now = 0;
    let mut session = Session::new(device, Duration::from_secs(60), now);
    let mut talk = Talk { closed: false, open: Vec::new() };
    if first % 2 == 0 {
        talk.step(&mut session, Input::Bytes(&connect(&device.to_string())), now);
    }
    let mut rest = rest;
    while let [what, more @ ..] = rest {
        let taken = more.len().min(usize::from(*what >> 2) + 1);
        let (piece, left) = more.split_at(taken);
        rest = left;
        now += u64::from(*what);
        match what % 4 {
            0 | 1 => talk.step(&mut session, Input::Bytes(piece), now),
            2 => {
                let kept = if what & 4 == 0 { Kept::Yes } else { Kept::Never(Refusal::Payload) };
                // Now and then a receipt that nobody gave out.
                let receipt = talk.open.pop().unwrap_or(u16::from(*what));
                talk.step(&mut session, Input::Settled { receipt, kept }, now);
            }
            _ => talk.step(&mut session, Input::Tick, now),
        }
    }
}

struct Talk {
    closed: bool,
    open: Vec<u16>,
}

impl Talk {
    fn step(&mut self, session: &mut Session, input: Input<'_>, now: u64) {
        // The socket is not read while the session asks for it; what was read already is still processed.
        let longest = MOST_OUTPUT
            + match &input {
                Input::Bytes(bytes) => 8 * bytes.len(),
                _ => 0,
            };
        let step = session.step(input, now);
        assert!(
            !self.closed || (step.output.is_empty() && step.effects.is_empty()),
            "nothing follows the end"
        );
        assert!(step.output.len() <= longest, "{} bytes to say", step.output.len());
        for effect in step.effects {
            match effect {
                Effect::Received { receipt, payload, .. } => {
                    assert!(payload.len() <= MAX_PACKET);
                    self.open.extend(receipt);
                    assert!(
                        self.open.len() <= usize::from(RECEIVE_MAXIMUM),
                        "more on its way than was allowed"
                    );
                }
                Effect::Closed(_) => self.closed = true,
                Effect::Live | Effect::Subscribed(_) | Effect::Sent(_) => {}
            }
        }
        let _ = (session.may_read(now), session.deadline(now));
    }
}

fn connect(name: &str) -> Vec<u8> {
    let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', 5, 2, 0, 60, 0, 0];
    body.push(u8::try_from(name.len()).expect("an id is short"));
    body.extend(name.bytes());
    let mut packet = vec![0x10, u8::try_from(body.len()).expect("a short packet")];
    packet.extend(body);
    packet
}
