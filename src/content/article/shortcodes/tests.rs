//! Shortcodes as the documents of Hugo, Jekyll and Zola show them.

use super::*;

fn turned(markdown: &str) -> String {
    turn(markdown).markdown
}

#[test]
fn common_shortcodes_become_markdown() {
    for (text, expected) in [
        (
            "{{< youtube w7Ft2ymGmfc >}}\n",
            "https://www.youtube.com/watch?v=w7Ft2ymGmfc\n",
        ),
        (
            "{{< youtube id=\"w7Ft2ymGmfc\" autoplay=true >}}",
            "https://www.youtube.com/watch?v=w7Ft2ymGmfc",
        ),
        ("{{<vimeo 146022717>}}", "https://vimeo.com/146022717"),
        (
            "{{% youtube w7Ft2ymGmfc %}}",
            "https://www.youtube.com/watch?v=w7Ft2ymGmfc",
        ),
        (
            "{{ youtube(id=\"dQw4w9WgXcQ\", autoplay=true) }}",
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        ),
        (
            "{{< figure\n  src=\"/images/zion-national-park.jpg\"\n  alt=\"A photograph of Zion National Park\"\n  \
             caption=\"Zion National Park\"\n>}}\nAfter\n",
            "![A photograph of Zion National Park](/images/zion-national-park.jpg \"Zion National Park\")\n\n\n\n\nAfter\n",
        ),
        (
            "{{< figure src=\"elephant.jpg\" title=\"An elephant at sunset\" >}}",
            "![An elephant at sunset](elephant.jpg \"An elephant at sunset\")",
        ),
        (
            "{{< figure src=\"a b.jpg\" link=\"https://a.example/\" >}}",
            "[![](<a b.jpg>)](https://a.example/)",
        ),
        (
            "{{< highlight go \"linenos=table\" >}}\nx := `{{< youtube a >}}`\n{{< /highlight >}}\n",
            "```go\nx := `{{< youtube a >}}`\n```\n",
        ),
        (
            "{% highlight ruby linenos %}\ndef foo\nend\n{% endhighlight %}\n",
            "```ruby\ndef foo\nend\n```\n",
        ),
        ("![x]({{ site.baseurl }}/a.jpg)", "![x](/a.jpg)"),
        ("![x]({{site.url}}{{site.baseurl}}/a.jpg)", "![x](/a.jpg)"),
        (
            "![x]({{ \"/assets/a.jpg\" | relative_url }})",
            "![x](/assets/a.jpg)",
        ),
        (
            "a {% raw %}{{ x }} {% y %}{% endraw %} b",
            "a {{ x }} {% y %} b",
        ),
        ("a {%- comment -%}secret{%- endcomment -%} b", "a  b"),
        (
            "{{</* youtube w7Ft2ymGmfc */>}}",
            "{{< youtube w7Ft2ymGmfc >}}",
        ),
    ] {
        let turned = turn(text);
        assert_eq!(turned.markdown, expected);
        assert_eq!(turned.left, [], "{text}");
    }
}

#[test]
fn others_stay_and_are_named_with_their_lines() {
    let text = "a\n{{< chart >}}\n{{< chart x=1 >}} {{< /chart >}}\n\n{% include nav.html %}\n{{ page.title | upcase }}\n\
                {{ books(path=\"a\") }}\n{{< youtube not-an-id-at-all >}}\n{{< figure alt=\"no source\" >}}\n";
    let turned = turn(text);
    assert_eq!(turned.markdown, text);
    let told: Vec<String> = turned
        .left
        .iter()
        .map(|(lines, name)| format!("{lines:?} {name}"))
        .collect();
    assert_eq!(
        told,
        [
            "[2, 3] {{< chart >}}",
            "[3] {{< /chart >}}",
            "[5] {% include %}",
            "[6] {{ page.title }}",
            "[7] {{ books() }}",
            "[8] {{< youtube >}}",
            "[9] {{< figure >}}",
        ]
    );
    assert!(described("{{< chart >}}", &[2, 3]).starts_with("lines 2, 3: {{< chart >}} is"));
}

#[test]
fn code_and_other_braces_stay() {
    for text in [
        "`{{< youtube w7Ft2ymGmfc >}}` and ``a ` {% raw %}``",
        "```\n{{< youtube w7Ft2ymGmfc >}}\n{% include a %}\n```\n",
        "~~~~ md\n{% highlight %}\n~~~\n{% endhighlight %}\n~~~~\n",
        "Text:\n\n    {{< youtube w7Ft2ymGmfc >}}\n",
        "Vue has {{ name }} and {{ a + b }}, sets {{1}}, {{",
        "{% ",
        "{{<",
        "{%%}",
    ] {
        let turned = turn(text);
        assert_eq!(
            (turned.markdown.as_str(), turned.left),
            (text, vec![]),
            "{text}"
        );
    }
}

#[test]
fn hostile_texts_take_little_time() {
    let start = std::time::Instant::now();
    for text in [
        "{{<",
        "{%",
        "{{",
        "`",
        "{% raw %}",
        "{{< a >}}",
        "{{ \"",
        "{% comment %}",
    ] {
        turned(&text.repeat(200_000 / text.len()));
    }
    turned(&format!("{{{{< figure {} >}}}}", "=".repeat(4000)));
    turned("{{< é=\"ü >}} {{< figure src=\u{1F600} >}}");
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
