//! One field of a cron expression that counts: values, ranges, steps and names.

/// What a field may hold.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) first: u64,
    pub(super) last: u64,
    /// Names of the values, the first for `first`.
    pub(super) names: &'static [&'static str],
}

/// A list of ranges, each with its step.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field(Vec<Range>);

#[derive(Clone, Debug, PartialEq)]
struct Range {
    first: u64,
    last: u64,
    step: u64,
}

impl Field {
    pub(super) fn parse(text: &str, shape: &Shape) -> Result<Self, String> {
        text.split(',').map(|part| Range::parse(part, shape)).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn contains(&self, value: u64) -> bool {
        self.0.iter().any(|range| range.contains(value))
    }

    /// The values from `first` to `last` that the field names, in order.
    pub(super) fn values(&self, first: u64, last: u64) -> impl Iterator<Item = u64> {
        (first..=last).filter(|value| self.contains(*value))
    }
}

impl Range {
    fn parse(text: &str, shape: &Shape) -> Result<Self, String> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (text, None),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (shape.first, shape.last),
            Some((first, last)) => (shape.value(first)?, shape.value(last)?),
            // `5/10` runs from 5 to the end, a bare `5` stands for itself.
            None if step.is_some() => (shape.value(range)?, shape.last),
            None => {
                let value = shape.value(range)?;
                (value, value)
            }
        };
        if first > last {
            return Err(shape.wrong(text));
        }
        let step = match step {
            None => 1,
            Some(step) => {
                let step = step.parse().ok().filter(|step| (1..=shape.last).contains(step));
                step.ok_or_else(|| shape.wrong(text))?
            }
        };
        Ok(Self { first, last, step })
    }

    fn contains(&self, value: u64) -> bool {
        (self.first..=self.last).contains(&value) && (value - self.first).is_multiple_of(self.step)
    }
}

impl Shape {
    pub(super) fn value(&self, text: &str) -> Result<u64, String> {
        let named = self.names.iter().zip(self.first..);
        let mut named = named.filter(|(name, _)| name.eq_ignore_ascii_case(text));
        let value = named.next().map(|(_, value)| value).or_else(|| text.parse().ok());
        let value = value.filter(|value| (self.first..=self.last).contains(value));
        value.ok_or_else(|| self.wrong(text))
    }

    pub(super) fn wrong(&self, text: &str) -> String {
        let Self { name, first, last, names } = self;
        let or_names = match (names.first(), names.last()) {
            (Some(a), Some(z)) => format!(" or {a}-{z}"),
            _ => String::new(),
        };
        format!(
            "`{text}` is wrong for {name}: it takes {first}-{last}{or_names}, ranges, lists and steps"
        )
    }
}
