//! A run by hand: the guest's screen by VNC, the terminal plays the rest as in the demo.
//!
//! There is a robot's kiosk beside it too, which nobody touches: it says when the guest shows the attract page.

use anyhow::Context;

use super::{
    auto::first_attract,
    checks::COMMAND_WITHIN,
    stand::{Plan, Stand},
};
use crate::{
    card::{Model, fault},
    demo::by_hand::{Reach, converse},
};

/// Runs until `q`, the end of the input, or a signal.
///
/// # Errors
/// When something cannot be started.
pub fn run(plan: Plan, say: &mut dyn FnMut(&str)) -> anyhow::Result<()> {
    let mut stand = Stand::start(plan)?;
    let place = stand.machine().vnc()?.context("QEMU offers no VNC")?;
    say(&format!("The guest starts; its screen is at vnc://{place}"));
    let boot = first_attract(&mut stand)?;
    say(&format!("{:7.1} s  from power on to the attract page", boot.as_secs_f32()));
    let card = |fault| Ok(fault::card_of(Model::V1_0OverT0, &stand.pki, &stand.visitor, fault)?);
    let kill = |name: &str| {
        let script = format!("systemctl kill -s KILL {name}.service");
        stand.agent().run(&script, COMMAND_WITHIN).map(|_| ()).context("the guest's agent")
    };
    let reader = |plugged| match plugged {
        true => stand.machine().plug_reader().and_then(|()| Ok(stand.slot.reader_is_back()?)),
        false => stand.machine().unplug_reader(),
    };
    let next = fault::next_card(&stand.pki, &stand.visitor)?;
    let reach = Reach {
        portal: &stand.portal,
        slot: &stand.slot,
        visitor: &stand.visitor,
        card: &card,
        next: &next,
        helper: None,
        kill: &kill,
        reader: Some(&reader),
    };
    converse(reach, &[], say)
}
