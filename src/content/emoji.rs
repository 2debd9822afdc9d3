//! Recognizes an emoji: a character or sequence that is shown as one picture (Unicode Technical Standard 51).

use regex::Regex;
use std::sync::LazyLock;

/// The maximum length of a sequence, in bytes. The longest one in use (a kiss with two skin tones) has 35.
const MAX_BYTES: usize = 64;

/// Matches a flag, a keycap, the flag of a subdivision, or up to four joined elements. Unassigned characters that Unicode
/// reserves for pictures are included, so that newer emoji match.
const PATTERN: &str = r"(?x)\A(?:
    (?P<flag>[\x{1F1E6}-\x{1F1FF}]{2})
    | [0-9\#*]\x{FE0F}?\x{20E3}
    | \x{1F3F4}[\x{E0030}-\x{E0039}\x{E0061}-\x{E007A}]{3,6}\x{E007F}
    | (?: ELEMENT ) (?: \x{200D} (?: ELEMENT ) ){0,3}
)\z";
const ELEMENT: &str = r"
    [[\p{Emoji}--[0-9\#*\x{1F1E6}-\x{1F1FF}]][\p{Extended_Pictographic}&&\p{Cn}]] [\x{FE0E}\x{FE0F}]?
    | [\p{Emoji_Modifier_Base}[\p{Extended_Pictographic}&&\p{Cn}]] \x{FE0F}? [\x{1F3FB}-\x{1F3FF}]";

/// The regions with a flag. Any other two letters are shown as letters.
const REGIONS: &str = "AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR \
    BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CP CQ CR CU CV CW CX CY CZ DE DG DJ DK DM DO DZ EA EC EE EG \
    EH ER ES ET EU FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID \
    IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD \
    ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH \
    PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC \
    TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

static EMOJI: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = PATTERN.replace("ELEMENT", ELEMENT);
    Regex::new(&pattern).expect("the pattern is valid")
});

/// Returns whether a text is one emoji and nothing else.
pub(crate) fn is_emoji(text: &str) -> bool {
    if text.len() > MAX_BYTES {
        return false;
    }
    let Some(found) = EMOJI.captures(text) else {
        return false;
    };
    found
        .name("flag")
        .is_none_or(|flag| is_region(flag.as_str()))
}

/// Returns whether two regional indicators name a region.
fn is_region(flag: &str) -> bool {
    let letter = |c: char| char::from_u32(u32::from(c).wrapping_sub(0x1F1E6 - 0x41));
    let name: Option<String> = flag.chars().map(letter).collect();
    name.is_some_and(|name| REGIONS.split_whitespace().any(|region| region == name))
}

#[cfg(test)]
mod tests {
    use super::is_emoji;

    #[test]
    fn only_a_single_emoji_is_one() {
        for emoji in [
            "🔥",
            "👍",
            "❤",
            "❤\u{fe0f}",
            "❤\u{fe0e}",
            "👍🏽",
            "☝\u{fe0f}",
            "☝🏿",
            "1\u{fe0f}\u{20e3}",
            "#\u{20e3}",
            "🇨🇭",
            "🇪🇺",
            "🇽🇰",
            "🏳\u{fe0f}\u{200d}🌈",
            "🏳\u{200d}🌈",
            "👩\u{200d}💻",
            "👩🏽\u{200d}🚀",
            "👨\u{200d}👩\u{200d}👧\u{200d}👦",
            "👨🏻\u{200d}❤\u{fe0f}\u{200d}💋\u{200d}👨🏿",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
            "🐦\u{200d}⬛",
            "⛹🏾\u{200d}♀\u{fe0f}",
            "©\u{fe0f}",
            "™",
            "🅰",
            "🀄",
            "🃏",
            "🫠",
            "\u{1faea}",
            "🍮",
            "💢",
            "⭐",
        ] {
            assert!(is_emoji(emoji), "{emoji} {emoji:?}");
        }
        for other in [
            "",
            " ",
            "a",
            "A",
            "1",
            "#",
            "*",
            "1\u{fe0f}",
            "🔥🔥",
            "🔥 ",
            " 🔥",
            "🔥a",
            "ok👍",
            "Ann is a thief",
            "🔥\u{200d}",
            "\u{200d}🔥",
            "\u{200d}",
            "\u{fe0f}",
            "\u{20e3}",
            "a\u{20e3}",
            "🔥\u{20e3}",
            "🇨",
            "🇽🇾",
            "🇨🇭🇩🇪",
            "🇨🇭🇩",
            "🔥🏽",
            "👍🏽🏽",
            "❤\u{fe0f}\u{fe0f}",
            "☭",
            "卐",
            "é",
            "あ",
            "🂡",
            "\u{202e}🔥",
            "🔥\n",
            "🔥\u{e0061}\u{e007f}",
            "🏴\u{e0067}\u{e007f}",
            ":cat:",
            "e\u{301}",
            "\u{1f3fb}\u{1f3fb}",
            "🐷\u{200d}🐷\u{200d}🐷\u{200d}🐷\u{200d}🐷",
        ] {
            assert!(!is_emoji(other), "{other} {other:?}");
        }
        assert!(!is_emoji(&"🔥\u{200d}".repeat(100_000)));
    }
}
