# The title of the feed of the comments on an article.
feed-comments-title = التعليقات على «{ $title }»
# The title of a comment in a feed.
feed-comment-title = تعليق { $number } من { $author }
# The line before a text that has a content warning.
feed-content-warning = تحذير من المحتوى: { $warning }
# What a feed is, for people who open it in a browser.
feed-explanation = هذه خلاصة. انسخ عنوانها إلى قارئ خلاصات لتصلك المنشورات الجديدة.
# The link from a feed to the page that shows the same.
feed-open-page = اقرأ على الموقع
