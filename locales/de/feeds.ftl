# The title of the feed of the comments on an article.
feed-comments-title = Kommentare zu „{ $title }“
# The title of a comment in a feed.
feed-comment-title = Kommentar { $number } von { $author }
# The line before a text that has a content warning.
feed-content-warning = Inhaltswarnung: { $warning }
# What a feed is, for people who open it in a browser.
feed-explanation = Das ist ein Feed. Kopieren Sie seine Adresse in ein Feedprogramm, dann kommen neue Beiträge zu Ihnen.
# The link from a feed to the page that shows the same.
feed-open-page = Auf der Website lesen
