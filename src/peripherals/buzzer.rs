//! An active buzzer: it sounds while its pin is on.

use std::time::Duration;

use embedded_hal::digital::OutputPin;

use super::{
    output::{Output, Turned},
    pattern::Pattern,
};
use crate::session::Sound;

const fn pattern(sound: Sound) -> Pattern {
    match sound {
        Sound::Error => Pattern::Once(&[400]),
        Sound::TakeCard => Pattern::Once(&[120, 120, 120]),
        Sound::Alarm => Pattern::Repeated(&[300, 200, 300, 700]),
        Sound::Success => Pattern::Once(&[80, 80, 240]),
        Sound::Click => Pattern::Once(&[15]),
        Sound::Silence => Pattern::Steady(false),
    }
}

/// The buzzer on its pin.
#[derive(Debug)]
pub struct Buzzer<P> {
    output: Output<P>,
    sound: Sound,
    since: Duration,
}

impl<P: OutputPin> Buzzer<P> {
    /// A silent buzzer.
    pub fn new(output: Output<P>) -> Self {
        Self { output, sound: Sound::Silence, since: Duration::ZERO }
    }

    /// Plays a sound from its beginning, whatever was playing.
    ///
    /// # Errors
    /// The pin's.
    pub fn order(&mut self, sound: Sound, now: Duration) -> Turned<P::Error> {
        self.sound = sound;
        self.since = now;
        self.turn(now)
    }

    /// Switches as the sound has it at this time.
    ///
    /// # Errors
    /// The pin's.
    pub fn turn(&mut self, now: Duration) -> Turned<P::Error> {
        let (on, change) = pattern(self.sound).at(now.saturating_sub(self.since));
        self.output.set(on)?;
        Ok(change.map(|change| self.since + change))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use embedded_hal_mock::eh1::digital::{Mock, State, Transaction};

    use super::{Buzzer, Output, Sound};

    /// Plays until the buzzer wants no more turns, at most so many; the times of its turns in milliseconds.
    fn play(sound: Sound, levels: &[State], most: usize) -> Vec<u128> {
        let expected: Vec<_> = levels.iter().map(|level| Transaction::set(*level)).collect();
        let mut pin = Mock::new(&expected);
        let mut buzzer = Buzzer::new(Output::new(pin.clone(), false).unwrap());
        let mut turns = Vec::new();
        let mut next = buzzer.order(sound, Duration::ZERO).unwrap();
        while let Some(now) = next
            && turns.len() < most
        {
            turns.push(now.as_millis());
            next = buzzer.turn(now).unwrap();
        }
        pin.done();
        turns
    }

    use State::{High, Low};

    #[test]
    fn take_your_card_is_two_short_sounds_and_then_silence() {
        assert_eq!(play(Sound::TakeCard, &[Low, High, Low, High, Low], 9), [120, 240, 360]);
    }

    #[test]
    fn the_alarm_goes_on_until_it_is_silenced() {
        let turns = play(Sound::Alarm, &[Low, High, Low, High, Low, High], 4);
        assert_eq!(turns, [300, 500, 800, 1500]);
    }

    #[test]
    fn silence_ends_a_sound_in_its_middle() {
        let expected = [Transaction::set(Low), Transaction::set(High), Transaction::set(Low)];
        let mut pin = Mock::new(&expected);
        let mut buzzer = Buzzer::new(Output::new(pin.clone(), false).unwrap());
        buzzer.order(Sound::Alarm, Duration::from_secs(1)).unwrap();
        assert_eq!(buzzer.order(Sound::Silence, Duration::from_millis(1_100)), Ok(None));
        pin.done();
    }
}
