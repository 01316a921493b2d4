//! What the translated files declare: types, constants and the signatures of functions.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::visit::Visit;
use syn::{Attribute, Block, FnArg, ImplItem, Item, Pat, ReturnType, Signature, Type, UseTree};

use super::function::{Function, Part};
use super::{Place, bare, indent};
use crate::Result;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ty {
    Usize,
    Isize,
    /// Of an integer literal, which becomes that of what it meets.
    Literal,
    Bool,
    /// Of a statement.
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
    pub(super) fn option(of: &Ty) -> Ty {
        Ty::Option(Box::new(of.clone()))
    }

    /// The type that two descriptions of it have in common.
    pub(super) fn meet(&self, other: &Ty) -> Option<Ty> {
        Some(match (self, other) {
            (Ty::Unknown, ty) | (ty, Ty::Unknown) => ty.clone(),
            (Ty::Literal, ty @ (Ty::Usize | Ty::Isize))
            | (ty @ (Ty::Usize | Ty::Isize), Ty::Literal) => ty.clone(),
            (Ty::Option(a), Ty::Option(b)) => Ty::option(&a.meet(b)?),
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
}

/// The fields of a struct or of a variant, in order.
pub(super) type Fields = Vec<(String, Ty)>;

/// What the files declare. Names are as in Rust: `decide`, `Room`, `Room::step`, `Side::Below`.
#[derive(Default)]
pub(super) struct World<'a> {
    /// The file that is translated.
    pub(super) place: Place<'a>,
    /// The Coq module of each name.
    modules: BTreeMap<String, String>,
    pub(super) structs: BTreeMap<String, Fields>,
    pub(super) variants: BTreeMap<String, Fields>,
    pub(super) consts: BTreeMap<String, Ty>,
    pub(super) functions: BTreeMap<String, (Vec<Ty>, Ty)>,
}

/// A function, and the type whose it is, if any.
struct Method<'a> {
    self_ty: String,
    sig: &'a Signature,
    block: &'a Block,
}

impl Method<'_> {
    fn name(&self) -> String {
        let (ty, name) = (&self.self_ty, &self.sig.ident);
        if ty.is_empty() { name.to_string() } else { format!("{ty}::{name}") }
    }
}

/// Attributes that change nothing of what a function does.
const HARMLESS: [&str; 6] = ["doc", "derive", "inline", "cold", "expect", "deny"];

/// Whether an item stands in the translation: what is for Kani or tests alone does not. Any other
/// `cfg`, and every attribute that might change what a function does, is refused.
fn stands(place: Place<'_>, attributes: &[Attribute]) -> Result<bool> {
    for attribute in attributes {
        let text = attribute.meta.to_token_stream().to_string().replace(' ', "");
        if text == "cfg(kani)" || text == "cfg(test)" {
            return Ok(false);
        }
        let known = HARMLESS.iter().any(|name| attribute.path().is_ident(name));
        if !known && !text.starts_with("cfg_attr(kani,") {
            return place.outside(attribute, "this attribute");
        }
    }
    Ok(true)
}

/// Refuses attributes inside an item, which might leave a part of it out.
struct Inside<'a>(Place<'a>, Result);

impl<'ast> Visit<'ast> for Inside<'_> {
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if self.1.is_ok() && !attribute.path().is_ident("doc") {
            self.1 = self.0.outside(attribute, "an attribute inside an item");
        }
    }
}

