//! CPU time of processes, from the kernel's own books.

/// Seconds of CPU that a process has used.
pub fn of_process(pid: u32) -> f64 {
    seconds(&std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default())
}

/// Seconds of CPU of a process and all its children: PostgreSQL's postmaster and its backends.
pub fn of_family(pid: u32) -> f64 {
    let children = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|child| parent(*child) == Some(pid));
    of_process(pid) + children.map(of_process).sum::<f64>()
}

fn parent(pid: u32) -> Option<u32> {
    fields(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?).get(1)?.parse().ok()
}

/// What stands behind the name in brackets, which may itself hold spaces.
fn fields(stat: &str) -> Vec<String> {
    stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().map(str::to_owned).collect()).unwrap_or_default()
}

fn seconds(stat: &str) -> f64 {
    let fields = fields(stat);
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    // utime and stime, in the kernel's hundredths.
    (ticks(11) + ticks(12)) / 100.0
}
