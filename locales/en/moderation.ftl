# The page on which the admin decides on a comment, by the link in an email.

moderate-title = Moderate a comment
# $article is the title of the article, as a link.
moderate-deleted = This comment under { $article } was deleted. Only its position remains.
# $author is the author with their handle, $article a link, $time a date and time.
moderate-by = By { $author } under { $article }, { $time }
moderate-original = original
# $state is one of the states below.
moderate-state = It is { $state }.
# The same with $reason, a short text in English.
moderate-state-reason = It is { $state }: { $reason }.
moderate-state-visible = visible
moderate-state-textless = visible without its text, at its author’s request
moderate-state-held = held for approval
moderate-state-unconfirmed = not confirmed by its author yet
moderate-state-hidden = hidden
moderate-state-spam = marked as spam
moderate-state-deleted = deleted
moderate-longer = The comment is longer.
moderate-read-all = Read all of it
moderate-reasons = Reasons for the spam score
moderate-decision = Decision
moderate-approve = Approve
moderate-hide = Hide
moderate-spam = Spam
moderate-delete-or-block = Delete or block
moderate-delete = Delete permanently
# $handle is the handle of the author, $host the name of their server.
moderate-block-actor = Block { $handle }
moderate-block-host = Block all of { $host }
moderate-reply = Reply
# $site is the name of the publication.
moderate-reply-as = As { $site }, in Markdown
moderate-reply-publish = Publish reply
moderate-problem-form = Please use the buttons on this page.
moderate-problem-empty = A reply needs a text.
moderate-problem-long = A reply has at most 64 KiB.
moderate-problem-hidden = The comment is not visible: approve it to reply to it.

# What the last decision did. $name is a handle or a server.
moderate-done-approve = The comment is visible.
moderate-done-hide = The comment is hidden.
moderate-done-spam = The comment is marked as spam.
moderate-done-delete = The comment is deleted.
moderate-done-block = { $name } is blocked.
moderate-done-unblock = { $name } is no longer blocked.
moderate-done-reply = Your reply is published.
moderate-undo-hide = Undo: hide it
moderate-undo-show = Undo: show it
moderate-undo-unblock = Undo: unblock
