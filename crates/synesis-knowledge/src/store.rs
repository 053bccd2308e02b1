//! The SQLite file.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use crate::base::{Document, Hit, Stats};
use crate::chunk::{Chunk, Form};
use crate::limits::BUSY_WAIT_MS;
use crate::walk::Stamp;

/// The format of the file, kept in `user_version`.
pub(crate) const FORMAT: i64 = 1;

/// A heading weighs this much more than the text below it.
const RANK: &str = "bm25(chunk_text, 1.0, 2.0)";

const SCHEMA: &str = "
    CREATE TABLE document (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,
        form TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        modified_ns INTEGER NOT NULL,
        sha256 BLOB NOT NULL
    ) STRICT;
    CREATE TABLE chunk (
        id INTEGER PRIMARY KEY,
        document INTEGER NOT NULL REFERENCES document (id) ON DELETE CASCADE,
        line_start INTEGER NOT NULL,
        line_end INTEGER NOT NULL,
        heading TEXT NOT NULL,
        text TEXT NOT NULL
    ) STRICT;
    CREATE INDEX chunk_document ON chunk (document);
    CREATE VIRTUAL TABLE chunk_text USING fts5 (
        text, heading, content = 'chunk', content_rowid = 'id',
        tokenize = 'porter unicode61 remove_diacritics 2'
    );
    CREATE TRIGGER chunk_added AFTER INSERT ON chunk BEGIN
        INSERT INTO chunk_text (rowid, text, heading) VALUES (new.id, new.text, new.heading);
    END;
    CREATE TRIGGER chunk_removed AFTER DELETE ON chunk BEGIN
        INSERT INTO chunk_text (chunk_text, rowid, text, heading)
        VALUES ('delete', old.id, old.text, old.heading);
    END;
";

/// What is known of a document.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) stamp: Stamp,
    pub(crate) sha256: [u8; 32],
}

/// A document to be written.
pub(crate) struct Written<'a> {
    pub(crate) path: &'a str,
    pub(crate) form: Form,
    pub(crate) stamp: Stamp,
    pub(crate) sha256: [u8; 32],
    pub(crate) chunks: &'a [Chunk],
}

#[derive(Debug)]
pub(crate) struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the file and makes it when it is not there; the format found comes back.
    pub(crate) fn open(path: &Path) -> rusqlite::Result<(Self, i64)> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_millis(BUSY_WAIT_MS))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        let write =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let mut format: i64 = write.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if format == 0 {
            write.execute_batch(SCHEMA)?;
            write.pragma_update(None, "user_version", FORMAT)?;
            format = FORMAT;
        }
        write.commit()?;
        Ok((Self { connection }, format))
    }

    pub(crate) fn known(&self, path: &str) -> rusqlite::Result<Option<Known>> {
        let mut find = self
            .connection
            .prepare_cached("SELECT bytes, modified_ns, sha256 FROM document WHERE path = ?1")?;
        find.query_row([path], |row| {
            let bytes: i64 = row.get(0)?;
            let stamp = Stamp {
                bytes: bytes.unsigned_abs(),
                modified_ns: row.get(1)?,
            };
            Ok(Known {
                stamp,
                sha256: row.get(2)?,
            })
        })
        .optional()
    }

    /// The content is the same, only the file was touched.
    pub(crate) fn touch(&self, path: &str, stamp: Stamp) -> rusqlite::Result<()> {
        let update = "UPDATE document SET bytes = ?2, modified_ns = ?3 WHERE path = ?1";
        self.connection.execute(
            update,
            params![path, signed(stamp.bytes), stamp.modified_ns],
        )?;
        Ok(())
    }

    /// Replaces a document and its chunks in one transaction.
    pub(crate) fn write(&mut self, document: &Written<'_>) -> rusqlite::Result<()> {
        let write = self.connection.transaction()?;
        write.execute("DELETE FROM document WHERE path = ?1", [document.path])?;
        write.execute(
            "INSERT INTO document (path, form, bytes, modified_ns, sha256) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                document.path,
                document.form.as_str(),
                signed(document.stamp.bytes),
                document.stamp.modified_ns,
                document.sha256
            ],
        )?;
        let id = write.last_insert_rowid();
        {
            let mut add = write.prepare_cached(
                "INSERT INTO chunk (document, line_start, line_end, heading, text) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for chunk in document.chunks {
                add.execute(params![
                    id,
                    chunk.line_start,
                    chunk.line_end,
                    chunk.heading,
                    chunk.text
                ])?;
            }
        }
        write.commit()
    }

    pub(crate) fn remove(&self, path: &str) -> rusqlite::Result<()> {
        self.connection
            .execute("DELETE FROM document WHERE path = ?1", [path])?;
        Ok(())
    }

    pub(crate) fn documents(&self) -> rusqlite::Result<Vec<Document>> {
        let mut list = self.connection.prepare_cached(
            "SELECT path, form, bytes, (SELECT count(*) FROM chunk WHERE document = document.id)
             FROM document ORDER BY path",
        )?;
        let rows = list.query_map([], |row| {
            let (form, bytes, chunks): (String, i64, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
            Ok(Document {
                path: row.get::<_, String>(0)?.into(),
                form: Form::from_name(&form),
                bytes: bytes.unsigned_abs(),
                chunks: chunks.unsigned_abs(),
            })
        })?;
        rows.collect()
    }

    pub(crate) fn search(&self, query: &str, hits_max: usize) -> rusqlite::Result<Vec<Hit>> {
        let mut find = self.connection.prepare_cached(&format!(
            "SELECT path, line_start, line_end, chunk.heading, chunk.text, {RANK} AS rank
             FROM chunk_text JOIN chunk ON chunk.id = chunk_text.rowid JOIN document ON document.id = chunk.document
             WHERE chunk_text MATCH ?1 ORDER BY rank, path, line_start LIMIT ?2"
        ))?;
        let limit = i64::try_from(hits_max).unwrap_or(i64::MAX);
        let rows = find.query_map(params![query, limit], |row| {
            Ok(Hit {
                path: row.get::<_, String>(0)?.into(),
                line_start: row.get(1)?,
                line_end: row.get(2)?,
                heading: row.get(3)?,
                text: row.get(4)?,
                // SQLite's rank is the lower the better.
                score: -row.get::<_, f64>(5)?,
            })
        })?;
        rows.collect()
    }

    pub(crate) fn stats(&self) -> rusqlite::Result<Stats> {
        let count = "SELECT (SELECT count(*) FROM document), (SELECT count(*) FROM chunk),
                            (SELECT coalesce(sum(bytes), 0) FROM document)";
        self.connection.query_row(count, [], |row| {
            let (documents, chunks, bytes): (i64, i64, i64) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(Stats {
                documents: documents.unsigned_abs(),
                chunks: chunks.unsigned_abs(),
                bytes: bytes.unsigned_abs(),
            })
        })
    }
}

/// SQLite counts with a sign; no file is so large that it matters.
fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
