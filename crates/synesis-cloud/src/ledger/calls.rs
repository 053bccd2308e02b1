//! Escalations: open before they are sent, then settled to what they cost, or released.

use rusqlite::{OptionalExtension, TransactionBehavior, params};
use synesis_domain::{
    ModelName, NanoUsd, ProjectId, RequestId, SessionId, Timestamp, TokenUsage, UserId,
};
use synesis_wire::proto::CloudModel;

use super::{LedgerError, LocalLedger};

/// An escalation that is about to be sent.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Its id, kept through every retry.
    pub request_id: RequestId,
    /// When.
    pub at: Timestamp,
    /// The model that was asked for.
    pub model: CloudModel,
    /// The conversation it belongs to.
    pub session: Option<SessionId>,
    /// The project it belongs to.
    pub project: Option<ProjectId>,
    /// The account that will pay, where it is known.
    pub account: Option<UserId>,
}

/// What the cloud charged for one escalation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Which one.
    pub request_id: RequestId,
    /// When the cloud settled it.
    pub at: Timestamp,
    /// The model that answered, where the cloud named it.
    pub model: Option<ModelName>,
    /// The tokens.
    pub usage: TokenUsage,
    /// The charge.
    pub cost: NanoUsd,
}

/// What this device knows of a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallState {
    /// Not answered for yet.
    Open,
    /// It cost so much.
    Settled(NanoUsd),
    /// It cost nothing.
    Released,
}

impl LocalLedger {
    /// Records that an escalation is about to be sent. Doing it again changes nothing.
    ///
    /// # Errors
    /// When it is not on disk: do not send.
    pub fn open_call(&self, opening: &Opening) -> Result<(), LedgerError> {
        let connection = self.lock();
        connection
            .prepare_cached(
                "INSERT INTO escalations (request_id, opened_at, session, project, state, model, account)
                 VALUES (?1, ?2, ?3, ?4, 'open', ?5, ?6) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                opening.request_id.to_string(),
                opening.at.as_millis(),
                opening.session.as_ref().map(SessionId::as_str),
                opening.project.as_ref().map(ProjectId::as_str),
                asked(opening.model),
                opening.account.map(|account| account.to_string()),
            ])?;
        Ok(())
    }

    /// Records what an escalation cost. The same settlement again changes nothing.
    ///
    /// # Errors
    /// [`LedgerError::Conflict`] when it was settled before with other figures.
    pub fn settle(&self, settlement: &Settlement) -> Result<(), LedgerError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let id = settlement.request_id.to_string();
        let (prompt, completion) = (settlement.usage.prompt(), settlement.usage.completion());
        let before = transaction
            .query_row(
                "SELECT prompt_tokens, completion_tokens, cost_nano_usd FROM escalations
                 WHERE request_id = ?1 AND state = 'settled'",
                [&id],
                |row| {
                    Ok((
                        row.get::<_, u32>(0)?,
                        row.get::<_, u32>(1)?,
                        row.get::<_, i64>(2)?,
                    ))
                },
            )
            .optional()?;
        if let Some(before) = before {
            if before == (prompt, completion, settlement.cost.get()) {
                return Ok(());
            }
            return Err(LedgerError::Conflict {
                request_id: settlement.request_id,
            });
        }
        transaction.execute(
            "INSERT INTO escalations
               (request_id, opened_at, state, model, prompt_tokens, completion_tokens, cost_nano_usd, ended_at)
             VALUES (?1, ?2, 'settled', COALESCE(?3, 'unknown'), ?4, ?5, ?6, ?2)
             ON CONFLICT (request_id) DO UPDATE SET state = 'settled', model = COALESCE(?3, model),
               prompt_tokens = ?4, completion_tokens = ?5, cost_nano_usd = ?6, ended_at = ?2",
            params![
                id,
                settlement.at.as_millis(),
                settlement.model.as_ref().map(ModelName::as_str),
                prompt,
                completion,
                settlement.cost.get(),
            ],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Records that an escalation cost nothing. Of one that is settled this changes nothing.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn release(&self, request_id: RequestId, at: Timestamp) -> Result<(), LedgerError> {
        self.lock().execute(
            "UPDATE escalations SET state = 'released', ended_at = ?2
             WHERE request_id = ?1 AND state = 'open'",
            params![request_id.to_string(), at.as_millis()],
        )?;
        Ok(())
    }

    /// The oldest escalations that are still open, with the moment they were opened.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn open_calls(&self, count_max: usize) -> Result<Vec<(RequestId, Timestamp)>, LedgerError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT request_id, opened_at FROM escalations WHERE state = 'open'
             ORDER BY opened_at LIMIT ?1",
        )?;
        let count_max = i64::try_from(count_max).unwrap_or(i64::MAX);
        let mut rows = statement.query([count_max])?;
        let mut open = Vec::new();
        while let Some(row) = rows.next()? {
            let id: String = row.get(0)?;
            let id = id
                .parse()
                .map_err(|_| LedgerError::Damaged("a request id is none"))?;
            open.push((id, Timestamp::from_millis(row.get(1)?)));
        }
        Ok(open)
    }

    /// Visits every charge of an account: escalations and recorded calls. The mark says whether it
    /// is known to be of this account; of what version 1 wrote that is unknown.
    pub(crate) fn settled_calls(
        &self,
        account: Option<UserId>,
        mut visit: impl FnMut(RequestId, NanoUsd, bool) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT request_id, cost_nano_usd, account IS NOT NULL FROM escalations
             WHERE state = 'settled' AND (account IS NULL OR ?1 IS NULL OR account = ?1)
             UNION ALL
             SELECT request_id, cost_nano_usd, account IS NOT NULL FROM records
             WHERE state = 'recorded' AND (account IS NULL OR ?1 IS NULL OR account = ?1)",
        )?;
        let mut rows = statement.query([account.map(|account| account.to_string())])?;
        while let Some(row) = rows.next()? {
            let id: String = row.get(0)?;
            let id = id
                .parse()
                .map_err(|_| LedgerError::Damaged("a request id is none"))?;
            visit(id, NanoUsd::new(row.get(1)?), row.get(2)?)?;
        }
        Ok(())
    }

    /// What this device knows of a call, if anything.
    pub(crate) fn call_state(&self, request: RequestId) -> Result<Option<CallState>, LedgerError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT state, cost_nano_usd FROM escalations WHERE request_id = ?1
             UNION ALL SELECT state, cost_nano_usd FROM records WHERE request_id = ?1",
        )?;
        let found = statement
            .query_row([request.to_string()], |row| {
                Ok((row.get::<_, String>(0)?, row.get(1)?))
            })
            .optional()?;
        Ok(found.map(|(state, cost)| match state.as_str() {
            "settled" | "recorded" => CallState::Settled(NanoUsd::new(cost)),
            "released" | "refused" => CallState::Released,
            _ => CallState::Open,
        }))
    }
}

/// The name of a model until the cloud says which one answered.
fn asked(model: CloudModel) -> &'static str {
    match model {
        CloudModel::ClaudeSonnet => "claude-sonnet",
        CloudModel::ClaudeOpus => "claude-opus",
        CloudModel::Gpt4Turbo => "gpt-4-turbo",
        CloudModel::Auto | CloudModel::Unspecified => "auto",
    }
}
