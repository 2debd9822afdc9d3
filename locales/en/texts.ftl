# The parts of an article's text that the program writes.

# The link from a footnote back to where it is referred to. The number of the reference follows.
text-back-to-reference = Back to reference
# The name of a table for screen readers. Its number follows.
text-table = Table
# A link to a video.
text-watch-on-youtube = Watch the video on YouTube
text-watch-on-vimeo = Watch the video on Vimeo
