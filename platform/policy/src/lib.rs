//! Grants, schedules and the tenant's Cedar rules; answers every may-I with a decision and its reasons.
