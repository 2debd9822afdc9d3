# A draft that is shown before it is published.

draft-notice = هذه مسودة. يُرجى عدم مشاركة عنوانها.
