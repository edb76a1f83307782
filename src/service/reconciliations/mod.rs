//! Reconciliations: a file of the population office is read, sorted, kept as the snapshot that counts, and compared with the registry. What differs
//! becomes findings. Nothing is changed by itself: a person decides.

mod comparing;
mod sorting;
