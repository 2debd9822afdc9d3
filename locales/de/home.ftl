# Die Startseite.
home-newest = Neueste Artikel
home-empty = Hier ist noch nichts erschienen. Wer folgt, bekommt den ersten Artikel.
home-notes = Notizen
