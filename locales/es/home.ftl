# La portada.
home-newest = Artículos más recientes
home-empty = Aquí todavía no se ha publicado nada. Sigue la publicación para recibir el primer artículo.
home-notes = Notas
