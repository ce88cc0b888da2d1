//! How long streams keep their records: 24 hours, as DynamoDB does, or less if that is too much.
//!
//! The engine forgets none, and looks through all of a table's for the number of the next. So there
//! is a second connection to its database, which gives it an index, and drops the oldest records: not
//! one by one, but in segments of some hundred.

use rusqlite::{Connection, Result, params};
use std::collections::{BTreeMap, VecDeque};

/// "Data Retention Limit for DynamoDB Streams".
const KEPT_SECONDS: i64 = 24 * 60 * 60;
/// A segment holds records of at most so much time.
const SEGMENT_SECONDS: i64 = 60 * 60;
/// What a record takes besides its images.
const RECORD_BYTES: u64 = 256;
/// So many segments are as large as all records may be.
const SEGMENTS: u64 = 64;

const BEGIN: &str = "
    CREATE INDEX IF NOT EXISTS _stream_records_in_order
        ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
    CREATE TABLE IF NOT EXISTS _stream_trimmed
        (table_name TEXT PRIMARY KEY, sequence_number INTEGER NOT NULL)";
const NEW: &str = "
    SELECT id, created_at,
        octet_length(keys_json) + ifnull(octet_length(new_image), 0) + ifnull(octet_length(old_image), 0)
    FROM _stream_records WHERE id > ?1 ORDER BY id";
const TABLES: &str = "SELECT DISTINCT table_name FROM _stream_records WHERE id <= ?1";
/// The newest stays: the numbers of those that follow are derived from it. The plus sign keeps SQLite
/// from going through all records of the table by the index.
const TRIM: &str = "
    DELETE FROM _stream_records WHERE id <= ?1 AND +table_name = ?2
        AND CAST(sequence_number AS INTEGER) <
            (SELECT max(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = ?2)
    RETURNING CAST(sequence_number AS INTEGER)";
const TRIMMED: &str = "INSERT OR REPLACE INTO _stream_trimmed VALUES (?1, ?2)";

/// The records of all streams, in the order in which they were written.
pub(super) struct Retention {
    database: Connection,
    bytes_max: u64,
    /// The newest last.
    segments: VecDeque<Segment>,
    bytes: u64,
    /// The newest record that was looked at.
    seen: i64,
    /// The newest record that is gone, by table.
    trimmed: BTreeMap<String, i64>,
}

/// Records that are dropped together.
#[derive(Debug, Default)]
struct Segment {
    last_id: i64,
    bytes: u64,
    oldest: i64,
    newest: i64,
}

impl Retention {
    /// Prepares the engine's database, and looks at what is there.
    pub(super) fn new(database: Connection, bytes_max: u64) -> Result<Self> {
        database.execute_batch(BEGIN)?;
        let trimmed = database
            .prepare("SELECT table_name, sequence_number FROM _stream_trimmed")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_>>()?;
        let segments = VecDeque::new();
        Ok(Self { database, bytes_max, segments, bytes: 0, seen: 0, trimmed })
    }

    /// Whether records behind this one, of this table, are gone.
    pub(super) fn has_trimmed(&self, table: &str, sequence_number: i64) -> bool {
        self.trimmed.get(table).is_some_and(|trimmed| sequence_number < *trimmed)
    }

    /// Looks at what was written since the last time, and drops what is too old or too much.
    pub(super) fn keep_up(&mut self, now: i64) -> Result<()> {
        self.look()?;
        let mut last_id = None;
        while let Some(oldest) = self.segments.front()
            && (self.bytes > self.bytes_max || oldest.newest + KEPT_SECONDS < now)
        {
            last_id = Some(oldest.last_id);
            self.bytes -= oldest.bytes;
            self.segments.pop_front();
        }
        last_id.map_or(Ok(()), |last_id| self.trim(last_id))
    }

    fn look(&mut self) -> Result<()> {
        let mut new = self.database.prepare_cached(NEW)?;
        let mut rows = new.query([self.seen])?;
        while let Some(row) = rows.next()? {
            let (id, created): (i64, i64) = (row.get(0)?, row.get(1)?);
            let bytes = RECORD_BYTES + row.get::<_, u64>(2)?;
            let has_room = |segment: &&mut Segment| {
                segment.bytes < self.bytes_max / SEGMENTS
                    && created < segment.oldest + SEGMENT_SECONDS
            };
            self.seen = id;
            self.bytes += bytes;
            match self.segments.back_mut().filter(has_room) {
                Some(segment) => {
                    segment.last_id = id;
                    segment.bytes += bytes;
                    segment.newest = segment.newest.max(created);
                }
                None => self.segments.push_back(Segment {
                    last_id: id,
                    bytes,
                    oldest: created,
                    newest: created,
                }),
            }
        }
        Ok(())
    }

    fn trim(&mut self, last_id: i64) -> Result<()> {
        let transaction = self.database.transaction()?;
        let tables: Vec<String> = transaction
            .prepare_cached(TABLES)?
            .query_map([last_id], |row| row.get(0))?
            .collect::<Result<_>>()?;
        for table in tables {
            let mut newest = None;
            for number in transaction
                .prepare_cached(TRIM)?
                .query_map(params![last_id, table], |row| row.get::<_, i64>(0))?
            {
                newest = newest.max(Some(number?));
            }
            if let Some(newest) = newest {
                transaction.execute(TRIMMED, params![table, newest])?;
                self.trimmed.insert(table, newest);
            }
        }
        transaction.commit()
    }
}

#[cfg(test)]
impl Retention {
    /// What it takes to find the number of the next record and the next ten records, in steps of
    /// SQLite's machine.
    pub(super) fn steps(&self) -> (i32, i32) {
        let steps = |sql: &str| {
            let mut statement = self.database.prepare(sql).unwrap();
            let mut rows = statement.query([]).unwrap();
            while rows.next().unwrap().is_some() {}
            drop(rows);
            statement.get_status(rusqlite::StatementStatus::VmStep)
        };
        // As the engine asks, in `Storage::next_stream_sequence_number` and `get_stream_records`.
        let number = "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = 'app'";
        let records = "SELECT event_name, keys_json FROM _stream_records
             WHERE table_name = 'app' AND shard_id = 'shardId-00000001-app' AND CAST(sequence_number AS INTEGER) > 1
             ORDER BY CAST(sequence_number AS INTEGER) ASC
             LIMIT 10";
        (steps(number), steps(records))
    }

    /// As if the last record had been written so many times more.
    pub(super) fn fill(&self, records: usize) {
        let fill = "
            WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
            INSERT INTO _stream_records
                (table_name, event_name, keys_json, new_image, sequence_number, shard_id, created_at, event_id)
            SELECT table_name, event_name, keys_json, new_image, CAST(sequence_number + n AS TEXT), shard_id, created_at, event_id
            FROM numbers, (SELECT * FROM _stream_records ORDER BY id DESC LIMIT 1)";
        self.database.execute(fill, [records]).unwrap();
    }

    /// Records, and their bytes.
    pub(super) fn size(&self) -> (usize, u64) {
        let count = "SELECT count(*) FROM _stream_records";
        (self.database.query_row(count, [], |row| row.get(0)).unwrap(), self.bytes)
    }
}
