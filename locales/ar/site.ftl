skip-to-content = تخطَّ إلى المحتوى
navigation = الموقع
navigation-home = الرئيسية
navigation-more = المزيد عن هذا الموقع
footer-feed = خلاصة أتوم
footer-pamphlet = نُشر ببرنامج Pamphlet، وهو برمجية حرة: { $link } (AGPL-3.0)
footer-source-code = الشيفرة المصدرية

list-empty = لم يُنشر شيء هنا بعد.
list-empty-follow = تابِعنا ليصلك أول مقال.
list-older-articles = مقالات أقدم
list-tagged = الوسم { $tag }
author-articles = المقالات

follow-title = المتابعة من الفيديفيرس
follow-how = ابحث عن هذا المعرّف في ماستودون أو في أي تطبيق آخر للفيديفيرس لتصلك المقالات الجديدة هناك.
follow-handle = المعرّف الذي تتابعه
follow-from-server = المتابعة من خادمك

moved-title = انتقل الحساب
moved-text = تُنشر المقالات الجديدة من { $account }. تابِع هذا الحساب هناك.

copy = نسخ
copy-done = تم النسخ
copy-selected = حُدِّد النص، انسخه الآن
