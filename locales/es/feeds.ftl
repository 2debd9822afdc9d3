# The title of the feed of the comments on an article.
feed-comments-title = Comentarios sobre «{ $title }»
# The title of a comment in a feed.
feed-comment-title = Comentario { $number } de { $author }
# The line before a text that has a content warning.
feed-content-warning = Advertencia de contenido: { $warning }
# What a feed is, for people who open it in a browser.
feed-explanation = Esto es un canal de noticias (feed). Copie su dirección en un lector y recibirá las nuevas publicaciones.
# The link from a feed to the page that shows the same.
feed-open-page = Leer en el sitio
