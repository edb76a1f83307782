//! Bad input at the door: told clearly, all at once, in the caller's language, and never a fault of the service.

use std::io::Read;

use flate2::read::GzDecoder;
use reqwest::Method;
use reqwest::header::{ACCEPT_LANGUAGE, CONTENT_TYPE};
use serde_json::{Value, json};

use super::people::{PARTICIPANTS, faults, person};
use super::support::client::{Answer, Client};
use super::support::databases::Engine;
use super::support::server::Server;
use super::support::small_city::{PEOPLE, id_of};
use super::support::wire::Wire;
use super::support::{on_both, run};

const CHECKS: &str = "/api/v1/eligibility-checks";
const FACILITIES: &str = "/api/v1/facilities";

async fn send(client: &Client, path: &str, media_type: &str, body: impl Into<reqwest::Body>) -> Answer {
    client.send(client.request(Method::POST, path).header(CONTENT_TYPE, media_type).body(body)).await
}

fn check(changes: Value) -> Value {
    let mut body = json!({"nik": PEOPLE[0].0, "care_type": "primary"});
    body.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
    body
}

#[test]
fn what_is_no_json_is_400() {
    run(Engine::Sqlite, async |server: Server| {
        let clinic = server.client().as_role("clinic");
        let unclosed = "[".repeat(50_000);
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let deep_field = format!("{{\"care_type\": \"primary\", \"facts\": {}1{}}}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
        for body in [
            "",
            " ",
            "{",
            "{\"nik\": }",
            "nik=1",
            "{'nik': 1}",
            "{\"nik\": 1,}",
            "\u{feff}{}",
            "{\"a\": 01}",
            "{\"a\": NaN}",
            "{\"a\": 1e999999}",
            &unclosed,
            &deep,
            &deep_field,
        ] {
            send(&clinic, CHECKS, "application/json", body.to_owned()).await.expect_problem(400, "BODY_NOT_JSON");
        }
        for bytes in [
            &b"{\"claimed_name\": \"\xff\xfe\"}"[..],
            b"\xff\xfe{\0}\0",
            b"{\"claimed_name\": \"\\ud800\"}",
            b"{\"claimed_name\": \"\0\"}",
            b"\x1f\x8b\x08\0\0",
        ] {
            send(&clinic, CHECKS, "application/json", bytes.to_vec()).await.expect_problem(400, "BODY_NOT_JSON");
        }
    });
}

#[test]
fn another_media_type_is_415() {
    run(Engine::Sqlite, async |server: Server| {
        let clinic = server.client().as_role("clinic");
        let body = check(json!({})).to_string();
        for media_type in
            ["text/plain", "application/x-www-form-urlencoded", "application/xml", "multipart/form-data; boundary=x", "application/jsonx", "json", ""]
        {
            send(&clinic, CHECKS, media_type, body.clone()).await.expect_problem(415, "MEDIA_TYPE_NOT_SUPPORTED");
        }
        let without = clinic.send(clinic.request(Method::POST, CHECKS).body(body.clone())).await;
        without.expect_problem(415, "MEDIA_TYPE_NOT_SUPPORTED");
        for media_type in ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"] {
            assert_eq!(send(&clinic, CHECKS, media_type, body.clone()).await.status, 201, "{media_type}");
        }
    });
}

