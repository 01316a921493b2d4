//! The process that a case runs in: an allocator that puts every block beside an inaccessible page,
//! a handler that says which block an access missed, and a fork for each batch of cases.
//!
//! All `unsafe` code of the kit is here. Memory that the guard manages lies in the *arena*, one
//! mapping without access. A block opens as many pages of it as it needs, and closes them when it is
//! freed. Addresses are not used twice: the next process begins with an empty arena, since the one
//! that forks never allocates there.

use std::alloc::{GlobalAlloc, Layout, System};
use std::backtrace::Backtrace;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitStatus;
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use libc::{c_int, c_void};

use crate::class::Class;
use crate::place::place;
use crate::record::Record;

/// How much address space the blocks of one process have together.
const ARENA: usize = 2 << 30;
/// How many bytes the blocks of one case may take at a time.
const MOST_BYTES: usize = 256 << 20;
/// How much address space the process may have in all.
const MOST_ADDRESSES: u64 = 8 << 30;
/// How many blocks one process may allocate beside pages of their own. A block takes two of the
/// mappings that Linux allows, by default 65,530; later blocks are the system allocator's.
const MOST_BLOCKS: usize = 24_000;
/// What lies in the pages of a block and not in the block.
const CANARY: u8 = 0xa7;
/// What a block contains that was not asked for in zeros.
const FRESH: u8 = 0xd5;
/// What lies in front of a block of the system allocator, combined with its address.
const MAGIC: usize = 0x5f3c_91d2_7be0_4a68;
/// Processor time that a case may take, at least; it may take twice as much.
const TICK_MICROSECONDS: i64 = 700_000;
/// Time that a case may take, at least, whether it computes or waits.
const ALARM_SECONDS: i64 = 10;
/// The stack of the signal handler, with room for a backtrace.
const HANDLER_STACK: usize = 1 << 20;
/// The largest stack below whose base an access counts as an overflow of it.
const MOST_STACK: usize = 64 << 20;

static ON: AtomicBool = AtomicBool::new(false);
static LEFT: AtomicBool = AtomicBool::new(false);
static WITH_BACKTRACE: AtomicBool = AtomicBool::new(false);
static PAGE: AtomicUsize = AtomicUsize::new(4096);
/// The first address of the arena; 0 before [`prepare`].
static BASE: AtomicUsize = AtomicUsize::new(0);
/// The first address of the arena that no block has had.
static NEXT: AtomicUsize = AtomicUsize::new(0);
static BLOCKS: AtomicPtr<Block> = AtomicPtr::new(ptr::null_mut());
static COUNT: AtomicUsize = AtomicUsize::new(0);
/// The first block of this case.
static CASE: AtomicUsize = AtomicUsize::new(0);
/// How many bytes the blocks of this case take.
static LIVE: AtomicUsize = AtomicUsize::new(0);
static RECORD: AtomicPtr<Record> = AtomicPtr::new(ptr::null_mut());
static STACK: AtomicUsize = AtomicUsize::new(0);
/// Held while a block is opened or closed. It allocates nothing, and nothing panics that holds it.
static LOCK: Mutex<()> = Mutex::new(());

const NOW: Ordering = Ordering::SeqCst;

/// One block of the arena. The table of blocks is sorted by address, since addresses only grow; an entry
/// is written once, before [`COUNT`] says that it is there.
struct Block {
    /// Its pages.
    first: usize,
    end: usize,
    /// What was asked for.
    start: usize,
    size: usize,
    align: usize,
    freed: AtomicBool,
}

impl Block {
    /// The bytes of its pages in front of it and behind it.
    fn slack(&self) -> [(usize, usize); 2] {
        let behind = self.start + self.size;
        [(self.first, self.start - self.first), (behind, self.end - behind)]
    }

    /// The address of a byte in its slack that something wrote to.
    fn damage(&self) -> Option<usize> {
        self.slack().into_iter().find_map(|(start, len)| {
            // SAFETY: the slack lies in the open pages of a block that is not freed, and was filled
            // when they were opened.
            let bytes = unsafe { std::slice::from_raw_parts(start as *const u8, len) };
            // Most blocks leave most of a page: a loop without an exit takes vector instructions.
            if bytes.iter().fold(0, |bits, byte| bits | (byte ^ CANARY)) == 0 {
                return None;
            }
            bytes.iter().position(|&byte| byte != CANARY).map(|at| start + at)
        })
    }
}

/// The global allocator of a target, which [`main!`](crate::main) installs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Guard;

