# A draft that is shown before it is published.

draft-notice = This is a draft. Please do not pass its address on.
