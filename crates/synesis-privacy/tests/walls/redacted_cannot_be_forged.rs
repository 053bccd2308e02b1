fn main() {
    let _ = synesis_privacy::Redacted { text: String::from("private") };
    let _ = synesis_privacy::Redacted::from(String::from("private"));
}
