# Links from one page of a list to the next ones.

paging-label-articles = Pages of articles
paging-label-comments = Pages of comments
paging-label-reactions = Pages of reactions
paging-newer-articles = Newer articles
paging-newer-comments = Newer comments
paging-newer-reactions = Newer reactions
paging-older-articles = Older articles
paging-older-comments = Older comments
paging-older-reactions = Older reactions
