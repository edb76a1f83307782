//! Hashing passwords with Argon2id: slow and hungry on purpose, so only a few at once, and only so many wait.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use secrecy::{ExposeSecret, SecretString};

use super::App;
use crate::config;
use crate::domain::passwords::{ADVISED, LONGEST, SHORTEST, Weakness};
use crate::error::{Error, Fault, Result};

/// Who waits longer than this many others is better told to come back.
const MOST_WAITING: usize = 64;

pub struct Hasher {
    argon2: Argon2<'static>,
    params: Params,
    /// Verified when there is no such user, so that the answer takes as long.
    nobody: String,
    at_once: usize,
    queue: Mutex<Queue>,
    freed: Condvar,
}

#[derive(Default)]
struct Queue {
    running: usize,
    waiting: usize,
}

/// The right to hash, given back when dropped.
pub struct Turn<'a>(&'a Hasher);

impl Hasher {
    pub fn new(settings: &config::SignIn) -> Self {
        // The settings were checked to be what Argon2 can do.
        let params = Params::new(settings.argon2_memory_kib, settings.argon2_passes, settings.argon2_lanes, None).unwrap_or(Params::DEFAULT);
        let (memory, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
        Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone()),
            params,
            nobody: format!("$argon2id$v=19$m={memory},t={passes},p={lanes}${}${}", "A".repeat(22), "A".repeat(43)),
            at_once: settings.argon2_at_once,
            queue: Mutex::default(),
            freed: Condvar::new(),
        }
    }

    /// Waits for a turn. Whoever wants to hash takes one before a database connection, so that a crowd at the door leaves connections to the others.
    pub fn turn(&self) -> Result<Turn<'_>> {
        let mut queue = self.lock();
        if queue.waiting >= MOST_WAITING {
            return Err(Error::Busy("too many people sign in at once"));
        }
        queue.waiting += 1;
        while queue.running >= self.at_once {
            queue = self.freed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        queue.waiting -= 1;
        queue.running += 1;
        Ok(Turn(self))
    }

    // Two counts are right at every moment, so a poisoned lock is as good as a whole one.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.lock().running -= 1;
        self.0.freed.notify_one();
    }
}

impl Turn<'_> {
    pub fn hash(&self, password: &SecretString, salt: [u8; 16]) -> Result<String> {
        let hash = self.0.argon2.hash_password_with_salt(password.expose_secret().as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(|_| Error::internal("a password could not be hashed"))
    }

    /// Is it the password? Without a hash the answer is no, after as long a time.
    pub fn verify(&self, password: &SecretString, hash: Option<&str>) -> Result<bool> {
        let parsed = PasswordHash::new(hash.unwrap_or(&self.0.nobody)).map_err(|_| Error::internal("a stored password hash is not readable"))?;
        let right = self.0.argon2.verify_password(password.expose_secret().as_bytes(), &parsed).is_ok();
        Ok(right && hash.is_some())
    }

    /// The hash under today's parameters, if the stored one was made with others.
    pub fn rehash(&self, password: &SecretString, hash: &str, salt: [u8; 16]) -> Result<Option<String>> {
        let of = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        let made_with = PasswordHash::new(hash).ok().and_then(|hash| Params::try_from(&hash).ok());
        if made_with.is_some_and(|params| of(&params) == of(&self.0.params)) {
            return Ok(None);
        }
        self.hash(password, salt).map(Some)
    }
}

impl App {
    /// What keeps a new password from being taken, as a fault at the field where it was sent.
    pub fn weakness(&self, pointer: &'static str, password: &SecretString, username: &str) -> Option<Fault> {
        let weakness = self.city.common_passwords.weakness(password.expose_secret(), username)?;
        Some(match weakness {
            Weakness::TooShort => Fault::at(pointer, "TOO_SHORT").with("limit", SHORTEST).with("advised", ADVISED),
            Weakness::TooLong => Fault::at(pointer, "TOO_LONG").with("limit", LONGEST),
            Weakness::Common => Fault::at(pointer, "PASSWORD_COMMON"),
            Weakness::IsUsername => Fault::at(pointer, "PASSWORD_IS_USERNAME"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn hasher(memory_kib: u32) -> Hasher {
        let overrides = [("sign_in.argon2_memory_kib", memory_kib.to_string()), ("sign_in.argon2_passes", "1".to_owned())];
        Hasher::new(&config::Settings::load_from(None, &overrides, std::collections::HashMap::new()).unwrap().sign_in)
    }

    #[test]
    fn only_the_password_verifies_and_nobody_has_one() {
        let hasher = hasher(8);
        let turn = hasher.turn().unwrap();
        let password = SecretString::from("kuda lumping");
        let hash = turn.hash(&password, [7; 16]).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert!(turn.verify(&password, Some(&hash)).unwrap());
        assert!(!turn.verify(&SecretString::from("kuda lumpinG"), Some(&hash)).unwrap());
        assert!(!turn.verify(&password, None).unwrap());
        assert!(PasswordHash::new(&hasher.nobody).is_ok(), "verifying nobody would take no time");
    }

    #[test]
    fn a_hash_made_with_other_parameters_is_made_again() {
        let (old, new) = (hasher(8), hasher(16));
        let password = SecretString::from("kuda lumping");
        let hash = old.turn().unwrap().hash(&password, [7; 16]).unwrap();
        let turn = new.turn().unwrap();
        let again = turn.rehash(&password, &hash, [8; 16]).unwrap().unwrap();
        assert!(again.contains("m=16") && turn.verify(&password, Some(&again)).unwrap());
        assert_eq!(turn.rehash(&password, &again, [9; 16]).unwrap(), None);
    }

    #[test]
    fn only_so_many_hash_at_once() {
        let hasher = hasher(8);
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    let _turn = hasher.turn().unwrap();
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::yield_now();
                    running.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        assert!(most.load(Ordering::SeqCst) <= hasher.at_once);
        let queue = hasher.lock();
        assert_eq!((queue.running, queue.waiting), (0, 0));
    }
}
