//! A matrix of four rows and three columns of keys, read over embedded-hal's pins.
//!
//! A row is drawn low or let go, never driven high: two keys at once must not join two drivers. A column is drawn high
//! by a resistor. It knows keys and nothing of what is typed with them.

mod press;

use embedded_hal::{
    delay::DelayNs,
    digital::{InputPin, OutputPin},
};

pub use press::Presses;

/// Rows and columns.
pub(crate) const ROWS: usize = 4;
/// See [`ROWS`].
pub(crate) const COLUMNS: usize = 3;
/// A column that was drawn low is high again after so long: 100 kΩ and 300 pF of cable, with room.
const RISES_US: u32 = 100;

/// A key of the keypad.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// 0 to 9. It is part of a PIN: no Debug, in no log.
    Digit(u8),
    /// `*`
    Star,
    /// `#`
    Hash,
}

/// As on a telephone (ITU-T E.161).
const KEYS: [[Key; COLUMNS]; ROWS] = [
    [Key::Digit(1), Key::Digit(2), Key::Digit(3)],
    [Key::Digit(4), Key::Digit(5), Key::Digit(6)],
    [Key::Digit(7), Key::Digit(8), Key::Digit(9)],
    [Key::Star, Key::Digit(0), Key::Hash],
];

/// What one look at the keys shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// No key is down.
    Nothing,
    /// This one is.
    One(Key),
    /// More than one: with three down a fourth seems to be, so none of them is meant.
    Several,
}

/// The pins of the matrix.
#[derive(Debug)]
pub struct Matrix<R, C, D> {
    rows: [R; ROWS],
    columns: [C; COLUMNS],
    delay: D,
}

impl<E, R, C, D> Matrix<R, C, D>
where
    R: OutputPin<Error = E>,
    C: InputPin<Error = E>,
    D: DelayNs,
{
    /// A matrix that nobody listens to: its rows are let go.
    ///
    /// # Errors
    /// A pin's.
    pub fn new(rows: [R; ROWS], columns: [C; COLUMNS], delay: D) -> Result<Self, E> {
        let mut matrix = Self { rows, columns, delay };
        matrix.release()?;
        Ok(matrix)
    }

    /// Lets all rows go: no key draws a column low.
    ///
    /// # Errors
    /// A pin's.
    pub fn release(&mut self) -> Result<(), E> {
        self.rows.iter_mut().try_for_each(OutputPin::set_high)
    }

    /// Draws all rows low: any key that goes down makes an edge on its column.
    ///
    /// # Errors
    /// A pin's.
    pub fn arm(&mut self) -> Result<(), E> {
        self.rows.iter_mut().try_for_each(OutputPin::set_low)
    }

    /// Whether some key is down, all rows drawn low.
    ///
    /// # Errors
    /// A pin's.
    pub fn is_touched(&mut self) -> Result<bool, E> {
        self.columns.iter_mut().try_fold(false, |down, column| Ok(down | column.is_low()?))
    }

    /// Looks at the rows one by one and draws all of them low again.
    ///
    /// # Errors
    /// A pin's.
    pub fn scan(&mut self) -> Result<Seen, E> {
        let mut seen = Seen::Nothing;
        for (at, keys) in KEYS.iter().enumerate() {
            self.release()?;
            self.rows[at].set_low()?;
            self.delay.delay_us(RISES_US);
            for (column, key) in self.columns.iter_mut().zip(keys) {
                if column.is_low()? {
                    seen = if seen == Seen::Nothing { Seen::One(*key) } else { Seen::Several };
                }
            }
        }
        self.arm()?;
        Ok(seen)
    }
}

#[cfg(test)]
pub(crate) mod tests;
