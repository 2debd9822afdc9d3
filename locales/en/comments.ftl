# The comments below an article. An argument $number is the number of a comment, such as 12; $count is how many there are.

comments-title = { $count ->
    [0] No comments yet
    [one] { $count } comment
   *[other] { $count } comments
}
comments-closed = Comments are closed.
comments-skip-to-newest = Skip to the newest comments

# Names of comments for screen readers. $author is a name.
comment-label = Comment { $number } by { $author }
comment-label-deleted = Comment { $number }, deleted
comment-label-withheld = Comment { $number }, not shown
comment-label-hidden = Comment { $number }, hidden at its author’s request
comment-permalink = Permalink of comment { $number }

comment-deleted = Comment deleted
comment-withheld = This comment is not shown
comment-hidden = This comment is hidden at its author’s request

# $date is the date of the last edit.
comment-edited = edited { $date }
comment-in-reply-to = in reply to #{ $number }

comment-is-longer = This comment is longer.
comment-read-all = Read all of it
comment-poll = Poll
comment-votes = { $count ->
    [one] { $count } vote
   *[other] { $count } votes
}
# $time is the date and time at which the poll ends or ended.
comment-poll-until = Poll until { $time }
# $link is the address of another post.
comment-quotes = Quotes { $link }
comment-sensitive-pictures = Sensitive pictures
comment-attached-file = Attached file

# Links below a comment. Those that end in “-of” and “-to” are for screen readers.
comment-original = Original
comment-original-of = Original of comment { $number }
comment-who-reacted = Who reacted
comment-who-reacted-to = Who reacted to comment { $number }
