skip-to-content = Saltar al contenido
navigation = Sitio
navigation-home = Inicio
navigation-more = Más sobre este sitio
footer-feed = Canal Atom
footer-pamphlet = Publicado con Pamphlet, software libre: { $link } (AGPL-3.0)
footer-source-code = código fuente

list-empty = Aquí aún no se ha publicado nada.
list-empty-follow = Síguenos para recibir el primer artículo.
list-older-articles = Artículos anteriores
list-tagged = Etiqueta { $tag }
author-articles = Artículos

follow-title = Seguir desde el fediverso
follow-how = Busca esta dirección en Mastodon o en otra aplicación del fediverso para recibir allí los nuevos artículos.
follow-handle = Dirección que seguir
follow-from-server = Seguir desde tu servidor

moved-title = Cuenta trasladada
moved-text = Los nuevos artículos los publica { $account }. Sigue esa cuenta.

copy = Copiar
copy-done = Copiado
copy-selected = Seleccionado, cópialo ahora
