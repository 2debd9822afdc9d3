search-title = البحث
search-label = كلمات البحث
search-button = ابحث
search-results = { $count ->
    [zero] لا نتائج
    [one] نتيجة واحدة
    [two] نتيجتان
    [few] { $count } نتائج
    [many] { $count } نتيجة
   *[other] { $count } نتيجة
}
search-best = أفضل النتائج وعددها { $count }
search-nothing = لا شيء في هذا الموقع يحتوي على كل هذه الكلمات. جرّب كلمات أقل أو كلمات أخرى.
search-no-words = لا توجد كلمات في هذا الطلب. أدخل كلمة واحدة على الأقل.
search-too-many = لقد بحثت مرات كثيرة. انتظر دقيقة ثم ابحث من جديد.
search-pages = صفحات النتائج
search-previous = النتائج السابقة
search-next = مزيد من النتائج
