//! Expressions.

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{BinOp, Expr, Lit, UnOp};

use super::function::{Body, Cont, Function, Value, Variable, assigned};
use super::pattern::member;
use super::world::Ty;
use super::{bare, indent, qualified};
use crate::Result;

impl<'w> Function<'w> {
    /// The methods of integers, slices and options: what they are called, their arguments, the result.
    pub(super) fn method(
        &self,
        node: &syn::ExprMethodCall,
        receiver: &Ty,
    ) -> Result<(String, Vec<Ty>, Ty)> {
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

    pub(super) fn binary(
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
    pub(super) fn type_of(&mut self, expr: &Expr, want: &Ty) -> Result<Ty> {
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

    pub(super) fn integer(
        &self,
        node: &(impl Spanned + ToTokens),
        ty: &Ty,
    ) -> Result<&'static str> {
        match ty {
            Ty::Usize => Ok("usize"),
            Ty::Isize => Ok("isize"),
            _ => self.place.refuse(node, "only integers can be computed with or compared"),
        }
    }

    pub(super) fn target(&self, left: &Expr) -> Result<Variable> {
        let Expr::Path(path) = left else {
            return self.place.refuse(left, "only a variable can be assigned");
        };
        match path.path.get_ident().and_then(|name| self.variable(&name.to_string())) {
            Some(variable) => Ok(variable.clone()),
            None => self.place.refuse(left, "only a variable can be assigned"),
        }
    }

    pub(super) fn call(
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

    pub(super) fn expr(&mut self, expr: &Expr, want: &Ty, k: &mut Cont<'_, 'w>) -> Result<String> {
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

    pub(super) fn leave_turn(&mut self, node: &Expr, how: &str) -> Result<String> {
        self.effects += 1;
        match self.loops.last() {
            Some(state) => Ok(format!("Val ({how} {state})")),
            None => self.place.refuse(node, "there is no loop here"),
        }
    }

    pub(super) fn structure(
        &mut self,
        literal: &syn::ExprStruct,
        k: &mut Cont<'_, 'w>,
    ) -> Result<String> {
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