impl<'a> World<'a> {
    /// The translation of a file. It may use the files before it.
    pub(super) fn translate(&mut self, place: Place<'a>, items: &[Item]) -> Result<String> {
        self.place = place;
        let (mut standing, mut methods) = (Vec::new(), Vec::new());
        let mut inside = Inside(place, Ok(()));
        for item in items {
            let (attributes, generics) = match item {
                Item::Struct(item) => (&item.attrs, Some(&item.generics)),
                Item::Enum(item) => (&item.attrs, Some(&item.generics)),
                Item::Impl(item) => (&item.attrs, Some(&item.generics)),
                Item::Const(item) => (&item.attrs, None),
                Item::Fn(item) => (&item.attrs, None),
                Item::Use(item) => (&item.attrs, None),
                Item::Mod(item) => (&item.attrs, None),
                other => return place.outside(other, "this item"),
            };
            if !stands(place, attributes)? {
                continue;
            }
            if generics.is_some_and(|generics| !generics.params.is_empty()) {
                return place.outside(item, "generics");
            }
            standing.push(item);
            match item {
                Item::Struct(item) => {
                    inside.visit_fields(&item.fields);
                    self.name(&item.ident, &item.ident.to_string())?;
                }
                Item::Enum(item) => {
                    item.variants.iter().for_each(|variant| inside.visit_variant(variant));
                    self.name(&item.ident, &item.ident.to_string())?;
                }
                Item::Fn(item) => {
                    let (sig, block) = (&item.sig, &*item.block);
                    methods.push(Method { self_ty: String::new(), sig, block });
                }
                Item::Impl(item) => {
                    for function in &item.items {
                        let (ImplItem::Fn(function), None) = (function, &item.trait_) else {
                            return place.outside(function, "this item of an `impl`");
                        };
                        if stands(place, &function.attrs)? {
                            let self_ty = item.self_ty.to_token_stream().to_string();
                            let (sig, block) = (&function.sig, &function.block);
                            methods.push(Method { self_ty, sig, block });
                        }
                    }
                }
                Item::Use(item) => self.used(&item.tree, "")?,
                Item::Mod(item) => return place.outside(item, "a module within the file"),
                _ => {}
            }
        }
        for method in &methods {
            inside.visit_block(method.block);
        }
        inside.1?;
        let mut calls = BTreeSet::new();
        let mut types = String::new();
        for item in standing {
            types += &self.declaration(item, &mut calls)?;
        }
        methods.iter().try_for_each(|method| self.signature(method))?;
        let functions = self.definitions(&methods, &mut calls)?;

        let others: BTreeSet<_> = calls.iter().filter_map(|name| self.modules.get(name)).collect();
        let others = others.into_iter().filter(|module| *module != place.module);
        let others: String =
            others.map(|module| format!("From Strideproof Require {module}.\n")).collect();
        Ok(format!(
            "(** {}, as `cargo xtask rocq --write` translates it. Not edited by hand. *)\n\n\
             From Coq Require Import ZArith List Bool.\nFrom Strideproof Require Import Prelude.\n\
             {others}Import ListNotations.\nOpen Scope Z_scope.\nOpen Scope bool_scope.\n\
             {types}{functions}",
            place.path
        ))
    }

    /// A name that the files declare is not something else's.
    fn used(&self, tree: &UseTree, module: &str) -> Result {
        match tree {
            UseTree::Path(path) => self.used(&path.tree, &path.ident.to_string()),
            UseTree::Name(name) => match self.modules.get(&name.ident.to_string()) {
                Some(home) if home.to_lowercase() != module => {
                    let home = home.to_lowercase();
                    self.place
                        .refuse(name, &format!("`{}` is declared in module `{home}`", name.ident))
                }
                _ => Ok(()),
            },
            UseTree::Group(group) => {
                group.items.iter().try_for_each(|tree| self.used(tree, module))
            }
            _ => self.place.outside(tree, "a name in `use` that is not plain"),
        }
    }

