fn main() {
    let mut m = std::collections::BTreeMap::new();
    for e in std::fs::read_dir("infra-gen/schemas").unwrap() {
        let p = e.unwrap().path();
        if p.extension().is_some_and(|e| e == "json") {
            m.insert(
                p.file_name().unwrap().to_str().unwrap().to_owned(),
                std::fs::read_to_string(&p).unwrap(),
            );
        }
    }
    for (k, v) in infra_codegen::generate(&m).unwrap() {
        std::fs::write(std::path::Path::new("infra-gen/src/aws").join(k), v).unwrap();
    }
}