on_both!(every_fault_of_a_question_is_told_at_its_place);
async fn every_fault_of_a_question_is_told_at_its_place(server: Server) {
    let clinic = server.client().as_role("clinic");
    for (changes, expected) in [
        (json!({"nik": 3275014501909001_i64}), vec!["/nik NIK_FORMAT"]),
        (json!({"nik": 3.275_014_5e15}), vec!["/nik NIK_FORMAT"]),
        (json!({"nik": "327501450190900"}), vec!["/nik NIK_FORMAT"]),
        (json!({"nik": "３２７５０１４５０１９０９００１"}), vec!["/nik NIK_FORMAT"]),
        (json!({"nik": "3275014501909001 "}), vec!["/nik NIK_FORMAT"]),
        (json!({"colour": "red", "a/b~c": 1}), vec!["/a~1b~0c UNKNOWN_FIELD", "/colour UNKNOWN_FIELD"]),
        (json!({"facts": {"colour": "red"}}), vec!["/facts/colour UNKNOWN_FIELD"]),
        (json!({"service_date": "2026-02-30"}), vec!["/service_date NOT_A_DATE"]),
        (json!({"service_date": "2026-1-2"}), vec!["/service_date NOT_A_DATE"]),
        (json!({"service_date": "+12026-01-02"}), vec!["/service_date NOT_A_DATE"]),
        (json!({"service_date": "9999-12-31"}), vec!["/service_date SERVICE_DATE_OUT_OF_RANGE"]),
        (json!({"service_date": "0000-01-01", "retrospective": true}), vec!["/service_date SERVICE_DATE_OUT_OF_RANGE"]),
        (json!({"recorded_offline_at": "2026-01-02T25:00:00Z"}), vec!["/recorded_offline_at NOT_AN_INSTANT"]),
        (json!({"care_type": "Primary"}), vec!["/care_type UNKNOWN_VALUE"]),
        (json!({"diagnosis_code": "A9"}), vec!["/diagnosis_code ICD10_FORMAT"]),
        (json!({"claimed_name": "x".repeat(101)}), vec!["/claimed_name TOO_LONG"]),
        (json!({"facts": {"monthly_income": -1}}), vec!["/facts/monthly_income TOO_SMALL"]),
        (json!({"facts": {"monthly_income": 1.5}}), vec!["/facts/monthly_income WRONG_TYPE"]),
        (json!({"facts": {"monthly_income": 92233720368547758070_f64}}), vec!["/facts/monthly_income TOO_LARGE"]),
        (
            json!({"nik": 1, "care_type": "walk", "colour": 1, "service_date": "30-02-2026", "facts": {"papers": ["passport"], "injury_cause": 1}}),
            vec![
                "/care_type UNKNOWN_VALUE",
                "/colour UNKNOWN_FIELD",
                "/facts/injury_cause WRONG_TYPE",
                "/facts/papers/0 UNKNOWN_VALUE",
                "/nik NIK_FORMAT",
                "/service_date NOT_A_DATE",
            ],
        ),
        // What may be a number in the wrong place is not repeated.
        (json!({"3275014501909001": 1}), vec!["/? UNKNOWN_FIELD"]),
    ] {
        let problem = clinic.post(CHECKS, check(changes.clone())).await;
        assert_eq!(problem.status, 422, "{changes}: {}", problem.text);
        assert_eq!(faults(&problem.json), expected, "{changes}");
        assert!(!problem.text.contains("3275014501909001"), "the number is repeated: {}", problem.text);
    }
    assert_eq!(clinic.get(CHECKS).await.expect(200)["items"], json!([]), "what is refused is not recorded");
}

#[test]
fn a_field_given_twice_is_refused() {
    run(Engine::Sqlite, async |server: Server| {
        let clinic = server.client().as_role("clinic");
        let twice = format!("{{\"nik\": \"{}\", \"nik\": \"{}\", \"care_type\": \"primary\"}}", PEOPLE[0].0, PEOPLE[1].0);
        send(&clinic, CHECKS, "application/json", twice).await.expect_problem(422, "BODY_NOT_READABLE");
    });
}

#[test]
fn query_parameters_are_read_as_strictly_as_bodies() {
    run(Engine::Sqlite, async |server: Server| {
        let (admin, auditor) = (server.client().as_role("admin"), server.client().as_role("auditor"));
        for (client, path, expected) in [
            (&admin, format!("{FACILITIES}?limit=0"), vec!["limit OUT_OF_RANGE"]),
            (&admin, format!("{FACILITIES}?limit=201"), vec!["limit OUT_OF_RANGE"]),
            (
                &admin,
                format!("{FACILITIES}?limit=x&colour=red&kind=shop"),
                vec!["limit WRONG_FORMAT", "colour UNKNOWN_PARAMETER", "kind WRONG_FORMAT"],
            ),
            (&admin, format!("{FACILITIES}?limit=99999999999999999999"), vec!["limit WRONG_FORMAT"]),
            (&admin, format!("{FACILITIES}?limit=1&limit=2"), vec!["limit GIVEN_TWICE"]),
            (&admin, format!("{FACILITIES}?limit=0&cursor=x"), vec!["limit OUT_OF_RANGE", "cursor WRONG_FORMAT"]),
            (&admin, format!("{FACILITIES}?cursor=%00"), vec!["cursor WRONG_FORMAT"]),
            (&admin, format!("{FACILITIES}?3275014501909001=1"), vec!["? UNKNOWN_PARAMETER"]),
            (&admin, format!("{CHECKS}?from=2026-02-30"), vec!["from WRONG_FORMAT"]),
            (&admin, format!("{CHECKS}?from=2026-02-02&to=2026-02-01"), vec!["to BEFORE_FROM"]),
            (&auditor, "/api/v1/audit/events?user_id=3275014501909001".to_owned(), vec!["user_id WRONG_FORMAT"]),
            (&auditor, "/api/v1/audit/events?from=x".to_owned(), vec!["from WRONG_FORMAT"]),
        ] {
            let problem = client.get(&path).await.expect(422);
            let told: Vec<String> = problem["errors"]
                .as_array()
                .expect("faults")
                .iter()
                .map(|fault| format!("{} {}", fault["parameter"].as_str().unwrap_or("-"), fault["code"].as_str().unwrap_or("-")))
                .collect();
            assert_eq!(told, expected, "{path}");
            assert!(!problem.to_string().contains("3275014501909001"));
        }
        for path in [format!("{FACILITIES}?kind=%00"), format!("{FACILITIES}?%"), format!("{FACILITIES}?a=%ff"), format!("{FACILITIES}?=")] {
            assert_eq!(admin.get(&path).await.status, 422, "{path}");
        }
        for path in [format!("{FACILITIES}?"), format!("{FACILITIES}?&"), format!("{FACILITIES}?limit=200")] {
            assert_eq!(admin.get(&path).await.status, 200, "{path}");
        }
    });
}

