//! The domain's public face, held to its promises.
