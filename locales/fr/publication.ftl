# Indexes, the archive and menus.
menu-subscribe = S’abonner
archive-title = Archives
archive-of-year = Archives de { $year }
archive-empty = Rien n’est encore publié ici.
archive-paging = Pages des archives
articles-count = { $count ->
    [one] { $count } article
   *[other] { $count } articles
}
month-1 = Janvier
month-2 = Février
month-3 = Mars
month-4 = Avril
month-5 = Mai
month-6 = Juin
month-7 = Juillet
month-8 = Août
month-9 = Septembre
month-10 = Octobre
month-11 = Novembre
month-12 = Décembre
tags-title = Sujets
tags-empty = Aucun article n’a encore de sujet.
authors-title = Auteurs
authors-empty = Aucun auteur n’est encore répertorié.
notes-title = Notes
notes-empty = Il n’y a pas encore de notes.
notes-warning = Avertissement :
index-paging = Autres pages
paging-newer = Plus récent
paging-older = Plus ancien
paging-more = Suite
# A static page; the argument is a date.
page-changed = Dernière modification le { $date }

# The page for subscribers.
subscribe-title = S’abonner
subscribe-fediverse-title = Dans le fédivers
subscribe-fediverse-what = Le fédivers est un réseau de serveurs indépendants, comme Mastodon, Friendica et Pixelfed : avec un compte sur l’un d’eux, vous pouvez suivre cette publication, et les nouveaux articles apparaissent dans votre fil.
subscribe-server = Votre serveur ou votre identifiant
subscribe-server-how = Vous êtes dirigé vers votre propre serveur, où vous confirmez. Ce site n’en garde rien.
subscribe-follow = Suivre
subscribe-handle = Ou cherchez cet identifiant dans votre application :
subscribe-handle-label = Identifiant de cette publication
subscribe-feeds-title = Avec un lecteur de flux
subscribe-feeds-what = Un lecteur de flux rassemble les nouveaux articles de nombreux sites. Aucun compte n’est nécessaire.
subscribe-accounts-title = Ailleurs
subscribe-donate-title = Soutenir cette publication

# Below an article.
neighbours-title = À lire ensuite
neighbours-previous = Précédent :
neighbours-next = Suivant :

# Error pages.
problem-home = Aller à la page d’accueil
problem-search = Rechercher sur ce site
problem-search-button = Rechercher
problem-newest = Les derniers articles
problem-bad-request-title = Cette demande n’a pas de sens
problem-bad-request-advice = L’adresse ou le formulaire est incomplet ou abîmé. Vérifiez l’adresse, ou partez de la page d’accueil.
problem-bad-link-title = Ce lien n’est pas valable
problem-bad-link-advice = Il en manque une partie, ou elle a été modifiée. Ouvrez-le depuis le courriel, ou copiez-le en entier.
problem-not-found-title = Page introuvable
problem-not-found-advice = Il n’y a rien à cette adresse. Vérifiez-la, ou cherchez ce que vous voulez lire.
problem-method-not-allowed-title = Cette page n’accepte pas de formulaire
problem-method-not-allowed-advice = On peut seulement l’ouvrir. Revenez à la page précédente et réessayez le lien.
problem-timeout-title = La demande a pris trop de temps
problem-timeout-advice = Elle n’est pas arrivée à temps. Vérifiez votre connexion et réessayez.
problem-gone-title = Retiré
# The argument is a date.
problem-gone-since = Ce contenu a été retiré le { $date }.
problem-gone-advice = Ce qui se trouvait à cette adresse n’est plus publié.
problem-closed-title = Cette publication a pris fin
# The argument is a date.
problem-closed-since = Elle a pris fin le { $date }.
problem-closed-advice = Plus rien n’est publié ici.
problem-link-expired-title = Ce lien a expiré
problem-link-expired-advice = Les liens des courriels ne fonctionnent que pendant un temps limité. Pour décider d’un commentaire, utilisez « pamphlet comments ».
problem-too-large-title = C’est trop volumineux
problem-too-large-advice = Votre envoi dépasse ce que ce site accepte. Raccourcissez-le et envoyez-le de nouveau.
problem-unsupported-title = Ce format n’est pas compris
problem-unsupported-advice = Cette page ne lit pas le format envoyé. Utilisez le formulaire de ce site.
problem-too-many-title = Trop de demandes
problem-too-many-advice = Trop de demandes sont venues de votre adresse en peu de temps. Attendez un peu et réessayez.
problem-internal-title = Une erreur s’est produite de notre côté
problem-internal-advice = L’erreur a été enregistrée. Réessayez dans quelques minutes.
problem-busy-title = Le site est surchargé
problem-busy-advice = Il ne peut pas répondre pour le moment. Réessayez dans une minute.
problem-draft-ended-title = Ce brouillon n’est plus partagé
problem-draft-ended-advice = Son auteur peut vous donner un nouveau lien.