// SAFETY: `open` and `outside` return null or a fresh block of the layout, which stays where it is
// until `dealloc` gets it; neither unwinds.
unsafe impl GlobalAlloc for Guard {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        allocate(layout, false)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        allocate(layout, true)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let base = BASE.load(NOW);
        if base != 0 && (base..base + ARENA).contains(&block.addr()) {
            close(block.addr(), layout);
        } else {
            free_outside(block, layout);
        }
    }
}

fn allocate(layout: Layout, zeroed: bool) -> *mut u8 {
    if !ON.load(NOW) {
        return outside(layout, zeroed);
    }
    match open(layout, zeroed) {
        Ok(start) => start as *mut u8,
        Err(Full::Case) => {
            record().starved.store(true, NOW);
            ptr::null_mut()
        }
        Err(Full::Arena) => outside(layout, zeroed),
    }
}

/// What has no more room.
enum Full {
    Case,
    Arena,
}

/// Opens pages for a block and returns its address.
fn open(layout: Layout, zeroed: bool) -> Result<usize, Full> {
    let page = PAGE.load(NOW);
    let (pages, offset) = place(layout.size(), layout.align(), page).ok_or(Full::Case)?;
    let bytes = pages * page;
    if bytes > MOST_BYTES.saturating_sub(LIVE.load(NOW)) {
        return Err(Full::Case);
    }
    // A block that the table has is filled: another thread may end the case at any time.
    let _locked = LOCK.lock();
    let index = COUNT.load(NOW);
    let first = NEXT.load(NOW).checked_next_multiple_of(layout.align().max(page));
    let end = first.and_then(|first| first.checked_add(bytes));
    let limit = BASE.load(NOW) + ARENA - page;
    let (Some(first), Some(end), true) = (first, end, index < MOST_BLOCKS) else {
        return Err(Full::Arena);
    };
    // SAFETY: the pages lie in the arena, and no block has had them.
    if end > limit || unsafe { libc::mprotect(first as *mut c_void, bytes, READ_WRITE) } != 0 {
        return Err(Full::Arena);
    }
    let start = if LEFT.load(NOW) { first } else { first + offset };
    let (size, align, freed) = (layout.size(), layout.align(), AtomicBool::new(false));
    let block = Block { first, end, start, size, align, freed };
    for (start, len) in block.slack() {
        // SAFETY: the slack lies in the pages that were just opened.
        unsafe { ptr::write_bytes(start as *mut u8, CANARY, len) };
    }
    if !zeroed {
        // SAFETY: the block lies in the pages that were just opened.
        unsafe { ptr::write_bytes(start as *mut u8, FRESH, layout.size()) };
    }
    let entry = BLOCKS.load(NOW).wrapping_add(index);
    // SAFETY: the table has room for it, and this thread alone has the lock and the entry.
    unsafe { entry.write(block) };
    COUNT.store(index + 1, NOW);
    // The page behind it stays closed.
    NEXT.store(end + page, NOW);
    LIVE.fetch_add(bytes, NOW);
    Ok(start)
}

/// Closes the pages of the block that begins at an address.
fn close(start: usize, layout: Layout) {
    let _locked = LOCK.lock();
    let Some(block) = block_before(start).filter(|block| block.start == start) else {
        die(Class::BadFree, format_args!("freed {}", Place(start)));
    };
    if block.freed.load(NOW) {
        die(Class::DoubleFree, format_args!("a block of {} is freed again", Bytes(block.size)));
    }
    let (size, align) = (block.size, block.align);
    if (size, align) != (layout.size(), layout.align()) {
        let given = Bytes(layout.size());
        let size = Bytes(size);
        die(
            Class::BadFree,
            format_args!(
                "a block of {size} aligned to {align} is freed as one of {given} aligned to {}",
                layout.align()
            ),
        );
    }
    if let Some(byte) = block.damage() {
        die(Class::OutOfBoundsWrite, format_args!("wrote {}", Place(byte)));
    }
    block.freed.store(true, NOW);
    let (first, bytes) = (block.first, block.end - block.first);
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED;
    // SAFETY: the pages are those of a block that nothing owns any more. New pages in their place
    // give the memory back.
    unsafe { libc::mmap(first as *mut c_void, bytes, libc::PROT_NONE, flags, -1, 0) };
    let _ = LIVE.fetch_update(NOW, NOW, |live| Some(live.saturating_sub(bytes)));
}

/// What the system allocator is asked for in place of a block: room for [`MAGIC`] in front of it.
fn with_magic(layout: Layout) -> Option<(Layout, usize)> {
    let front = layout.align().max(16);
    let size = layout.size().checked_add(front)?;
    Some((Layout::from_size_align(size, front).ok()?, front))
}

