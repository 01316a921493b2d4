//! From a small subset of Rust to Gallina, so that the theorems are about the source itself.
//!
//! # The subset
//!
//! What the two files need, and what the planted faults make of them:
//!
//! - Items: `struct` with named fields, `enum`, `const`, `fn` with a value, `impl` of a type, `use`. Not
//!   generic, not recursive. What `#[cfg(kani)]` or `#[cfg(test)]` guards is left out.
//! - Types: `usize`, `isize`, `bool`, shared references, slices, `Option`, `Result`, tuples, and the
//!   types that the files declare.
//! - Statements: `let` (with `else`), assignments to a variable (`=`, `+=`, `-=`, `*=`), `while`,
//!   `while let`, `break`, `return` of a value.
//! - Expressions: literals, variables, constants, constructors with `..base`, fields, tuples, `+ - *
//!   / %` of `usize`, comparisons of integers, `&& || !`, `?` of options, `if`, `if let`, `match` with
//!   guards, blocks, and calls of the files' own functions and of the methods in the table `method`.
//! - Patterns: variables, `_`, `&`, tuples, and constructors without the names of fields.
//! - Names: by themselves or after their type's; what another file declares comes by a plain `use`.
//! - An integer literal that nothing else determines is a `usize`; clippy's
//!   `default_numeric_fallback` says if rustc would think otherwise.
//!
//! Everything else is refused with the file, the line and the construct; `as` is refused by name.
//!
//! # The translation
//!
//! A function becomes a definition that returns `res T`. References vanish, since nothing is
//! mutated through one. A variable that is assigned is bound anew under its name; no two variables
//! that are visible together share a name, so an inner variable never hides an outer one. What
//! follows a branching is translated once: inside the only branch that goes on, or as a local
//! function `join` that all of them call. A loop is `loop` over the variables that its body assigns.

mod expression;
mod function;
mod world;

use quote::ToTokens;
use syn::spanned::Spanned;

use crate::Result;
use world::World;

/// One Rust file and the name that its translation has.
pub(crate) struct Source {
    /// The path from the project's root, for messages.
    pub(crate) path: String,
    /// The Coq module, `Kernel` of `src/kernel.rs`.
    pub(crate) module: String,
    pub(crate) text: String,
}

/// The translations of the files, in their order; a file may use the ones before it.
pub(crate) fn translate(sources: &[Source]) -> Result<Vec<String>> {
    let mut world = World::default();
    let texts = sources.iter().map(|Source { path, module, text }| {
        let file = syn::parse_file(text)
            .map_err(|error| format!("{path}:{}: {error}", error.span().start().line))?;
        world.translate(Place { path, module }, &file.items)
    });
    texts.collect()
}

#[derive(Clone, Copy, Default)]
struct Place<'a> {
    path: &'a str,
    module: &'a str,
}

impl Place<'_> {
    /// An error that names the file, the line and the construct.
    fn refuse<T>(self, node: &(impl Spanned + ToTokens), why: &str) -> Result<T> {
        let construct = node.to_token_stream().to_string();
        let construct: String = construct.chars().take(80).collect();
        let line = node.span().start().line;
        Err(format!("{}:{line}: `{construct}`: {why}", self.path))
    }

    fn outside<T>(self, node: &(impl Spanned + ToTokens), what: &str) -> Result<T> {
        self.refuse(node, &format!("{what} is outside the subset"))
    }

    /// What a path names: a name, or a type's name and one of its own, as in `Room::step`.
    fn name_of(self, path: &syn::Path, self_ty: &str) -> Result<String> {
        let segments: Vec<_> = path.segments.iter().map(|segment| &segment.ident).collect();
        let name =
            |name: &syn::Ident| if name == "Self" { self_ty.into() } else { name.to_string() };
        match segments.as_slice() {
            [only] => Ok(name(only)),
            [ty, own] if is_type(&ty.to_string()) => Ok(format!("{}::{own}", name(ty))),
            _ => self.outside(path, "a path through a module"),
        }
    }
}

fn is_type(name: &str) -> bool {
    name.starts_with(char::is_uppercase) || name == "usize" || name == "isize"
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

/// Without the pair of parentheses around all of it.
fn bare(code: &str) -> &str {
    let Some(inner) = code.strip_prefix('(').and_then(|code| code.strip_suffix(')')) else {
        return code;
    };
    let mut depth = 0i32;
    for c in inner.chars() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if depth < 0 {
            return code;
        }
    }
    if inner.contains(", ") || inner.starts_with('-') { code } else { inner }
}

#[cfg(test)]
mod tests {
    use super::{Source, translate};
    use crate::Result;

