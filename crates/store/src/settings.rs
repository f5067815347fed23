//! Settings of the application, by name; those of a project are with the project.

use crate::{ReadTx, StoreError, WriteTx};
use serde_json::Value;

impl ReadTx<'_> {
    /// The value of a setting, if it was ever set.
    pub fn setting(&self, name: &str) -> Result<Option<Value>, StoreError> {
        self.row("SELECT value FROM settings WHERE name = ?", [name], |row| {
            row.get::<_, String>(0)
        })?
        .map(|text| json(&text))
        .transpose()
    }
}

impl WriteTx<'_> {
    /// Set a setting.
    pub fn set_setting(&self, name: &str, value: &Value) -> Result<(), StoreError> {
        let sql = "INSERT INTO settings (name, value) VALUES (?1, ?2)
                   ON CONFLICT (name) DO UPDATE SET value = ?2";
        self.execute(sql, (name, value.to_string())).map(drop)
    }
}

/// Text that we wrote as JSON.
pub(crate) fn json(text: &str) -> Result<Value, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged(error.to_string()))
}
