# Indexes, the archive and menus.
menu-subscribe = اشترك
archive-title = الأرشيف
archive-of-year = أرشيف { $year }
archive-empty = لم يُنشر شيء هنا بعد.
archive-paging = صفحات الأرشيف
articles-count = { $count ->
    [zero] لا مقالات
    [one] مقال واحد
    [two] مقالان
    [few] { $count } مقالات
    [many] { $count } مقالًا
   *[other] { $count } مقال
}
month-1 = يناير
month-2 = فبراير
month-3 = مارس
month-4 = أبريل
month-5 = مايو
month-6 = يونيو
month-7 = يوليو
month-8 = أغسطس
month-9 = سبتمبر
month-10 = أكتوبر
month-11 = نوفمبر
month-12 = ديسمبر
tags-title = المواضيع
tags-empty = ليس لأي مقال موضوع بعد.
authors-title = الكُتّاب
authors-empty = لم يُدرج أي كاتب بعد.
notes-title = الملاحظات
notes-empty = لا توجد ملاحظات بعد.
notes-warning = تحذير من المحتوى:
index-paging = صفحات أخرى
paging-newer = الأحدث
paging-older = الأقدم
paging-more = المزيد
# A static page; the argument is a date.
page-changed = آخر تعديل في { $date }

# The page for subscribers.
subscribe-title = اشترك
subscribe-fediverse-title = في الفديفرس
subscribe-fediverse-what = الفديفرس شبكة من الخوادم المستقلة مثل ماستودون وفرنديكا وبيكسلفد: بحساب على أي منها يمكنك متابعة هذه المطبوعة، فتظهر المقالات الجديدة في خطك الزمني.
subscribe-server = خادمك أو معرّفك
subscribe-server-how = ستُنقل إلى خادمك لتؤكد المتابعة هناك. لا يحتفظ هذا الموقع بشيء عن ذلك.
subscribe-follow = تابِع
subscribe-handle = أو ابحث عن هذا المعرّف في تطبيقك:
subscribe-handle-label = معرّف هذه المطبوعة
subscribe-feeds-title = بقارئ الخلاصات
subscribe-feeds-what = يجمع قارئ الخلاصات المقالات الجديدة من مواقع كثيرة في مكان واحد، ولا يحتاج إلى حساب.
subscribe-accounts-title = في أماكن أخرى
subscribe-donate-title = ادعم هذه المطبوعة

# Below an article.
neighbours-title = تابع القراءة
neighbours-previous = السابق:
neighbours-next = التالي:

# Error pages.
problem-home = إلى الصفحة الرئيسية
problem-search = ابحث في هذا الموقع
problem-search-button = ابحث
problem-newest = أحدث المقالات
problem-bad-request-title = هذا الطلب غير مفهوم
problem-bad-request-advice = العنوان أو النموذج ناقص أو تالف. تحقق من العنوان، أو ابدأ من الصفحة الرئيسية.
problem-bad-link-title = هذا الرابط غير صالح
problem-bad-link-advice = جزء منه ناقص أو تغيّر. افتحه من رسالة البريد نفسها، أو انسخه كاملًا.
problem-not-found-title = الصفحة غير موجودة
problem-not-found-advice = لا يوجد شيء في هذا العنوان. تحقق من كتابته، أو ابحث عمّا تريد قراءته.
problem-method-not-allowed-title = هذه الصفحة لا تقبل النماذج
problem-method-not-allowed-advice = يمكن فتحها فقط. ارجع إلى الصفحة السابقة وجرّب الرابط مرة أخرى.
problem-timeout-title = استغرق الطلب وقتًا طويلًا
problem-timeout-advice = لم يصل في الوقت المناسب. تحقق من اتصالك وحاول مرة أخرى.
problem-gone-title = سُحب
# The argument is a date.
problem-gone-since = سُحب هذا في { $date }.
problem-gone-advice = ما كان في هذا العنوان لم يعد منشورًا.
problem-closed-title = انتهت هذه المطبوعة
# The argument is a date.
problem-closed-since = انتهت في { $date }.
problem-closed-advice = لم يعد يُنشر هنا شيء.
problem-link-expired-title = انتهت صلاحية هذا الرابط
problem-link-expired-advice = تعمل الروابط في رسائل البريد لمدة محدودة. للبت في تعليق استخدم «pamphlet comments».
problem-too-large-title = هذا كبير جدًا
problem-too-large-advice = ما أرسلته أكبر مما يقبله هذا الموقع. اختصره وأرسله مرة أخرى.
problem-unsupported-title = هذه الصيغة غير مفهومة
problem-unsupported-advice = لا تقرأ هذه الصفحة الصيغة المرسلة. استخدم النموذج في هذا الموقع.
problem-too-many-title = طلبات كثيرة جدًا
problem-too-many-advice = جاء من عنوانك الكثير في وقت قصير. انتظر قليلًا ثم حاول مرة أخرى.
problem-internal-title = حدث خطأ لدينا
problem-internal-advice = سُجّل الخطأ. حاول مرة أخرى بعد بضع دقائق.
problem-busy-title = الموقع مشغول
problem-busy-advice = لا يستطيع الرد الآن. حاول مرة أخرى بعد دقيقة.
problem-draft-ended-title = لم تعد هذه المسودة مشتركة
problem-draft-ended-advice = يمكن لكاتبها أن يعطيك رابطًا جديدًا.
