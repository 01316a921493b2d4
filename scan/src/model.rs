//! What a crate declares: functions, types, and who can reach them.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use proc_macro2::Span;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{
    Attribute, Block, FnArg, ImplItem, Item, Pat, PathArguments, ReturnType, Stmt, TraitItem, Type,
    TypeParamBound, Visibility,
};

use crate::expand::{self, Body};
use crate::load::{SourceFile, is_test};

pub(crate) type Name = Rc<str>;
pub(crate) type FnId = usize;

/// What a value of a type can do to an address.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// An integer; `narrow` if widening it to 64 bits leaves room for a product.
    Int { narrow: bool },
    /// Several integers: a shape, strides, an index.
    Ints,
    /// Elements, pointers to them, text, floats: no index comes out of it.
    Data,
    /// A type by its name, of this crate or of another.
    Named(Name),
    /// A type parameter, or what a projection says; and the traits that bound it.
    Opaque(Vec<Name>),
}

/// A field of a type.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: Name,
    pub(crate) kind: Kind,
    pub(crate) public: bool,
    pub(crate) span: Span,
}

/// A struct, enum or union.
#[derive(Debug)]
pub(crate) struct TypeInfo {
    pub(crate) file: usize,
    pub(crate) fields: Vec<Field>,
    pub(crate) public: bool,
    /// The derive that makes values out of whatever a file says.
    pub(crate) deserialize: Option<Span>,
    /// An `unsafe impl` of an unsafe trait of this crate: what its fields say is trusted.
    pub(crate) trusted: Option<(usize, Span)>,
}

/// A parameter.
pub(crate) struct Param {
    pub(crate) pattern: Option<Pat>,
    pub(crate) name: Name,
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

/// A function with a body.
pub(crate) struct Function {
    pub(crate) file: usize,
    pub(crate) name: Name,
    pub(crate) span: Span,
    /// The type or trait in whose `impl` or `trait` it is.
    pub(crate) owner: Option<Name>,
    /// The trait that an `impl` is of.
    pub(crate) of_trait: Option<Name>,
    pub(crate) params: Vec<Param>,
    pub(crate) takes_self: bool,
    pub(crate) is_unsafe: bool,
    /// Whether code outside the crate can call it, by itself or through its trait.
    pub(crate) public: bool,
    pub(crate) returns: Option<Name>,
    pub(crate) block: Block,
}

impl Function {
    /// As a reader would write it: `Type::name`.
    pub(crate) fn path(&self) -> String {
        match &self.owner {
            Some(owner) => format!("{owner}::{}", self.name),
            None => self.name.to_string(),
        }
    }
}

/// A crate's declarations.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) functions: Vec<Function>,
    pub(crate) types: HashMap<Name, TypeInfo>,
    pub(crate) foreign: HashSet<Name>,
    by_name: HashMap<Name, Vec<FnId>>,
    traits: HashMap<Name, Trait>,
    /// `type Alias = Type<…>;`
    aliases: HashMap<Name, Name>,
    /// Which traits a type has an `impl` of.
    implemented: HashMap<Name, Vec<Name>>,
    pending_trust: Vec<(Name, Name, usize, Span)>,
    /// Names and modules in `pub use`.
    exported: HashSet<String>,
}

#[derive(Debug)]
struct Trait {
    public: bool,
    is_unsafe: bool,
}

impl Model {
    /// What files declare whose `pub use` items name these.
    pub(crate) fn new(files: &mut [SourceFile], exported: HashSet<String>) -> Self {
        let mut model = Self { exported, ..Self::default() };
        for (file, source) in files.iter_mut().enumerate() {
            let SourceFile { modules, public, .. } = source;
            let mut place = Place { file, modules: modules.clone(), public: *public };
            model.items(std::mem::take(&mut source.items), &mut place);
        }
        model.finish();
        model
    }

    fn items(&mut self, items: Vec<Item>, place: &mut Place) {
        for item in items {
            self.item(item, place);
        }
    }

