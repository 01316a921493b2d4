//! From a small subset of Rust to Gallina, so that the theorems are about the source itself.
//!
//! # The subset
//!
//! - Items: `struct` with named fields, `enum`, `const`, `fn`, `impl` of a type, `use`. Not generic,
//!   not recursive. What `#[cfg(kani)]` or `#[cfg(test)]` guards is left out.
//! - Types: `usize`, `isize`, `bool`, `()`, shared references, slices, `Option`, `Result`, tuples,
//!   and the types that the files declare.
//! - Statements: `let` (with `else`), assignments to a variable (`=`, `+=`, `-=`, `*=`), `while`,
//!   `while let`, `break`, `continue`, `return`.
//! - Expressions: literals, variables, constants, constructors with `..base`, fields, tuples, `+ - *
//!   / %`, comparisons of integers, `&& || !`, `?`, `if`, `if let`, `match` with guards, blocks, and
//!   calls of the files' own functions and of the methods in [`Function::method`].
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

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{
    Attribute, BinOp, Block, Expr, FnArg, ImplItem, Item, Lit, Member, Pat, Path, ReturnType, Stmt,
    Type, UnOp,
};

use crate::Result;

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
    let mut files = Vec::new();
    let mut world = World::default();
    for source in sources {
        let file = syn::parse_file(&source.text)
            .map_err(|error| format!("{}:{}: {error}", source.path, error.span().start().line))?;
        let place = Place { path: &source.path, module: &source.module };
        world.declare(place, &file.items)?;
        files.push((place, file));
    }
    files.iter().map(|(place, file)| world.print(*place, &file.items)).collect()
}

#[derive(Clone, Copy)]
struct Place<'a> {
    path: &'a str,
    module: &'a str,
}

