//! x
use strideproof_scan::*;
fn main() {
    let n: usize = std::env::var("N").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    for target in std::env::args().skip(1) {
        for package in locate(&target).unwrap() {
            let t = std::time::Instant::now();
            let r = scan(&package, Without::default()).unwrap();
            println!("== {} {} files {} lines {} acc {} classes {:?} skipped {:?} {:?}", package.name, package.version, r.files, r.lines, r.accesses, Class::ALL.map(|c| r.count(c)), r.skipped, t.elapsed());
            for (i, f) in r.findings.iter().take(n).enumerate() {
                println!("{:>2} {} {} {}", i + 1, f.class.number(), f.score(), f.title);
                for m in &f.marks { println!("       {:?} {}:{} {}", m.role, m.file.display(), m.line, m.label); }
                if !f.also.is_empty() { println!("       also {}", f.also.join(", ")); }
            }
        }
    }
}