    fn item(&mut self, item: Item, place: &mut Place) {
        match item {
            Item::Fn(item) if !is_test(&item.attrs) => {
                let public = self.is_public(&item.vis, &item.sig.ident, place);
                self.nested(&item.block, place);
                self.function(&item.sig, *item.block, Context::free(public), place);
            }
            Item::Struct(item) if !is_test(&item.attrs) => {
                let list = fields(&item.fields, &item.generics);
                self.add_type(&item.ident, &item.attrs, &item.vis, list, place);
            }
            Item::Union(item) if !is_test(&item.attrs) => {
                let list = fields(&syn::Fields::Named(item.fields), &item.generics);
                self.add_type(&item.ident, &item.attrs, &item.vis, list, place);
            }
            Item::Enum(item) if !is_test(&item.attrs) => {
                let variants = item.variants.iter();
                let mut list: Vec<_> =
                    variants.flat_map(|variant| fields(&variant.fields, &item.generics)).collect();
                // Everybody can name the fields of a public enum, and `match` cannot forge them.
                list.iter_mut().for_each(|field| field.public = true);
                self.add_type(&item.ident, &item.attrs, &item.vis, list, place);
            }
            Item::Type(item) => {
                if let Kind::Named(target) = kind_of(&item.ty, &Generics::new()) {
                    self.aliases.insert(name_of(&item.ident), target);
                }
            }
            Item::Trait(item) if !is_test(&item.attrs) => {
                let public = self.is_public(&item.vis, &item.ident, place);
                let owner = name_of(&item.ident);
                let is_unsafe = item.unsafety.is_some();
                self.traits.insert(owner.clone(), Trait { public, is_unsafe });
                let generics = generics_of(&item.generics);
                let context = Context { owner: Some(owner), generics, of_trait: None, public };
                for method in item.items {
                    if let TraitItem::Fn(syn::TraitItemFn { sig, default: Some(block), .. }) =
                        method
                    {
                        self.function(&sig, block, context.clone(), place);
                    }
                }
            }
            Item::Impl(item) if !is_test(&item.attrs) => self.implementation(item, place),
            Item::ForeignMod(item) => {
                for item in item.items {
                    if let syn::ForeignItem::Fn(item) = item {
                        self.foreign.insert(name_of(&item.sig.ident));
                    }
                }
            }
            Item::Mod(item) if !is_test(&item.attrs) => {
                let Some((_, items)) = item.content else { return };
                let outer = place.clone();
                place.modules.push(item.ident.to_string());
                place.public &= matches!(item.vis, Visibility::Public(_));
                self.items(items, place);
                *place = outer;
            }
            Item::Macro(item) if item.ident.is_some() => {
                for body in expand::rules(&item.mac.tokens) {
                    match body {
                        Body::Items(items) => self.items(items, place),
                        Body::ImplItems(items) => {
                            for item in items {
                                self.impl_item(item, &Context::free(true), place);
                            }
                        }
                        // Statements say nothing without the function that they end up in.
                        Body::Statements(_) => {}
                    }
                }
            }
            Item::Macro(item) => {
                for items in expand::item_lists(&item.mac.tokens) {
                    self.items(items, place);
                }
            }
            _ => {}
        }
    }

    /// Functions and types inside a function's body.
    fn nested(&mut self, block: &Block, place: &Place) {
        let mut place = Place { public: false, ..place.clone() };
        place.modules.push("{fn}".to_owned());
        for statement in &block.stmts {
            if let Stmt::Item(item @ (Item::Fn(_) | Item::Struct(_) | Item::Impl(_))) = statement {
                self.item(item.clone(), &mut place);
            }
        }
    }

    fn implementation(&mut self, item: syn::ItemImpl, place: &mut Place) {
        let owner = match kind_of(&item.self_ty, &Generics::new()) {
            Kind::Named(name) => Some(name),
            _ => None,
        };
        let of_trait = item.trait_.as_ref().and_then(|(_, path, _)| path.segments.last());
        let of_trait = of_trait.map(|segment| name_of(&segment.ident));
        if let (Some(owner), Some(of_trait)) = (&owner, &of_trait) {
            self.implemented.entry(owner.clone()).or_default().push(of_trait.clone());
            if item.unsafety.is_some() {
                let span = item.self_ty.span();
                self.pending_trust.push((owner.clone(), of_trait.clone(), place.file, span));
            }
        }
        let generics = generics_of(&item.generics);
        let context = Context { owner, generics, public: of_trait.is_some(), of_trait };
        for item in item.items {
            self.impl_item(item, &context, place);
        }
    }