impl Place<'_> {
    /// An error that names the file, the line and the construct.
    fn refuse<T>(&self, node: &(impl Spanned + ToTokens), why: &str) -> Result<T> {
        let construct = node.to_token_stream().to_string();
        let construct: String = construct.chars().take(80).collect();
        let line = node.span().start().line;
        Err(format!("{}:{line}: `{construct}`: {why}", self.path))
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Ty {
    Usize,
    Isize,
    Bool,
    Unit,
    Slice(Box<Ty>),
    Option(Box<Ty>),
    Result(Box<Ty>, Box<Ty>),
    Tuple(Vec<Ty>),
    Named(String),
    /// Not determined here; an operation on it is refused.
    Unknown,
}

impl Ty {
    /// The type that two descriptions of it have in common.
    fn meet(&self, other: &Ty) -> Option<Ty> {
        Some(match (self, other) {
            (Ty::Unknown, ty) | (ty, Ty::Unknown) => ty.clone(),
            (Ty::Slice(a), Ty::Slice(b)) => Ty::Slice(Box::new(a.meet(b)?)),
            (Ty::Option(a), Ty::Option(b)) => Ty::Option(Box::new(a.meet(b)?)),
            (Ty::Result(a, e), Ty::Result(b, f)) => {
                Ty::Result(Box::new(a.meet(b)?), Box::new(e.meet(f)?))
            }
            (Ty::Tuple(a), Ty::Tuple(b)) if a.len() == b.len() => {
                Ty::Tuple(a.iter().zip(b).map(|(a, b)| a.meet(b)).collect::<Option<_>>()?)
            }
            (a, b) if a == b => a.clone(),
            _ => return None,
        })
    }

    fn component(&self, at: usize) -> Ty {
        match self {
            Ty::Tuple(parts) => parts.get(at).cloned().unwrap_or(Ty::Unknown),
            _ => Ty::Unknown,
        }
    }
}

/// What the files declare. Names are as in Rust: `decide`, `Room`, `Room::step`, `Side::Below`.
#[derive(Default)]
struct World {
    /// The module of each name, and the name's part of what it is called in Coq.
    names: BTreeMap<String, String>,
    structs: BTreeMap<String, Vec<(String, Ty)>>,
    variants: BTreeMap<String, Vec<(String, Ty)>>,
    consts: BTreeMap<String, Ty>,
    functions: BTreeMap<String, (Vec<Ty>, Ty)>,
}

/// Whether an item stands in the translation; `cfg` of anything but Kani and tests is refused, as
/// is every attribute that might change what a function does.
fn stands(place: Place<'_>, attributes: &[Attribute]) -> Result<bool> {
    const HARMLESS: [&str; 12] = [
        "doc",
        "derive",
        "inline",
        "cold",
        "expect",
        "allow",
        "deny",
        "warn",
        "must_use",
        "cfg_attr",
        "non_exhaustive",
        "rustfmt",
    ];
    for attribute in attributes {
        let text = attribute.meta.to_token_stream().to_string().replace(' ', "");
        if text == "cfg(kani)" || text == "cfg(test)" {
            return Ok(false);
        }
        let known = HARMLESS.iter().any(|name| attribute.path().is_ident(name));
        if !known || (text.starts_with("cfg_attr") && !text.starts_with("cfg_attr(kani,")) {
            return place.refuse(attribute, "this attribute is outside the subset");
        }
    }
    Ok(true)
}

/// A path without the modules in front of it: `crate::kernel::Room::step` is `Room::step`.
fn name_of(path: &Path, self_ty: &str) -> String {
    let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let last = segments.len().saturating_sub(1);
    let is_type =
        |name: &str| name.starts_with(char::is_uppercase) || name == "usize" || name == "isize";
    let kept = segments.iter().enumerate().filter(|(at, name)| *at == last || is_type(name));
    let kept: Vec<_> = kept.map(|(_, name)| if name == "Self" { self_ty } else { name }).collect();
    kept.join("::")
}

impl World {
    fn ty(&self, place: Place<'_>, ty: &Type, self_ty: &str) -> Result<Ty> {
        Ok(match ty {
            Type::Paren(inner) => self.ty(place, &inner.elem, self_ty)?,
            Type::Reference(reference) if reference.mutability.is_none() => {
                self.ty(place, &reference.elem, self_ty)?
            }
            Type::Slice(slice) => Ty::Slice(Box::new(self.ty(place, &slice.elem, self_ty)?)),
            Type::Tuple(tuple) if tuple.elems.is_empty() => Ty::Unit,
            Type::Tuple(tuple) => Ty::Tuple(
                tuple.elems.iter().map(|ty| self.ty(place, ty, self_ty)).collect::<Result<_>>()?,
            ),
            Type::Path(path) => {
                let last = path.path.segments.last();
                let mut inner = Vec::new();
                if let Some(syn::PathArguments::AngleBracketed(list)) = last.map(|l| &l.arguments) {
                    for argument in &list.args {
                        let syn::GenericArgument::Type(ty) = argument else {
                            return place.refuse(ty, "this type is outside the subset");
                        };
                        inner.push(self.ty(place, ty, self_ty)?);
                    }
                }
                match (name_of(&path.path, self_ty).as_str(), inner.as_slice()) {
                    ("usize", []) => Ty::Usize,
                    ("isize", []) => Ty::Isize,
                    ("bool", []) => Ty::Bool,
                    ("Option", [a]) => Ty::Option(Box::new(a.clone())),
                    ("Result", [a, e]) => Ty::Result(Box::new(a.clone()), Box::new(e.clone())),
                    (name, []) if self.names.contains_key(name) => Ty::Named(name.to_owned()),
                    _ => return place.refuse(ty, "this type is outside the subset"),
                }
            }
            _ => return place.refuse(ty, "this type is outside the subset"),
        })
    }

    fn name(&mut self, place: Place<'_>, node: &syn::Ident, name: &str) -> Result {
        let coq = format!("{}.{}", place.module, name.replace("::", "_"));
        if self.names.insert(name.to_owned(), coq).is_some() {
            return place.refuse(node, "this name is declared twice in the translated files");
        }
        Ok(())
    }

    fn fields(
        &self,
        place: Place<'_>,
        fields: &syn::Fields,
        ty: &str,
    ) -> Result<Vec<(String, Ty)>> {
        let named = fields.iter().enumerate().map(|(at, field)| {
            let name =
                field.ident.as_ref().map_or_else(|| format!("field{at}"), ToString::to_string);
            Ok((name, self.ty(place, &field.ty, ty)?))
        });
        named.collect()
    }

    /// Notes what a file declares: first its types' names, then everything that mentions types.
    fn declare(&mut self, place: Place<'_>, items: &[Item]) -> Result {
        for item in items {
            match item {
                Item::Struct(item) if stands(place, &item.attrs)? => {
                    self.name(place, &item.ident, &item.ident.to_string())?;
                }
                Item::Enum(item) if stands(place, &item.attrs)? => {
                    self.name(place, &item.ident, &item.ident.to_string())?;
                }
                _ => {}
            }
        }
        for item in items {
            match item {
                Item::Struct(item) if stands(place, &item.attrs)? => {
                    if !item.generics.params.is_empty()
                        || !matches!(item.fields, syn::Fields::Named(_))
                    {
                        return place.refuse(&item.ident, "only plain structs with named fields");
                    }
                    let name = item.ident.to_string();
                    let fields = self.fields(place, &item.fields, &name)?;
                    self.structs.insert(name, fields);
                }
                Item::Enum(item) if stands(place, &item.attrs)? => {
                    if !item.generics.params.is_empty() {
                        return place.refuse(&item.ident, "generics are outside the subset");
                    }
                    for variant in &item.variants {
                        let name = format!("{}::{}", item.ident, variant.ident);
                        self.name(place, &variant.ident, &name)?;
                        let fields =
                            self.fields(place, &variant.fields, &item.ident.to_string())?;
                        self.variants.insert(name, fields);
                    }
                }
                Item::Const(item) if stands(place, &item.attrs)? => {
                    let name = item.ident.to_string();
                    self.name(place, &item.ident, &name)?;
                    let ty = self.ty(place, &item.ty, "")?;
                    self.consts.insert(name, ty);
                }
                Item::Fn(item) if stands(place, &item.attrs)? => {
                    self.signature(place, &item.sig, "")?;
                }
                Item::Impl(item) if stands(place, &item.attrs)? => {
                    if item.trait_.is_some() || !item.generics.params.is_empty() {
                        return place.refuse(&item.self_ty, "only plain `impl`s of a type");
                    }
                    let ty = item.self_ty.to_token_stream().to_string();
                    for item in &item.items {
                        match item {
                            ImplItem::Fn(item) if stands(place, &item.attrs)? => {
                                self.signature(place, &item.sig, &ty)?;
                            }
                            ImplItem::Fn(_) => {}
                            other => return place.refuse(other, "only functions in an `impl`"),
                        }
                    }
                }
                Item::Use(item) if item.to_token_stream().to_string().contains(" as ") => {
                    return place.refuse(item, "a renaming `use` is outside the subset");
                }
                Item::Mod(item) if stands(place, &item.attrs)? => {
                    return place.refuse(item, "a module within the file is outside the subset");
                }
                Item::Struct(_)
                | Item::Enum(_)
                | Item::Const(_)
                | Item::Fn(_)
                | Item::Impl(_)
                | Item::Use(_)
                | Item::Mod(_) => {}
                other => return place.refuse(other, "this item is outside the subset"),
            }
        }
        Ok(())
    }

    fn signature(&mut self, place: Place<'_>, sig: &syn::Signature, self_ty: &str) -> Result {
        if !sig.generics.params.iter().all(|param| matches!(param, syn::GenericParam::Lifetime(_)))
        {
            return place.refuse(sig, "generics are outside the subset");
        }
        if sig.unsafety.is_some() || sig.asyncness.is_some() || sig.abi.is_some() {
            return place.refuse(sig, "`unsafe`, `async` and `extern` are outside the subset");
        }
        let mut inputs = Vec::new();
        for input in &sig.inputs {
            inputs.push(match input {
                FnArg::Receiver(this) if this.mutability.is_some() => {
                    return place.refuse(this, "a mutable receiver is outside the subset");
                }
                FnArg::Receiver(_) => Ty::Named(self_ty.to_owned()),
                FnArg::Typed(typed) => self.ty(place, &typed.ty, self_ty)?,
            });
        }
        let output = match &sig.output {
            ReturnType::Default => Ty::Unit,
            ReturnType::Type(_, ty) => self.ty(place, ty, self_ty)?,
        };
        let name = qualified(self_ty, &sig.ident.to_string());
        self.name(place, &sig.ident, &name)?;
        self.functions.insert(name, (inputs, output));
        Ok(())
    }

    /// What a name is called where `module` uses it.
    fn coq(&self, name: &str, module: &str) -> String {
        let full = self.names.get(name).cloned().unwrap_or_else(|| name.to_owned());
        full.strip_prefix(&format!("{module}.")).map(str::to_owned).unwrap_or(full)
    }

    fn coq_ty(&self, ty: &Ty, module: &str) -> String {
        match ty {
            Ty::Usize | Ty::Isize => "Z".into(),
            Ty::Bool => "bool".into(),
            Ty::Unit => "unit".into(),
            Ty::Slice(a) => format!("(list {})", self.coq_ty(a, module)),
            Ty::Option(a) => format!("(option {})", self.coq_ty(a, module)),
            Ty::Result(a, e) => {
                format!("(result {} {})", self.coq_ty(a, module), self.coq_ty(e, module))
            }
            Ty::Tuple(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.coq_ty(part, module)).collect();
                format!("({})%type", parts.join(" * "))
            }
            Ty::Named(name) => self.coq(name, module),
            Ty::Unknown => "_".into(),
        }
    }

    /// A file's definitions: types and constants in their order, functions after those they call.
    fn print(&self, place: Place<'_>, items: &[Item]) -> Result<String> {
        let mut out = format!(
            "(** {}, as `cargo xtask rocq --write` translates it. Not edited by hand. *)\n\n\
             From Coq Require Import ZArith List Bool.\nFrom Strideproof Require Import Prelude.\n",
            place.path
        );
        let mut used = BTreeSet::new();
        let mut functions: Vec<(String, String)> = Vec::new();
        let mut body = String::new();
        let field_list = |prefix: &str, fields: &[(String, Ty)]| -> Vec<String> {
            let typed = |(name, ty): &(String, Ty)| {
                format!("{prefix}{name} : {}", self.coq_ty(ty, place.module))
            };
            fields.iter().map(typed).collect()
        };
        for item in items {
            match item {
                Item::Struct(item) if stands(place, &item.attrs)? => {
                    let name = item.ident.to_string();
                    let fields =
                        field_list(&format!("{name}_"), &self.structs[&name]).join(";\n  ");
                    body += &format!("\nRecord {name} : Type := {name}_new {{\n  {fields}\n}}.\n");
                }
                Item::Enum(item) if stands(place, &item.attrs)? => {
                    let mut variants = String::new();
                    for variant in &item.variants {
                        let fields = &self.variants[&format!("{}::{}", item.ident, variant.ident)];
                        let fields: String = field_list("", fields)
                            .iter()
                            .map(|field| format!(" ({field})"))
                            .collect();
                        variants += &format!("\n| {}_{}{fields}", item.ident, variant.ident);
                    }
                    body += &format!("\nInductive {} : Type :={variants}.\n", item.ident);
                }
                Item::Const(item) if stands(place, &item.attrs)? => {
                    let mut function = Function::new(self, place, "", Ty::Unknown);
                    let mut value = None;
                    let ty = &self.consts[&item.ident.to_string()];
                    let code = function.expr(
                        &item.expr,
                        ty,
                        &mut Cont::tail(&mut |_, v| {
                            value = Some(v.code.clone());
                            Ok(v.code)
                        }),
                    )?;
                    if value.as_ref() != Some(&code) {
                        return place.refuse(&item.expr, "this constant is outside the subset");
                    }
                    let code = bare(&code);
                    body += &format!("\nDefinition {} : Z := {code}.\n", item.ident);
                    used.extend(function.calls);
                }
                Item::Fn(item) if stands(place, &item.attrs)? => {
                    let (text, calls) = self.function(place, &item.sig, &item.block, "")?;
                    used.extend(calls);
                    functions.push((item.sig.ident.to_string(), text));
                }
                Item::Impl(item) if stands(place, &item.attrs)? => {
                    let ty = item.self_ty.to_token_stream().to_string();
                    for item in &item.items {
                        if let ImplItem::Fn(item) = item
                            && stands(place, &item.attrs)?
                        {
                            let (text, calls) =
                                self.function(place, &item.sig, &item.block, &ty)?;
                            used.extend(calls);
                            functions.push((qualified(&ty, &item.sig.ident.to_string()), text));
                        }
                    }
                }
                _ => {}
            }
        }
        let modules: BTreeSet<_> = used
            .iter()
            .filter_map(|name| self.names.get(name)?.split_once('.'))
            .map(|(module, _)| module)
            .filter(|module| *module != place.module)
            .collect();
        for module in modules {
            out += &format!("From Strideproof Require {module}.\n");
        }
        out += "Import ListNotations.\nOpen Scope Z_scope.\nOpen Scope bool_scope.\n";
        out += &body;
        let mut waiting: BTreeSet<String> =
            functions.iter().map(|(name, _)| name.clone()).collect();
        while !waiting.is_empty() {
            let ready = functions.iter().find(|(name, text)| {
                let calls = |other: &String| {
                    let other = self.coq(other, place.module);
                    text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.' && c != '\'')
                        .skip(2)
                        .any(|word| word == other)
                };
                waiting.contains(name) && !waiting.iter().any(|other| other != name && calls(other))
            });
            let Some((name, text)) = ready else {
                return Err(format!("{}: recursion is outside the subset", place.path));
            };
            waiting.remove(name);
            out += text;
        }
        Ok(out)
    }

    fn function(
        &self,
        place: Place<'_>,
        sig: &syn::Signature,
        block: &Block,
        self_ty: &str,
    ) -> Result<(String, BTreeSet<String>)> {
        let name = qualified(self_ty, &sig.ident.to_string());
        let (inputs, output) = &self.functions[&name];
        let mut function = Function::new(self, place, self_ty, output.clone());
        let mut params = String::new();
        for (input, ty) in sig.inputs.iter().zip(inputs) {
            let name = match input {
                FnArg::Receiver(_) => "self".to_owned(),
                FnArg::Typed(typed) => match &*typed.pat {
                    Pat::Ident(ident) => ident.ident.to_string(),
                    other => return place.refuse(other, "a parameter must be a plain name"),
                },
            };
            let coq = function.declare(&name, ty.clone());
            params += &format!(" ({coq} : {})", self.coq_ty(ty, place.module));
        }
        let body = function.block(&block.stmts, output, &mut Cont::tail(&mut |f, v| f.ret(&v)))?;
        if function.calls.contains(&name) {
            return place.refuse(&sig.ident, "recursion is outside the subset");
        }
        let output = self.coq_ty(output, place.module);
        let coq = self.coq(&name, place.module);
        let text = format!("\nDefinition {coq}{params} : res {output} :=\n{}.\n", indent(&body));
        Ok((text, function.calls))
    }
}

