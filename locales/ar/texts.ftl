text-back-to-reference = العودة إلى موضع الحاشية
text-table = جدول
text-watch-on-youtube = مشاهدة الفيديو على YouTube
text-watch-on-vimeo = مشاهدة الفيديو على Vimeo
