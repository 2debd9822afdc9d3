text-back-to-reference = Retour à l’appel de note
text-table = Tableau
text-watch-on-youtube = Voir la vidéo sur YouTube
text-watch-on-vimeo = Voir la vidéo sur Vimeo
