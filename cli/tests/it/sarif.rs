//! `scan --format sarif` against the schema of SARIF 2.1.0: the part of it that the audit kit's tests
//! have, and what a scan uses besides. No other property is allowed.

use serde_json::{Value, json};

use crate::documents::read;

/// The part of SARIF's schema that a scan may use.
fn schema() -> Value {
    let mut schema: Value = serde_json::from_str(&read("audit/tests/sarif.schema.json")).unwrap();
    let location = json!({ "$ref": "location" });
    let list = |items: Value| json!({ "type": "array", "items": items });
    let object = |name: &str, of: Value| json!({ "type": "object", "required": [name], "properties": { name: of } });
    let step = object("location", location.clone());
    let flow = object("threadFlows", list(object("locations", list(step))));
    let run = "/properties/runs/items/properties";
    let driver = format!("{run}/tool/properties/driver/properties");
    let result = "/definitions/result/properties";
    let region = "/definitions/location/properties/physicalLocation/properties/region/properties";
    let index = json!({ "type": "integer", "minimum": -1 });
    for (object, name, property) in [
        (run, "columnKind", json!({ "enum": ["utf16CodeUnits", "unicodeCodePoints"] })),
        (&driver, "semanticVersion", json!({ "type": "string" })),
        (result, "ruleIndex", index),
        (result, "codeFlows", list(flow)),
        (result, "relatedLocations", list(location)),
        (result, "properties", json!({ "type": "object" })),
        (region, "startColumn", json!({ "type": "integer", "minimum": 1 })),
    ] {
        let properties = schema.pointer_mut(object).and_then(Value::as_object_mut).unwrap();
        assert!(properties.insert(name.into(), property).is_none(), "{name} is there already");
    }
    strict(&mut schema);
    schema
}

/// Writes out what the audit kit's validator takes for granted: where a name is to be found, and that
/// there are no other properties.
fn strict(schema: &mut Value) {
    if let Value::Object(fields) = schema {
        if let Some(Value::String(name)) = fields.get_mut("$ref") {
            name.insert_str(0, "#/definitions/");
        }
        if fields.get("type").is_some_and(|name| name == "object")
            && fields.contains_key("properties")
        {
            fields.insert("additionalProperties".into(), false.into());
        }
        fields.values_mut().for_each(strict);
    }
}

fn scan(path: &str) -> Value {
    let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_strideproof"))
        .args(["scan", &path, "--format", "sarif"])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn what_a_scan_writes_is_sarif() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../scan/tests/fixtures");
    let files = std::fs::read_dir(folder).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let fixtures = names.map(|name| format!("scan/tests/fixtures/{name}"));
    let mut some = None;
    for path in fixtures.chain(["src/lib.rs".into()]) {
        let log = scan(&path);
        assert!(schema.is_valid(&log), "{path}: {log:#}");
        some = some.or(Some(log).filter(|log| log.pointer("/runs/0/results/0").is_some()));
    }
    let log = some.expect("a fixture with a finding");
    for (place, name, value) in [
        ("", "version", json!("2.0.0")),
        ("/runs/0", "other", json!(1)),
        ("/runs/0/tool/driver", "name", json!(1)),
        ("/runs/0/results/0", "level", json!("fatal")),
        ("/runs/0/results/0/message", "text", json!(null)),
        ("/runs/0/results/0/locations/0/physicalLocation/region", "startColumn", json!(0)),
        ("/runs/0/results/0/codeFlows/0/threadFlows/0", "locations", json!({})),
    ] {
        let mut wrong = log.clone();
        wrong.pointer_mut(place).unwrap()[name] = value;
        assert!(!schema.is_valid(&wrong), "{wrong:#}");
    }
}
