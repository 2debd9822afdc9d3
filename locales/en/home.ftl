# The front page.
home-newest = Newest articles
home-empty = Nothing is published here yet. Follow along to get the first article.
home-notes = Notes
