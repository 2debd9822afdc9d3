skip-to-content = Aller au contenu
navigation = Site
navigation-home = Accueil
navigation-more = En savoir plus sur ce site
footer-feed = Flux Atom
footer-pamphlet = Publié avec Pamphlet, un logiciel libre : { $link } (AGPL-3.0)
footer-source-code = code source

list-empty = Rien n’est encore publié ici.
list-empty-follow = Abonnez-vous pour recevoir le premier article.
list-older-articles = Articles plus anciens
list-tagged = Mot-clé { $tag }
author-articles = Articles

follow-title = Suivre depuis le fédivers
follow-how = Recherchez cet identifiant dans Mastodon ou une autre application du fédivers pour y recevoir les nouveaux articles.
follow-handle = Identifiant à suivre
follow-from-server = Suivre depuis votre serveur

moved-title = Compte déplacé
moved-text = Les nouveaux articles sont publiés par { $account }. Suivez ce compte.

copy = Copier
copy-done = Copié
copy-selected = Sélectionné, copiez-le maintenant
