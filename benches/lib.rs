//! Runs benchmarks under criterion and prints what each costs beside the first of its group.
//!
//! Criterion measures and reports; the ratios come from the very same samples.

use std::hint::black_box;
use std::time::Instant;

use criterion::Criterion;

/// The samples of all groups, in the order in which they ran.
#[derive(Default)]
pub struct Ratios {
    groups: Vec<Group>,
}

struct Group {
    name: String,
    /// How many operations one call makes.
    operations: u32,
    /// Each contestant with its samples, in nanoseconds an operation.
    contestants: Vec<(&'static str, Vec<f64>)>,
}

impl Ratios {
    /// Starts a group whose calls make so many operations each.
    pub fn group(&mut self, name: impl Into<String>, operations: u32) {
        self.groups.push(Group { name: name.into(), operations, contestants: Vec::new() });
    }

    /// Measures one contestant of the last group.
    ///
    /// # Panics
    /// Panics when there is no group.
    pub fn contestant<R>(
        &mut self,
        criterion: &mut Criterion,
        name: &'static str,
        mut call: impl FnMut() -> R,
    ) {
        let group = self.groups.last_mut().expect("a group");
        let operations = f64::from(group.operations);
        let mut samples = Vec::new();
        criterion.bench_function(&format!("{}/{name}", group.name), |bencher| {
            bencher.iter_custom(|calls| {
                let start = Instant::now();
                for _ in 0..calls {
                    black_box(call());
                }
                let elapsed = start.elapsed();
                samples.push(elapsed.as_secs_f64() * 1e9 / calls as f64 / operations);
                elapsed
            });
        });
        group.contestants.push((name, samples));
    }

    /// Prints the fastest sample of each contestant, which a busy machine disturbs least, and its
    /// ratio to the first of the group.
    pub fn print(mut self) {
        println!("\n{:<44} {:>10} {:>7}", "fastest sample, per operation", "ns", "ratio");
        for group in &mut self.groups {
            println!("{}", group.name);
            let mut first = None;
            for (name, samples) in &mut group.contestants {
                let Some(fastest) = samples.drain(..).reduce(f64::min) else { continue };
                let ratio = fastest / *first.get_or_insert(fastest);
                println!("  {name:<42} {fastest:>10.3} {ratio:>7.2}");
            }
        }
    }
}
