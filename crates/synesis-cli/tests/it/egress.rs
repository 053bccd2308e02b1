//! No private value leaves: every byte that a cloud received is read.

use synesis_testkit::MockCloudServer;

use crate::world::World;

const SECRET: &str = "ann.smith@example.com";

/// Whether the value, or a telling part of it in a common disguise, is in the bytes.
fn holds(bytes: &[u8], value: &str) -> bool {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let local = value.split('@').next().unwrap_or(value);
    [
        value.to_owned(),
        local.to_owned(),
        value.replace('@', "%40"),
    ]
    .iter()
    .any(|form| text.contains(form.as_str()))
}

#[test]
fn the_address_never_leaves_and_stands_in_the_answer() {
    let world = World::new();
    let cloud = MockCloudServer::start_streaming(&["Dear reader, ", "the capital is ", "Paris."]);
    std::fs::create_dir(world.file("identity")).unwrap();
    cloud.write_identity(&world.file("identity"));
    let question = format!("Write to {SECRET}: what is the capital of France?");
    let notes = world.file("notes.txt");
    std::fs::write(
        &notes,
        format!("Reply-To: {SECRET}\nPhone: +49 30 901820\n"),
    )
    .unwrap();

    let ran = world
        .run(&[
            "ask",
            "--cloud",
            "--show-egress",
            "--context",
            notes.to_str().unwrap(),
            &question,
        ])
        .ok();
    assert!(ran.stdout.contains("Paris."), "{}", ran.all());

    let received = cloud.received_bytes();
    assert!(!received.is_empty());
    assert!(!holds(&received, SECRET), "the address left the device");
    assert!(
        !holds(&received, "901820"),
        "the telephone number left the device"
    );
    let queries = cloud.received_queries();
    assert_eq!(queries.len(), 1);
    assert!(queries[0].starts_with("Write to [EMAIL_"), "{}", queries[0]);
    // What was shown is what left.
    assert!(ran.stderr.contains(&queries[0]), "{}", ran.all());
    // Nothing that the program printed to stderr, its log included, holds the value either.
    assert!(!holds(ran.stderr.as_bytes(), SECRET), "{}", ran.all());
}

#[test]
fn the_answer_has_the_address_again() {
    let world = World::new();
    // The private cloud's model answers to the placeholder; the person reads the address.
    let question = format!("Write to {SECRET}: what is the capital of France?");
    let ran = world
        .run(&["ask", "--cloud", "--json", "--show-egress", &question])
        .ok();
    let value = ran.json();
    assert!(
        value["answer"].as_str().unwrap().contains(SECRET),
        "{}",
        ran.all()
    );
    assert!(
        !value["cloud"]["egress"].to_string().contains("ann.smith"),
        "{}",
        ran.all()
    );
}

#[test]
fn values_at_rest_are_sealed() {
    let world = World::new();
    world
        .run_with_stdin(
            &["redact", "--conversation", "c"],
            format!("Mail {SECRET}.").as_bytes(),
        )
        .ok();
    for entry in std::fs::read_dir(world.home()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            assert!(
                !holds(&std::fs::read(&path).unwrap(), SECRET),
                "{}",
                path.display()
            );
        }
    }
}
