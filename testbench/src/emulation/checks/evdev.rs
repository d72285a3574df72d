//! The kernel's input events (`struct input_event` of a 64-bit system), as `od -t u2 -w24` prints them.
//!
//! It knows the numbers' places and which of them is a key; what a key means is not its affair.

/// A key's number, `KEY_…` in `input-event-codes.h`.
pub(super) type Key = u16;

/// `EV_KEY`.
const KEY: u16 = 1;
/// A key that goes down; 0 is one that comes up, 2 one that repeats.
const DOWN: u16 = 1;
/// Place of the type among the sixteen-bit words of an event, after two times of eight bytes.
const TYPE: usize = 8;

/// The keys that went down, in order.
pub(super) fn pressed(dump: &str) -> Vec<Key> {
    let key = |line: &str| {
        let words: Vec<u16> =
            line.split_whitespace().map(str::parse).collect::<Result<_, _>>().unwrap_or_default();
        match words.get(TYPE..) {
            Some(&[KEY, key, DOWN, 0]) => Some(key),
            Some(_) | None => None,
        }
    };
    dump.lines().filter_map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::pressed;

    #[test]
    fn keys_that_went_down_are_told_from_what_came_up_and_from_everything_else() {
        let dump = " 1 2 0 0 5 6 0 0     4     4   224     7\n 1 2 0 0 5 6 0 0     1    29     1     0\n\
             1 2 0 0 5 6 0 0     0     0     0     0\n 1 2 0 0 5 6 0 0 1 29 2 0\n 1 2 0 0 5 6 0 0 1 29 0 0\n\
             1 2 0 0 5 6 0 0 1 14 1 0\nod: a message\n 1 2 0 0 5 6";
        assert_eq!(pressed(dump), [29, 14]);
    }
}
