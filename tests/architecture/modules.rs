//! The modules of a crate with the names in them, and for each path in the code the file that it leads to.

use super::tokens::{Token, tokens};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

/// A path of names without `crate` in front, as `["store", "articles"]`.
pub(crate) type ModulePath = Vec<String>;

/// A line of a source file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Location {
    pub(crate) file: String,
    pub(crate) line: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "src/{}:{}", self.file, self.line)
    }
}

/// A path in the code of one module that leads to another one.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    pub(crate) from: ModulePath,
    pub(crate) at: Location,
    pub(crate) to: ModulePath,
    /// Where the named item is defined.
    pub(crate) defined: Location,
}

#[derive(Debug, Default)]
struct Module {
    file: String,
    /// The line of each item that is defined here.
    items: HashMap<String, usize>,
    /// What each name that is imported here stands for.
    imported: HashMap<String, ModulePath>,
    /// The modules of which all names are imported.
    globs: Vec<ModulePath>,
}

#[derive(Debug)]
struct RawPath {
    module: ModulePath,
    path: ModulePath,
    at: Location,
    /// Whether it stands in a `use` line.
    is_use: bool,
}

/// The modules of a crate, read from its sources.
#[derive(Debug, Default)]
pub(crate) struct Modules {
    modules: BTreeMap<ModulePath, Module>,
    paths: Vec<RawPath>,
}

impl Modules {
    /// Reads the modules that the file `root` declares, and theirs. The keys of `sources` are paths of files.
    pub(crate) fn read(sources: &BTreeMap<String, String>, root: &str) -> Modules {
        let mut all = Modules::default();
        all.read_file(sources, root, Vec::new());
        all
    }

    fn read_file(&mut self, sources: &BTreeMap<String, String>, file: &str, module: ModulePath) {
        let tokens = tokens(&sources[file]);
        let mut reader = Reader {
            modules: self,
            file,
            tokens: &tokens,
            index: 0,
            declared: Vec::new(),
        };
        reader.read_module(&module);
        for child in reader.declared {
            let path = child.join("/");
            let file = [format!("{path}.rs"), format!("{path}/mod.rs")]
                .into_iter()
                .find(|file| sources.contains_key(file))
                .unwrap_or_else(|| panic!("no file of the module {path} in {file}"));
            self.read_file(sources, &file, child);
        }
    }

    /// Returns the references between modules that have different files.
    pub(crate) fn references(&self) -> Vec<Reference> {
        let leads_elsewhere = |path: &RawPath| {
            let absolute = self.absolute(path)?;
            let (to, line) = self.resolve(&absolute)?;
            let file = self.modules[&to].file.clone();
            (file != path.at.file).then(|| Reference {
                from: path.module.clone(),
                at: path.at.clone(),
                to,
                defined: Location { file, line },
            })
        };
        self.paths.iter().filter_map(leads_elsewhere).collect()
    }

    /// Returns the path from the root of the crate, or `None` if it leads to another crate.
    fn absolute(&self, raw: &RawPath) -> Option<ModulePath> {
        absolute(&raw.module, &raw.path).or_else(|| {
            let first = &raw.path[0];
            let module = &self.modules[&raw.module];
            let start = if self.is_module_in(&raw.module, first) {
                joined(&raw.module, &raw.path[..1])
            } else if raw.is_use {
                return None;
            } else {
                self.start_of(&raw.module, module.imported.get(first)?)?
            };
            Some(joined(&start, &raw.path[1..]))
        })
    }

    fn is_module_in(&self, module: &[String], name: &str) -> bool {
        self.modules
            .contains_key(&joined(module, &[name.to_owned()]))
    }

    /// Follows imports to the module in which an item is defined, and to its line there.
    fn resolve(&self, path: &[String]) -> Option<(ModulePath, usize)> {
        self.resolve_within(path, 12)
    }

    fn resolve_within(&self, path: &[String], steps: usize) -> Option<(ModulePath, usize)> {
        let steps = steps.checked_sub(1)?;
        let depth = (0..=path.len())
            .rev()
            .find(|depth| self.modules.contains_key(&path[..*depth]))?;
        let (start, rest) = path.split_at(depth);
        let module = &self.modules[start];
        let Some(name) = rest.first() else {
            return Some((start.to_vec(), 1));
        };
        if let Some(line) = module.items.get(name) {
            return Some((start.to_vec(), *line));
        }
        if let Some(target) = module.imported.get(name) {
            let target = self.start_of(start, target)?;
            return self.resolve_within(&joined(&target, &rest[1..]), steps);
        }
        let through_globs = || {
            module.globs.iter().find_map(|glob| {
                let target = self.start_of(start, glob)?;
                let found = self.resolve_within(&joined(&target, rest), steps)?;
                let is_there = self.modules[&found.0].items.contains_key(name);
                is_there.then_some(found)
            })
        };
        if *name == "*" {
            return Some((start.to_vec(), 1));
        }
        through_globs().or_else(|| Some((start.to_vec(), 1)))
    }

    /// Returns the absolute form of a path that is imported in `module`.
    fn start_of(&self, module: &[String], path: &[String]) -> Option<ModulePath> {
        absolute(module, path).or_else(|| {
            self.is_module_in(module, &path[0])
                .then(|| joined(module, path))
        })
    }
}

fn joined(start: &[String], rest: &[String]) -> ModulePath {
    start.iter().chain(rest).cloned().collect()
}