#[test]
fn odd_headers_are_told_or_passed_over() {
    run(Engine::Sqlite, async |server: Server| {
        let clinic = server.client().as_role("clinic");
        let with = async |name: &str, value: &[u8]| {
            let value = reqwest::header::HeaderValue::from_bytes(value).expect("a value that may be sent");
            clinic.send(clinic.request(Method::GET, CHECKS).header(name, value)).await
        };
        for (name, value, code) in [
            ("X-Purpose", &b"curiosity"[..], "UNKNOWN_VALUE"),
            ("X-Purpose", b"\xff", "UNKNOWN_VALUE"),
            ("X-Actor", b"\xff\xfe", "ACTOR_CHARACTERS"),
            ("X-Actor", b"loket\t2", "ACTOR_CHARACTERS"),
            ("X-Actor", "loket\u{85}2".as_bytes(), "ACTOR_CHARACTERS"),
            ("X-Actor", &[b'x'; 101], "TOO_LONG"),
            ("X-Actor", "é".repeat(101).as_bytes(), "TOO_LONG"),
        ] {
            let problem = with(name, value).await.expect_problem(422, code);
            assert_eq!(problem["errors"][0]["header"], name);
        }
        for (name, value) in [
            ("X-Purpose", &b"treatment"[..]),
            ("X-Actor", "Bidan Ayu é".as_bytes()),
            ("X-Actor", "é".repeat(100).as_bytes()),
            ("Accept", b"text/csv"),
            ("X-Other", &[b'x'; 8_000]),
        ] {
            assert_eq!(with(name, value).await.status, 200, "{name}");
        }
        for token in ["", " ", "x.y.z", "Bearer", &"x".repeat(8_000)] {
            server.client().with_token(token).get(CHECKS).await.expect_problem(401, "SIGN_IN_REQUIRED");
        }
        let basic = server.client().request(Method::GET, CHECKS).header("Authorization", "Basic eDp5");
        server.client().send(basic).await.expect_problem(401, "SIGN_IN_REQUIRED");
    });
}

#[test]
fn texts_come_in_the_language_that_is_asked_for() {
    run(Engine::Sqlite, async |server: Server| {
        let client = server.client();
        let ask = async |language: Option<&'static str>| {
            let mut request = client.request(Method::GET, "/api/v1/me").build().expect("a request");
            request.headers_mut().remove(ACCEPT_LANGUAGE);
            if let Some(language) = language {
                request.headers_mut().insert(ACCEPT_LANGUAGE, language.parse().expect("a header"));
            }
            let response = reqwest::Client::builder().no_proxy().build().expect("a client").execute(request).await.expect("an answer");
            response.json::<Value>().await.expect("JSON")["title"].as_str().expect("a title").to_owned()
        };
        let (indonesian, english) = (ask(Some("id")).await, ask(Some("en")).await);
        assert_ne!(indonesian, english);
        for (language, expected) in [
            (None, &indonesian),
            (Some(""), &indonesian),
            (Some("*"), &indonesian),
            (Some("de"), &indonesian),
            (Some("id-ID,en;q=0.5"), &indonesian),
            (Some("en;q=0.1,id"), &indonesian),
            (Some("en-GB"), &english),
            (Some("de,en;q=0.5"), &english),
            (Some(";;;q=x,,"), &indonesian),
        ] {
            assert_eq!(&ask(language).await, expected, "{language:?}");
        }
    });
}

#[test]
fn answers_are_packed_for_whoever_can_unpack_them() {
    run(Engine::Sqlite, async |server: Server| {
        let client = server.client();
        let plain = reqwest::get(format!("http://{}/openapi.json", server.address())).await.expect("an answer").bytes().await.expect("a body");
        let request = client.request(Method::GET, "/openapi.json").header("Accept-Encoding", "gzip");
        let packed = request.send().await.expect("an answer");
        assert_eq!(packed.headers()["content-encoding"], "gzip");
        let bytes = packed.bytes().await.expect("a body");
        let mut unpacked = Vec::new();
        GzDecoder::new(&bytes[..]).read_to_end(&mut unpacked).expect("gzip");
        assert!(unpacked == plain && bytes.len() < plain.len() / 3, "{} of {} bytes", bytes.len(), plain.len());
        let refused = client.send(client.request(Method::GET, "/api/v1/me").header("Accept-Encoding", "gzip, br")).await;
        refused.expect_problem(401, "SIGN_IN_REQUIRED");
    });
}

