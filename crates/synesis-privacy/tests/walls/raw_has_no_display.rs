fn main() {
    let raw = synesis_privacy::Raw::new(String::from("private"));
    println!("{raw}");
}
