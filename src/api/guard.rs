//! Who may call: the guard of each route, read from the same table as the routes themselves.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use std::future::{Ready, ready};

use super::State;
use super::problem::Problem;
use super::routes::served_as;
use crate::context::Context;
use crate::domain::roles::{Caller, Role};
use crate::error::{Code, Error};
use crate::service::App;

/// Who may call a route.
#[derive(Debug, Clone, Copy)]
pub enum Access {
    Anyone,
    /// Any role.
    SignedIn,
    /// Any role, even while the password must be changed first.
    OwnAccount,
    Only(&'static [Role]),
}

impl Access {
    pub fn allows(&self, caller: &Caller, method: &Method, path: &str) -> bool {
        match self {
            Self::Anyone | Self::SignedIn | Self::OwnAccount => true,
            Self::Only(roles) => {
                roles.contains(&caller.role)
                    // The counter of a Puskesmas may do what a clinic may.
                    || (caller.role == Role::Registrar && caller.facility_id.is_some() && roles.contains(&Role::Clinic))
                    // The auditor reads whatever an admin may read; two look-ups are POSTs only because a NIK may not stand in a URL.
                    || (caller.role == Role::Auditor
                        && roles.contains(&Role::Admin)
                        && (method == Method::GET || path.ends_with("/participants/lookup") || path.ends_with("/participants/search")))
            }
        }
    }
}

/// Lets a request through, or answers 401 and 403. The caller goes into the context, so a handler cannot forget to ask.
pub async fn guard<B: MessageBody>(
    access: Access,
    state: web::Data<State>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    match admit(access, &state.0, &request) {
        Ok(()) => Ok(next.call(request).await?.map_into_left_body()),
        // A response rather than an error: only a response still reaches the edge, which renders it.
        Err(error) => Ok(request.error_response(Problem(error)).map_into_right_body()),
    }
}

/// The access token that a request brings.
pub fn bearer(headers: &header::HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then_some(token)
}

fn admit(access: Access, app: &App, request: &ServiceRequest) -> Result<(), Error> {
    if matches!(access, Access::Anyone) {
        return Ok(());
    }
    app.ready()?;
    let now = request.extensions().get::<Context>().map(|context| context.now).ok_or_else(|| Error::internal("a request without a context"))?;
    let signed_in = bearer(request.headers()).map_or(Err(Error::refused(Code::SignInRequired)), |token| app.authenticate(token, now))?;
    if signed_in.must_change_password && !matches!(access, Access::OwnAccount) {
        return Err(Error::refused(Code::PasswordChangeRequired));
    }
    let pattern = request.match_pattern().unwrap_or_default();
    if !access.allows(&signed_in.caller, &served_as(request.method()), &pattern) {
        metrics::counter!("ksnik_denied_total", "role" => signed_in.caller.role.as_str(), "route" => pattern).increment(1);
        return Err(Error::refused(Code::NotAllowed));
    }
    if let Some(context) = request.extensions_mut().get_mut::<Context>() {
        context.caller = Some(signed_in.caller);
    }
    Ok(())
}

/// The context of a request whose caller the guard has let in.
pub struct Asked {
    pub context: Context,
    pub caller: Caller,
}

impl FromRequest for Asked {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let context = request.extensions().get::<Context>().cloned();
        ready(match context.and_then(|context| context.caller.map(|caller| Self { caller, context })) {
            Some(asked) => Ok(asked),
            None => Err(Problem(Error::refused(Code::SignInRequired)).into()),
        })
    }
}

/// The context of a request that anyone may make.
pub struct Unasked(pub Context);

impl FromRequest for Unasked {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let context = request.extensions().get::<Context>().cloned();
        ready(context.map(Self).ok_or_else(|| Problem(Error::internal("a request without a context")).into()))
    }
}
