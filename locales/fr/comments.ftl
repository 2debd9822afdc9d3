comments-title = { $count ->
    [0] Pas encore de commentaires
    [one] { $count } commentaire
   *[other] { $count } commentaires
}
comments-closed = Les commentaires sont fermés.
comments-skip-to-newest = Aller aux commentaires les plus récents

comment-label = Commentaire { $number } de { $author }
comment-label-deleted = Commentaire { $number }, supprimé
comment-label-withheld = Commentaire { $number }, non affiché
comment-label-hidden = Commentaire { $number }, masqué à la demande de son auteur
comment-permalink = Lien permanent vers le commentaire { $number }

comment-deleted = Commentaire supprimé
comment-withheld = Ce commentaire n’est pas affiché
comment-hidden = Ce commentaire est masqué à la demande de son auteur

comment-edited = modifié le { $date }
comment-in-reply-to = en réponse au nº { $number }

comment-is-longer = Ce commentaire est plus long.
comment-read-all = Lire la suite
comment-poll = Sondage
comment-votes = { $count ->
    [one] { $count } vote
   *[other] { $count } votes
}
comment-poll-until = Sondage jusqu’au { $time }
comment-quotes = Cite { $link }
comment-sensitive-pictures = Images sensibles
comment-attached-file = Fichier joint

comment-original = Original
comment-original-of = Original du commentaire { $number }
comment-who-reacted = Qui a réagi
comment-who-reacted-to = Qui a réagi au commentaire { $number }
