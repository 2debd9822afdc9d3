text-back-to-reference = Zurück zur Textstelle
text-table = Tabelle
text-watch-on-youtube = Das Video auf YouTube ansehen
text-watch-on-vimeo = Das Video auf Vimeo ansehen
