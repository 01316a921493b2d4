//! What views cost beside `memcpy`, plain loops and other crates, as ratios within one process.
//!
//! ```text
//! cargo bench -p strideproof-benches                  # all groups
//! cargo bench -p strideproof-benches -- "rank 2"      # groups with this in their names
//! cargo bench -p strideproof-benches -- --json        # a line of JSON for each contestant
//! ```

mod access;
mod checks;
mod copies;
mod runner;
mod sums;

fn main() {
    let runner = runner::Runner::from_arguments();
    checks::run(&runner);
    access::run(&runner);
    sums::run(&runner);
    copies::run(&runner);
}
