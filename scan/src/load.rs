//! Reads a crate's files by its `mod` items, within bounds that no real crate reaches.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use syn::{Attribute, Expr, Item, Lit, Meta, UseTree, Visibility};

use crate::source::Package;

/// A longer file is skipped.
const MOST_BYTES: u64 = 4 << 20;
/// More files are not read.
const MOST_FILES: usize = 20_000;
/// How many tokens may depend on each other: nesting and runs without a separator. It bounds the
/// recursion of the parser and of everything that walks what it returns.
const MOST_DEPTH: usize = 12_000;

/// One parsed file.
pub(crate) struct SourceFile {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) items: Vec<Item>,
    /// The modules from the crate's root to this file.
    pub(crate) modules: Vec<String>,
    /// Whether all of them are `pub`.
    pub(crate) public: bool,
}

/// A file that was not read, and why.
#[derive(Clone, Debug)]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// Why it was not read.
    pub reason: String,
}

/// Reads the files of a package in the order of its module tree.
pub(crate) fn files(package: &Package) -> Loader {
    let mut loader = Loader::default();
    for root in &package.roots {
        let folder = root.parent().unwrap_or(Path::new("")).to_owned();
        let (path, modules) = (root.clone(), Vec::new());
        loader.queue.push(Pending { path, folder, modules, public: true });
    }
    // A queue and not recursion: chains of modules are as long as their author likes.
    while let Some(next) = loader.queue.pop() {
        if loader.files.len() >= MOST_FILES {
            loader.skip(&next.path, format!("the crate has more than {MOST_FILES} files"));
            break;
        }
        loader.load(next);
    }
    loader
}

struct Pending {
    path: PathBuf,
    /// Where the files of its modules are.
    folder: PathBuf,
    modules: Vec<String>,
    public: bool,
}

/// What was read, and what was skipped.
#[derive(Default)]
pub(crate) struct Loader {
    queue: Vec<Pending>,
    seen: HashSet<PathBuf>,
    pub(crate) files: Vec<SourceFile>,
    pub(crate) skipped: Vec<Skipped>,
    /// Names and modules in `pub use`.
    pub(crate) exported: HashSet<String>,
}

impl Loader {
    fn skip(&mut self, path: &Path, reason: impl ToString) {
        self.skipped.push(Skipped { path: path.to_owned(), reason: reason.to_string() });
    }

    fn load(&mut self, next: Pending) {
        let Pending { path, folder, modules, public } = next;
        // Links and `#[path]` may lead to a file twice, or in a circle.
        match path.canonicalize().map(|real| self.seen.insert(real)) {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => return self.skip(&path, error),
        }
        match read(&path).and_then(|text| Ok((parse(&text)?, text))) {
            Err(reason) => self.skip(&path, reason),
            Ok((items, text)) => {
                self.submodules(&items, &path, &folder, &modules, public);
                self.files.push(SourceFile { path, text, items, modules, public });
            }
        }
    }

    fn export(&mut self, tree: &UseTree, module: Option<&syn::Ident>) {
        match tree {
            UseTree::Path(path) => self.export(&path.tree, Some(&path.ident)),
            UseTree::Name(name) => drop(self.exported.insert(name.ident.to_string())),
            UseTree::Rename(rename) => drop(self.exported.insert(rename.ident.to_string())),
            UseTree::Glob(_) => self.exported.extend(module.map(ToString::to_string)),
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.export(tree, module));
            }
        }
    }

    /// Queues the files of `mod` items, of which `folder` is the place, and notes what is exported.
    fn submodules(
        &mut self,
        items: &[Item],
        file: &Path,
        folder: &Path,
        modules: &[String],
        public: bool,
    ) {
        for item in items {
            let module = match item {
                // Modules are declared inside macros such as `cfg_if!`, too.
                Item::Macro(item) => {
                    for items in crate::expand::item_lists(&item.mac.tokens) {
                        self.submodules(&items, file, folder, modules, public);
                    }
                    continue;
                }
                Item::Use(item) if matches!(item.vis, Visibility::Public(_)) => {
                    self.export(&item.tree, None);
                    continue;
                }
                Item::Mod(module) => module,
                _ => continue,
            };
            if is_test(&module.attrs) {
                continue;
            }
            let name = module.ident.to_string().trim_start_matches("r#").to_owned();
            let public = public && matches!(module.vis, Visibility::Public(_));
            let modules: Vec<_> = modules.iter().cloned().chain([name.clone()]).collect();
            if let Some((_, items)) = &module.content {
                self.submodules(items, file, &folder.join(&name), &modules, public);
                continue;
            }
            let plain = folder.join(format!("{name}.rs"));
            let nested = folder.join(&name).join("mod.rs");
            let path = match path_attribute(&module.attrs) {
                Some(path) => file.parent().unwrap_or(Path::new("")).join(path),
                None if plain.is_file() => plain,
                None if nested.is_file() => nested,
                None => {
                    // A module that a feature or a target switches on may be absent on purpose.
                    if !module.attrs.iter().any(|attr| attr.path().is_ident("cfg")) {
                        self.skip(&plain, "there is no such file");
                    }
                    continue;
                }
            };
            let folder = match path.file_name().and_then(|name| name.to_str()) {
                Some("mod.rs" | "lib.rs" | "main.rs") => path.parent().unwrap_or(folder).to_owned(),
                _ => path.with_extension(""),
            };
            self.queue.push(Pending { path, folder, modules, public });
        }
    }
}

