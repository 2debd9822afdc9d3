# The pages on which readers without an account see, edit and withdraw their comments.
own-comments-title = Your comments
own-comments-intro = The comments that you wrote here without an account, the newest first.
own-comments-none = This browser has sent no comments. If you gave your email address, use the link in our email.
# $title is the title of the article.
own-comment-on = Your comment on “{ $title }”
own-comment-visible = On the page
own-comment-held = Awaits approval. Only you see it.
own-comment-unconfirmed = Awaits the confirmation of your email address. Only you see it.
own-comment-show = Show on the page
edit-or-withdraw = Edit or withdraw
edit-title = Edit your comment
edit-text = Comment
edit-how = Markdown: *emphasis*, **strong**, [link](https://example.org/).
edit-preview = Preview
edit-save = Save
edit-problem-empty = Enter a comment.
edit-problem-long = The comment has more than 10,000 characters. Please shorten it.
edit-problem-often = You edited this comment many times within an hour. Please save your text and try again later.
edit-too-late = The time for edits is over. You can still withdraw the comment.
withdraw-title = Withdraw this comment
withdraw-how = It is deleted here and on the servers that got it. This can’t be undone. Replies to it stay.
withdraw = Withdraw
withdrawn-title = Your comment is withdrawn
withdrawn-text = It is deleted here. Other servers are asked to delete it too.
back-to-the-article = Back to the article
back-to-the-comment = Back to the comment
back-to-the-home-page = Go to the home page
