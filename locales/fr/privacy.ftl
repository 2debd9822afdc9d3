# The page about privacy, which is made from the configuration. Times are arguments, written by the messages duration-*.
duration-years = { $count ->
    [one] { $count } an
   *[other] { $count } ans
}
duration-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
duration-hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
duration-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
duration-seconds = { $count ->
    [one] { $count } seconde
   *[other] { $count } secondes
}
privacy-title = Confidentialité
privacy-introduction = Cette page dit ce que { $site } conserve sur ses lecteurs, pendant combien de temps, et ce qui est envoyé à d’autres. Elle est établie à partir des réglages en vigueur.

privacy-reading = Quand vous lisez
privacy-no-cookies = La lecture ne dépose aucun cookie. Les pages ne contiennent ni traceur ni publicité. Elles ne chargent rien d’autres serveurs, sauf les images qu’un article prend lui-même ailleurs.
privacy-pictures = Les photos de profil et les pièces jointes des personnes d’autres serveurs sont montrées à partir de copies conservées ici, afin que ces serveurs n’apprennent pas qui lit. Ces copies occupent au plus { $megabytes } Mio.
privacy-no-visits = Le programme ne compte pas les visites et ne note pas qui a lu quoi. Un serveur web ou un hébergeur placé devant lui peut tenir son propre journal.
privacy-limits = Une adresse IP d’où viennent trop de demandes à la fois est notée pendant { $time }, afin que le site reste accessible aux autres.
privacy-own-server = Si vous suivez ou répondez depuis votre propre serveur, votre navigateur en retient le nom, et ce site demande à ce serveur la page vers laquelle vous envoyer.

privacy-comments = Quand vous commentez ici sans compte
privacy-comment = Votre nom, votre site et votre commentaire sont conservés et affichés jusqu’à la suppression du commentaire ou de l’article. Une adresse électronique est conservée aussi, mais jamais affichée ni envoyée à d’autres serveurs.
privacy-address = Une empreinte de votre adresse IP est conservée pendant { $time }, contre les indésirables. L’adresse elle-même n’est pas conservée avec le commentaire.
privacy-cookie = Votre navigateur reçoit le cookie « { $name } » avec votre premier commentaire, pour { $time }. Il permet au site de reconnaître vos commentaires : vous voyez ceux qui attendent, et pouvez les modifier et les retirer. Il ne sert à rien d’autre.
privacy-confirmation = Un commentaire dont l’adresse électronique n’est pas confirmée est supprimé. Délai : { $time }.
privacy-mails = Un courriel qui n’a pas pu vous être remis est supprimé. Délai : { $time }.
privacy-former-versions = Les versions antérieures d’un commentaire modifié restent visibles pour la publication et sont supprimées avec lui.
privacy-bin = Quand la publication supprime un article, ses commentaires, y compris ceux d’autres serveurs, sont conservés pendant { $time }, sans que personne d’autre ne les voie, afin que l’article puisse être rétabli. Ce que vous supprimez ou faites effacer disparaît aussitôt.
privacy-federated-comments = Un commentaire affiché est aussi envoyé, avec votre nom, aux serveurs des abonnés de la publication dans le fédivers.
privacy-spam-service = Chaque commentaire est vérifié par le service { $host }. Il reçoit le texte, votre nom et votre site, mais ni votre adresse électronique ni votre adresse IP.

privacy-fediverse = Quand vous répondez, aimez ou suivez depuis un autre serveur
privacy-replies = Ce que votre serveur envoie est conservé : votre nom, votre identifiant et votre page de profil, l’adresse de votre photo, et vos messages publics sur les articles de ce site. C’est affiché aussi longtemps que l’article.
privacy-deletions = Si vous modifiez ou supprimez un message, ou votre compte, votre serveur l’annonce, et il en va de même ici.
privacy-deletions-rechecked = Si vous modifiez ou supprimez un message, ou votre compte, votre serveur l’annonce, et il en va de même ici. Ce site vérifie aussi de temps en temps que les messages existent encore.
privacy-followers = Votre abonnement est conservé jusqu’à ce que vous y mettiez fin. La liste des abonnés est publique.
privacy-followers-hidden = Votre abonnement est conservé jusqu’à ce que vous y mettiez fin. La liste des abonnés n’est pas publique, seul leur nombre l’est.
privacy-notices = Les mentions, les signalements et les messages privés à la publication sont conservés pendant { $time } après leur dernière occurrence.
privacy-traces = Les identifiants des messages reçus sont conservés pendant { $received }, ceux des messages supprimés pendant { $deleted }, afin que rien ne compte deux fois ni ne revienne.
privacy-events = Pendant { $time }, la publication peut voir quels serveurs et quels comptes lui ont envoyé quelque chose, et où sont allés ses propres messages.
privacy-fetches = Pendant { $time }, la publication se souvient des serveurs qui ont récupéré un article qu’elle n’avait pas annoncé, pour qu’ils en reçoivent les corrections.
privacy-sent = Les articles, réponses et réactions de la publication vont aux serveurs de ses abonnés. Quand quelque chose est supprimé ici, on demande à ces serveurs de le supprimer aussi. Ce site ne peut pas les y forcer.

privacy-rights = Vos données
privacy-ask = Vous pouvez demander à la publication ce qui est conservé sur vous et le faire effacer : écrivez à { $handle } dans le fédivers, ou utilisez le contact que la publication indique.
privacy-delete-yourself = Ce que vous avez écrit sur votre propre serveur, vous pouvez aussi le supprimer là-bas.
