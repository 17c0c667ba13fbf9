//! The description of the API (OpenAPI), held against every call a test makes: what is sent and what comes back must be
//! described, down to the last member.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::client::Answer;

/// The description of one server.
pub(crate) struct Described {
    document: Value,
    /// By method, described path and part; made when first needed.
    validators: Mutex<HashMap<String, Validator>>,
}

impl Described {
    pub(crate) fn new(openapi: &str) -> Self {
        let mut document: Value = serde_json::from_str(openapi).unwrap();
        let mut composed = BTreeSet::new();
        composed_of(&document, &mut composed);
        if let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") {
            for (name, schema) in schemas {
                close(schema, composed.contains(name.as_str()));
            }
        }
        Self { document, validators: Mutex::default() }
    }

    /// Panics when a successful call is not described as it was made and answered.
    #[track_caller]
    pub(crate) fn hold(&self, method: &Method, path: &str, asked: &str, answer: &Answer) {
        if !answer.status.is_success() {
            let is_problem =
                answer.headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
            if is_problem {
                let problem = json!({ "$ref": "#/components/schemas/Problem" });
                self.check(&format!("the refusal of {method} {path}"), &problem, &answer.text);
            }
            return;
        }
        let path = path.split('?').next().unwrap_or_default();
        let call = format!("{method} {path}");
        let Some(operation) = self.operation(method, path) else { panic!("{call} is not described") };
        if !asked.is_empty() {
            let content = operation.pointer("/requestBody/content").and_then(Value::as_object);
            let content = content.unwrap_or_else(|| panic!("the body of {call} is not described"));
            // A body of another kind, such as a picture, has no schema to be held against.
            if let Some(schema) = content.get("application/json").and_then(|json| json.get("schema")) {
                self.check(&format!("what {call} was sent"), schema, asked);
            }
        }
        let status = answer.status.as_u16();
        let Some(response) = operation.pointer(&format!("/responses/{status}")) else {
            panic!("{call} answered {status}, which is not described")
        };
        let is_json = answer.headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
        let answered = &answer.text;
        if is_json && !answered.is_empty() {
            let schema = response.pointer("/content/application~1json/schema");
            let schema = schema
                .unwrap_or_else(|| panic!("the answer of {call} ({status}) is not described: {answered}"));
            self.check(&format!("what {call} answered"), schema, answered);
        }
    }

    /// The described operation; a path without parameters goes before one with.
    fn operation(&self, method: &Method, path: &str) -> Option<&Value> {
        let parts: Vec<&str> = path.split('/').collect();
        let paths = self.document.get("paths")?.as_object()?;
        let fits = |described: &str| {
            let described: Vec<&str> = described.split('/').collect();
            described.len() == parts.len()
                && described.iter().zip(&parts).all(|(known, part)| known.starts_with('{') || known == part)
        };
        let mut fitting: Vec<_> = paths.iter().filter(|(described, _)| fits(described)).collect();
        fitting.sort_by_key(|(described, _)| described.matches('{').count());
        fitting.iter().find_map(|(_, operations)| operations.get(method.as_str().to_lowercase()))
    }

    #[track_caller]
    fn check(&self, what: &str, schema: &Value, text: &str) {
        let value: Value = serde_json::from_str(text).unwrap();
        let mut schema = schema.clone();
        close(&mut schema, false);
        let whole = json!({ "allOf": [schema], "components": self.document.get("components") });
        let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        let validator = validators
            .entry(whole["allOf"].to_string())
            .or_insert_with(|| jsonschema::validator_for(&whole).unwrap());
        let faults: Vec<String> = validator
            .iter_errors(&value)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        drop(validators);
        assert!(faults.is_empty(), "{what} is not as described: {faults:#?}\n{text}");
    }
}

/// Names of schemas that are parts of others: they alone do not say all members.
fn composed_of(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for part in members.get("allOf").and_then(Value::as_array).into_iter().flatten() {
                let name = part.get("$ref").and_then(Value::as_str).and_then(|to| to.rsplit('/').next());
                names.extend(name.map(str::to_owned));
            }
            members.values().for_each(|member| composed_of(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| composed_of(item, names)),
        _ => {}
    }
}

/// Lets no member pass that the schema does not name.
fn close(schema: &mut Value, open: bool) {
    match schema {
        Value::Object(members) => {
            let composed = members.contains_key("allOf");
            for (name, member) in members.iter_mut() {
                match member {
                    Value::Object(properties) if name == "properties" => {
                        properties.values_mut().for_each(|property| close(property, false));
                    }
                    Value::Array(parts) if name == "allOf" => {
                        parts.iter_mut().for_each(|part| close(part, true));
                    }
                    Value::Object(_) | Value::Array(_) if name != "enum" && name != "example" => {
                        close(member, false);
                    }
                    _ => {}
                }
            }
            let names = members.contains_key("properties") || composed;
            if names && !open && !members.contains_key("additionalProperties") {
                members.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| close(item, open)),
        _ => {}
    }
}
