search-title = Recherche
search-label = Mots à rechercher
search-button = Rechercher
search-results = { $count ->
    [one] { $count } résultat
   *[other] { $count } résultats
}
search-best = Les { $count } meilleurs résultats
search-nothing = Rien sur ce site ne contient tous ces mots. Essayez avec moins de mots, ou avec d’autres.
search-no-words = Cette requête ne contient aucun mot. Saisissez-en au moins un.
search-too-many = Vous avez fait beaucoup de recherches. Attendez une minute, puis recommencez.
search-pages = Pages de résultats
search-previous = Résultats précédents
search-next = Résultats suivants