/// Resolves `crate`, `self` and `super` at the beginning of a path.
fn absolute(module: &[String], path: &[String]) -> Option<ModulePath> {
    match path[0].as_str() {
        "crate" => Some(path[1..].to_vec()),
        "self" if path.get(1).is_some_and(|next| next == "super") => absolute(module, &path[1..]),
        "self" => Some(joined(module, &path[1..])),
        "super" => {
            let supers = path.iter().take_while(|name| *name == "super").count();
            let start = &module[..module.len().checked_sub(supers)?];
            Some(joined(start, &path[supers..]))
        }
        _ => None,
    }
}

/// Goes through the tokens of one file.
struct Reader<'a> {
    modules: &'a mut Modules,
    file: &'a str,
    tokens: &'a [Token<'a>],
    index: usize,
    /// The modules that the file declares and that have files of their own.
    declared: Vec<ModulePath>,
}

/// A path of a `use` line, with the name that it gets, and the line.
struct Import {
    path: ModulePath,
    name: String,
    line: usize,
}

impl Reader<'_> {
    fn text(&self, ahead: usize) -> &str {
        self.tokens
            .get(self.index + ahead)
            .map_or("", |token| token.text)
    }

    fn is_word(&self, ahead: usize) -> bool {
        self.tokens
            .get(self.index + ahead)
            .is_some_and(Token::is_word)
    }

    fn location(&self) -> Location {
        Location {
            file: self.file.to_owned(),
            line: self.tokens[self.index].line,
        }
    }

    /// Reads up to the `}` that closes the module, or to the end of the file.
    fn read_module(&mut self, path: &ModulePath) {
        let module = Module {
            file: self.file.to_owned(),
            ..Module::default()
        };
        self.modules.modules.insert(path.clone(), module);
        let mut depth = 0;
        while self.index < self.tokens.len() {
            match self.text(0) {
                "{" => depth += 1,
                "}" if depth == 0 => return,
                "}" => depth -= 1,
                "use" => {
                    self.read_use(path);
                    continue;
                }
                "mod" if self.is_word(1) && depth == 0 => {
                    self.read_submodule(path);
                    continue;
                }
                "fn" | "struct" | "enum" | "union" | "trait" | "type" | "const" | "static"
                    if depth == 0 && self.is_word(1) =>
                {
                    self.define(path, 1);
                }
                "macro_rules" if self.text(1) == "!" => self.define(path, 2),
                _ if self.is_word(0) && self.text(1) == "::" && self.is_word(2) => {
                    self.read_path(path);
                    continue;
                }
                _ => {}
            }
            self.index += 1;
        }
    }

    fn define(&mut self, path: &ModulePath, ahead: usize) {
        let Token { text, line } = self.tokens[self.index + ahead];
        if let Some(module) = self.modules.modules.get_mut(path) {
            module.items.insert(text.to_owned(), line);
        }
    }

    fn read_submodule(&mut self, path: &ModulePath) {
        let child = joined(path, &[self.text(1).to_owned()]);
        self.index += 2;
        if self.text(0) == "{" {
            self.index += 1;
            self.read_module(&child);
        } else {
            self.declared.push(child);
        }
        self.index += 1;
    }

    fn read_path(&mut self, module: &ModulePath) {
        let at = self.location();
        let mut path = vec![self.text(0).to_owned()];
        self.index += 1;
        while self.text(0) == "::" && self.is_word(1) {
            path.push(self.text(1).to_owned());
            self.index += 2;
        }
        self.modules.paths.push(RawPath {
            module: module.clone(),
            path,
            at,
            is_use: false,
        });
    }

    fn read_use(&mut self, module: &ModulePath) {
        self.index += 1;
        let mut imports = Vec::new();
        self.read_tree(&[], &mut imports);
        for Import { path, name, line } in imports {
            let here = self.modules.modules.get_mut(module);
            let here = here.expect("the module that is being read");
            let (last, start) = path.split_last().expect("a path has a name");
            if last == "*" {
                here.globs.push(start.to_vec());
            } else {
                here.imported.insert(name, path.clone());
            }
            self.modules.paths.push(RawPath {
                module: module.clone(),
                path,
                at: Location {
                    file: self.file.to_owned(),
                    line,
                },
                is_use: true,
            });
        }
    }

    /// Reads one branch of a `use` line: `a::b`, `a::{b, c as d}`, `a::*`.
    fn read_tree(&mut self, start: &[String], imports: &mut Vec<Import>) {
        let mut path = start.to_vec();
        let line = self.tokens[self.index].line;
        while !matches!(self.text(0), "{" | "}" | "," | ";" | "as" | "") {
            if self.text(0) != "::" {
                path.push(self.text(0).to_owned());
            }
            self.index += 1;
        }
        if self.text(0) == "{" {
            return self.read_branches(&path, imports);
        }
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let mut name = path.last().cloned().unwrap_or_default();
        if self.text(0) == "as" {
            name = self.text(1).to_owned();
            self.index += 2;
        }
        imports.push(Import { path, name, line });
    }

    fn read_branches(&mut self, start: &[String], imports: &mut Vec<Import>) {
        self.index += 1;
        while !matches!(self.text(0), "}" | "") {
            self.read_tree(start, imports);
            if self.text(0) == "," {
                self.index += 1;
            }
        }
        self.index += 1;
    }
}
