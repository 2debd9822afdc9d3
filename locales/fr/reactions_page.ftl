reactions-title = Réactions à { $title }
reactions-title-comment = Réactions au commentaire { $number } sur { $title }
reactions-heading = Réactions à { $article }
reactions-heading-comment = Réactions au { $comment } sur { $article }
reactions-comment = commentaire nº { $number }
reactions-none = Personne n’a encore réagi.

reaction-like = aime ceci
reaction-boost = a partagé ceci
reaction-quote = cite ceci
reaction-any = a réagi
reaction-emoji = a réagi par { $emoji }
