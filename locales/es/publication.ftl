# Indexes, the archive and menus.
menu-subscribe = Suscribirse
archive-title = Archivo
archive-of-year = Archivo de { $year }
archive-empty = Todavía no se ha publicado nada aquí.
archive-paging = Páginas del archivo
articles-count = { $count ->
    [one] { $count } artículo
   *[other] { $count } artículos
}
month-1 = Enero
month-2 = Febrero
month-3 = Marzo
month-4 = Abril
month-5 = Mayo
month-6 = Junio
month-7 = Julio
month-8 = Agosto
month-9 = Septiembre
month-10 = Octubre
month-11 = Noviembre
month-12 = Diciembre
tags-title = Temas
tags-empty = Ningún artículo tiene tema todavía.
authors-title = Autores
authors-empty = Todavía no hay autores en la lista.
notes-title = Notas
notes-empty = Todavía no hay notas.
notes-warning = Advertencia de contenido:
index-paging = Más páginas
paging-newer = Más recientes
paging-older = Más antiguos
paging-more = Más
# A static page; the argument is a date.
page-changed = Última modificación: { $date }

# The page for subscribers.
subscribe-title = Suscribirse
subscribe-fediverse-title = En el fediverso
subscribe-fediverse-what = El fediverso es una red de servidores independientes, como Mastodon, Friendica y Pixelfed: con una cuenta en cualquiera de ellos puede seguir esta publicación, y los artículos nuevos aparecen en su cronología.
subscribe-server = Su servidor o su dirección en el fediverso
subscribe-server-how = Se le envía a su propio servidor, donde confirma. Este sitio no guarda nada de ello.
subscribe-follow = Seguir
subscribe-handle = O busque esta dirección en su aplicación:
subscribe-handle-label = Dirección de esta publicación
subscribe-feeds-title = Con un lector de feeds
subscribe-feeds-what = Un lector de feeds reúne los artículos nuevos de muchos sitios. No hace falta ninguna cuenta.
subscribe-accounts-title = En otros lugares
subscribe-donate-title = Apoyar esta publicación

# Below an article.
neighbours-title = Seguir leyendo
neighbours-previous = Anterior:
neighbours-next = Siguiente:

# Error pages.
problem-home = Ir a la página de inicio
problem-search = Buscar en este sitio
problem-search-button = Buscar
problem-newest = Los artículos más recientes
problem-bad-request-title = Esta solicitud no tiene sentido
problem-bad-request-advice = La dirección o el formulario está incompleto o dañado. Revise la dirección o empiece por la página de inicio.
problem-bad-link-title = Este enlace no es válido
problem-bad-link-advice = Falta una parte o se ha modificado. Ábralo desde el propio correo o cópielo entero.
problem-not-found-title = Página no encontrada
problem-not-found-advice = No hay nada en esta dirección. Revísela o busque lo que quiere leer.
problem-method-not-allowed-title = Esta página no acepta formularios
problem-method-not-allowed-advice = Solo se puede abrir. Vuelva a la página anterior y pruebe otra vez el enlace.
problem-timeout-title = La solicitud ha tardado demasiado
problem-timeout-advice = No ha llegado a tiempo. Revise su conexión e inténtelo de nuevo.
problem-gone-title = Retirado
# The argument is a date.
problem-gone-since = Se retiró el { $date }.
problem-gone-advice = Lo que había en esta dirección ya no está publicado.
problem-closed-title = Esta publicación ha terminado
# The argument is a date.
problem-closed-since = Terminó el { $date }.
problem-closed-advice = Aquí ya no se publica nada.
problem-link-expired-title = Este enlace ha caducado
problem-link-expired-advice = Los enlaces de los correos funcionan durante un tiempo limitado. Para decidir sobre un comentario, use «pamphlet comments».
problem-too-large-title = Es demasiado grande
problem-too-large-advice = Lo que ha enviado supera lo que este sitio acepta. Acórtelo y envíelo de nuevo.
problem-unsupported-title = Este formato no se entiende
problem-unsupported-advice = Esta página no lee el formato enviado. Use el formulario de este sitio.
problem-too-many-title = Demasiadas solicitudes
problem-too-many-advice = Han llegado demasiadas desde su dirección en poco tiempo. Espere un poco e inténtelo de nuevo.
problem-internal-title = Algo ha fallado por nuestra parte
problem-internal-advice = El error ha quedado registrado. Inténtelo de nuevo en unos minutos.
problem-busy-title = El sitio está saturado
problem-busy-advice = Ahora no puede responder. Inténtelo de nuevo en un minuto.
problem-draft-ended-title = Este borrador ya no se comparte
problem-draft-ended-advice = Quien lo escribió puede darle un enlace nuevo.
