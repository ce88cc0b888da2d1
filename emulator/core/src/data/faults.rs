//! Faults of event source mappings that were asked for; what they do, [`crate::stream`] knows.

use super::Data;
use super::source::Source;
use crate::control::{Command, NotFound};
use crate::stream;
use std::num::NonZeroU32;

impl Data {
    /// What has not happened yet.
    pub(crate) fn faults(&self) -> Vec<Command> {
        let mut list = Vec::new();
        for source in self.sources.values() {
            let Some(faults) = source.faults() else { continue };
            let mapping = || source.spec().logical_id.clone();
            if let Some(count) = NonZeroU32::new(faults.duplicates) {
                list.push(Command::DuplicateBatch { mapping: mapping(), count });
            }
            if let Some(by) = faults.delay {
                list.push(Command::DelayBatch { mapping: mapping(), by });
            }
        }
        list
    }

    pub(crate) fn clear_faults(&mut self) {
        for faults in self.sources.values_mut().filter_map(Source::faults_mut) {
            *faults = stream::Faults::default();
        }
    }

    pub(crate) fn duplicate(&mut self, mapping: &str, count: NonZeroU32) -> Result<(), NotFound> {
        self.faults_of(mapping)?.duplicates = count.get();
        Ok(())
    }

    pub(crate) fn delay(&mut self, mapping: &str, by: std::time::Duration) -> Result<(), NotFound> {
        self.faults_of(mapping)?.delay = Some(by);
        Ok(())
    }

    fn faults_of(&mut self, mapping: &str) -> Result<&mut stream::Faults, NotFound> {
        let mut sources = self.sources.values_mut();
        let source = sources.find(|source| source.spec().logical_id == mapping);
        let source = source.ok_or_else(|| {
            NotFound(format!("no event source mapping has the logical id `{mapping}`"))
        })?;
        source.faults_mut().ok_or_else(|| {
            NotFound(format!("`{mapping}` reads a queue, which has no such faults; streams have"))
        })
    }
}
