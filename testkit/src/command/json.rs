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

/// The text of a string, or its UTF-16 units if one is an unpaired surrogate, which JSON can spell.
pub(super) type Text = Result<String, Vec<u16>>;

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

/// The last value of that name.
pub(super) fn named<'a>(members: &'a [(Text, Json)], name: &str) -> Option<&'a Json> {
    let mut found = members.iter().rev().filter(|(key, _)| key.as_deref() == Ok(name));
    found.next().map(|(_, value)| value)
}

impl Json {
    /// Reads a text that is one value and white space.
    pub(super) fn parse(text: &str) -> Result<Self, Bad> {
        let mut reader = Reader { rest: text, levels: DEEPEST };
        let value = reader.value()?;
        reader.space();
        if reader.rest.is_empty() { Ok(value) } else { Err(Bad::Syntax) }
    }

    /// Reads a text that is one object.
    pub(super) fn members(text: &str) -> Result<Vec<(Text, Self)>, String> {
        match Self::parse(text) {
            Ok(Self::Object(members)) => Ok(members),
            other => Err(format!("{other:?} is no object")),
        }
    }

    /// The text of a string that has one.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::String(Ok(text)) => Some(text),
            _ => None,
        }
    }

    /// An integer that is written as one, or the largest there is.
    pub(super) fn integer(&self) -> Option<i128> {
        match self {
            Self::Number(text) if !text.contains(['.', 'e', 'E']) => {
                let far = if text.starts_with('-') { i128::MIN } else { i128::MAX };
                Some(text.parse().unwrap_or(far))
            }
            _ => None,
        }
    }

    /// An array of integers.
    pub(super) fn integers(&self) -> Option<Vec<i128>> {
        match self {
            Self::Array(entries) => entries.iter().map(Self::integer).collect(),
            _ => None,
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    levels: usize,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Takes `token` after white space.
    fn eat(&mut self, token: &str) -> bool {
        self.space();
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self) -> Result<Json, Bad> {
        self.space();
        match self.rest.bytes().next() {
            Some(b'"') => self.string().map(Json::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.eat("[") => self.list("]", Self::value).map(Json::Array),
            _ if self.eat("{") => self.list("}", Self::member).map(Json::Object),
            _ if self.eat("null") => Ok(Json::Null),
            _ if self.eat("true") => Ok(Json::Bool(true)),
            _ if self.eat("false") => Ok(Json::Bool(false)),
            _ => Err(Bad::Syntax),
        }
    }

    /// The entries of a list up to its end.
    fn list<T>(
        &mut self,
        end: &str,
        entry: impl Fn(&mut Self) -> Result<T, Bad>,
    ) -> Result<Vec<T>, Bad> {
        let mut entries = Vec::new();
        self.levels = self.levels.checked_sub(1).ok_or(Bad::Deep)?;
        while !self.eat(end) {
            if !entries.is_empty() && !self.eat(",") {
                return Err(Bad::Syntax);
            }
            entries.push(entry(self)?);
        }
        self.levels += 1;
        Ok(entries)
    }

    fn member(&mut self) -> Result<(Text, Json), Bad> {
        self.space();
        let name = self.string()?;
        if !self.eat(":") {
            return Err(Bad::Syntax);
        }
        Ok((name, self.value()?))
    }

    /// Takes decimal digits, at least one.
    fn digits(&mut self) -> Result<(), Bad> {
        let rest = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let taken = self.rest.len() - rest.len();
        self.rest = rest;
        if taken == 0 { Err(Bad::Syntax) } else { Ok(()) }
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
        let mut chars = self.rest.strip_prefix('"').ok_or(Bad::Syntax)?.chars();
        let mut units = Vec::new();
        loop {
            let c = match chars.next().ok_or(Bad::Syntax)? {
                '"' => break,
                '\0'..' ' => return Err(Bad::Syntax),
                '\\' => match chars.next().ok_or(Bad::Syntax)? {
                    escape @ ('"' | '\\' | '/') => escape,
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'u' => {
                        let four = chars.as_str().get(..4).ok_or(Bad::Syntax)?;
                        if !four.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                            return Err(Bad::Syntax);
                        }
                        units.push(u16::from_str_radix(four, 16).map_err(|_| Bad::Syntax)?);
                        chars = chars.as_str()[4..].chars();
                        continue;
                    }
                    _ => return Err(Bad::Syntax),
                },
                c => c,
            };
            units.extend(c.encode_utf16(&mut [0; 2]).iter());
        }
        self.rest = chars.as_str();
        Ok(String::from_utf16(&units).map_err(|_| units))
    }
}