/// A block outside the arena.
fn outside(layout: Layout, zeroed: bool) -> *mut u8 {
    let Some((whole, front)) = with_magic(layout) else { return ptr::null_mut() };
    let start = if zeroed {
        // SAFETY: the layout has a size other than 0.
        unsafe { System.alloc_zeroed(whole) }
    } else {
        // SAFETY: the layout has a size other than 0.
        unsafe { System.alloc(whole) }
    };
    if start.is_null() {
        return start;
    }
    // SAFETY: the block has `front` bytes and more.
    let block = unsafe { start.add(front) };
    let word = block.cast::<usize>().wrapping_sub(1);
    // SAFETY: the word lies in front of the block in what was allocated, aligned like `front`.
    unsafe { word.write(MAGIC ^ block.addr()) };
    block
}

fn free_outside(block: *mut u8, layout: Layout) {
    let word = block.cast::<usize>().wrapping_sub(1);
    // SAFETY: what was allocated outside the arena has the word in front; an address where nothing
    // is ends in the handler.
    let found = unsafe { word.read_unaligned() };
    let (true, Some((whole, front))) = (found == MAGIC ^ block.addr(), with_magic(layout)) else {
        die(Class::BadFree, format_args!("freed {}", Place(block.addr())));
    };
    // SAFETY: as above; a second free of the block must not find it.
    unsafe { word.write_unaligned(0) };
    let start = block.wrapping_sub(front);
    // SAFETY: the word says that `outside` made this block, with the same layout as its caller owes.
    unsafe { System.dealloc(start, whole) };
}

const READ_WRITE: c_int = libc::PROT_READ | libc::PROT_WRITE;

/// Maps memory of zeros, or returns the system's error.
fn map(bytes: usize, access: c_int, sharing: c_int) -> io::Result<*mut c_void> {
    let flags = sharing | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a new mapping at an address of the system's choice.
    let start = unsafe { libc::mmap(ptr::null_mut(), bytes, access, flags, -1, 0) };
    if start == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(start) }
}

/// Makes what the guard needs. Once for a process, before any other function of this module.
pub(crate) fn prepare() -> io::Result<()> {
    // SAFETY: it reads a constant of the system.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).map_err(io::Error::other)?;
    let blocks = map(size_of::<Block>() * MOST_BLOCKS, READ_WRITE, libc::MAP_PRIVATE)?;
    let record = map(size_of::<Record>(), READ_WRITE, libc::MAP_SHARED)?;
    let base = map(ARENA, libc::PROT_NONE, libc::MAP_PRIVATE)?.addr();
    PAGE.store(page, NOW);
    BLOCKS.store(blocks.cast(), NOW);
    RECORD.store(record.cast(), NOW);
    NEXT.store(base + page, NOW);
    BASE.store(base, NOW);
    let stack = map(HANDLER_STACK, READ_WRITE, libc::MAP_PRIVATE)?;
    let stack = libc::stack_t { ss_sp: stack, ss_flags: 0, ss_size: HANDLER_STACK };
    // SAFETY: the stack is mapped for as long as the process lives.
    unsafe { libc::sigaltstack(&raw const stack, ptr::null_mut()) };
    // The backtrace that an abort would print takes longer than a thousand cases.
    // SAFETY: the process has one thread.
    unsafe { std::env::set_var("RUST_BACKTRACE", "0") };
    // Faults leave no core files, and memory of foreign code, which the guard does not count, ends
    // somewhere. A limit that is lower already stays, whatever the system says to this.
    // AddressSanitizer's shadow alone is larger.
    let most = if cfg!(feature = "asan") { libc::RLIM_INFINITY } else { MOST_ADDRESSES };
    for (resource, most) in [(libc::RLIMIT_CORE, 0), (libc::RLIMIT_AS, most)] {
        let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
        // SAFETY: it sets a limit of this process.
        unsafe { libc::setrlimit(resource, &raw const limit) };
    }
    Ok(())
}

/// The blocks that there are.
fn blocks() -> &'static [Block] {
    let count = COUNT.load(NOW);
    if count == 0 {
        return &[];
    }
    // SAFETY: the mapping is never unmapped, and so many of its entries are written and stay so.
    unsafe { std::slice::from_raw_parts(BLOCKS.load(NOW), count) }
}

/// The record of this process and its children.
///
/// # Panics
/// Before [`prepare`].
pub(crate) fn record() -> &'static Record {
    // SAFETY: null, or a mapping of its size that is never unmapped; zeros are a valid record, and
    // all its fields are atomic.
    unsafe { RECORD.load(NOW).as_ref() }.expect("the guard is prepared first")
}

