//! A request as the specification sees it, and its generator.

use arbitrary::{Result, Unstructured};
use strideproof::Unit;
use strideproof_cli::number::Number;
use strideproof_cli::request::{self as command, DEFAULT_BUDGET, Mode};
use strideproof_oracle::generate::{self, Width};
use strideproof_oracle::{self as oracle, Items};

use super::draw::{FAR, choose, near, wild};

/// How many bytes an item has, where that is a plain number.
const ITEMSIZES: [usize; 8] = [1, 2, 4, 8, 3, 16, 0, 5];

/// What is asked. A number beyond ±2^100 is kept as ±2^100: no word holds either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) unit: Unit,
    pub(super) itemsize: i128,
    pub(super) len: i128,
    pub(super) offset: i128,
    pub(super) shape: Vec<i128>,
    pub(super) strides: Option<Vec<i128>>,
    pub(super) mutable: bool,
    pub(super) as_elements: bool,
    pub(super) align: Option<i128>,
    pub(super) base: i128,
}

impl Request {
    /// The same in the command's terms, by way of decimal text.
    pub(super) fn to_command(&self) -> command::Request {
        let int = |number: &i128| match Number::parse(number.to_string().as_bytes()) {
            Some(read) => read,
            None => panic!("{number} is not read as an integer"),
        };
        let ints = |numbers: &Vec<i128>| numbers.iter().map(int).collect();
        command::Request {
            unit: self.unit,
            itemsize: int(&self.itemsize),
            buffer_len: int(&self.len),
            offset: int(&self.offset),
            shape: ints(&self.shape),
            strides: self.strides.as_ref().map(ints),
            mode: if self.mutable { Mode::Mutable } else { Mode::ReadOnly },
            as_elements: self.as_elements,
            align: self.align.as_ref().map(int),
            base_address: int(&self.base),
            budget: DEFAULT_BUDGET,
        }
    }

    /// What a request of the command asks. Of a number of many digits it keeps the first ones,
    /// which are too many for 64 bits all the same.
    pub(super) fn of(request: &command::Request) -> Self {
        let int = |number: &Number| {
            let shown = number.to_string();
            match shown.trim_end_matches('.').parse() {
                Ok(read) => near(read),
                Err(_) => panic!("{number:?} is shown as {shown}"),
            }
        };
        let ints = |numbers: &Vec<Number>| numbers.iter().map(int).collect();
        Self {
            unit: request.unit,
            itemsize: int(&request.itemsize),
            len: int(&request.buffer_len),
            offset: int(&request.offset),
            shape: ints(&request.shape),
            strides: request.strides.as_ref().map(ints),
            mutable: request.mode == Mode::Mutable,
            as_elements: request.as_elements,
            align: request.align.as_ref().map(int),
            base: int(&request.base_address),
        }
    }

    /// How many units an item takes at its address.
    pub(super) fn item(&self) -> i128 {
        if self.unit == Unit::Bytes { self.itemsize } else { 1 }
    }

    /// How many bytes a unit has.
    pub(super) fn scale(&self) -> i128 {
        if self.unit == Unit::Bytes { 1 } else { self.itemsize }
    }

    /// The same, only to be read, without further demands.
    pub(super) fn plain(&self) -> Self {
        Self { mutable: false, as_elements: false, align: None, base: 0, ..self.clone() }
    }

    /// The same in a buffer that has room for it, unless its numbers make no sense in any.
    pub(super) fn with_room(self) -> Self {
        if self.offset < 0 || self.len < 0 {
            return self;
        }
        let steps = self.steps();
        let axes = self.shape.iter().zip(&steps);
        let reach = axes.fold(0i128, |sum, (size, step)| {
            near(sum + size.abs().saturating_mul(step.abs()).min(FAR))
        });
        let offset = near(self.offset + reach);
        Self { len: near((offset + self.item().abs()) * 2), offset, ..self }
    }

