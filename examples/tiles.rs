//! Writes the tiles of an image from many threads, after asking whether any two of them meet.
//!
//! `cargo run --example tiles`

use rayon::prelude::*;
use strideproof::overlap::Sharing;
use strideproof::{Error, Layout, as_strided_mut};

const THREADS: [usize; 2] = [8, 5];
const TILE: [usize; 2] = [2, 4];

/// The grid of tiles in an image with rows of this width: two axes for the thread, two for the
/// element in its tile.
fn grid(width: usize) -> Result<Layout<strideproof::Const<4>>, Error> {
    let ([down, across], [height, length]) = (THREADS, TILE);
    let [row, steps] = [width, length].map(|size| isize::try_from(size).unwrap_or(isize::MAX));
    let tall = row.saturating_mul(2);
    Layout::new([down, across, height, length], [tall, steps, row, 1], 0, 1000)
}

fn main() -> Result<(), Error> {
    for width in [20, 19] {
        let layout = grid(width)?;
        match layout.disjoint_over(2)? {
            Sharing::Disjoint => println!("width {width}: no two threads write the same element"),
            Sharing::Shared { first, second } => println!(
                "width {width}: threads {:?} and {:?} both write element {:?}",
                &first[..2],
                &second[..2],
                layout.address(first)
            ),
            _ => println!("width {width}: not decided"),
        }
    }

    // What a view gives out for writing is disjoint for certain: one tile for each task.
    let mut image = vec![0; 16 * 20];
    let tiles = as_strided_mut(&mut image, [16, 20], None, 0)?.windows_by(TILE, TILE);
    let tiles: Vec<_> = tiles.axis_iter(0).flat_map(|row| row.axis_iter(0)).collect();
    tiles.into_par_iter().enumerate().for_each(|(thread, mut tile)| tile.fill(thread));
    assert!((0..40).all(|thread| image.iter().filter(|&&n| n == thread).count() == 8));
    Ok(())
}

#[test]
fn the_example_runs() {
    main().expect("the tiles of a row of 20 are disjoint");
}
