//! Where in its pages a block lies.

/// The pages that a block of `size` bytes takes, and the offset of its first byte in them, such that
/// its last byte is as near to their end as the alignment allows. `None` for what no address space
/// holds, and for an alignment that is no power of two.
///
/// The first page must begin at a multiple of both the page size and the alignment.
///
/// The lemma, which the checks below state: *the payload is flush within its alignment*. The offset
/// is a multiple of the alignment, the payload ends within the pages, and fewer than `align` bytes
/// follow it there.
#[must_use]
pub fn place(size: usize, align: usize, page: usize) -> Option<(usize, usize)> {
    if !align.is_power_of_two() || page == 0 {
        return None;
    }
    let pages = size.div_ceil(page).max(1);
    let bytes = pages.checked_mul(page)?;
    Some((pages, (bytes - size) & !(align - 1)))
}

/// The lemma for one block.
#[cfg(any(test, kani))]
fn is_flush(size: usize, align: usize, page: usize) -> bool {
    let Some((pages, offset)) = place(size, align, page) else { return false };
    let (Some(bytes), Some(end)) = (pages.checked_mul(page), offset.checked_add(size)) else {
        return false;
    };
    offset % align == 0 && end <= bytes && bytes - end < align
}

#[cfg(kani)]
mod proofs {
    use super::{is_flush, place};

    /// At full width for pages of 4 KiB and every alignment.
    #[kani::proof]
    fn payload_is_flush_within_its_alignment() {
        let (size, shift): (usize, u32) = (kani::any(), kani::any());
        kani::assume(shift < usize::BITS);
        let align = 1usize << shift;
        if place(size, align, 4096).is_some() {
            assert!(is_flush(size, align, 4096));
        } else {
            // Only the last page of the address space cannot be rounded up to.
            assert!(size > usize::MAX - 4096);
        }
        kani::cover!(size > 4096 && size % 4096 != 0 && align > 1);
    }
}

#[cfg(test)]
mod tests {
    use super::{is_flush, place};

    #[test]
    fn every_small_block_is_flush_within_its_alignment() {
        for page in [16, 64, 4096] {
            for shift in 0..16 {
                for size in 0..4 * 64 + 3 {
                    assert!(is_flush(size, 1 << shift, page), "{size} {shift} {page}");
                }
                for size in [4095, 4096, 4097, 1 << 40, usize::MAX - 4096, usize::MAX - 4095] {
                    assert!(is_flush(size, 1 << shift, page), "{size} {shift} {page}");
                }
            }
        }
    }

    #[test]
    fn a_block_without_slack_ends_with_its_page() {
        assert_eq!(place(8, 8, 4096), Some((1, 4088)));
        assert_eq!(place(1, 1, 4096), Some((1, 4095)));
        assert_eq!(place(4097, 1, 4096), Some((2, 4095)));
        assert_eq!(place(5, 4, 4096), Some((1, 4088)));
    }

    #[test]
    fn what_no_address_space_holds_has_no_place() {
        assert_eq!(place(usize::MAX, 1, 4096), None);
        assert_eq!(place(1, 3, 4096), None);
    }
}