/// Begins a case: from now on blocks lie beside inaccessible pages, at the left or the right.
pub(crate) fn enter(left: bool) {
    LEFT.store(left, NOW);
    CASE.store(COUNT.load(NOW), NOW);
    LIVE.store(0, NOW);
    STACK.store((&raw const left).addr(), NOW);
    ON.store(true, NOW);
}

/// Ends a case, and records it where the slack of a block was written to.
pub(crate) fn leave() {
    ON.store(false, NOW);
    // Threads that the case started may still allocate and free.
    let _locked = LOCK.lock();
    let blocks = &blocks()[CASE.load(NOW)..];
    let live = blocks.iter().filter(|block| !block.freed.load(NOW));
    for byte in live.filter_map(Block::damage) {
        record().found(Class::OutOfBoundsWrite, format_args!("wrote {}", Place(byte)));
    }
}

/// Runs code of the kit, whose blocks need no pages of their own.
pub(crate) fn paused<T>(f: impl FnOnce() -> T) -> T {
    let was = ON.swap(false, NOW);
    let result = f();
    ON.store(was, NOW);
    result
}

/// Whether this process has room for one more case.
pub(crate) fn has_room() -> bool {
    let used = NEXT.load(NOW) - BASE.load(NOW);
    used < ARENA - 2 * MOST_BYTES && COUNT.load(NOW) < MOST_BLOCKS / 2
}

/// Whether a finding comes with a backtrace, which is slow.
pub(crate) fn with_backtrace(yes: bool) {
    WITH_BACKTRACE.store(yes, NOW);
}

/// Adds a backtrace to the record if one was asked for.
pub(crate) fn trace() {
    if WITH_BACKTRACE.swap(false, NOW) {
        paused(|| record().frames.set(format_args!("{:#}", Backtrace::force_capture())));
    }
}

/// The processor time of this process and its children that ended.
pub(crate) fn processor_time() -> Duration {
    let time = |time: libc::timeval| {
        Duration::from_secs(time.tv_sec.unsigned_abs())
            + Duration::from_micros(time.tv_usec.unsigned_abs())
    };
    let of = |who| {
        // SAFETY: zeros are a valid usage.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: it writes to the usage.
        unsafe { libc::getrusage(who, &raw mut usage) };
        time(usage.ru_utime) + time(usage.ru_stime)
    };
    of(libc::RUSAGE_SELF) + of(libc::RUSAGE_CHILDREN)
}

/// Runs code in a process of its own, silently, and says how that ended. The process has one thread
/// when this is called.
pub(crate) fn child(body: impl FnOnce()) -> io::Result<ExitStatus> {
    record().returned.store(false, NOW);
    // SAFETY: the process has one thread, so that the child has all there is.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            settle();
            let status = match catch_unwind(AssertUnwindSafe(body)) {
                Ok(()) => {
                    record().returned.store(true, NOW);
                    0
                }
                Err(_) => 70,
            };
            // SAFETY: it ends the process without running what the parent left to be run.
            unsafe { libc::_exit(status) }
        }
        pid => {
            let mut status = 0;
            // SAFETY: it waits for a child of this process.
            while unsafe { libc::waitpid(pid, &raw mut status, 0) } == -1 {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
            Ok(ExitStatus::from_raw(status))
        }
    }
}

/// What a child does first: it goes when its parent goes, says nothing, and catches faults and time.
fn settle() {
    // SAFETY: it asks for a signal when the parent ends.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    // SAFETY: the path is a string that ends in 0.
    let null = unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR) };
    for stream in 0..3 {
        // SAFETY: it replaces a stream of this process.
        unsafe { libc::dup2(null, stream) };
    }
    type Handler = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);
    let signals: [(c_int, Handler); 4] = [
        (libc::SIGSEGV, on_fault),
        (libc::SIGBUS, on_fault),
        (libc::SIGPROF, on_tick),
        (libc::SIGALRM, on_tick),
    ];
    for (signal, handler) in signals {
        // SAFETY: zeros are a valid action.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = handler as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
        // SAFETY: the handlers only use atomics, format into the record, and end the process.
        unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) };
    }
    let every = |tv_sec, tv_usec| {
        let time = libc::timeval { tv_sec, tv_usec };
        libc::itimerval { it_interval: time, it_value: time }
    };
    let (ticks, alarms) = (every(0, TICK_MICROSECONDS), every(ALARM_SECONDS, 0));
    // SAFETY: it sets a timer of this process.
    unsafe { libc::setitimer(libc::ITIMER_PROF, &raw const ticks, ptr::null_mut()) };
    // SAFETY: it sets a timer of this process.
    unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const alarms, ptr::null_mut()) };
}

