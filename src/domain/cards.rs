//! Cards: what shows an enrolment. An enrolment outlives its cards: one is lost, and another takes its place under a number of its own.

use chrono::NaiveDate;

use super::enrollments::{EnrollmentStanding, EnrollmentState};
use super::text_enum::text_enum;

pub const CARD_NUMBER_MAX_CHARS: usize = 32;

text_enum! {
    CardState { NotPrinted = "not_printed", Printed = "printed", Delivered = "delivered", Blocked = "blocked" }
}

text_enum! {
    /// Why a card counts no longer.
    BlockReason { Lost = "lost", Stolen = "stolen", Damaged = "damaged", Forged = "forged", Replaced = "replaced" }
}

text_enum! {
    /// What happens to a card.
    CardEventKind {
        /// It was given a number.
        Issued = "issued",
        Printed = "printed",
        Delivered = "delivered",
        Lost = "lost",
        Stolen = "stolen",
        Damaged = "damaged",
        /// Somebody shows a copy of it.
        Forged = "forged",
        /// Another is given in its place.
        Replaced = "replaced",
    }
}

impl CardEventKind {
    pub const fn block_reason(self) -> Option<BlockReason> {
        match self {
            Self::Issued | Self::Printed | Self::Delivered => None,
            Self::Lost => Some(BlockReason::Lost),
            Self::Stolen => Some(BlockReason::Stolen),
            Self::Damaged => Some(BlockReason::Damaged),
            Self::Forged => Some(BlockReason::Forged),
            Self::Replaced => Some(BlockReason::Replaced),
        }
    }
}

