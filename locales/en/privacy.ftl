# The page about privacy, which is made from the configuration. Times are arguments, written by the messages duration-*.
duration-years = { $count ->
    [one] { $count } year
   *[other] { $count } years
}
duration-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
duration-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
duration-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
duration-seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
privacy-title = Privacy
privacy-introduction = This page says what { $site } stores about its readers, for how long, and what it sends to others. It is made from the settings in force.

privacy-reading = When you read
privacy-no-cookies = Reading sets no cookies. The pages contain no trackers and no advertisements. They load nothing from other servers, except pictures that an article itself takes from elsewhere.
privacy-pictures = Profile pictures and attachments of people on other servers are shown from copies here, so that those servers do not learn who reads. The copies take up at most { $megabytes } MiB.
privacy-no-visits = The program counts no visits and keeps no list of who read what. A web server or hosting company in front of it may keep a log of its own.
privacy-limits = An IP address from which too many requests come at once is noted for { $time }, so that the site stays reachable for others.
privacy-own-server = If you follow or reply from your own server, your browser remembers that server’s name, and this site asks that server for the page to send you to.

privacy-comments = When you comment here without an account
privacy-comment = Your name, your website and your comment are stored and shown until the comment or the article is deleted. An email address is stored too, but never shown and never sent to other servers.
privacy-address = A hash of your IP address is kept for { $time }, against spam. The address itself is not stored with the comment.
privacy-cookie = Your browser gets the cookie “{ $name }” with your first comment, and keeps it for { $time }. By it, the site knows your comments as yours: you see those that wait, and can edit and withdraw them. It serves nothing else.
privacy-confirmation = A comment whose email address is not confirmed within { $time } is deleted.
privacy-mails = An email to you that could not be delivered is deleted after { $time }.
privacy-former-versions = Former versions of an edited comment stay visible to the publication, and are deleted with the comment.
privacy-bin = When the publication deletes an article, its comments, also those from other servers, are kept for { $time }, seen by nobody else, so that the article can be restored. What you delete or have erased is gone at once.
privacy-federated-comments = A comment that is shown is also sent, with your name, to the servers of the publication’s followers in the fediverse.
privacy-spam-service = Each comment is checked by the spam service at { $host }. It gets the text, your name and your website, but neither your email address nor your IP address.

privacy-fediverse = When you reply, like or follow from another server
privacy-replies = What your server sends is stored: your name, handle and profile page, the address of your picture, and your public posts about articles of this site. It is shown as long as the article is.
privacy-deletions = If you edit or delete a post, or your account, your server announces it, and the same happens here.
privacy-deletions-rechecked = If you edit or delete a post, or your account, your server announces it, and the same happens here. This site also checks from time to time whether posts still exist.
privacy-followers = Your follow is stored until you end it. The list of followers is public.
privacy-followers-hidden = Your follow is stored until you end it. The list of followers is not public, only their number.
privacy-notices = Mentions, reports and private messages to the publication are kept for { $time } after they last occurred.
privacy-traces = The ids of received messages are kept for { $received }, those of deleted posts for { $deleted }, so that nothing counts twice or comes back.
privacy-events = For { $time }, the publication can see which servers and accounts sent it something, and where its own posts went.
privacy-fetches = For { $time }, the publication remembers which servers fetched an article that it had not announced, so that they get its corrections.
privacy-sent = Articles, replies and reactions of the publication go to its followers’ servers. When something is deleted here, those servers are asked to delete it too. This site can’t force them.

privacy-rights = Your data
privacy-ask = You can ask the publication what is stored about you, and have it erased: write to { $handle } in the fediverse, or use the contact that the publication names.
privacy-delete-yourself = What you wrote on your own server you can also delete there.