    /// The number of indices; one without end where it is far beyond a word.
    pub(super) fn count(&self) -> i128 {
        match self.is_empty() {
            true => 0,
            false => self.shape.iter().fold(1, |count: i128, &size| count.saturating_mul(size)),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.shape.contains(&0)
    }

    /// The strides, or those of row-major order: an axis steps over all items of the later ones.
    pub(super) fn steps(&self) -> Vec<i128> {
        if let Some(strides) = &self.strides {
            return strides.clone();
        }
        let mut step = self.item();
        let mut strides = vec![0; self.shape.len()];
        for (stride, &size) in strides.iter_mut().zip(&self.shape).rev() {
            *stride = step;
            step = step.saturating_mul(size);
        }
        strides
    }

    /// The request in words, of which [`form`](super::verdict::form) finds nothing wrong. A stride of
    /// row-major order that fits no word is on an axis where it does not matter.
    pub(super) fn words(&self) -> Option<oracle::Request> {
        let word = |&number: &i128| usize::try_from(number).ok();
        let stride = |&stride: &i128| match &self.strides {
            Some(_) => isize::try_from(stride).ok(),
            None => Some(isize::try_from(stride).unwrap_or(0)),
        };
        Some(oracle::Request {
            shape: self.shape.iter().map(word).collect::<Option<_>>()?,
            strides: self.steps().iter().map(stride).collect::<Option<_>>()?,
            offset: word(&self.offset)?,
            len: word(&self.len)?,
            item: word(&self.item())?,
        })
    }

    /// The addresses of all indices in row-major order, if they are few.
    pub(super) fn addresses(&self) -> Option<Vec<i128>> {
        let oracle::Request { shape, strides, offset, .. } = self.words()?;
        let few = shape.len() == strides.len() && oracle::count(&shape) <= 2048;
        few.then(|| oracle::addresses(&shape, &strides, offset))
    }

    /// The items of a view whose numbers are words, in a buffer at address 0.
    pub(super) fn items(&self) -> Option<Items> {
        let oracle::Request { shape, strides, offset, item, .. } = self.words()?;
        Some(Items { address: offset, shape, strides, item })
    }

    /// A request within one unit of the boundary, or changed in one way, often beyond 64 bits.
    pub(super) fn draw(u: &mut Unstructured<'_>) -> Result<Self> {
        let flags = u.arbitrary::<u8>()?;
        let unit = if flags & 1 == 0 { Unit::Elements } else { Unit::Bytes };
        let width = if flags & 24 == 8 { Width::Full } else { Width::Memory };
        let itemsize = ITEMSIZES[usize::from(flags >> 5)];
        let item = if unit == Unit::Bytes { itemsize } else { 1 };
        // Strides in bytes are most often whole numbers of items.
        let step = if choose(u, 3)? == 0 { 1 } else { item.max(1) };
        let oracle::Request { shape, strides, offset, len, .. } =
            generate::request(u, width, item, step)?;
        let mut request = Self {
            unit,
            itemsize: itemsize as i128,
            len: len as i128,
            offset: offset as i128,
            shape: shape.iter().map(|&size| size as i128).collect(),
            strides: Some(strides.iter().map(|&stride| stride as i128).collect()),
            mutable: flags & 6 == 2,
            as_elements: false,
            align: None,
            base: 0,
        };
        match choose(u, 64)? {
            1 | 2 => request.magnify(u)?,
            // An axis of size 1 or 0, with any stride.
            how @ (3 | 4 | 8) => {
                let at = usize::from(u.arbitrary::<u8>()?) % (request.shape.len() + 1);
                request.shape.insert(at, i128::from(how != 8));
                if let Some(strides) = &mut request.strides {
                    strides.insert(at.min(strides.len()), wild(u)?);
                }
            }
            5 => request.replace(u, |_, number| number)?,
            6 => request.replace(u, |old, number| near(old + number))?,
            7 => match &mut request.strides {
                Some(strides) if flags & 0x80 == 0 => strides.push(wild(u)?),
                Some(strides) => drop(strides.pop()),
                None => {}
            },
            9 => request.replace(u, |old, _| -old)?,
            10..13 => {
                // The strides of row-major order, with a length that is just enough, or not quite.
                let how = u.arbitrary::<u8>()?;
                request.strides = None;
                request.offset = i128::from(if how & 1 == 0 { 0 } else { how >> 4 });
                let all = near(request.count().saturating_mul(request.item())) + request.offset;
                request.len = near(all + [0, 0, 3, -1][usize::from(how >> 1 & 3)]);
            }
            _ => {}
        }
        Ok(request)
    }

    /// Adds demands that only the command line knows: alignment, and whole items.
    pub(super) fn draw_demands(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let flags = u.arbitrary::<u8>()?;
        self.as_elements = flags & 1 == 1;
        if flags & 2 == 2 {
            self.align = Some(match flags >> 2 & 7 {
                power @ 0..5 => 1 << power,
                5 => 3,
                _ => wild(u)?,
            });
            if flags & 0x80 != 0 {
                self.base = if flags & 0x40 == 0 { i128::from(flags >> 2) } else { wild(u)? };
            }
        }
        Ok(())
    }

    /// Multiplies all addresses, which changes no verdict as long as words hold them; then perhaps
    /// takes one unit away or adds it.
    fn magnify(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let by = wild(u)?.abs() + 1;
        let how = u.arbitrary::<u8>()?;
        let times = |number: i128| near(number.saturating_mul(by));
        let item = self.item();
        self.offset = times(self.offset);
        for stride in self.strides.iter_mut().flatten() {
            *stride = times(*stride);
        }
        if how & 1 == 1 && self.unit == Unit::Bytes {
            self.itemsize = times(self.itemsize);
            self.len = times(self.len);
        } else if self.len >= item {
            self.len = near(times(self.len - item) + item);
        }
        match how >> 1 & 7 {
            0 => self.len = near(self.len - 1),
            1 => self.len = near(self.len + 1),
            2 => self.offset = near(self.offset + 1),
            _ => {}
        }
        Ok(())
    }

    /// Changes one of the numbers.
    fn replace(
        &mut self,
        u: &mut Unstructured<'_>,
        change: impl Fn(i128, i128) -> i128,
    ) -> Result<()> {
        let which = usize::from(u.arbitrary::<u8>()?);
        let number = wild(u)?;
        let mut numbers = vec![&mut self.len, &mut self.offset, &mut self.itemsize];
        numbers.extend(&mut self.shape);
        numbers.extend(self.strides.iter_mut().flatten());
        let at = which % numbers.len();
        *numbers[at] = change(*numbers[at], number);
        Ok(())
    }
}
