//! Bodies for every route, made from the schemas of its own description: a right one, and ones that are wrong in every field at once.

use std::sync::atomic::{AtomicU64, Ordering};

use ksnik::api::guard::Access;
use ksnik::api::openapi;
use ksnik::api::routes::{self, Keys, Route};
use reqwest::RequestBuilder;
use serde_json::{Map, Value, json};

use super::support::client::Client;
use super::support::small_city::{PEOPLE, id_of};

/// What the document says of every text that has no other form: of short ones and of those with several lines.
const TEXTS: [&str; 2] = [ksnik::api::body::ONE_LINE, ksnik::api::body::LINES];

/// The first of those who may call a route.
pub fn caller_of(access: Access) -> &'static str {
    match access {
        Access::Anyone | Access::SignedIn | Access::OwnAccount => "admin",
        // The users of the small city are named by their roles.
        Access::Only(roles) => roles.first().expect("a role").as_str(),
    }
}

/// Routes that take a JSON body.
pub fn with_body() -> Vec<(Route, Value)> {
    routes::table().into_iter().filter_map(|route| schema_of(&route).map(|schema| (route, schema))).collect()
}

fn operation(route: &Route) -> &'static Value {
    &openapi::document()["paths"][route.path][route.method.as_str().to_lowercase()]
}

fn schema_of(route: &Route) -> Option<Value> {
    let schema = &operation(route)["requestBody"]["content"]["application/json"]["schema"];
    schema.is_object().then(|| resolved(schema))
}

/// A request as the route wants it but for its body: with a version where one is changed, and a key of its own where one is needed.
pub fn request(client: &Client, route: &Route, path: &str) -> RequestBuilder {
    static ASKED: AtomicU64 = AtomicU64::new(0);
    let request = client.request(route.method.as_str().parse().expect("a method"), path).header("If-Match", "\"1\"");
    match route.keys {
        Keys::Required => request.header("Idempotency-Key", format!("sample-{}", ASKED.fetch_add(1, Ordering::Relaxed))),
        Keys::Taken | Keys::NotNeeded | Keys::Refused => request,
    }
}

/// Does the route's description name this status?
pub fn declares(route: &Route, status: u16) -> bool {
    operation(route)["responses"].get(status.to_string()).is_some()
}

/// The path with something in place of its parameters.
pub fn filled(path: &str, id: &str) -> String {
    let parts: Vec<String> = path
        .split('/')
        .map(|part| match (part.find('{'), part.find('}')) {
            (Some(from), Some(to)) => format!("{}{id}{}", &part[..from], &part[to + 1..]),
            (None, _) | (_, None) => part.to_owned(),
        })
        .collect();
    parts.join("/")
}

/// The schema meant: behind references, and behind "or null".
pub fn resolved(schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        let pointer = name.strip_prefix('#').expect("a reference into the document");
        return resolved(openapi::document().pointer(pointer).expect("what is referred to"));
    }
    match schema["oneOf"].as_array() {
        Some(choices) => {
            let meant = choices.iter().find(|choice| choice["type"] != "null").expect("a choice");
            resolved(meant)
        }
        None => schema.clone(),
    }
}

fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").expect("a type"),
        kind => kind.as_str().expect("a type"),
    }
}

