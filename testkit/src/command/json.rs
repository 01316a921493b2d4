//! A strict reader of JSON, so that no other reader's indulgence hides a mistake of the output.

/// A value. Numbers stay text, since any reader of numbers would lose some of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(String),
    String(Text),
    Array(Vec<Json>),
    /// The members in order, those of the same name too.
    Object(Vec<(Text, Json)>),
}

/// What a string says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Whole(String),
    /// With half of a surrogate pair in it, which JSON can spell: in UTF-16.
    Broken(Vec<u16>),
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        matches!(self, Self::Whole(text) if text == other)
    }
}

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bad {
    /// The text is not JSON.
    Syntax,
    /// It has more levels than this reader recurses into.
    Deep,
}

/// Levels that are read: far more than anything that is written here.
const DEEPEST: usize = 300;

impl Json {
    /// Reads a text that is one value and white space.
    pub(super) fn parse(text: &str) -> Result<Self, Bad> {
        let mut reader = Reader { rest: text };
        let value = reader.value(0)?;
        reader.space();
        if reader.rest.is_empty() { Ok(value) } else { Err(Bad::Syntax) }
    }

    /// The members of an object.
    pub(super) fn members(&self) -> Option<&[(Text, Json)]> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The text of a string that has one.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::String(Text::Whole(text)) => Some(text),
            _ => None,
        }
    }

    /// The digits of an integer that is written as one.
    pub(super) fn integer(&self) -> Option<&str> {
        match self {
            Self::Number(text) if !text.contains(['.', 'e', 'E']) => Some(text),
            _ => None,
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn space(&mut self) {
        let bytes = self.rest.as_bytes();
        let is_space = |byte: &&u8| matches!(**byte, b' ' | b'\t' | b'\n' | b'\r');
        self.rest = &self.rest[bytes.iter().take_while(is_space).count()..];
    }

    fn peek(&self) -> Option<u8> {
        self.rest.bytes().next()
    }

    /// Takes `token` after white space.
    fn eat(&mut self, token: &str) -> bool {
        self.space();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, Bad> {
        if depth > DEEPEST {
            return Err(Bad::Deep);
        }
        self.space();
        match self.peek() {
            Some(b'"') => self.string().map(Json::String),
            Some(b'[') => self.array(depth),
            Some(b'{') => self.object(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.eat("null") => Ok(Json::Null),
            _ if self.eat("true") => Ok(Json::Bool(true)),
            _ if self.eat("false") => Ok(Json::Bool(false)),
            _ => Err(Bad::Syntax),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json, Bad> {
        let mut values = Vec::new();
        self.eat("[");
        if self.eat("]") {
            return Ok(Json::Array(values));
        }
        loop {
            values.push(self.value(depth + 1)?);
            if self.eat("]") {
                return Ok(Json::Array(values));
            }
            if !self.eat(",") {
                return Err(Bad::Syntax);
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, Bad> {
        let mut members = Vec::new();
        self.eat("{");
        if self.eat("}") {
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            let name = self.string()?;
            if !self.eat(":") {
                return Err(Bad::Syntax);
            }
            members.push((name, self.value(depth + 1)?));
            if self.eat("}") {
                return Ok(Json::Object(members));
            }
            if !self.eat(",") {
                return Err(Bad::Syntax);
            }
        }
    }

    /// Takes decimal digits, at least one.
    fn digits(&mut self) -> Result<(), Bad> {
        let count = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        self.rest = &self.rest[count..];
        if count == 0 { Err(Bad::Syntax) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Json, Bad> {
        let start = self.rest;
        self.rest = self.rest.strip_prefix('-').unwrap_or(self.rest);
        match self.rest.strip_prefix('0') {
            Some(rest) => self.rest = rest,
            None => self.digits()?,
        }
        if let Some(rest) = self.rest.strip_prefix('.') {
            self.rest = rest;
            self.digits()?;
        }
        if let Some(rest) = self.rest.strip_prefix(['e', 'E']) {
            self.rest = rest.strip_prefix(['+', '-']).unwrap_or(rest);
            self.digits()?;
        }
        Ok(Json::Number(start[..start.len() - self.rest.len()].to_owned()))
    }

    fn string(&mut self) -> Result<Text, Bad> {
        let Some(mut rest) = self.rest.strip_prefix('"') else { return Err(Bad::Syntax) };
        let (mut text, mut units) = (String::new(), Vec::new());
        loop {
            let special = |byte: u8| byte == b'"' || byte == b'\\' || byte < b' ';
            let end = rest.bytes().position(special).ok_or(Bad::Syntax)?;
            let (plain, special) = rest.split_at(end);
            if units.is_empty() {
                text += plain;
            } else {
                units.extend(plain.encode_utf16());
            }
            if let Some(after) = special.strip_prefix('"') {
                self.rest = after;
                return Ok(if units.is_empty() {
                    Text::Whole(text)
                } else {
                    String::from_utf16(&units).map_or(Text::Broken(units), Text::Whole)
                });
            }
            let mut chars = special.strip_prefix('\\').ok_or(Bad::Syntax)?.chars();
            let escape = chars.next().ok_or(Bad::Syntax)?;
            rest = chars.as_str();
            if units.is_empty() {
                units.extend(text.encode_utf16());
            }
            units.push(match escape {
                '"' | '\\' | '/' => u16::try_from(u32::from(escape)).unwrap_or(0),
                'b' => 8,
                'f' => 12,
                'n' => 10,
                'r' => 13,
                't' => 9,
                'u' => {
                    let four = rest.get(..4).ok_or(Bad::Syntax)?;
                    if !four.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                        return Err(Bad::Syntax);
                    }
                    rest = &rest[4..];
                    u16::from_str_radix(four, 16).map_err(|_| Bad::Syntax)?
                }
                _ => return Err(Bad::Syntax),
            });
        }
    }
}