    fn kernel(text: &str) -> Result<String> {
        let source = |path: &str, module: &str, text: &str| Source {
            path: path.into(),
            module: module.into(),
            text: text.into(),
        };
        let other = "pub fn one(a: usize) -> usize { a }";
        let sources = [source("src/other.rs", "Other", other), source("src/k.rs", "K", text)];
        translate(&sources).map(|texts| texts.join(""))
    }

    #[test]
    fn what_is_outside_the_subset_is_refused_by_file_line_and_construct() {
        for (text, line, why) in [
            ("fn f(a: usize) -> isize {\n    a as isize\n}", 2, "a cast with `as`"),
            ("fn f(a: usize) -> usize {\n    let f = |b| b;\n    a\n}", 2, "a closure"),
            ("fn f(a: &[usize]) -> usize {\n\n    a[0]\n}", 3, "indexing"),
            ("fn f(a: usize) -> usize {\n    for _ in 0..a {}\n    a\n}", 2, "`for`"),
            ("fn f(a: usize) -> usize {\n    assert!(a > 0);\n    a\n}", 2, "a macro"),
            ("fn f(a: usize) -> usize {\n    unsafe {}\n    a\n}", 2, "`unsafe`"),
            ("fn f(a: u32) {}", 1, "this type"),
            ("fn f(a: &mut usize) {}", 1, "this type"),
            ("fn f<T>(a: T) {}", 1, "generics"),
            ("fn f(a: usize) -> u128 { 0 }", 1, "this type"),
            ("fn f(a: usize) -> usize {\n    a.pow(2)\n}", 2, "this method"),
            ("fn f(a: usize) -> usize {\n    a & 1\n}", 2, "this operator"),
            ("fn f(a: isize) -> isize {\n    a / 2\n}", 2, "only `usize` is computed with"),
            ("fn f(a: isize) -> isize {\n    a + 2\n}", 2, "only `usize` is computed with"),
            ("fn f(a: usize) -> usize {\n    g(a)\n}", 2, "this function"),
            ("fn f(a: &[usize]) -> Option<usize> {\n    a.get(0, 1)\n}", 2, "this method"),
            ("fn f(a: usize) -> usize {\n    while a > 1 { continue }\n    a\n}", 2, "a loop with"),
            (
                "fn f(a: Result<usize, usize>) -> Result<usize, usize> {\n    Ok(a?)\n}",
                2,
                "this `?`",
            ),
            ("fn f(a: usize) -> usize {\n    let b: usize = a;\n    b\n}", 2, "this pattern"),
            ("fn f(a: usize) -> usize {\n    f(a)\n}", 1, "recursion"),
            ("fn f(mut a: usize) -> usize {\n    a + { a = 1; a }\n}", 2, "an assignment inside"),
            (
                "fn f(a: usize) -> usize {\n    #[cfg(kani)]\n    let b = a;\n    a\n}",
                2,
                "an attribute inside an item",
            ),
            ("#[cfg(feature = \"x\")]\nfn f(a: usize) {}", 1, "this attribute"),
            ("fn f(a: isize) -> bool {\n    let b = 0;\n    a == b\n}", 3, "say the type"),
            ("fn f(a: usize) -> usize {\n    elsewhere::one(a)\n}", 2, "a path through a module"),
            ("use crate::elsewhere::one;", 1, "`one` is declared in"),
        ] {
            let error = kernel(text).expect_err(text);
            assert!(error.starts_with(&format!("src/k.rs:{line}: `")), "{text}: {error}");
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn an_inner_variable_does_not_hide_an_outer_one() {
        let text =
            "fn f(a: usize) -> usize { let mut b = a; { let b = 1; let _ = b; } b = b - 1; b }";
        let coq = kernel(text).expect(text);
        assert!(coq.contains("let b1 := 1 in"), "{coq}");
        assert!(coq.contains("let* t := usize.sub b 1 in"), "{coq}");
    }

    #[test]
    fn what_follows_a_branching_is_written_once() {
        let text =
            "fn f(a: usize) -> usize { let mut b = a; if a > 9 { b -= 1 } else { b += 1 } one(b) }";
        let coq = kernel(text).expect(text);
        assert_eq!(coq.matches("Other.one b").count(), 1, "{coq}");
        assert_eq!(coq.matches("join b").count(), 2, "{coq}");
    }

    #[test]
    fn a_function_of_another_file_is_called_by_its_module() {
        let text = "use crate::other::one; fn f(a: usize) -> usize { one(a) }";
        assert!(kernel(text).expect(text).contains("From Strideproof Require Other."));
    }
}
