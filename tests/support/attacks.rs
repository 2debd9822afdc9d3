//! Markup that runs unless it is sanitized, for each place where other servers can put it.

use super::{Actor, Peer, node::Article, peer::Canned};
use serde_json::{Value, json};

/// Texts of which each runs somewhere unless it is sanitized.
pub(crate) const ATTACKS: [&str; 34] = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img/src=\"x\"/onerror=alert(1)//",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<iframe src=javascript:alert(1)>",
    "<object data=\"data:text/html,<script>alert(1)</script>\"></object><embed src=javascript:alert(1)>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\"JaVaScRiPt:alert(1)\">x</a>",
    "<a href=\" &#14; javascript:alert(1)\">x</a>",
    "<a href=\"java&#10;script:alert(1)\">x</a>",
    "<a href=\"java\tscript&colon;alert(1)\">x</a>",
    "<a href=vbscript:msgbox(1)>x</a><a href=\"data:text/html;base64,PHNjcmlwdD4=\">x</a>",
    "<a href=\"//evil.example\">x</a><a href=\"/logout\">x</a><a href=\"relative\">x</a><a href=\"?a=b\">x</a>",
    "<a href=\"https://evil.example\" target=\"_blank\" rel=\"opener me\" ping=\"https://evil.example\" download>x</a>",
    "<a href=\"https://evil.example/\" style=\"position:fixed;inset:0\" id=\"comments\" class=\"site-name u-url\" onclick=alert(1)>x</a>",
    "<p style=\"background:url(javascript:alert(1))\" onmouseover=alert(1) id=content>x</p>",
    "<style>body{display:none}</style><link rel=stylesheet href=https://evil.example>",
    "<base href=\"https://evil.example/\"><meta http-equiv=refresh content=\"0;url=https://evil.example\">",
    "<form action=https://evil.example><input name=password><button formaction=javascript:alert(1)>x</button></form>",
    "<details open ontoggle=alert(1)><summary>x</summary></details><video><source onerror=alert(1)></video>",
    "<template><script>alert(1)</script></template><textarea><img src=x onerror=alert(1)></textarea>",
    "</div></article></li></ol></section></main></body></html><script>alert(1)</script>",
    "<!--><script>alert(1)</script>--><![CDATA[<script>alert(1)</script>]]>",
    "<?xml version=\"1.0\"?><x:script xmlns:x=\"http://www.w3.org/1999/xhtml\">alert(1)</x:script>",
    "\"><script>alert(1)</script>",
    "' onmouseover='alert(1)",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "<plaintext><xmp><listing><title></title><img src=x onerror=alert(1)>",
];

pub(crate) async fn hostile_actor(peer: &Peer, name: &str, text: &str) -> Actor {
    let actor = peer.actor(name).await;
    actor.serve_with(json!({
        "name": text, "summary": text, "preferredUsername": text, "url": text, "webfinger": text, "icon": {"type": "Image", "url": text},
        "attachment": [{"type": "PropertyValue", "name": text, "value": text}],
        "tag": [{"type": "Emoji", "name": text, "icon": {"url": text}}]
    }));
    actor
}

pub(crate) fn hostile_note(actor: &Actor, article: &Article, text: &str) -> Value {
    let mut note = actor.note(&article.id, text);
    note["name"] = json!(text);
    note["summary"] = json!(text);
    note["url"] = json!(text);
    note["contentMap"] = json!({text: text});
    note["tag"] = json!([{"type": "Hashtag", "name": text, "href": text}, {"type": "Emoji", "name": text, "icon": {"url": text}}, {"type": "Mention", "href": text, "name": text}]);
    note["attachment"] = json!([{"type": "Image", "url": text, "name": text}]);
    note
}
