//! Limits of a template ("Understand CloudFormation quotas").

pub(crate) const RESOURCES_MOST: usize = 500;
pub(crate) const PARAMETERS_MOST: usize = 200;
pub(crate) const OUTPUTS_MOST: usize = 200;
pub(crate) const MAPPINGS_MOST: usize = 200;
pub(crate) const DESCRIPTION_BYTES_MOST: usize = 1024;
/// What a request can carry; a longer template has to be uploaded.
pub(crate) const INLINE_BYTES_MOST: usize = 51_200;
pub(crate) const BYTES_MOST: usize = 1_000_000;
