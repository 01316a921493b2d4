//! Python literals, as `ast.literal_eval` reads them, as far as headers of `.npy` files have them.

use crate::nearest::quoted;
use crate::number::Number;

/// Brackets within brackets that are read. Python reads 200.
const DEEPEST: usize = 100;

/// A literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    Text(String),
    Integer(Number),
    Truth(bool),
    Tuple(Vec<Literal>),
    List(Vec<Literal>),
    Dictionary(Vec<(Literal, Literal)>),
    /// A value that a header has no use for: bytes, a float, a set, None.
    Other,
}

impl Literal {
    /// Reads a text that is one literal. In Python 2 an integer may end with `L`.
    ///
    /// # Errors
    /// A sentence, for the first thing that cannot be read.
    pub(crate) fn parse(text: &str, python2: bool) -> Result<Self, String> {
        let text = text.trim_start_matches([' ', '\t']);
        let mut reader = Reader { rest: text, python2, levels: DEEPEST };
        let value = reader.value()?;
        reader.space();
        if reader.rest.is_empty() { Ok(value) } else { Err(reader.expected("nothing more")) }
    }

    /// An integer; Python takes truth values for the integers 0 and 1.
    pub(crate) const fn integer(&self) -> Option<Number> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Truth(true) => Some(Number::ONE),
            Self::Truth(false) => Some(Number::ZERO),
            _ => None,
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    python2: bool,
    levels: usize,
}

impl<'a> Reader<'a> {
    fn expected(&self, what: &str) -> String {
        let found: String = self.rest.chars().take(12).collect();
        format!("the header is malformed: expected {what} and found {found:?}")
    }