    fn impl_item(&mut self, item: ImplItem, context: &Context, place: &mut Place) {
        match item {
            ImplItem::Fn(item) if !is_test(&item.attrs) => {
                // The owner's own visibility is known only at the end: see `finish`.
                let public =
                    context.of_trait.is_some() || matches!(item.vis, Visibility::Public(_));
                let context = Context { public, ..context.clone() };
                self.nested(&item.block, place);
                self.function(&item.sig, item.block, context, place);
            }
            ImplItem::Macro(item) => {
                for item in expand::all::<ImplItem>.parse2(item.mac.tokens).unwrap_or_default() {
                    self.impl_item(item, context, place);
                }
            }
            _ => {}
        }
    }

    fn function(&mut self, sig: &syn::Signature, block: Block, context: Context, place: &Place) {
        let mut generics = context.generics;
        add_generics(&mut generics, &sig.generics);
        let mut params = Vec::new();
        for input in &sig.inputs {
            params.push(match input {
                FnArg::Receiver(_) => Param {
                    pattern: None,
                    name: "self".into(),
                    kind: context.owner.clone().map_or(Kind::Opaque(Vec::new()), Kind::Named),
                    text: "self".to_owned(),
                },
                FnArg::Typed(typed) => {
                    let kind = match (kind_of(&typed.ty, &generics), &context.owner) {
                        (Kind::Named(name), Some(owner)) if &*name == "Self" => {
                            Kind::Named(owner.clone())
                        }
                        (kind, _) => kind,
                    };
                    Param {
                        name: match &*typed.pat {
                            Pat::Ident(pat) => name_of(&pat.ident),
                            _ => "_".into(),
                        },
                        pattern: Some((*typed.pat).clone()),
                        kind,
                        text: type_text(&typed.ty),
                    }
                }
            });
        }
        let returns = match &sig.output {
            ReturnType::Type(_, ty) => match kind_of(ty, &generics) {
                Kind::Named(name) if &*name == "Self" => context.owner.clone(),
                Kind::Named(name) => Some(name),
                _ => None,
            },
            ReturnType::Default => None,
        };
        self.functions.push(Function {
            file: place.file,
            name: name_of(&sig.ident),
            span: sig.ident.span(),
            owner: context.owner,
            of_trait: context.of_trait,
            takes_self: matches!(sig.inputs.first(), Some(FnArg::Receiver(_))),
            params,
            is_unsafe: sig.unsafety.is_some(),
            public: context.public,
            returns,
            block,
        });
    }

    fn add_type(
        &mut self,
        ident: &syn::Ident,
        attrs: &[Attribute],
        vis: &Visibility,
        fields: Vec<Field>,
        place: &Place,
    ) {
        let derives_deserialize = |attr: &&Attribute| {
            let Ok(list) = attr.meta.require_list() else { return false };
            let tokens = list.tokens.to_string();
            let mut words = tokens.split(|c: char| !c.is_alphanumeric());
            ["derive", "cfg_attr"].iter().any(|name| attr.path().is_ident(name))
                && words.any(|word| word == "Deserialize")
        };
        let deserialize = attrs.iter().find(derives_deserialize).map(Spanned::span);
        let public = self.is_public(vis, ident, place);
        // Of two types with one name, the one with more fields says more.
        let name = name_of(ident);
        if self.types.get(&name).is_some_and(|known| known.fields.len() >= fields.len()) {
            return;
        }
        let info = TypeInfo { file: place.file, fields, public, deserialize, trusted: None };
        self.types.insert(name, info);
    }

    fn is_public(&self, vis: &Visibility, ident: &syn::Ident, place: &Place) -> bool {
        matches!(vis, Visibility::Public(_))
            && (place.public
                || self.exported.contains(&ident.to_string())
                || place.modules.last().is_some_and(|module| self.exported.contains(module)))
    }

