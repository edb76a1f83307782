//! The description of the API and the API are one: its paths, its limits, and what it answers to what it forbids.

use std::collections::BTreeSet;
use std::path::Path;

use ksnik::api::{openapi, routes};
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::samples::{Wrong, body, caller_of, declares, filled, request, resolved, with_body};
use super::support::client::{Answer, Client};
use super::support::databases::Engine;
use super::support::run;
use super::support::server::Server;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

fn document() -> &'static Value {
    openapi::document()
}

fn paths() -> impl Iterator<Item = (&'static String, &'static Value)> {
    document()["paths"].as_object().expect("paths").iter()
}

#[test]
fn the_routes_are_the_documents_paths_and_methods() {
    let routed: BTreeSet<(String, String)> = routes::table().iter().map(|route| (route.path.into(), route.method.as_str().to_lowercase())).collect();
    let described: BTreeSet<(String, String)> = paths()
        .flat_map(|(path, item)| METHODS.iter().filter(|method| item.get(**method).is_some()).map(move |method| (path.clone(), (*method).to_owned())))
        .collect();
    assert_eq!(routed, described);
    assert_eq!(routed.len(), routes::table().len(), "a route stands twice in the table");
}

/// What is described is what the pattern says, and ids within a thing say whose they are.
#[test]
fn every_parameter_of_a_path_is_described_by_its_name() {
    let mut seen = BTreeSet::new();
    for (path, item) in paths() {
        let in_path: BTreeSet<&str> = path.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
        for (method, operation) in item.as_object().into_iter().flatten() {
            let parameters = operation["parameters"].as_array().into_iter().flatten().filter(|parameter| parameter["in"] == "path");
            let described: BTreeSet<&str> = parameters.filter_map(|parameter| parameter["name"].as_str()).collect();
            assert_eq!(described, in_path, "{method} {path}");
        }
        seen.extend(in_path);
    }
    let expected = ["change_id", "cid", "code", "event_id", "id", "kind", "month", "n", "number", "revision_id", "secret_id", "year"];
    assert_eq!(seen, BTreeSet::from(expected));
}

/// The header's description and what is taken are one.
#[test]
fn what_the_document_says_of_actors_is_what_is_taken() {
    let parameters = document()["paths"]["/api/v1/eligibility-checks"]["post"]["parameters"].as_array().expect("a list");
    let schema = &parameters.iter().find(|parameter| parameter["name"] == "X-Actor").expect("it is described")["schema"];
    let schema = jsonschema::validator_for(schema).expect("a schema");
    for (text, is_taken) in
        [("loket 2", true), ("Bidan Ayu é", true), (&"é".repeat(100), true), (&"x".repeat(101), false), ("a\tb", false), ("a\u{85}b", false)]
    {
        assert_eq!(schema.is_valid(&json!(text)), is_taken, "{text:?}");
    }
}

/// What stands in a URL stands in the logs of every proxy on the way.
#[test]
fn no_path_or_query_parameter_names_a_person_or_a_secret() {
    let forbidden = ["nik", "kk", "card", "token", "secret", "password", "name", "birth", "phone", "address", "mother"];
    let mut seen = 0;
    for (path, item) in paths() {
        let parameters = item.as_object().into_iter().flatten().flat_map(|(_, operation)| operation["parameters"].as_array().into_iter().flatten());
        let named = parameters.filter(|parameter| parameter["in"] != "header").filter_map(|parameter| parameter["name"].as_str());
        let in_path = path.split('{').skip(1).filter_map(|part| part.split('}').next());
        for name in named.chain(in_path) {
            seen += 1;
            // The id of a secret is none.
            let words: Vec<&str> = name.trim_end_matches("secret_id").split('_').collect();
            assert!(!words.iter().any(|word| forbidden.contains(word)), "{path} has the parameter {name}");
        }
    }
    assert!(seen > 50, "{seen} parameters were seen");
}

