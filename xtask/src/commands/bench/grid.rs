//! Figures as text: one column for each that was measured, and ratios beside them.

use super::table::number;
use std::fmt::Write as _;

/// Columns, rows of figures, and which columns are divided by which.
pub(super) struct Grid<'a> {
    pub(super) columns: Vec<&'a str>,
    /// A figure of each column, where it has one.
    pub(super) rows: Vec<(&'a str, Vec<Option<f64>>)>,
    pub(super) ratios: Vec<(usize, usize)>,
}

impl Grid<'_> {
    pub(super) fn render(&self) -> String {
        let named = |(above, below): &(usize, usize)| {
            let name = |index: usize| self.columns.get(index).copied().unwrap_or_default();
            format!("{} ÷ {}", name(*above), name(*below))
        };
        let heads = self.columns.iter().map(|column| (*column).to_owned());
        let heads: Vec<String> = heads.chain(self.ratios.iter().map(named)).collect();
        let widths: Vec<usize> =
            heads.iter().map(|head| head.chars().count().max(10) + 2).collect();
        let first =
            self.rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        let mut text = String::new();
        let mut line = |name: &str, cells: &[String]| {
            // Writing to a `String` cannot fail.
            _ = write!(text, "{name:<first$}");
            for (cell, width) in cells.iter().zip(&widths) {
                _ = write!(text, "{cell:>width$}");
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        };
        line("", &heads);
        for (name, values) in &self.rows {
            let ratio = |(above, below): &(usize, usize)| {
                let (above, below) = (values.get(*above)?.as_ref()?, values.get(*below)?.as_ref()?);
                (*below > 0.0).then(|| above / below)
            };
            let all = values.iter().copied().chain(self.ratios.iter().map(ratio));
            let cells = all.map(|value| value.map_or_else(|| "-".to_owned(), number));
            line(name, &cells.collect::<Vec<_>>());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Grid;
    use expect_test::expect;

    #[test]
    fn figures_stand_below_what_they_are_of() {
        let grid = Grid {
            columns: vec!["ours", "theirs"],
            rows: vec![
                ("time, µs", vec![Some(150.0), Some(1500.0)]),
                ("only ours", vec![Some(2.5), None]),
            ],
            ratios: vec![(1, 0)],
        };
        expect![[r#"
                             ours      theirs  theirs ÷ ours
            time, µs          150        1500           10.0
            only ours        2.50           -              -
        "#]]
        .assert_eq(&grid.render());
    }
}
