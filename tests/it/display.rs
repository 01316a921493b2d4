//! Views print as NumPy prints them.

use std::fmt;

use crate::goldens::numpy;
use strideproof::{as_strided, as_strided_mut};

/// Shows `data` in the shape and compares with NumPy.
#[track_caller]
fn prints<T: fmt::Display, const N: usize>(name: &str, data: &[T], shape: [usize; N]) {
    let view = as_strided(data, shape, None, 0).expect("a valid shape");
    assert_eq!(view.to_string(), numpy(name), "{name}");
}

fn range(start: i64, count: i64) -> Vec<i64> {
    (start..start + count).collect()
}

#[test]
fn a_view_of_rank_0_prints_its_element() {
    prints("rank 0", &[-7], []);
}

#[test]
fn an_empty_view_prints_brackets() {
    prints::<i64, 3>("empty", &[], [2, 0, 3]);
}

#[test]
fn elements_are_aligned_to_the_right_with_their_signs() {
    prints("one", &[5], [1]);
    prints("negative", &[-1, 20, 300, -4000], [2, 2]);
}

#[test]
fn blank_lines_separate_the_blocks_of_higher_ranks() {
    prints("rank 3", &range(-6, 12), [2, 3, 2]);
    prints("rank 4", &range(0, 16), [2, 2, 2, 2]);
    prints("size 1 axes", &range(0, 3), [1, 3, 1]);
}

#[test]
fn rows_wrap_where_numpy_wraps_them() {
    let sevens: Vec<i64> = (0..60).map(|n| 7 * n).collect();
    prints("wrapped", &sevens, [60]);
    prints("wrapped to the column", &range(100_000, 24), [24]);
    prints("wrapped rows", &range(-45, 90), [3, 30]);
    prints("wrapped rank 3", &range(0, 120), [2, 2, 30]);
    let huge = 10i64.pow(18);
    prints("words wider than a line", &[huge, huge, -huge, -huge, 1, 1, 2, 2, 3, 3], [10]);
}

#[test]
fn more_than_1000_elements_are_elided() {
    prints("exactly 1000", &range(0, 1000), [50, 20]);
    prints("elided rank 1", &range(0, 1001), [1001]);
    prints("elided rank 2", &range(0, 1600), [40, 40]);
    prints("elided one way", &range(0, 1200), [6, 200]);
    prints("elided other way", &range(0, 1200), [200, 6]);
    prints("elided rank 3", &range(-800, 1600), [20, 4, 20]);
}

#[test]
fn an_elided_element_does_not_widen_the_others() {
    let mut data = range(0, 2000);
    data[1000] = 10i64.pow(9);
    prints("elided and narrow", &data, [2000]);
}

#[test]
fn a_huge_view_of_one_element_prints_at_once() {
    let view = as_strided(&[7], [1 << 31, 1 << 31], [0, 0], 0).unwrap();
    let row = "[7 7 7 ... 7 7 7]";
    let three = [row; 3].join("\n ");
    assert_eq!(view.to_string(), format!("[{three}\n ...\n {three}]"));
}

#[test]
fn one_word_wider_than_a_line_stands_alone() {
    let words = ["x".repeat(100), "y".repeat(100)];
    let view = as_strided(&words, [2], None, 0).unwrap();
    assert_eq!(view.to_string(), format!("[{}\n {}]", words[0], words[1]));
}

#[test]
fn characters_are_counted_and_not_bytes() {
    let view = as_strided(&["ü", "ab"], [2], None, 0).unwrap();
    assert_eq!(view.to_string(), "[ ü ab]");
}

#[test]
fn precision_and_sign_apply_to_elements_and_width_to_columns() {
    let data = [0.5, -10.25, 3.0, 0.125];
    let view = as_strided(&data, [2, 2], None, 0).unwrap();
    assert_eq!(format!("{view}"), "[[   0.5 -10.25]\n [     3  0.125]]");
    assert_eq!(format!("{view:.1}"), "[[  0.5 -10.2]\n [  3.0   0.1]]");
    assert_eq!(format!("{view:+}"), "[[  +0.5 -10.25]\n [    +3 +0.125]]");
    assert_eq!(format!("{view:+.1}"), "[[ +0.5 -10.2]\n [ +3.0  +0.1]]");
    assert_eq!(format!("{view:8.1}"), "[[     0.5    -10.2]\n [     3.0      0.1]]");
    assert_eq!(format!("{view:?}"), "[[   0.5 -10.25]\n [   3.0  0.125]]");
    let scalar = as_strided(&data, [], [], 1).unwrap();
    assert_eq!(format!("{scalar:8.1}"), "   -10.2");
}

#[test]
fn debug_shows_elements_in_their_debug_form() {
    let mut data = ["a", "\n"];
    assert_eq!(format!("{:?}", as_strided(&data, [2], [1], 0).unwrap()), r#"[ "a" "\n"]"#);
    let view = as_strided_mut(&mut data, [2], [-1], 1).unwrap();
    assert_eq!(format!("{view:?}"), r#"["\n"  "a"]"#);
    assert_eq!(format!("{view}"), "[\n a]");
}

#[test]
fn a_failing_writer_ends_the_printing() {
    struct Full(usize);
    impl fmt::Write for Full {
        fn write_str(&mut self, s: &str) -> fmt::Result {
            self.0 = self.0.checked_sub(s.len()).ok_or(fmt::Error)?;
            Ok(())
        }
    }
    let data = range(0, 100);
    let view = as_strided(&data, [10, 10], None, 0).unwrap();
    let whole = view.to_string().len();
    for room in [0, 1, whole - 1] {
        assert!(fmt::write(&mut Full(room), format_args!("{view}")).is_err(), "{room}");
    }
    assert!(fmt::write(&mut Full(whole), format_args!("{view}")).is_ok());
}
