# An article: its byline, what is known about it, and how to reply.

# $author is a name, which is a link on the article’s page.
article-byline = By { $author }
# $date is the date of the last change. It follows the date of publication.
article-updated = updated { $date }
# $warning is the author’s text.
content-warning = Content warning: { $warning }
article-who-reacted = Who reacted
# $posts is a list of links.
article-quoted-by = Quoted by { $posts }
article-permalink = Permalink
article-comments-count = { $count ->
    [one] { $count } comment
   *[other] { $count } comments
}
# The same for screen readers. $title is the title of the article.
article-comments-count-on = { $count ->
    [one] { $count } comment on { $title }
   *[other] { $count } comments on { $title }
}

# A note, a short post.
note-untitled = Note
note-in-reply-to = in reply to this post
