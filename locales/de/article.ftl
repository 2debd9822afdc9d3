article-byline = Von { $author }
article-updated = aktualisiert am { $date }
content-warning = Inhaltswarnung: { $warning }
article-who-reacted = Wer reagiert hat
article-quoted-by = Zitiert von { $posts }
article-permalink = Dauerhafter Link
article-comments-count = { $count ->
    [one] { $count } Kommentar
   *[other] { $count } Kommentare
}
article-comments-count-on = { $count ->
    [one] { $count } Kommentar zu { $title }
   *[other] { $count } Kommentare zu { $title }
}

note-untitled = Notiz
note-in-reply-to = als Antwort auf diesen Beitrag
