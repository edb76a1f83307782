//! What can go wrong, without HTTP: sorted by who must act. `api/problem.rs` alone knows the status codes and the texts.

use std::borrow::Cow;

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller can mend it: every fault of the request at once.
    #[error("the request has {} fault(s)", .0.len())]
    Invalid(Vec<Fault>),
    /// The request is understood and refused, with a stable code.
    #[error("refused: {}", .0.code)]
    Refused(Refusal),
    /// Nobody's mistake and it will pass: try again.
    #[error("busy: {0}")]
    Busy(&'static str),
    /// A commit whose answer was lost: neither success nor failure may be claimed.
    #[error("the outcome is not known")]
    InDoubt,
    #[error(transparent)]
    Storage(#[from] StorageFault),
    /// Only whoever runs the service can mend it, and trying again will not. The text is for them.
    #[error("{0}")]
    Unusable(String),
    /// Ours to mend. The text is for the log and holds no person's data.
    #[error("internal: {0}")]
    Internal(Cow<'static, str>),
}

/// What a database can do to us, without its own types.
#[derive(Debug, thiserror::Error)]
pub enum StorageFault {
    #[error("the connection is gone: {0}")]
    Gone(String),
    #[error("a conflict between transactions: {0}")]
    Conflict(String),
    #[error("a row that must be there is missing")]
    Missing,
    #[error("the database refused: {0}")]
    Refused(String),
}

/// One fault of a request: where, what, and the values that its text may name (limits, never what was sent).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub at: At,
    pub code: Cow<'static, str>,
    pub args: Vec<(&'static str, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// JSON pointer into the body.
    Pointer(String),
    Parameter(String),
    Header(&'static str),
}

impl Fault {
    pub fn at(pointer: impl Into<String>, code: impl Into<Cow<'static, str>>) -> Self {
        Self { at: At::Pointer(pointer.into()), code: code.into(), args: Vec::new() }
    }

    pub fn parameter(name: impl Into<String>, code: impl Into<Cow<'static, str>>) -> Self {
        Self { at: At::Parameter(name.into()), code: code.into(), args: Vec::new() }
    }

    pub fn header(name: &'static str, code: impl Into<Cow<'static, str>>) -> Self {
        Self { at: At::Header(name), code: code.into(), args: Vec::new() }
    }

    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Invalid(vec![fault])
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    pub code: Code,
    /// Seconds after which trying again makes sense.
    pub retry_after: Option<u32>,
    /// What the code promises beside the text, such as the id of the record in the way.
    pub more: Option<serde_json::Value>,
}

impl Error {
    pub fn refused(code: Code) -> Self {
        Self::Refused(Refusal { code, retry_after: None, more: None })
    }

    pub fn throttled(code: Code, seconds: u32) -> Self {
        Self::Refused(Refusal { code, retry_after: Some(seconds), more: None })
    }

    pub fn conflict(code: Code, more: serde_json::Value) -> Self {
        Self::Refused(Refusal { code, retry_after: None, more: Some(more) })
    }

    pub fn internal(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Internal(text.into())
    }
}

macro_rules! codes {
    ($($(#[$meta:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        /// The stable codes of refusals, listed at `GET /api/v1/problem-codes`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$meta])* $variant),+ }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$variant),+];
            pub const fn as_str(self) -> &'static str { match self { $(Code::$variant => $text),+ } }
        }
    };
}

codes! {
    InvalidRequest = "INVALID_REQUEST",
    BodyNotJson = "BODY_NOT_JSON",
    BodyUnreadable = "BODY_UNREADABLE",
    BodyTooLarge = "BODY_TOO_LARGE",
    BodyTooSlow = "BODY_TOO_SLOW",
    MediaTypeNotSupported = "MEDIA_TYPE_NOT_SUPPORTED",
    MethodNotAllowed = "METHOD_NOT_ALLOWED",
    NotFound = "NOT_FOUND",
    SignInRequired = "SIGN_IN_REQUIRED",
    SignInFailed = "SIGN_IN_FAILED",
    SignInLocked = "SIGN_IN_LOCKED",
    PasswordChangeRequired = "PASSWORD_CHANGE_REQUIRED",
    NotAllowed = "NOT_ALLOWED",
    FacilityRequired = "FACILITY_REQUIRED",
    NikAlreadyRegistered = "NIK_ALREADY_REGISTERED",
    NewbornAlreadyRegistered = "NEWBORN_ALREADY_REGISTERED",
    BirthOrderConflict = "BIRTH_ORDER_CONFLICT",
    KkAlreadyRegistered = "KK_ALREADY_REGISTERED",
    CardAlreadyRegistered = "CARD_ALREADY_REGISTERED",
    UsernameTaken = "USERNAME_TAKEN",
    FacilityCodeTaken = "FACILITY_CODE_TAKEN",
    ContractOverlaps = "CONTRACT_OVERLAPS",
    JknPeriodOverlaps = "JKN_PERIOD_OVERLAPS",
    ScheduleIsPublished = "TARIFF_SCHEDULE_PUBLISHED",
    ScheduleIsEmpty = "TARIFF_SCHEDULE_EMPTY",
    ScheduleNameInUse = "TARIFF_SCHEDULE_NAME_IN_USE",
    PublishesOwnSchedule = "PUBLISHES_OWN_SCHEDULE",
    TariffNotFound = "TARIFF_NOT_FOUND",
    StateConflict = "STATE_CONFLICT",
    /// The card waits to be printed in another batch.
    CardInPrint = "CARD_IN_PRINT",
    EnrollmentExists = "ENROLLMENT_EXISTS",
    TrackingLocked = "TRACKING_LOCKED",
    ReviewAlreadyOpen = "REVIEW_ALREADY_OPEN",
    ReviewNeedsPerson = "REVIEW_NEEDS_PERSON",
    CheckNotProvisional = "CHECK_NOT_PROVISIONAL",
    CheckCompleted = "CHECK_COMPLETED",
    CheckLapsed = "CHECK_LAPSED",
    CheckVoid = "CHECK_VOID",
    AlreadyExtended = "CHECK_ALREADY_EXTENDED",
    PaperAlreadyBrought = "PAPER_ALREADY_BROUGHT",
    CheckNotEligible = "CHECK_NOT_ELIGIBLE",
    CheckTooOld = "CHECK_TOO_OLD",
    /// The check's person is not in the registry yet.
    LetterNeedsPerson = "LETTER_NEEDS_PERSON",
    LetterNotCovered = "LETTER_NOT_COVERED",
    LetterExists = "LETTER_EXISTS",
    LetterState = "LETTER_STATE_CONFLICT",
    LetterAdmitted = "LETTER_ALREADY_ADMITTED",
    LetterNotAdmitted = "LETTER_NOT_ADMITTED",
    LetterDischarged = "LETTER_DISCHARGED",
    LetterExtendedEnough = "LETTER_EXTENDED_ENOUGH",
    ClaimNumberInUse = "CLAIM_NUMBER_IN_USE",
    AlreadyBilled = "ALREADY_BILLED",
    ClaimState = "CLAIM_STATE_CONFLICT",
    NotPaidByClaim = "NOT_PAID_BY_CLAIM",
    TakenByAnother = "CLAIM_TAKEN_BY_ANOTHER",
    DisputedAlready = "CLAIM_DISPUTED_ALREADY",
    DisputeTooLate = "DISPUTE_TOO_LATE",
    DisputeHasItsOwnDecision = "DISPUTE_HAS_ITS_OWN_DECISION",
    /// The code was answered otherwise before.
    ConfirmationAnswered = "CONFIRMATION_ANSWERED",
    ConfirmationLocked = "CONFIRMATION_LOCKED",
    EditNotBackTested = "EDIT_NOT_BACK_TESTED",
    PaymentState = "PAYMENT_STATE_CONFLICT",
    NothingToPay = "NOTHING_TO_PAY",
    TreasuryOrderInUse = "SP2D_IN_USE",
    NothingOwed = "NOTHING_OWED",
    DebtChanged = "DEBT_CHANGED",
    RecoveryState = "RECOVERY_STATE_CONFLICT",
    SecretsExhausted = "SECRETS_EXHAUSTED",
    LastAdmin = "LAST_ADMIN",
    BudgetExists = "BUDGET_EXISTS",
    CeilingBelowZero = "CEILING_BELOW_ZERO",
    ProposedByAnother = "PROPOSED_BY_ANOTHER",
    DecidesOwnRequest = "DECIDES_OWN_REQUEST",
    SecondDecisionByAnother = "SECOND_DECISION_BY_ANOTHER",
    IfMatchMissing = "IF_MATCH_MISSING",
    IfMatchStale = "IF_MATCH_STALE",
    IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED",
    IdempotencyKeyMissing = "IDEMPOTENCY_KEY_MISSING",
    IdempotencyInProgress = "IDEMPOTENCY_IN_PROGRESS",
    PersonNotSingledOut = "PERSON_NOT_SINGLED_OUT",
    TooManyUnknown = "TOO_MANY_UNKNOWN",
    ParticipantWithoutNik = "PARTICIPANT_WITHOUT_NIK",
    PopulationOfficeNotAsked = "POPULATION_OFFICE_NOT_ASKED",
    PopulationOfficeAway = "POPULATION_OFFICE_AWAY",
    Busy = "BUSY",
    InDoubt = "OUTCOME_UNKNOWN",
    Internal = "INTERNAL",
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
