struct Mine(String);

impl synesis_privacy::CloudSafe for Mine {
    fn cloud_text(&self) -> &str {
        &self.0
    }
}

fn send(_: &impl synesis_privacy::CloudSafe) {}

fn main() {
    send(&synesis_privacy::Raw::new(String::from("private")));
}
