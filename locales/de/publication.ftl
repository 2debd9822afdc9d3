# Indexes, the archive and menus.
menu-subscribe = Abonnieren
archive-title = Archiv
archive-of-year = Archiv { $year }
archive-empty = Hier ist noch nichts erschienen.
archive-paging = Seiten des Archivs
articles-count = { $count ->
    [one] { $count } Artikel
   *[other] { $count } Artikel
}
month-1 = Januar
month-2 = Februar
month-3 = März
month-4 = April
month-5 = Mai
month-6 = Juni
month-7 = Juli
month-8 = August
month-9 = September
month-10 = Oktober
month-11 = November
month-12 = Dezember
tags-title = Schlagwörter
tags-empty = Noch hat kein Artikel ein Schlagwort.
authors-title = Autorinnen und Autoren
authors-empty = Noch ist niemand verzeichnet.
notes-title = Notizen
notes-empty = Es gibt noch keine Notizen.
notes-warning = Inhaltswarnung:
index-paging = Weitere Seiten
paging-newer = Neuere
paging-older = Ältere
paging-more = Mehr
# A static page; the argument is a date.
page-changed = Zuletzt geändert am { $date }

# The page for subscribers.
subscribe-title = Abonnieren
subscribe-fediverse-title = Im Fediverse
subscribe-fediverse-what = Das Fediverse ist ein Netz unabhängiger Server wie Mastodon, Friendica und Pixelfed: Mit einem Konto auf einem davon können Sie dieser Publikation folgen, und neue Artikel erscheinen in Ihrer Timeline.
subscribe-server = Ihr Server oder Ihre Adresse im Fediverse
subscribe-server-how = Sie werden zu Ihrem eigenen Server geschickt und bestätigen dort. Diese Website speichert davon nichts.
subscribe-follow = Folgen
subscribe-handle = Oder suchen Sie in Ihrer App nach dieser Adresse:
subscribe-handle-label = Adresse dieser Publikation im Fediverse
subscribe-feeds-title = Mit einem Feedreader
subscribe-feeds-what = Ein Feedreader zeigt neue Artikel vieler Websites an einem Ort. Ein Konto ist nicht nötig.
subscribe-accounts-title = Anderswo
subscribe-donate-title = Diese Publikation unterstützen

# Below an article.
neighbours-title = Weiterlesen
neighbours-previous = Davor:
neighbours-next = Danach:

# Error pages.
problem-home = Zur Startseite
problem-search = Diese Website durchsuchen
problem-search-button = Suchen
problem-newest = Die neuesten Artikel
problem-bad-request-title = Diese Anfrage ergibt keinen Sinn
problem-bad-request-advice = Die Adresse oder das Formular ist unvollständig oder beschädigt. Prüfen Sie die Adresse auf Tippfehler, oder beginnen Sie auf der Startseite.
problem-bad-link-title = Dieser Link ist ungültig
problem-bad-link-advice = Ein Teil fehlt oder wurde verändert. Öffnen Sie ihn direkt aus der E-Mail, oder kopieren Sie ihn ganz.
problem-not-found-title = Seite nicht gefunden
problem-not-found-advice = Unter dieser Adresse gibt es nichts. Prüfen Sie sie auf Tippfehler, oder suchen Sie nach dem, was Sie lesen möchten.
problem-method-not-allowed-title = Diese Seite nimmt kein Formular an
problem-method-not-allowed-advice = Sie lässt sich nur öffnen. Gehen Sie zurück zur vorigen Seite, und versuchen Sie den Link noch einmal.
problem-timeout-title = Die Anfrage hat zu lange gedauert
problem-timeout-advice = Sie ist nicht rechtzeitig angekommen. Prüfen Sie Ihre Verbindung, und versuchen Sie es noch einmal.
problem-gone-title = Zurückgezogen
# The argument is a date.
problem-gone-since = Dies wurde am { $date } zurückgezogen.
problem-gone-advice = Was unter dieser Adresse stand, ist nicht mehr veröffentlicht.
problem-closed-title = Diese Publikation ist beendet
# The argument is a date.
problem-closed-since = Sie endete am { $date }.
problem-closed-advice = Hier wird nichts mehr veröffentlicht.
problem-link-expired-title = Dieser Link ist abgelaufen
problem-link-expired-advice = Links in E-Mails gelten nur eine begrenzte Zeit. Über einen Kommentar entscheiden Sie mit „pamphlet comments“.
problem-too-large-title = Das ist zu groß
problem-too-large-advice = Was Sie gesendet haben, ist größer, als diese Website annimmt. Kürzen Sie es, und senden Sie es noch einmal.
problem-unsupported-title = Dieses Format wird nicht verstanden
problem-unsupported-advice = Das gesendete Format kann diese Seite nicht lesen. Benutzen Sie das Formular auf dieser Website.
problem-too-many-title = Zu viele Anfragen
problem-too-many-advice = Von Ihrer Adresse kam in kurzer Zeit zu viel. Bitte warten Sie ein wenig, und versuchen Sie es dann noch einmal.
problem-internal-title = Bei uns ist etwas schiefgegangen
problem-internal-advice = Der Fehler wurde protokolliert. Bitte versuchen Sie es in einigen Minuten noch einmal.
problem-busy-title = Die Website ist überlastet
problem-busy-advice = Sie kann gerade nicht antworten. Bitte versuchen Sie es in einer Minute noch einmal.
problem-draft-ended-title = Dieser Entwurf wird nicht mehr geteilt
problem-draft-ended-advice = Wer ihn geschrieben hat, kann Ihnen einen neuen Link geben.
