//! Tells the sources whether AddressSanitizer watches the memory of this build.

fn main() {
    println!("cargo::rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS");
    let flags = std::env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    // `-Zsanitizer=address` in one word or in two.
    if flags.split('\x1f').any(|flag| flag.ends_with("sanitizer=address")) {
        println!("cargo::rustc-cfg=address_sanitizer");
    }
}