fn qualified(self_ty: &str, name: &str) -> String {
    if self_ty.is_empty() { name.to_owned() } else { format!("{self_ty}::{name}") }
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

/// An expression of Gallina without effects, in parentheses unless it is one word.
#[derive(Clone)]
struct Value {
    code: String,
    ty: Ty,
}

type Run<'a, 'w> = &'a mut dyn FnMut(&mut Function<'w>, Value) -> Result<String>;

/// What follows an expression.
struct Cont<'a, 'w> {
    run: Run<'a, 'w>,
    /// Whether it only hands the value on, so that every branch may repeat it.
    short: bool,
}

impl<'a, 'w> Cont<'a, 'w> {
    fn then(run: Run<'a, 'w>) -> Self {
        Self { run, short: false }
    }

    fn tail(run: Run<'a, 'w>) -> Self {
        Self { run, short: true }
    }
}

/// What a branch does.
#[derive(Clone, Copy)]
enum Body<'e> {
    Expr(&'e Expr),
    Block(&'e Block),
    Nothing,
}

#[derive(Clone)]
struct Variable {
    coq: String,
    ty: Ty,
}

/// The translation of one function.
struct Function<'w> {
    world: &'w World,
    place: Place<'w>,
    self_ty: String,
    output: Ty,
    /// The variables that Rust sees, the innermost last.
    scope: Vec<(String, Variable)>,
    /// The names that Coq sees.
    used: BTreeSet<String>,
    /// The variables that the enclosing loops carry; a `return` inside a loop is a `Return`.
    loops: Vec<String>,
    /// The name that the next value should have.
    hint: Option<String>,
    /// How many calls, loops and returns were written so far.
    effects: usize,
    calls: BTreeSet<String>,
}

/// Names that mean something else in Coq.
const RESERVED: [&str; 40] = [
    "as", "at", "cofix", "else", "end", "exists", "fix", "for", "forall", "fun", "if", "in", "let",
    "match", "mod", "return", "then", "using", "where", "with", "Type", "Prop", "Set", "left",
    "right", "true", "false", "tt", "nil", "cons", "conj", "inl", "inr", "pair", "exist", "loop",
    "bind", "result", "res", "run",
];

impl<'w> Function<'w> {
    fn new(world: &'w World, place: Place<'w>, self_ty: &str, output: Ty) -> Self {
        Self {
            world,
            place,
            self_ty: self_ty.to_owned(),
            output,
            scope: Vec::new(),
            used: BTreeSet::new(),
            loops: Vec::new(),
            hint: None,
            effects: 0,
            calls: BTreeSet::new(),
        }
    }

    /// A name that is not visible yet.
    fn fresh(&mut self, name: &str) -> String {
        let taken = |name: &str| RESERVED.contains(&name) || self.used.contains(name);
        let mut coq = name.to_owned();
        let mut n = 1;
        while taken(&coq) {
            coq = format!("{name}{n}");
            n += 1;
        }
        self.used.insert(coq.clone());
        coq
    }

    fn declare(&mut self, name: &str, ty: Ty) -> String {
        let coq = self.fresh(name);
        self.scope.push((name.to_owned(), Variable { coq: coq.clone(), ty }));
        coq
    }

    fn variable(&self, name: &str) -> Option<&Variable> {
        self.scope.iter().rev().find(|(known, _)| known == name).map(|(_, variable)| variable)
    }

    fn name(&mut self, path: &Path) -> String {
        let name = name_of(path, &self.self_ty);
        self.calls.insert(name.clone());
        name
    }

    fn coq(&self, name: &str) -> String {
        self.world.coq(name, self.place.module)
    }

    fn meet(&self, node: &(impl Spanned + ToTokens), a: &Ty, b: &Ty) -> Result<Ty> {
        match a.meet(b) {
            Some(ty) => Ok(ty),
            None => self.place.refuse(node, &format!("{a:?} and {b:?} meet; say the type")),
        }
    }

