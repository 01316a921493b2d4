//! What the translated files declare: types, constants and the signatures of functions.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::{Attribute, Block, FnArg, ImplItem, Item, Pat, Path, ReturnType, Type};

use super::function::{Cont, Function};
use super::names::check_attributes;
use super::{Place, bare, indent, qualified};
use crate::Result;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ty {
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
    pub(super) fn meet(&self, other: &Ty) -> Option<Ty> {
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

    pub(super) fn component(&self, at: usize) -> Ty {
        match self {
            Ty::Tuple(parts) => parts.get(at).cloned().unwrap_or(Ty::Unknown),
            _ => Ty::Unknown,
        }
    }
}

/// What the files declare. Names are as in Rust: `decide`, `Room`, `Room::step`, `Side::Below`.
#[derive(Default)]
pub(super) struct World {
    /// The Rust module of each name.
    pub(super) homes: BTreeMap<String, String>,
    /// The Coq module of each name, and what it is called there.
    pub(super) names: BTreeMap<String, String>,
    pub(super) structs: BTreeMap<String, Vec<(String, Ty)>>,
    pub(super) variants: BTreeMap<String, Vec<(String, Ty)>>,
    pub(super) consts: BTreeMap<String, Ty>,
    pub(super) functions: BTreeMap<String, (Vec<Ty>, Ty)>,
}

/// Whether an item stands in the translation; `cfg` of anything but Kani and tests is refused, as
/// is every attribute that might change what a function does.
pub(super) fn stands(place: Place<'_>, attributes: &[Attribute]) -> Result<bool> {
    pub(super) const HARMLESS: [&str; 12] = [
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
pub(super) fn name_of(path: &Path, self_ty: &str) -> String {
    let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let last = segments.len().saturating_sub(1);
    let is_type =
        |name: &str| name.starts_with(char::is_uppercase) || name == "usize" || name == "isize";
    let kept = segments.iter().enumerate().filter(|(at, name)| *at == last || is_type(name));
    let kept: Vec<_> = kept.map(|(_, name)| if name == "Self" { self_ty } else { name }).collect();
    kept.join("::")
}

impl World {
    pub(super) fn ty(&self, place: Place<'_>, ty: &Type, self_ty: &str) -> Result<Ty> {
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

    pub(super) fn name(&mut self, place: Place<'_>, node: &syn::Ident, name: &str) -> Result {
        let stem = place.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        self.homes.insert(name.to_owned(), stem.to_owned());
        let coq = format!("{}.{}", place.module, name.replace("::", "_"));
        if self.names.insert(name.to_owned(), coq).is_some() {
            return place.refuse(node, "this name is declared twice in the translated files");
        }
        Ok(())
    }

    pub(super) fn fields(
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
    pub(super) fn declare(&mut self, place: Place<'_>, items: &[Item]) -> Result {
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

    pub(super) fn signature(
        &mut self,
        place: Place<'_>,
        sig: &syn::Signature,
        self_ty: &str,
    ) -> Result {
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
    pub(super) fn coq(&self, name: &str, module: &str) -> String {
        let full = self.names.get(name).cloned().unwrap_or_else(|| name.to_owned());
        full.strip_prefix(&format!("{module}.")).map(str::to_owned).unwrap_or(full)
    }

    pub(super) fn coq_ty(&self, ty: &Ty, module: &str) -> String {
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
    pub(super) fn print(&self, place: Place<'_>, items: &[Item]) -> Result<String> {
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
                        let ImplItem::Fn(item) = item else { continue };
                        if stands(place, &item.attrs)? {
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

    pub(super) fn function(
        &self,
        place: Place<'_>,
        sig: &syn::Signature,
        block: &Block,
        self_ty: &str,
    ) -> Result<(String, BTreeSet<String>)> {
        let name = qualified(self_ty, &sig.ident.to_string());
        let (inputs, output) = &self.functions[&name];
        check_attributes(place, block)?;
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
