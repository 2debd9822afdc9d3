# La page d’accueil.
home-newest = Derniers articles
home-empty = Rien n’est encore publié ici. Abonnez-vous pour recevoir le premier article.
home-notes = Notes
