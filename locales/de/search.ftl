search-title = Suche
search-label = Gesuchte Wörter
search-button = Suchen
search-results = { $count ->
    [one] { $count } Ergebnis
   *[other] { $count } Ergebnisse
}
search-best = Die { $count } besten Ergebnisse
search-nothing = Nichts auf dieser Website enthält alle diese Wörter. Versuchen Sie es mit weniger oder mit anderen Wörtern.
search-no-words = Diese Anfrage enthält keine Wörter. Geben Sie mindestens eines ein.
search-too-many = Sie haben sehr oft gesucht. Warten Sie eine Minute und suchen Sie dann erneut.
search-pages = Ergebnisseiten
search-previous = Vorherige Ergebnisse
search-next = Weitere Ergebnisse