    fn ty(&self, ty: &Type, self_ty: &str) -> Result<Ty> {
        let refused = || self.place.outside(ty, "this type");
        match ty {
            Type::Reference(reference) if reference.mutability.is_none() => {
                self.ty(&reference.elem, self_ty)
            }
            Type::Slice(slice) => Ok(Ty::Slice(Box::new(self.ty(&slice.elem, self_ty)?))),
            Type::Tuple(tuple) if !tuple.elems.is_empty() => {
                let parts = tuple.elems.iter().map(|ty| self.ty(ty, self_ty));
                Ok(Ty::Tuple(parts.collect::<Result<_>>()?))
            }
            Type::Path(path) => {
                let last = path.path.segments.last();
                let mut inner = Vec::new();
                if let Some(syn::PathArguments::AngleBracketed(list)) = last.map(|l| &l.arguments) {
                    for argument in &list.args {
                        let syn::GenericArgument::Type(ty) = argument else { return refused() };
                        inner.push(Box::new(self.ty(ty, self_ty)?));
                    }
                }
                Ok(match (self.place.name_of(&path.path, self_ty)?.as_str(), inner.as_slice()) {
                    ("usize", []) => Ty::Usize,
                    ("isize", []) => Ty::Isize,
                    ("bool", []) => Ty::Bool,
                    ("Option", [a]) => Ty::Option(a.clone()),
                    ("Result", [a, e]) => Ty::Result(a.clone(), e.clone()),
                    (name, []) if self.modules.contains_key(name) => Ty::Named(name.to_owned()),
                    _ => return refused(),
                })
            }
            _ => refused(),
        }
    }

    fn name(&mut self, node: &syn::Ident, name: &str) -> Result {
        match self.modules.insert(name.to_owned(), self.place.module.to_owned()) {
            None => Ok(()),
            Some(_) => {
                self.place.refuse(node, "this name is declared twice in the translated files")
            }
        }
    }

    fn fields(&self, fields: &syn::Fields, self_ty: &str) -> Result<Fields> {
        let named = fields.iter().enumerate().map(|(at, field)| {
            let name = field.ident.as_ref().map(ToString::to_string);
            let name = name.unwrap_or_else(|| format!("field{at}"));
            Ok((name, self.ty(&field.ty, self_ty)?))
        });
        named.collect()
    }

    /// A type or a constant: notes it, and its definition in Coq.
    fn declaration(&mut self, item: &Item, calls: &mut BTreeSet<String>) -> Result<String> {
        Ok(match item {
            Item::Struct(item) => {
                let syn::Fields::Named(_) = item.fields else {
                    return self.place.outside(&item.ident, "a struct without named fields");
                };
                let name = item.ident.to_string();
                let fields = self.fields(&item.fields, &name)?;
                let typed = fields.iter().map(|(f, ty)| (f, self.coq_ty(ty)));
                let typed: Vec<_> = typed.map(|(f, ty)| format!("{name}_{f} : {ty}")).collect();
                self.structs.insert(name.clone(), fields);
                let typed = typed.join(";\n  ");
                format!("\nRecord {name} : Type := {name}_new {{\n  {typed}\n}}.\n")
            }
            Item::Enum(item) => {
                let ty = item.ident.to_string();
                let mut out = format!("\nInductive {ty} : Type :=");
                for variant in &item.variants {
                    let name = format!("{ty}::{}", variant.ident);
                    self.name(&variant.ident, &name)?;
                    let fields = self.fields(&variant.fields, &ty)?;
                    out += &format!("\n| {}", self.coq(&name));
                    for (field, ty) in &fields {
                        out += &format!(" ({field} : {})", self.coq_ty(ty));
                    }
                    self.variants.insert(name, fields);
                }
                out + ".\n"
            }
            Item::Const(item) => {
                let name = item.ident.to_string();
                let ty = self.ty(&item.ty, "")?;
                let mut function = Function::new(self, "", &ty);
                let value = function.value(&item.expr)?;
                if function.effects > 0 {
                    return self.place.outside(&item.expr, "this constant");
                }
                calls.append(&mut function.calls);
                self.name(&item.ident, &name)?;
                self.consts.insert(name.clone(), ty);
                format!("\nDefinition {name} : Z := {}.\n", bare(&value.code))
            }
            _ => String::new(),
        })
    }

