//! Which parts of a text are code, in which nothing is a shortcode.

/// The ranges of bytes that are code, in their order.
#[derive(Debug)]
pub(super) struct CodeRanges(Vec<(usize, usize)>);

impl CodeRanges {
    /// Finds fenced and indented blocks of code, and code between backticks in a line.
    pub(super) fn of(text: &str) -> CodeRanges {
        let mut ranges = Vec::new();
        let mut fence: Option<(char, usize)> = None;
        let mut after_blank = true;
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let trimmed = line.trim_start();
            let opened = fence_of(trimmed);
            let is_code = match (fence, opened) {
                (Some((mark, length)), Some((found, long))) if found == mark && long >= length => {
                    let is_bare = trimmed.trim_end().chars().all(|c| c == mark);
                    if is_bare {
                        fence = None;
                    }
                    true
                }
                (Some(_), _) => true,
                (None, Some(opened)) => {
                    fence = Some(opened);
                    true
                }
                (None, None) => after_blank && is_indented(line),
            };
            if is_code {
                ranges.push((at, at + line.len()));
            } else {
                after_blank = trimmed.is_empty();
                spans(line, at, &mut ranges);
            }
            at += line.len();
        }
        CodeRanges(ranges)
    }

    /// Returns the end of the code at a position, if there is some.
    pub(super) fn end_at(&self, position: usize) -> Option<usize> {
        let index = self.0.partition_point(|(_, end)| *end <= position);
        let (start, end) = self.0.get(index)?;
        (*start <= position).then_some(*end)
    }
}

fn is_indented(line: &str) -> bool {
    (line.starts_with("    ") || line.starts_with('\t')) && !line.trim().is_empty()
}

/// Returns the character and the length of a fence at the beginning of a line.
fn fence_of(line: &str) -> Option<(char, usize)> {
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.chars().take_while(|c| *c == mark).count();
    let is_fence = length >= 3 && !(mark == '`' && line[length..].contains('`'));
    is_fence.then_some((mark, length))
}

/// Finds code between equal runs of backticks.
fn spans(line: &str, offset: usize, ranges: &mut Vec<(usize, usize)>) {
    let mut rest = 0;
    while let Some(start) = line[rest..].find('`') {
        let start = rest + start;
        let length = line[start..].bytes().take_while(|b| *b == b'`').count();
        let run = &line[start..start + length];
        let mut from = start + length;
        let end = loop {
            let Some(found) = line[from..].find(run) else {
                break None;
            };
            let found = from + found;
            let long = line[found..].bytes().take_while(|b| *b == b'`').count();
            if long == length {
                break Some(found + length);
            }
            from = found + long;
        };
        match end {
            Some(end) => {
                ranges.push((offset + start, offset + end));
                rest = end;
            }
            None => rest = start + length,
        }
    }
}
