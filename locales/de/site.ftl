skip-to-content = Zum Inhalt springen
navigation = Website
navigation-home = Startseite
navigation-more = Mehr über diese Seite
footer-feed = Atom-Feed
footer-pamphlet = Veröffentlicht mit Pamphlet, freier Software: { $link } (AGPL-3.0)
footer-source-code = Quelltext

list-empty = Hier ist noch nichts erschienen.
list-empty-follow = Folgen Sie uns, um den ersten Artikel zu bekommen.
list-older-articles = Ältere Artikel
list-tagged = Beiträge zu { $tag }
author-articles = Artikel

follow-title = Im Fediverse folgen
follow-how = Suchen Sie in Mastodon oder einer anderen Fediverse-App nach dieser Adresse, um neue Artikel dort zu bekommen.
follow-handle = Adresse zum Folgen
follow-from-server = Vom eigenen Server aus folgen

moved-title = Umgezogen
moved-text = Neue Artikel veröffentlicht { $account }. Folgen Sie dem Konto dort.

copy = Kopieren
copy-done = Kopiert
copy-selected = Markiert, jetzt kopieren
