reactions-title = التفاعلات مع { $title }
reactions-title-comment = التفاعلات مع التعليق { $number } على { $title }
reactions-heading = التفاعلات مع { $article }
reactions-heading-comment = التفاعلات مع { $comment } على { $article }
reactions-comment = التعليق { $number }
reactions-none = لم يتفاعل أحد بعد.

reaction-like = أُعجب بهذا
reaction-boost = أعاد نشر هذا
reaction-quote = اقتبس هذا
reaction-any = تفاعل مع هذا
reaction-emoji = تفاعل بـ{ $emoji }
