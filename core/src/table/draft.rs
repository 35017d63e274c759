//! A table made by hand, for tests: what the generator does, in the order in which a test says it.

use super::*;

/// A table that is being written.
#[derive(Default)]
pub(crate) struct Draft {
    text: String,
    operations: Vec<OperationRecord>,
    notifications: Vec<NotificationRecord>,
    uploads: Vec<UploadRecord>,
    models: Vec<ModelRecord>,
    fields: Vec<FieldRecord>,
    items: Vec<Type>,
    values: Vec<Text>,
    rules: Vec<RuleRecord>,
}

impl Draft {
    pub(crate) fn text(&mut self, text: &str) -> Text {
        let start = self.text.len() as u16;
        self.text.push_str(text);
        Text(start, text.len() as u16)
    }

    pub(crate) fn texts(&mut self, texts: &[&str]) -> Run {
        let texts: Vec<Text> = texts.iter().map(|text| self.text(text)).collect();
        let start = self.values.len() as u16;
        self.values.extend(texts);
        Run(start, self.values.len() as u16 - start)
    }

    pub(crate) fn required(&mut self, name: &str, ty: Type) -> FieldRecord {
        FieldRecord::required(self.text(name), ty)
    }

    pub(crate) fn optional(&mut self, name: &str, ty: Type) -> FieldRecord {
        FieldRecord::optional(self.text(name), ty)
    }

    pub(crate) fn rule(&mut self, rule: RuleRecord) -> u16 {
        self.rules.push(rule);
        self.rules.len() as u16 - 1
    }

    pub(crate) fn fields(&mut self, fields: &[FieldRecord]) -> Run {
        let start = self.fields.len() as u16;
        self.fields.extend_from_slice(fields);
        Run(start, fields.len() as u16)
    }

    pub(crate) fn item(&mut self, ty: Type) -> u16 {
        self.items.push(ty);
        self.items.len() as u16 - 1
    }

    pub(crate) fn model(&mut self, name: &str, fields: &[FieldRecord]) -> u16 {
        let model = ModelRecord::new(self.text(name), self.fields(fields));
        self.models.push(model);
        self.models.len() as u16 - 1
    }

    pub(crate) fn upload(&mut self, max_bytes: u64, extensions: &[&str]) {
        let extensions = self.texts(extensions);
        self.uploads.push(UploadRecord::new(max_bytes, extensions));
    }

    pub(crate) fn operation(
        &mut self,
        id: &str,
        method: Method,
        path: &str,
        more: impl FnOnce(OperationRecord) -> OperationRecord,
    ) {
        let record = OperationRecord::new(method, self.text(path), self.text(id));
        self.operations.push(more(record));
    }

    pub(crate) fn notification(&mut self, record: NotificationRecord) {
        self.notifications.push(record);
    }

    /// The table, for as long as the tests run.
    pub(crate) fn table(self) -> &'static Table {
        Box::leak(Box::new(Table {
            module: "test",
            text: self.text.leak(),
            operations: self.operations.leak(),
            notifications: self.notifications.leak(),
            uploads: self.uploads.leak(),
            models: self.models.leak(),
            fields: self.fields.leak(),
            items: self.items.leak(),
            values: self.values.leak(),
            rules: self.rules.leak(),
            ..Table::EMPTY
        }))
    }
}