/// Names of the schemas that a request may hold, found from the bodies of all operations.
fn request_schemas() -> BTreeSet<String> {
    fn follow(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                if let Some(name) = fields.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix("#/components/schemas/"))
                    && found.insert(name.to_owned())
                {
                    follow(&document()["components"]["schemas"][name], found);
                }
                fields.values().for_each(|value| follow(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| follow(value, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found = BTreeSet::new();
    for (_, item) in paths() {
        for (_, operation) in item.as_object().into_iter().flatten() {
            follow(&operation["requestBody"], &mut found);
        }
    }
    found
}

#[test]
fn a_request_takes_no_unknown_field_and_no_text_without_end() {
    let mut boundless = Vec::new();
    let schemas = request_schemas();
    assert!(schemas.len() > 30, "{schemas:?}");
    for name in schemas {
        let schema = &document()["components"]["schemas"][&name];
        let Some(properties) = schema["properties"].as_object() else { continue };
        assert_eq!(schema["additionalProperties"], false, "{name} takes unknown fields");
        for (field, schema) in properties {
            let schema = resolved(schema);
            let is_text = schema["type"] == "string" || schema["type"].as_array().is_some_and(|kinds| kinds.contains(&json!("string")));
            let is_list = schema["type"] == "array" || schema["type"].as_array().is_some_and(|kinds| kinds.contains(&json!("array")));
            let bounds: &[&str] = if is_text { &["maxLength", "enum", "format"] } else { &["maxItems"] };
            let is_anchored = schema["pattern"].as_str().is_some_and(|pattern| pattern.ends_with("}$"));
            if (is_text || is_list) && !is_anchored && !bounds.iter().any(|bound| schema.get(*bound).is_some()) {
                boundless.push(format!("{name}.{field}"));
            }
        }
    }
    assert_eq!(boundless, Vec::<String>::new());
}

/// Two types of one name would be one schema, and one of them described wrongly.
#[test]
fn each_schema_has_a_name_of_its_own() {
    let words = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/words.rs")).expect("a source");
    let words = words.lines().filter(|line| line.starts_with("    ") && line.ends_with(',') && !line.contains(", "));
    let mut names: Vec<String> = words.filter_map(|line| line.trim_end_matches(',').rsplit([':', ' ']).next()).map(str::to_owned).collect();
    assert!(names.len() > 50, "{names:?}");
    for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = std::fs::read_to_string(&path).expect("a source");
        for item in text.split("#[derive(").skip(1).filter(|item| item.split(")]").next().is_some_and(|derived| derived.contains("ToSchema"))) {
            let declared = item.lines().map(|line| line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(crate) "));
            let name = declared.filter_map(|line| line.strip_prefix("struct ").or(line.strip_prefix("enum "))).next().expect("what is derived for");
            names.push(name.chars().take_while(|letter| letter.is_alphanumeric()).collect());
        }
    }
    assert!(names.len() > 250, "{}", names.len());
    names.sort();
    let twice: Vec<&String> = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
    assert_eq!(twice, Vec::<&String>::new());
}

fn sources(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect()
}

/// The validators' limits and the document's stand side by side in the sources, and are the same.
#[test]
fn every_limit_that_a_validator_keeps_stands_in_the_schema() {
    let mut compared = 0;
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api")).expect("the sources") {
        let path = entry.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("a source");
        let mut schema = String::new();
        for line in text.lines().map(str::trim) {
            if line.starts_with("#[schema(") {
                schema = line.to_owned();
            } else if let Some(limits) = line.strip_prefix("#[validate(") {
                for (limit, names) in limits_of(limits) {
                    compared += 1;
                    let stated = names.iter().any(|name| schema.contains(&format!("{name} = {limit}")));
                    assert!(stated, "{}: {line} says {limit}, the schema does not: {schema}", path.display());
                }
            } else if !line.starts_with("#[") && !line.starts_with("///") {
                schema.clear();
            }
        }
    }
    assert!(compared > 50, "{compared} limits were compared");
}

/// Each limit of a `validate` attribute, and how the schema may call it.
fn limits_of(attribute: &str) -> Vec<(String, Vec<&'static str>)> {
    let named = |name: &str| {
        let (_, rest) = attribute.split_once(&format!("{name} = "))?;
        Some(rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect::<String>())
    };
    let is_length = attribute.starts_with("length");
    let (least, most): (&[&'static str], &[&'static str]) =
        if is_length { (&["min_length", "min_items"], &["max_length", "max_items"]) } else { (&["minimum"], &["maximum"]) };
    let mut limits: Vec<(String, Vec<&'static str>)> = Vec::new();
    limits.extend(named("min").map(|limit| (limit, least.to_vec())));
    limits.extend(named("max").map(|limit| (limit, most.to_vec())));
    if let Some(exact) = named("equal") {
        limits.extend([(exact.clone(), vec!["min_length"]), (exact, vec!["max_length"])]);
    }
    limits
}

fn pointers(answer: &Answer) -> BTreeSet<String> {
    answer.json["errors"].as_array().into_iter().flatten().filter_map(|fault| fault["pointer"].as_str()).map(str::to_owned).collect()
}

async fn send(client: &Client, route: &routes::Route, body: &Value) -> Answer {
    let path = filled(route.path, "0190a000-0000-7000-8000-000000000000");
    client.send(request(client, route, &path).json(body)).await
}

/// Every body that breaks its schema in every field at once is told every field.
#[test]
fn what_the_document_forbids_is_told_by_pointer() {
    run(Engine::Sqlite, async |server: Server| {
        let mut wrong = Vec::new();
        let mut sent = 0;
        for (route, schema) in with_body() {
            let client = server.client().as_role(caller_of(route.access));
            // The items of a batch are judged one by one. Where one of two is asked for, it may be that alone which is told.
            let (deep, is_choice) = (!route.path.ends_with("/batch"), ["/api/v1/auth/token", "/api/v1/participants/lookup"].contains(&route.path));
            for way in Wrong::ALL {
                let mut body = body(&route).expect("a body");
                let spoilt = way.spoil(&schema, &mut body, deep);
                if spoilt.is_empty() {
                    continue;
                }
                sent += 1;
                let answer = send(&client, &route, &body).await;
                let told = pointers(&answer);
                let untold: Vec<&String> = spoilt.iter().filter(|pointer| !told.contains(*pointer)).collect();
                if answer.status != 422 || told.is_empty() || (!untold.is_empty() && !is_choice) {
                    wrong.push(format!("{} {} {way:?}: {} without {untold:?}: {}", route.method, route.path, answer.status, answer.text));
                }
            }
        }
        assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
        assert!(sent > 80, "{sent} bodies were sent");
    });
}

#[test]
fn what_is_no_object_or_no_json_at_all_is_refused_everywhere() {
    run(Engine::Sqlite, async |server: Server| {
        for (route, _) in with_body() {
            let client = server.client().as_role(caller_of(route.access));
            for (text, status, code) in
                [("[]", 422, None), ("null", 422, None), ("\"x\"", 422, None), ("", 400, Some("BODY_NOT_JSON")), ("{", 400, Some("BODY_NOT_JSON"))]
            {
                let path = filled(route.path, "0190a000-0000-7000-8000-000000000000");
                let answer = client.send(request(&client, &route, &path).header(CONTENT_TYPE, "application/json").body(text)).await;
                let what = format!("{} {} of {text:?}: {}", route.method, route.path, answer.text);
                assert_eq!(answer.status, status, "{what}");
                assert!(declares(&route, status), "{what}");
                assert!(code.is_none_or(|code| answer.json["code"] == code), "{what}");
            }
        }
    });
}
