comments-title = { $count ->
    [0] لا توجد تعليقات بعد
    [one] تعليق واحد
    [two] تعليقان
    [few] { $count } تعليقات
    [many] { $count } تعليقًا
   *[other] { $count } تعليق
}
comments-closed = التعليقات مغلقة.
comments-skip-to-newest = الانتقال إلى أحدث التعليقات

comment-label = التعليق { $number } بقلم { $author }
comment-label-deleted = التعليق { $number }، محذوف
comment-label-withheld = التعليق { $number }، غير معروض
comment-label-hidden = التعليق { $number }، مخفي بطلب من كاتبه
comment-permalink = رابط دائم للتعليق { $number }

comment-deleted = حُذف هذا التعليق
comment-withheld = هذا التعليق غير معروض
comment-hidden = هذا التعليق مخفي بطلب من كاتبه

comment-edited = عُدِّل في { $date }
comment-in-reply-to = ردًّا على التعليق { $number }

comment-is-longer = لهذا التعليق بقية.
comment-read-all = قراءته كاملًا
comment-poll = استطلاع رأي
comment-votes = { $count ->
    [zero] لا أصوات
    [one] صوت واحد
    [two] صوتان
    [few] { $count } أصوات
    [many] { $count } صوتًا
   *[other] { $count } صوت
}
comment-poll-until = استطلاع رأي حتى { $time }
comment-quotes = يقتبس { $link }
comment-sensitive-pictures = صور حساسة
comment-attached-file = ملف مرفق

comment-original = الأصل
comment-original-of = أصل التعليق { $number }
comment-who-reacted = المتفاعلون
comment-who-reacted-to = المتفاعلون مع التعليق { $number }