impl CardState {
    /// The state after this; None where it is not possible. A card that is blocked never comes back.
    pub const fn after(self, kind: CardEventKind) -> Option<Self> {
        use CardEventKind as Kind;
        match (kind, self) {
            (Kind::Printed, Self::NotPrinted) => Some(Self::Printed),
            (Kind::Delivered, Self::Printed) => Some(Self::Delivered),
            // What was shown once for printing may be in somebody's hands, whatever was said of it since; a number alone needs no replacement.
            (Kind::Lost | Kind::Stolen | Kind::Forged, Self::NotPrinted | Self::Printed | Self::Delivered)
            | (Kind::Damaged | Kind::Replaced, Self::Printed | Self::Delivered) => Some(Self::Blocked),
            (Kind::Issued | Kind::Printed | Kind::Delivered | Kind::Lost | Kind::Stolen | Kind::Damaged | Kind::Forged | Kind::Replaced, _) => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardFault {
    NotPossible,
    /// It would lie before what happened earlier.
    BeforeEarlier,
}

/// What a card has been through. A date that nobody told is none: what was imported as delivered was delivered some day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardLife {
    pub state: CardState,
    pub block_reason: Option<BlockReason>,
    pub issued_on: Option<NaiveDate>,
    pub printed_on: Option<NaiveDate>,
    pub delivered_on: Option<NaiveDate>,
    /// The first date on which it no longer counts.
    pub blocked_on: Option<NaiveDate>,
}

impl CardLife {
    pub const fn new(state: CardState, issued_on: Option<NaiveDate>) -> Self {
        Self { state, block_reason: None, issued_on, printed_on: None, delivered_on: None, blocked_on: None }
    }

    pub fn after(self, kind: CardEventKind, date: NaiveDate) -> Result<Self, CardFault> {
        let state = self.state.after(kind).ok_or(CardFault::NotPossible)?;
        if [self.issued_on, self.printed_on, self.delivered_on].into_iter().flatten().any(|earlier| date < earlier) {
            return Err(CardFault::BeforeEarlier);
        }
        let next = Self { state, block_reason: kind.block_reason(), ..self };
        Ok(match state {
            CardState::NotPrinted => next,
            CardState::Printed => Self { printed_on: Some(date), ..next },
            CardState::Delivered => Self { delivered_on: Some(date), ..next },
            CardState::Blocked => Self { blocked_on: Some(date), ..next },
        })
    }

    /// How an enrolment stands for whoever shows this card of it: no longer than the card counted, and not before it was given.
    pub fn shows(&self, enrollment: EnrollmentStanding) -> EnrollmentStanding {
        let never_counted = enrollment.state != EnrollmentState::Active && enrollment.ended_on.is_none();
        let ended_on = [enrollment.ended_on, self.blocked_on].into_iter().flatten().min().filter(|_| !never_counted);
        EnrollmentStanding { card_state: self.state, issued_on: enrollment.issued_on.max(self.issued_on), ended_on, ..enrollment }
    }
}

/// The number of a card as people read it. Its last two digits tell a mistyped one (ISO 7064, MOD 97-10).
pub fn own_card_number(prefix: &str, year: i32, serial: i64) -> String {
    let number = format!("KS-{prefix}-{year}-{serial:06}");
    let check = check_digits(&number);
    format!("{number}-{check:02}")
}

/// Has it the form of our own numbers, and digits that do not fit? Numbers of other forms came from elsewhere and are not judged.
pub fn is_mistyped(prefix: &str, number: &str) -> bool {
    let Some((body, check)) = number.rsplit_once('-') else { return false };
    let Some((year, serial)) = body.strip_prefix("KS-").and_then(|rest| rest.strip_prefix(prefix)?.strip_prefix('-')?.split_once('-')) else {
        return false;
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_own = year.len() == 4 && (6..=12).contains(&serial.len()) && check.len() == 2 && [year, serial, check].into_iter().all(digits);
    is_own && check.parse() != Ok(check_digits(body))
}

/// Letters count as 10 to 35, as in an IBAN; hyphens count for nothing.
fn check_digits(number: &str) -> u32 {
    let remainder = number.chars().filter_map(|character| character.to_digit(36)).fold(0, |so_far, value| {
        let shifted = if value < 10 { so_far * 10 } else { so_far * 100 };
        (shifted + value) % 97
    });
    98 - (remainder * 100) % 97
}

/// A card number as it is kept: 4 to 32 letters, digits and hyphens, in capitals.
pub fn card_number(text: &str) -> Option<String> {
    let fits = (4..=CARD_NUMBER_MAX_CHARS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    fits.then(|| text.to_ascii_uppercase())
}

/// The number as it is printed: in groups, so that it can be read aloud.
pub fn grouped(number: &str) -> String {
    if number.contains('-') {
        return number.to_owned();
    }
    let characters: Vec<char> = number.chars().collect();
    characters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn only_these_events_are_possible() {
        use CardEventKind as Kind;
        use CardState::*;
        let made = [(Kind::Lost, Blocked), (Kind::Stolen, Blocked), (Kind::Damaged, Blocked), (Kind::Forged, Blocked), (Kind::Replaced, Blocked)];
        let possible = [
            (NotPrinted, vec![(Kind::Printed, Printed), (Kind::Lost, Blocked), (Kind::Stolen, Blocked), (Kind::Forged, Blocked)]),
            (Printed, [&[(Kind::Delivered, Delivered)][..], &made].concat()),
            (Delivered, made.to_vec()),
            (Blocked, vec![]),
        ];
        assert_eq!(possible.each_ref().map(|(state, _)| *state), CardState::ALL);
        for (state, expected) in possible {
            let found: Vec<_> = Kind::ALL.iter().filter_map(|kind| Some((*kind, state.after(*kind)?))).collect();
            assert_eq!(found, expected, "{state}");
        }
    }

    proptest! {
        /// Whatever happens in whatever order: the dates say what the state says, in order, and what is blocked stays so.
        #[test]
        fn a_blocked_card_never_comes_back(happenings in prop::collection::vec((prop::sample::select(CardEventKind::ALL), 0_u64..400), 0..30)) {
            let issued = day("2026-01-01");
            let mut life = CardLife::new(CardState::NotPrinted, Some(issued));
            for (kind, days) in happenings {
                let before = life;
                match before.after(kind, issued + chrono::Days::new(days)) {
                    Ok(next) => life = next,
                    Err(CardFault::NotPossible) => prop_assert!(before.state.after(kind).is_none()),
                    Err(CardFault::BeforeEarlier) => prop_assert!(before.state.after(kind).is_some()),
                }
                prop_assert!(before.state != CardState::Blocked || life == before);
                prop_assert_eq!(life.state == CardState::Blocked, life.blocked_on.is_some());
                prop_assert_eq!(life.blocked_on.is_some(), life.block_reason.is_some());
                prop_assert!(life.state != CardState::Delivered || life.delivered_on.is_some());
                let dates: Vec<_> = [life.issued_on, life.printed_on, life.delivered_on, life.blocked_on].into_iter().flatten().collect();
                prop_assert!(dates.is_sorted(), "{:?}", life);
            }
        }

        /// A card never counts where its enrolment does not, nor from its block on.
        #[test]
        fn a_card_counts_no_longer_than_its_enrolment(
            state in prop::sample::select(EnrollmentState::ALL), issued in prop::option::of(0_u64..300), ended in prop::option::of(0_u64..300),
            given in prop::option::of(0_u64..300), blocked in prop::option::of(0_u64..300), asked in 0_u64..300,
        ) {
            let date = |days: u64| day("2026-01-01") + chrono::Days::new(days);
            let enrollment =
                EnrollmentStanding { state, card_state: CardState::Delivered, issued_on: issued.map(date), ended_on: ended.map(date) };
            let card_state = if blocked.is_some() { CardState::Blocked } else { CardState::Delivered };
            let card = CardLife { blocked_on: blocked.map(date), ..CardLife::new(card_state, given.map(date)) };
            let counts = enrollment.active_on(date(asked)) && given.is_none_or(|given| given <= asked) && blocked.is_none_or(|blocked| asked < blocked);
            prop_assert_eq!(card.shows(enrollment).active_on(date(asked)), counts, "{:?} {:?}", enrollment, card);
        }

        /// One wrong character, and two neighbours that changed places.
        #[test]
        fn a_mistyped_number_is_told(serial in 1_i64..2_000_000, at in 0_usize..22, digit in 0_u8..10) {
            let number = own_card_number("3275", 2026, serial);
            prop_assert!(!is_mistyped("3275", &number));
            let mut bytes = number.clone().into_bytes();
            if at >= 8 && bytes[at].is_ascii_digit() {
                bytes[at] = b'0' + digit;
                let typed = String::from_utf8(bytes.clone()).unwrap();
                prop_assert_eq!(is_mistyped("3275", &typed), typed != number, "{}", typed);
            }
            let mut swapped = number.clone().into_bytes();
            if at >= 9 && swapped[at].is_ascii_digit() && swapped[at - 1].is_ascii_digit() {
                swapped.swap(at, at - 1);
                let typed = String::from_utf8(swapped).unwrap();
                prop_assert_eq!(is_mistyped("3275", &typed), typed != number, "{}", typed);
            }
        }
    }

    #[test]
    fn numbers_of_other_forms_are_not_judged() {
        for number in
            ["KS-0000100-1", "KS-3275-2026-000001", "KS-3276-2026-000001-00", "KS-3275-26-000001-00", "1234567890", "KS-3275-2026-ABCDEF-12", ""]
        {
            assert!(!is_mistyped("3275", number), "{number}");
        }
        assert!(is_mistyped("3275", "KS-3275-2026-000001-00"));
        let number = own_card_number("3275", 2026, 1);
        assert_eq!(card_number(&number.to_lowercase()).as_deref(), Some(number.as_str()), "ours is a card number");
        // Worked by hand: K is 20, S is 28, so 2028 3275 2026 000001 00 leaves a remainder that these two digits bring to 1.
        let value: u128 = 20_283_275_202_600_000_100;
        assert_eq!(number, format!("KS-3275-2026-000001-{:02}", 98 - value % 97));
    }

    #[test]
    fn a_number_is_printed_in_groups() {
        for (number, printed) in [("KS-3275-2026-000001-42", "KS-3275-2026-000001-42"), ("1234567890", "1234 5678 90"), ("ABCD", "ABCD")] {
            assert_eq!(grouped(number), printed);
        }
    }
}
