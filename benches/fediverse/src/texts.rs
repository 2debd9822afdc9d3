//! Texts that differ: sentences of frequent and rare words, about as long as a reply.

/// Frequent words, which all texts share.
const WORDS: &str = "about after again all also always and another any are article as ask at author away back be \
    because been before begin better book both bring but by call can change city clear come could country day different \
    do down each early easy end enough even every example fact far few find first follow for found from garden get give \
    go good great had half hand happen hard has have he hear help here history home hope house how idea if important in \
    interesting into is it just keep kind know language last late learn left less letter life light like little live \
    long look made make many may mean might mind more morning most mother move much must my name near need never new \
    next night no nothing now number of off often old on once one only open or other our out over own page paper part \
    people perhaps place plan play point possible problem put question quite rather read reader real reason remember \
    right river road room said same say school second see seem sentence set she should show side simple since small so \
    some something sometimes soon sound start still stop story street such summer sure take talk tell text than thank \
    that the their them then there these they thing think this those thought three through time to today together too \
    town tree true try turn two under understand until up us use very view walk want was water way we week well went \
    were what when where which while white who why will winter with without word work world would write wrong year you \
    young your";

/// Parts of rare words, such as names: each text has some that no other has.
const SYLLABLES: [&str; 24] = [
    "ba", "cor", "dan", "el", "fi", "gar", "hol", "in", "jo", "ka", "lim", "mo", "nar", "os",
    "per", "qui", "ro", "sta", "ti", "un", "ver", "wil", "ya", "zen",
];

/// Characters after which a text ends with its sentence.
const LENGTH: usize = 180;

/// Returns a text of about 200 characters, the same for the same number.
pub(crate) fn text(number: u64) -> String {
    let frequent: Vec<&str> = WORDS.split_ascii_whitespace().collect();
    let mut random = Random(number);
    let mut text = String::new();
    while text.len() < LENGTH {
        if !text.is_empty() {
            text.push(' ');
        }
        let begin = text.len();
        for position in 0..6 + random.below(9) {
            if position > 0 {
                text.push(' ');
            }
            if random.below(15) == 0 {
                for _ in 0..2 + random.below(3) {
                    text.push_str(SYLLABLES[random.below(SYLLABLES.len())]);
                }
            } else {
                text.push_str(frequent[random.below(frequent.len())]);
            }
        }
        text[begin..=begin].make_ascii_uppercase();
        text.push('.');
    }
    text
}

/// Splitmix64: enough randomness for texts.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn texts_differ_and_are_as_long_as_a_reply() {
        let mut texts: Vec<String> = (0..1000).map(text).collect();
        assert!(texts.iter().all(|text| (180..350).contains(&text.len())));
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), 1000);
        assert_eq!(text(7), text(7));
    }
}
