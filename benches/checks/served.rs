//! The server under load, in a process of its own so that its CPU can be told from the load's: the product, a plain way beside it on the same edge,
//! and a bare actix handler on another port.

use std::sync::Arc;

use actix_web::{App as Web, HttpResponse, HttpServer, web};
use ksnik::api::body::Body;
use ksnik::api::check_questions;
use ksnik::api::check_views::CheckView;
use ksnik::api::eligibility_checks::CheckRequest;
use ksnik::api::guard::{Access, Asked, guard};
use ksnik::api::language::Spoken;
use ksnik::api::{Answer, State, server};
use ksnik::context::Machine;
use ksnik::domain::roles::Role;
use ksnik::error::Error;
use ksnik::service::check_turn::{self, Answered};
use ksnik::store::db::write_quietly;
use ksnik::store::gate::Priority;

use super::support::product;

/// The plain way: every request takes a connection, asks one query an entity, inserts one record and commits by itself. It pays for the same sealing,
/// audit chain and token.
async fn plain(state: web::Data<State>, asked: Asked, spoken: Spoken, body: Body<CheckRequest>) -> Answer<HttpResponse> {
    let question = check_questions::question(&state.0, &asked, spoken.0, None, body.value)?;
    let recorded = state
        .db(move |app, db| {
            let mut answers =
                write_quietly(db, Priority::People, "the plain way of the bench", |tx| check_turn::answer(app, tx, std::slice::from_ref(&question)))?;
            match answers.pop().expect("one question has one answer")? {
                Answered::Recorded(recorded) => Ok(*recorded),
                Answered::AsksFirst(_) => Err(Error::internal("the bench has no population office")),
            }
        })
        .await?;
    Ok(HttpResponse::Created().json(CheckView::of(&recorded, &state.0.city.texts, spoken.0)))
}

/// Serves until killed. Prints the addresses of the product and of the bare handler.
pub fn run(url: &str) {
    let app = product::app(
        product::settings(
            url,
            &[
                ("server.workers", "2"),
                ("database.pool_size", "16"),
                ("database.wait_ms", "20000"),
                ("log.level", "error"),
                ("checks.unknown_per_account", "1000000"),
                ("checks.unknown_per_facility", "1000000"),
            ],
        ),
        Arc::new(Machine),
    );
    actix_web::rt::System::new().block_on(async move {
        let bare_answer = HttpServer::new(|| {
            Web::new()
                .route("/bare", web::post().to(|_: web::Bytes| async { HttpResponse::Ok().json(serde_json::json!({ "decision": "eligible" })) }))
        })
        .workers(2)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .expect("a free port");
        let bare = bare_answer.addrs()[0];
        actix_web::rt::spawn(bare_answer.run());
        let bound = server::bind_with(app.clone(), |config| {
            let route = web::post().to(plain).wrap(actix_web::middleware::from_fn(|state, request, next| {
                guard(Access::Only(&[Role::Clinic, Role::Hospital]), state, request, next)
            }));
            config.service(web::resource("/plain").route(route));
        })
        .expect("a free port");
        while app.ready().is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        println!("{} {bare}", bound.address);
        bound.run().await.expect("the server runs until it is killed");
    });
}