    /// Runs a part whose names are invisible afterwards.
    fn scoped<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let (scope, used) = (self.scope.clone(), self.used.clone());
        let result = part(self);
        (self.scope, self.used) = (scope, used);
        result
    }

    /// Hands a value to what follows, which sees only the variables of `scope`.
    fn resume(
        &mut self,
        scope: &[(String, Variable)],
        k: &mut Cont<'_, 'w>,
        v: Value,
    ) -> Result<String> {
        let inner = std::mem::replace(&mut self.scope, scope.to_vec());
        let result = (k.run)(self, v);
        self.scope = inner;
        result
    }

    fn ret(&mut self, value: &Value) -> Result<String> {
        self.effects += 1;
        let code = &value.code;
        Ok(if self.loops.is_empty() {
            format!("Val {code}")
        } else {
            format!("Val (Return {code})")
        })
    }

    /// Calls something that may panic, and names its value.
    fn bind(
        &mut self,
        hint: Option<String>,
        call: &str,
        ty: Ty,
        k: &mut Cont<'_, 'w>,
    ) -> Result<String> {
        self.effects += 1;
        let name = hint.unwrap_or_else(|| self.fresh("t"));
        let rest = (k.run)(self, Value { code: name.clone(), ty })?;
        Ok(format!("let* {name} := {call} in\n{rest}"))
    }

    /// Evaluates operands from left to right.
    fn operands(
        &mut self,
        operands: &[(&Expr, Ty)],
        done: Vec<Value>,
        k: &mut dyn FnMut(&mut Self, Vec<Value>) -> Result<String>,
    ) -> Result<String> {
        let Some(((first, want), rest)) = operands.split_first() else { return k(self, done) };
        if !assigned(Body::Expr(first)).is_empty() {
            return self
                .place
                .refuse(first, "an assignment inside an operand is outside the subset");
        }
        self.expr(
            first,
            want,
            &mut Cont::then(&mut |f, v| {
                let ty = f.meet(first, want, &v.ty)?;
                let mut done = done.clone();
                done.push(Value { ty, ..v });
                f.operands(rest, done, k)
            }),
        )
    }

    fn pattern(&mut self, pattern: &Pat, ty: &Ty) -> Result<String> {
        Ok(match pattern {
            Pat::Wild(_) => "_".into(),
            Pat::Paren(inner) => self.pattern(&inner.pat, ty)?,
            Pat::Reference(inner) if inner.mutability.is_none() => self.pattern(&inner.pat, ty)?,
            Pat::Type(typed) => {
                let said = self.world.ty(self.place, &typed.ty, &self.self_ty)?;
                let ty = self.meet(pattern, &said, ty)?;
                self.pattern(&typed.pat, &ty)?
            }
            Pat::Ident(ident) if ident.ident == "None" => "None".into(),
            Pat::Ident(ident) if ident.by_ref.is_none() && ident.subpat.is_none() => {
                let name = ident.ident.to_string();
                if name.starts_with(char::is_uppercase) {
                    return self
                        .place
                        .refuse(pattern, "write the constructor with its type's name");
                }
                self.declare(&name, ty.clone())
            }
            Pat::Tuple(tuple) => {
                let parts = tuple.elems.iter().enumerate();
                let parts: Result<Vec<_>> =
                    parts.map(|(at, part)| self.pattern(part, &ty.component(at))).collect();
                format!("({})", parts?.join(", "))
            }
            Pat::Lit(lit) if matches!(lit.lit, Lit::Bool(_)) => {
                pattern.to_token_stream().to_string()
            }
            Pat::Path(path) => {
                let name = self.name(&path.path);
                self.constructor_fields(pattern, &name, ty)?;
                self.coq(&name)
            }
            Pat::TupleStruct(tuple) => {
                let name = self.name(&tuple.path);
                let fields = self.constructor_fields(pattern, &name, ty)?;
                if fields.len() != tuple.elems.len() {
                    return self.place.refuse(pattern, "`..` is outside the subset here");
                }
                let parts = tuple.elems.iter().zip(&fields);
                let parts: Result<Vec<_>> =
                    parts.map(|(part, (_, ty))| self.pattern(part, ty)).collect();
                format!("({} {})", self.coq(&name), parts?.join(" "))
            }
            Pat::Struct(fields) => {
                let name = self.name(&fields.path);
                let declared = self.constructor_fields(pattern, &name, ty)?;
                let mut parts = Vec::new();
                for (field, ty) in &declared {
                    let given = fields.fields.iter().find(|given| &member(&given.member) == field);
                    parts.push(match given {
                        Some(given) => self.pattern(&given.pat, ty)?,
                        None => "_".into(),
                    });
                }
                format!("({} {})", self.constructor(&name), parts.join(" "))
            }
            other => return self.place.refuse(other, "this pattern is outside the subset"),
        })
    }

    /// The constructor's name: of a variant its own, of a struct `…_new`.
    fn constructor(&self, name: &str) -> String {
        let coq = self.coq(name);
        if self.world.structs.contains_key(name) { format!("{coq}_new") } else { coq }
    }

    fn constructor_fields(&self, node: &Pat, name: &str, ty: &Ty) -> Result<Vec<(String, Ty)>> {
        let field = |ty: &Ty| vec![(String::new(), ty.clone())];
        let fields = match (name, ty) {
            ("Some", Ty::Option(a)) => field(a),
            ("None", Ty::Option(_)) => Vec::new(),
            ("Ok", Ty::Result(a, _)) => field(a),
            ("Err", Ty::Result(_, e)) => field(e),
            (name, Ty::Named(ty)) => {
                let variant = self.world.variants.get(name);
                let fields = variant.filter(|_| name.starts_with(&format!("{ty}::")));
                let fields = fields.or_else(|| self.world.structs.get(name).filter(|_| name == ty));
                match fields {
                    Some(fields) => fields.clone(),
                    None => return self.place.refuse(node, "this is no constructor of the type"),
                }
            }
            _ => return self.place.refuse(node, "this is no constructor of the type"),
        };
        Ok(fields)
    }

    /// Translates a branching: `write` writes it, given what follows each of the `bodies`.
    fn branch(
        &mut self,
        bodies: &[Body<'_>],
        k: &mut Cont<'_, 'w>,
        write: &mut dyn FnMut(&mut Self, &mut Cont<'_, 'w>) -> Result<String>,
    ) -> Result<String> {
        let scope = self.scope.clone();
        let going_on = bodies.iter().filter(|body| !diverges(**body)).count();
        if k.short || going_on <= 1 {
            let short = k.short;
            return write(self, &mut Cont { run: &mut |f, v| f.resume(&scope, k, v), short });
        }
        let hint = self.hint.take();
        let touched: BTreeSet<String> = bodies.iter().flat_map(|body| assigned(*body)).collect();
        let mut touched: Vec<_> =
            touched.iter().filter_map(|name| self.variable(name).cloned()).collect();
        touched.sort_by_key(|v| self.scope.iter().position(|(_, known)| known.coq == v.coq));
        let mut ty = Ty::Unknown;
        if touched.is_empty() {
            // Without effects in any branch the whole is a value.
            let before = self.effects;
            let code = write(
                self,
                &mut Cont::tail(&mut |f, v| {
                    ty = f.meet(
                        &Path::from(syn::Ident::new("branch", proc_macro2::Span::call_site())),
                        &ty,
                        &v.ty,
                    )?;
                    Ok(bare(&v.code).to_owned())
                }),
            )?;
            if self.effects == before {
                return (k.run)(self, Value { code: format!("({code})"), ty });
            }
        }
        let join = self.fresh("join");
        let mut arguments: Vec<_> = touched.iter().map(|variable| variable.coq.clone()).collect();
        let mut plain = true;
        let branches = write(
            self,
            &mut Cont::tail(&mut |f, v| {
                ty = f.meet(
                    &Path::from(syn::Ident::new("branch", proc_macro2::Span::call_site())),
                    &ty,
                    &v.ty,
                )?;
                plain = v.ty == Ty::Unit;
                let mut call = vec![join.clone()];
                if !plain || arguments.is_empty() {
                    call.push(v.code);
                }
                call.extend(arguments.iter().cloned());
                Ok(call.join(" "))
            }),
        )?;
        let mut params = String::new();
        let mut value = Value { code: "tt".into(), ty: ty.clone() };
        let module = self.place.module;
        let rest = self.scoped(|f| {
            if !plain {
                value.code = hint.clone().unwrap_or_else(|| f.fresh("v"));
                params += &format!(" ({} : {})", value.code, f.world.coq_ty(&ty, module));
            } else if arguments.is_empty() {
                params += " (_ : unit)";
            }
            for variable in &touched {
                params +=
                    &format!(" ({} : {})", variable.coq, f.world.coq_ty(&variable.ty, module));
            }
            (k.run)(f, value)
        })?;
        arguments.clear();
        self.effects += 1;
        Ok(format!("let {join} := fun{params} =>\n{}\nin\n{branches}", indent(&rest)))
    }

    fn body(&mut self, body: Body<'_>, want: &Ty, k: &mut Cont<'_, 'w>) -> Result<String> {
        match body {
            Body::Expr(expr) => self.expr(expr, want, k),
            Body::Block(block) => self.block(&block.stmts, want, k),
            Body::Nothing => (k.run)(self, Value { code: "tt".into(), ty: Ty::Unit }),
        }
    }

    /// `match value with pattern => yes | _ => no end`
    fn if_let(
        &mut self,
        pattern: &Pat,
        value: &Value,
        yes: &mut dyn FnMut(&mut Self) -> Result<String>,
        no: &mut dyn FnMut(&mut Self) -> Result<String>,
    ) -> Result<String> {
        let (pattern_code, yes) = self.scoped(|f| Ok((f.pattern(pattern, &value.ty)?, yes(f)?)))?;
        if irrefutable(pattern) {
            return Ok(format!("let '{pattern_code} := {} in\n{yes}", bare(&value.code)));
        }
        let no = self.scoped(|f| no(f))?;
        Ok(format!(
            "match {} with\n| {} =>\n{}\n| _ =>\n{}\nend",
            bare(&value.code),
            bare(&pattern_code),
            indent(&yes),
            indent(&no)
        ))
    }

    /// `if condition then yes else no`, where the condition may be a `let`.
    fn choose(
        &mut self,
        condition: &Expr,
        yes: &mut dyn FnMut(&mut Self) -> Result<String>,
        no: &mut dyn FnMut(&mut Self) -> Result<String>,
    ) -> Result<String> {
        if let Expr::Let(condition) = condition {
            return self.expr(
                &condition.expr,
                &Ty::Unknown,
                &mut Cont::then(&mut |f, value| f.if_let(&condition.pat, &value, yes, no)),
            );
        }
        self.expr(
            condition,
            &Ty::Bool,
            &mut Cont::then(&mut |f, value| {
                f.meet(condition, &Ty::Bool, &value.ty)?;
                let yes = f.scoped(|f| yes(f))?;
                let no = f.scoped(|f| no(f))?;
                Ok(format!(
                    "if {} then\n{}\nelse\n{}",
                    bare(&value.code),
                    indent(&yes),
                    indent(&no)
                ))
            }),
        )
    }

    /// The arms of a `match`. Where a guard fails, the arms after it are tried.
    fn arms(
        &mut self,
        value: &Value,
        arms: &[syn::Arm],
        want: &Ty,
        k: &mut Cont<'_, 'w>,
    ) -> Result<String> {
        let guarded = arms.iter().position(|arm| arm.guard.is_some());
        let plain = &arms[..guarded.unwrap_or(arms.len())];
        let mut out = String::new();
        let mut otherwise = String::new();
        if let Some(at) = guarded {
            otherwise = self.fresh("otherwise");
            let rest = self.scoped(|f| f.arms(value, &arms[at + 1..], want, k))?;
            out = format!("let {otherwise} := fun _ : unit =>\n{}\nin\n", indent(&rest));
        }
        out += &format!("match {} with", bare(&value.code));
        for arm in plain {
            let (pattern, body) = self
                .scoped(|f| Ok((f.pattern(&arm.pat, &value.ty)?, f.expr(&arm.body, want, k)?)))?;
            out += &format!("\n| {} =>\n{}", bare(&pattern), indent(&body));
        }
        if let Some(arm) = guarded.map(|at| &arms[at]) {
            let guard = arm.guard.as_ref().map(|(_, guard)| &**guard);
            let (pattern, body) = self.scoped(|f| {
                let pattern = f.pattern(&arm.pat, &value.ty)?;
                let Some(guard) = guard else { return f.place.refuse(arm, "no guard") };
                let body = f.choose(guard, &mut |f| f.expr(&arm.body, want, k), &mut |_| {
                    Ok(format!("{otherwise} tt"))
                })?;
                Ok((pattern, body))
            })?;
            out += &format!("\n| {} =>\n{}", bare(&pattern), indent(&body));
            if !irrefutable(&arm.pat) {
                out += &format!("\n| _ => {otherwise} tt");
            }
        }
        Ok(out + "\nend")
    }

    fn block(&mut self, stmts: &[Stmt], want: &Ty, k: &mut Cont<'_, 'w>) -> Result<String> {
        let scope = self.scope.clone();
        let short = k.short;
        let result =
            self.stmts(stmts, want, &mut Cont { run: &mut |f, v| f.resume(&scope, k, v), short });
        self.scope = scope;
        result
    }

    fn stmts(&mut self, stmts: &[Stmt], want: &Ty, k: &mut Cont<'_, 'w>) -> Result<String> {
        let Some((first, rest)) = stmts.split_first() else {
            return (k.run)(self, Value { code: "tt".into(), ty: Ty::Unit });
        };
        match first {
            Stmt::Local(local) => {
                stands(self.place, &local.attrs)?;
                let Some(init) = &local.init else {
                    return self.place.refuse(local, "`let` without a value is outside the subset");
                };
                let ty = match &local.pat {
                    Pat::Type(typed) => self.world.ty(self.place, &typed.ty, &self.self_ty)?,
                    _ => Ty::Unknown,
                };
                if let Some((_, otherwise)) = &init.diverge {
                    if !diverges(Body::Expr(otherwise)) {
                        return self.place.refuse(otherwise, "this `else` must return");
                    }
                    return self.expr(
                        &init.expr,
                        &ty,
                        &mut Cont::then(&mut |f, value| {
                            f.if_let(
                                &local.pat,
                                &value,
                                &mut |f| f.stmts(rest, want, k),
                                &mut |f| {
                                    f.expr(
                                        otherwise,
                                        &Ty::Unknown,
                                        &mut Cont::then(&mut |f, _| {
                                            f.place.refuse(otherwise, "this `else` must return")
                                        }),
                                    )
                                },
                            )
                        }),
                    );
                }
                if let Pat::Ident(_) = plain(&local.pat) {
                    // The name is chosen first, so that a call can bind it, and declared last.
                    let name = plain(&local.pat).to_token_stream().to_string();
                    let name = name.trim_start_matches("mut ").to_owned();
                    let coq = self.fresh(&name);
                    self.hint = Some(coq.clone());
                    return self.expr(
                        &init.expr,
                        &ty,
                        &mut Cont::then(&mut |f, value| {
                            f.hint = None;
                            let ty = f.meet(local, &ty, &value.ty)?;
                            f.scope.push((name.clone(), Variable { coq: coq.clone(), ty }));
                            let rest = f.stmts(rest, want, k)?;
                            Ok(if value.code == coq {
                                rest
                            } else {
                                format!("let {coq} := {} in\n{rest}", bare(&value.code))
                            })
                        }),
                    );
                }
                if !irrefutable(&local.pat) {
                    return self
                        .place
                        .refuse(&local.pat, "this pattern is outside the subset here");
                }
                self.expr(
                    &init.expr,
                    &ty,
                    &mut Cont::then(&mut |f, value| {
                        let pattern = f.pattern(&local.pat, &value.ty)?;
                        let rest = f.stmts(rest, want, k)?;
                        Ok(format!("let '{pattern} := {} in\n{rest}", bare(&value.code)))
                    }),
                )
            }
            Stmt::Expr(expr, None) if rest.is_empty() => self.expr(expr, want, k),
            Stmt::Expr(expr, _) => {
                if diverges(Body::Expr(expr)) && !rest.is_empty() {
                    return self.place.refuse(&rest[0], "this is never reached");
                }
                self.expr(
                    expr,
                    &Ty::Unknown,
                    &mut Cont { run: &mut |f, _| f.stmts(rest, want, k), short: false },
                )
            }
            Stmt::Item(item) => {
                self.place.refuse(item, "an item inside a function is outside the subset")
            }
            Stmt::Macro(call) => self.place.refuse(call, "a macro is outside the subset"),
        }
    }

    /// The variables of a loop as one value.
    fn state(&self, body: &[Body<'_>]) -> Vec<Variable> {
        let names: BTreeSet<String> = body.iter().flat_map(|body| assigned(*body)).collect();
        let mut found: Vec<_> =
            names.iter().filter_map(|name| self.variable(name).cloned()).collect();
        found.sort_by_key(|v| self.scope.iter().position(|(_, known)| known.coq == v.coq));
        found
    }

    fn while_loop(&mut self, node: &syn::ExprWhile, k: &mut Cont<'_, 'w>) -> Result<String> {
        if node.label.is_some() {
            return self.place.refuse(node, "a label is outside the subset");
        }
        let state = self.state(&[Body::Expr(&node.cond), Body::Block(&node.body)]);
        let names: Vec<_> = state.iter().map(|variable| variable.coq.clone()).collect();
        let (tuple, bound) = match names.as_slice() {
            [] => ("tt".to_owned(), "_".to_owned()),
            [name] => (name.clone(), name.clone()),
            _ => (format!("({})", names.join(", ")), format!("'({})", names.join(", "))),
        };
        let effects = self.effects;
        self.loops.push(tuple.clone());
        let next = format!("Val (Next {tuple})");
        let stop = format!("Val (Break {tuple})");
        let body = self.scoped(|f| {
            f.choose(
                &node.cond,
                &mut |f| {
                    f.block(
                        &node.body.stmts,
                        &Ty::Unit,
                        &mut Cont::tail(&mut |_, _| Ok(next.clone())),
                    )
                },
                &mut |_| Ok(stop.clone()),
            )
        });
        self.loops.pop();
        let body = body?;
        self.effects = effects + 1;
        let exit = self.fresh("exit");
        let early = self.ret(&Value { code: "early".into(), ty: self.output.clone() })?;
        let rest = (k.run)(self, Value { code: "tt".into(), ty: Ty::Unit })?;
        let module = self.place.module;
        let types: Vec<_> = state.iter().map(|v| self.world.coq_ty(&v.ty, module)).collect();
        let state_ty = match types.as_slice() {
            [] => "unit".to_owned(),
            [ty] => ty.clone(),
            _ => format!("({})%type", types.join(" * ")),
        };
        let output = self.world.coq_ty(&self.output, module);
        Ok(format!(
            "let* {exit} := loop (S := {state_ty}) (R := {output}) (fun {bound} =>\n{}) {tuple} in\n\
             match {exit} with\n| Early early => {early}\n| Done {tuple_pattern} =>\n{}\nend",
            indent(&body),
            indent(&rest),
            tuple_pattern = if names.is_empty() { "_" } else { &tuple },
        ))
    }

    /// The methods of integers, slices and options: what they are called, their arguments, the result.
    fn method(&self, node: &syn::ExprMethodCall, receiver: &Ty) -> Result<(String, Vec<Ty>, Ty)> {
        let name = node.method.to_string();
        let option = |ty: &Ty| Ty::Option(Box::new(ty.clone()));
        let (module, arguments, result) = match (receiver, name.as_str()) {
            (
                Ty::Usize,
                "checked_add" | "checked_sub" | "checked_mul" | "checked_div" | "checked_rem",
            ) => ("usize", vec![Ty::Usize], option(&Ty::Usize)),
            (
                Ty::Usize,
                "saturating_add" | "saturating_sub" | "saturating_mul" | "wrapping_add"
                | "wrapping_sub" | "wrapping_mul" | "abs_diff" | "min" | "max",
            ) => ("usize", vec![Ty::Usize], Ty::Usize),
            (Ty::Isize, "checked_add" | "checked_sub" | "checked_mul") => {
                ("isize", vec![Ty::Isize], option(&Ty::Isize))
            }
            (Ty::Isize, "checked_neg") => ("isize", vec![], option(&Ty::Isize)),
            (Ty::Isize, "saturating_add" | "saturating_sub") => {
                ("isize", vec![Ty::Isize], Ty::Isize)
            }
            (Ty::Isize, "checked_add_unsigned" | "checked_sub_unsigned") => {
                ("isize", vec![Ty::Usize], option(&Ty::Isize))
            }
            (Ty::Isize, "unsigned_abs") => ("isize", vec![], Ty::Usize),
            (Ty::Slice(_), "len") => ("slice", vec![], Ty::Usize),
            (Ty::Slice(_), "is_empty") => ("slice", vec![], Ty::Bool),
            (Ty::Slice(element), "get") => ("slice", vec![Ty::Usize], option(element)),
            (Ty::Option(_), "is_some" | "is_none") => ("option", vec![], Ty::Bool),
            (Ty::Option(inner), "unwrap_or") => {
                ("option", vec![(**inner).clone()], (**inner).clone())
            }
            _ => return self.place.refuse(node, "this method is outside the subset"),
        };
        if node.args.len() != arguments.len() || node.turbofish.is_some() {
            return self.place.refuse(node, "this method is outside the subset");
        }
        Ok((format!("{module}.{name}"), arguments, result))
    }

    fn binary(
        &mut self,
        node: &syn::ExprBinary,
        want: &Ty,
        hint: Option<String>,
        k: &mut Cont<'_, 'w>,
    ) -> Result<String> {
        let assigning = match node.op {
            BinOp::AddAssign(_) => Some("add"),
            BinOp::SubAssign(_) => Some("sub"),
            BinOp::MulAssign(_) => Some("mul"),
            _ => None,
        };
        if let Some(operation) = assigning {
            let target = self.target(&node.left)?;
            return self.operands(&[(&node.right, target.ty.clone())], vec![], &mut |f, v| {
                let module = f.integer(node, &target.ty)?;
                f.effects += 1;
                let rest = (k.run)(f, Value { code: "tt".into(), ty: Ty::Unit })?;
                let Variable { coq, .. } = &target;
                Ok(format!("let* {coq} := {module}.{operation} {coq} {} in\n{rest}", v[0].code))
            });
        }
        if let BinOp::And(_) | BinOp::Or(_) = node.op {
            let and = matches!(node.op, BinOp::And(_));
            // The right side is evaluated only where the left does not decide.
            let (right_if, left_if) = if and { ("", "false") } else { ("true", "") };
            let bodies = [Body::Expr(&node.right), Body::Nothing];
            return self.operands(&[(&node.left, Ty::Bool)], vec![], &mut |f, v| {
                let left = v[0].code.clone();
                let before = f.effects;
                let mut pure = None;
                let text = f.expr(
                    &node.right,
                    &Ty::Bool,
                    &mut Cont::tail(&mut |_, v| {
                        pure = Some(v.code);
                        Ok(String::new())
                    }),
                )?;
                if let Some(right) = pure.filter(|_| f.effects == before && text.is_empty()) {
                    let operator = if and { "&&" } else { "||" };
                    let code = format!("({left} {operator} {right})");
                    return (k.run)(f, Value { code, ty: Ty::Bool });
                }
                f.branch(&bodies, k, &mut |f, k| {
                    let right = f.scoped(|f| f.expr(&node.right, &Ty::Bool, k))?;
                    let decided = if and { left_if } else { right_if };
                    let decided = (k.run)(f, Value { code: decided.into(), ty: Ty::Bool })?;
                    let (yes, no) = if and { (right, decided) } else { (decided, right) };
                    Ok(format!("if {} then\n{}\nelse\n{}", bare(&left), indent(&yes), indent(&no)))
                })
            });
        }
        let comparison = match node.op {
            BinOp::Lt(_) | BinOp::Gt(_) => Some("<?"),
            BinOp::Le(_) | BinOp::Ge(_) => Some("<=?"),
            BinOp::Eq(_) | BinOp::Ne(_) => Some("=?"),
            _ => None,
        };
        let operation = match node.op {
            BinOp::Add(_) => "add",
            BinOp::Sub(_) => "sub",
            BinOp::Mul(_) => "mul",
            BinOp::Div(_) => "div",
            BinOp::Rem(_) => "rem",
            _ if comparison.is_some() => "",
            _ => return self.place.refuse(node, "this operator is outside the subset"),
        };
        // A literal has the type of the other side.
        let literal = |expr: &Expr| matches!(expr, Expr::Lit(_));
        let hint_ty = if comparison.is_some() { Ty::Unknown } else { want.clone() };
        let hint_ty = match (literal(&node.left), literal(&node.right)) {
            (true, false) => self.type_of(&node.right, &hint_ty)?,
            (false, true) => self.type_of(&node.left, &hint_ty)?,
            _ => hint_ty,
        };
        let operands = [(&*node.left, hint_ty.clone()), (&*node.right, hint_ty)];
        self.operands(&operands, vec![], &mut |f, v| {
            let ty = f.meet(node, &v[0].ty, &v[1].ty)?;
            let module = f.integer(node, &ty)?;
            let (a, b) = (&v[0].code, &v[1].code);
            if let Some(symbol) = comparison {
                let code = match node.op {
                    BinOp::Gt(_) | BinOp::Ge(_) => format!("({b} {symbol} {a})"),
                    BinOp::Ne(_) => format!("(negb ({a} {symbol} {b}))"),
                    _ => format!("({a} {symbol} {b})"),
                };
                return (k.run)(f, Value { code, ty: Ty::Bool });
            }
            if ty == Ty::Isize && (operation == "div" || operation == "rem") {
                return f.place.refuse(node, "division of signed numbers is outside the subset");
            }
            f.bind(hint.clone(), &format!("{module}.{operation} {a} {b}"), ty, k)
        })
    }

    /// The type of an operand, without writing anything.
    fn type_of(&mut self, expr: &Expr, want: &Ty) -> Result<Ty> {
        let mut ty = Ty::Unknown;
        let effects = self.effects;
        self.scoped(|f| {
            f.expr(
                expr,
                want,
                &mut Cont::tail(&mut |_, v| {
                    ty = v.ty;
                    Ok(String::new())
                }),
            )
        })?;
        self.effects = effects;
        Ok(ty)
    }

    fn integer(&self, node: &(impl Spanned + ToTokens), ty: &Ty) -> Result<&'static str> {
        match ty {
            Ty::Usize => Ok("usize"),
            Ty::Isize => Ok("isize"),
            _ => self.place.refuse(node, "only integers can be computed with or compared"),
        }
    }

    fn target(&self, left: &Expr) -> Result<Variable> {
        let Expr::Path(path) = left else {
            return self.place.refuse(left, "only a variable can be assigned");
        };
        match path.path.get_ident().and_then(|name| self.variable(&name.to_string())) {
            Some(variable) => Ok(variable.clone()),
            None => self.place.refuse(left, "only a variable can be assigned"),
        }
    }

    fn call(
        &mut self,
        name: &str,
        arguments: &[Value],
        hint: Option<String>,
        k: &mut Cont<'_, 'w>,
    ) -> Result<String> {
        let (_, output) = &self.world.functions[name];
        let arguments: Vec<_> = arguments.iter().map(|value| value.code.clone()).collect();
        let call = format!("{} {}", self.coq(name), arguments.join(" "));
        self.bind(hint, call.trim_end(), output.clone(), k)
    }

    fn expr(&mut self, expr: &Expr, want: &Ty, k: &mut Cont<'_, 'w>) -> Result<String> {
        let hint = self.hint.take();
        match expr {
            Expr::Paren(inner) => {
                self.hint = hint;
                self.expr(&inner.expr, want, k)
            }
            Expr::Reference(inner) if inner.mutability.is_none() => self.expr(&inner.expr, want, k),
            Expr::Lit(literal) => match &literal.lit {
                Lit::Int(int) => {
                    let ty = match (int.suffix(), want) {
                        ("usize", _) | ("", Ty::Usize | Ty::Unknown) => Ty::Usize,
                        ("isize", _) | ("", Ty::Isize) => Ty::Isize,
                        _ => return self.place.refuse(expr, "this literal is outside the subset"),
                    };
                    (k.run)(self, Value { code: int.base10_digits().to_owned(), ty })
                }
                Lit::Bool(bool) => {
                    (k.run)(self, Value { code: bool.value.to_string(), ty: Ty::Bool })
                }
                _ => self.place.refuse(expr, "this literal is outside the subset"),
            },
            Expr::Path(path) => {
                let local = path.path.get_ident().and_then(|name| self.variable(&name.to_string()));
                if let Some(Variable { coq, ty }) = local.cloned() {
                    return (k.run)(self, Value { code: coq, ty });
                }
                let name = self.name(&path.path);
                let ty = match name.as_str() {
                    "None" => self.meet(expr, &Ty::Option(Box::new(Ty::Unknown)), want)?,
                    "usize::MAX" => {
                        return (k.run)(self, Value { code: "usize.MAX".into(), ty: Ty::Usize });
                    }
                    "isize::MAX" | "isize::MIN" => {
                        let code = name.replace("::", ".");
                        return (k.run)(self, Value { code, ty: Ty::Isize });
                    }
                    _ => match (self.world.consts.get(&name), self.world.variants.get(&name)) {
                        (Some(ty), _) => ty.clone(),
                        (_, Some(fields)) if fields.is_empty() => {
                            Ty::Named(name.split("::").next().unwrap_or_default().to_owned())
                        }
                        _ => return self.place.refuse(expr, "this name is outside the subset"),
                    },
                };
                (k.run)(self, Value { code: self.coq(&name), ty })
            }
            Expr::Field(field) => {
                self.operands(&[(&field.base, Ty::Unknown)], vec![], &mut |f, v| {
                    let (name, base) = (member(&field.member), &v[0]);
                    let Ty::Named(ty) = &base.ty else {
                        return f.place.refuse(field, "only fields of structs");
                    };
                    let fields = f.world.structs.get(ty);
                    let Some((_, field_ty)) =
                        fields.and_then(|fields| fields.iter().find(|(known, _)| known == &name))
                    else {
                        return f.place.refuse(field, "only fields of structs");
                    };
                    let code = format!("({}_{name} {})", f.coq(ty), base.code);
                    let ty = field_ty.clone();
                    (k.run)(f, Value { code, ty })
                })
            }
            Expr::Tuple(tuple) if tuple.elems.is_empty() => {
                (k.run)(self, Value { code: "tt".into(), ty: Ty::Unit })
            }
            Expr::Tuple(tuple) => {
                let operands: Vec<_> =
                    tuple.elems.iter().enumerate().map(|(at, e)| (e, want.component(at))).collect();
                self.operands(&operands, vec![], &mut |f, v| {
                    let codes: Vec<_> = v.iter().map(|v| bare(&v.code).to_owned()).collect();
                    let ty = Ty::Tuple(v.iter().map(|v| v.ty.clone()).collect());
                    (k.run)(f, Value { code: format!("({})", codes.join(", ")), ty })
                })
            }
            Expr::Unary(unary) => match unary.op {
                UnOp::Deref(_) => self.expr(&unary.expr, want, k),
                UnOp::Not(_) => self.operands(&[(&unary.expr, Ty::Bool)], vec![], &mut |f, v| {
                    let code = format!("(negb {})", v[0].code);
                    (k.run)(f, Value { code, ty: Ty::Bool })
                }),
                UnOp::Neg(_) => self.operands(&[(&unary.expr, Ty::Isize)], vec![], &mut |f, v| {
                    f.bind(hint.clone(), &format!("isize.neg {}", v[0].code), Ty::Isize, k)
                }),
                _ => self.place.refuse(expr, "this operator is outside the subset"),
            },
            Expr::Binary(binary) => self.binary(binary, want, hint, k),
            Expr::Try(inner) => {
                self.operands(&[(&inner.expr, Ty::Unknown)], vec![], &mut |f, v| {
                    let output = f.output.clone();
                    let name = f.fresh("t");
                    let (some, none, ty, back, back_ty) = match (&v[0].ty, &output) {
                        (Ty::Option(inner), Ty::Option(_)) => {
                            ("Some", "None", (**inner).clone(), "None", Ty::Unknown)
                        }
                        (Ty::Result(inner, e), Ty::Result(_, out)) if e == out => {
                            ("Ok", "Err error", (**inner).clone(), "(Err error)", Ty::Unknown)
                        }
                        _ => return f.place.refuse(expr, "this `?` is outside the subset"),
                    };
                    let out = f.ret(&Value { code: back.into(), ty: back_ty })?;
                    let rest = (k.run)(f, Value { code: name.clone(), ty })?;
                    Ok(format!(
                        "match {} with\n| {none} => {out}\n| {some} {name} =>\n{}\nend",
                        bare(&v[0].code),
                        indent(&rest)
                    ))
                })
            }
            Expr::MethodCall(call) => {
                self.operands(&[(&call.receiver, Ty::Unknown)], vec![], &mut |f, receiver| {
                    let mut name = String::new();
                    if let Ty::Named(ty) = &receiver[0].ty {
                        name = qualified(ty, &call.method.to_string());
                        f.calls.insert(name.clone());
                    }
                    let own = f.world.functions.get(&name).cloned();
                    let (coq, arguments, result) = match &own {
                        Some((inputs, output)) => {
                            (String::new(), inputs[1..].to_vec(), output.clone())
                        }
                        None => f.method(call, &receiver[0].ty)?,
                    };
                    let operands: Vec<_> = call.args.iter().zip(arguments).collect();
                    let hint = hint.clone();
                    f.operands(&operands, receiver, &mut |f, v| {
                        if own.is_some() {
                            return f.call(&name, &v, hint.clone(), k);
                        }
                        let codes: Vec<_> = v.iter().map(|v| v.code.clone()).collect();
                        let code = format!("({coq} {})", codes.join(" "));
                        (k.run)(f, Value { code, ty: result.clone() })
                    })
                })
            }
            Expr::Call(call) => {
                let Expr::Path(path) = &*call.func else {
                    return self.place.refuse(&call.func, "only functions can be called");
                };
                let name = self.name(&path.path);
                if let Some((inputs, _)) = self.world.functions.get(&name) {
                    let operands: Vec<_> = call.args.iter().zip(inputs.clone()).collect();
                    return self.operands(&operands, vec![], &mut |f, v| {
                        f.call(&name, &v, hint.clone(), k)
                    });
                }
                let unknown = || Box::new(Ty::Unknown);
                let inner: Vec<Ty> = match (name.as_str(), want) {
                    ("Some", Ty::Option(a)) | ("Ok", Ty::Result(a, _)) => vec![(**a).clone()],
                    ("Err", Ty::Result(_, e)) => vec![(**e).clone()],
                    ("Some" | "Ok" | "Err", _) => vec![Ty::Unknown],
                    _ => match self.world.variants.get(&name) {
                        Some(fields) => fields.iter().map(|(_, ty)| ty.clone()).collect(),
                        None => {
                            return self.place.refuse(expr, "this function is outside the subset");
                        }
                    },
                };
                if inner.len() != call.args.len() {
                    return self.place.refuse(expr, "this call is outside the subset");
                }
                let operands: Vec<_> = call.args.iter().zip(inner).collect();
                self.operands(&operands, vec![], &mut |f, v| {
                    let first = || Box::new(v[0].ty.clone());
                    let ty = match name.as_str() {
                        "Some" => Ty::Option(first()),
                        "Ok" => Ty::Result(first(), unknown()),
                        "Err" => Ty::Result(unknown(), first()),
                        _ => Ty::Named(name.split("::").next().unwrap_or_default().to_owned()),
                    };
                    let ty = f.meet(expr, &ty, want)?;
                    let codes: Vec<_> = v.iter().map(|v| v.code.clone()).collect();
                    let code = format!("({} {})", f.coq(&name), codes.join(" "));
                    (k.run)(f, Value { code, ty })
                })
            }
            Expr::Struct(literal) => self.structure(literal, k),
            Expr::If(node) => {
                let otherwise = match &node.else_branch {
                    Some((_, otherwise)) => Body::Expr(otherwise),
                    None => Body::Nothing,
                };
                let bodies = [Body::Block(&node.then_branch), otherwise];
                self.hint = hint;
                self.branch(&bodies, k, &mut |f, k| {
                    // Both branches hand on to the same continuation, one after the other.
                    let k = std::cell::RefCell::new(k);
                    f.choose(
                        &node.cond,
                        &mut |f| f.body(bodies[0], want, *k.borrow_mut()),
                        &mut |f| f.body(bodies[1], want, *k.borrow_mut()),
                    )
                })
            }
            Expr::Match(node) => {
                let bodies: Vec<_> = node.arms.iter().map(|arm| Body::Expr(&arm.body)).collect();
                self.expr(
                    &node.expr,
                    &Ty::Unknown,
                    &mut Cont::then(&mut |f, value| {
                        f.hint.clone_from(&hint);
                        f.branch(&bodies, k, &mut |f, k| f.arms(&value, &node.arms, want, k))
                    }),
                )
            }
            Expr::Block(block) if block.label.is_none() => self.block(&block.block.stmts, want, k),
            Expr::While(node) => self.while_loop(node, k),
            Expr::Assign(assign) => {
                let target = self.target(&assign.left)?;
                if !assigned(Body::Expr(&assign.right)).is_empty() {
                    return self
                        .place
                        .refuse(expr, "an assignment inside an operand is outside the subset");
                }
                self.expr(
                    &assign.right,
                    &target.ty,
                    &mut Cont::then(&mut |f, v| {
                        f.meet(expr, &target.ty, &v.ty)?;
                        let rest = (k.run)(f, Value { code: "tt".into(), ty: Ty::Unit })?;
                        Ok(format!("let {} := {} in\n{rest}", target.coq, bare(&v.code)))
                    }),
                )
            }
            Expr::Return(node) => {
                let output = self.output.clone();
                match &node.expr {
                    Some(value) => self.expr(
                        value,
                        &output,
                        &mut Cont::tail(&mut |f, v| {
                            f.meet(expr, &output, &v.ty)?;
                            f.ret(&v)
                        }),
                    ),
                    None => self.ret(&Value { code: "tt".into(), ty: Ty::Unit }),
                }
            }
            Expr::Break(node) if node.label.is_none() && node.expr.is_none() => {
                self.leave_turn(expr, "Break")
            }
            Expr::Continue(node) if node.label.is_none() => self.leave_turn(expr, "Next"),
            Expr::Cast(_) => self.place.refuse(expr, "a cast with `as` is outside the subset"),
            Expr::Closure(_) => self.place.refuse(expr, "a closure is outside the subset"),
            Expr::ForLoop(_) => self.place.refuse(expr, "`for` is outside the subset; use `while`"),
            Expr::Index(_) => self.place.refuse(expr, "indexing is outside the subset; use `get`"),
            Expr::Macro(_) => self.place.refuse(expr, "a macro is outside the subset"),
            Expr::Unsafe(_) => self.place.refuse(expr, "`unsafe` is outside the subset"),
            other => self.place.refuse(other, "this expression is outside the subset"),
        }
    }

    fn leave_turn(&mut self, node: &Expr, how: &str) -> Result<String> {
        self.effects += 1;
        match self.loops.last() {
            Some(state) => Ok(format!("Val ({how} {state})")),
            None => self.place.refuse(node, "there is no loop here"),
        }
    }

    fn structure(&mut self, literal: &syn::ExprStruct, k: &mut Cont<'_, 'w>) -> Result<String> {
        let name = self.name(&literal.path);
        let world = self.world;
        let Some(fields) = world.structs.get(&name).or_else(|| world.variants.get(&name)) else {
            return self.place.refuse(literal, "this type is outside the subset");
        };
        let mut operands = Vec::new();
        let mut given = Vec::new();
        for field in &literal.fields {
            let known = fields.iter().position(|(known, _)| known == &member(&field.member));
            let Some(at) = known else { return self.place.refuse(field, "there is no such field") };
            operands.push((&field.expr, fields[at].1.clone()));
            given.push(at);
        }
        let ty = Ty::Named(name.split("::").next().unwrap_or_default().to_owned());
        if let Some(base) = &literal.rest {
            operands.push((base, ty.clone()));
        }
        self.operands(&operands, vec![], &mut |f, v| {
            let mut parts = Vec::new();
            for (at, (field, _)) in fields.iter().enumerate() {
                let value =
                    given.iter().position(|known| *known == at).map(|at| v[at].code.clone());
                parts.push(match (value, &literal.rest) {
                    (Some(value), _) => value,
                    (None, Some(_)) => {
                        format!("({}_{field} {})", f.coq(&name), v[given.len()].code)
                    }
                    (None, None) => return f.place.refuse(literal, "a field is missing"),
                });
            }
            let code = format!("({} {})", f.constructor(&name), parts.join(" "));
            (k.run)(f, Value { code, ty: ty.clone() })
        })
    }
}

