//! Migrations run once, and an older server does not touch a newer database.

use sekisho_storage::{Migration, Store};
use sekisho_teststore::on_both_engines;

use crate::migrations;

on_both_engines!(opening_again_changes_nothing, migrations(), |fresh| {
    let again = Store::open(&fresh.options, &migrations()).await.unwrap();
    again.ping().await.unwrap();
});

on_both_engines!(an_older_server_refuses, migrations(), |fresh| {
    let older: Vec<Migration> = sekisho_storage::migrations();
    let error = Store::open(&fresh.options, &older).await.err().unwrap().to_string();
    assert!(error.contains("newer version") && error.contains("20261122_test_notes"), "{error}");
});
