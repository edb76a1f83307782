//! `ksnik serve`: the service itself.

use std::process::ExitCode;

use secrecy::ExposeSecret;

use super::{Common, assemble};
use crate::api::server;
use crate::service::first_admin::{FirstAdmin, USERNAME};

#[derive(clap::Args)]
pub struct Serve {
    /// Address and port; port 0 takes a free one.
    #[arg(long)]
    listen: Option<String>,
}

impl Serve {
    pub fn run(self, common: &Common) -> Result<ExitCode, String> {
        let listen = self.listen.map(|listen| ("server.listen", listen));
        let app = assemble(common.settings(listen.as_slice())?)?;
        app.expect_first_admin(first_admin())?;
        actix_web::rt::System::new().block_on(async move {
            let bound = server::bind(app)?;
            println!("ksnik listens on http://{}", bound.address);
            bound.run_until_told().await
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The password of an empty database's first user: from outside, or generated and printed.
fn first_admin() -> FirstAdmin {
    let given = std::env::var("KSNIK_ADMIN_PASSWORD").ok().filter(|password| !password.is_empty());
    FirstAdmin {
        password: given.map(Into::into),
        tell: Box::new(|password| {
            println!("The first user is {USERNAME}, with the password {}", password.expose_secret());
            println!("It is shown this once, and must be changed at the first sign-in.");
        }),
    }
}
