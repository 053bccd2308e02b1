//! The few words of Rust that say which files belong to a crate.
//!
//! This is a scanner, not a parser: it skips comments, literals and bodies, and finds module
//! declarations, `include!`, and the globs of compile-fail tests. Declarations made by macros are
//! not seen.

/// A file that another file names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mention {
    /// `mod inner;` inside the inline modules `within`.
    Module { within: Vec<String>, name: String },
    /// `#[path = "file"] mod inner;` inside the inline modules `within`.
    Path { within: Vec<String>, file: String },
    /// `include!("file")`.
    Include { file: String },
    /// `compile_fail("glob")` or `pass("glob")` of a trybuild test.
    Glob { glob: String },
}

/// Every mention of a file in the source, in order.
pub(super) fn mentions(source: &str) -> Vec<Mention> {
    let words = words(source);
    let mut found = Vec::new();
    // For each open brace: the name of the inline module that it opens, if it is one.
    let mut open: Vec<Option<String>> = Vec::new();
    let mut path: Option<String> = None;
    for (at, word) in words.iter().enumerate() {
        match (word, &words[at + 1..]) {
            (Word::Name("mod"), [Word::Name(name), Word::Sign(';'), ..]) => {
                let within = open.iter().flatten().cloned().collect();
                let name = name.trim_start_matches("r#").to_owned();
                found.push(match path.take() {
                    Some(file) => Mention::Path { within, file },
                    None => Mention::Module { within, name },
                });
            }
            (Word::Name("path"), [Word::Sign('='), Word::Text(file), Word::Sign(']'), ..]) => {
                path = Some(file.clone());
            }
            (Word::Name("include"), [Word::Sign('!'), Word::Sign('('), Word::Text(file), ..]) => {
                found.push(Mention::Include { file: file.clone() });
            }
            (Word::Name("compile_fail" | "pass"), [Word::Sign('('), Word::Text(glob), ..]) => {
                found.push(Mention::Glob { glob: glob.clone() });
            }
            (Word::Sign('{'), _) => open.push(inline_module(&words[..at])),
            (Word::Sign('}'), _) => drop(open.pop()),
            (Word::Sign(';'), _) => path = None,
            _ => {}
        }
    }
    found
}

fn inline_module(before: &[Word<'_>]) -> Option<String> {
    match before {
        [.., Word::Name("mod"), Word::Name(name)] => Some((*name).to_owned()),
        _ => None,
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Word<'s> {
    Name(&'s str),
    Text(String),
    Sign(char),
}

/// Names, string literals and signs; comments, spaces, numbers and other literals are dropped.
fn words(source: &str) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if rest.starts_with("/*") {
            rest = &rest[block_comment(rest)..];
        } else if let Some(length) = raw_string(rest) {
            let text = rest[..length]
                .trim_start_matches(['b', 'c', 'r'])
                .trim_matches('#');
            found.push(Word::Text(text.trim_matches('"').to_owned()));
            rest = &rest[length..];
        } else if first == '"' {
            let length = string(rest);
            found.push(Word::Text(rest[1..length].trim_end_matches('"').to_owned()));
            rest = &rest[length..];
        } else if first == '\'' {
            rest = &rest[character_or_lifetime(rest)..];
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_' && c != '#')
                .unwrap_or(rest.len());
            found.push(Word::Name(&rest[..length]));
            rest = &rest[length..];
        } else {
            if !first.is_whitespace() {
                found.push(Word::Sign(first));
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    found
}

fn block_comment(source: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < source.len() {
        let rest = &source.as_bytes()[at..];
        match rest {
            [b'/', b'*', ..] => {
                depth += 1;
                at += 2;
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    source.len()
}

/// The length of the raw string that starts here, if one does.
fn raw_string(source: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r"]
        .into_iter()
        .find(|prefix| source.starts_with(prefix))?;
    let after = &source[prefix.len()..];
    let hashes = after.bytes().take_while(|byte| *byte == b'#').count();
    let body = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(prefix.len() + hashes + 1 + length)
}

/// The length of the string literal that starts here.
fn string(source: &str) -> usize {
    let mut escaped = false;
    for (at, c) in source.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    source.len()
}

/// The length of `'x'`, `'\n'` or `'name`.
fn character_or_lifetime(source: &str) -> usize {
    let mut chars = source.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        // After an escape the closing quote is the next one, but for `'\''`.
        (Some((_, '\\')), Some((at, escaped))) => {
            let from = at + escaped.len_utf8();
            source[from..]
                .find('\'')
                .map_or(source.len(), |end| from + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(name: &str) -> Mention {
        Mention::Module {
            within: vec![],
            name: name.to_owned(),
        }
    }

    #[test]
    fn modules_are_found_among_things_that_only_look_like_them() {
        let source = r##"
            //! mod a;
            /* mod b; /* mod c; */ mod d; */
            pub(crate) mod real;
            const S: &str = "mod e; \" mod f;";
            const R: &str = r#"mod g; " mod h;"#;
            fn f<'a>(c: char, s: &'a str) { let q = '"'; let b = '\''; let n = '{'; }
            #[cfg(test)]
            mod other;
        "##;
        assert_eq!(mentions(source), [module("real"), module("other")]);
    }

    #[test]
    fn inline_modules_are_remembered_until_their_brace_closes() {
        let source = "mod outer { mod inner { mod leaf; fn f() { } } mod twig; } mod free;";
        let within = |names: &[&str], name: &str| Mention::Module {
            within: names.iter().map(|name| (*name).to_owned()).collect(),
            name: name.to_owned(),
        };
        let expected = [
            within(&["outer", "inner"], "leaf"),
            within(&["outer"], "twig"),
            within(&[], "free"),
        ];
        assert_eq!(mentions(source), expected);
    }

    #[test]
    fn a_path_belongs_to_the_next_module_only() {
        let source =
            "#[path = \"real/place.rs\"] #[cfg(unix)] mod a; mod b; let path = \"x\"; mod c;";
        let expected = [
            Mention::Path {
                within: vec![],
                file: "real/place.rs".to_owned(),
            },
            module("b"),
            module("c"),
        ];
        assert_eq!(mentions(source), expected);
    }

    #[test]
    fn included_files_and_compile_fail_globs_are_found() {
        let source = "include!(\"generated/a.rs\"); t.compile_fail(\"tests/ui/*.rs\");";
        let expected = [
            Mention::Include {
                file: "generated/a.rs".to_owned(),
            },
            Mention::Glob {
                glob: "tests/ui/*.rs".to_owned(),
            },
        ];
        assert_eq!(mentions(source), expected);
    }
}
