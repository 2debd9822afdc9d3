# The page that lists the reactions to an article or a comment.

# $title is the title of the article, $number the number of the comment.
reactions-title = Reactions to { $title }
reactions-title-comment = Reactions to comment { $number } on { $title }
# The same as headings. $comment and $article are links.
reactions-heading = Reactions to { $article }
reactions-heading-comment = Reactions to { $comment } on { $article }
reactions-comment = comment #{ $number }
reactions-none = Nobody has reacted yet.

# A reader’s reaction; their name is above it.
reaction-like = likes this
reaction-boost = boosted this
reaction-quote = quotes this
reaction-any = reacted
# $emoji is one emoji.
reaction-emoji = reacted with { $emoji }
