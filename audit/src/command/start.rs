//! A new target.

use std::fs;
use std::path::Path;

use super::Failure;

/// Writes the folder of a target for `crate@version`.
pub(super) fn write(package: &str, targets: &Path) -> Result<(), Failure> {
    let parts = package.split_once('@');
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    };
    let is_version = |version: &str| {
        version.split('.').count() >= 3
            && version.chars().all(|c| c.is_ascii_alphanumeric() || "-+.".contains(c))
    };
    let parts = parts.filter(|&(name, version)| is_name(name) && is_version(version));
    let Some((name, version)) = parts else {
        return Err(format!("{package} is not CRATE@VERSION, such as transpose@0.2.2").into());
    };
    let folder = targets.join(format!("{name}-{version}"));
    if folder.exists() {
        return Err(format!("there is already a folder {}", folder.display()).into());
    }
    fs::create_dir_all(&folder)?;
    // In its own repository a target is built with the kit that is there.
    let kit = match fs::read_to_string(targets.join("../Cargo.toml")) {
        Ok(manifest) if manifest.contains("name = \"strideproof-audit\"") => "path = \"../..\"",
        _ => concat!("version = \"", env!("CARGO_PKG_VERSION"), "\""),
    };
    let dashes = version.replace(['.', '+'], "-");
    let manifest = format!(
        "[workspace]\n\n[package]\nname = \"audit-{name}-{dashes}\"\nversion = \"0.0.0\"\n\
         edition = \"2024\"\npublish = false\n\n[[bin]]\nname = \"audit-{name}-{dashes}\"\n\
         path = \"main.rs\"\n\n[dependencies]\n{name} = \"={version}\"\n\
         strideproof-audit = {{ {kit}, default-features = false }}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    let ident = name.replace('-', "_");
    fs::write(folder.join("main.rs"), ADAPTER.replace("CRATE", &ident))?;
    println!("wrote {}: fill in main.rs, then `run {name}-{version}`", folder.display());
    Ok(())
}

const ADAPTER: &str = r#"//! CRATE: what is called, and what its documentation promises.

use strideproof_audit::{Element, Gen, call};

fn convert(g: &mut Gen) {
    let [width, height] = g.sides(["width", "height"]);
    let need = width as u128 * height as u128;
    let len = g.len("len", need);
    let mut buffer = g.buffer::<u8>("buffer", len);
    // When the documentation promises that the call is fine; otherwise it must be refused.
    g.valid(need == len as u128);
    // Fill in: a call of the crate, with full paths. A panic or `g.accepted(false)` is a refusal.
    call!(g, CRATE::function(&mut buffer, width, height));
    // If the result is known: a wrong element is a finding too.
    g.check("element 0", &buffer.first().copied(), &(len > 0).then(|| u8::at(0)));
}

strideproof_audit::main!(convert);
"#;
