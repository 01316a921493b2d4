//! Two checks of what is written before it is translated: a name that the files declare is not
//! something else's here, and no attribute inside a function leaves a part of it out.

use syn::visit::{self, Visit};
use syn::{Attribute, Block, File, Path, UseTree};

use super::Place;
use super::world::{World, name_of, stands};
use crate::Result;

/// Refuses a path or a `use` that reaches a declared name through another module than the name's own.
pub(super) fn check_names(world: &World, place: Place<'_>, file: &File) -> Result {
    let mut names = Names { world, place, outcome: Ok(()) };
    names.visit_file(file);
    names.outcome
}

struct Names<'a> {
    world: &'a World,
    place: Place<'a>,
    outcome: Result,
}

impl Names<'_> {
    fn check(
        &mut self,
        node: &(impl syn::spanned::Spanned + quote::ToTokens),
        name: &str,
        module: &str,
    ) {
        let Some(home) = self.world.homes.get(name) else { return };
        let own = ["crate", "self", "super", home.as_str()].contains(&module);
        if !own && self.outcome.is_ok() {
            let why = format!("`{name}` is declared in module `{home}`");
            self.outcome = self.place.refuse(node, &why);
        }
    }

    fn tree(&mut self, tree: &UseTree, module: &str) {
        match tree {
            UseTree::Path(path) => self.tree(&path.tree, &path.ident.to_string()),
            UseTree::Name(name) => self.check(name, &name.ident.to_string(), module),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, module)),
            UseTree::Rename(_) | UseTree::Glob(_) => {
                if self.outcome.is_ok() {
                    self.outcome =
                        self.place.refuse(tree, "only plain names in `use` are in the subset");
                }
            }
        }
    }
}

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_path(&mut self, path: &'ast Path) {
        let modules = path.segments.iter().map(|segment| segment.ident.to_string());
        let modules: Vec<_> = modules
            .take(path.segments.len().saturating_sub(1))
            .filter(|name| name.starts_with(char::is_lowercase))
            .filter(|name| name != "usize" && name != "isize")
            .collect();
        if let Some(module) = modules.last() {
            self.check(path, &name_of(path, "Self"), module);
        }
        visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, "");
    }
}

/// Refuses a function in which an attribute might leave a part out.
pub(super) fn check_attributes(place: Place<'_>, block: &Block) -> Result {
    struct Attributes<'a>(Place<'a>, Result);
    impl<'ast> Visit<'ast> for Attributes<'_> {
        fn visit_attribute(&mut self, attribute: &'ast Attribute) {
            let stands = stands(self.0, std::slice::from_ref(attribute));
            if self.1.is_ok() {
                self.1 = match stands {
                    Ok(true) => Ok(()),
                    Ok(false) => self.0.refuse(attribute, "`cfg` inside a function"),
                    Err(error) => Err(error),
                };
            }
        }
    }
    let mut attributes = Attributes(place, Ok(()));
    attributes.visit_block(block);
    attributes.1
}
