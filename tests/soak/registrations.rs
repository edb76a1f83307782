//! a thousand NIKs, each registered by sixteen at once.

use serde_json::json;

use super::support::audited::opened;
use super::support::on_both;
use super::support::server::Server;
use super::support::small_city;

const NIKS: usize = 1_000;
const AT_ONCE: usize = 16;

on_both!(
    #[ignore = "minutes"]
    of_sixteen_who_register_a_nik_one_does
);
async fn of_sixteen_who_register_a_nik_one_does(server: Server) {
    let admin = server.client().as_role("admin");
    let before = people(&server);
    for number in 0..NIKS {
        let body = json!({
            "nik": format!("327501550270{}", 9_000 + number), "name": "Serentak Teladan", "birth_date": "1970-02-15", "sex": "F",
            "village_code": "3275011001", "relation": "child", "rt": "001", "rw": "002", "address": "Jl. Kenanga 7", "resident_since": "2015-03-01", "kk_number": format!("327501200115{}", 9_000 + number % 4),
        });
        let asked: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                let (admin, body) = (admin.clone(), body.clone());
                tokio::spawn(async move { admin.post("/api/v1/participants", body).await })
            })
            .collect();
        let mut made = 0;
        for answer in asked {
            let answer = answer.await.expect("an answer");
            match answer.status {
                201 => made += 1,
                _ => drop(answer.expect_problem(409, "NIK_ALREADY_REGISTERED")),
            }
        }
        assert_eq!(made, 1, "{body}");
    }
    assert_eq!(people(&server) - before, NIKS);
    println!("{NIKS} NIKs, {AT_ONCE} at once each: one made, the others told of it");
}

fn people(server: &Server) -> usize {
    let (app, _) = opened(server.database());
    small_city::column(&app, "SELECT id AS value FROM participants").len()
}
