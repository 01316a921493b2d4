//! Expressions that do not branch, and patterns.

use quote::ToTokens;
use syn::{BinOp, Expr, Lit, Member, Pat, UnOp};

use super::function::{Function, Part, Value, Variable, assigned, assigning};
use super::world::{Fields, Ty};
use super::{bare, is_type};
use crate::Result;

/// A method of an integer, a slice or an option: its module in Coq, how many arguments it has, and the
/// type of its result.
fn method(receiver: &Ty, name: &str) -> Option<(&'static str, usize, Ty)> {
    Some(match (receiver, name) {
        (
            Ty::Usize,
            "checked_add" | "checked_sub" | "checked_mul" | "checked_div" | "checked_rem",
        ) => ("usize", 1, Ty::option(&Ty::Usize)),
        (
            Ty::Usize,
            "saturating_add" | "saturating_sub" | "saturating_mul" | "abs_diff" | "wrapping_add"
            | "wrapping_sub" | "wrapping_mul" | "min" | "max",
        ) => ("usize", 1, Ty::Usize),
        (Ty::Isize, "saturating_sub") => ("isize", 1, Ty::Isize),
        (Ty::Isize, "unsigned_abs") => ("isize", 0, Ty::Usize),
        (Ty::Slice(_), "len") => ("slice", 0, Ty::Usize),
        (Ty::Slice(_), "is_empty") => ("slice", 0, Ty::Bool),
        (Ty::Slice(element), "get") => ("slice", 1, Ty::option(element)),
        (Ty::Option(inner), "unwrap_or") => ("option", 1, (**inner).clone()),
        _ => return None,
    })
}

fn joined(values: &[Value]) -> String {
    values.iter().map(|value| value.code.as_str()).collect::<Vec<_>>().join(" ")
}

/// The type of a struct's or a variant's name.
fn named(name: &str) -> Ty {
    Ty::Named(name.split("::").next().unwrap_or_default().to_owned())
}

fn member(member: &Member) -> String {
    member.to_token_stream().to_string()
}

