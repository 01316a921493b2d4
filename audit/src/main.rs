//! `cargo strideproof-audit`: see the library.

fn main() -> std::process::ExitCode {
    strideproof_audit::command::main()
}
