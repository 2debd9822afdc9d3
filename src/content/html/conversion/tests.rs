//! HTML of other software as Markdown.

use crate::content::html::Html;

fn converted(html: &str) -> String {
    Html::to_markdown_source(html)
}

#[test]
fn common_html_becomes_markdown() {
    for (html, markdown) in [
        (
            "<p>One <em>two</em> <strong>three</strong> <code>four</code>.</p>",
            "One *two* **three** `four`.\n",
        ),
        (
            "<h2>Title</h2><p>Text<br>line</p><hr>",
            "## Title\n\nText\\\nline\n\n- - -\n",
        ),
        (
            "<ul><li>a</li><li>b <a href=\"https://a.example/x_(y)\">c</a></li></ul>",
            "- a\n- b [c](https://a.example/x_\\(y\\))\n",
        ),
        ("<ol start=\"3\"><li>a</li><li>b</li></ol>", "3. a\n4. b\n"),
        (
            "<blockquote><p>a</p><p>b</p></blockquote>",
            "> a\n> \n> b\n",
        ),
        (
            "<pre><code class=\"language-rust\">let a = `b`;\n\nlet c;</code></pre>",
            "```rust\nlet a = `b`;\n\nlet c;\n```\n",
        ),
        (
            "<p>H<sub>2</sub>O and <kbd>Ctrl</kbd></p>",
            "H<sub>2</sub>O and <kbd>Ctrl</kbd>\n",
        ),
        (
            "<figure class=\"wp-block-image\"><img src=\"/a.jpg\" alt=\"A\"></figure>",
            "![A](/a.jpg)\n",
        ),
        (
            "<figure><img src=\"/a.jpg\" alt=\"A\">\n\n<figcaption>B</figcaption></figure>",
            "<figure><img src=\"/a.jpg\" alt=\"A\">\n<figcaption>B</figcaption></figure>\n",
        ),
        (
            "<table><thead><tr><th>one</th><th>two</th></tr></thead><tbody><tr><td>333</td><td>444</td></tr></tbody></table>",
            "| one | two |\n| --- | --- |\n| 333 | 444 |\n",
        ),
        ("text <b>alone</b><p>para</p>", "text **alone**\n\npara\n"),
        ("<p>&nbsp;</p><p>a</p><div><p>b</p></div>", "a\n\nb\n"),
        (
            "<iframe width=\"560\" src=\"https://www.youtube.com/embed/abcdefghijk?feature=oembed\"></iframe>",
            "https://www.youtube.com/watch?v=abcdefghijk\n",
        ),
        (
            "<figure class=\"wp-block-embed\"><div>\nhttps://www.youtube.com/watch?v=abc_efghi_k\n</div></figure>",
            "https://www.youtube.com/watch?v=abc_efghi_k\n",
        ),
        ("<script>alert(1)</script><p onclick=\"x()\">a</p>", "a\n"),
        ("", ""),
    ] {
        assert_eq!(converted(html), markdown, "{html}");
    }
}

#[test]
fn nothing_visible_is_lost() {
    for html in [
        "<p>1. no list, # no heading, *no* _stars_ [no](link) &amp;copy; &lt;b&gt; ~~no~~ `no`</p>",
        "<p>+ a</p><p>- b</p><p>1) c</p><p>=== d</p>",
        "<table><tr><td>a<p>b</p></td><td colspan=\"2\">c | d</td></tr></table>",
        "<dl><dt>a</dt><dd>b</dd></dl><details><summary>c</summary><p>d</p>\n\n<pre>e\n\nf</pre></details>",
        "<ul><li><p>a</p><pre>b\n\n  c</pre></li><li>d<ul><li>e</li></ul></li></ul>",
        "<p>x <a href=\"#n\">1</a></p><p id=\"n\">note</p>",
        "<p>a<p>b<div>c<span>d</div>e<form>f<input value=\"g\"><button>h</button></form>",
        "<p lang=\"de\">Wort</p><p dir=\"rtl\">\u{5d0}</p>",
        "<video src=\"/v.mp4\" controls></video><audio src=\"https://a.example/a.mp3\"></audio>",
        "<p>\u{F0000}private</p>",
        "<h1>A <img src=\"a b.png\" alt='q\"r [s]'></h1><a href=\"/x?a=1&amp;b=2\"><img src=\"/y.jpg\"></a>",
        "<blockquote><blockquote>deep</blockquote><figure><img src=\"/z.jpg\"><figcaption>f</figcaption></figure></blockquote>",
    ] {
        let markdown = converted(html);
        let shown = crate::content::markdown::page_html(&markdown);
        let clean = Html::from_own(html);
        let words = |html: &Html| html.to_text().split_whitespace().collect::<String>();
        assert_eq!(words(&shown), words(&clean), "{html}\n{markdown}");
    }
}

#[test]
fn hostile_html_is_converted_in_bounded_depth() {
    for html in [
        "<blockquote>".repeat(20_000),
        "<ul><li>".repeat(10_000),
        "<b><i>".repeat(10_000),
        "<table><tr><td>".repeat(5_000),
        format!("<p>{}</p>", "<a href=x>".repeat(5_000)),
    ] {
        converted(&format!("{html}end"));
    }
}