fn read(path: &Path) -> Result<String, String> {
    let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("not a regular file".to_owned());
    }
    if metadata.len() > MOST_BYTES {
        return Err(format!("{} bytes are more than {MOST_BYTES}", metadata.len()));
    }
    let mut text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    // A line for the shell, which is not Rust; blanks keep the positions.
    match text.find('\n') {
        Some(end) if text.starts_with("#!") && !text.starts_with("#![") => {
            Ok(" ".repeat(end) + &text[end..])
        }
        _ => Ok(text),
    }
}

fn parse(text: &str) -> Result<Vec<Item>, String> {
    let described = |error: &dyn std::fmt::Display, span: proc_macro2::Span| {
        format!("line {}: {error}", span.start().line)
    };
    let tokens: TokenStream =
        text.parse().map_err(|error: proc_macro2::LexError| described(&error, error.span()))?;
    if depth(&tokens) > MOST_DEPTH {
        return Err(format!("an item in which more than {MOST_DEPTH} tokens depend on each other"));
    }
    let file: syn::File = syn::parse2(tokens).map_err(|error| described(&error, error.span()))?;
    Ok(if is_test(&file.attrs) { Vec::new() } else { file.items })
}

/// The longest chain of tokens each of which may be parsed inside its predecessor.
fn depth(tokens: &TokenStream) -> usize {
    // (the rest of a group, tokens since the last separator, the chain that led into the group)
    let mut stack = vec![(tokens.clone().into_iter().peekable(), 0, 0)];
    let mut longest = 0;
    while let Some((rest, run, outer)) = stack.last_mut() {
        let Some(token) = rest.next() else {
            stack.pop();
            continue;
        };
        *run += 1;
        let chain = *outer + *run;
        longest = longest.max(chain);
        match token {
            TokenTree::Punct(punct)
                if matches!(punct.as_char(), ';' | ',') && punct.spacing() == Spacing::Alone =>
            {
                *run = 0;
            }
            TokenTree::Group(group) => {
                let chained = match rest.peek() {
                    Some(TokenTree::Ident(ident)) => ident == "else",
                    Some(TokenTree::Punct(punct)) => matches!(punct.as_char(), '.' | '?'),
                    _ => false,
                };
                if group.delimiter() == Delimiter::Brace && !chained {
                    *run = 0;
                }
                stack.push((group.stream().into_iter().peekable(), 0, chain));
            }
            _ => {}
        }
        if longest > MOST_DEPTH {
            break;
        }
    }
    longest
}

fn path_attribute(attrs: &[Attribute]) -> Option<String> {
    attrs.iter().filter(|attr| attr.path().is_ident("path")).find_map(|attr| {
        let Meta::NameValue(meta) = &attr.meta else { return None };
        let Expr::Lit(syn::ExprLit { lit: Lit::Str(path), .. }) = &meta.value else { return None };
        Some(path.value())
    })
}

/// Whether an item is there only for tests or provers.
pub(crate) fn is_test(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| {
        let Meta::List(list) = &attr.meta else { return attr.path().is_ident("test") };
        let condition = list.tokens.to_string();
        attr.path().is_ident("cfg")
            && !condition.contains("not")
            && condition
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .any(|word| matches!(word, "test" | "kani" | "miri" | "loom" | "doctest"))
    })
}
