reactions-title = Reaktionen auf { $title }
reactions-title-comment = Reaktionen auf Kommentar { $number } zu { $title }
reactions-heading = Reaktionen auf { $article }
reactions-heading-comment = Reaktionen auf { $comment } zu { $article }
reactions-comment = Kommentar #{ $number }
reactions-none = Noch hat niemand reagiert.

reaction-like = gefällt das
reaction-boost = hat das geteilt
reaction-quote = zitiert das
reaction-any = hat reagiert
reaction-emoji = hat mit { $emoji } reagiert
