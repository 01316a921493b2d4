//! Blocks, branchings and loops.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::{Expr, Pat, Stmt};

use super::function::{Body, Cont, Function, Value, Variable, assigned, diverges};
use super::pattern::{irrefutable, plain};
use super::world::{Ty, stands};
use super::{bare, indent};
use crate::Result;

impl<'w> Function<'w> {
    /// Translates a branching: `write` writes it, given what follows each of the `bodies`.
    pub(super) fn branch(
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
                    ty = f.meet_branches(bodies, &ty, &v.ty)?;
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
                ty = f.meet_branches(bodies, &ty, &v.ty)?;
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

    /// The type that the branches have in common.
    fn meet_branches(&self, bodies: &[Body<'_>], a: &Ty, b: &Ty) -> Result<Ty> {
        match bodies.first() {
            Some(Body::Expr(expr)) => self.meet(*expr, a, b),
            Some(Body::Block(block)) => self.meet(*block, a, b),
            Some(Body::Nothing) | None => Ok(b.clone()),
        }
    }

    pub(super) fn body(
        &mut self,
        body: Body<'_>,
        want: &Ty,
        k: &mut Cont<'_, 'w>,
    ) -> Result<String> {
        match body {
            Body::Expr(expr) => self.expr(expr, want, k),
            Body::Block(block) => self.block(&block.stmts, want, k),
            Body::Nothing => (k.run)(self, Value { code: "tt".into(), ty: Ty::Unit }),
        }
    }

    /// `match value with pattern => yes | _ => no end`
    pub(super) fn if_let(
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
    pub(super) fn choose(
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
    pub(super) fn arms(
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

    pub(super) fn block(
        &mut self,
        stmts: &[Stmt],
        want: &Ty,
        k: &mut Cont<'_, 'w>,
    ) -> Result<String> {
        let scope = self.scope.clone();
        let short = k.short;
        let result =
            self.stmts(stmts, want, &mut Cont { run: &mut |f, v| f.resume(&scope, k, v), short });
        self.scope = scope;
        result
    }

    pub(super) fn stmts(
        &mut self,
        stmts: &[Stmt],
        want: &Ty,
        k: &mut Cont<'_, 'w>,
    ) -> Result<String> {
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
    pub(super) fn state(&self, body: &[Body<'_>]) -> Vec<Variable> {
        let names: BTreeSet<String> = body.iter().flat_map(|body| assigned(*body)).collect();
        let mut found: Vec<_> =
            names.iter().filter_map(|name| self.variable(name).cloned()).collect();
        found.sort_by_key(|v| self.scope.iter().position(|(_, known)| known.coq == v.coq));
        found
    }

    pub(super) fn while_loop(
        &mut self,
        node: &syn::ExprWhile,
        k: &mut Cont<'_, 'w>,
    ) -> Result<String> {
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
}
