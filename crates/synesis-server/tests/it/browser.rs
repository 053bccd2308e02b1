//! A person's browser, as far as forms and cookies go.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};

use crate::client::{PATIENCE, World, https};

pub(crate) struct Browser {
    client: reqwest::Client,
    pub(crate) origin: String,
    pub(crate) cookies: BTreeMap<String, String>,
}

/// A page that came back.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) cookies: Vec<String>,
    pub(crate) policy: String,
    pub(crate) text: String,
}

impl Page {
    /// The token of the page's form.
    pub(crate) fn form_token(&self) -> String {
        let (_, rest) = self
            .text
            .split_once("name=\"form_token\" value=\"")
            .unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}

impl Browser {
    pub(crate) fn new(world: &World) -> Self {
        Self {
            client: https(world.dir.path()),
            origin: format!("https://{}", world.server.addr()),
            cookies: BTreeMap::new(),
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        let request = self.client.get(format!("{}{path}", self.origin));
        self.send(request).await
    }

    /// Posts a form as a browser does from a page of this server.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let origin = self.origin.clone();
        self.post_from(&origin, path, fields).await
    }

    pub(crate) async fn post_from(
        &mut self,
        origin: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Page {
        let request = self
            .client
            .post(format!("{}{path}", self.origin))
            .header(ORIGIN, origin)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(encoded(fields));
        self.send(request).await
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Page {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let response = request
            .header(COOKIE, cookies.join("; "))
            .send()
            .await
            .unwrap();
        let header = |name| {
            let value = response.headers().get(name);
            value.map(|value: &reqwest::header::HeaderValue| value.to_str().unwrap().to_owned())
        };
        let set: Vec<String> = response
            .headers()
            .get_all(SET_COOKIE)
            .iter()
            .map(|value| value.to_str().unwrap().to_owned())
            .collect();
        for cookie in &set {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        Page {
            status: response.status().as_u16(),
            location: header(LOCATION.as_str()),
            policy: header("content-security-policy").unwrap_or_default(),
            cookies: set,
            text: response.text().await.unwrap(),
        }
    }

    /// Asks for a link, finds it in the outbox and presses its button.
    pub(crate) async fn sign_in(&mut self, world: &World, email: &str) -> Page {
        let token = self.get("/sign-in").await.form_token();
        let sent = self
            .post("/sign-in", &[("form_token", &token), ("email", email)])
            .await;
        assert_eq!(sent.status, 200, "{}", sent.text);
        let link = mailed_link(world.dir.path(), email).await;
        let page = self.get(&format!("/link/{link}")).await;
        let token = page.form_token();
        self.post("/link", &[("form_token", &token), ("secret", &link)])
            .await
    }
}

pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    form.finish()
}

/// The mails in the outbox to an address, oldest first.
pub(crate) fn mails(data_dir: &Path, email: &str) -> Vec<String> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(data_dir.join("outbox"))
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
    paths.sort();
    let to = format!("To: {email}");
    paths
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .filter(|mail| mail.contains(&to))
        .collect()
}

/// The secret of the newest link that was mailed to an address.
pub(crate) async fn mailed_link(data_dir: &Path, email: &str) -> String {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(mail) = mails(data_dir, email).pop() {
            return secret_of(&mail);
        }
        assert!(tokio::time::Instant::now() < deadline, "no mail came");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

pub(crate) fn secret_of(mail: &str) -> String {
    let unwrapped = mail.replace("=\r\n", "");
    let (_, rest) = unwrapped.split_once("/link/").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}
