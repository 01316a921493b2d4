//! strideproof: views of run-time rank.

use strideproof::{Dyn, Layout};
use strideproof_audit::{Request, View, view};
