# Indexes, the archive and menus.
menu-subscribe = Subscribe
archive-title = Archive
archive-of-year = Archive of { $year }
archive-empty = Nothing is published here yet.
archive-paging = Pages of the archive
articles-count = { $count ->
    [one] { $count } article
   *[other] { $count } articles
}
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
tags-title = Tags
tags-empty = No article has a tag yet.
authors-title = Authors
authors-empty = No authors are listed yet.
notes-title = Notes
notes-empty = There are no notes yet.
notes-warning = Content warning:
index-paging = More pages
paging-newer = Newer
paging-older = Older
paging-more = More
# A static page; the argument is a date.
page-changed = Last changed on { $date }

# The page for subscribers.
subscribe-title = Subscribe
subscribe-fediverse-title = In the fediverse
subscribe-fediverse-what = The fediverse is a network of independent servers, such as Mastodon, Friendica and Pixelfed: with an account on any of them, you can follow this publication, and new articles appear in your timeline.
subscribe-server = Your server or handle
subscribe-server-how = You are sent to your own server, where you confirm. This site keeps nothing about it.
subscribe-follow = Follow
subscribe-handle = Or search for this handle in your app:
subscribe-handle-label = Handle of this publication
subscribe-feeds-title = With a feed reader
subscribe-feeds-what = A feed reader shows new articles of many sites in one place. It needs no account.
subscribe-accounts-title = Elsewhere
subscribe-donate-title = Support this publication

# Below an article.
neighbours-title = Read on
neighbours-previous = Previous:
neighbours-next = Next:

# Error pages.
problem-home = Go to the home page
problem-search = Search this site
problem-search-button = Search
problem-newest = The newest articles
problem-bad-request-title = This request makes no sense
problem-bad-request-advice = The address or the form is incomplete or damaged. Check it for typing errors, or start from the home page.
problem-bad-link-title = This link is invalid
problem-bad-link-advice = Part of it is missing or was changed. Open it from the email itself, or copy all of it.
problem-not-found-title = Page not found
problem-not-found-advice = There is nothing at this address. Check it for typing errors, or search for what you want to read.
problem-method-not-allowed-title = This page takes no form
problem-method-not-allowed-advice = It can only be opened. Go back to the page you came from, and try its link again.
problem-timeout-title = The request took too long
problem-timeout-advice = It did not arrive in time. Check your connection, and try again.
problem-gone-title = Withdrawn
# The argument is a date.
problem-gone-since = This was withdrawn on { $date }.
problem-gone-advice = What was at this address is not published any more.
problem-closed-title = This publication has ended
# The argument is a date.
problem-closed-since = It ended on { $date }.
problem-closed-advice = Nothing is published here any more.
problem-link-expired-title = This link has expired
problem-link-expired-advice = Links in emails work for a limited time. To decide on a comment, use “pamphlet comments”.
problem-too-large-title = This is too large
problem-too-large-advice = What you sent is larger than this site accepts. Shorten it, and send it again.
problem-unsupported-title = This format is not understood
problem-unsupported-advice = What was sent has a format that this page does not read. Use the form on this site.
problem-too-many-title = Too many requests
problem-too-many-advice = Too much came from your address in a short time. Please wait a little, and try again.
problem-internal-title = Something went wrong on our side
problem-internal-advice = The error was logged. Please try again in a few minutes.
problem-busy-title = The site is busy
problem-busy-advice = It can’t respond right now. Please try again in a minute.
problem-draft-ended-title = This draft is no longer shared
problem-draft-ended-advice = Its author can give you a new link.
