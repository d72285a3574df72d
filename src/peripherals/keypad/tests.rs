//! The matrix on simulated wires, and on mock pins for the order of what is done to them.

use std::{
    convert::Infallible,
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use embedded_hal::{
    delay::DelayNs,
    digital::{ErrorType, InputPin, OutputPin},
};
use embedded_hal_mock::eh1::{
    delay::NoopDelay,
    digital::{Mock, State, Transaction},
};

use super::{COLUMNS, KEYS, Key, Matrix, ROWS, Seen};

/// A test that hangs ends by it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Contacts, and what was done to the rows: a contact joins its row and its column, and low is stronger than high.
#[derive(Default)]
pub(crate) struct Board {
    down: [[bool; COLUMNS]; ROWS],
    low: [bool; ROWS],
    /// Rows looked at, one by one.
    looked: u64,
    /// Columns read while all rows were low.
    rested: u64,
}

impl Board {
    /// Follows the wires from the rows that are drawn low.
    fn is_low(&self, column: usize) -> bool {
        let mut rows = self.low;
        let mut columns = [false; COLUMNS];
        for _ in 0..ROWS + COLUMNS {
            for (row, contacts) in rows.iter_mut().zip(self.down) {
                for (column, _) in columns.iter_mut().zip(contacts).filter(|(_, down)| *down) {
                    let low = *row || *column;
                    (*row, *column) = (low, low);
                }
            }
        }
        columns[column]
    }
}

/// A board that can be waited on.
#[derive(Default)]
pub(crate) struct Wires {
    board: Mutex<Board>,
    changed: Condvar,
}

impl Wires {
    fn board<T>(&self, change: impl FnOnce(&mut Board) -> T) -> T {
        let result = change(&mut self.board.lock().unwrap());
        self.changed.notify_all();
        result
    }

    pub(crate) fn put(&self, row: usize, column: usize, down: bool) {
        self.board(|board| board.down[row][column] = down);
    }

    /// How often the whole board was looked at.
    pub(crate) fn looks(&self) -> u64 {
        self.board(|board| board.looked / ROWS as u64)
    }

    /// How often it was found at rest, or touched again just then.
    pub(crate) fn rests(&self) -> u64 {
        self.board(|board| board.rested / COLUMNS as u64)
    }

    /// Waits until so many looks, and so many rests, are over.
    pub(crate) fn await_all(&self, looks: u64, rests: u64) {
        let missing =
            |board: &mut Board| board.looked < looks * ROWS as u64 || board.rested < rests * COLUMNS as u64;
        let board = self.board.lock().unwrap();
        let (_board, end) = self.changed.wait_timeout_while(board, PATIENCE, missing).unwrap();
        assert!(!end.timed_out(), "nobody looks at the keys");
    }
}

#[derive(Clone)]
pub(crate) struct Pin(Arc<Wires>, usize);

impl ErrorType for Pin {
    type Error = Infallible;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0.board(|board| board.low[self.1] = true);
        Ok(())
    }
    fn set_high(&mut self) -> Result<(), Infallible> {
        self.0.board(|board| board.low[self.1] = false);
        Ok(())
    }
}

impl InputPin for Pin {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        self.is_low().map(|low| !low)
    }
    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.board(|board| {
            board.rested += u64::from(board.low == [true; ROWS]);
            board.is_low(self.1)
        }))
    }
}

/// The delay after a row was drawn low: it tells that the row is looked at.
pub(crate) struct Looking(Arc<Wires>);

impl DelayNs for Looking {
    fn delay_ns(&mut self, _: u32) {
        self.0.board(|board| board.looked += 1);
    }
    fn delay_us(&mut self, _: u32) {
        self.delay_ns(0);
    }
}

pub(crate) fn wired(wires: &Arc<Wires>) -> Matrix<Pin, Pin, Looking> {
    let pin = |at| Pin(wires.clone(), at);
    Matrix::new([0, 1, 2, 3].map(pin), [0, 1, 2].map(pin), Looking(wires.clone())).unwrap()
}

fn shown(seen: Seen) -> Option<(usize, usize)> {
    let Seen::One(key) = seen else { return None };
    KEYS.iter().enumerate().find_map(|(row, keys)| Some((row, keys.iter().position(|it| *it == key)?)))
}

#[test]
fn each_key_alone_is_seen_as_itself() {
    let wires = Arc::<Wires>::default();
    let mut matrix = wired(&wires);
    assert!(matrix.scan().unwrap() == Seen::Nothing);
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            wires.put(row, column, true);
            assert_eq!(shown(matrix.scan().unwrap()), Some((row, column)));
            assert!(matrix.is_touched().unwrap());
            wires.put(row, column, false);
            assert!(!matrix.is_touched().unwrap());
        }
    }
}

#[test]
fn two_keys_at_once_are_none_wherever_they_are() {
    let wires = Arc::<Wires>::default();
    let mut matrix = wired(&wires);
    let places: Vec<_> = (0..ROWS).flat_map(|row| (0..COLUMNS).map(move |column| (row, column))).collect();
    for first in &places {
        for second in places.iter().filter(|second| *second != first) {
            for (row, column) in [first, second] {
                wires.put(*row, *column, true);
            }
            assert!(matrix.scan().unwrap() == Seen::Several, "{first:?} {second:?}");
            for (row, column) in [first, second] {
                wires.put(*row, *column, false);
            }
        }
    }
}

#[test]
fn a_matrix_nobody_listens_to_makes_no_edges() {
    let wires = Arc::<Wires>::default();
    let mut matrix = wired(&wires);
    wires.put(1, 1, true);
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
    let mut rows = [0, 1, 2, 3].map(|at| {
        // Let go at first and before each look; drawn low for its own, and with all others at the end.
        let looks = (0..4).flat_map(|turn| if turn == at { vec![High, Low] } else { vec![High] });
        let levels: Vec<State> = [High].into_iter().chain(looks).chain([Low]).collect();
        row(&levels)
    });
    let mut columns = [0, 1, 2].map(|column| {
        let level = |row| if (row, column) == (3, 1) { Low } else { High };
        Mock::new(&[0, 1, 2, 3].map(|row| Transaction::get(level(row))))
    });
    let mut matrix = Matrix::new(rows.clone(), columns.clone(), NoopDelay::new()).unwrap();
    assert!(matrix.scan().unwrap() == Seen::One(Key::Digit(0)));
    rows.iter_mut().chain(&mut columns).for_each(Mock::done);
}
