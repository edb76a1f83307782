//! The root key: 32 bytes outside the data folder and outside every backup. It wraps all other keys and seals nothing else.

use std::io::Write;
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

use super::PrivacyFault;

pub struct RootKey(RandomizedNonceKey);

const LENGTH: usize = 32;

impl RootKey {
    pub fn from_hex(text: &str) -> Result<Self, PrivacyFault> {
        let fault = || PrivacyFault::Root("expected 64 hexadecimal digits".into());
        let text = text.trim();
        if text.len() != LENGTH * 2 || !text.is_ascii() {
            return Err(fault());
        }
        let mut bytes = Zeroizing::new([0u8; LENGTH]);
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[index * 2..index * 2 + 2], 16).map_err(|_| fault())?;
        }
        Self::from_bytes(&bytes)
    }

    fn from_bytes(bytes: &[u8; LENGTH]) -> Result<Self, PrivacyFault> {
        RandomizedNonceKey::new(&AES_256_GCM, bytes).map(Self).map_err(|_| PrivacyFault::Library("root key"))
    }

    pub fn from_file(path: &Path) -> Result<Self, PrivacyFault> {
        let text = std::fs::read_to_string(path).map_err(|error| PrivacyFault::Root(format!("{}: {error}", path.display())))?;
        Self::from_hex(&Zeroizing::new(text))
    }

    /// Makes a new root key in a file that only its owner may read. It never overwrites one: that would lose every sealed cell.
    pub fn create_file(path: &Path) -> Result<Self, PrivacyFault> {
        let mut bytes = Zeroizing::new([0u8; LENGTH]);
        aws_lc_rs::rand::fill(&mut *bytes).map_err(|_| PrivacyFault::Library("randomness"))?;
        let text = Zeroizing::new(bytes.iter().fold(String::with_capacity(LENGTH * 2 + 1), |text, byte| text + &format!("{byte:02x}")));
        let fault = |error: std::io::Error| PrivacyFault::Root(format!("{}: {error}", path.display()));
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(fault)?;
        }
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(fault)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fault)?;
        Self::from_bytes(&bytes)
    }

    pub fn wrap(&self, label: &str, secret: &[u8]) -> Result<Vec<u8>, PrivacyFault> {
        let mut sealed = secret.to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::from(label.as_bytes()), &mut sealed).map_err(|_| PrivacyFault::Library("wrap"))?;
        let mut wrapped = nonce.as_ref().to_vec();
        wrapped.append(&mut sealed);
        Ok(wrapped)
    }

    pub fn unwrap_key(&self, label: &str, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, PrivacyFault> {
        let wrong = || PrivacyFault::Root("it does not open this database's keys: another root key made them".into());
        let (nonce, sealed) = wrapped.split_at_checked(aws_lc_rs::aead::NONCE_LEN).ok_or_else(wrong)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let mut secret = Zeroizing::new(sealed.to_vec());
        let length = self.0.open_in_place(nonce, Aad::from(label.as_bytes()), &mut secret).map_err(|_| wrong())?.len();
        secret.truncate(length);
        Ok(secret)
    }
}
