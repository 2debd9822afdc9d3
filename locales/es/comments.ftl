comments-title = { $count ->
    [0] Aún no hay comentarios
    [one] { $count } comentario
   *[other] { $count } comentarios
}
comments-closed = Los comentarios están cerrados.
comments-skip-to-newest = Ir a los comentarios más recientes

comment-label = Comentario { $number } de { $author }
comment-label-deleted = Comentario { $number }, eliminado
comment-label-withheld = Comentario { $number }, no mostrado
comment-label-hidden = Comentario { $number }, oculto a petición de su autor
comment-permalink = Enlace permanente al comentario { $number }

comment-deleted = Comentario eliminado
comment-withheld = Este comentario no se muestra
comment-hidden = Este comentario está oculto a petición de su autor

comment-edited = editado el { $date }
comment-in-reply-to = en respuesta a #{ $number }

comment-is-longer = Este comentario es más largo.
comment-read-all = Leerlo entero
comment-poll = Encuesta
comment-votes = { $count ->
    [one] { $count } voto
   *[other] { $count } votos
}
comment-poll-until = Encuesta hasta el { $time }
comment-quotes = Cita { $link }
comment-sensitive-pictures = Imágenes sensibles
comment-attached-file = Archivo adjunto

comment-original = Original
comment-original-of = Original del comentario { $number }
comment-who-reacted = Quién ha reaccionado
comment-who-reacted-to = Quién ha reaccionado al comentario { $number }
