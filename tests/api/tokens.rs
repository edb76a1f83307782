//! Access tokens: whatever is not one of ours, valid now, gets one answer; and new keys sign nobody out.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::Duration;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use ksnik::domain::id::Id;
use ksnik::service::keys::{self, KeyPurpose};
use serde_json::{Value, json};

use super::support::client::Answer;
use super::support::house::House;
use super::support::small_city::id_of;
use super::support::{on_both, product};

/// A token of the seeded admin, valid now, as parts to alter.
struct Forge<'a> {
    house: &'a House,
    header: Value,
    claims: Value,
}

impl<'a> Forge<'a> {
    fn new(house: &'a House) -> Self {
        let context = house.app.context();
        let keyring = house.app.pool.shared().keyring();
        let token = house.app.issue_token(&keyring, id_of("admin"), None, context.new_id(), context.now).expect("a key").0;
        let part = |at: usize| {
            let text = token.split('.').nth(at).expect("three parts");
            serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64")).expect("JSON")
        };
        Self { house, header: part(0), claims: part(1) }
    }

    fn with(&self, header: Value, claims: Value) -> Self {
        let merged = |base: &Value, changes: Value| {
            let mut base = base.clone();
            for (name, value) in changes.as_object().expect("an object") {
                match value {
                    Value::Null => base.as_object_mut().expect("an object").remove(name),
                    value => base.as_object_mut().expect("an object").insert(name.clone(), value.clone()),
                };
            }
            base
        };
        Self { house: self.house, header: merged(&self.header, header), claims: merged(&self.claims, claims) }
    }

    fn unsigned(&self) -> String {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}", part(&self.header), part(&self.claims))
    }

    /// Signed with a key of Ed25519, whatever the header says.
    fn signed_by(&self, pkcs8: &[u8]) -> String {
        let message = self.unsigned();
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &EncodingKey::from_ed_der(pkcs8), Algorithm::EdDSA).expect("a signature");
        format!("{message}.{signature}")
    }

    fn signed(&self) -> String {
        self.signed_by(self.house.app.pool.shared().keyring().signing_token_key().expect("a key").pkcs8())
    }
}

fn seen(answer: Answer) -> (u16, Value) {
    let mut json = answer.json;
    json.as_object_mut().expect("a problem document").remove("instance");
    (answer.status, json)
}