/// Records what happened and ends the process.
pub(crate) fn die(class: Class, detail: std::fmt::Arguments<'_>) -> ! {
    ON.store(false, NOW);
    record().found(class, detail);
    trace();
    // SAFETY: it ends the process.
    unsafe { libc::_exit(1) }
}

/// A case that is the same at two ticks takes too long.
extern "C" fn on_tick(signal: c_int, _info: *mut libc::siginfo_t, _context: *mut c_void) {
    static SEEN: [AtomicU64; 2] = [const { AtomicU64::new(u64::MAX) }; 2];
    let case = record().case.load(NOW);
    if SEEN[usize::from(signal == libc::SIGALRM)].swap(case, NOW) == case {
        let how = if signal == libc::SIGALRM { "waits" } else { "computes" };
        die(Class::TimeOut, format_args!("{how} without an end"));
    }
}

extern "C" fn on_fault(_signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the system passes a valid one to a handler with `SA_SIGINFO`.
    let info = unsafe { &*info };
    // SAFETY: faults come with an address.
    let address = unsafe { info.si_addr() }.addr();
    let write = is_write(context);
    let doing = match write {
        Some(true) => "wrote",
        Some(false) => "read",
        None => "accessed",
    };
    let stack = STACK.load(NOW);
    let class = if (stack.saturating_sub(MOST_STACK)..stack).contains(&address) {
        die(Class::Abort, format_args!("the stack overflowed"));
    } else if block_before(address).is_some_and(|block| is_freed(block, address)) {
        Class::UseAfterFree
    } else if write == Some(true) {
        Class::OutOfBoundsWrite
    } else {
        Class::OutOfBoundsRead
    };
    die(class, format_args!("{doing} {}", Place(address)));
}

/// Whether a fault was a write, where the processor says.
#[cfg(target_arch = "x86_64")]
fn is_write(context: *mut c_void) -> Option<bool> {
    let context = context.cast::<libc::ucontext_t>();
    // SAFETY: the system passes a valid one to a handler with `SA_SIGINFO`.
    let registers = unsafe { &(*context).uc_mcontext.gregs };
    Some(registers[usize::try_from(libc::REG_ERR).ok()?] & 2 != 0)
}

#[cfg(not(target_arch = "x86_64"))]
fn is_write(_context: *mut c_void) -> Option<bool> {
    None
}

/// The last block whose pages do not begin behind an address.
fn block_before(address: usize) -> Option<&'static Block> {
    let blocks = blocks();
    blocks[..blocks.partition_point(|block| block.first <= address)].last()
}

fn is_freed(block: &Block, address: usize) -> bool {
    address < block.end && block.freed.load(NOW)
}

/// An address in words: by the nearest block.
struct Place(usize);

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let address = self.0;
        let base = BASE.load(NOW);
        if !(base..base + ARENA).contains(&address) {
            return match address {
                0 => f.write_str("at address 0 or at one that no process can have"),
                1..0x10000 => {
                    write!(f, "at address {address:#x}, near null, where empty buffers point")
                }
                _ => f.write_str("far from every block"),
            };
        }
        let before = block_before(address);
        if let Some(block) = before.filter(|block| is_freed(block, address)) {
            let (start, size) = (block.start, Bytes(block.size));
            let at = Bytes(address.abs_diff(start));
            return match address < start {
                true => write!(f, "{at} before a freed block of {size}"),
                false => write!(f, "{at} into a freed block of {size}"),
            };
        }
        if let Some(block) =
            before.filter(|block| (block.start..block.start + block.size).contains(&address))
        {
            let at = Bytes(address - block.start);
            return write!(f, "{at} into a block of {}", Bytes(block.size));
        }
        // A miss is said relative to the nearer of the blocks on either side.
        let past = before.and_then(|block| {
            Some((address.checked_sub(block.start + block.size)?, block, "past the end of"))
        });
        let after = blocks().iter().find(|block| block.start > address);
        let short = after.map(|block| (block.start - address, block, "before"));
        let nearer = past.into_iter().chain(short).min_by_key(|&(distance, ..)| distance);
        match nearer {
            Some((distance, block, side)) => {
                write!(f, "{} {side} a block of {}", Bytes(distance), Bytes(block.size))
            }
            None => f.write_str("where no block has been"),
        }
    }
}

/// A number of bytes in words.
struct Bytes(usize);

impl std::fmt::Display for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} byte{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}