    fn finish(&mut self) {
        for (owner, of_trait, file, span) in std::mem::take(&mut self.pending_trust) {
            let is_unsafe = self.traits.get(&of_trait).is_some_and(|of_trait| of_trait.is_unsafe);
            if let (true, Some(info)) = (is_unsafe, self.types.get_mut(&owner)) {
                info.trusted.get_or_insert((file, span));
            }
        }
        for (id, function) in self.functions.iter_mut().enumerate() {
            // What is not known here is another crate's, and may be public.
            let owner_public = |name: &Name| match (self.types.get(name), self.traits.get(name)) {
                (Some(info), _) => info.public,
                (None, Some(found)) => found.public,
                (None, None) => true,
            };
            let trait_public = |name: &Name| self.traits.get(name).is_none_or(|found| found.public);
            function.public &= function.owner.as_ref().is_none_or(owner_public)
                && function.of_trait.as_ref().is_none_or(trait_public);
            self.by_name.entry(function.name.clone()).or_default().push(id);
        }
    }

    /// The type that a name stands for, through aliases.
    pub(crate) fn type_named(&self, name: &Name) -> Option<(&Name, &TypeInfo)> {
        let mut name = name;
        for _ in 0..8 {
            if let Some((name, info)) = self.types.get_key_value(name) {
                return Some((name, info));
            }
            name = self.aliases.get(name)?;
        }
        None
    }

    /// Whether a type is an integer by another name: with one field, there is nothing that the
    /// field could contradict.
    pub(crate) fn is_plain(&self, name: &Name) -> bool {
        self.type_named(name).is_some_and(|(_, info)| info.fields.len() == 1)
    }

    /// The name under which a type's or a bound's methods are found.
    pub(crate) fn method_scope(&self, kind: &Kind) -> Option<Name> {
        let is_trait = |name: &&Name| self.traits.contains_key(*name);
        match kind {
            Kind::Named(name) if is_trait(&name) => Some(name.clone()),
            Kind::Named(name) => self.type_named(name).map(|(name, _)| name.clone()),
            Kind::Opaque(bounds) => bounds.iter().find(is_trait).cloned(),
            _ => None,
        }
    }

    /// Whether an index or a length can come out of a value.
    pub(crate) fn carries(&self, kind: &Kind) -> bool {
        self.carries_within(kind, 6)
    }

    fn carries_within(&self, kind: &Kind, depth: usize) -> bool {
        match kind {
            Kind::Int { .. } | Kind::Ints | Kind::Opaque(_) => true,
            Kind::Data => false,
            Kind::Named(name) => self.type_named(name).is_none_or(|(_, info)| {
                let carries = |field: &Field| self.carries_within(&field.kind, depth - 1);
                depth == 0 || info.fields.iter().any(carries)
            }),
        }
    }

    /// The functions that a method call may mean, and whether there is only one.
    pub(crate) fn method(&self, name: &str, receiver: Option<&Name>, args: usize) -> Callees {
        let Some(named) = self.by_name.get(name) else { return Callees::default() };
        let fitting = |admits: &dyn Fn(&Function) -> bool| {
            let fits = |function: &Function| {
                function.takes_self && function.params.len() == args + 1 && admits(function)
            };
            self.among(named, fits)
        };
        let mut found = Vec::new();
        if let Some(bound) = receiver.filter(|name| self.traits.contains_key(*name)) {
            found = fitting(&|function| {
                [&function.owner, &function.of_trait].contains(&&Some(bound.clone()))
            });
        }
        if let (true, Some((owner, _))) =
            (found.is_empty(), receiver.and_then(|name| self.type_named(name)))
        {
            found = fitting(&|function| function.owner.as_ref() == Some(owner));
            if let (true, Some(traits)) = (found.is_empty(), self.implemented.get(owner)) {
                found = fitting(&|function| {
                    function.owner.as_ref().is_some_and(|owner| traits.contains(owner))
                });
            }
        }
        if found.is_empty() && !is_common(name) {
            found = fitting(&|_| true);
        }
        Callees::new(found)
    }

