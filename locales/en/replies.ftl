# The ways to reply to an article or a comment.
reply = Reply
# Read by screen readers after “Reply”. $number is the number of a comment.
reply-to-comment = to comment { $number }
reply-title = Reply
# What the fediverse is, for readers who never heard of it.
what-the-fediverse-is = This site is part of the fediverse, a network of independent servers such as Mastodon whose members follow and answer each other: with an account on any of them, you can reply from there.
reply-from-your-server = Reply from your server
reply-by-link = Or copy this link, search for it in your app, and reply there. Your reply will appear here.
reply-link-label = Link to reply to
reply-here = No account? Write your comment here
author-badge = Author
