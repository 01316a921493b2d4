//! The next step: an adapter for the audit kit, with what the scan knows filled in.

use std::fmt::Write;

use crate::link::{Gate, Lead};
use crate::model::{Kind, Model, Param};
use crate::source::Package;

/// A target's `main.rs`. It compiles once the lines marked `TODO` are completed.
pub(crate) fn adapter(package: &Package, model: &Model, lead: &Lead) -> String {
    let krate = package.name.replace('-', "_");
    let boundary = lead.way.boundary.map(|id| model.functions[id].path());
    let reach = boundary.unwrap_or_else(|| lead.way.what.to_owned());
    let mut text = String::from("use strideproof_audit::{Gen, call};\n\n");
    match &lead.gate {
        Gate::Argument { function, .. } => {
            let function = &model.functions[*function];
            let name = &function.name;
            let _ = writeln!(text, "fn {name}(g: &mut Gen) {{");
            let mut args = Vec::new();
            for param in &function.params {
                let name = match &*param.name {
                    "_" => "argument",
                    "self" => "receiver",
                    name => name,
                };
                let exclusive = if param.text.starts_with("&mut") { "mut " } else { "" };
                let (before, value) = draw(name, param);
                let _ = writeln!(text, "{before}    let {exclusive}{name} = {value};");
                let by_reference = if param.text.starts_with("&mut") {
                    "&mut "
                } else if param.text.starts_with('&') {
                    "&"
                } else {
                    ""
                };
                args.push(format!("{by_reference}{name}"));
            }
            let path = function.path();
            let _ =
                writeln!(text, "    g.valid(todo!(\"TODO: what the documentation promises\"));");
            let _ = writeln!(text, "    call!(g, {krate}::{path}({}));", args.join(", "));
            let _ = writeln!(text, "    // TODO: reach {reach}.\n}}");
            let _ = writeln!(text, "\nstrideproof_audit::main!({name});");
        }
        Gate::Field { type_name, field } => {
            let _ = write!(
                text,
                "fn fields(g: &mut Gen) {{\n    let mut value: {krate}::{type_name} = \
                 todo!(\"TODO: a valid one\");\n    value.{field} = g.wild(\"{field}\");\n    \
                 g.valid(todo!(\"TODO: whether the fields still fit together\"));\n    \
                 // TODO: reach {reach}.\n}}\n\nstrideproof_audit::main!(fields);\n"
            );
        }
        Gate::Deserialize { type_name } => {
            let _ = write!(
                text,
                "fn deserialize(g: &mut Gen) {{\n    let input = \
                 todo!(\"TODO: JSON of a {type_name}, with numbers from `g.wild`\");\n    \
                 g.valid(todo!(\"TODO: whether the numbers fit together\"));\n    \
                 let value: {krate}::{type_name} = serde_json::from_value(input).unwrap();\n    \
                 // TODO: reach {reach}.\n}}\n\nstrideproof_audit::main!(deserialize);\n"
            );
        }
    }
    text
}

/// A statement that must come before, and the value of an argument.
fn draw(name: &str, param: &Param) -> (String, String) {
    let value = match &param.kind {
        Kind::Int { .. } => format!("g.wild(\"{name}\")"),
        Kind::Ints => format!("[g.wild(\"{name}[0]\"), g.wild(\"{name}[1]\")]"),
        Kind::Data if param.text.contains('[') || param.text.contains("Vec") => {
            let len = format!("    let {name}_len = g.size(\"{name}_len\");\n");
            return (len, format!("g.buffer::<u8>(\"{name}\", {name}_len)"));
        }
        _ if &*param.name == "self" => "todo!(\"TODO: a valid receiver\")".to_owned(),
        _ => format!("todo!(\"TODO: {}\")", param.text.replace('"', "'")),
    };
    (String::new(), value)
}