    fn among(&self, ids: &[FnId], admits: impl Fn(&Function) -> bool) -> Vec<FnId> {
        ids.iter().copied().filter(|&id| admits(&self.functions[id])).collect()
    }

    /// The functions that a call by path may mean; the path's last two segments decide.
    pub(crate) fn call(&self, path: &syn::Path, own: Option<&Name>, args: usize) -> Callees {
        let mut segments = path.segments.iter().rev();
        let Some(last) = segments.next() else { return Callees::default() };
        let Some(named) = self.by_name.get(last.ident.to_string().as_str()) else {
            return Callees::default();
        };
        let qualifier = segments.next().map(|segment| segment.ident.to_string());
        let owner = match qualifier.as_deref() {
            Some("Self") => own.cloned(),
            Some(name) => self.type_named(&name.into()).map(|(name, _)| name.clone()),
            None => None,
        };
        // What a type is called that is not known: any type, unless the name says nothing.
        let of_any = qualifier.is_some_and(|name| name.starts_with(char::is_uppercase));
        let tells = !is_common(&last.ident.to_string());
        let admits = |function: &Function| {
            function.params.len() == args
                && match (&owner, &function.owner) {
                    (Some(owner), own) => own.as_ref() == Some(owner),
                    (None, own) if of_any => own.is_some() && tells,
                    (None, own) => own.is_none(),
                }
        };
        Callees::new(self.among(named, admits))
    }
}

/// The functions that a call may mean.
#[derive(Clone, Debug, Default)]
pub(crate) struct Callees {
    pub(crate) ids: Vec<FnId>,
    pub(crate) exact: bool,
}

impl Callees {
    /// More candidates than this tell nothing.
    const MOST: usize = 6;

    fn new(ids: Vec<FnId>) -> Self {
        if ids.len() > Self::MOST {
            return Self::default();
        }
        Self { exact: ids.len() == 1, ids }
    }
}

/// Names that the standard library's types have: without the receiver's type they tell nothing.
const COMMON: &str = "\
    new len get get_mut add sub offset next index iter iter_mut into_iter as_ptr as_mut_ptr \
    as_ref as_mut from into clone default deref deref_mut min max map take skip zip read write \
    push pop insert remove count fold nth next_back borrow eq cmp is_empty as_slice as_mut_slice \
    unwrap swap fill first last mul div";

fn is_common(name: &str) -> bool {
    COMMON.split(' ').any(|common| common == name)
}

#[derive(Clone)]
struct Place {
    file: usize,
    modules: Vec<String>,
    public: bool,
}

#[derive(Clone, Default)]
struct Context {
    owner: Option<Name>,
    generics: Generics,
    of_trait: Option<Name>,
    public: bool,
}

impl Context {
    fn free(public: bool) -> Self {
        Self { public, ..Self::default() }
    }
}

pub(crate) fn name_of(ident: &syn::Ident) -> Name {
    ident.to_string().trim_start_matches("r#").into()
}

fn fields(fields: &syn::Fields, generics: &syn::Generics) -> Vec<Field> {
    let known = generics_of(generics);
    let describe = |(place, field): (usize, &syn::Field)| Field {
        name: field.ident.as_ref().map_or_else(|| place.to_string().into(), name_of),
        kind: kind_of(&field.ty, &known),
        public: matches!(field.vis, Visibility::Public(_)),
        span: field.span(),
    };
    fields.iter().enumerate().map(describe).collect()
}

/// The type parameters in scope, with the traits that bound them.
pub(crate) type Generics = HashMap<String, Vec<Name>>;

fn traits_of<'a>(bounds: impl IntoIterator<Item = &'a TypeParamBound>) -> Vec<Name> {
    let path = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().map(|it| name_of(&it.ident)),
        _ => None,
    };
    bounds.into_iter().filter_map(path).collect()
}

fn generics_of(generics: &syn::Generics) -> Generics {
    let mut known = Generics::new();
    add_generics(&mut known, generics);
    known
}

