# Die Startseite.
home-newest = Neueste Artikel
home-empty = Hier ist noch nichts erschienen. Wer folgt, bekommt den ersten Artikel.
home-notes = Notizen
home-by = Von
home-comments = { $count ->
    [one] { $count } Kommentar
   *[other] { $count } Kommentare
}
home-comments-on = zu { $title }