impl Function<'_> {
    /// An operand; operands are evaluated from left to right.
    pub(super) fn operand(&mut self, expr: &Expr) -> Result<Value> {
        if assigned(Part::Expr(expr)).is_empty() {
            self.value(expr)
        } else {
            self.place.outside(expr, "an assignment inside an operand")
        }
    }

    fn operands<'e>(&mut self, all: impl IntoIterator<Item = &'e Expr>) -> Result<Vec<Value>> {
        all.into_iter().map(|expr| self.operand(expr)).collect()
    }

    /// An expression that does not branch. What has types here, rustc has checked.
    pub(super) fn plain(&mut self, expr: &Expr, hint: Option<String>) -> Result<Value> {
        let place = self.place;
        match expr {
            Expr::Reference(inner) if inner.mutability.is_none() => self.value(&inner.expr),
            Expr::Lit(literal) => match &literal.lit {
                Lit::Bool(bool) => Ok(Value::new(bool.value.to_string(), Ty::Bool)),
                Lit::Int(int) => {
                    let ty = match int.suffix() {
                        "" => Ty::Literal,
                        "usize" => Ty::Usize,
                        "isize" => Ty::Isize,
                        _ => return place.outside(expr, "this literal"),
                    };
                    Ok(Value::new(int.base10_digits(), ty))
                }
                _ => place.outside(expr, "this literal"),
            },
            Expr::Path(path) => {
                let local = path.path.get_ident().and_then(|name| self.variable(&name.to_string()));
                if let Some(Variable { coq, ty }) = local {
                    return Ok(Value::new(coq, ty.clone()));
                }
                let name = self.name(&path.path)?;
                let world = self.world;
                let ty = match (name.as_str(), world.consts.get(&name), world.variants.get(&name)) {
                    ("None", ..) => Ty::option(&Ty::Unknown),
                    ("usize::MAX", ..) => return Ok(Value::new("usize.MAX", Ty::Usize)),
                    ("isize::MAX" | "isize::MIN", ..) => {
                        return Ok(Value::new(name.replace("::", "."), Ty::Isize));
                    }
                    (_, Some(ty), _) => ty.clone(),
                    (_, _, Some(fields)) if fields.is_empty() => named(&name),
                    _ => return place.outside(expr, "this name"),
                };
                Ok(Value::new(self.coq(&name), ty))
            }
            Expr::Field(field) => {
                let (name, base) = (member(&field.member), self.operand(&field.base)?);
                if let Ty::Named(ty) = &base.ty
                    && let Some(fields) = self.world.structs.get(ty)
                    && let Some((_, field)) = fields.iter().find(|(known, _)| *known == name)
                {
                    let code = format!("({}_{name} {})", self.coq(ty), base.code);
                    return Ok(Value::new(code, field.clone()));
                }
                place.outside(expr, "this field")
            }
            Expr::Tuple(tuple) if !tuple.elems.is_empty() => {
                let values = self.operands(&tuple.elems)?;
                let codes: Vec<_> = values.iter().map(|value| bare(&value.code)).collect();
                let code = format!("({})", codes.join(", "));
                Ok(Value::new(code, Ty::Tuple(values.into_iter().map(|value| value.ty).collect())))
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
                let value = self.operand(&unary.expr)?;
                Ok(Value::new(format!("(negb {})", value.code), Ty::Bool))
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
                let value = self.operand(&unary.expr)?;
                Ok(self.bind(hint, &format!("isize.neg {}", value.code), Ty::Isize))
            }
            Expr::Binary(binary) => self.binary(binary, hint),
            Expr::Try(inner) => {
                let value = self.operand(&inner.expr)?;
                match &value.ty {
                    Ty::Option(inner) => Ok(self.or_none(&value.code, inner)),
                    _ => place.outside(expr, "this `?`"),
                }
            }
            Expr::MethodCall(call) => self.method_call(call, hint),
            Expr::Call(call) => self.call(call, hint),
            Expr::Struct(literal) => self.structure(literal),
            Expr::Assign(assign) => {
                let target = self.target(&assign.left)?;
                let value = self.operand(&assign.right)?;
                Ok(self.assign(&target.coq, bare(&value.code), false))
            }
            Expr::Cast(_) => place.outside(expr, "a cast with `as`"),
            Expr::Closure(_) => place.outside(expr, "a closure"),
            Expr::ForLoop(_) => place.refuse(expr, "`for` is outside the subset; use `while`"),
            Expr::Index(_) => place.refuse(expr, "indexing is outside the subset; use `get`"),
            Expr::Macro(_) => place.outside(expr, "a macro"),
            Expr::Unsafe(_) => place.outside(expr, "`unsafe`"),
            _ => place.outside(expr, "this expression"),
        }
    }

    fn target(&self, left: &Expr) -> Result<Variable> {
        let name = match left {
            Expr::Path(path) => path.path.get_ident(),
            _ => None,
        };
        match name.and_then(|name| self.variable(&name.to_string())) {
            Some(variable) => Ok(variable.clone()),
            None => self.place.refuse(left, "only a variable can be assigned"),
        }
    }

    fn binary(&mut self, node: &syn::ExprBinary, hint: Option<String>) -> Result<Value> {
        let computed = |f: &Self, ty: &Ty| match ty {
            Ty::Usize | Ty::Literal => Ok(()),
            _ => f.place.refuse(node, "only `usize` is computed with, and integers compared"),
        };
        if let Some(operation) = assigning(&node.op) {
            let Variable { coq, ty } = self.target(&node.left)?;
            let value = self.operand(&node.right)?;
            computed(self, &ty)?;
            return Ok(self.assign(&coq, &format!("usize.{operation} {coq} {}", value.code), true));
        }
        let (left, right) = (self.operand(&node.left)?, self.operand(&node.right)?);
        let ty = self.meet(node, &left.ty, &right.ty)?;
        let (a, b) = (left.code, right.code);
        let operation = match node.op {
            BinOp::Add(_) => "add",
            BinOp::Sub(_) => "sub",
            BinOp::Mul(_) => "mul",
            BinOp::Div(_) => "div",
            BinOp::Rem(_) => "rem",
            _ => {
                if ty != Ty::Isize {
                    computed(self, &ty)?;
                }
                let code = match node.op {
                    BinOp::Lt(_) => format!("({a} <? {b})"),
                    BinOp::Gt(_) => format!("({b} <? {a})"),
                    BinOp::Le(_) => format!("({a} <=? {b})"),
                    BinOp::Ge(_) => format!("({b} <=? {a})"),
                    BinOp::Eq(_) => format!("({a} =? {b})"),
                    BinOp::Ne(_) => format!("(negb ({a} =? {b}))"),
                    _ => return self.place.outside(node, "this operator"),
                };
                return Ok(Value::new(code, Ty::Bool));
            }
        };
        computed(self, &ty)?;
        Ok(self.bind(hint, &format!("usize.{operation} {a} {b}"), Ty::Usize))
    }

    /// A call of one of the files' functions.
    fn called(&mut self, name: &str, arguments: &[Value], hint: Option<String>) -> Option<Value> {
        let (inputs, output) = self.world.functions.get(name)?;
        let call = format!("{} {}", self.coq(name), joined(arguments));
        let arity = inputs.len() == arguments.len();
        arity.then(|| self.bind(hint, call.trim_end(), output.clone()))
    }

    fn method_call(&mut self, call: &syn::ExprMethodCall, hint: Option<String>) -> Result<Value> {
        let receiver = self.operand(&call.receiver)?;
        let (ty, name) = (receiver.ty.clone(), call.method.to_string());
        let mut values = vec![receiver];
        values.extend(self.operands(&call.args)?);
        let value = match &ty {
            Ty::Named(ty) => {
                let name = format!("{ty}::{name}");
                self.calls.insert(name.clone());
                self.called(&name, &values, hint)
            }
            ty => method(ty, &name).filter(|(_, arguments, _)| *arguments == call.args.len()).map(
                |(module, _, result)| {
                    Value::new(format!("({module}.{name} {})", joined(&values)), result)
                },
            ),
        };
        value.map_or_else(|| self.place.outside(call, "this method"), Ok)
    }

    fn call(&mut self, call: &syn::ExprCall, hint: Option<String>) -> Result<Value> {
        let Expr::Path(path) = &*call.func else {
            return self.place.refuse(&call.func, "only functions can be called");
        };
        let name = self.name(&path.path)?;
        let values = self.operands(&call.args)?;
        let unknown = || Box::new(Ty::Unknown);
        let ty = match (name.as_str(), values.as_slice()) {
            ("Some", [value]) => Ty::option(&value.ty),
            ("Ok", [value]) => Ty::Result(Box::new(value.ty.clone()), unknown()),
            ("Err", [value]) => Ty::Result(unknown(), Box::new(value.ty.clone())),
            _ if self.world.variants.get(&name).is_some_and(|f| f.len() == values.len()) => {
                named(&name)
            }
            _ => {
                let value = self.called(&name, &values, hint);
                return value.map_or_else(|| self.place.outside(call, "this function"), Ok);
            }
        };
        Ok(Value::new(format!("({} {})", self.coq(&name), joined(&values)), ty))
    }

    fn structure(&mut self, literal: &syn::ExprStruct) -> Result<Value> {
        let name = self.name(&literal.path)?;
        let values = self.operands(literal.fields.iter().map(|field| &field.expr))?;
        let given: Vec<_> = literal.fields.iter().map(|field| member(&field.member)).collect();
        let base = literal.rest.as_deref().map(|base| self.operand(base)).transpose()?;
        let (world, coq) = (self.world, self.coq(&name));
        let (mut code, fields) = match (world.structs.get(&name), world.variants.get(&name)) {
            (Some(fields), _) => (format!("({coq}_new"), fields),
            (_, Some(fields)) => (format!("({coq}"), fields),
            _ => return self.place.outside(literal, "this type"),
        };
        for (field, _) in fields {
            let value = given.iter().zip(&values).find(|(known, _)| *known == field);
            match (value, &base) {
                (Some((_, value)), _) => code += &format!(" {}", value.code),
                (None, Some(base)) => code += &format!(" ({coq}_{field} {})", base.code),
                (None, None) => return self.place.refuse(literal, "a field is missing"),
            }
        }
        Ok(Value::new(code + ")", named(&name)))
    }

    pub(super) fn pattern(&mut self, pattern: &Pat, ty: &Ty) -> Result<String> {
        match (pattern, ty) {
            (Pat::Wild(_), _) => Ok("_".into()),
            (Pat::Reference(inner), _) if inner.mutability.is_none() => {
                self.pattern(&inner.pat, ty)
            }
            (Pat::Ident(ident), Ty::Option(_)) if ident.ident == "None" => Ok("None".into()),
            (Pat::Ident(ident), _) if irrefutable(pattern) => {
                Ok(self.declare(&ident.ident.to_string(), ty))
            }
            (Pat::Tuple(tuple), Ty::Tuple(types)) if tuple.elems.len() == types.len() => {
                let parts = tuple.elems.iter().zip(types).map(|(part, ty)| self.pattern(part, ty));
                Ok(format!("({})", parts.collect::<Result<Vec<_>>>()?.join(", ")))
            }
            (Pat::Path(path), _) => {
                let name = self.name(&path.path)?;
                self.fields_of(pattern, &name, ty, 0)?;
                Ok(self.coq(&name))
            }
            (Pat::TupleStruct(tuple), _) => {
                let name = self.name(&tuple.path)?;
                let fields = self.fields_of(pattern, &name, ty, tuple.elems.len())?;
                let parts = tuple.elems.iter().zip(&fields);
                let parts = parts.map(|(part, (_, ty))| self.pattern(part, ty));
                let parts = parts.collect::<Result<Vec<_>>>()?.join(" ");
                Ok(format!("({} {parts})", self.coq(&name)))
            }
            _ => self.place.outside(pattern, "this pattern"),
        }
    }

    /// The fields of a constructor of a type, as many as the pattern has.
    fn fields_of(&self, node: &Pat, name: &str, ty: &Ty, count: usize) -> Result<Fields> {
        let fields = match (name, ty) {
            ("Some", Ty::Option(a)) | ("Ok", Ty::Result(a, _)) | ("Err", Ty::Result(_, a)) => {
                Some(vec![(String::new(), (**a).clone())])
            }
            _ => self.world.variants.get(name).filter(|_| named(name) == *ty).cloned(),
        };
        match fields.filter(|fields| fields.len() == count) {
            Some(fields) => Ok(fields),
            None => self.place.refuse(node, "this is no constructor of the type"),
        }
    }
}

/// Whether every value matches.
pub(super) fn irrefutable(pattern: &Pat) -> bool {
    match pattern {
        Pat::Wild(_) => true,
        Pat::Ident(ident) => {
            !is_type(&ident.ident.to_string()) && ident.by_ref.is_none() && ident.subpat.is_none()
        }
        Pat::Reference(inner) => irrefutable(&inner.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().all(irrefutable),
        _ => false,
    }
}
