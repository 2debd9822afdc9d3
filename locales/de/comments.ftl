comments-title = { $count ->
    [0] Noch keine Kommentare
    [one] { $count } Kommentar
   *[other] { $count } Kommentare
}
comments-closed = Die Kommentare sind geschlossen.
comments-skip-to-newest = Zu den neuesten Kommentaren

comment-label = Kommentar { $number } von { $author }
comment-label-deleted = Kommentar { $number }, gelöscht
comment-label-withheld = Kommentar { $number }, nicht angezeigt
comment-label-hidden = Kommentar { $number }, auf Wunsch seines Verfassers verborgen
comment-permalink = Dauerhafter Link zu Kommentar { $number }

comment-deleted = Kommentar gelöscht
comment-withheld = Dieser Kommentar wird nicht angezeigt
comment-hidden = Dieser Kommentar ist auf Wunsch seines Verfassers verborgen

comment-edited = bearbeitet am { $date }
comment-in-reply-to = als Antwort auf #{ $number }

comment-is-longer = Dieser Kommentar ist länger.
comment-read-all = Ganz lesen
comment-poll = Umfrage
comment-votes = { $count ->
    [one] { $count } Stimme
   *[other] { $count } Stimmen
}
comment-poll-until = Umfrage bis { $time }
comment-quotes = Zitiert { $link }
comment-sensitive-pictures = Heikle Bilder
comment-attached-file = Angehängte Datei

comment-original = Original
comment-original-of = Original von Kommentar { $number }
comment-who-reacted = Wer reagiert hat
comment-who-reacted-to = Wer auf Kommentar { $number } reagiert hat
