# The frame of every page, and lists of posts.

skip-to-content = Skip to content
navigation = Site
navigation-home = Home
navigation-more = More about this site
footer-feed = Atom feed
# $link is the text “source code” below, as a link.
footer-pamphlet = Published with Pamphlet, free software: { $link } (AGPL-3.0)
footer-source-code = source code

list-empty = Nothing is published here yet.
list-empty-follow = Follow along to get the first article.
list-older-articles = Older articles
# $tag is the name of a tag.
list-tagged = Tagged { $tag }
author-articles = Articles

follow-title = Follow from the fediverse
follow-how = Search for this handle in Mastodon or any other fediverse app to get new articles there.
follow-handle = Handle to follow
follow-from-server = Follow from your server

moved-title = Moved
# $account is another account, as a link.
moved-text = New articles are published by { $account }. Follow it there.

# The button that copies a text, and what it says afterwards.
copy = Copy
copy-done = Copied
copy-selected = Selected, copy it now
