# The pages that connect this site with a reader’s own server.

interact-follow-title = Follow from your server
interact-reply-title = Reply from your server
# $name is a handle or a title, as a link.
interact-follow-how = To follow { $name } from your own server in the fediverse, enter your handle or server.
interact-reply-how = To reply to { $name } from your own server in the fediverse, enter your handle or server.
# The names of what one replies to. $author is a name.
interact-comment = the comment by { $author }
interact-note = this note
interact-server = Your handle or server
interact-continue = Continue
interact-search-title = Or search for it
interact-search-how = Search for this text in your app.
interact-search-text = Text to search for
interact-problem-form = Please use the form on this page.
interact-problem-server = Enter your handle, like @you@example.org, or the name of your server.
interact-problem-ours = That is this site. Enter the server of your own account.
interact-problem-blocked = This site does not federate with that server.

# The page for the admin, who comes from another server.
commands-title = Act as this publication
# $handle is the publication’s handle.
commands-how = Another server sent you here to act as { $handle }. This site has no login. Its admin runs one of these commands on the server.
commands-follow = Follow
commands-reply = Reply
commands-like = Like
commands-boost = Boost
# $link is the next text, as a link.
commands-reader = To follow this publication from your own server, { $link }.
commands-reader-link = enter its name
