reactions-title = Reacciones a { $title }
reactions-title-comment = Reacciones al comentario { $number } sobre { $title }
reactions-heading = Reacciones a { $article }
reactions-heading-comment = Reacciones al { $comment } sobre { $article }
reactions-comment = comentario #{ $number }
reactions-none = Nadie ha reaccionado todavía.

reaction-like = lo marcó como favorito
reaction-boost = lo impulsó
reaction-quote = lo cita
reaction-any = reaccionó
reaction-emoji = reaccionó con { $emoji }
