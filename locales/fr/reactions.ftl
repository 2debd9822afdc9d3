reactions-likes = { $count ->
    [one] { $count } favori
   *[other] { $count } favoris
}
reactions-boosts = { $count ->
    [one] { $count } partage
   *[other] { $count } partages
}
reactions-quotes = { $count ->
    [one] { $count } citation
   *[other] { $count } citations
}
reactions-others = et { $count } de plus
