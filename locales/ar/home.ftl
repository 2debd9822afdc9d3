# الصفحة الرئيسية.
home-newest = أحدث المقالات
home-empty = لم يُنشر شيء هنا بعد. تابع الموقع ليصلك أول مقال.
home-notes = ملاحظات
home-by = بقلم
home-comments = { $count ->
    [zero] لا تعليقات
    [one] تعليق واحد
    [two] تعليقان
    [few] { $count } تعليقات
    [many] { $count } تعليقًا
   *[other] { $count } تعليق
}
home-comments-on = على { $title }
