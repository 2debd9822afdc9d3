article-byline = Par { $author }
article-updated = mis à jour le { $date }
content-warning = Avertissement : { $warning }
article-who-reacted = Qui a réagi
article-quoted-by = Cité par { $posts }
article-permalink = Lien permanent
article-comments-count = { $count ->
    [one] { $count } commentaire
   *[other] { $count } commentaires
}
article-comments-count-on = { $count ->
    [one] { $count } commentaire sur { $title }
   *[other] { $count } commentaires sur { $title }
}

note-untitled = Note
note-in-reply-to = en réponse à ce message
