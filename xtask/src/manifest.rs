//! What a Cargo.toml says, with the line where it says it.

use toml::de::{DeTable, DeValue};

/// One manifest, read.
pub(crate) struct Manifest<'t> {
    text: &'t str,
    table: DeTable<'t>,
}

/// Which table a dependency stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    Build,
    Dev,
}

/// One dependency of one manifest.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dependency {
    pub(crate) kind: Kind,
    /// The package's own name, whatever it is renamed to.
    pub(crate) name: String,
    pub(crate) line: usize,
}

impl<'t> Manifest<'t> {
    /// Reads the text, or says why it is no TOML.
    pub(crate) fn parse(text: &'t str) -> Result<Self, String> {
        let table = DeTable::parse(text).map_err(|error| error.message().to_owned())?;
        Ok(Self {
            text,
            table: table.into_inner(),
        })
    }

    /// The value at a path of keys.
    pub(crate) fn get(&self, path: &[&str]) -> Option<&DeValue<'t>> {
        let (last, tables) = path.split_last()?;
        let table = tables.iter().try_fold(&self.table, |table, key| {
            table.get(*key)?.get_ref().as_table()
        })?;
        table.get(*last).map(toml::Spanned::get_ref)
    }

    /// The text at a path of keys.
    pub(crate) fn str(&self, path: &[&str]) -> Option<&str> {
        self.get(path)?.as_str()
    }

    /// The line of a top-level table's key, or the first.
    pub(crate) fn line_of(&self, key: &str) -> usize {
        self.table
            .get_key_value(key)
            .map_or(1, |(key, _)| line_at(self.text, key.span().start))
    }

    /// Every dependency, those of single targets included.
    pub(crate) fn dependencies(&self) -> Vec<Dependency> {
        let mut found = Vec::new();
        self.collect(&self.table, &mut found);
        if let Some(targets) = self.get(&["target"]).and_then(DeValue::as_table) {
            for target in targets
                .values()
                .filter_map(|target| target.get_ref().as_table())
            {
                self.collect(target, &mut found);
            }
        }
        found.sort_by_key(|dependency| dependency.line);
        found
    }

    fn collect(&self, table: &DeTable<'t>, found: &mut Vec<Dependency>) {
        let kinds = [
            ("dependencies", Kind::Normal),
            ("build-dependencies", Kind::Build),
            ("dev-dependencies", Kind::Dev),
        ];
        for (section, kind) in kinds {
            let Some(entries) = table
                .get(section)
                .and_then(|value| value.get_ref().as_table())
            else {
                continue;
            };
            found.extend(entries.iter().map(|(key, value)| {
                Dependency {
                    kind,
                    name: value
                        .get_ref()
                        .as_table()
                        .and_then(|entry| entry.get("package")?.get_ref().as_str())
                        .unwrap_or(key.get_ref())
                        .to_owned(),
                    line: line_at(self.text, key.span().start),
                }
            }));
        }
    }

    /// The `path` of every explicit target: the library, binaries, tests, benches, examples.
    pub(crate) fn target_paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        paths.extend(self.str(&["lib", "path"]).map(str::to_owned));
        paths.extend(self.str(&["package", "build"]).map(str::to_owned));
        for section in ["bin", "test", "bench", "example"] {
            let entries = self.get(&[section]).and_then(DeValue::as_array);
            for entry in entries.into_iter().flat_map(|entries| entries.iter()) {
                let path = entry
                    .get_ref()
                    .as_table()
                    .and_then(|target| target.get("path"));
                paths.extend(
                    path.and_then(|path| path.get_ref().as_str())
                        .map(str::to_owned),
                );
            }
        }
        paths
    }
}

fn line_at(text: &str, offset: usize) -> usize {
    1 + text
        .bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_found_in_every_table_with_their_lines_and_real_names() {
        let text = "[dependencies]\nserde = \"1\"\nours = { package = \"theirs\", version = \"1\" }\n\
                    [dev-dependencies]\nquick.workspace = true\n\
                    [target.'cfg(unix)'.dependencies.libc]\nversion = \"0.2\"\n";
        let found: Vec<_> = Manifest::parse(text)
            .unwrap()
            .dependencies()
            .into_iter()
            .map(|dependency| (dependency.kind, dependency.name, dependency.line))
            .collect();
        let expected = [
            (Kind::Normal, "serde".to_owned(), 2),
            (Kind::Normal, "theirs".to_owned(), 3),
            (Kind::Dev, "quick".to_owned(), 5),
            (Kind::Normal, "libc".to_owned(), 6),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn targets_with_paths_of_their_own_are_found() {
        let text = "[package]\nbuild = \"make.rs\"\n[lib]\npath = \"a.rs\"\n[[bin]]\npath = \"b.rs\"\n\
                    [[bin]]\nname = \"c\"\n[[test]]\npath = \"d.rs\"\n";
        assert_eq!(
            Manifest::parse(text).unwrap().target_paths(),
            ["a.rs", "make.rs", "b.rs", "d.rs"]
        );
    }
}
