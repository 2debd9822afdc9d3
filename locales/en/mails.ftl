# Emails to readers without an account. $article is the title of the article, $site the name of the publication. A link
# follows each text that ends in a colon, except the second.
mail-reply-subject = { $author } replied to you on “{ $article }”
mail-reply-lead = { $author } replied to your comment on “{ $article }”:
mail-reply-hidden = Its author wants it to be read on its server:
mail-reply-read = Read and reply:
mail-reply-why = You receive this email because you asked { $site } to notify you of replies.
mail-reply-unsubscribe = Unsubscribe:
mail-confirm-subject = Confirm your comment on “{ $article }”
mail-confirm-lead = Somebody, probably you, wrote a comment on “{ $article }” ({ $site }) and gave this mail address.
mail-confirm-link = Confirm that it is yours, and the comment goes on its way:
mail-confirm-own = Afterwards you can edit or withdraw it here:
mail-confirm-not-you = If it was not you, do nothing: after 7 days the comment is forgotten, and you get no further mail.
