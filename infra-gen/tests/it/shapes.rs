//! What is known of each resource type, as data.

use infra_gen::{Object, ResourceType, Shape};
use std::collections::BTreeSet;

/// Every object there is, with a name to find it by.
fn objects(name: String, shape: Shape, found: &mut Vec<(String, &'static Object)>) {
    match shape {
        Shape::List(item) | Shape::Map(item) => objects(name, *item, found),
        Shape::Object(object) => {
            found.push((name.clone(), object));
            for field in object.fields {
                objects(format!("{name}.{}", field.name), field.shape, found);
            }
        }
        _ => {}
    }
}

#[test]
fn types_are_found_by_name_and_in_order() {
    let names: Vec<_> = ResourceType::all().iter().map(|known| known.name).collect();
    assert!(names.is_sorted());
    assert!(names.len() >= 60);
    assert_eq!(ResourceType::find("AWS::SQS::Queue").unwrap().name, "AWS::SQS::Queue");
    assert!(ResourceType::find("AWS::SQS::Qeue").is_none());
}

#[test]
fn what_replaces_a_resource_is_a_property_of_it() {
    for known in ResourceType::all() {
        let Shape::Object(object) = known.shape else { panic!("{}", known.name) };
        for fact in known.create_only.iter().chain(known.conditional_create_only) {
            let property = fact.split('/').next().unwrap();
            // Read-only properties are no properties one can change.
            let readable = known.attributes.contains(&property);
            assert!(object.field(property).is_some() || readable, "{} {fact}", known.name);
        }
    }
}

#[test]
fn the_properties_of_an_object_are_in_order() {
    for known in ResourceType::all() {
        let mut found = Vec::new();
        objects(known.name.to_owned(), known.shape, &mut found);
        for (name, object) in found {
            let fields: Vec<_> = object.fields.iter().map(|field| field.name).collect();
            let unique: BTreeSet<_> = fields.iter().collect();
            assert!(fields.is_sorted() && unique.len() == fields.len(), "{name}");
        }
    }
}