fn member(member: &Member) -> String {
    member.to_token_stream().to_string()
}

/// A pattern without its type.
fn plain(pattern: &Pat) -> &Pat {
    match pattern {
        Pat::Type(typed) => &typed.pat,
        other => other,
    }
}

/// Whether every value matches.
fn irrefutable(pattern: &Pat) -> bool {
    match pattern {
        Pat::Wild(_) => true,
        Pat::Ident(ident) => !ident.ident.to_string().starts_with(char::is_uppercase),
        Pat::Paren(inner) => irrefutable(&inner.pat),
        Pat::Reference(inner) => irrefutable(&inner.pat),
        Pat::Type(inner) => irrefutable(&inner.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().all(irrefutable),
        _ => false,
    }
}

/// Whether a branch never goes on to what follows it.
fn diverges(body: Body<'_>) -> bool {
    match body {
        Body::Nothing => false,
        Body::Block(block) => block.stmts.iter().any(|stmt| match stmt {
            Stmt::Expr(expr, _) => diverges(Body::Expr(expr)),
            _ => false,
        }),
        Body::Expr(expr) => match expr {
            Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => true,
            Expr::Block(block) => diverges(Body::Block(&block.block)),
            Expr::Paren(inner) => diverges(Body::Expr(&inner.expr)),
            Expr::If(node) => {
                let otherwise = node.else_branch.as_ref();
                diverges(Body::Block(&node.then_branch))
                    && otherwise.is_some_and(|(_, otherwise)| diverges(Body::Expr(otherwise)))
            }
            Expr::Match(node) => node.arms.iter().all(|arm| diverges(Body::Expr(&arm.body))),
            _ => false,
        },
    }
}

/// The names of the variables that a branch assigns.
fn assigned(body: Body<'_>) -> BTreeSet<String> {
    struct Assigned(BTreeSet<String>);
    impl<'ast> syn::visit::Visit<'ast> for Assigned {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            let left = match expr {
                Expr::Assign(assign) => Some(&assign.left),
                Expr::Binary(binary) => match binary.op {
                    BinOp::AddAssign(_) | BinOp::SubAssign(_) | BinOp::MulAssign(_) => {
                        Some(&binary.left)
                    }
                    _ => None,
                },
                _ => None,
            };
            if let Some(left) = left {
                self.0.insert(left.to_token_stream().to_string());
            }
            syn::visit::visit_expr(self, expr);
        }
    }
    let mut found = Assigned(BTreeSet::new());
    match body {
        Body::Expr(expr) => syn::visit::Visit::visit_expr(&mut found, expr),
        Body::Block(block) => syn::visit::Visit::visit_block(&mut found, block),
        Body::Nothing => {}
    }
    found.0
}
