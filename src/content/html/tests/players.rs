//! Tests of audio and video.

use super::{Html, federated, own, remote};

#[test]
fn audio_and_video_of_own_html_are_players_and_elsewhere_links() {
    let player = |rest: &str| format!("controls=\"\" preload=\"metadata\" src=\"{rest}></");
    for (html, page, elsewhere) in [
        (
            "<video src=\"/a.mp4\" controls autoplay onplay=\"x()\" width=9 title=T>Get <a href=\"/a.mp4\">it</a></video> b",
            format!(
                "<video {}video> b",
                player("/a.mp4\" width=\"9\" title=\"T\"")
            ),
            "<p><a href=\"https://example.org/a.mp4\">T</a></p><p>b</p>",
        ),
        (
            "<p>See <audio controls aria-label=\"A\"><source src=a.mp3><source src=b.ogg><p>No</p></audio>.</p>",
            format!(
                "<p>See <audio {}audio>.</p>",
                player("a.mp3\" aria-label=\"A\"")
            ),
            "<p>See <a href=\"https://example.org/2026/a.mp3\">A</a>.</p>",
        ),
        // Without an end, the text stays; without an address, too.
        (
            "<p>a <video src=a.mp4> b</p><p>c</p>",
            format!("<p>a <video {}video> b</p><p>c</p>", player("a.mp4\"")),
            "<p>a <a href=\"https://example.org/2026/a.mp4\">a.mp4</a> b</p><p>c</p>",
        ),
        (
            "<p>a <video> b <audio>c</audio></p><video><script>x</script>d",
            "<p>a  b c</p>d".into(),
            "<p>a  b c</p>d",
        ),
        (
            "<audio src=\"data:audio/mpeg;base64,AAAA\">a</audio><video src=b.mp4 poster=\"javascript:x\"></video>",
            "a<video controls=\"\" preload=\"metadata\" src=\"b.mp4\"></video>".into(),
            "a<p><a href=\"https://example.org/2026/b.mp4\">b.mp4</a></p>",
        ),
    ] {
        assert_eq!(own(html), page, "{html}");
        assert_eq!(own(&page), page, "{html}");
        assert_eq!(federated(html), elsewhere, "{html}");
        assert!(!remote(html).contains(".mp4\""), "{html}");
    }
    assert_eq!(
        Html::from_own("<p>a <audio src=x title=\"A song\">b</audio></p>").to_text(),
        "a A song"
    );
}
