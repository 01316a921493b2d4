//! A process that is watched: what it prints goes to a file, and its time has an end.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::Result;

/// What a program prints, unless it fails.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

pub(crate) struct Process {
    child: Child,
    log: PathBuf,
    started: Instant,
    limit: Duration,
}

impl Process {
    /// Starts a command, and kills it when it takes longer than `limit`.
    pub(crate) fn start(mut command: Command, log: &Path, limit: Duration) -> Result<Self> {
        if let Some(folder) = log.parent() {
            crate::make_folder(folder)?;
        }
        let failed = |error: std::io::Error| format!("{}: {error}", log.display());
        let file = File::create(log).map_err(failed)?;
        command.stdin(Stdio::null()).stdout(file.try_clone().map_err(failed)?).stderr(file);
        let name = command.get_program().to_owned();
        let child = command.spawn().map_err(|error| format!("{}: {error}", name.display()))?;
        Ok(Self { child, log: log.into(), started: Instant::now(), limit })
    }

    /// What it has printed so far.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Waits for its end, and calls a function every half minute until then. `None` if it did not
    /// end in time.
    pub(crate) fn wait(&mut self, each: impl Fn(&Self)) -> Result<Option<ExitStatus>> {
        let mut last = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().map_err(|error| error.to_string())? {
                return Ok(Some(status));
            }
            if self.elapsed() > self.limit {
                return Ok(None);
            }
            if last.elapsed() > Duration::from_secs(30) {
                each(self);
                last = Instant::now();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Process {
    /// An error elsewhere leaves no process behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
