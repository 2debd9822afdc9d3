# The title of the feed of the comments on an article.
feed-comments-title = Comments on “{ $title }”
# The title of a comment in a feed.
feed-comment-title = Comment { $number } by { $author }
# The line before a text that has a content warning.
feed-content-warning = Content warning: { $warning }
# What a feed is, for people who open it in a browser.
feed-explanation = This is a feed. Copy its address into a feed reader, and new posts come to you.
# The link from a feed to the page that shows the same.
feed-open-page = Read it on the site
