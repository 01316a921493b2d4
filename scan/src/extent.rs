//! Where an expression begins and ends.
//!
//! `Spanned::span` writes the whole expression out as tokens, which for each part of a long one makes
//! time that grows with the square of its length; these go down one side.

use proc_macro2::Span;
use syn::Expr;
use syn::spanned::Spanned;

/// The span of a whole expression.
pub(crate) fn extent(expr: &Expr) -> Span {
    from_to(first(expr), expr)
}

/// The span from somewhere before an expression to its end.
pub(crate) fn from_to(first: Span, expr: &Expr) -> Span {
    first.join(last(expr)).unwrap_or(first)
}

/// The span of the first token.
fn first(expr: &Expr) -> Span {
    let mut expr = expr;
    loop {
        expr = match expr {
            Expr::Assign(assign) => &assign.left,
            Expr::Await(awaited) => &awaited.base,
            Expr::Binary(binary) => &binary.left,
            Expr::Call(call) => &call.func,
            Expr::Cast(cast) => &cast.expr,
            Expr::Field(field) => &field.base,
            Expr::Index(index) => &index.expr,
            Expr::MethodCall(call) => &call.receiver,
            Expr::Try(tried) => &tried.expr,
            Expr::Group(group) => &group.expr,
            Expr::Paren(paren) => return paren.paren_token.span.open(),
            Expr::Reference(reference) => return reference.and_token.span,
            Expr::Unary(unary) => return unary.op.span(),
            expr => return expr.span(),
        }
    }
}

/// The span of the last token.
fn last(expr: &Expr) -> Span {
    let mut expr = expr;
    loop {
        expr = match expr {
            Expr::Assign(assign) => &assign.right,
            Expr::Binary(binary) => &binary.right,
            Expr::Group(group) => &group.expr,
            Expr::Reference(reference) => &reference.expr,
            Expr::Unary(unary) => &unary.expr,
            Expr::Await(awaited) => return awaited.await_token.span,
            Expr::Call(call) => return call.paren_token.span.close(),
            Expr::Cast(cast) => return cast.ty.span(),
            Expr::Field(field) => return field.member.span(),
            Expr::Index(index) => return index.bracket_token.span.close(),
            Expr::MethodCall(call) => return call.paren_token.span.close(),
            Expr::Paren(paren) => return paren.paren_token.span.close(),
            Expr::Try(tried) => return tried.question_token.span,
            expr => return expr.span(),
        }
    }
}