/// A body that the route takes: what its schema requires, and what sense requires beside it.
pub fn body(route: &Route) -> Option<Value> {
    let schema = schema_of(route)?;
    let mut body = sample("", &schema);
    let sense = match (route.method.as_str(), route.path) {
        ("POST", "/api/v1/facilities") => json!({"kind": "clinic"}),
        ("PATCH", "/api/v1/participants/{id}" | "/api/v1/users/{id}" | "/api/v1/service-accounts/{id}" | "/api/v1/facilities/{id}") => {
            json!({"name": "Contoh Baru"})
        }
        ("POST", "/api/v1/service-accounts") => json!({"role": "clinic", "facility_id": id_of("klinik")}),
        ("POST", "/api/v1/participants/lookup") => json!({"nik": PEOPLE[0].0}),
        ("POST", "/api/v1/participants/search") => json!({"name": PEOPLE[0].1}),
        ("POST", "/api/v1/participants/{id}/events" | "/api/v1/participants/{id}/events/preview") => json!({"kind": "suspended"}),
        ("POST", "/api/v1/households") => {
            json!({"members": [with(sample("", &resolved(&schema["properties"]["members"]["items"])), json!({"relation": "head"}))]})
        }
        ("POST", "/api/v1/households/{id}/events") => json!({"kind": "renumbered", "new_kk_number": "3275012001159009"}),
        ("POST", "/api/v1/enrollments") => json!({"nik": PEOPLE[0].0, "filed_by": {"kind": "officer"}}),
        ("POST", "/api/v1/enrollments/batch") => json!({"items": [{"nik": PEOPLE[0].0}], "filed_by": {"kind": "officer"}}),
        ("POST", "/api/v1/reconciliation-findings/decisions") => json!({"ids": [id_of(PEOPLE[0].0)]}),
        ("POST", "/api/v1/eligibility-checks") => json!({"nik": PEOPLE[0].0}),
        ("POST", "/api/v1/eligibility-checks/{id}/papers") => json!({"kind": "dinsos_letter"}),
        ("POST", "/api/v1/card-batches") => json!({"enrollment_ids": [id_of("klinik")]}),
        ("POST", "/api/v1/participants/newborns") => json!({"mother_nik": PEOPLE[0].0}),
        ("POST", "/api/v1/eligibility-checks/batch") => json!({"checks": [{"nik": PEOPLE[0].0, "care_type": "primary"}]}),
        ("POST", "/api/v1/referrals" | "/api/v1/referrals/lookup") => json!({"nik": PEOPLE[0].0}),
        _ => json!({}),
    };
    body = with(body, sense);
    Some(body)
}

fn with(mut body: Value, more: Value) -> Value {
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    body
}

/// The smallest value that a schema takes.
pub fn sample(name: &str, schema: &Value) -> Value {
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    if let Some(word) = schema["enum"].as_array().and_then(|words| words.first()) {
        return word.clone();
    }
    match kind(schema) {
        "object" => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            Value::Object(required.map(|name| (name.to_owned(), sample(name, &resolved(&schema["properties"][name])))).collect())
        }
        "array" => json!([sample(name, &resolved(&schema["items"]))]),
        "string" => text(name, schema).into(),
        "integer" => schema["minimum"].as_i64().unwrap_or(1).into(),
        "boolean" => true.into(),
        other => panic!("no sample of type {other} for {name}"),
    }
}

fn text(name: &str, schema: &Value) -> &'static str {
    match (name, schema["format"].as_str(), schema["pattern"].as_str()) {
        (_, Some("date"), _) => "2021-03-04",
        (_, Some("date-time"), _) => "2021-03-04T05:06:07Z",
        (_, Some("uuid"), _) => "0190a000-0000-7000-8000-000000000000",
        ("kk_number" | "new_kk_number", ..) => "3275012001159007",
        (_, _, Some("^[0-9]{16}$")) => "3275015502909001",
        (_, _, Some("^[0-9]{10}$")) => "3275011001",
        (_, _, Some("^[0-9]{1,3}$")) => "003",
        ("username", ..) => "contoh",
        (name, ..) if name.contains("password") => "kuda lumping berlari 7",
        (_, _, Some(pattern)) if !TEXTS.contains(&pattern) => panic!("give {name} an example: nothing here knows a text for {pattern}"),
        (..) => "Contoh",
    }
}

/// One way to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    Missing,
    Unknown,
    OfAnotherType,
    TooLong,
    TooShort,
    TooLarge,
    TooSmall,
    NoSuchWord,
    OutOfForm,
}

impl Wrong {
    pub const ALL: [Self; 9] = [
        Self::Missing,
        Self::Unknown,
        Self::OfAnotherType,
        Self::TooLong,
        Self::TooShort,
        Self::TooLarge,
        Self::TooSmall,
        Self::NoSuchWord,
        Self::OutOfForm,
    ];

