//! What the borrow checker has to refuse about views, and what it has to allow.
//!
//! Each program in `tests/ui` has a comment `//~ E…` on the line with its one error. The messages
//! beside them are those of one compiler, and are compared with that compiler only; after a change
//! of compiler, `TRYBUILD=overwrite cargo test --test ui` writes them anew.

use std::cell::Cell;
use std::process::Command;

use strideproof::{Const, IterMut, StridedView, StridedViewMut, as_strided, as_strided_mut};

/// Whose messages are in `tests/ui`.
const MESSAGES_OF: &str = "rustc 1.95.";

#[test]
fn programs_that_misuse_a_view_do_not_compile() {
    let rustc = std::env::var_os("RUSTC").unwrap_or("rustc".into());
    let version = Command::new(rustc).arg("--version").output().expect("a compiler").stdout;
    let version = String::from_utf8_lossy(&version);
    if !version.starts_with(MESSAGES_OF) {
        println!("not compared: the messages are those of {MESSAGES_OF}, this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

#[test]
fn each_program_has_one_error_and_it_is_the_one_it_is_about() {
    let mut programs = 0;
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        programs += 1;
        let name = path.file_name().unwrap().to_str().unwrap();
        let source = std::fs::read_to_string(&path).unwrap();
        let message = std::fs::read_to_string(path.with_extension("stderr")).unwrap();
        let marked: Vec<(usize, &str)> = (1..)
            .zip(source.lines())
            .filter_map(|(line, text)| Some((line, text.split_once("//~ ")?.1)))
            .collect();
        let [(line, code)] = marked[..] else { panic!("{name} marks {marked:?}") };
        let errors: Vec<&str> = message.lines().filter(|text| text.starts_with("error")).collect();
        assert!(
            errors.len() == 1 && errors[0].starts_with(&format!("error[{code}]")),
            "{name} is about {code}, but says {errors:?}"
        );
        let place = message.lines().find_map(|text| text.trim().strip_prefix("--> "));
        let expected = format!("tests/ui/{name}:{line}:");
        assert!(place.is_some_and(|place| place.starts_with(&expected)), "{name}: {place:?}");
    }
    assert_eq!(programs, 17);
}

#[test]
fn a_shared_view_is_copied_and_its_elements_outlive_it() {
    fn last(data: &[i32]) -> &i32 {
        let view = as_strided(data, .., None, 0).unwrap();
        let copy = view;
        assert_eq!(view.len(), copy.len());
        let last = copy.iter().next_back();
        last.unwrap()
    }
    assert_eq!(*last(&[1, 2, 3]), 3);
}

#[test]
fn a_shared_view_of_longer_lived_elements_serves_as_one_of_shorter_lived_ones() {
    fn shorten<'a>(view: StridedView<'a, &'static str, 1>) -> StridedView<'a, &'a str, 1> {
        view
    }
    assert_eq!(shorten(as_strided(&["a"], [1], [1], 0).unwrap())[[0]], "a");
}

#[test]
fn a_mutable_view_is_lent_and_taken_back() {
    fn zero(mut view: StridedViewMut<'_, i32, 1>) {
        view.iter_mut().for_each(|element| *element = 0);
    }
    let mut data = [1, 2, 3, 4];
    let mut view = as_strided_mut(&mut data, [2], [2], 0).unwrap();
    zero(view.reborrow());
    view[[1]] = 7;
    assert_eq!(data, [0, 2, 7, 4]);
}

#[test]
fn views_are_sent_and_shared_exactly_as_slices_are() {
    fn send<T: Send>() {}
    fn sync<T: Sync>() {}
    send::<StridedView<'_, i32, 1>>();
    sync::<StridedView<'_, i32, 1>>();
    // A cell may move to another thread, and so may the only way to reach it.
    send::<StridedViewMut<'_, Cell<i32>, 1>>();
    send::<IterMut<'_, Cell<i32>, Const<1>>>();
    sync::<StridedViewMut<'_, i32, 1>>();
    // Of what is `Sync` but not `Send`, a shared view may move and a mutable one be shared.
    send::<StridedView<'_, std::sync::MutexGuard<'_, i32>, 1>>();
    sync::<StridedViewMut<'_, std::sync::MutexGuard<'_, i32>, 1>>();

    let mut data: Vec<Cell<i32>> = (0..4).map(Cell::new).collect();
    let mut view = as_strided_mut(&mut data, [2, 2], [2, 1], 0).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| view.iter_mut().for_each(|cell| cell.set(cell.get() + 1)));
    });
    assert_eq!(data.iter().map(Cell::get).collect::<Vec<_>>(), [1, 2, 3, 4]);
}