    fn signature(&mut self, method: &Method<'_>) -> Result {
        let (sig, self_ty) = (method.sig, &method.self_ty);
        if !sig.generics.params.is_empty() {
            return self.place.outside(sig, "generics");
        }
        if sig.unsafety.is_some() || sig.asyncness.is_some() || sig.abi.is_some() {
            return self.place.outside(sig, "`unsafe`, `async` or `extern`");
        }
        let inputs = sig.inputs.iter().map(|input| match input {
            FnArg::Receiver(this) if this.mutability.is_some() => {
                self.place.outside(this, "a mutable receiver")
            }
            FnArg::Receiver(_) => Ok(Ty::Named(self_ty.clone())),
            FnArg::Typed(typed) => self.ty(&typed.ty, self_ty),
        });
        let inputs = inputs.collect::<Result<_>>()?;
        let ReturnType::Type(_, output) = &sig.output else {
            return self.place.outside(sig, "a function without a value");
        };
        let output = self.ty(output, self_ty)?;
        self.name(&sig.ident, &method.name())?;
        self.functions.insert(method.name(), (inputs, output));
        Ok(())
    }

    /// What a name is called in a file.
    pub(super) fn coq(&self, name: &str) -> String {
        let coq = name.replace("::", "_");
        match self.modules.get(name) {
            Some(module) if module != self.place.module => format!("{module}.{coq}"),
            _ => coq,
        }
    }

    pub(super) fn coq_ty(&self, ty: &Ty) -> String {
        let coq = |ty: &Ty| self.coq_ty(ty);
        match ty {
            Ty::Usize | Ty::Isize | Ty::Literal => "Z".into(),
            Ty::Bool => "bool".into(),
            Ty::Unit => "unit".into(),
            Ty::Slice(a) => format!("(list {})", coq(a)),
            Ty::Option(a) => format!("(option {})", coq(a)),
            Ty::Result(a, e) => format!("(result {} {})", coq(a), coq(e)),
            Ty::Tuple(parts) => {
                format!("({})%type", parts.iter().map(coq).collect::<Vec<_>>().join(" * "))
            }
            Ty::Named(name) => self.coq(name),
            Ty::Unknown => "_".into(),
        }
    }

    /// The definitions of functions, each after those it calls.
    fn definitions(&self, methods: &[Method<'_>], calls: &mut BTreeSet<String>) -> Result<String> {
        let mut waiting = Vec::new();
        for method in methods {
            let (inputs, output) = &self.functions[&method.name()];
            let mut function = Function::new(self, &method.self_ty, output);
            let mut head = format!("\nDefinition {}", self.coq(&method.name()));
            for (input, ty) in method.sig.inputs.iter().zip(inputs) {
                let name = match input {
                    FnArg::Receiver(_) => "self".to_owned(),
                    FnArg::Typed(typed) => match &*typed.pat {
                        Pat::Ident(ident) => ident.ident.to_string(),
                        other => {
                            return self.place.outside(other, "a parameter that is no plain name");
                        }
                    },
                };
                head += &format!(" ({} : {})", function.declare(&name, ty), self.coq_ty(ty));
            }
            let body = indent(&function.returned(Part::Block(method.block))?);
            let output = self.coq_ty(output);
            calls.extend(function.calls.iter().cloned());
            waiting.push((method, format!("{head} : res {output} :=\n{body}.\n"), function.calls));
        }
        let mut out = String::new();
        while let Some((first, ..)) = waiting.first() {
            let ready = waiting.iter().position(|(.., calls)| {
                !waiting.iter().any(|(method, ..)| calls.contains(&method.name()))
            });
            match ready {
                Some(ready) => out += &waiting.remove(ready).1,
                None => return self.place.outside(&first.sig.ident, "recursion"),
            }
        }
        Ok(out)
    }
}
