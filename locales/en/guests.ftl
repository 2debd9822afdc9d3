# Comments of readers without an account: the form, and the messages about it.

write-title = Comment without an account
write-title-reply = Your reply
write-heading = Write a comment
write-heading-reply = Reply to a comment
write-heading-preview = Preview of your comment
# $article is the title of the article, as a link.
write-under = Under { $article }
write-not-sent = Your comment was not sent:
# The label of a field that people do not see; spam programs fill it in.
write-trap = Leave this empty
write-name = Name
write-mail = Email address (optional)
write-mail-how = Never published or shared.
write-mail-confirm = We will email you a link to confirm it.
write-site = Website (optional)
write-text = Comment
write-text-how = Markdown: *emphasis*, **strong**, > quote, [link](https://example.org/).
write-replies = Email me replies to this comment
write-preview = Preview
write-post = Post
write-returning = Commented before? Use your saved name

write-problem-name = Enter a name.
write-problem-name-long = The name has more than 80 characters. Please shorten it.
write-problem-mail = This is not an email address. Example: you@example.org.
write-problem-mail-missing = Enter the email address for replies.
write-problem-site = This is not a website. Example: https://example.org/.
write-problem-text = Enter a comment.
write-problem-text-long = The comment has more than 10,000 characters. Please shorten it.
write-problem-too-many = Too many comments arrived within an hour. Please keep yours and send it later.
write-problem-too-old = The form was open for too long. Please send it again.
write-problem-too-fast = That was very fast. Please check your comment and send it again.

refusal-cross-site = This form came from another site
refusal-cross-site-text = Comments are accepted only from the form on this site. Go back to the article and write your comment there.
refusal-closed = Comments are closed
refusal-closed-text = You can’t comment on this article.
refusal-rate-limited = Too many comments at once
refusal-rate-limited-text = Wait a minute, go back and send yours again.
refusal-unreadable = Your comment could not be read
refusal-unreadable-text = Part of it was lost on the way. Go back and send it again.
refusal-too-slow = Your comment took too long
refusal-too-slow-text = It did not arrive in time. Go back and send it again.
refusal-busy = The server is busy
refusal-busy-text = Wait a minute, go back and send your comment again.
refusal-too-large = Your comment is too long
refusal-too-large-text = A comment can have at most 10,000 characters. Go back and shorten yours.
refusal-expired = This link no longer works
refusal-expired-text = It is older than seven days, or its comment is gone. Please write your comment again.

message-waiting = Thank you: your comment awaits approval
message-waiting-text = It will appear below the article once it is approved.
message-mailed = Check your email
message-mailed-text = We sent you a link. Open it to submit your comment. Otherwise, your comment is deleted after seven days.
message-confirmed = Thank you: your email address is confirmed
message-confirmed-text = Your comment will appear below the article once it is approved.
confirm-title = Confirm your email address
confirm-text = Is this your email address, and did you write a comment here? Confirm to submit your comment.
confirm-button = Confirm

link-back-to-site = Back to the site
link-home = Go to the home page

unsubscribe-title = Unsubscribe
unsubscribe-question = Unsubscribe?
# $site is the name of the publication.
unsubscribe-text = You get emails from { $site } when somebody replies to your comments.
unsubscribe-button = Unsubscribe
unsubscribe-done = Unsubscribed
unsubscribe-done-text = You will not get any more emails about replies from { $site }.
