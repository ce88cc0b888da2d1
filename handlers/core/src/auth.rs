//! Who may connect: credentials and the rules they are read by.
//!
//! The order of the rules is in [`authorizer`](crate::authorizer). Signatures are checked and keys
//! are fetched by ports; nothing here keeps, repeats or logs a credential.

mod jwks;
mod jwt;
mod origin;
mod principal;

pub use jwks::{Algorithm, KeyCache, KeyError, PublicKey};
pub use jwt::{Jwt, JwtError, JwtRules};
pub use origin::{Origins, OriginsError};
pub use principal::{ContextError, Principal};
