# The title of the feed of the comments on an article.
feed-comments-title = Commentaires sur « { $title } »
# The title of a comment in a feed.
feed-comment-title = Commentaire { $number } de { $author }
# The line before a text that has a content warning.
feed-content-warning = Avertissement : { $warning }
# What a feed is, for people who open it in a browser.
feed-explanation = Ceci est un flux. Copiez son adresse dans un lecteur de flux pour recevoir les nouvelles publications.
# The link from a feed to the page that shows the same.
feed-open-page = Lire sur le site
