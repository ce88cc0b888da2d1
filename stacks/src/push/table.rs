//! The one table, as `herald-contract` names its keys.

use crate::Stage;
use herald_contract::table::{EXP, Index, PK, SK};
use infra_gen::aws::dynamodb::Table;
use infra_gen::aws::dynamodb::table::{
    AttributeDefinition, AttributeType, BillingMode, GlobalSecondaryIndex, KeySchema, KeyType,
    PointInTimeRecoverySpecification, Projection, ProjectionType, StreamSpecification,
    StreamViewType, TimeToLiveSpecification,
};
use infra_gen::{DeletionPolicy, Handle, Options, Template, some};

pub(super) fn add(template: &mut Template, stage: &Stage) -> Handle<Table> {
    let keys = Index::ALL.iter().flat_map(|index| [index.pk(), index.sk()]);
    let attributes: Vec<_> = [PK, SK]
        .into_iter()
        .chain(keys)
        .map(|name| AttributeDefinition::new(name, AttributeType::S))
        .collect();
    let indexes: Vec<_> = Index::ALL.iter().map(|index| secondary(*index)).collect();
    let kept = if stage.retain_data { DeletionPolicy::Retain } else { DeletionPolicy::Delete };
    template.add_with(
        "Table",
        Table {
            attribute_definitions: some(attributes),
            billing_mode: some(BillingMode::PayPerRequest),
            global_secondary_indexes: some(indexes),
            point_in_time_recovery_specification: some(PointInTimeRecoverySpecification {
                point_in_time_recovery_enabled: some(true),
                ..PointInTimeRecoverySpecification::new()
            }),
            stream_specification: some(StreamSpecification::new(StreamViewType::NewAndOldImages)),
            time_to_live_specification: some(TimeToLiveSpecification {
                attribute_name: some(EXP),
                ..TimeToLiveSpecification::new(true)
            }),
            ..Table::new(schema(PK, SK))
        },
        Options {
            deletion_policy: Some(kept),
            update_replace_policy: Some(kept),
            ..Options::default()
        },
    )
}

fn schema(pk: &'static str, sk: &'static str) -> [KeySchema; 2] {
    [KeySchema::new(pk, KeyType::Hash), KeySchema::new(sk, KeyType::Range)]
}

fn secondary(index: Index) -> GlobalSecondaryIndex {
    let keys = Projection { projection_type: some(ProjectionType::KeysOnly), ..Projection::new() };
    GlobalSecondaryIndex::new(index.name(), schema(index.pk(), index.sk()), keys)
}
