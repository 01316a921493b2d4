//! x
use strideproof_scan::*;
fn main() {
    let n: usize = std::env::var("N").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    for target in std::env::args().skip(1) {
        for package in locate(&target).unwrap() {
            let t = std::time::Instant::now();
            let r = scan(&package, Without::default()).unwrap();
            println!("== {} {} {}f {}l acc {} classes {:?} skipped {:?} {:?}", package.name, package.version, r.files, r.lines, r.accesses, Class::ALL.map(|c| r.count(c)), r.skipped, t.elapsed());
            for (i, f) in r.findings.iter().take(n).enumerate() {
                let marks: Vec<_> = f.marks.iter().map(|m| format!("{}{}:{}", match m.role { Role::Sink => "S ", Role::Check => "C ", Role::Gate => "G ", Role::Step => "" }, m.file.file_name().unwrap().to_string_lossy(), m.line)).collect();
                println!("{:>2} {} {} {} | {} | also {}", i + 1, f.class.number(), f.score(), f.title.replace("unproven: ", "").replace(" depends on ", " <- "), marks.join(" "), f.also.len());
            }
        }
    }
}
