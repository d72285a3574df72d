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
pub const ROWS: usize = 4;
/// See [`ROWS`].
pub const COLUMNS: usize = 3;
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
pub(crate) mod tests {
    use std::{
        convert::Infallible,
        sync::{Arc, Mutex, PoisonError},
    };

    use embedded_hal::digital::{ErrorType, InputPin, OutputPin};
    use embedded_hal_mock::eh1::{
        delay::NoopDelay,
        digital::{Mock, State, Transaction},
    };

    use super::{COLUMNS, KEYS, Key, Matrix, ROWS, Seen};

    /// Wires and contacts: a contact joins its row and its column, and low is stronger than high.
    #[derive(Default)]
    pub(crate) struct Board {
        pub(crate) down: [[bool; COLUMNS]; ROWS],
        low: [bool; ROWS],
    }

    impl Board {
        /// Follows the wires from the rows that are drawn low.
        fn is_low(&self, column: usize) -> bool {
            let mut rows = self.low;
            let mut columns = [false; COLUMNS];
            for _ in 0..ROWS + COLUMNS {
                for row in 0..ROWS {
                    for column in 0..COLUMNS {
                        if self.down[row][column] && (rows[row] || columns[column]) {
                            (rows[row], columns[column]) = (true, true);
                        }
                    }
                }
            }
            columns[column]
        }
    }

    #[derive(Clone)]
    pub(crate) struct Pin(Arc<Mutex<Board>>, usize);

    impl Pin {
        fn board<T>(&self, look: impl FnOnce(&mut Board) -> T) -> T {
            look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
        }
    }

    impl ErrorType for Pin {
        type Error = Infallible;
    }

    impl OutputPin for Pin {
        fn set_low(&mut self) -> Result<(), Infallible> {
            self.board(|board| board.low[self.1] = true);
            Ok(())
        }
        fn set_high(&mut self) -> Result<(), Infallible> {
            self.board(|board| board.low[self.1] = false);
            Ok(())
        }
    }

    impl InputPin for Pin {
        fn is_high(&mut self) -> Result<bool, Infallible> {
            self.is_low().map(|low| !low)
        }
        fn is_low(&mut self) -> Result<bool, Infallible> {
            Ok(self.board(|board| board.is_low(self.1)))
        }
    }

    pub(crate) fn wired(board: &Arc<Mutex<Board>>) -> Matrix<Pin, Pin, NoopDelay> {
        let pin = |at| Pin(board.clone(), at);
        Matrix::new([0, 1, 2, 3].map(pin), [0, 1, 2].map(pin), NoopDelay::new()).unwrap()
    }

    fn shown(seen: Seen) -> Option<(usize, usize)> {
        let Seen::One(key) = seen else { return None };
        KEYS.iter().enumerate().find_map(|(row, keys)| Some((row, keys.iter().position(|it| *it == key)?)))
    }

    #[test]
    fn each_key_alone_is_seen_as_itself() {
        let board = Arc::<Mutex<Board>>::default();
        let mut matrix = wired(&board);
        assert!(matrix.scan().unwrap() == Seen::Nothing);
        for row in 0..ROWS {
            for column in 0..COLUMNS {
                board.lock().unwrap().down[row][column] = true;
                assert_eq!(shown(matrix.scan().unwrap()), Some((row, column)));
                assert!(matrix.is_touched().unwrap());
                board.lock().unwrap().down[row][column] = false;
                assert!(!matrix.is_touched().unwrap());
            }
        }
    }

    #[test]
    fn two_keys_at_once_are_none_wherever_they_are() {
        let board = Arc::<Mutex<Board>>::default();
        let mut matrix = wired(&board);
        let places: Vec<_> =
            (0..ROWS).flat_map(|row| (0..COLUMNS).map(move |column| (row, column))).collect();
        for first in &places {
            for second in places.iter().filter(|second| *second != first) {
                for (row, column) in [first, second] {
                    board.lock().unwrap().down[*row][*column] = true;
                }
                assert!(matrix.scan().unwrap() == Seen::Several, "{first:?} {second:?}");
                *board.lock().unwrap() = Board::default();
            }
        }
    }

    #[test]
    fn a_matrix_nobody_listens_to_makes_no_edges() {
        let board = Arc::<Mutex<Board>>::default();
        let mut matrix = wired(&board);
        board.lock().unwrap().down[1][1] = true;
        assert!(!matrix.is_touched().unwrap());
        matrix.arm().unwrap();
        assert!(matrix.is_touched().unwrap());
        matrix.release().unwrap();
        assert!(!matrix.is_touched().unwrap());
    }

    #[test]
    fn one_row_at_a_time_is_drawn_low_and_all_of_them_at_the_end() {
        use State::{High, Low};
        let row =
            |levels: &[State]| Mock::new(&levels.iter().map(|it| Transaction::set(*it)).collect::<Vec<_>>());
        let mut rows = [
            row(&[High, High, Low, High, High, High, Low]),
            row(&[High, High, High, Low, High, High, Low]),
            row(&[High, High, High, High, Low, High, Low]),
            row(&[High, High, High, High, High, Low, Low]),
        ];
        let mut columns = [0, 1, 2].map(|column| {
            let level = |row| if (row, column) == (3, 1) { Low } else { High };
            Mock::new(&[0, 1, 2, 3].map(|row| Transaction::get(level(row))))
        });
        let mut matrix = Matrix::new(rows.clone(), columns.clone(), NoopDelay::new()).unwrap();
        assert!(matrix.scan().unwrap() == Seen::One(Key::Digit(0)));
        rows.iter_mut().chain(&mut columns).for_each(Mock::done);
    }
}