    /// Skips white space, comments and joined lines.
    fn space(&mut self) {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
            if let Some(comment) = self.rest.strip_prefix('#') {
                self.rest = comment.find('\n').and_then(|end| comment.get(end..)).unwrap_or("");
            } else if let Some(rest) = self.rest.strip_prefix("\\\n") {
                self.rest = rest;
            } else {
                return;
            }
        }
    }

    /// Skips white space, then `token` if it is next.
    fn eat(&mut self, token: &str) -> bool {
        self.space();
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes the characters up to the first that is none of them.
    fn take(&mut self, of: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !of(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn value(&mut self) -> Result<Literal, String> {
        self.levels = self.levels.checked_sub(1).ok_or("the header has too many brackets")?;
        let value = self.any()?;
        self.levels += 1;
        Ok(value)
    }

    fn any(&mut self) -> Result<Literal, String> {
        self.space();
        match self.rest.chars().next() {
            Some('(') => self.parentheses(),
            Some('[') => {
                self.eat("[");
                self.list("]").map(|(values, _)| Literal::List(values))
            }
            Some('{') => self.braces(),
            Some('\'' | '"') => self.texts(""),
            Some('+' | '-') => self.signed(),
            Some('.' | '0'..='9') => self.number(false),
            Some(c) if c.is_alphabetic() => match self.take(|c| c.is_alphanumeric() || c == '_') {
                "True" => Ok(Literal::Truth(true)),
                "False" => Ok(Literal::Truth(false)),
                "None" => Ok(Literal::Other),
                prefix if self.rest.starts_with(['\'', '"']) => self.texts(prefix),
                word => Err(format!("the header is malformed: {} is no literal", quoted(word))),
            },
            _ => Err(self.expected("a literal")),
        }
    }

    /// Values between commas up to `end`, and whether there was a comma.
    fn list(&mut self, end: &str) -> Result<(Vec<Literal>, bool), String> {
        let (mut values, mut comma) = (Vec::new(), false);
        while !self.eat(end) {
            if !values.is_empty() && !comma {
                return Err(self.expected(&format!("a comma or {end:?}")));
            }
            values.push(self.value()?);
            comma = self.eat(",");
            if values.len() == 1 && !comma {
                return if self.eat(end) {
                    Ok((values, false))
                } else {
                    Err(self.expected("a comma"))
                };
            }
        }
        Ok((values, true))
    }

    /// A tuple; one value without a comma is that value.
    fn parentheses(&mut self) -> Result<Literal, String> {
        self.eat("(");
        let (mut values, comma) = self.list(")")?;
        match values.pop() {
            Some(only) if values.is_empty() && !comma => Ok(only),
            last => {
                values.extend(last);
                Ok(Literal::Tuple(values))
            }
        }
    }

    /// A dictionary, or a set.
    fn braces(&mut self) -> Result<Literal, String> {
        self.eat("{");
        let mut entries = Vec::new();
        while !self.eat("}") {
            let key = self.value()?;
            if entries.is_empty() && !self.rest.trim_start().starts_with(':') {
                self.eat(",");
                return self.list("}").map(|_| Literal::Other);
            }
            if !self.eat(":") {
                return Err(self.expected("a colon"));
            }
            entries.push((key, self.value()?));
            if !self.eat(",") {
                match self.eat("}") {
                    true => break,
                    false => return Err(self.expected("a comma or \"}\"")),
                }
            }
        }
        Ok(Literal::Dictionary(entries))
    }

    fn signed(&mut self) -> Result<Literal, String> {
        let negative = self.rest.starts_with('-');
        self.rest = self.rest.get(1..).unwrap_or_default();
        self.space();
        match self.rest.chars().next() {
            Some('.' | '0'..='9') => self.number(negative),
            _ => Err(self.expected("a number")),
        }
    }

    fn number(&mut self, negative: bool) -> Result<Literal, String> {
        let wrong = self.expected("a number");
        let word = self.take(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        let word = if self.python2 { word.strip_suffix('L').unwrap_or(word) } else { word };
        let lower = word.to_ascii_lowercase();
        let radix = match lower.get(..2) {
            Some("0x") => 16,
            Some("0o") => 8,
            Some("0b") => 2,
            _ => 10,
        };
        let digits = if radix == 10 { lower.as_str() } else { lower.get(2..).unwrap_or_default() };
        // An underscore stands between digits, or after the prefix.
        let plain = digits.replace('_', "");
        let spaced = digits.contains("__") || digits.ends_with('_') || word.starts_with('_');
        if plain.is_empty() || spaced {
            return Err(wrong);
        }
        if !plain.chars().all(|c| c.is_digit(radix)) {
            let float =
                radix == 10 && plain.strip_suffix('j').unwrap_or(&plain).parse::<f64>().is_ok();
            return if float { Ok(Literal::Other) } else { Err(wrong) };
        }
        if radix == 10 && plain.starts_with('0') && plain.bytes().any(|digit| digit != b'0') {
            return Err(wrong);
        }
        let text = match radix {
            10 => plain,
            // What does not fit is far beyond any size.
            _ => u128::from_str_radix(&plain, radix).unwrap_or(u128::MAX).to_string(),
        };
        let text = if negative { format!("-{text}") } else { text };
        Number::parse(text.as_bytes()).map(Literal::Integer).ok_or(wrong)
    }

    /// Strings side by side, which are one.
    fn texts(&mut self, prefix: &str) -> Result<Literal, String> {
        let (mut text, mut prefix, mut bytes) = (String::new(), prefix, None);
        loop {
            let lower = prefix.to_ascii_lowercase();
            let (raw, is_bytes) = match lower.as_str() {
                "" | "u" => (false, false),
                "r" => (true, false),
                "b" => (false, true),
                "br" | "rb" => (true, true),
                _ => {
                    return Err(format!(
                        "the header is malformed: {} before a string",
                        quoted(prefix)
                    ));
                }
            };
            if bytes.replace(is_bytes).is_some_and(|other| other != is_bytes) {
                return Err("the header is malformed: bytes and text side by side".into());
            }
            self.text(raw, &mut text)?;
            self.space();
            let here = self.rest;
            prefix = self.take(|c| c.is_ascii_alphabetic());
            if !self.rest.starts_with(['\'', '"']) {
                self.rest = here;
                return Ok(if is_bytes { Literal::Other } else { Literal::Text(text) });
            }
        }
    }

    fn text(&mut self, raw: bool, text: &mut String) -> Result<(), String> {
        let unended = || "the header is malformed: a string does not end".to_owned();
        let quote = if self.rest.starts_with('"') { "\"" } else { "'" };
        let long = quote.repeat(3);
        let quote = if self.rest.starts_with(&long) { long.as_str() } else { quote };
        self.rest = self.rest.get(quote.len()..).unwrap_or_default();
        loop {
            if let Some(rest) = self.rest.strip_prefix(quote) {
                self.rest = rest;
                return Ok(());
            }
            let mut chars = self.rest.chars();
            match chars.next().ok_or_else(unended)? {
                '\n' if quote.len() == 1 => return Err(unended()),
                '\\' => {
                    let escaped = chars.next().ok_or_else(unended)?;
                    self.rest = chars.as_str();
                    if raw {
                        text.extend(['\\', escaped]);
                    } else {
                        self.escape(escaped, text)?;
                    }
                    continue;
                }
                c => text.push(c),
            }
            self.rest = chars.as_str();
        }
    }

    /// What a backslash and a character stand for.
    fn escape(&mut self, escaped: char, text: &mut String) -> Result<(), String> {
        let code = match escaped {
            '\n' => return Ok(()),
            'a' => 7,
            'b' => 8,
            't' => 9,
            'n' => 10,
            'v' => 11,
            'f' => 12,
            'r' => 13,
            '\\' | '\'' | '"' => u32::from(escaped),
            '0'..='7' => {
                let more = self.rest.bytes().take(2).take_while(|byte| matches!(byte, b'0'..=b'7'));
                let more = more.count();
                let (digits, rest) = self.rest.split_at(more);
                self.rest = rest;
                u32::from_str_radix(&format!("{escaped}{digits}"), 8).unwrap_or(0)
            }
            'x' => self.hexadecimal(2)?,
            'u' => self.hexadecimal(4)?,
            'U' => self.hexadecimal(8)?,
            'N' => return Err("the header is malformed: a character by its name".into()),
            other => {
                text.extend(['\\', other]);
                return Ok(());
            }
        };
        text.push(char::from_u32(code).ok_or("the header is malformed: no such character")?);
        Ok(())
    }

    fn hexadecimal(&mut self, digits: usize) -> Result<u32, String> {
        let code = self.rest.get(..digits).filter(|it| it.bytes().all(|c| c.is_ascii_hexdigit()));
        let code = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        let code = code.ok_or_else(|| self.expected("hexadecimal digits"))?;
        self.rest = self.rest.get(digits..).unwrap_or_default();
        Ok(code)
    }
}
