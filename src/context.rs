//! What surrounds a use case: who asks, when, why, and where time and chance come from. Nothing below the edge reads a clock by itself.

use std::sync::Arc;

use chrono::Utc;

use crate::domain::id::Id;
use crate::domain::roles::Caller;
use crate::domain::text_enum::text_enum;
use crate::domain::time::UtcTime;
use crate::error::{Error, Result};

/// Where time and chance come from. Tests bring their own.
pub trait Surroundings: Send + Sync {
    fn now(&self) -> UtcTime;
    fn fill_random(&self, bytes: &mut [u8]);
}

/// The machine's clock and the operating system's randomness.
pub struct Machine;

impl Surroundings for Machine {
    fn now(&self) -> UtcTime {
        UtcTime::new(Utc::now())
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        // The system's generator fails only where the machine has none; without it no secret could be made, so there is no way on.
        aws_lc_rs::rand::fill(bytes).expect("the operating system gives randomness");
    }
}

text_enum! {
    /// Why a person's data is read, as the caller states it.
    Purpose { Treatment = "treatment", Registration = "registration", Claim = "claim", Audit = "audit", Complaint = "complaint" }
}

/// One request, one command or one turn of a job.
#[derive(Clone)]
pub struct Context {
    pub now: UtcTime,
    pub request_id: Id,
    pub caller: Option<Caller>,
    /// The clerk at the facility, as the calling system names them.
    pub actor: Option<String>,
    pub purpose: Option<Purpose>,
    surroundings: Arc<dyn Surroundings>,
}

impl Context {
    pub fn new(surroundings: Arc<dyn Surroundings>) -> Self {
        let now = surroundings.now();
        Self { now, request_id: id_at(&*surroundings, now), caller: None, actor: None, purpose: None, surroundings }
    }

    pub fn as_caller(mut self, caller: Caller) -> Self {
        self.caller = Some(caller);
        self
    }

    /// Who asks, where the guard lets only those in who have signed in.
    pub fn signed_in(&self) -> Result<Caller> {
        self.caller.ok_or_else(|| Error::internal("a use case of somebody who signed in, without a caller"))
    }

    pub fn new_id(&self) -> Id {
        id_at(&*self.surroundings, self.now)
    }

    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.surroundings.fill_random(&mut bytes);
        bytes
    }
}

fn id_at(surroundings: &dyn Surroundings, at: UtcTime) -> Id {
    let mut random = [0; 10];
    surroundings.fill_random(&mut random);
    Id::v7(at.unix_millis(), random)
}
