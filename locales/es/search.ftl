search-title = Búsqueda
search-label = Palabras que buscar
search-button = Buscar
search-results = { $count ->
    [one] { $count } resultado
   *[other] { $count } resultados
}
search-best = Los { $count } mejores resultados
search-nothing = Nada en este sitio contiene todas estas palabras. Pruebe con menos palabras o con otras.
search-no-words = Esta consulta no contiene ninguna palabra. Escriba al menos una.
search-too-many = Ha buscado demasiadas veces. Espere un minuto y vuelva a buscar.
search-pages = Páginas de resultados
search-previous = Resultados anteriores
search-next = Más resultados
