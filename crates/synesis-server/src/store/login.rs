//! Logins of devices that wait for a person. Only what they are now is kept, for minutes.

use synesis_domain::login::{LoginRequest, LoginStage};
use synesis_domain::{
    DeviceLogin, Digest, LoginCommand, LoginEvent, LoginRefusal, Timestamp, UserCode, UserId,
};

use super::sql::{Row, values};
use super::{Books, StoreError};

const BY_DEVICE_CODE: &str =
    "SELECT key, name, place, asked_at, expires_at, stage, user, polled_at,
    interval_ms FROM logins WHERE code = ?1 FOR UPDATE";
const BY_USER_CODE: &str = "SELECT key, name, place, asked_at, expires_at, stage, user, polled_at,
    interval_ms FROM logins WHERE user_code = ?1 FOR UPDATE";

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
        let count: Option<i64> = self
            .sql
            .one("SELECT count(*) FROM logins", &[], |row| row.get(0))?;
        Ok(usize::try_from(count.unwrap_or(0)).unwrap_or(usize::MAX))
    }

    /// The login behind a code: one of which nothing is known where there is none.
    pub(crate) fn login(&mut self, code: LoginCode) -> Result<DeviceLogin, StoreError> {
        let found = match code {
            LoginCode::Device(hash) => self.sql.one(BY_DEVICE_CODE, values![&hash], read)?,
            LoginCode::User(code) => {
                self.sql
                    .one(BY_USER_CODE, values![code.letters().as_str()], read)?
            }
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
                self.sql.execute(
                    "INSERT INTO logins (code, user_code, key, name, place, asked_at, expires_at,
                                         stage, interval_ms)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8)",
                    values![
                        &device_code,
                        user_code.letters().as_str(),
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
        let interval_ms = login.interval_ms();
        match code {
            LoginCode::Device(hash) => self.sql.execute(
                "UPDATE logins SET stage = ?2, user = ?3, polled_at = ?4, interval_ms = ?5
                 WHERE code = ?1",
                values![&hash, stage, user, polled_at, interval_ms],
            )?,
            LoginCode::User(code) => self.sql.execute(
                "UPDATE logins SET stage = ?2, user = ?3, polled_at = ?4, interval_ms = ?5
                 WHERE user_code = ?1",
                values![code.letters().as_str(), stage, user, polled_at, interval_ms],
            )?,
        };
        Ok(Ok(events))
    }

    /// Drops logins that lapsed a while ago; until then their devices hear why.
    pub(crate) fn drop_logins_before(&mut self, end: Timestamp) -> Result<(), StoreError> {
        self.sql.execute(
            "DELETE FROM logins WHERE expires_at <= ?1",
            values![end.as_millis()],
        )?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> Result<DeviceLogin, StoreError> {
    let unreadable = |column| StoreError::DamagedRow { column };
    let time = |column| row.get(column).map(Timestamp::from_millis);
    let request = LoginRequest {
        key: Digest::from_bytes(row.get(0)?),
        name: row.get::<&str>(1)?.parse().map_err(|_| unreadable(1))?,
        place: row.get::<&str>(2)?.parse().map_err(|_| unreadable(2))?,
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
