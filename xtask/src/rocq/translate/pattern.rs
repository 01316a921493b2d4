//! Patterns, and which of them every value matches.

use quote::ToTokens;
use syn::{Lit, Member, Pat};

use super::function::Function;
use super::world::Ty;
use crate::Result;

impl<'w> Function<'w> {
    pub(super) fn pattern(&mut self, pattern: &Pat, ty: &Ty) -> Result<String> {
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
    pub(super) fn constructor(&self, name: &str) -> String {
        let coq = self.coq(name);
        if self.world.structs.contains_key(name) { format!("{coq}_new") } else { coq }
    }

    pub(super) fn constructor_fields(
        &self,
        node: &Pat,
        name: &str,
        ty: &Ty,
    ) -> Result<Vec<(String, Ty)>> {
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
}

pub(super) fn member(member: &Member) -> String {
    member.to_token_stream().to_string()
}

/// A pattern without its type.
pub(super) fn plain(pattern: &Pat) -> &Pat {
    match pattern {
        Pat::Type(typed) => &typed.pat,
        other => other,
    }
}

/// Whether every value matches.
pub(super) fn irrefutable(pattern: &Pat) -> bool {
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
