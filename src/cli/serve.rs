//! `ksnik serve`: the service itself.

use super::{Common, assemble};
use crate::api::server;

#[derive(clap::Args)]
pub struct Serve {
    /// Address and port; port 0 takes a free one.
    #[arg(long)]
    listen: Option<String>,
}

impl Serve {
    pub fn run(self, common: &Common) -> Result<(), String> {
        let listen = self.listen.map(|listen| ("server.listen", listen));
        let app = assemble(common.settings(listen.as_slice())?)?;
        actix_web::rt::System::new().block_on(async move {
            let bound = server::bind(app)?;
            println!("ksnik listens on http://{}", bound.address);
            bound.run_until_told().await
        })
    }
}
