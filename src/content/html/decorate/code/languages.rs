//! The names of programming languages after the fence of a code block.

/// Returns the name by which the grammars know a language. Most are their own names and file extensions.
pub(super) fn name_of(written: &str) -> String {
    let name = written.to_ascii_lowercase();
    let name = name.split([',', ' ', '{', ':']).next().unwrap_or_default();
    let known = match name {
        "shell" | "console" | "shell-session" | "shellsession" | "zsh" | "ksh" | "fish"
        | "terminal" => "sh",
        "ts" | "tsx" | "typescript" | "jsx" | "mjs" | "cjs" | "node" => "js",
        "jsonc" | "json5" | "jsonl" | "geojson" | "jsonld" | "json-ld" => "json",
        "csharp" | "c#" => "cs",
        "cplusplus" | "hpp" | "cxx" => "cpp",
        "objective-c" | "objectivec" | "objc" => "m",
        "golang" => "go",
        "py3" | "python3" => "py",
        "yml" => "yaml",
        // Keys, values and comments look alike.
        "toml" | "ini" | "conf" | "cfg" | "env" | "dotenv" | "editorconfig" => "properties",
        "vue" | "svelte" | "htm" | "xhtml" | "handlebars" | "jinja" => "html",
        "svg" | "rss" | "atom" | "xsl" | "plist" => "xml",
        "scss" | "less" | "sass" => "css",
        "postgres" | "postgresql" | "sqlite" | "mysql" | "plsql" => "sql",
        "patch" => "diff",
        "make" | "mk" => "makefile",
        "tex" => "latex",
        "viml" | "plaintext" | "text" | "none" => "txt",
        other => other,
    };
    known.to_owned()
}
