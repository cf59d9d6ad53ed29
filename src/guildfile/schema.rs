//! The JSON Schema of guild files, from the same description that files are
//! checked against, for editors.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::form::{Form, Key, Object, Others, Rule, Shape};
use super::keys;

/// A text with a reference to a parameter, which may stand for anything.
const REFERENCE: &str = "#/$defs/reference";

/// The JSON Schema (draft 2020-12) of guild files.
pub fn schema() -> Value {
    let mut writer = Writer::default();
    let objects = [
        &keys::MODEL,
        &keys::CONFIG,
        &keys::INCLUDE,
        &keys::PACKAGE,
        &keys::TEST,
    ];
    let items: Vec<Value> = objects
        .into_iter()
        .map(|object| writer.reference(object))
        .collect();
    let operation = writer.form(&keys::OPERATION, true);
    let mut definitions: Map<String, Value> = writer.definitions.into_iter().collect();
    definitions.insert(
        "reference".to_string(),
        json!({
            "description": "A reference to a parameter.",
            "type": "string",
            "pattern": "\\{\\{.*\\}\\}",
        }),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Guild file",
        "description": "Operations of a project, for 'guild'.",
        "oneOf": [
            {"description": "Operations by name.", "type": "object", "additionalProperties": operation},
            {"description": "Objects.", "type": "array", "items": {"oneOf": items}},
            {"type": "null"},
        ],
        "$defs": definitions,
    })
}

#[derive(Default)]
struct Writer {
    definitions: BTreeMap<String, Value>,
}

impl Writer {
    /// A reference to the definition of `object`, which is made if it is new.
    fn reference(&mut self, object: &'static Object) -> Value {
        let mut name = object.name.to_string();
        // Objects of one name differ in what they require.
        if object.name == "optimizer" && object.rules.is_empty() {
            name.push_str("-named");
        }
        if !self.definitions.contains_key(&name) {
            self.definitions.insert(name.clone(), Value::Null);
            let definition = self.object(object);
            self.definitions.insert(name.clone(), definition);
        }
        json!({"$ref": format!("#/$defs/{name}")})
    }

    fn object(&mut self, object: &'static Object) -> Value {
        let properties: Map<String, Value> = object
            .keys
            .iter()
            .map(|key| (key.name.to_string(), self.key(key)))
            .collect();
        let mut schema = json!({
            "description": object.about,
            "type": "object",
            "properties": properties,
        });
        if object.others == Others::Unknown {
            schema["additionalProperties"] = false.into();
        }
        let mut all: Vec<Value> = object.rules.iter().map(rule).collect();
        // What an object is told by.
        if let Some(key) = object.keys.first().filter(|key| key.name == object.name) {
            let required = match key.name {
                "model" => {
                    json!({"anyOf": [{"required": ["model"]}, {"required": ["operations"]}]})
                }
                name => json!({"required": [name]}),
            };
            all.push(required);
        }
        if !all.is_empty() {
            schema["allOf"] = all.into();
        }
        schema
    }

    fn key(&mut self, key: &'static Key) -> Value {
        let mut schema = self.form(&key.form, !key.may_be_null);
        if let Some(map) = schema.as_object_mut() {
            map.insert("description".to_string(), key.about.into());
        }
        schema
    }

    /// What has the form; something must be there if `is_required`.
    fn form(&mut self, form: &'static Form, is_required: bool) -> Value {
        let mut shapes = Vec::new();
        self.shapes(&form.shape, &mut shapes);
        if shapes.contains(&json!({})) {
            return json!({});
        }
        if !is_required {
            shapes.push(json!({"type": "null"}));
        }
        let takes_text = shapes.contains(&json!({"type": "string"}));
        if !takes_text {
            shapes.push(json!({"$ref": REFERENCE}));
        }
        json!({"anyOf": shapes})
    }

    fn shapes(&mut self, shape: &'static Shape, shapes: &mut Vec<Value>) {
        match shape {
            Shape::Either(several) => {
                for shape in *several {
                    match shape {
                        // What is no map may be anything; a map is of the object.
                        Shape::Anything => shapes.push(json!({"not": {"type": "object"}})),
                        shape => self.shapes(shape, shapes),
                    }
                }
            }
            Shape::Anything => shapes.push(json!({})),
            Shape::Truth => {
                shapes.push(json!({"type": "boolean"}));
                // What editors that read YAML 1.2 take for texts.
                shapes.push(json!({"enum": ["yes", "no", "on", "off"]}));
            }
            Shape::Switch => {
                shapes.push(json!({"type": "boolean"}));
                shapes.push(json!({"enum": ["yes", "no", "on", "off"]}));
            }
            Shape::Off => shapes.push(json!({"enum": [false, "no", "off"]})),
            Shape::Str => shapes.push(json!({"type": "string"})),
            Shape::Text => {
                shapes.push(json!({"type": "string"}));
                shapes.push(json!({"type": ["number", "boolean"]}));
            }
            // Not from the root, and nowhere two dots.
            Shape::Inside => shapes.push(json!({
                "type": "string",
                "pattern": r"^(?!/)(?!(.*/)?\.\.(/|$))",
            })),
            Shape::Exactly(text) => shapes.push(json!({"const": text})),
            Shape::Word(words) => shapes.push(json!({"enum": words})),
            Shape::Number => shapes.push(json!({"type": "number"})),
            Shape::Count => shapes.push(json!({"type": "integer", "minimum": 0})),
            Shape::List(item) => {
                let items = self.form(item, true);
                shapes.push(json!({"type": "array", "items": items}));
            }
            Shape::Map(value) => {
                let values = self.form(value, true);
                shapes.push(json!({"type": "object", "additionalProperties": values}));
            }
            Shape::Section(value) => {
                let values = self.form(value, true);
                shapes.push(json!({
                    "type": "object",
                    "properties": {"$include": {
                        "description": "Sections of other objects: CONFIG[#NAMES] or \
                                        MODEL:OPERATION[#NAMES].",
                        "anyOf": [
                            {"type": "string"},
                            {"type": "array", "items": {"type": "string"}},
                        ],
                    }},
                    "additionalProperties": values,
                }));
            }
            Shape::Object(object) => shapes.push(self.reference(object)),
            Shape::ByKey(objects, other) => shapes.push(self.by_key(objects, other)),
        }
    }

    fn by_key(
        &mut self,
        objects: &'static [(&'static str, &'static Object)],
        other: &'static Object,
    ) -> Value {
        objects
            .iter()
            .rev()
            .fold(self.reference(other), |otherwise, (key, object)| {
                let then = self.reference(object);
                json!({
                    "type": "object",
                    "if": {"required": [key]},
                    "then": then,
                    "else": otherwise,
                })
            })
    }
}

fn rule(rule: &Rule) -> Value {
    let required = |name: &&str| json!({"required": [name]});
    match rule {
        Rule::Required(name) => required(name),
        Rule::OneKey { names, .. } => {
            json!({"oneOf": names.iter().map(required).collect::<Vec<_>>()})
        }
        Rule::OneOf { names, others, .. } => {
            let all: Vec<_> = names.iter().chain(others.iter()).map(required).collect();
            json!({"oneOf": all})
        }
        Rule::AnyKey { names, .. } => {
            json!({"anyOf": names.iter().map(required).collect::<Vec<_>>()})
        }
        Rule::NotBoth(left, right, _) => json!({"not": {"required": [left, right]}}),
    }
}
