# The page about privacy, which is made from the configuration. Times are arguments, written by the messages duration-*.
duration-years = { $count ->
    [one] { $count } año
   *[other] { $count } años
}
duration-days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}
duration-hours = { $count ->
    [one] { $count } hora
   *[other] { $count } horas
}
duration-minutes = { $count ->
    [one] { $count } minuto
   *[other] { $count } minutos
}
duration-seconds = { $count ->
    [one] { $count } segundo
   *[other] { $count } segundos
}
privacy-title = Privacidad
privacy-introduction = Esta página dice qué guarda { $site } sobre quienes leen, durante cuánto tiempo, y qué se envía a otros. Se hace a partir de los ajustes vigentes.

privacy-reading = Cuando lee
privacy-no-cookies = Leer no instala ninguna cookie. Las páginas no contienen rastreadores ni publicidad. No cargan nada de otros servidores, salvo las imágenes que un artículo toma de otro lugar.
privacy-pictures = Las fotos de perfil y los adjuntos de personas de otros servidores se muestran desde copias guardadas aquí, para que esos servidores no sepan quién lee. Las copias ocupan como máximo { $megabytes } MiB.
privacy-no-visits = El programa no cuenta visitas ni anota quién ha leído qué. Un servidor web o un proveedor de alojamiento situado delante puede llevar su propio registro.
privacy-limits = Una dirección IP de la que llegan demasiadas solicitudes a la vez se anota durante { $time }, para que el sitio siga accesible para los demás.
privacy-own-server = Si sigue o responde desde su propio servidor, su navegador recuerda el nombre de ese servidor, y este sitio le pregunta por la página a la que enviarle.

privacy-comments = Cuando comenta aquí sin cuenta
privacy-comment = Su nombre, su sitio web y su comentario se guardan y se muestran hasta que se borre el comentario o el artículo. También se guarda la dirección de correo, pero nunca se muestra ni se envía a otros servidores.
privacy-address = Un resumen criptográfico de su dirección IP se guarda durante { $time }, contra el correo basura. La dirección misma no se guarda con el comentario.
privacy-cookie = Su navegador recibe la cookie «{ $name }» con el primer comentario y la conserva durante { $time }. Con ella el sitio reconoce sus comentarios: ve los que esperan y puede editarlos y retirarlos. No sirve para nada más.
privacy-confirmation = Un comentario cuya dirección de correo no se confirma se borra. Plazo: { $time }.
privacy-mails = Un correo que no se le ha podido entregar se borra. Plazo: { $time }.
privacy-former-versions = Las versiones anteriores de un comentario editado siguen visibles para la publicación y se borran con él.
privacy-bin = Cuando la publicación elimina un artículo, sus comentarios, también los de otros servidores, se conservan durante { $time }, sin que nadie más los vea, para que el artículo pueda restaurarse. Lo que usted elimine o haga borrar desaparece de inmediato.
privacy-federated-comments = Un comentario que se muestra también se envía, con su nombre, a los servidores de quienes siguen la publicación en el fediverso.
privacy-spam-service = Cada comentario lo comprueba el servicio { $host }. Recibe el texto, su nombre y su sitio web, pero ni su dirección de correo ni su dirección IP.

privacy-fediverse = Cuando responde, marca o sigue desde otro servidor
privacy-replies = Se guarda lo que envía su servidor: su nombre, dirección y página de perfil, la dirección de su foto y sus mensajes públicos sobre artículos de este sitio. Se muestra mientras se muestre el artículo.
privacy-deletions = Si edita o borra un mensaje, o su cuenta, su servidor lo anuncia, y aquí ocurre lo mismo.
privacy-deletions-rechecked = Si edita o borra un mensaje, o su cuenta, su servidor lo anuncia, y aquí ocurre lo mismo. Este sitio también comprueba de vez en cuando si los mensajes siguen existiendo.
privacy-followers = Que sigue la publicación se guarda hasta que deje de hacerlo. La lista de seguidores es pública.
privacy-followers-hidden = Que sigue la publicación se guarda hasta que deje de hacerlo. La lista de seguidores no es pública, solo su número.
privacy-notices = Las menciones, las denuncias y los mensajes privados a la publicación se guardan durante { $time } desde la última vez que ocurrieron.
privacy-traces = Los identificadores de los mensajes recibidos se guardan durante { $received }, y los de mensajes borrados durante { $deleted }, para que nada cuente dos veces ni vuelva.
privacy-events = Durante { $time }, la publicación puede ver qué servidores y cuentas le han enviado algo y adónde fueron sus propios mensajes.
privacy-fetches = Durante { $time }, la publicación recuerda qué servidores han recogido un artículo que no había anunciado, para que reciban sus correcciones.
privacy-sent = Los artículos, respuestas y reacciones de la publicación van a los servidores de sus seguidores. Cuando algo se borra aquí, se pide a esos servidores que lo borren también. Este sitio no puede obligarlos.

privacy-rights = Sus datos
privacy-ask = Puede preguntar a la publicación qué se guarda sobre usted y pedir que se borre: escriba a { $handle } en el fediverso o use el contacto que indique la publicación.
privacy-delete-yourself = Lo que ha escrito en su propio servidor también puede borrarlo allí.
