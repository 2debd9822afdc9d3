search-title = Search
search-label = Words to search for
search-button = Search
search-results = { $count ->
    [one] { $count } result
   *[other] { $count } results
}
search-best = The { $count } best results
search-nothing = Nothing on this site has all of these words. Try fewer words, or others.
search-no-words = There are no words in this query. Enter one or more.
search-too-many = You have searched very often. Wait a minute, then search again.
search-pages = Pages of results
search-previous = Previous results
search-next = More results
