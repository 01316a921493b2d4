//! Dates and durations as NumPy prints them.

use crate::dtype::{Step, UNITS};

/// The value that stands for no time.
const NEVER: i64 = i64::MIN;
/// Names of [`UNITS`].
const NAMES: [&str; 13] = [
    "years",
    "months",
    "weeks",
    "days",
    "hours",
    "minutes",
    "seconds",
    "milliseconds",
    "microseconds",
    "nanoseconds",
    "picoseconds",
    "femtoseconds",
    "attoseconds",
];

/// The place of the seconds in [`UNITS`].
const SECONDS: usize = 6;

/// A date in ISO 8601, as exact as its unit; `None` for no time.
pub(crate) fn date(value: i64, Step { count, unit }: Step) -> Option<String> {
    if value == NEVER {
        return None;
    }
    let value = i128::from(value) * i128::from(count);
    Some(match UNITS[unit] {
        "Y" => format!("{:04}", 1970 + value),
        "M" => format!("{:04}-{:02}", 1970 + value.div_euclid(12), 1 + value.rem_euclid(12)),
        "W" => day(value * 7),
        "D" => day(value),
        "h" => day(value.div_euclid(24)) + &format!("T{:02}", value.rem_euclid(24)),
        "m" => {
            let minutes = value.rem_euclid(1440);
            day(value.div_euclid(1440)) + &format!("T{:02}:{:02}", minutes / 60, minutes % 60)
        }
        _ => {
            let digits = 3 * (unit - SECONDS);
            let second = (0..digits).fold(1i128, |second, _| second * 10);
            let (days, rest) =
                (value.div_euclid(86_400 * second), value.rem_euclid(86_400 * second));
            let (seconds, fraction) = (rest / second, rest % second);
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
            let time = format!("T{hours:02}:{minutes:02}:{:02}", seconds % 60);
            let point = if digits > 0 { format!(".{fraction:0digits$}") } else { String::new() };
            day(days) + &time + &point
        }
    })
}

/// The date of a day, counted from 1970, in the Gregorian calendar, which repeats after 400 years.
fn day(days: i128) -> String {
    // From the first of March of year 0, so that a leap day ends a year.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let year = 400 * era + year + i128::from(month >= 10);
    format!("{year:04}-{:02}-{day:02}", if month < 10 { month + 3 } else { month - 9 })
}

/// A duration in an array: how many steps; `None` for no time.
pub(crate) fn steps(value: i64) -> Option<String> {
    (value != NEVER).then(|| value.to_string())
}

/// A duration that stands alone.
pub(crate) fn duration(value: i64, step: Option<Step>) -> Option<String> {
    let (count, name) = match step {
        Some(Step { count, unit }) => (count, NAMES[unit]),
        None => (1, "generic time units"),
    };
    (value != NEVER).then(|| format!("{} {name}", i128::from(value) * i128::from(count)))
}