on_both!(every_token_that_is_not_ours_gets_one_answer);
async fn every_token_that_is_not_ours_gets_one_answer(house: House) {
    let forge = Forge::new(&house);
    let keyring = house.app.pool.shared().keyring();
    let public = keyring.signing_token_key().expect("a key").public.clone();
    let checkpoint = keyring.signing_checkpoint_key().expect("a key");
    let foreign = aws_lc_rs::signature::Ed25519KeyPair::generate_pkcs8v1(&aws_lc_rs::rand::SystemRandom::new()).expect("a key");
    let foreign_public = BASE64_URL_SAFE_NO_PAD.encode(&foreign.as_ref()[foreign.as_ref().len() - 32..]);
    let now = house.app.context().now.unix_seconds();
    let none = |name: &str| format!("{}.", forge.with(json!({"alg": name, "typ": "at+jwt"}), json!({})).unsigned());
    let hs256 = {
        let header = Header { typ: Some("at+jwt".into()), kid: forge.header["kid"].as_str().map(str::to_owned), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &forge.claims, &EncodingKey::from_secret(&public)).expect("a token")
    };
    let tampered = {
        let token = forge.signed();
        let parts: Vec<&str> = token.split('.').collect();
        let claims = forge.with(json!({}), json!({"sub": id_of("auditor")})).unsigned();
        format!("{}.{}.{}", parts[0], claims.split('.').nth(1).expect("claims"), parts[2])
    };
    let kid = |kid: &str| forge.with(json!({ "kid": kid }), json!({})).signed();
    let claims = |changes: Value| forge.with(json!({}), changes).signed();
    house.user("siti", "registrar", None).await;
    let (_, refresh_token) = house.session("siti").await;
    let attacks: Vec<(&str, String)> = vec![
        ("alg none", none("none")),
        ("alg NoNe", none("NoNe")),
        ("alg none with our signature", forge.with(json!({"alg": "none"}), json!({})).signed()),
        ("HS256 with the public key", hs256),
        ("alg of another family", forge.with(json!({"alg": "ES256"}), json!({})).signed()),
        ("key of another purpose", forge.with(json!({"kid": format!("k{}", checkpoint.id)}), json!({})).signed_by(checkpoint.pkcs8())),
        ("kid of the key that seals", kid("k1")),
        ("kid of the key that indexes", kid("k2")),
        ("kid of a key to come", kid("k99")),
        ("kid is a path", kid("../../../../dev/null")),
        ("kid is SQL", kid("k3' OR '1'='1")),
        ("kid with NUL", kid("k3\0")),
        ("kid empty", kid("")),
        ("kid missing", forge.with(json!({"kid": null}), json!({})).signed()),
        ("kid is a number", forge.with(json!({"kid": 3}), json!({})).signed()),
        ("another type", forge.with(json!({"typ": "JWT"}), json!({})).signed()),
        ("no type", forge.with(json!({"typ": null}), json!({})).signed()),
        ("expired", claims(json!({"exp": now - 1}))),
        ("expires this second", claims(json!({"exp": now}))),
        ("not yet valid", claims(json!({"nbf": now + 60}))),
        ("exp missing", claims(json!({"exp": null}))),
        ("nbf missing", claims(json!({"nbf": null}))),
        ("exp is a string", claims(json!({"exp": (now + 600).to_string()}))),
        ("exp is a fraction", claims(json!({"exp": 1e30}))),
        ("another audience", claims(json!({"aud": "other-api"}))),
        ("audience missing", claims(json!({"aud": null}))),
        ("another issuer", claims(json!({"iss": "ksnik-demo"}))),
        ("issuer missing", claims(json!({"iss": null}))),
        ("subject missing", claims(json!({"sub": null}))),
        ("subject is no id", claims(json!({"sub": "admin"}))),
        ("a user who is not there", claims(json!({"sub": Id::from_bytes([9; 16])}))),
        ("tampered", tampered),
        ("signed by a stranger", forge.signed_by(foreign.as_ref())),
        (
            "brings its own key",
            forge.with(json!({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": foreign_public}}), json!({})).signed_by(foreign.as_ref()),
        ),
        ("says where its key is", forge.with(json!({"jku": "https://example.org/keys", "x5u": "file:///"}), json!({})).signed_by(foreign.as_ref())),
        ("a refresh token", refresh_token),
        ("not signed", forge.unsigned()),
        ("cut off", forge.signed()[..60].to_owned()),
        ("nothing", String::new()),
        ("dots", "..".to_owned()),
    ];
    let stranger = seen(house.stranger().get("/api/v1/users").await);
    assert_eq!((stranger.0, &stranger.1["code"]), (401, &json!("SIGN_IN_REQUIRED")));
    for (name, token) in attacks {
        assert_eq!(seen(house.stranger().with_token(token).get("/api/v1/users").await), stranger, "{name}");
    }
    house.stranger().with_token(forge.signed()).get("/api/v1/users").await.expect(200);
}

on_both!(a_token_is_good_for_a_quarter_of_an_hour);
async fn a_token_is_good_for_a_quarter_of_an_hour(house: House) {
    let admin = house.admin();
    house.clock.forward(Duration::seconds(898));
    admin.get("/api/v1/me").await.expect(200);
    house.clock.forward(Duration::seconds(3));
    admin.get("/api/v1/me").await.expect_problem(401, "SIGN_IN_REQUIRED");
}

fn kid(token: &str) -> String {
    let header = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').next().expect("a header")).expect("base64");
    serde_json::from_slice::<Value>(&header).expect("JSON")["kid"].as_str().expect("a kid").to_owned()
}

on_both!(new_keys_sign_nobody_out);
async fn new_keys_sign_nobody_out(house: House) {
    house.user("siti", "registrar", None).await;
    let (before, refresh_token) = house.session("siti").await;
    let published = async || {
        let published = house.stranger().get("/.well-known/jwks.json").await.expect(200);
        let kids = published["keys"].as_array().expect("keys").iter().filter_map(|key| key["kid"].as_str());
        kids.filter(|kid| kid.starts_with('k')).count()
    };
    assert_eq!(published().await, 1);

    // Another process over the same database, as `ksnik keys rotate` is one.
    let other = product::app(product::settings(house.server.database().url(), &[]), house.clock.clone());
    let mut db = other.pool.connect().expect("a database");
    ksnik::service::housekeeping::prepare(&other, &mut db).expect("keys");
    let begun = std::time::Instant::now();
    let id = keys::rotate(&mut db, &other.settings, &other.context(), KeyPurpose::Token).expect("a new key");
    keys::rotate(&mut db, &other.settings, &other.context(), KeyPurpose::Data).expect("a new key");
    while published().await < 2 {
        assert!(begun.elapsed() < std::time::Duration::from_secs(1), "the server did not hear of the new key");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }

    before.get("/api/v1/me").await.expect(200);
    let after = house.refresh_from("198.51.100.1", &refresh_token).await.expect(200);
    let token = after["access_token"].as_str().expect("a token");
    assert_eq!(kid(token), format!("k{id}"));
    house.stranger().with_token(token).get("/api/v1/me").await.expect(200);
    house.user("budi", "registrar", None).await;
}
