reactions-likes = { $count ->
    [one] { $count } Mal favorisiert
   *[other] { $count } Mal favorisiert
}
reactions-boosts = { $count ->
    [one] { $count } Mal geteilt
   *[other] { $count } Mal geteilt
}
reactions-quotes = { $count ->
    [one] { $count } Mal zitiert
   *[other] { $count } Mal zitiert
}
reactions-others = und { $count } weitere