fn add_generics(known: &mut Generics, generics: &syn::Generics) {
    for param in generics.type_params() {
        known.insert(param.ident.to_string(), traits_of(&param.bounds));
    }
    for predicate in generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
        let syn::WherePredicate::Type(predicate) = predicate else { continue };
        let Type::Path(path) = &predicate.bounded_ty else { continue };
        let Some(ident) = path.path.get_ident() else { continue };
        if let Some(traits) = known.get_mut(&ident.to_string()) {
            traits.extend(traits_of(&predicate.bounds));
        }
    }
}

/// What can be said of a type by its syntax.
pub(crate) fn kind_of(ty: &Type, generics: &Generics) -> Kind {
    match ty {
        Type::Reference(inner) => kind_of(&inner.elem, generics),
        Type::Paren(inner) => kind_of(&inner.elem, generics),
        Type::Group(inner) => kind_of(&inner.elem, generics),
        Type::Array(inner) => several(&inner.elem, generics),
        Type::Slice(inner) => several(&inner.elem, generics),
        Type::Tuple(tuple) => {
            let index = |ty| !matches!(kind_of(ty, generics), Kind::Data);
            if tuple.elems.iter().any(index) { Kind::Ints } else { Kind::Data }
        }
        Type::Ptr(_) | Type::BareFn(_) | Type::Never(_) => Kind::Data,
        Type::Path(path) if path.qself.is_none() => {
            let Some(last) = path.path.segments.last() else { return Kind::Opaque(Vec::new()) };
            let inner = || match &last.arguments {
                PathArguments::AngleBracketed(list) => list.args.iter().find_map(|arg| match arg {
                    syn::GenericArgument::Type(ty) => Some(ty),
                    _ => None,
                }),
                _ => None,
            };
            let name = last.ident.to_string();
            match name.as_str() {
                "usize" | "isize" | "u64" | "i64" | "u128" | "i128" | "NonZeroUsize"
                | "NonZero" => Kind::Int { narrow: false },
                "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "c_int" | "c_uint" | "NonZeroU32" => {
                    Kind::Int { narrow: true }
                }
                "bool" | "char" | "str" | "String" | "f32" | "f64" | "f16" | "PhantomData"
                | "NonNull" | "HashMap" | "Instant" | "Duration" => Kind::Data,
                "Vec" | "SmallVec" | "ArrayVec" => {
                    inner().map_or(Kind::Data, |ty| several(ty, generics))
                }
                "Box" | "Rc" | "Arc" | "Option" | "Cow" | "Result" | "ManuallyDrop" | "Pin"
                | "MaybeUninit" | "Ref" | "RefMut" | "MutexGuard" => {
                    inner().map_or(Kind::Opaque(Vec::new()), |ty| kind_of(ty, generics))
                }
                "Range" | "RangeInclusive" | "RangeFrom" | "RangeTo" => Kind::Ints,
                _ if path.path.segments.len() == 1 && generics.contains_key(&name) => {
                    Kind::Opaque(generics[&name].clone())
                }
                _ if path.path.segments.len() > 1 && first_is_generic(&path.path, generics) => {
                    Kind::Opaque(Vec::new())
                }
                _ => Kind::Named(name.into()),
            }
        }
        Type::ImplTrait(inner) => Kind::Opaque(traits_of(&inner.bounds)),
        Type::TraitObject(inner) => Kind::Opaque(traits_of(&inner.bounds)),
        _ => Kind::Opaque(Vec::new()),
    }
}

fn first_is_generic(path: &syn::Path, generics: &Generics) -> bool {
    path.segments.first().is_some_and(|first| {
        let name = first.ident.to_string();
        generics.contains_key(&name) || name == "Self" || name.len() == 1
    })
}

/// A list of `ty`: of indices if its entries can be some, else of data.
fn several(ty: &Type, generics: &Generics) -> Kind {
    match kind_of(ty, generics) {
        Kind::Int { narrow: false } | Kind::Ints => Kind::Ints,
        Kind::Named(name) if name.len() > 1 => Kind::Named(name),
        _ => Kind::Data,
    }
}

/// A type as its author wrote it, for an adapter; long ones are cut.
fn type_text(ty: &Type) -> String {
    ty.span().source_text().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}
