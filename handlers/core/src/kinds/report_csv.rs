//! `report.csv`: rows to a CSV file (RFC 4180), with what there is to say about each column.

use super::{Attempt, JobError, JobKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Rows between two steps: some 10 ms of work.
const ROWS_A_STEP: usize = 200;

/// See the module.
#[derive(Debug)]
pub struct ReportCsv;

/// A table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `columns` and `rows`")]
pub struct Input {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Cells: texts, numbers, truth values or nothing.
    pub rows: Vec<Vec<Value>>,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Output {
    /// The file, with a line of names on top.
    pub csv: String,
    /// How many rows there are.
    pub rows: usize,
    /// What there is to say about each column, in order.
    pub columns: Vec<Column>,
}

/// What there is to say about a column.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// How many cells hold nothing.
    pub empty: usize,
    /// How many hold a number.
    pub numbers: usize,
    /// The least number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The greatest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Their sum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sum: Option<f64>,
    /// The longest cell, in characters.
    pub longest: usize,
}

impl JobKind for ReportCsv {
    const NAME: &'static str = "report.csv";

    type Input = Input;
    type Output = Output;

    fn check(input: &Input) -> Result<(), String> {
        let Input { columns, rows } = input;
        if columns.is_empty() {
            return Err("`columns` is empty; name at least one".to_owned());
        }
        for (i, row) in rows.iter().enumerate() {
            let (row_number, cells, names) = (i + 1, row.len(), columns.len());
            if cells != names {
                return Err(format!("row {row_number} has {cells} cells for {names} columns"));
            }
            if row.iter().any(|cell| cell.is_array() || cell.is_object()) {
                return Err(format!("row {row_number} has a list or an object in a cell"));
            }
        }
        Ok(())
    }

    async fn run(input: Input, attempt: &Attempt) -> Result<Output, JobError> {
        Self::check(&input).map_err(JobError::Permanent)?;
        let Input { columns: names, rows } = input;
        let mut csv = String::new();
        line(&mut csv, names.iter().map(String::as_str));
        let named = |name: &String| Column { name: name.clone(), ..Column::default() };
        let mut columns: Vec<_> = names.iter().map(named).collect();
        for (done, chunk) in rows.chunks(ROWS_A_STEP).enumerate() {
            let percent = done * ROWS_A_STEP * 100 / rows.len();
            attempt.step(u8::try_from(percent).unwrap_or(100)).await;
            for row in chunk {
                let cells: Vec<_> = row.iter().map(text).collect();
                for ((column, cell), text) in columns.iter_mut().zip(row).zip(&cells) {
                    column.count(cell, text);
                }
                line(&mut csv, cells.iter().map(String::as_str));
            }
        }
        Ok(Output { csv, rows: rows.len(), columns })
    }
}

impl Column {
    fn count(&mut self, cell: &Value, text: &str) {
        self.longest = self.longest.max(text.chars().count());
        if text.is_empty() {
            self.empty += 1;
        }
        if let Some(number) = cell.as_f64() {
            self.numbers += 1;
            self.min = Some(self.min.map_or(number, |min| min.min(number)));
            self.max = Some(self.max.map_or(number, |max| max.max(number)));
            self.sum = Some(self.sum.unwrap_or(0.0) + number);
        }
    }
}

/// A cell as text; nothing is an empty one.
fn text(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// One line, its cells in quotes where they need them.
fn line<'a>(csv: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            csv.push(',');
        }
        if cell.contains([',', '"', '\r', '\n']) {
            csv.push('"');
            csv.push_str(&cell.replace('"', "\"\""));
            csv.push('"');
        } else {
            csv.push_str(cell);
        }
    }
    csv.push_str("\r\n");
}
