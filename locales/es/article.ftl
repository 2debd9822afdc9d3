article-byline = Por { $author }
article-updated = actualizado el { $date }
content-warning = Advertencia de contenido: { $warning }
article-who-reacted = Quién ha reaccionado
article-quoted-by = Citado por { $posts }
article-permalink = Enlace permanente
article-comments-count = { $count ->
    [one] { $count } comentario
   *[other] { $count } comentarios
}
article-comments-count-on = { $count ->
    [one] { $count } comentario sobre { $title }
   *[other] { $count } comentarios sobre { $title }
}

note-untitled = Nota
note-in-reply-to = en respuesta a esta publicación
