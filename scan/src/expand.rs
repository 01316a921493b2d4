//! What is inside macros, read without expanding them.
//!
//! The right side of a `macro_rules!` rule is nearly Rust: with `$name` read as `name` and each
//! repetition read once, it parses as items, as items of an `impl`, or as a block. That keeps the
//! positions, shows what the macro's author wrote, and loses only what differs from call to call.

use std::collections::HashMap;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Block, Expr, ImplItem, Item, Stmt, Token};

/// What the right side of a rule turned out to be.
pub(crate) enum Body {
    Items(Vec<Item>),
    ImplItems(Vec<ImplItem>),
    Statements(Vec<Stmt>),
}

/// The right sides of all rules of a `macro_rules!` definition that can be read.
pub(crate) fn rules(definition: &TokenStream) -> Vec<Body> {
    let groups: Vec<_> = definition
        .clone()
        .into_iter()
        .filter_map(|token| match token {
            TokenTree::Group(group) => Some(group.stream()),
            _ => None,
        })
        .collect();
    // Left and right sides take turns; between them are only `=>` and `;`.
    groups
        .chunks_exact(2)
        .filter_map(|rule| {
            let mut kinds = HashMap::new();
            fragments(&rule[0], &mut kinds);
            body(without_dollars(rule[1].clone(), &kinds))
        })
        .collect()
}

fn body(tokens: TokenStream) -> Option<Body> {
    if let Ok(items) = all::<Item>.parse2(tokens.clone()) {
        if !items.iter().all(|item| matches!(item, Item::Macro(_) | Item::Verbatim(_))) {
            return Some(Body::Items(items));
        }
    }
    if let Ok(items) = all::<ImplItem>.parse2(tokens.clone()) {
        if !items.iter().all(|item| matches!(item, ImplItem::Macro(_) | ImplItem::Verbatim(_))) {
            return Some(Body::ImplItems(items));
        }
    }
    Block::parse_within.parse2(tokens).ok().map(Body::Statements)
}

/// The kinds of the fragments that the left side of a rule names: `$name:kind`.
fn fragments(left: &TokenStream, kinds: &mut HashMap<String, String>) {
    let tokens: Vec<_> = left.clone().into_iter().collect();
    for (place, token) in tokens.iter().enumerate() {
        match (token, tokens.get(place + 1), tokens.get(place + 2), tokens.get(place + 3)) {
            (TokenTree::Group(group), ..) => fragments(&group.stream(), kinds),
            (
                TokenTree::Punct(dollar),
                Some(TokenTree::Ident(name)),
                Some(TokenTree::Punct(colon)),
                Some(TokenTree::Ident(kind)),
            ) if dollar.as_char() == '$' && colon.as_char() == ':' => {
                kinds.insert(name.to_string(), kind.to_string());
            }
            _ => {}
        }
    }
}

/// Parses things one after the other up to the end.
pub(crate) fn all<T: Parse>(input: ParseStream<'_>) -> syn::Result<Vec<T>> {
    let mut list = Vec::new();
    while !input.is_empty() {
        list.push(input.parse()?);
    }
    Ok(list)
}

/// Reads `$name` as `name`, `$crate` as `crate`, and `$( … ) sep *` as what is repeated.
fn without_dollars(tokens: TokenStream, kinds: &HashMap<String, String>) -> TokenStream {
    let mut plain = Vec::new();
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '$' => {
                let group = match rest.peek() {
                    Some(TokenTree::Group(group)) => group.stream(),
                    Some(TokenTree::Ident(name)) => {
                        // Where a plain name does not parse.
                        let stand_in = match kinds.get(&name.to_string()).map(String::as_str) {
                            Some("vis") => "pub",
                            Some("block") => "{}",
                            Some("lifetime") => "'a",
                            _ => continue,
                        };
                        rest.next();
                        plain.extend(stand_in.parse::<TokenStream>().into_iter().flatten());
                        continue;
                    }
                    _ => continue,
                };
                rest.next();
                plain.extend(without_dollars(group, kinds));
                // A separator, then one of `*`, `+` and `?`; a separator that ends statements or
                // list entries is kept.
                for _ in 0..2 {
                    let Some(TokenTree::Punct(punct)) = rest.peek() else { break };
                    let ends = matches!(punct.as_char(), '*' | '+' | '?');
                    let keep = matches!(punct.as_char(), ';' | ',');
                    let separator = rest.next();
                    if keep {
                        plain.extend(separator);
                    }
                    if ends {
                        break;
                    }
                }
            }
            TokenTree::Group(group) => {
                let mut inner =
                    Group::new(group.delimiter(), without_dollars(group.stream(), kinds));
                inner.set_span(group.span());
                plain.push(TokenTree::Group(inner));
            }
            other => plain.push(other),
        }
    }
    plain.into_iter().collect()
}

/// The items in a call such as `cfg_if! { if #[cfg(…)] { … } else { … } }`: the call's own tokens
/// if they are items, else each group in braces that is.
pub(crate) fn item_lists(tokens: &TokenStream) -> Vec<Vec<Item>> {
    if let Ok(items) = all::<Item>.parse2(tokens.clone()) {
        return vec![items];
    }
    let groups = tokens.clone().into_iter().filter_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        _ => None,
    });
    groups.filter_map(|stream| all::<Item>.parse2(stream).ok()).collect()
}

/// The arguments of a call such as `assert!(a < b, "…")` that are expressions.
pub(crate) fn arguments(tokens: &TokenStream) -> Vec<Expr> {
    let lenient = |input: ParseStream<'_>| {
        let mut list = Vec::new();
        while !input.is_empty() {
            match input.parse::<Expr>() {
                Ok(expr) => list.push(expr),
                Err(_) => break,
            }
            if input.parse::<Token![,]>().is_err() && input.parse::<Token![;]>().is_err() {
                break;
            }
        }
        // The rest is not expressions, and a parser has to consume it.
        input.parse::<TokenStream>()?;
        Ok(list)
    };
    lenient.parse2(tokens.clone()).unwrap_or_default()
}
