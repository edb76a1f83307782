//! The OpenAPI document, made from the routes table and the types of requests and answers. What all operations share is added here, once.

use std::sync::OnceLock;

use actix_web::http::Method;
use serde_json::{Value, json};
use utoipa::OpenApi;

use super::body::{LINES, ONE_LINE, SEVERAL_LINES};
use super::guard::Access;
use super::routes::Keys;
use super::{edge, idempotency, routes};

/// The document as it is served at `GET /openapi.json`.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(build)
}

fn build() -> Value {
    let mut api = routes::Documented::openapi();
    api.merge(Shared::openapi());
    // A struct of plain maps and texts always has a JSON form.
    let mut document = serde_json::to_value(&api).unwrap_or_default();
    document["info"] = json!({
        "title": "ksnik",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Health-card eligibility keyed by the national identity number (NIK). Errors are problem documents (RFC 9457); `Accept-Language: id` (default) or `en` chooses the language of texts.",
        "license": { "name": "MIT" },
    });
    document["components"]["securitySchemes"] = json!({ "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } });
    for route in routes::table() {
        let method = route.method.as_str().to_lowercase();
        let Some(operation) = document["paths"][route.path].get_mut(&method) else { continue };
        complete(operation, &route);
    }
    for route in routes::table() {
        link(&mut document, &route);
    }
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.values_mut().for_each(forbid_hidden_signs);
    }
    document
}

/// What was made is read under its own path: the answer's field of the same name is the path's last part.
fn link(document: &mut Value, route: &routes::Route) {
    let Some((list, name)) = route.path.strip_suffix('}').and_then(|path| path.rsplit_once("/{")) else { return };
    if route.method != Method::GET || list.contains('{') {
        return;
    }
    let escaped = |path: &str| path.replace('~', "~0").replace('/', "~1");
    let reference = format!("#/paths/{}/get", escaped(route.path));
    for status in ["201", "202"] {
        if let Some(made) = document.pointer_mut(&format!("/paths/{}/post/responses/{status}", escaped(list))) {
            made["links"] = json!({ "read": { "operationRef": reference, "parameters": { name: format!("$response.body#/{name}") } } });
        }
    }
}

/// What texts go into, papers and lists, shows them as they are written: nothing in them may hide or turn around what stands beside it. Only what a request
/// may hold has a longest length, so nothing is said of answers.
fn forbid_hidden_signs(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            let longest = fields.get("maxLength").and_then(Value::as_u64);
            if let Some(longest) = longest.filter(|_| !["pattern", "format", "enum"].iter().any(|name| fields.contains_key(*name))) {
                fields.insert("pattern".into(), if longest < SEVERAL_LINES { ONE_LINE } else { LINES }.into());
            }
            fields.values_mut().for_each(forbid_hidden_signs);
        }
        Value::Array(values) => values.iter_mut().for_each(forbid_hidden_signs),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Types that no operation names by itself.
#[derive(OpenApi)]
#[openapi(components(schemas(super::problem::ProblemDocument)))]
struct Shared;

/// Adds what every operation of its kind may answer and read.
fn complete(operation: &mut Value, route: &routes::Route) {
    let has_body = operation.get("requestBody").is_some();
    let invalid = match route.keys {
        Keys::Taken | Keys::Required | Keys::NotNeeded => "understood, and invalid: every fault is listed",
        Keys::Refused => "understood, and invalid: every fault is listed; `IDEMPOTENCY_KEY_NOT_TAKEN`: the answer shows a secret, and is not kept",
    };
    let mut statuses = vec![
        ("405", "the path exists, the method does not"),
        ("500", "a fault of the service"),
        ("422", invalid),
        ("503", "busy or starting: try again after `Retry-After` seconds"),
    ];
    if route.path.contains('{') {
        statuses.push(("404", "not there, or not yours to see"));
    }
    if has_body {
        statuses.extend([
            ("400", "the body is not readable"),
            ("408", "the body came too slowly"),
            ("413", "the body is too large"),
            ("415", "the body is not JSON by its content type"),
        ]);
    }
    if route.method == Method::PATCH {
        statuses.extend([("412", "changed since it was read"), ("428", "`If-Match` is missing")]);
    }
    let takes_key = matches!(route.keys, Keys::Taken | Keys::Required);
    if route.keys == Keys::Required {
        statuses.push(("400", "the body is not readable, or `IDEMPOTENCY_KEY_MISSING`"));
    }
    if takes_key {
        statuses.push(("409", "the first request with this `Idempotency-Key` is still running: try again after `Retry-After` seconds"));
    }
    match route.access {
        Access::Anyone => {}
        Access::SignedIn | Access::OwnAccount | Access::Only(_) => {
            statuses.extend([("401", "no valid access token"), ("403", "not for this role")]);
            operation["security"] = json!([{ "bearer": [] }]);
        }
    }
    if let Access::Only(roles) = route.access {
        let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        let described = operation["description"].as_str().unwrap_or_default();
        operation["description"] = json!(format!("{described}\n\nRoles: {}.", names.join(", ")).trim_start());
        operation["x-roles"] = json!(names);
    }
    let problem = json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/ProblemDocument" } } });
    for (status, description) in statuses {
        if operation["responses"].get(status).is_none() {
            operation["responses"][status] = json!({ "description": description });
        }
    }
    if let Some(responses) = operation["responses"].as_object_mut() {
        for (_, response) in responses.iter_mut().filter(|(status, _)| status.as_str() >= "400") {
            if response.get("content").is_none() {
                response["content"] = problem.clone();
            }
        }
    }
    let shared = [
        ("Accept-Language", "Language of texts: `id` (default) or `en`."),
        ("X-Purpose", "Why a person's data is read: treatment, registration, claim, audit, complaint."),
        ("X-Actor", "The clerk at the facility, for the audit log. UTF-8."),
    ];
    let mut parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    if route.method == Method::PATCH {
        parameters.push(json!({
            "name": "If-Match", "in": "header", "required": true, "description": "The `ETag` of what was read.",
            "schema": { "type": "string", "example": "\"1\"" },
        }));
    }
    if takes_key {
        parameters.push(json!({
            "name": idempotency::HEADER, "in": "header", "required": route.keys == Keys::Required,
            "description": "The same key with the same body is done once, and answered the same for 30 days (`Idempotency-Replayed: true`).",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
        }));
    }
    let parameters = parameters.into_iter().chain(shared.into_iter().map(|(name, description)| {
        let schema = match name {
            "X-Purpose" => json!({ "type": "string", "enum": ["treatment", "registration", "claim", "audit", "complaint"] }),
            "X-Actor" => json!({ "type": "string", "maxLength": edge::ACTOR_LONGEST, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$" }),
            _ => json!({ "type": "string" }),
        };
        json!({ "name": name, "in": "header", "required": false, "description": description, "schema": schema })
    }));
    operation["parameters"] = Value::Array(parameters.collect());
}
