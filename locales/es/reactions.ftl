reactions-likes = { $count ->
    [one] { $count } favorito
   *[other] { $count } favoritos
}
reactions-boosts = { $count ->
    [one] { $count } impulso
   *[other] { $count } impulsos
}
reactions-quotes = { $count ->
    [one] { $count } cita
   *[other] { $count } citas
}
reactions-others = y { $count } más