    /// Makes every field wrong for which there is such a way, and says which ones. `deep` goes into objects and lists.
    pub fn spoil(self, schema: &Value, body: &mut Value, deep: bool) -> Vec<String> {
        let mut spoilt = Vec::new();
        self.spoil_object(schema, body, "", deep, &mut spoilt);
        spoilt
    }

    fn spoil_object(self, schema: &Value, body: &mut Value, at: &str, deep: bool, spoilt: &mut Vec<String>) {
        let fields = body.as_object_mut().expect("an object");
        match self {
            Self::Missing => {
                for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                    fields.remove(name);
                    spoilt.push(format!("{at}/{name}"));
                }
            }
            Self::Unknown => {
                fields.insert("no_such_field".into(), 1.into());
                spoilt.push(format!("{at}/no_such_field"));
            }
            _ => {
                for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                    if let Some(value) = self.spoilt(&resolved(schema)) {
                        fields.insert(name.clone(), value);
                        spoilt.push(format!("{at}/{name}"));
                    }
                }
            }
        }
        if deep {
            self.spoil_inside(schema, fields, at, spoilt);
        }
    }

    fn spoil_inside(self, schema: &Value, fields: &mut Map<String, Value>, at: &str, spoilt: &mut Vec<String>) {
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            let place = format!("{at}/{name}");
            let schema = resolved(schema);
            if spoilt.contains(&place) || schema.get("enum").is_some() {
                continue;
            }
            match kind(&schema) {
                "object" if schema["properties"].is_object() => {
                    let inner = fields.entry(name.clone()).or_insert_with(|| sample(name, &schema));
                    self.spoil_object(&schema, inner, &place, true, spoilt);
                }
                "array" if kind(&resolved(&schema["items"])) == "object" => {
                    let inner = fields.entry(name.clone()).or_insert_with(|| sample(name, &schema));
                    self.spoil_object(&resolved(&schema["items"]), &mut inner[0], &format!("{place}/0"), true, spoilt);
                }
                _ => {}
            }
        }
    }

    /// A value that is wrong in this way for a field of this schema, if there is one.
    fn spoilt(self, schema: &Value) -> Option<Value> {
        let number = |name: &str| schema[name].as_i64();
        let is_text = kind(schema) == "string";
        let is_free = is_text && schema.get("enum").is_none() && schema.get("format").is_none();
        let count = |name: &str| schema[name].as_u64().and_then(|count| usize::try_from(count).ok());
        match self {
            Self::Missing | Self::Unknown => None,
            Self::OfAnotherType => Some(match kind(schema) {
                "string" => json!(3275015502909001_i64),
                "object" => json!([]),
                "array" => json!({}),
                _ => json!("x"),
            }),
            Self::TooLong if is_free => count("maxLength").map(|most| "x".repeat(most + 1).into()),
            Self::TooLong => count("maxItems").map(|most| vec![sample("", &resolved(&schema["items"])); most + 1].into()),
            Self::TooShort if is_free => count("minLength").filter(|least| *least > 0).map(|_| "".into()),
            Self::TooShort => count("minItems").filter(|least| *least > 0).map(|_| json!([])),
            Self::TooLarge => number("maximum").map(|most| (most + 1).into()),
            Self::TooSmall => number("minimum").map(|least| (least - 1).into()),
            Self::NoSuchWord => schema.get("enum").map(|_| "no_such_word".into()),
            Self::OutOfForm => match (schema["format"].as_str(), schema["pattern"].as_str()) {
                (Some("date"), _) => Some("2026-02-30".into()),
                (Some("date-time"), _) => Some("yesterday".into()),
                (Some("uuid"), _) => Some("3275015502909001".into()),
                (_, Some(pattern)) if TEXTS.contains(&pattern) => Some("a\0b".into()),
                (_, Some(_)) => Some("!".into()),
                (_, None) => None,
            },
        }
    }
}
