//! Tenants, people, groups, sign-in, sessions, tokens.
