//! Plants many faults at once: in a copy, a function with faults has a body for each of them, and a
//! variable of the process says which of them runs. So tests and fuzz targets are built once for all.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use syn::visit::Visit;

use super::Fault;
use crate::{Result, read, save};

/// The variable that holds a fault's number, and is read in [`MODULE`]; without it the program is as
/// it was.
const VARIABLE: &str = "STRIDEPROOF_PLANTED";

/// Where the number is in the copy. It is read before `main`, and asked for by functions in
/// constants, too.
const MODULE: &str = r#"
#[allow(missing_docs, unsafe_code, unreachable_pub, reason = "of the copy")]
#[doc(hidden)]
pub mod planted {
    extern crate std;

    static mut FAULT: usize = 0;

    #[inline]
    pub const fn fault() -> usize {
        unsafe { (&raw const FAULT).read() }
    }

    extern "C" fn set() {
        let fault = std::env::var("STRIDEPROOF_PLANTED").ok().and_then(|fault| fault.parse().ok());
        unsafe { (&raw mut FAULT).write(fault.unwrap_or(0)) }
    }

    #[used]
    #[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
    #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
    static SET: extern "C" fn() = set;
}
"#;

/// The number of a fault in a copy where it is one of many.
#[derive(Clone, Copy)]
pub(super) struct Switch(usize);

impl Switch {
    /// Turns the fault on in a process.
    pub(super) fn turn_on(self, command: &mut std::process::Command) {
        command.env(VARIABLE, self.0.to_string());
    }
}

/// The bodies of functions in a file, as ranges of bytes.
#[derive(Default)]
struct Bodies(Vec<Range<usize>>);

impl Bodies {
    fn add(&mut self, signature: &syn::Signature, body: &syn::Block) {
        // The bodies of one function are of one type, which `impl Trait` does not name.
        let returns = quote::ToTokens::to_token_stream(&signature.output);
        if !returns.into_iter().any(|token| token.to_string() == "impl") {
            let brace = &body.brace_token.span;
            self.0.push(brace.open().byte_range().end..brace.close().byte_range().start);
        }
    }
}

impl Visit<'_> for Bodies {
    fn visit_item_fn(&mut self, function: &syn::ItemFn) {
        self.add(&function.sig, &function.block);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &syn::ImplItemFn) {
        self.add(&function.sig, &function.block);
        syn::visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.add(&function.sig, body);
        }
        syn::visit::visit_trait_item_fn(self, function);
    }
}

/// The path of the module from a file of the library or the command.
fn module(file: &str) -> Option<&'static str> {
    match file.split('/').next() {
        Some("src") => Some("crate::planted"),
        Some("cli") => Some("strideproof::planted"),
        _ => None,
    }
}

/// Gives each function of a file a body for every fault that is in it; which faults these are.
fn with_bodies(
    text: &str,
    module: &str,
    faults: &[(usize, &Fault)],
) -> syn::Result<(String, Vec<usize>)> {
    let mut bodies = Bodies::default();
    bodies.visit_file(&syn::parse_file(text)?);
    // From the last body to the first, so that the ranges before stay what they are.
    bodies.0.sort_by_key(|body| std::cmp::Reverse(body.start));
    let (mut text, mut planted, mut changed) = (text.to_owned(), Vec::new(), text.len());
    for body in bodies.0 {
        // A function around another that has changed is not as it was.
        if body.end > changed {
            continue;
        }
        let original = text[body.clone()].to_owned();
        let mut arms = String::new();
        for &(number, fault) in faults {
            let Some(at) = original.find(&fault.from) else { continue };
            let (before, after) = (&original[..at], &original[at + fault.from.len()..]);
            arms += &format!("{number} => {{{before}{}{after}}}\n", fault.to);
            planted.push(number);
        }
        if !arms.is_empty() {
            changed = body.start;
            let all = format!("match {module}::fault() {{ {arms}_ => {{{original}}} }}");
            text.replace_range(body, &all);
        }
    }
    Ok((text, planted))
}

/// Plants all faults that are in one function each, and returns their switches by name. The others
/// have to be planted alone: they edit constants or types, or the text of a macro.
pub(super) fn plant(copy: &Path, faults: &[&Fault]) -> Result<BTreeMap<String, Switch>> {
    let mut files: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for (number, fault) in (1..).zip(faults) {
        files.entry(&fault.file).or_default().push((number, *fault));
    }
    let mut switches = BTreeMap::new();
    for (file, faults) in files {
        let Some(module) = module(file) else { continue };
        let path = copy.join(file);
        let (text, planted) = with_bodies(&read(&path)?, module, &faults)
            .map_err(|error| format!("{file}: {error}"))?;
        save(&path, &text)?;
        let planted = faults.iter().filter(|(number, _)| planted.contains(number));
        switches.extend(planted.map(|&(number, fault)| (fault.name.clone(), Switch(number))));
    }
    if !switches.is_empty() {
        let root = copy.join("src/lib.rs");
        save(&root, &(read(&root)? + MODULE))?;
    }
    Ok(switches)
}

#[cfg(test)]
mod tests {
    use super::{Fault, with_bodies};

    #[test]
    fn a_function_has_a_body_for_each_of_its_faults() {
        let text = "const A: u8 = 1;\nfn outer() -> u8 {\n    fn inner(b: u8) -> u8 { b + 1 }\n    \
                    inner(2) + 3\n}\nfn shown() -> impl Copy { 4 }\n";
        let fault = |from: &str, to: &str| -> Fault {
            let text = format!("name = ''\nwhat = ''\nfile = ''\nfrom = '{from}'\nto = '{to}'\n");
            toml::from_str(&text).expect("a fault")
        };
        let edits =
            [("u8 = 1", "u8 = 0"), ("+ 3", "+ 9"), ("b + 1", "b + 2"), ("4", "5"), ("b +", "b -")];
        let faults = edits.map(|(from, to)| fault(from, to));
        let with = |wanted: &[usize]| {
            let faults: Vec<_> = wanted.iter().map(|&at| (at, &faults[at])).collect();
            with_bodies(text, "m", &faults).expect("it parses")
        };
        let (text, planted) = with(&[0, 1, 3]);
        assert_eq!(planted, [1]);
        assert!(
            text.contains("{match m::fault() { 1 => {") && text.contains("inner(2) + 9\n}\n_ => {")
        );
        let (text, planted) = with(&[1, 2, 4]);
        assert_eq!(planted, [2, 4], "the outer function is not as it was");
        assert!(
            text.contains("{match m::fault() { 2 => { b + 2 }\n4 => { b - 1 }\n_ => { b + 1 } }}")
        );
    }
}
