//! What must not compile.

#[test]
fn raw_text_does_not_pass_the_walls() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/walls/*.rs");
}
