//! Logins of devices that wait for a person. Only what they are now is kept, for minutes.

use rusqlite::{OptionalExtension, Row, params};
use synesis_domain::login::{LoginRequest, LoginStage};
use synesis_domain::{
    DeviceLogin, Digest, LoginCommand, LoginEvent, LoginRefusal, Timestamp, UserCode, UserId,
};

use super::{Books, StoreError};

const COLUMNS: &str = "key, name, place, asked_at, expires_at, stage, user, polled_at, interval_ms";

const PENDING: i64 = 0;
const APPROVED: i64 = 1;
const DENIED: i64 = 2;
const REDEEMED: i64 = 3;

/// By which of its two codes a login is found.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LoginCode {
    /// The hash of the one that the device keeps.
    Device([u8; 32]),
    /// The one that the person sees.
    User(UserCode),
}

impl Books {
    /// How many logins there are, answered or not.
    pub(crate) fn logins(&mut self) -> Result<usize, StoreError> {
        let count: i64 = self
            .connection
            .query_row("SELECT count(*) FROM logins", [], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// The login behind a code: one of which nothing is known where there is none.
    pub(crate) fn login(&mut self, code: LoginCode) -> Result<DeviceLogin, StoreError> {
        let found = match code {
            LoginCode::Device(hash) => self
                .connection
                .prepare_cached(&format!("SELECT {COLUMNS} FROM logins WHERE code = ?1"))?
                .query_row(params![hash], read)
                .optional()?,
            LoginCode::User(code) => self
                .connection
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM logins WHERE user_code = ?1"
                ))?
                .query_row(params![code.letters()], read)
                .optional()?,
        };
        Ok(found.unwrap_or_default())
    }

    /// Keeps a new login under both its codes.
    pub(crate) fn ask_login(
        &mut self,
        device_code: [u8; 32],
        user_code: UserCode,
        now: Timestamp,
        ask: &LoginCommand,
    ) -> Result<Result<(), LoginRefusal>, StoreError> {
        let events = match self.login(LoginCode::User(user_code))?.decide(now, ask) {
            Ok(events) => events,
            Err(refusal) => return Ok(Err(refusal)),
        };
        for event in &events {
            if let LoginEvent::Asked(request) = event {
                self.connection.execute(
                    "INSERT INTO logins (code, user_code, key, name, place, asked_at, expires_at,
                                         stage, interval_ms)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8)",
                    params![
                        device_code,
                        user_code.letters(),
                        request.key.as_bytes(),
                        request.name.as_str(),
                        request.place.as_str(),
                        request.asked_at.as_millis(),
                        request.expires_at.as_millis(),
                        synesis_domain::limits::LOGIN_INTERVAL_MS,
                    ],
                )?;
            }
        }
        Ok(Ok(()))
    }

    /// Does what a command asks of a login, and gives what happened.
    pub(crate) fn login_command(
        &mut self,
        code: LoginCode,
        now: Timestamp,
        command: &LoginCommand,
    ) -> Result<Result<Vec<LoginEvent>, LoginRefusal>, StoreError> {
        let mut login = self.login(code)?;
        let events = match login.decide(now, command) {
            Ok(events) => events,
            Err(refusal) => return Ok(Err(refusal)),
        };
        for event in &events {
            login.apply(event);
        }
        let (stage, user) = match login.stage() {
            LoginStage::Pending => (PENDING, None),
            LoginStage::Approved { user } => (APPROVED, Some(user)),
            LoginStage::Denied => (DENIED, None),
            LoginStage::Redeemed => (REDEEMED, None),
        };
        let user = user.as_ref().map(UserId::as_bytes);
        let polled_at = login.polled_at().map(Timestamp::as_millis);
        let (column, key): (_, Box<dyn rusqlite::ToSql>) = match code {
            LoginCode::Device(hash) => ("code", Box::new(hash)),
            LoginCode::User(code) => ("user_code", Box::new(code.letters())),
        };
        self.connection
            .prepare_cached(&format!(
                "UPDATE logins SET stage = ?2, user = ?3, polled_at = ?4, interval_ms = ?5
                 WHERE {column} = ?1"
            ))?
            .execute(params![key, stage, user, polled_at, login.interval_ms()])?;
        Ok(Ok(events))
    }

    /// Drops logins that lapsed a while ago; until then their devices hear why.
    pub(crate) fn drop_logins_before(&mut self, end: Timestamp) -> Result<(), StoreError> {
        self.connection.execute(
            "DELETE FROM logins WHERE expires_at <= ?1",
            params![end.as_millis()],
        )?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<DeviceLogin> {
    let name = |at: usize| -> rusqlite::Result<String> { row.get(at) };
    let unreadable = |at: usize, error: synesis_domain::NameError| {
        let kind = rusqlite::types::Type::Text;
        rusqlite::Error::FromSqlConversionFailure(at, kind, Box::new(error))
    };
    let time =
        |at: usize| -> rusqlite::Result<Timestamp> { row.get(at).map(Timestamp::from_millis) };
    let request = LoginRequest {
        key: Digest::from_bytes(row.get(0)?),
        name: name(1)?.parse().map_err(|error| unreadable(1, error))?,
        place: name(2)?.parse().map_err(|error| unreadable(2, error))?,
        asked_at: time(3)?,
        expires_at: time(4)?,
    };
    let user: Option<[u8; 16]> = row.get(6)?;
    let stage = match (row.get(5)?, user) {
        (PENDING, _) => LoginStage::Pending,
        (APPROVED, Some(user)) => LoginStage::Approved {
            user: UserId::from_bytes(user),
        },
        (REDEEMED, _) => LoginStage::Redeemed,
        // Whatever cannot be read lets nobody in.
        _ => LoginStage::Denied,
    };
    let polled_at: Option<i64> = row.get(7)?;
    let polled_at = polled_at.map(Timestamp::from_millis);
    Ok(DeviceLogin::restore(request, stage, polled_at, row.get(8)?))
}
