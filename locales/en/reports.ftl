# The form by which a reader reports a comment.
report = Report
# Read by screen readers after “Report”. $number is the number of a comment.
report-comment = comment { $number }
report-title = Report a comment
report-how = The publication’s editors read your report. The author of the comment does not learn of it.
report-reason = What is wrong with it? (optional)
report-send = Send report
report-problem-time = The form was sent very fast, or it was open for too long. Please send it again.
report-problem-many = Too many reports arrived. Please try again later.
reported-title = Thank you for your report
reported-text = The editors will look at the comment.
# The label of a field that people don’t see.
form-trap = Leave this empty
quoted-warning = Content warning:
quoted-hidden = This comment is hidden at its author’s request.
