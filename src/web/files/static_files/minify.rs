//! Shortens a style sheet: removes comments and blanks that have no meaning.

/// Returns the shortened style sheet. Strings stay as they are.
pub(super) fn style_sheet(sheet: &str) -> String {
    let mut short = String::with_capacity(sheet.len());
    let mut rest = sheet.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '/' if rest.peek() == Some(&'*') => skip_comment(&mut rest),
            '"' | '\'' => copy_string(c, &mut rest, &mut short),
            '{' | '}' | ';' | ',' | '>' | ')' => {
                while short.ends_with(' ') {
                    short.pop();
                }
                if c == '}' && short.ends_with(';') {
                    short.pop();
                }
                short.push(c);
            }
            c if c.is_ascii_whitespace() => {
                let is_needless =
                    short.is_empty() || short.ends_with(['{', '}', ';', ',', '>', ':', '(', ' ']);
                if !is_needless {
                    short.push(' ');
                }
            }
            c => short.push(c),
        }
    }
    short.trim_end().to_owned()
}

fn skip_comment(rest: &mut std::iter::Peekable<std::str::Chars>) {
    let mut before = ' ';
    // Past the star that opens it.
    rest.next();
    for c in rest.by_ref() {
        if before == '*' && c == '/' {
            return;
        }
        before = c;
    }
}

fn copy_string(quote: char, rest: &mut std::iter::Peekable<std::str::Chars>, to: &mut String) {
    to.push(quote);
    while let Some(c) = rest.next() {
        to.push(c);
        match c {
            '\\' => to.extend(rest.next()),
            c if c == quote => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::style_sheet;

    #[test]
    fn a_style_sheet_keeps_its_meaning() {
        for (long, short) in [
            (
                "/* A */\na , b > c {\n  color : red ;\n  margin: 0 1px;\n}\n",
                "a,b>c{color :red;margin:0 1px}",
            ),
            ("a :hover b{}", "a :hover b{}"),
            (
                "p::before { content: \"/* no */ { \\\" }\"; }",
                "p::before{content:\"/* no */ { \\\" }\"}",
            ),
            (
                "a{width:calc(1px + ( 2em * 3 ))}",
                "a{width:calc(1px + (2em * 3))}",
            ),
            (
                "@media (min-width: 40em) and (hover) { a { top: 0 } }",
                "@media (min-width:40em) and (hover){a{top:0}}",
            ),
            (
                "a { transition: none !important }",
                "a{transition:none !important}",
            ),
            ("a{b:c}/* open", "a{b:c}"),
            ("a::after{content:'", "a::after{content:'"),
        ] {
            assert_eq!(style_sheet(long), short);
        }
    }
}
