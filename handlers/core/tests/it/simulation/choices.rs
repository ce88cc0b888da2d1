//! Where everything that happens comes from: numbers, drawn from a seed or read from a script.

/// Numbers, and what they were asked for.
pub(super) struct Choices {
    source: Source,
    made: Vec<(u64, &'static str)>,
}

enum Source {
    Seed(u64),
    Script(std::vec::IntoIter<u64>),
}

impl Choices {
    pub(super) fn of_seed(seed: u64) -> Self {
        // Neighbouring seeds must not be neighbouring worlds.
        let state = seed.wrapping_mul(0xD134_2543_DE82_EF95).wrapping_add(1);
        Self { source: Source::Seed(state), made: Vec::new() }
    }

    /// A script has a number at the beginning of each line; what follows is for people.
    pub(super) fn of_script(text: &str) -> Self {
        let number = |line: &str| line.split_whitespace().next()?.parse().ok();
        let numbers: Vec<u64> = text.lines().filter_map(number).collect();
        Self { source: Source::Script(numbers.into_iter()), made: Vec::new() }
    }

    /// A number below `n`. Once a script is over, it is 0.
    pub(super) fn below(&mut self, n: u64, what: &'static str) -> u64 {
        let number = match &mut self.source {
            Source::Seed(state) => {
                *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mut z = *state;
                z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
                z ^ z >> 31
            }
            Source::Script(numbers) => numbers.next().unwrap_or(0),
        };
        let number = if n == 0 { number } else { number % n };
        self.made.push((number, what));
        number
    }

    /// All choices so far, one a line.
    pub(super) fn script(&self) -> String {
        self.made.iter().map(|(number, what)| format!("{number} {what}\n")).collect()
    }
}
