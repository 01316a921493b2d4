//! TODO
use arbitrary::{Arbitrary, Result, Unstructured};

/// TODO
#[derive(Clone, Debug)]
pub struct Case(u8);

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self(u.arbitrary()?))
    }
}

/// TODO
pub fn run(case: &Case) {
    let _ = case.0;
}
