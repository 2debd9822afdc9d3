# Reactions to an article or a comment.

reactions-likes = { $count ->
    [one] { $count } like
   *[other] { $count } likes
}
reactions-boosts = { $count ->
    [one] { $count } boost
   *[other] { $count } boosts
}
reactions-quotes = { $count ->
    [one] { $count } quote
   *[other] { $count } quotes
}
# How many reactions there are with other emoji than those shown.
reactions-others = and { $count } more