#[test]
fn a_body_over_its_limit_is_413_by_its_word_and_by_its_bytes() {
    run(Engine::Sqlite, async |server: Server| {
        let clinic = server.client().as_role("clinic");
        for (path, limit) in [(CHECKS.to_owned(), 1 << 20), (format!("{CHECKS}/batch"), 16 << 20)] {
            let padded = |length: usize| {
                let body = if path.ends_with("batch") { json!({"checks": [check(json!({}))]}).to_string() } else { check(json!({})).to_string() };
                body.clone() + &" ".repeat(length - body.len())
            };
            let whole = send(&clinic, &path, "application/json", padded(limit)).await;
            assert!(whole.status < 300, "{path}: {}", whole.text);
            send(&clinic, &path, "application/json", padded(limit + 1)).await.expect_problem(413, "BODY_TOO_LARGE");
        }
        let token = server.token_of("clinic");
        let head = format!("POST {CHECKS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\n");
        // A length that is only claimed is refused before a byte of it comes.
        let mut wire = Wire::to(server.address()).await;
        wire.say(format!("{head}Content-Length: 107374182400\r\n\r\n")).await;
        assert!(wire.response().await.starts_with("HTTP/1.1 413"));
        let mut wire = Wire::to(server.address()).await;
        wire.say(format!("{head}Transfer-Encoding: chunked\r\n\r\n")).await;
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
        for _ in 0..17 {
            wire.say(&chunk).await;
        }
        assert!(wire.response().await.starts_with("HTTP/1.1 413"));
    });
}

/// What one of the two databases does not take, or takes otherwise than the other: each text of a few bodies, one at a time.
const ODD_TEXTS: &[&str] =
    &["\0", "a\0b", "\u{fffe}", "\u{1f469}\u{200d}\u{1f52c}", "\u{202e}abc", "e\u{301}", "İ", "'", "\\", "\u{7f}", "\r\n", "%s%n"];

on_both!(no_text_is_a_fault_of_the_service);
async fn no_text_is_a_fault_of_the_service(server: Server) {
    let (admin, counter) = (server.client().as_role("admin"), server.client().as_role("counter"));
    let contracts = format!("{FACILITIES}/{}/contracts", id_of("rs_lepas"));
    let fields: [(&Client, &str, Value, &[&str]); 6] = [
        (&admin, FACILITIES, json!({"name": "x", "kind": "clinic", "government": false, "inside_city": true}), &["name", "code", "address"]),
        (&admin, &contracts, json!({"valid_from": "2001-01-01", "valid_to": "2001-01-02"}), &["contract_number"]),
        (
            &admin,
            "/api/v1/users",
            json!({"username": "contoh", "password": "kuda lumping 7", "name": "x", "role": "dpo"}),
            &["username", "password", "name"],
        ),
        (&admin, PARTICIPANTS, person(9001, json!({})), &["name", "address", "mother_name", "phone", "rt"]),
        (
            &counter,
            CHECKS,
            check(json!({})),
            &["claimed_name", "card_number", "referral_number", "offline_reference", "diagnosis_code", "from_facility_code"],
        ),
        (&counter, "/api/v1/participants/search", json!({"village_code": "3275011001"}), &["name"]),
    ];
    for (client, path, body, names) in &fields {
        for name in *names {
            for text in ODD_TEXTS {
                let mut body = body.clone();
                body[*name] = json!(text);
                let answer = client.post(path, body).await;
                assert!(answer.status < 500, "{path} with {name} = {text:?}: {}", answer.text);
            }
        }
    }
}

#[test]
fn faults_without_end_have_one() {
    run(Engine::Sqlite, async |server: Server| {
        let unknown: serde_json::Map<String, Value> = (0..50_000).map(|number| (format!("f{number}"), Value::Null)).collect();
        for path in ["/api/v1/auth/token", "/api/v1/auth/refresh"] {
            server.client().post(path, Value::Object(unknown.clone())).await.expect_problem(413, "BODY_TOO_LARGE");
        }
        for path in [FACILITIES, PARTICIPANTS] {
            let problem = server.client().as_role("admin").post(path, Value::Object(unknown.clone())).await;
            assert!(problem.status == 422 && problem.text.len() < 100_000, "{}: {}", problem.status, problem.text.len());
            let told = faults(&problem.json);
            assert_eq!((told.len(), told.first().map(String::as_str)), (201, Some(" MORE_FAULTS")));
        }
    });
}
