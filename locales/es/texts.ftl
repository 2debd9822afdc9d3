text-back-to-reference = Volver a la llamada
text-table = Tabla
text-watch-on-youtube = Ver el vídeo en YouTube
text-watch-on-vimeo = Ver el vídeo en Vimeo
