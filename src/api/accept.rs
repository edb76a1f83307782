//! Which form of an answer the client would rather have (`Accept`, RFC 9110, section 12.5.1).

use actix_web::HttpRequest;
use actix_web::http::header::{Accept, Header, Quality};
use actix_web::mime::{self, Mime};

/// Would it rather have the one than the usual one? What it does not say, or says so that nobody can read it, is the usual one.
pub fn prefers(request: &HttpRequest, one: &Mime, usual: &Mime) -> bool {
    let Ok(Accept(mut accepted)) = Accept::parse(request) else { return false };
    let refuses_usual = accepted.iter().any(|item| item.quality == Quality::ZERO && item.item.essence_str() == usual.essence_str());
    accepted.retain(|item| item.quality > Quality::ZERO);
    let covers = |range: &Mime, what: &Mime| {
        (range.type_() == mime::STAR || range.type_() == what.type_()) && (range.subtype() == mime::STAR || range.subtype() == what.subtype())
    };
    // The best first; among equals those that say most.
    let ranked = Accept(accepted).ranked();
    ranked
        .iter()
        .find_map(|range| if covers(range, usual) && !refuses_usual { Some(false) } else { covers(range, one).then_some(true) })
        .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn what_is_preferred_is_answered() {
        for (accept, is_sheet) in [
            ("text/csv", true),
            ("text/csv; charset=utf-8", true),
            ("application/json, text/csv", false),
            ("text/csv, application/json", true),
            ("text/csv;q=0.5, application/json", false),
            ("application/json;q=0.5, text/csv;q=0.9", true),
            ("text/csv, */*;q=0.1", true),
            ("text/*", true),
            ("*/*", false),
            ("text/csv;q=0, */*", false),
            ("application/json;q=0, */*", true),
            ("text/csvs", false),
            ("nothing that anybody reads", false),
            ("", false),
        ] {
            let request = TestRequest::get().insert_header(("Accept", accept)).to_http_request();
            assert_eq!(prefers(&request, &mime::TEXT_CSV, &mime::APPLICATION_JSON), is_sheet, "{accept}");
        }
        assert!(!prefers(&TestRequest::get().to_http_request(), &mime::TEXT_CSV, &mime::APPLICATION_JSON));
    }
}
