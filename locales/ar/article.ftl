article-byline = بقلم { $author }
article-updated = حُدِّث في { $date }
content-warning = تحذير بشأن المحتوى: { $warning }
article-who-reacted = المتفاعلون
article-quoted-by = اقتبسه { $posts }
article-permalink = رابط دائم
article-comments-count = { $count ->
    [zero] لا تعليقات
    [one] تعليق واحد
    [two] تعليقان
    [few] { $count } تعليقات
    [many] { $count } تعليقًا
   *[other] { $count } تعليق
}
article-comments-count-on = { $count ->
    [zero] لا تعليقات على { $title }
    [one] تعليق واحد على { $title }
    [two] تعليقان على { $title }
    [few] { $count } تعليقات على { $title }
    [many] { $count } تعليقًا على { $title }
   *[other] { $count } تعليق على { $title }
}

note-untitled = ملاحظة
note-in-reply-to = ردًّا على هذا المنشور
