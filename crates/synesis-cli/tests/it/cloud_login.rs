//! Logging in: with a code that nobody answers, with API keys, and what is said when it fails.

use std::io::{BufRead as _, BufReader};
use std::process::Child;

use serde_json::Value;

use crate::world::{World, finish, signal};

/// A private cloud, its address, and the file by which it is known.
struct Cloud {
    owner: World,
    url: String,
    ca: String,
}

impl Cloud {
    fn up() -> Self {
        let owner = World::new();
        let up = owner.run(&["--json", "cloud", "up"]).ok().json();
        let url = format!("https://{}", up["addr"].as_str().unwrap());
        let ca = owner.file("cloud/ca/ca.pem").display().to_string();
        Self { owner, url, ca }
    }

    fn key(&self, scope: &str) -> (String, String) {
        let args = [
            "--json", "cloud", "keys", "create", "--name", scope, "--scope", scope,
        ];
        let made = self.owner.run(&args).ok().json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&made["secret"]), text(&made["key"]["id"]))
    }

    fn login<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let mut args = vec![
            "cloud",
            "login",
            "--url",
            &self.url,
            "--ca",
            &self.ca,
            "--no-browser",
        ];
        args.extend(more);
        args
    }
}

/// The first line of data that a command writes.
fn first_line(child: &mut Child) -> Value {
    let mut line = String::new();
    let stdout = child.stdout.as_mut().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

#[test]
fn a_machine_without_a_person_logs_in_by_a_key_that_is_not_kept() {
    let cloud = Cloud::up();
    let (key, id) = cloud.key("write");
    let machine = World::new();
    let mut login = machine.command(&cloud.login(&[]));
    let ran = login.env("SYNESIS_CLOUD_API_KEY", &key).output().unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    machine.run(&["cloud", "status"]).ok();
    let kept = std::process::Command::new("grep")
        .args(["-r", "-l", &key])
        .arg(machine.home())
        .output()
        .unwrap();
    assert!(
        kept.stdout.is_empty(),
        "{}",
        String::from_utf8_lossy(&kept.stdout)
    );
    let listed = cloud
        .owner
        .run(&["--json", "cloud", "keys", "list"])
        .ok()
        .json();
    assert!(listed["keys"][0]["last_used_at"].is_string(), "{listed}");
    cloud.owner.run(&["cloud", "keys", "revoke", &id]).ok();
    let other = World::new();
    std::fs::write(other.file("key"), key).unwrap();
    let file = other.file("key").display().to_string();
    let refused = other
        .run(&cloud.login(&["--api-key-file", &file]))
        .failed(3);
    assert!(
        refused.stderr.contains("unknown, revoked or expired"),
        "{}",
        refused.all()
    );
}

#[test]
fn a_key_without_the_scope_hears_which_one_it_needs() {
    let cloud = Cloud::up();
    let (key, _) = cloud.key("read");
    let machine = World::new();
    let args = cloud.login(&["--api-key-file", "-"]);
    let refused = machine.run_with_stdin(&args, key.as_bytes()).failed(3);
    assert!(refused.stderr.contains("scope write"), "{}", refused.all());
    let damaged = &key[..key.len() - 1];
    let refused = machine.run_with_stdin(&args, damaged.as_bytes()).failed(1);
    assert!(refused.stderr.contains("checksum"), "{}", refused.all());
}

#[test]
fn the_key_of_a_models_server_stays_here() {
    let cloud = Cloud::up();
    let machine = World::new();
    let args = cloud.login(&["--json"]);
    let mut login = machine
        .command(&args)
        .env("SYNESIS_API_KEY", "sk-other")
        .spawn()
        .unwrap();
    // It asks the person, as if there were no key.
    let shown = first_line(&mut login);
    assert_eq!(shown["user_code"].as_str().unwrap().len(), 9, "{shown}");
    signal(login.id(), "INT");
    finish(login).failed(130);
}

#[test]
fn ctrl_c_leaves_a_login_cleanly() {
    let cloud = Cloud::up();
    let machine = World::new();
    let mut login = machine.start(&cloud.login(&["--json"]));
    let shown = first_line(&mut login);
    let code = shown["user_code"].as_str().unwrap();
    let page = shown["verification_uri_complete"].as_str().unwrap();
    assert_eq!(page, format!("{}/device?user_code={code}", cloud.url));
    signal(login.id(), "INT");
    let ended = finish(login).failed(130);
    assert!(ended.stderr.contains("given up"), "{}", ended.all());
    assert!(!machine.file("identity/cloud.json").exists());
}

#[test]
fn a_cloud_is_known_by_the_hash_of_its_authority() {
    let cloud = Cloud::up();
    let machine = World::new();
    let login = |hash: &str| {
        let args = [
            "cloud",
            "login",
            "--url",
            &cloud.url,
            "--no-browser",
            "--ca-sha256",
            hash,
        ];
        let token = cloud
            .owner
            .file("cloud/enrolment-token")
            .display()
            .to_string();
        machine.run(&[&args[..], &["--token-file", &token]].concat())
    };
    let wrong = login(&"0".repeat(64)).failed(3);
    assert!(wrong.stderr.contains("SHA-256"), "{}", wrong.all());
    let data = cloud.owner.file("cloud");
    let known = synesis_server::authority_summary(&data).unwrap().sha256;
    login(&known).ok();
    login(&known.to_uppercase()).ok();
    // Without either, only what browsers trust is believed.
    let args = ["cloud", "login", "--url", &cloud.url, "--no-browser"];
    let stranger = World::new().run(&args).failed(3);
    assert!(
        stranger.stderr.contains("--ca-sha256"),
        "{}",
        stranger.all()
    );
}

#[cfg(unix)]
#[test]
fn init_makes_the_key_that_a_later_login_uses() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    world.run(&["init"]).ok();
    let keys = || -> Vec<std::path::PathBuf> {
        let found = std::process::Command::new("find")
            .arg(world.home())
            .args(["-name", "key.pem", "-not", "-path", "*/cloud/*"])
            .output()
            .unwrap();
        let text = String::from_utf8(found.stdout).unwrap();
        text.lines().map(Into::into).collect()
    };
    let made = keys();
    assert_eq!(made.len(), 1, "{made:?}");
    let mode = std::fs::metadata(&made[0]).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = std::fs::read(&made[0]).unwrap();
    world.run(&["init"]).ok();
    world.run(&["cloud", "up"]).ok();
    assert_eq!(keys(), made);
    assert_eq!(std::fs::read(&made[0]).unwrap(), before);
}
