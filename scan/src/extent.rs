//! Where an expression begins and ends.
//!
//! `Spanned::span` writes the whole expression out as tokens, which for each part of a long one makes
//! time that grows with the square of its length; these go down one side.

use proc_macro2::Span;
use syn::Expr;
use syn::spanned::Spanned;

/// An expression with others on its sides.
pub(crate) trait Extent {
    fn extent(&self) -> Span;
}

fn from_to(first: Span, last: Span) -> Span {
    first.join(last).unwrap_or(first)
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

impl Extent for Expr {
    fn extent(&self) -> Span {
        from_to(first(self), last(self))
    }
}

impl Extent for syn::ExprAssign {
    fn extent(&self) -> Span {
        from_to(first(&self.left), last(&self.right))
    }
}

impl Extent for syn::ExprBinary {
    fn extent(&self) -> Span {
        from_to(first(&self.left), last(&self.right))
    }
}

impl Extent for syn::ExprCall {
    fn extent(&self) -> Span {
        from_to(first(&self.func), self.paren_token.span.close())
    }
}

impl Extent for syn::ExprIndex {
    fn extent(&self) -> Span {
        from_to(first(&self.expr), self.bracket_token.span.close())
    }
}

impl Extent for syn::ExprMethodCall {
    fn extent(&self) -> Span {
        from_to(first(&self.receiver), self.paren_token.span.close())
    }
}

impl Extent for syn::FieldValue {
    fn extent(&self) -> Span {
        from_to(self.member.span(), last(&self.expr))
    }
}
