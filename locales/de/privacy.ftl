# The page about privacy, which is made from the configuration. Times are arguments, written by the messages duration-*.
duration-years = { $count ->
    [one] { $count } Jahr
   *[other] { $count } Jahre
}
duration-days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}
duration-hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
duration-minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
duration-seconds = { $count ->
    [one] { $count } Sekunde
   *[other] { $count } Sekunden
}
privacy-title = Datenschutz
privacy-introduction = Diese Seite sagt, was { $site } über Leserinnen und Leser speichert, wie lange, und was an andere geht. Sie entsteht aus den geltenden Einstellungen.

privacy-reading = Beim Lesen
privacy-no-cookies = Beim Lesen werden keine Cookies gesetzt. Die Seiten enthalten keine Tracker und keine Werbung. Sie laden nichts von anderen Servern, außer Bildern, die ein Artikel selbst von anderswo nimmt.
privacy-pictures = Profilbilder und Anhänge von Menschen auf anderen Servern werden aus Kopien gezeigt, die hier liegen. So erfahren jene Server nicht, wer liest. Die Kopien belegen höchstens { $megabytes } MiB.
privacy-no-visits = Das Programm zählt keine Besuche und führt keine Liste, wer was gelesen hat. Ein Webserver oder Hoster davor kann ein eigenes Protokoll führen.
privacy-limits = Eine IP-Adresse, von der zu viele Anfragen auf einmal kommen, wird für die Dauer von { $time } vermerkt, damit die Website für andere erreichbar bleibt.
privacy-own-server = Wenn Sie von Ihrem eigenen Server aus folgen oder antworten, merkt sich Ihr Browser dessen Namen, und diese Website fragt jenen Server nach der Seite, zu der sie Sie schickt.

privacy-comments = Beim Kommentieren ohne Konto
privacy-comment = Ihr Name, Ihre Website und Ihr Kommentar werden gespeichert und gezeigt, bis der Kommentar oder der Artikel gelöscht wird. Auch eine E-Mail-Adresse wird gespeichert, aber nie gezeigt und nie an andere Server gesendet.
privacy-address = Gegen Spam wird ein Hashwert Ihrer IP-Adresse für die Dauer von { $time } aufbewahrt. Die Adresse selbst wird nicht mit dem Kommentar gespeichert.
privacy-cookie = Mit dem ersten Kommentar erhält Ihr Browser das Cookie „{ $name }“; Lebensdauer: { $time }. An ihm erkennt die Website Ihre Kommentare: Sie sehen die wartenden und können Kommentare ändern und zurückziehen. Es dient zu nichts anderem.
privacy-confirmation = Ein Kommentar, dessen E-Mail-Adresse nicht bestätigt wird, wird gelöscht. Frist: { $time }.
privacy-mails = Eine E-Mail an Sie, die nicht zugestellt werden konnte, wird gelöscht. Frist: { $time }.
privacy-former-versions = Frühere Fassungen eines bearbeiteten Kommentars bleiben für die Publikation sichtbar und werden mit dem Kommentar gelöscht.
privacy-bin = Löscht die Publikation einen Artikel, werden seine Kommentare, auch die von anderen Servern, noch { $time } aufbewahrt, von niemandem sonst zu sehen, damit sich der Artikel wiederherstellen lässt. Was Sie selbst löschen oder löschen lassen, ist sofort weg.
privacy-federated-comments = Ein Kommentar, der gezeigt wird, geht mit Ihrem Namen auch an die Server derer, die der Publikation im Fediverse folgen.
privacy-spam-service = Jeder Kommentar wird vom Spamdienst { $host } geprüft. Er erhält den Text, Ihren Namen und Ihre Website, aber weder Ihre E-Mail-Adresse noch Ihre IP-Adresse.

privacy-fediverse = Beim Antworten, Favorisieren und Folgen von einem anderen Server
privacy-replies = Gespeichert wird, was Ihr Server sendet: Name, Adresse und Profilseite, die Adresse Ihres Bildes und Ihre öffentlichen Beiträge zu Artikeln dieser Website. Gezeigt wird es so lange wie der Artikel.
privacy-deletions = Wenn Sie einen Beitrag oder Ihr Konto ändern oder löschen, meldet Ihr Server das, und hier geschieht dasselbe.
privacy-deletions-rechecked = Wenn Sie einen Beitrag oder Ihr Konto ändern oder löschen, meldet Ihr Server das, und hier geschieht dasselbe. Diese Website prüft auch von Zeit zu Zeit, ob Beiträge noch bestehen.
privacy-followers = Dass Sie folgen, wird gespeichert, bis Sie es beenden. Die Liste der Follower ist öffentlich.
privacy-followers-hidden = Dass Sie folgen, wird gespeichert, bis Sie es beenden. Die Liste der Follower ist nicht öffentlich, nur ihre Zahl.
privacy-notices = Erwähnungen, Meldungen und private Nachrichten an die Publikation werden nach ihrem letzten Auftreten noch { $time } lang aufbewahrt.
privacy-traces = Kennungen empfangener Nachrichten werden { $received } lang aufbewahrt, die gelöschter Beiträge { $deleted } lang, damit nichts doppelt zählt oder wiederkehrt.
privacy-events = { $time } lang kann die Publikation sehen, welche Server und Konten ihr etwas geschickt haben und wohin ihre eigenen Beiträge gingen.
privacy-fetches = { $time } lang merkt sich die Publikation, welche Server einen nicht angekündigten Artikel abgeholt haben, damit sie seine Korrekturen bekommen.
privacy-sent = Artikel, Antworten und Reaktionen der Publikation gehen an die Server ihrer Follower. Wird hier etwas gelöscht, so werden jene Server gebeten, es auch zu löschen. Zwingen kann diese Website sie nicht.

privacy-rights = Ihre Daten
privacy-ask = Sie können die Publikation fragen, was über Sie gespeichert ist, und es löschen lassen: Schreiben Sie im Fediverse an { $handle }, oder nutzen Sie den Kontakt, den die Publikation nennt.
privacy-delete-yourself = Was Sie auf Ihrem eigenen Server geschrieben haben, können Sie auch dort löschen.
