//! API keys over the tunnel: the calls behind `synesis cloud keys`.

use synesis_domain::key::CreatedKey;
use synesis_domain::{KeyId, KeyName, Scope, Scopes, Timestamp};
use synesis_wire::ErrorCode;
use synesis_wire::proto;

use crate::api_keys::{self, KeyError, Listed, Wanted};
use crate::call::Fault;
use crate::cloud::Cloud;
use crate::error::chain;
use crate::hub::Link;

pub(crate) async fn create(
    cloud: &Cloud,
    link: &Link,
    request: proto::KeyCreateRequest,
) -> Result<proto::KeyCreateResponse, Fault> {
    let wanted = wanted(&request)?;
    let secret = api_keys::create(&cloud.store, link.claims.user, wanted)
        .await
        .map_err(fault)?;
    let id = secret.id();
    let listed = api_keys::list(&cloud.store, link.claims.user).await?;
    let key = listed.iter().find(|listed| listed.key.id() == id);
    Ok(proto::KeyCreateResponse {
        secret: secret.to_text(),
        key: key.map(info),
    })
}

fn wanted(request: &proto::KeyCreateRequest) -> Result<Wanted, Fault> {
    let scopes: Vec<Scope> = request
        .scopes
        .iter()
        .map(|scope| scope.parse())
        .collect::<Result<_, _>>()
        .map_err(|error| bad(&error))?;
    let name = KeyName::new(request.name.trim()).map_err(|error| bad(&error))?;
    let scopes = Scopes::new(scopes).ok_or_else(|| bad(&"an API key needs a scope"))?;
    Ok(Wanted {
        name,
        scopes,
        expires_at: request.expires_at.map(Timestamp::from_millis),
    })
}

pub(crate) async fn list(cloud: &Cloud, link: &Link) -> Result<proto::KeyListResponse, Fault> {
    let listed = api_keys::list(&cloud.store, link.claims.user).await?;
    Ok(proto::KeyListResponse {
        keys: listed.iter().map(info).collect(),
    })
}

pub(crate) async fn revoke(
    cloud: &Cloud,
    link: &Link,
    request: proto::KeyRevokeRequest,
) -> Result<proto::KeyRevokeResponse, Fault> {
    let id: KeyId = request.key_id.parse().map_err(|error| bad(&error))?;
    api_keys::revoke(&cloud.store, link.claims.user, id)
        .await?
        .map_err(|refusal| bad(&refusal))?;
    Ok(proto::KeyRevokeResponse {})
}

fn info(listed: &Listed) -> proto::ApiKeyInfo {
    let CreatedKey {
        at,
        name,
        scopes,
        expires_at,
        ..
    } = &listed.created;
    proto::ApiKeyInfo {
        key_id: listed.key.id().to_string(),
        name: name.to_string(),
        scopes: scopes.iter().map(|scope| scope.to_string()).collect(),
        created_at: at.as_millis(),
        expires_at: expires_at.map(Timestamp::as_millis),
        last_used_at: listed.used_at.map(Timestamp::as_millis),
        revoked_at: listed.key.revoked_at().map(Timestamp::as_millis),
    }
}

fn bad(problem: &dyn std::fmt::Display) -> Fault {
    Fault::new(ErrorCode::BadRequest, problem.to_string())
}

fn fault(error: KeyError) -> Fault {
    match error {
        KeyError::TooMany | KeyError::Refused(_) => bad(&error),
        KeyError::Store(error) => error.into(),
        KeyError::Random(_) => {
            tracing::error!(error = %chain(&error), "an API key could not be made");
            Fault::new(ErrorCode::Internal, "the API key could not be made")
        }
    }
}
